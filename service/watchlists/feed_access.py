"""What a pack says that a feed wants to see: a name to ask under, a login, a cookie, a proxy.

Secrets stand there as `${NAME}` only. They are filled in when the feed is asked, and nowhere kept.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING

from service.domain import FeedAccess
from service.errors import SecretMissing
from service.text import fill_in, has_loose_dollar, names_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import FeedSource
    from service.watchlists.nodes import Mapping, Node
    from service.watchlists.reader import Reader

NAMED = re.compile(r"\$\{[A-Z_][A-Z0-9_]*\}")
_PROXY = re.compile(r"https?://[^\s/?#$]+/?")
_LONGEST_AGENT = 300
_BY_NAME = "Put it into the environment and write its name here: {key}: ${{DIARIO_{upper}}}."


def access(reader: Reader, mapping: Mapping) -> FeedAccess:
    """Give what a feed wants to see; what is refused is left out."""
    return FeedAccess(
        user_agent=_agent(reader, mapping.get("user_agent")),
        login=_secret(reader, mapping.get("login"), "login"),
        cookie=_secret(reader, mapping.get("cookie"), "cookie"),
        proxy=_proxy(reader, mapping.get("proxy")),
    )


def warn_of_unset(reader: Reader, node: Node, source: FeedSource, secret: Callable[[str], str]) -> None:
    """Warn of the secrets of a feed that are not set: it is not asked until they are."""
    for key, written in asdict(source.access).items():
        try:
            fill_in(written, secret)
        except SecretMissing as missing:
            message = f"{missing.resource} is not set; {source.url} is not asked until it is."
            reader.warn(node, message, missing.mend, key)


def _agent(reader: Reader, node: Node | None) -> str:
    written = reader.word(node, "user_agent")
    if written is None or node is None:
        return ""
    if len(written) > _LONGEST_AGENT or not (written.isascii() and written.isprintable()):
        message = "a user agent is one line of plain letters, 300 at most."
        reader.refuse(node, message, "Copy it from a browser.", "user_agent")
        return ""
    return written


def _secret(reader: Reader, node: Node | None, key: str) -> str:
    written = reader.word(node, key)
    if written is None or node is None:
        return ""
    if not NAMED.fullmatch(written):
        mend = _BY_NAME.format(key=key, upper=key.upper())
        reader.refuse(node, f"a {key} is a secret and does not belong in a file.", mend, key)
        return ""
    return written


def _proxy(reader: Reader, node: Node | None) -> str:
    written = reader.word(node, "proxy")
    if written is None or node is None:
        return ""
    if names_in(written) and not has_loose_dollar(written):
        return written
    if not _PROXY.fullmatch(written):
        message, mend = "this is no address of a proxy.", "Write it like http://proxy.example:3128."
        reader.refuse(node, message, mend, "proxy")
    elif "@" in written:
        mend = _BY_NAME.format(key="proxy", upper="PROXY")
        reader.refuse(node, "a password does not belong in a file.", mend, "proxy")
    return written

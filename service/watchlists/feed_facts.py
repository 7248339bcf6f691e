"""Facts of a feed as people write them: address, language, country, interval.

Each is checked against what can be meant; nothing is looked up in the network.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.match import LANGUAGES
from service.watchlists.codes import countries, country_meant, language_meant
from service.watchlists.nodes import Node, Text

if TYPE_CHECKING:
    from service.watchlists.reader import Reader

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=7)
EVERY = re.compile(r"([1-9]\d{0,4})\s?([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>\"\\^`{|}\x00-\x20\x7f]")


def address(reader: Reader, node: Node | None, key: str) -> str | None:
    """Give the address of a feed: http or https, a host, and no name or password in it."""
    url = reader.word(node, key)
    if url is None or node is None:
        return None
    message, mend = _fault_of(url)
    if message:
        reader.refuse(node, f"{url}: {message}", mend, key)
        return None
    return url


def _fault_of(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "this is no web address.", "Copy it from the browser."
    if parts.scheme not in {"http", "https"}:
        return "only http and https addresses can be polled.", "Write https://…"
    if not host or _UNSAFE_IN_ADDRESS.search(url):
        return "this is no web address.", "Copy it from the browser, where spaces are %20."
    if parts.username is not None:
        return "a name or password stands in the address.", "Use a public address of the feed."
    return "", ""


def language(reader: Reader, node: Node | None) -> str:
    """Give the code of a language; an empty text where there is none or it is refused."""
    code = reader.word(node, "language") or ""
    if isinstance(node, Text) and code and code not in LANGUAGES:
        meant = language_meant(code)
        mend = f"Did you mean {meant}?" if meant else "Write its two letters, as in es, en, pt or zh."
        reader.refuse(node, f"{code}: this language is unknown.", mend, "language")
        return ""
    return code


def country(reader: Reader, node: Node | None) -> str:
    """Give the code of a country; an empty text where there is none or it is refused."""
    if isinstance(node, Text) and not node.value:
        return ""
    code = reader.word(node, "country") or ""
    if isinstance(node, Text) and code and code not in countries():
        meant = country_meant(code)
        mend = f"Did you mean {meant}?" if meant else "Write its two letters, as in PE, CL, US or GB."
        reader.refuse(node, f"{code}: this country is unknown.", mend, "country")
    return code


def interval(reader: Reader, node: Node | None) -> timedelta | None:
    """Give a span of time between polls, written like 15m, 1h or 1d; None where there is none."""
    written = reader.word(node, "every")
    if written is None or node is None:
        return None
    match = EVERY.fullmatch(written)
    every = int(match[1]) * _UNITS[match[2]] if match else None
    if every is None:
        reader.refuse(node, f"{written}: this is no span of time.", "Write it like 15m, 1h or 1d.", "every")
    elif not SHORTEST <= every <= LONGEST:
        reader.refuse(
            node, f"{written}: a feed is polled every 5m to 7d.", "Write a span between them.", "every"
        )
    return every

"""Bytes of an answer to a parsed feed: the room that knows feed formats, and nothing else.

The order: what the bytes are (`sniff`), the text they hold (`encoding`), then JSON Feed, or the
strict XML path, or the strict path once more after one repair, or feedparser (`loose`). Whichever
it was, `finish` makes the entries, so identity and text do not depend on it.

Pure: no network, files or clock. The loose way can be made to take minutes by a hostile
document, so give `parse_feed` a `loose` that runs `loose.parse_loose` under limits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from service.errors import NotAFeed
from service.parse.encoding import decode
from service.parse.finish import finish
from service.parse.jsonfeed import parse_json
from service.parse.repair import repair
from service.parse.sniff import check_bytes, kind_of
from service.parse.strict import NotStrict, parse_strict

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import ParsedFeed

__all__ = ["Loose", "NeedsPatience", "NotAFeed", "no_patience", "parse_feed"]

Loose: TypeAlias = "Callable[[bytes, str], ParsedFeed]"
"""The feedparser way, from body and content type; raises NotAFeed."""


class NeedsPatience(Exception):
    """Only feedparser may read this document, which can take it long."""


def no_patience(body: bytes, content_type: str) -> ParsedFeed:
    """Be a loose way that leads nowhere: raises NeedsPatience."""
    raise NeedsPatience(content_type, len(body))


def parse_feed(body: bytes, *, content_type: str = "", loose: Loose | None = None) -> ParsedFeed:
    """Read a feed document of any kind.

    Args:
        body: the answer, inflated.
        content_type: the server's header; only its charset is used.
        loose: reads what the strict path cannot; None runs feedparser here, without limits.

    Raises:
        NotAFeed: with one plain reason, and the mend.
    """
    check_bytes(body)
    text, notes = decode(body, content_type)
    if kind_of(text) == "json":
        return finish(parse_json(text), parser="json", notes=notes)
    try:
        return finish(parse_strict(text), parser="strict", notes=notes)
    except NotStrict as refusal:
        reason = f"read with more patience: {refusal}"
    try:
        mended, repairs = repair(text)
        return finish(parse_strict(mended), parser="repaired", notes=(*notes, reason, *repairs))
    except NotStrict:
        feed = (loose or _here)(body, content_type)
        return replace(feed, notes=(reason, *feed.notes))


def _here(body: bytes, content_type: str) -> ParsedFeed:
    from service.parse.loose import parse_loose

    return parse_loose(body, content_type)

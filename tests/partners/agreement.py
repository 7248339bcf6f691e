"""What our parser and feedparser make of one document, field by field, and why they may differ.

`RULES` is the one list of differences in which ours is meant to be better; whatever is not on it is a
fault of ours.
"""

from __future__ import annotations

import io
import warnings
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import feedparser

from service.parse import NotAFeed, parse_feed
from service.parse.characters import read_back, readable
from service.parse.dates import OLDEST_YEAR
from service.parse.finish import MAX_SUMMARY, MAX_TITLE
from service.text import clip, plain_text, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from service.domain import ParsedEntry, ParsedFeed

    Value = str | datetime | None

FIELDS = ("id", "link", "title", "published")
_DATES = ("published_parsed", "created_parsed", "updated_parsed")
_WEB = ("http://", "https://")


@dataclass(frozen=True)
class Rule:
    """A difference that is meant: in which field, why, and how it is known by our value and theirs."""

    field: str
    reason: str
    holds: Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Difference:
    """One field of one entry that differs; `rule` is None where nothing says that it may."""

    field: str
    ours: Value
    theirs: Value
    rule: Rule | None


def _not_shown(_ours: object, _theirs: object) -> bool:
    """Say that values do not show this difference: a case must name its rule."""
    return False


RULES = (
    Rule(
        "entries",
        "JSON Feed is read; feedparser's release knows none",
        lambda ours, theirs: ours and not theirs,
    ),
    Rule("entries", "two items of one id are one entry", lambda ours, theirs: 0 < ours < theirs),
    Rule(
        "id",
        "an item with neither id nor link is known by its words and date",
        lambda ours, theirs: ours.startswith("title:") and not theirs,
    ),
    Rule(
        "id",
        "an id of more than 250 characters is hashed",
        lambda ours, theirs: ours.startswith("hash:") and len(theirs) > len(ours),
    ),
    Rule(
        "id",
        "an id stays as it stands in the document, so that it is the same whichever parser read it",
        lambda ours, theirs: theirs.endswith(ours.lstrip("./")),
    ),
    Rule(
        "link",
        "a link is always a web address",
        lambda ours, theirs: not ours and not theirs.startswith(_WEB),
    ),
    Rule(
        "link",
        "a link without scheme or host is completed by the address of the feed's page",
        lambda ours, theirs: ours.startswith(_WEB) and not theirs.startswith(_WEB),
    ),
    Rule(
        "link",
        "a link through a search service is that of the article",
        lambda ours, theirs: ours == unwrapped(theirs),
    ),
    Rule("link", "spaces within a link are escaped", lambda ours, theirs: ours == theirs.replace(" ", "%20")),
    Rule("link", "of two pages of one item the first one is its link", _not_shown),
    Rule(
        "link",
        "the page is preferred to other alternates",
        lambda ours, theirs: ours.startswith(_WEB) and theirs.endswith((".json", ".pdf")),
    ),
    Rule(
        "title",
        "an item without a headline is called by its first words or its address",
        lambda _, theirs: not theirs,
    ),
    Rule(
        "title",
        "one headline that might be UTF-8 encoded twice proves nothing",
        lambda ours, theirs: read_back(ours) == theirs,
    ),
    Rule(
        "summary",
        "the body stands behind the lead, so that it is matched too",
        lambda ours, theirs: ours.startswith(theirs.rstrip("…")) and len(ours) > len(theirs),
    ),
    Rule("title", "every named HTML entity is understood", lambda ours, theirs: ours == plain_text(theirs)),
    Rule(
        "published",
        "dates in more languages and forms are understood",
        lambda ours, theirs: ours is not None and (theirs is None or theirs.year < OLDEST_YEAR),
    ),
    Rule(
        "published",
        "a date before 1990 is a clock at zero, and no news",
        lambda ours, theirs: ours is None and theirs is not None and theirs.year < OLDEST_YEAR,
    ),
)


def as_comes(body: bytes) -> Any:  # noqa: ANN401 - feedparser has no types
    """Read a document with feedparser as it comes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(body))


def ours_of(entry: ParsedEntry) -> dict[str, Value]:
    """Give the fields of one of our entries that are compared."""
    return {"id": entry.key, "link": entry.url, "title": entry.title, "published": entry.published_at}


def theirs_of(entry: Any) -> dict[str, Value]:  # noqa: ANN401 - feedparser has no types
    """Give the same fields of one of feedparser's entries, texts as plain text."""
    return {
        "id": (entry.get("id") or entry.get("link") or "").strip(),
        "link": entry.get("link", ""),
        "title": _text(entry.get("title", ""), MAX_TITLE),
        "published": next(filter(None, (_moment(entry.get(name)) for name in _DATES)), None),
        "summary": _text(_summary(entry), MAX_SUMMARY),
        "author": entry.get("author", ""),
    }


def _summary(entry: Any) -> str:  # noqa: ANN401 - feedparser has no types
    content = [str(part.value) for part in entry.get("content", ()) if part.value]
    return str(entry.get("summary") or "".join(content[:1]))


def _text(markup: str, limit: int) -> str:
    return clip(plain_text(readable(markup)), limit)


def _moment(parts: Any) -> datetime | None:  # noqa: ANN401 - a struct_time, or nothing
    try:
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (ValueError, OverflowError):  # such as year 0
        return None


def compare(body: bytes) -> tuple[int, list[Difference]]:
    """Compare what both make of a document; gives how many entries were compared, and what differs."""
    theirs = as_comes(body).entries
    try:
        ours = parse_feed(body)
    except NotAFeed:
        return len(theirs), [difference("entries", 0, len(theirs))] if theirs else []
    return len(ours.entries), list(_differences(ours, theirs))


def _differences(ours: ParsedFeed, theirs: list[Any]) -> Iterator[Difference]:
    if len(ours.entries) != len(theirs):
        yield difference("entries", len(ours.entries), len(theirs))
    by_id = {entry["id"]: entry for entry in map(theirs_of, reversed(theirs))}
    in_order = map(theirs_of, theirs) if len(ours.entries) == len(theirs) else chain()
    for entry in map(ours_of, ours.entries):
        other = next(in_order, None) or by_id.get(entry["id"])
        if other is not None:
            for name in FIELDS:
                if entry[name] != other[name]:
                    yield difference(name, entry[name], other[name])


def difference(field: str, ours: Any, theirs: Any) -> Difference:  # noqa: ANN401 - values of any field
    """Name the rule for a difference, if there is one."""
    rules = (rule for rule in RULES if rule.field == field and rule.holds(ours, theirs))
    return Difference(field, ours, theirs, next(rules, None))

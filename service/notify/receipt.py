"""The coverage receipt at the end of a digest: what was read, what ails, what was nearly found. Pure.

It takes no room from the events: what does not fit beside them is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from service.notify import page
from service.notify.clean import clean_line
from service.notify.parts import ROW_LINK_LIMIT, lines, say_headline, say_more, say_names, say_reading
from service.notify.why import NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.notify.clock import Clock
    from service.notify.reader_view import ReaderView
    from service.wording import Wording

_WORDS_LIMIT = 160
_MOST_NEAR = 3
_MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that cannot be read, in words that the reader understands, since when."""

    outlet: str
    words: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An article that one thing kept from matching: `missing` is what the watchlist still asked for."""

    watchlist_title: str
    headline: str
    outlet: str
    url: str
    language: str
    missing: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """What was changed in a watchlist, and when."""

    watchlist_title: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Silent:
    """A watchlist that nothing matched: what was read for it, from how many sources, since when."""

    watchlist_title: str
    articles: int
    sources: int
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was read since `since_at` for the reader of a digest, and what came of it.

    `healthy` counts the sources that answered, `troubled` are the others; of those in `gaps` some articles
    may have been missed. It says nothing of events: these are the digest's.
    """

    since_at: datetime
    articles: int
    matched: int
    healthy: int
    troubled: tuple[Trouble, ...] = ()
    gaps: tuple[str, ...] = ()
    near: tuple[NearMiss, ...] = ()
    changes: tuple[FileChange, ...] = ()
    silent: tuple[Silent, ...] = ()


class Written(NamedTuple):
    """A part of a message in text and HTML."""

    text: str
    html: str


def write_receipt(receipt: Receipt, view: ReaderView, now: datetime, room: int) -> Written:
    """Write a receipt; its HTML takes at most `room` bytes, and what does not fit is counted."""
    clock = view.clock
    heading = view.wording.say("What was read")
    read = _say_read(receipt, clock, now)
    texts, html = [f"== {heading} ==", read], page.heading(page.text(heading))
    html += page.line(page.text(read), top=10)
    for title, rows, total in _sections(receipt, clock, now):
        section = _fit(title, rows, total, room - len(html.encode()), view.wording)
        texts.append(section.text)
        html += section.html
    return Written("\n\n".join(text for text in texts if text), html)


def say_silent(receipt: Receipt, wording: Wording) -> str:
    """Say which watchlists nothing matched: the title of a digest without events."""
    names = say_names([_name(one.watchlist_title) for one in receipt.silent], wording)
    return wording.say("Still watching: {watchlists}", watchlists=names)


def _say_read(receipt: Receipt, clock: Clock, now: datetime) -> str:
    wording = clock.wording
    since = clock.say_since(receipt.since_at, now)
    matched = wording.count(receipt.matched, "{number} matched", "{number} matched")
    sources = _count_sources(receipt.healthy, wording)
    return wording.count(
        receipt.articles,
        "Read {number} article from {sources} {since}; {matched}.",
        "Read {number} articles from {sources} {since}; {matched}.",
        sources=sources,
        since=since,
        matched=matched if receipt.matched else wording.say("none matched"),
    )


def _count_sources(number: int, wording: Wording) -> str:
    return wording.count(number, "{number} source", "{number} sources")


def _sections(receipt: Receipt, clock: Clock, now: datetime) -> list[tuple[str, list[Written], int]]:
    """Give title, rows, and how many rows there are altogether; what is needed most stands first."""
    say = clock.wording.say
    troubled = [_trouble(one, clock, now) for one in receipt.troubled[:_MOST_ROWS]]
    gaps = [_line(say_names([_name(one) for one in receipt.gaps], clock.wording))] if receipt.gaps else []
    silent = [_silent(one, receipt, clock, now) for one in receipt.silent[:_MOST_ROWS]]
    near = [_near(one, clock.wording) for one in receipt.near[:_MOST_NEAR]]
    changes = [_change(one, clock, now) for one in receipt.changes[:_MOST_ROWS]]
    return [
        (say("In trouble"), troubled, len(receipt.troubled)),
        (say("May have been missed in part"), gaps, len(gaps)),
        (say("Still watching"), silent, len(receipt.silent)),
        (say("Near misses"), near, len(near)),
        (say("What changed in the watchlists"), changes, len(receipt.changes)),
    ]


def _fit(title: str, rows: Sequence[Written], total: int, room: int, wording: Wording) -> Written:
    """Write as many rows of a section as fit, and count the others; nothing where not even the count fits."""
    heading = page.line(page.strong(page.text(title)), top=12)
    for shown in range(len(rows), -1, -1):
        more = say_more(total - shown, wording)
        html = heading + "".join(one.html for one in rows[:shown]) + (_line(more).html if more else "")
        if total and len(html.encode()) <= room:
            text = "\n".join([f"{title}:", *(one.text for one in rows[:shown]), *([more] if more else [])])
            return Written(text, html)
    return Written("", "")


def _line(said: str) -> Written:
    return Written(said, page.line(page.text(said), top=2, size=13))


def _trouble(one: Trouble, clock: Clock, now: datetime) -> Written:
    words = clean_line(one.words, _WORDS_LIMIT).rstrip(".")
    return _line(f"{_name(one.outlet)}: {words}, {clock.say_since(one.since_at, now)}")


def _silent(one: Silent, receipt: Receipt, clock: Clock, now: datetime) -> Written:
    wording = clock.wording
    since = "" if one.since_at == receipt.since_at else f" {clock.say_since(one.since_at, now)}"
    return _line(
        wording.count(
            one.articles,
            "{watchlist}: {number} article from {sources}{since}, none matched.",
            "{watchlist}: {number} articles from {sources}{since}, none matched.",
            watchlist=_name(one.watchlist_title),
            sources=_count_sources(one.sources, wording),
            since=since,
        )
    )


def _near(one: NearMiss, wording: Wording) -> Written:
    headline = say_headline(one.headline, wording)
    url = page.safe_link(one.url, ROW_LINK_LIMIT)
    outlet = _name(one.outlet) or wording.say("an unnamed source")
    missing = wording.say(
        "{outlet} · {watchlist}, but for “{missing}”",
        outlet=outlet,
        watchlist=_name(one.watchlist_title),
        missing=clean_line(one.missing, NAME_LIMIT),
    )
    link = page.link(url, page.in_language(page.text(headline), one.language))
    html = page.line(f"{link}<br>{page.text(missing)}", top=4, size=13)
    parts = (headline, missing, lines((say_reading(outlet, wording), url)))
    return Written("\n".join(part for part in parts if part), html)


def _change(one: FileChange, clock: Clock, now: datetime) -> Written:
    words = clean_line(one.words, _WORDS_LIMIT)
    return _line(f"{clock.say(one.at, now)}  {_name(one.watchlist_title)}: {words}")


def _name(name: str) -> str:
    return clean_line(name, NAME_LIMIT)

"""One source as its page tells it: how it does, how it is polled, what it brought, what came of it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import Ailment
from service.schedule import Pace, asked_pause, find_pace
from service.store import MOST_COUNTED
from service.text import hide_keys, hide_keys_in
from service.web.drawing import draw_bars
from service.web.phrases import safe_link
from service.web.sources import open_link
from service.web.times import find_moment, moment
from service.wording import later, retell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from service.domain import Feed, FileVersion, HealthChange
    from service.store import FoundEntry
    from service.web.drawing import Bars
    from service.web.times import Local, Moment
    from service.wording import Wording

DAYS = 30
_NO_ADDRESS_GOES_ON = r"(?![\w./?&=%+~,;:@!*()$-])"


@dataclass(frozen=True, slots=True)
class InFile:
    """Where a source stands: its pack, the file, and the line (0 where it is not known)."""

    pack: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Polled:
    """How a source is polled: the pause, why it is so long, and what its server says.

    `between` is the pause as a span, none where there is no next poll; `asked_by` names the validators.
    """

    last: Moment | None
    is_over: bool
    pause: str
    why: tuple[str, ...]
    validators: str
    moved_to: str
    moved_link: str
    moved_at: Moment | None
    between: timedelta | None
    asked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and how many entries count for it."""

    iso: str
    said: str
    entries: int


@dataclass(frozen=True, slots=True)
class Days:
    """The last days, the oldest first, drawn and in words."""

    days: tuple[Day, ...]
    drawing: Bars
    sentence: str
    most: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with the events it belongs to, each as id and title."""

    title: str
    link: str
    language: str
    at: Moment
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """That something began to ail a source or was over."""

    what: str
    words: str
    at: Moment
    is_over: bool


# ------------------------------------------------------------------------------------------- polls


def polled(feed: Feed, local: Local) -> Polled:
    """Say how a source is polled."""
    words = local.words
    pause = feed.next_poll_at - feed.last_polled_at if feed.last_polled_at is not None else timedelta(0)
    paces = find_pace(feed, local.now)
    has_pause = Pace.GONE not in paces and pause > timedelta(0)
    return Polled(
        last=find_moment(feed.last_polled_at, local),
        is_over=Pace.GONE in paces,
        pause=words.say_lag(pause) if has_pause else "",
        why=tuple(_why(pace, feed, words) for pace in paces),
        validators=words.say_list(_validators(feed)) if _validators(feed) else "",
        moved_to=hide_keys(feed.moved_to) if feed.moved_to else "",
        moved_link=open_link(feed.moved_to),
        moved_at=find_moment(feed.moved_at, local),
        between=pause if has_pause else None,
        asked_by=tuple(_validators(feed)),
    )


def _validators(feed: Feed) -> list[str]:
    pairs = (("ETag", feed.etag), ("Last-Modified", feed.last_modified))
    return [name for name, value in pairs if value]


_WHY = {
    Pace.GONE: later("It said that it is gone for good, so nobody asks it any more."),
    Pace.FIRST: later("It is new and has not been polled yet."),
    Pace.PUSHED: later("Its hub tells of news at once; it is asked once a day besides."),
    Pace.USUAL: later("Half the usual time between its entries, one hour at least, a day at most."),
    Pace.HURRIED: later("Asked more often for now, as entries may have been missed between two polls."),
    Pace.DAILY: later("Its server cannot be asked for changes only, so it is fetched whole once a day."),
    Pace.SKIPPED: later("It names hours or days at which it is not to be asked."),
}


def _why(pace: Pace, feed: Feed, words: Wording) -> str:
    if pace is Pace.OPERATOR and feed.source.every is not None:
        return words.say("Its pack says so: every {span}.", span=words.say_lag(feed.source.every))
    if pace is Pace.PUBLISHER:
        return words.say(
            "Its server asks to be left alone for {span}.", span=words.say_lag(asked_pause(feed))
        )
    if pace is Pace.FAILING:
        return words.count(
            feed.failures,
            "{number} poll in a row has failed: the pause doubles with each, up to a day.",
            "{number} polls in a row have failed: the pause doubles with each, up to a day.",
        )
    if pace is Pace.QUIET:
        return words.count(
            feed.quiet_polls,
            "{number} poll in a row brought nothing new: each makes the pause half as long again.",
            "{number} polls in a row brought nothing new: each makes the pause half as long again.",
        )
    return words.say(_WHY[pace])


def shown_address(feed: Feed) -> str:
    """Give the address as it may be shown; of a file nothing, since folders are nobody's business."""
    url = feed.source.url
    return hide_keys(url) if urlsplit(url).scheme in {"http", "https"} else ""


# ------------------------------------------------------------------------------------------- files


def find_in_files(feed: Feed, versions: Iterable[FileVersion]) -> list[InFile]:
    """Say where a source stands in the files in force."""
    texts = {one.file.rpartition("/")[2].removesuffix(".yaml"): one for one in versions if "/" in one.file}
    found = []
    for pack in feed.source.packs:
        version = texts.get(pack)
        line = _line_of(feed.source.url, version.text) if version is not None else 0
        found.append(InFile(pack, version.file if version is not None else "", line))
    return found


def _line_of(url: str, text: str) -> int:
    place = re.search(re.escape(url) + _NO_ADDRESS_GOES_ON, text)
    return 1 + text.count("\n", 0, place.start()) if place else 0


# ------------------------------------------------------------------------------------ what it brought


def count_days(times: Sequence[datetime], local: Local, span: int = DAYS) -> Days:
    """Count entries by the last days of the reader; those of before are left out."""
    begins = local.begin(span).date()
    counted = Counter(at.astimezone(local.zone).date() for at in times)
    days = [begins + timedelta(days=number) for number in range(span)]
    numbers = [counted[day] for day in days]
    return Days(
        tuple(_day(day, counted[day], local) for day in days),
        draw_bars(numbers),
        _sentence(numbers, local.words),
        max(numbers),
        is_cut=len(times) >= MOST_COUNTED,
    )


def _day(day: date, entries: int, local: Local) -> Day:
    return Day(day.isoformat(), local.words.say_calendar_day(day), entries)


def _sentence(numbers: Sequence[int], words: Wording) -> str:
    total, span = sum(numbers), len(numbers)
    if not total:
        return words.say("No entry in the last {days} days.", days=span)
    entries = words.count(total, "{number} entry", "{number} entries")
    a_day = round(total / span, 1)
    return words.say(
        "{entries} in the last {days} days, {average} a day.",
        entries=entries,
        days=span,
        average=words.say_number(a_day),
    )


def shown_entries(entries: Iterable[FoundEntry], local: Local) -> list[ShownEntry]:
    """Tell entries with the events they belong to."""
    nameless = local.words.say("(no headline)")
    return [
        ShownEntry(
            one.title or nameless,
            safe_link(one.url),
            one.language,
            moment(one.at, local),
            tuple((event_id, title or nameless) for event_id, title in one.events),
        )
        for one in entries
    ]


# ------------------------------------------------------------------------------------------ health

_CHANGES = {
    Ailment.FAILING: later("did not answer"),
    Ailment.BLOCKED: later("did not let us in"),
    Ailment.WEB_PAGE: later("gave a web page"),
    Ailment.GONE: later("said it is gone"),
    Ailment.MOVED: later("moved"),
    Ailment.SILENT: later("fell silent"),
    Ailment.GAP: later("perhaps read in part"),
    Ailment.CLOCK_SKEW: later("clock is wrong"),
    Ailment.NO_VALIDATORS: later("fetched once a day"),
}
_OVER = later("over: {what}")


def shown_changes(changes: Iterable[HealthChange], local: Local) -> list[Change]:
    """Tell what began to ail a source and what was over."""
    return [
        Change(
            local.words.say(_OVER, what=local.words.say(_CHANGES[one.ailment]))
            if one.is_over
            else local.words.say(_CHANGES[one.ailment]),
            retell(hide_keys_in(one.words), local.words),
            moment(one.at, local),
            one.is_over,
        )
        for one in changes
    ]

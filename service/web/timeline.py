"""A watchlist over time: volume by day, what stands out, who reports it, which terms find it. Pure.

The page's script draws the days from the table of their numbers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import unified_diff
from itertools import islice
from typing import TYPE_CHECKING

from service.watchlists import items_of
from service.web.times import Moment, find_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import FileVersion, Spike
    from service.store import Seen, TermFeedback, TermUse
    from service.watchlists import Watchlist
    from service.web.times import Local
    from service.wording import Wording

CHOICES = (7, 30, 90, 365)  # days
USUAL = 90
_EVENTS_MARKED, _FEWEST_OUTLETS = 8, 3
SHARES_SHOWN = 10
WEEK = 7
LEAST = 2 * WEEK  # days that are read, however few are shown
_TWICE = 2
_CHANGED_SHOWN = 30  # lines of the difference of a version
VERSIONS = 12


@dataclass(frozen=True, slots=True)
class Note:
    """What stands out on a day: an `event` that several outlets carry, a `spike`, or a known `date`."""

    kind: str
    words: str
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day: its reports, the events that were first reported on it, and what stands out."""

    on: date
    reports: int
    events: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """How much was found: a sentence first, then the days, the first one first."""

    sentence: str
    days: tuple[CountedDay, ...]

    @property
    def most(self) -> int:
        """Give the reports of the busiest day."""
        return max((day.reports for day in self.days), default=0)


def count_volume(
    seen: Sequence[Seen],
    spikes: Iterable[Spike],
    watchlist: Watchlist | None,
    titles: Mapping[str, str],
    span: int,
    local: Local,
) -> Volume:
    """Count the last days. `titles` are those of the events that are marked (`marked_events`).

    `seen` is all of the last `LEAST` days at least, since the last week is said beside the one before.
    """
    today = local.now.astimezone(local.zone).date()
    days = [today - timedelta(days=ago) for ago in range(span - 1, -1, -1)]
    reports = Counter(_day(one.at, local) for one in seen)
    opened = _opened(seen, local)
    events = Counter(opened.values())
    notes: dict[date, list[Note]] = {}
    for event_id, title in titles.items():
        notes.setdefault(opened.get(event_id, today), []).append(Note("event", title, event_id))
    for spike in spikes:
        said = local.words.say("more reports than usual")
        notes.setdefault(_day(spike.at, local), []).append(Note("spike", said))
    for known in watchlist.dates if watchlist is not None else ():
        notes.setdefault(known.on, []).append(Note("date", known.what))
    return Volume(
        _sentence(reports, today, local.words),
        tuple(CountedDay(day, reports[day], events[day], tuple(notes.get(day, ()))) for day in days),
    )


def marked_events(seen: Iterable[Seen], begins_at: datetime) -> list[str]:
    """Give the events since a time that most outlets carry, of those that several do: they are marked."""
    outlets: dict[str, set[str]] = {}
    for one in seen:
        if min(one.at, one.opened_at or one.at) >= begins_at:
            outlets.setdefault(one.event_id, set()).add(one.outlet)
    large = sorted(
        (-len(names), event_id) for event_id, names in outlets.items() if len(names) >= _FEWEST_OUTLETS
    )
    return [event_id for _, event_id in large[:_EVENTS_MARKED]]


def _day(at: datetime, local: Local) -> date:
    return at.astimezone(local.zone).date()


def _opened(seen: Iterable[Seen], local: Local) -> dict[str, date]:
    """Give the day of the first report of each event, also of those whose first report is not here."""
    first: dict[str, date] = {}
    for one in seen:
        day = _day(min(one.at, one.opened_at or one.at), local)
        first[one.event_id] = min(day, first.get(one.event_id, day))
    return first


def _sentence(reports: Mapping[date, int], today: date, words: Wording) -> str:
    """Say how busy the last seven days were beside the seven before."""
    week, before = (
        sum(reports.get(today - timedelta(days=ago), 0) for ago in range(start, start + WEEK))
        for start in (0, WEEK)
    )
    said = words.count(week, "{number} report in the last 7 days", "{number} reports in the last 7 days")
    if not before:
        return said
    if week >= _TWICE * before:
        return words.say(
            "{reports}, {times} times as many as in the 7 days before",
            reports=said,
            times=words.say_number(round(week / before, 1)),
        )
    if _TWICE * week < before:
        return words.say("{reports}, less than half as many as in the 7 days before", reports=said)
    return words.say(
        "{reports}, in the 7 days before {before}", reports=said, before=words.say_number(before)
    )


# ---------------------------------------------------------------------------------- who reports it


@dataclass(frozen=True, slots=True)
class Share:
    """An outlet, a country or a language: its reports, and in how many events it was the first."""

    name: str
    reports: int
    first: int
    percent: int


def coverage(
    seen: Iterable[Seen], begins_at: datetime, most: int | None = SHARES_SHOWN
) -> dict[str, list[Share]]:
    """Count who reports since a time, where and in which language, the most first.

    First in an event is who reported it first of all, if that was since then.
    """
    counted = [one for one in seen if one.at >= begins_at]
    first: dict[str, Seen] = {}
    for one in counted:
        if one.event_id not in first or one.at < first[one.event_id].at:
            first[one.event_id] = one
    leads = [one for one in first.values() if (one.opened_at or one.at) >= begins_at]
    return {
        name: _shares([getattr(one, name) for one in counted], [getattr(one, name) for one in leads], most)
        for name in ("outlet", "country", "language")
    }


def _shares(named: Sequence[str], first: Sequence[str], shown: int | None) -> list[Share]:
    counts, leads = Counter(name for name in named if name), Counter(first)
    most = max(counts.values(), default=1)
    return [
        Share(name, number, leads[name], round(100 * number / most))
        for name, number in counts.most_common(shown)
    ]


# ------------------------------------------------------------------------------------------- terms


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of a line: how often it let a report in, when last, and what readers say of its alerts."""

    line: int
    term: str
    hits: int
    last: Moment | None
    useful: int
    noise: int

    @property
    def is_unused(self) -> bool:
        """Tell whether it found nothing."""
        return not self.hits

    @property
    def precision(self) -> int | None:
        """Give how many of a hundred verdicts called it useful; None where there is none."""
        said = self.useful + self.noise
        return round(100 * self.useful / said) if said else None


_PAST_DATES = 5


@dataclass(frozen=True, slots=True)
class DateRow:
    """A known date of a watchlist: the day, and what is due then."""

    on: date
    day: str
    what: str
    is_over: bool


def date_rows(watchlist: Watchlist | None, local: Local) -> list[DateRow]:
    """List the known dates that are to come, the next first, and then the last ones that are over."""
    today = local.now.astimezone(local.zone).date()
    dates = sorted(watchlist.dates, key=lambda one: one.on) if watchlist is not None else []
    coming = [one for one in dates if one.on >= today]
    over = [one for one in reversed(dates) if one.on < today][:_PAST_DATES]
    return [
        DateRow(one.on, local.words.say_calendar_day(one.on, with_year=True), one.what, one.on < today)
        for one in (*coming, *over)
    ]


def pair_terms(
    uses: Iterable[TermUse], feedback: Iterable[TermFeedback]
) -> list[tuple[tuple[int, str], TermUse | None, TermFeedback | None]]:
    """Put together by line and term what each found and what readers said, in the order of the lines."""
    used = {(one.line, one.term): one for one in uses}
    said = {(one.line, one.term): one for one in feedback if one.line}
    return [(key, used.get(key), said.get(key)) for key in sorted({*used, *said})]


def term_rows(
    watchlist: Watchlist | None,
    uses: Iterable[TermUse],
    feedback: Iterable[TermFeedback],
    local: Local,
) -> list[TermRow]:
    """List terms in the order of the lines, and the lines that found nothing."""
    rows = [
        TermRow(
            line,
            term,
            use.hits if use else 0,
            find_moment(use.last_at, local) if use else None,
            said.useful if said else 0,
            said.noise if said else 0,
        )
        for (line, term), use, said in pair_terms(uses, feedback)
    ]
    lines = {row.line for row in rows if row.hits}
    text = watchlist.source.text.split("\n") if watchlist is not None else []
    items = items_of(watchlist.query.rule) if watchlist is not None else ()
    silent = {item.line for item in items} - lines
    rows += [
        TermRow(line, text[line - 1].strip().removeprefix("- "), 0, None, 0, 0)
        for line in sorted(silent)
        if 0 < line <= len(text) and line not in {row.line for row in rows}
    ]
    return sorted(rows, key=lambda row: (row.line, -row.hits))


# ---------------------------------------------------------------------------------------- versions


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version that was in force: since when, its commit, and what it changed."""

    at: Moment | None
    commit: str
    changes: tuple[tuple[str, str], ...]


Changed = tuple["FileVersion", tuple[tuple[str, str], ...]]


def changed_versions(versions: Sequence[FileVersion], begin: int = 0, most: int = VERSIONS) -> list[Changed]:
    """Give versions, the latest first, each with the lines that differ from the one before it, and a sign."""
    shown = versions[begin : begin + most]
    return [
        (one, tuple(_changes(versions[place].text, one.text)) if place < len(versions) else ())
        for place, one in enumerate(shown, begin + 1)
    ]


def version_rows(versions: Sequence[FileVersion], local: Local) -> list[VersionRow]:
    """List versions, the latest first, each with what differs from the one before it."""
    return [
        VersionRow(find_moment(one.loaded_at, local), one.commit[:10], changes)
        for one, changes in changed_versions(versions)
    ]


def _changes(before: str, after: str) -> Iterable[tuple[str, str]]:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    told = (line for line in lines if not line.startswith(("---", "+++", "@@")))
    return ((line[0], line[1:]) for line in islice(told, _CHANGED_SHOWN))

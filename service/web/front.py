"""The front page put together: what is new, what is quiet, and what needs a look. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import FeedStatus
from service.group import independent_groups
from service.notify.holding import HELD
from service.web.drawing import Bars, count_in_parts, draw_bars
from service.web.ledger import ledger_parts
from service.web.present import event_card, still_watching
from service.web.sources import is_in_trouble, short_trouble, source_row
from service.web.telling import Tone
from service.web.times import Moment, moment, since
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Feed
    from service.store import EventView, HeldNow, Opened, WatchlistSummary
    from service.watchlists import Watchlist
    from service.web.present import EventCard
    from service.web.times import Local

EVENTS_SHOWN = 5  # of each watchlist
EVENTS_WEIGHED = 30  # of each watchlist, the latest, of which those are shown
_TROUBLES_SHOWN = 5
_DATES_SHOWN, _DATES_WITHIN = 8, timedelta(days=120)
_HALF_LIFE = timedelta(hours=24)  # of an event's weight: today's news goes before yesterday's larger one
_BARS, _BARS_LAST = 24, timedelta(hours=72)
_FEWEST_DRAWN = 3  # reports; of fewer the words say as much


@dataclass(frozen=True, slots=True)
class Fresh:
    """What an event is to a visitor: new since the last look or changed since, and when its reports came."""

    word: str
    reports: Bars | None
    said: str


@dataclass(frozen=True, slots=True)
class Section:
    """A watchlist on the front page: its events of the week, or the receipt of its silence.

    `last` is the latest event of a silent one, `receipt` what was read meanwhile.
    `latest` orders: the time of the latest report, as a number.
    """

    id: str
    title: str
    events: tuple[tuple[EventCard, Fresh], ...]
    more: str
    silence: str
    receipt: str
    last: EventCard | None
    latest: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the narrow column."""

    words: str
    link: str = ""
    tone: Tone = Tone.PLAIN
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """What was read, at how many of the sources, and since when (None: nothing was read yet)."""

    entries: int
    answered: int
    sources: int
    began_at: datetime | None


def section(
    summary: WatchlistSummary,
    views: Sequence[EventView],
    matched: int,
    week: Week,
    local: Local,
    looked: datetime | None = None,
) -> Section:
    """Put a watchlist together from its events: those matched this week, or else the latest one.

    `matched` counts the events matched this week; when it is 0, `views` holds the latest event if any.
    """
    shown = shown_events(views, local.now)
    cards = tuple((event_card(view, local), fresh(view, local, looked)) for view in shown)
    more = summary.events - len(cards)
    return Section(
        id=summary.id,
        title=summary.title,
        events=cards if matched else (),
        more=local.words.count(summary.events, "all {number} events", "all {number} events")
        if more > 0
        else "",
        silence="" if matched else _silence(views, week, local),
        receipt=silence(week, local) if cards and not matched and week.entries else "",
        last=cards[0][0] if cards and not matched else None,
        latest=max((view.event.last_report_at.timestamp() for view in views), default=0),
    )


def _silence(views: Sequence[EventView], week: Week, local: Local) -> str:
    if not views:
        return silence(week, local)
    return local.words.say("No new event since {time}", time=since(views[0].event.last_report_at, local))


def shown_events(views: Sequence[EventView], now: datetime) -> list[EventView]:
    """Give the events of a watchlist that are shown, the heaviest first."""
    return by_weight(views, now)[:EVENTS_SHOWN]


def by_weight(views: Sequence[EventView], now: datetime) -> list[EventView]:
    """Put the heaviest event first: its independent outlets, halved with every day since its last report."""
    return sorted(views, key=lambda view: -_weight(view, now))


def _weight(view: EventView, now: datetime) -> float:
    outlets = len(independent_groups(report.carried for report in view.reports))
    age = max(now - view.event.last_report_at, timedelta(0))
    return (outlets + math.log1p(len(view.outlets))) * math.exp2(-(age / _HALF_LIFE))


class News(StrEnum):
    """What an event is to somebody who last looked at a time."""

    NEW = "new"
    CHANGED = "changed"
    MORE = "more reports"


_NEWS = {News.NEW: later("new"), News.CHANGED: later("changed"), News.MORE: later("more reports")}


def news_of(view: EventView, looked: datetime | None) -> News | None:
    """Tell what an event is to somebody who last looked at a time; None where it is nothing new."""
    if looked is None:
        return None
    if min(report.matched_at for report in view.reports) > looked:
        return News.NEW
    if any(one.at > looked for one in view.milestones):
        return News.CHANGED
    return News.MORE if any(report.matched_at > looked for report in view.reports) else None


def count_volume(view: EventView, now: datetime) -> tuple[datetime, list[int]] | None:
    """Count the reports of the last days in equal parts from a time until now; of a few there is none."""
    times = [report.entry.happened_at for report in view.reports]
    if len(times) < _FEWEST_DRAWN:
        return None
    began = max(min(times), now - _BARS_LAST)
    return began, count_in_parts([at for at in times if at >= began], began, now, _BARS)


def fresh(view: EventView, local: Local, looked: datetime | None) -> Fresh:
    """Say what an event is to somebody who last looked at a time, and draw when its reports came."""
    words, news, volume = local.words, news_of(view, looked), count_volume(view, local.now)
    word = "" if news is None else words.say(_NEWS[news])
    if volume is None:
        return Fresh(word, None, "")
    began, counts = volume
    said = words.count(
        sum(counts), "{number} report since {time}", "{number} reports since {time}", time=since(began, local)
    )
    return Fresh(word, draw_bars(counts), said)


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Put the watchlists with events first, the one last reported on at the top; then the silent ones."""
    return sorted(sections, key=lambda one: (bool(one.silence), 0 if one.silence else -one.latest))


def silence(week: Week, local: Local) -> str:
    """Say that nothing matched this week, and out of how much."""
    sources = week.answered if week.entries else week.sources
    return still_watching(week.entries, sources, week.began_at, local)


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence at the top: since when, what is new, and out of how much."""

    when: str
    new: str
    rest: str


def headline(
    opened: Opened, changed: int, entries: int, week: Week, local: Local, looked: datetime | None
) -> Headline:
    """Say what came since the last look, else in 24 hours, out of how many entries of how many sources."""
    words = local.words
    if looked is None:
        when = words.say("In the last 24 hours:")
    else:
        when = words.say("Since you last looked, {lag} ago:", lag=words.say_lag(local.now - looked))
    new = (
        words.count(opened.fresh, "{number} new event", "{number} new events")
        if opened.fresh
        else words.say("no new event")
    )
    more = [
        words.count(changed, "{number} change of known ones", "{number} changes of known ones")
        if changed
        else "",
        words.count(opened.held, "{number} too old to be told", "{number} too old to be told")
        if opened.held
        else "",
        words.count(opened.found_later, "{number} found later", "{number} found later")
        if opened.found_later
        else "",
    ]
    rest = "".join(f", {part}" for part in more if part)
    return Headline(when, new, f"{rest}{_out_of(entries, week, local)}")


def _out_of(entries: int, week: Week, local: Local) -> str:
    words = local.words
    sources = words.count(week.sources, "{number} source", "{number} sources")
    if not week.answered:
        if week.sources:
            return words.say("; none of {sources} has answered so far.", sources=sources)
        return words.say("; no source is read yet.")
    return words.say(
        ", from {articles} read at {sources}.",
        articles=words.count(entries, "{number} article", "{number} articles"),
        sources=words.count(week.answered, "{number} source", "{number} sources"),
    )


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day on which something of a watchlist is due."""

    what: str
    day: str
    iso: str
    watchlist_id: str
    is_near: bool


def due_dates(watchlists: Iterable[Watchlist], local: Local) -> list[DueDate]:
    """List what is due in the next months, the next first."""
    today = local.now.astimezone(local.zone).date()
    due = sorted(
        (known.on, known.what, one.id)
        for one in watchlists
        for known in one.dates
        if today <= known.on <= today + _DATES_WITHIN
    )
    return [
        DueDate(
            what, _say_day(on, today, local), on.isoformat(), watchlist_id, on - today <= timedelta(days=1)
        )
        for on, what, watchlist_id in due[:_DATES_SHOWN]
    ]


def _say_day(on: date, today: date, local: Local) -> str:
    if on == today:
        return local.words.say("today")
    if on - today == timedelta(days=1):
        return local.words.say("tomorrow")
    return local.words.say_calendar_day(on, with_year=on.year != today.year)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble, and who has it: an outlet with since when, or a number of feeds."""

    who: str
    since: str
    words: str


@dataclass(frozen=True, slots=True)
class SourcesPanel:
    """How the sources are doing: each trouble once, and how many are in trouble, well or not read yet.

    `more` counts the feeds whose trouble is not among those named.
    """

    troubled: tuple[Trouble, ...]
    troubles: int
    more: int
    healthy: int
    unread: int


def count_sources(feeds: Iterable[Feed]) -> int:
    """Count the outlets behind the feeds."""
    return len({feed.source.outlet for feed in feeds})


def count_answered(feeds: Iterable[Feed]) -> int:
    """Count the outlets of which a feed has ever answered."""
    return count_sources(feed for feed in feeds if feed.last_success_at is not None)


def sources_panel(feeds: Sequence[Feed], local: Local) -> SourcesPanel:
    """Sum up the feeds for the narrow column."""
    troubled = [feed for feed in feeds if is_in_trouble(feed)]
    unread = sum(feed.status is FeedStatus.NEW for feed in feeds)
    counts = Counter(short_trouble(feed, local.words) for feed in troubled)
    shown = dict(counts.most_common(_TROUBLES_SHOWN))
    return SourcesPanel(
        troubled=tuple(_trouble(words, troubled, local) for words in shown),
        troubles=len(troubled),
        more=len(troubled) - sum(shown.values()),
        healthy=len(feeds) - len(troubled) - unread,
        unread=unread,
    )


def _trouble(words: str, troubled: Sequence[Feed], local: Local) -> Trouble:
    first, *others = [feed for feed in troubled if short_trouble(feed, local.words) == words]
    if others:
        feeds = local.words.count(1 + len(others), "{number} feed", "{number} feeds")
        return Trouble(feeds, "", words.removeprefix("Its ").strip())
    row = source_row(first, local)
    return Trouble(row.outlet, row.since, words)


def held_lines(held: Iterable[HeldNow], local: Local) -> list[Line]:
    """Say what is held, for each reason, and when the first of it is due."""
    return [
        Line(
            local.words.count(
                one.number,
                "{number} held: {why}",
                "{number} held: {why}",
                why=local.words.say(HELD[one.reason]),
            ),
            "/deliveries?show=digest",
            at=moment(one.due_at, local),
        )
        for one in held
    ]


def alert_lines(counts: Mapping[str, int], failed: int, local: Local) -> list[Line]:
    """Sum up the deliveries for the narrow column: what waits, what failed this week, what was told."""
    number, words = {part.name: part.count for part in ledger_parts(counts)}, local.words
    waiting, told = number["waiting"], number["delivered"]
    lines = (
        (
            failed,
            words.count(failed, "{number} failed this week", "{number} failed this week"),
            "failed",
            Tone.TROUBLE,
        ),
        (
            waiting,
            words.count(waiting, "{number} waiting to be sent", "{number} waiting to be sent"),
            "waiting",
            Tone.PLAIN,
        ),
        (told, words.count(told, "{number} delivered", "{number} delivered"), "delivered", Tone.GOOD),
    )
    shown = [Line(said, f"/deliveries?show={part}", tone) for count, said, part, tone in lines if count]
    return shown or [Line(words.say("No alert so far"), "/deliveries")]

"""The front page put together: what is new, what is quiet, and what needs a look. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import FeedStatus
from service.web.ledger import ledger_parts
from service.web.phrases import many
from service.web.present import event_card, still_watching
from service.web.sources import is_in_trouble, short_trouble, source_row
from service.web.telling import Tone
from service.web.times import since

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery, Feed
    from service.store import EventView, Opened, WatchlistSummary
    from service.web.present import EventCard
    from service.web.times import Local

EVENTS_SHOWN = 5  # of each watchlist
_TROUBLES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A watchlist on the front page: its events of the week, or the receipt of its silence.

    `last` is the latest event of a silent one, `receipt` what was read meanwhile.
    `latest` orders: the time of the latest report, as a number.
    """

    id: str
    title: str
    events: tuple[EventCard, ...]
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


@dataclass(frozen=True, slots=True)
class Week:
    """What was read, at how many of the sources, and since when (None: nothing was read yet)."""

    entries: int
    answered: int
    sources: int
    began_at: datetime | None


def section(
    summary: WatchlistSummary, views: Sequence[EventView], matched: int, week: Week, local: Local
) -> Section:
    """Put a watchlist together from its events: those matched this week, or else the latest one.

    `matched` counts the events matched this week; when it is 0, `views` holds the latest event if any.
    """
    cards = tuple(event_card(view, local) for view in _lead_first(views))
    more = summary.events - len(cards)
    return Section(
        id=summary.id,
        title=summary.title,
        events=cards if matched else (),
        more=f"all {summary.events:,} events" if more > 0 else "",
        silence="" if matched else _silence(views, week, local),
        receipt=silence(week, local) if cards and not matched and week.entries else "",
        last=cards[0] if cards and not matched else None,
        latest=views[0].event.last_report_at.timestamp() if views else 0,
    )


def _silence(views: Sequence[EventView], week: Week, local: Local) -> str:
    if not views:
        return silence(week, local)
    return f"No new event since {since(views[0].event.last_report_at, local)}"


def _lead_first(views: Sequence[EventView]) -> list[EventView]:
    """Put the event that most outlets carry at the top; the others stay as they are."""
    lead = max(views, key=lambda view: len(view.outlets), default=None)
    return sorted(views, key=lambda view: view is not lead)


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Put the watchlists with events first, the one last reported on at the top; then the silent ones."""
    return sorted(sections, key=lambda one: (bool(one.silence), 0 if one.silence else -one.latest))


def silence(week: Week, local: Local) -> str:
    """Say that nothing matched this week, and out of how much."""
    sources = week.answered if week.entries else week.sources
    return still_watching(week.entries, sources, week.began_at, local)


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence at the top: what is new, out of how much."""

    new: str
    rest: str


def headline(opened: Opened, entries: int, answered: int, sources: int) -> Headline:
    """Say what the last 24 hours brought, out of how many entries of how many sources that ever answered."""
    older = f" and {opened.held:,} too old to be told" if opened.held else ""
    older += f" and {opened.found_later:,} found later" if opened.found_later else ""
    new = many(opened.fresh, "new event") if opened.fresh else "no new event"
    if not answered:
        yet = f"0 of {many(sources, 'source')} have answered so far" if sources else "no source is read yet"
        return Headline(new, f"{older}; {yet}.")
    return Headline(new, f"{older}, from {many(entries, 'article')} read at {many(answered, 'source')}.")


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
    counts = Counter(short_trouble(feed) for feed in troubled)
    shown = dict(counts.most_common(_TROUBLES_SHOWN))
    return SourcesPanel(
        troubled=tuple(_trouble(words, troubled, local) for words in shown),
        troubles=len(troubled),
        more=len(troubled) - sum(shown.values()),
        healthy=len(feeds) - len(troubled) - unread,
        unread=unread,
    )


def _trouble(words: str, troubled: Sequence[Feed], local: Local) -> Trouble:
    first, *others = [feed for feed in troubled if short_trouble(feed) == words]
    if others:
        return Trouble(many(1 + len(others), "feed"), "", words.removeprefix("Its ").strip())
    row = source_row(first, local)
    return Trouble(row.outlet, row.since, words)


def alert_lines(counts: Mapping[str, int], lately_failed: Sequence[Delivery]) -> tuple[Line, ...]:
    """Sum up the deliveries for the narrow column: what waits, what failed this week, what was told."""
    number = {part.name: part.count for part in ledger_parts(counts)}
    waiting, held, told = number["waiting"], number["digest"], number["delivered"]
    failed = len(lately_failed)
    lines = (
        (failed, Line(f"{failed:,} failed this week", "/deliveries?show=failed", Tone.TROUBLE)),
        (waiting, Line(f"{waiting:,} waiting to be sent", "/deliveries?show=waiting")),
        (held, Line(f"{held:,} kept for a digest", "/deliveries?show=digest")),
        (told, Line(f"{told:,} delivered", "/deliveries?show=delivered", Tone.GOOD)),
    )
    shown = tuple(line for count, line in lines if count)
    return shown or (Line("No alert so far", "/deliveries"),)

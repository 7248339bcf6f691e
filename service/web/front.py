"""The front page put together: what is new, what is quiet, and what needs a look. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import FeedStatus
from service.web.ledger import ledger_parts
from service.web.phrases import many
from service.web.present import event_card, still_watching
from service.web.sources import is_in_trouble, source_row
from service.web.telling import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery, Feed
    from service.store import EventView, Opened, WatchlistSummary
    from service.web.present import EventCard
    from service.web.sources import SourceRow
    from service.web.times import Local

EVENTS_SHOWN = 5  # of each watchlist
_TROUBLES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Section:
    """A watchlist on the front page: its events of the week, or the receipt of its silence.

    `last` is the latest event of a silent one. `latest` orders: the time of the latest report, as a number.
    """

    id: str
    title: str
    events: tuple[EventCard, ...]
    more: str
    silence: str
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
    """What was read, at how many sources, and since when (None: nothing was read yet)."""

    entries: int
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
        silence="" if matched else silence(week, local),
        last=cards[0] if cards and not matched else None,
        latest=views[0].event.last_report_at.timestamp() if views else 0,
    )


def _lead_first(views: Sequence[EventView]) -> list[EventView]:
    """Put the event that most outlets carry at the top; the others stay as they are."""
    lead = max(views, key=lambda view: len(view.outlets), default=None)
    return sorted(views, key=lambda view: view is not lead)


def in_order(sections: Iterable[Section]) -> list[Section]:
    """Put the watchlists with events first, the one last reported on at the top; then the silent ones."""
    return sorted(sections, key=lambda one: (bool(one.silence), 0 if one.silence else -one.latest))


def silence(week: Week, local: Local) -> str:
    """Say that nothing matched this week, and out of how much."""
    return still_watching(week.entries, week.sources, week.began_at, local)


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence at the top: what is new, out of how much."""

    new: str
    rest: str


def headline(opened: Opened, entries: int, sources: int) -> Headline:
    """Say what the last 24 hours brought, out of how many entries of how many sources."""
    older = f" and {opened.held:,} too old to be told" if opened.held else ""
    read = f"{many(entries, 'article')} read at {many(sources, 'source')}"
    new = many(opened.fresh, "new event") if opened.fresh else "no new event"
    return Headline(new, f"{older}, from {read}.")


@dataclass(frozen=True, slots=True)
class SourcesPanel:
    """How the sources are doing: those in trouble, by name, and how many are well or not read yet."""

    troubled: tuple[SourceRow, ...]
    more: int
    healthy: int
    unread: int

    @property
    def troubles(self) -> int:
        """Count all that are in trouble."""
        return len(self.troubled) + self.more


def count_sources(feeds: Iterable[Feed]) -> int:
    """Count the outlets behind the feeds."""
    return len({feed.source.outlet for feed in feeds})


def sources_panel(feeds: Sequence[Feed], local: Local) -> SourcesPanel:
    """Sum up the feeds for the narrow column."""
    troubled = [feed for feed in feeds if is_in_trouble(feed)]
    unread = sum(feed.status is FeedStatus.NEW for feed in feeds)
    shown = tuple(source_row(feed, local) for feed in troubled[:_TROUBLES_SHOWN])
    return SourcesPanel(
        troubled=shown,
        more=len(troubled) - len(shown),
        healthy=len(feeds) - len(troubled) - unread,
        unread=unread,
    )


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

"""The front page put together: what is new, what is quiet, and what needs a look. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import DeliveryState
from service.web.phrases import many
from service.web.present import event_card, still_watching
from service.web.sources import is_in_trouble, source_row
from service.web.telling import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery, Feed
    from service.store import EventView, Opened, Totals, WatchlistSummary
    from service.web.present import EventCard
    from service.web.sources import SourceRow
    from service.web.times import Local

EVENTS_SHOWN = 5  # of each watchlist
_TROUBLES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Section:
    """A watchlist on the front page: its events of the week, or the receipt of its silence."""

    id: str
    title: str
    about: str
    events: tuple[EventCard, ...]
    more: str
    silence: str
    last: EventCard | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the narrow column."""

    words: str
    link: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Week:
    """What was read since the week began, and since when that is (None: nothing was read yet)."""

    totals: Totals
    began_at: datetime | None


def section(
    summary: WatchlistSummary, views: Sequence[EventView], matched: int, week: Week, local: Local
) -> Section:
    """Put a watchlist together from its events: those matched this week, or else the latest one.

    `matched` counts the events matched this week; when it is 0, `views` holds the latest event if any.
    """
    cards = tuple(event_card(view, local) for view in views)
    more = summary.events - len(cards)
    return Section(
        id=summary.id,
        title=summary.title,
        about=summary.about,
        events=cards if matched else (),
        more=f"all {many(summary.events, 'event')}" if more > 0 or not matched else "",
        silence="" if matched else silence(week, local),
        last=cards[0] if cards and not matched else None,
    )


def silence(week: Week, local: Local) -> str:
    """Say that nothing matched this week, and out of how much."""
    return still_watching(week.totals.entries, week.totals.feeds, week.began_at, local)


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence at the top: what is new, out of how much."""

    new: str
    rest: str


def headline(opened: Opened, day: Totals) -> Headline:
    """Say what the last 24 hours brought."""
    older = f" and {many(opened.held, 'older one')} found in what was there before" if opened.held else ""
    read = f"{many(day.entries, 'article')} read at {many(day.feeds, 'source')}"
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


def sources_panel(feeds: Sequence[Feed], local: Local) -> SourcesPanel:
    """Sum up the feeds for the narrow column."""
    troubled = [feed for feed in feeds if is_in_trouble(feed)]
    unread = sum(feed.status.value == "new" for feed in feeds)
    shown = tuple(source_row(feed, local) for feed in troubled[:_TROUBLES_SHOWN])
    return SourcesPanel(
        troubled=shown,
        more=len(troubled) - len(shown),
        healthy=len(feeds) - len(troubled) - unread,
        unread=unread,
    )


def alert_lines(counts: Mapping[str, int], lately_failed: Sequence[Delivery]) -> tuple[Line, ...]:
    """Sum up the deliveries for the narrow column: what waits, what failed this week, what was told."""
    waiting = sum(
        counts.get(state.value, 0)
        for state in (
            DeliveryState.PENDING,
            DeliveryState.CLAIMED,
            DeliveryState.SENDING,
            DeliveryState.AMBIGUOUS,
        )
    )
    held = counts.get(DeliveryState.HELD.value, 0)
    told = counts.get(DeliveryState.DELIVERED.value, 0) + counts.get(DeliveryState.COVERED.value, 0)
    failed = len(lately_failed)
    lines = (
        (failed, Line(f"{failed:,} failed this week", "/deliveries?show=failed", Tone.TROUBLE)),
        (waiting, Line(f"{waiting:,} waiting to be sent", "/deliveries?show=waiting")),
        (held, Line(f"{held:,} kept for a digest", "/deliveries?show=digest")),
        (told, Line(f"{told:,} delivered", "/deliveries?show=delivered", Tone.GOOD)),
    )
    shown = tuple(line for count, line in lines if count)
    return shown or (Line("No alert so far", "/deliveries"),)

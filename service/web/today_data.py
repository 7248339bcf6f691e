"""What the front page is made of, asked once for the page and for the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import DeliveryState
from service.web import front
from service.web.metrics import DAY
from service.web.spikes import latest_spikes
from service.web.week import week_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.domain import Feed, Spike
    from service.errors import Problem
    from service.store import EventView, HeldNow, Opened, WatchlistSummary
    from service.watchlists import Watchlist
    from service.web.times import Local
    from service.web.view import View


@dataclass(frozen=True, slots=True)
class TodayData:
    """What is new since a time, what was found this week by watchlist, and what needs a look.

    `looked` is when the visitor last looked, None where that is not known: `since` is a day ago then.
    `matched` counts the events of the week by watchlist, `views` are the latest of them. `failed` counts
    the deliveries of the week that were given up.
    """

    looked: datetime | None
    since: datetime
    opened: Opened
    changes: int
    entries: int
    week: front.Week
    watchlists: Sequence[WatchlistSummary]
    matched: Mapping[str, int]
    views: Mapping[str, Sequence[EventView]]
    spikes: Sequence[Spike]
    feeds: Sequence[Feed]
    files: Sequence[Watchlist]
    held: Sequence[HeldNow]
    deliveries: Mapping[str, int]
    failed: int
    problems: Sequence[Problem]

    def sections(self, local: Local) -> list[front.Section]:
        """Tell the watchlists, those with events first."""
        return front.in_order(
            front.section(one, self.views[one.id], self.matched.get(one.id, 0), self.week, local, self.looked)
            for one in self.watchlists
        )


def read_today(view: View, local: Local, looked: datetime | None) -> TodayData:
    """Ask for everything that the front page says to who last looked at a time."""
    store, reading, counts = view.store, view.store.reading, view.store.counts
    week_began = local.week_begins_at
    since, feeds, watchlists = looked or local.now - DAY, store.feeds.list_all(), reading.list_watchlists()
    return TodayData(
        looked=looked,
        since=since,
        opened=counts.count_opened_since(since),
        changes=counts.count_milestones_since(since),
        entries=counts.count_since(since).entries,
        week=week_of(store, local, feeds),
        watchlists=watchlists,
        matched=reading.count_events_matched_since(week_began),
        views=reading.list_events_matched_since(
            [one.id for one in watchlists], week_began, limit=front.EVENTS_WEIGHED
        ),
        spikes=latest_spikes(store, watchlists, since=local.now - DAY),
        feeds=feeds,
        files=view.watchlists(),
        held=counts.list_held(),
        deliveries=counts.count_deliveries(),
        failed=reading.count_listed(states=(DeliveryState.FAILED, DeliveryState.EXPIRED), since=week_began),
        problems=view.problems(),
    )

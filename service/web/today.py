"""The front page: what is new, by watchlist, and what needs a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.domain import DeliveryState
from service.web import front
from service.web.metrics import DAY
from service.web.spikes import spike_lines
from service.web.week import week_of

if TYPE_CHECKING:
    from service.store import WatchlistSummary
    from service.web.desk import Desk
    from service.web.times import Local


class Today:
    """The front page over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the address."""
        router = APIRouter()
        self._desk.show(router, "/", self.today)
        return router

    def today(self, request: Request) -> HTMLResponse:
        """Show what is new, by watchlist, and what needs a look."""
        local, reading = self._desk.local(request), self._view.store.reading
        week_began = local.week_begins_at
        feeds = self._view.store.feeds.list_all()
        week = week_of(self._view.store, local, feeds)
        watchlists = reading.list_watchlists()
        matched = reading.count_events_matched_since(week_began)
        failed = reading.list_deliveries(states=(DeliveryState.FAILED, DeliveryState.EXPIRED))
        return self._desk.page(
            request,
            "today.html",
            local=local,
            sections=front.in_order(
                self._section(one, matched.get(one.id, 0), week, local) for one in watchlists
            ),
            headline=front.headline(
                reading.count_opened_since(local.now - DAY),
                reading.count_since(local.now - DAY).entries,
                week.answered,
                week.sources,
            ),
            spikes=spike_lines(self._view.store, local, watchlists, since=local.now - DAY),
            panel=front.sources_panel(feeds, local),
            alerts=front.alert_lines(
                reading.count_deliveries(), [one for one in failed if one.created_at >= week_began]
            ),
            problems=self._view.problems(),
        )

    def _section(self, one: WatchlistSummary, matched: int, week: front.Week, local: Local) -> front.Section:
        reading = self._view.store.reading
        if matched:
            since, shown = local.week_begins_at, front.EVENTS_SHOWN
            views = reading.list_events_matched_since(one.id, since, limit=shown)
        else:
            views = reading.list_events(watchlist_id=one.id, limit=1)
        return front.section(one, views, matched, week, local)

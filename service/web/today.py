"""The front page: what is new, by watchlist, and what needs a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.domain import DeliveryState
from service.web import front
from service.web.looked import COOKIE, KEPT, look
from service.web.metrics import DAY
from service.web.spikes import spike_lines
from service.web.week import week_of

if TYPE_CHECKING:
    from service.web.desk import Desk


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
        """Show what is new since the visitor last looked, by watchlist, and what needs a look."""
        local, store = self._desk.local(request), self._view.store
        looked = look(request.cookies.get(COOKIE, ""), local.now)
        reading, week_began, since = store.reading, local.week_begins_at, looked.since or local.now - DAY
        feeds = store.feeds.list_all()
        week = week_of(store, local, feeds)
        watchlists = reading.list_watchlists()
        matched = reading.count_events_matched_since(week_began)
        views = reading.list_events_matched_since(
            [one.id for one in watchlists], week_began, limit=front.EVENTS_WEIGHED
        )
        failed = reading.list_deliveries(states=(DeliveryState.FAILED, DeliveryState.EXPIRED))
        page = self._desk.page(
            request,
            "today.html",
            local=local,
            sections=front.in_order(
                front.section(one, views[one.id], matched.get(one.id, 0), week, local, looked.since)
                for one in watchlists
            ),
            headline=front.headline(
                reading.count_opened_since(since),
                reading.count_milestones_since(since),
                reading.count_since(since).entries,
                week,
                local,
                looked.since,
            ),
            spikes=spike_lines(store, local, watchlists, since=local.now - DAY),
            panel=front.sources_panel(feeds, local),
            dates=front.due_dates(self._view.watchlists(), local),
            held=front.held_lines(reading.list_held(), local),
            alerts=front.alert_lines(
                reading.count_deliveries(), [one for one in failed if one.created_at >= week_began], local
            ),
            problems=self._view.problems(),
        )
        age = int(KEPT.total_seconds())
        page.set_cookie(COOKIE, looked.kept, max_age=age, httponly=True, samesite="lax")
        return page

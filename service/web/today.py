"""The front page: what is new, by watchlist, and what needs a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.web import front
from service.web.looked import COOKIE, KEPT, look
from service.web.spikes import spike_lines
from service.web.today_data import read_today

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
        local = self._desk.local(request)
        looked = look(request.cookies.get(COOKIE, ""), local.now)
        found = read_today(self._view, local, looked.since)
        page = self._desk.page(
            request,
            "today.html",
            local=local,
            sections=found.sections(local),
            headline=front.headline(
                found.opened, found.changes, found.entries, found.week, local, looked.since
            ),
            spikes=spike_lines(found.spikes, found.watchlists, local),
            panel=front.sources_panel(found.feeds, local),
            dates=front.due_dates(found.files, local),
            held=front.held_lines(found.held, local),
            alerts=front.alert_lines(found.deliveries, found.failed, local),
            problems=found.problems,
        )
        age = int(KEPT.total_seconds())
        page.set_cookie(COOKIE, looked.kept, max_age=age, httponly=True, samesite="lax")
        return page

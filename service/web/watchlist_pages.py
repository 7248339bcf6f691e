"""The pages of watchlists: all of them, and one with its volume, events, sources, terms and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.web import present, timeline
from service.web.drawing import draw_bars
from service.web.search_pages import nearly_row
from service.web.spikes import spike_lines
from service.web.times import find_moment
from service.web.visitor import Role
from service.web.watchlist_data import OneWatchlist, list_months

if TYPE_CHECKING:
    from service.web.desk import Desk
    from service.web.times import Local
    from service.web.watchlist_data import Month

_EVENTS_SHOWN = 20


class WatchlistPages:
    """The pages of watchlists over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/watchlists", self.watchlists)
        self._desk.show(router, "/watchlists/{watchlist_id}", self.watchlist)
        return router

    def watchlists(self, request: Request) -> HTMLResponse:
        """Show all watchlists in force, each with its volume of a month."""
        local = self._desk.local(request)
        return self._desk.page(
            request,
            "watchlists.html",
            local=local,
            can_edit=self._can_edit(request),
            rows=[self._row(one, local) for one in list_months(self._view, local)],
        )

    def _row(self, one: Month, local: Local) -> dict[str, object]:
        words = local.words
        said = words.count(sum(one.counts), "{number} report in 30 days", "{number} reports in 30 days")
        return {
            "id": one.summary.id,
            "title": one.summary.title,
            "about": one.summary.about,
            "bars": draw_bars(one.counts),
            "said": said,
            "events": words.count(one.matched, "{number} event this week", "{number} events this week"),
            "last": find_moment(one.last_at, local),
        }

    def watchlist(
        self, watchlist_id: str, request: Request, days: int = timeline.USUAL, page: int = 1
    ) -> HTMLResponse:
        """Show one watchlist: what it finds, when, by whom, and by which of its lines."""
        local = self._desk.local(request)
        one = OneWatchlist(self._view, watchlist_id, local)
        span = days if days in timeline.CHOICES else timeline.USUAL
        page = min(max(page, 1), 500)
        return self._desk.page(
            request,
            "watchlist.html",
            local=local,
            watchlist=one.summary,
            events=[
                present.event_card(view, local)
                for view in one.events(_EVENTS_SHOWN, _EVENTS_SHOWN * (page - 1))
            ],
            page_number=page,
            has_more=one.summary.events > _EVENTS_SHOWN * page,
            spikes=spike_lines(one.spikes(), [one.summary], local),
            volume=one.volume(span),
            most_counted=one.most_counted(span),
            days=span,
            choices=timeline.CHOICES,
            coverage=one.coverage(span),
            terms=one.terms(span),
            dates=timeline.date_rows(one.file, local),
            versions=timeline.version_rows(one.versions, local),
            can_edit=self._can_edit(request),
            silence=one.silence(),
            nearest=[nearly_row(near, local) for near in one.nearest()],
        )

    def _can_edit(self, request: Request) -> bool:
        return self._view.drafts is not None and self._desk.visitor(request).may(Role.EDITOR)

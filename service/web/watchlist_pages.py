"""The page of a watchlist: its events, its spikes, and what readers say of its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.errors import NotFound
from service.web import front, present
from service.web.spikes import spike_lines
from service.web.visitor import Role
from service.web.week import week_of

if TYPE_CHECKING:
    from service.web.desk import Desk

_EVENTS_SHOWN = 50


class WatchlistPages:
    """The pages of watchlists over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/watchlists/{watchlist_id}", self.watchlist)
        return router

    def watchlist(self, watchlist_id: str, request: Request) -> HTMLResponse:
        """Show the events of one watchlist."""
        local, store = self._desk.local(request), self._view.store
        summary = next((one for one in store.reading.list_watchlists() if one.id == watchlist_id), None)
        if summary is None:
            raise NotFound("There is no watchlist of this name in force.")
        views = store.reading.list_events(watchlist_id=watchlist_id, limit=_EVENTS_SHOWN, brief=True)
        return self._desk.page(
            request,
            "watchlist.html",
            local=local,
            watchlist=summary,
            events=[present.event_card(view, local) for view in views],
            spikes=spike_lines(store, local, [summary], watchlist_id=watchlist_id),
            terms=store.feedback.by_term(watchlist_id),
            can_edit=self._view.drafts is not None and self._desk.visitor(request).may(Role.EDITOR),
            silence=front.silence(week_of(store, local, store.feeds.list_all()), local),
        )

"""The page of the sources: how each feed is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.web import front, sources

if TYPE_CHECKING:
    from service.web.desk import Desk


class SourcePages:
    """The pages of sources over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/sources", self.sources)
        return router

    def sources(self, request: Request) -> HTMLResponse:
        """Show how each feed is doing."""
        local, store = self._desk.local(request), self._view.store
        feeds, pushes = store.feeds.list_all(), store.pushes.by_feed()
        rows = [(feed, sources.source_row(feed, local, pushes.get(feed.id))) for feed in feeds]
        return self._desk.page(
            request,
            "sources.html",
            local=local,
            panel=front.sources_panel(feeds, local),
            troubled=[row for feed, row in rows if sources.is_in_trouble(feed)],
            well=[row for feed, row in rows if not sources.is_in_trouble(feed)],
        )

"""The page of the sources: how each feed is doing; and one of each, with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from fastapi import Path as FromPath
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.web import front, one_source, sources
from service.web.source_data import BROUGHT_DAYS, list_sources, read_source
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.web.desk import Desk


_MOST_TYPED = 100
_Mark = Annotated[str, FromPath(pattern=r"^[0-9a-f]{12}$")]


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
        self._desk.show(router, "/sources/{mark}", self.source)
        return router

    def sources(self, request: Request) -> HTMLResponse:
        """Show how each feed is doing."""
        local = self._desk.local(request)
        asked = request.query_params.get("q", "").strip()[:_MOST_TYPED]
        listed = list_sources(self._view.store, local)
        rows = [(feed, sources.source_row(feed, local, push, brought)) for feed, push, brought in listed]
        chosen = [
            (feed, row)
            for feed, row in rows
            if sources.is_asked_for(asked, row, one_source.shown_address(feed), feed.source.packs)
        ]
        return self._desk.page(
            request,
            "sources.html",
            local=local,
            panel=front.sources_panel([feed for feed, _ in rows], local),
            can_add=self._view.adding is not None and self._desk.visitor(request).may(Role.EDITOR),
            days=BROUGHT_DAYS,
            asked=asked,
            troubled=[row for feed, row in chosen if sources.is_in_trouble(feed)],
            well=[row for feed, row in chosen if not sources.is_in_trouble(feed)],
        )

    def source(self, mark: _Mark, request: Request) -> HTMLResponse:
        """Show one source: how it does and why, how it is polled, what it brought and what that became."""
        local = self._desk.local(request)
        found = read_source(self._view, mark, local)
        feed = found.feed
        return self._desk.page(
            request,
            "source.html",
            local=local,
            source=sources.source_row(feed, local, found.push),
            is_in_trouble=sources.is_in_trouble(feed),
            address=one_source.shown_address(feed),
            polled=one_source.polled(feed, local),
            in_files=found.in_files,
            days=one_source.count_days(found.times, local),
            matched=found.matched,
            entries=one_source.shown_entries(found.entries, local),
            changes=one_source.shown_changes(found.changes, local),
        )

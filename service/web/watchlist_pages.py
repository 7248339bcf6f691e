"""The pages of watchlists: all of them, and one with its volume, events, sources, terms and versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.errors import NotFound
from service.web import front, present, timeline
from service.web.drawing import count_in_parts, draw_bars
from service.web.moved_lines import moved_lines
from service.web.spikes import spike_lines
from service.web.times import find_moment
from service.web.visitor import Role
from service.web.week import week_of

if TYPE_CHECKING:
    from service.store import WatchlistSummary
    from service.watchlists import Watchlist
    from service.web.desk import Desk
    from service.web.times import Local

_EVENTS_SHOWN = 20
_MONTH = 30
_SPIKES = 50


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
        local, reading = self._desk.local(request), self._view.store.reading
        matched = reading.count_events_matched_since(local.week_begins_at)
        return self._desk.page(
            request,
            "watchlists.html",
            local=local,
            can_edit=self._can_edit(request),
            rows=[self._row(one, matched.get(one.id, 0), local) for one in reading.list_watchlists()],
        )

    def _row(self, one: WatchlistSummary, matched: int, local: Local) -> dict[str, object]:
        since = local.now - timedelta(days=_MONTH)
        times = [seen.at for seen in self._view.store.timeline.list_seen(one.id, since)]
        counts = count_in_parts((at for at in times if at >= since), since, local.now, _MONTH)
        words = local.words
        return {
            "id": one.id,
            "title": one.title,
            "about": one.about,
            "bars": draw_bars(counts),
            "said": words.count(sum(counts), "{number} report in 30 days", "{number} reports in 30 days"),
            "events": words.count(matched, "{number} event this week", "{number} events this week"),
            "last": find_moment(max(times, default=None), local),
        }

    def watchlist(
        self, watchlist_id: str, request: Request, days: int = timeline.USUAL, page: int = 1
    ) -> HTMLResponse:
        """Show one watchlist: what it finds, when, by whom, and by which of its lines."""
        local, store = self._desk.local(request), self._view.store
        summary = next((one for one in store.reading.list_watchlists() if one.id == watchlist_id), None)
        if summary is None:
            raise NotFound("There is no watchlist of this name in force.")
        span = days if days in timeline.CHOICES else timeline.USUAL
        page = min(max(page, 1), 500)
        since = local.begin(span)
        seen = store.timeline.list_seen(watchlist_id, local.begin(max(span, timeline.LEAST)))
        file = self._find(watchlist_id)
        versions = store.versions.list_versions(f"{watchlist_id}.yaml")
        lines = moved_lines(versions, file.source.text) if file else None
        uses = store.timeline.count_terms(watchlist_id, since, lines) if lines else []
        marked = store.timeline.name_events(timeline.marked_events(one for one in seen if one.at >= since))
        spikes = store.spikes.list_spikes(since=since, watchlist_id=watchlist_id, limit=_SPIKES)
        views = store.reading.list_events(
            watchlist_id=watchlist_id, limit=_EVENTS_SHOWN, skip=_EVENTS_SHOWN * (page - 1), brief=True
        )
        return self._desk.page(
            request,
            "watchlist.html",
            local=local,
            watchlist=summary,
            events=[present.event_card(view, local) for view in views],
            page_number=page,
            has_more=summary.events > _EVENTS_SHOWN * page,
            spikes=spike_lines(store, local, [summary], watchlist_id=watchlist_id),
            chart=timeline.draw_chart(seen, spikes, file, marked, span, local),
            days=span,
            choices=timeline.CHOICES,
            coverage=timeline.coverage(seen, since),
            terms=timeline.term_rows(file, uses, store.feedback.by_term(watchlist_id, lines), local),
            dates=timeline.date_rows(file, local),
            versions=timeline.version_rows(versions, local),
            can_edit=self._can_edit(request),
            silence=front.silence(week_of(store, local, store.feeds.list_all()), local),
        )

    def _find(self, watchlist_id: str) -> Watchlist | None:
        return next((one for one in self._view.watchlists() if one.id == watchlist_id), None)

    def _can_edit(self, request: Request) -> bool:
        return self._view.drafts is not None and self._desk.visitor(request).may(Role.EDITOR)

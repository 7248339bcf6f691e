"""The routes. Each asks the store, lets the pure parts decide what that says, and fills a template.

Routes are plain functions: the framework runs them in its threads, so that the store never holds up the
loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi import Path as FromPath
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.domain import DeliveryState
from service.errors import NotFound
from service.web import front, ledger, phrases, present, sources, spikes
from service.web.metrics import DAY, make_registry, render_metrics
from service.web.templating import make_templates
from service.web.times import Local, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Feed
    from service.store import EventView, WatchlistSummary
    from service.web.view import View

_EVENTS_SHOWN = 50
_DELIVERIES_SHOWN = 100
_SPIKES_SHOWN = 5
_OTHERS_SHOWN = 30
_READ_ONLY = ["GET", "HEAD"]
_EventId = Annotated[str, FromPath(pattern=r"^[\w-]{1,100}$")]
_FAULTS = {
    404: "There is no such page. The event or watchlist may have been removed, or the address mistyped.",
    405: "This page can only be read.",
    500: "Something went wrong here. The service goes on; its log says what happened.",
}


class Pages:
    """All pages over one view."""

    def __init__(self, view: View) -> None:
        """Take the view; raises ZoneInfoNotFoundError for a zone nobody knows."""
        self._view = view
        self._zone = ZoneInfo(view.timezone)
        self._registry = make_registry(view)
        self._templates = make_templates()
        self._templates.globals["many"] = phrases.many

    def router(self) -> APIRouter:
        """Name the address of each page."""
        router = APIRouter()
        for path, page in (
            ("/", self.today),
            ("/watchlists/{watchlist_id}", self.watchlist),
            ("/events/{event_id}", self.event),
            ("/sources", self.sources),
            ("/deliveries", self.deliveries),
            ("/health", self.health),
            ("/metrics", self.metrics),
        ):
            router.add_api_route(path, page, methods=_READ_ONLY, response_model=None)
        return router

    def today(self) -> HTMLResponse:
        """Show what is new, by watchlist, and what needs a look."""
        local, reading = self._local(), self._view.store.reading
        week_began = local.week_begins_at
        feeds = self._view.store.feeds.list_all()
        week = self._week(local, feeds)
        watchlists = reading.list_watchlists()
        matched = reading.count_events_matched_since(week_began)
        failed = reading.list_deliveries(states=(DeliveryState.FAILED, DeliveryState.EXPIRED))
        return self._page(
            "today.html",
            local,
            sections=front.in_order(
                self._section(one, matched.get(one.id, 0), week, local) for one in watchlists
            ),
            headline=front.headline(
                reading.count_opened_since(local.now - DAY),
                reading.count_since(local.now - DAY).entries,
                week.answered,
                week.sources,
            ),
            spikes=self._spikes(local, watchlists, since=local.now - DAY),
            panel=front.sources_panel(feeds, local),
            alerts=front.alert_lines(
                reading.count_deliveries(), [one for one in failed if one.created_at >= week_began]
            ),
            problems=self._view.problems(),
        )

    def watchlist(self, watchlist_id: str) -> HTMLResponse:
        """Show the events of one watchlist."""
        local, reading = self._local(), self._view.store.reading
        summary = next((one for one in reading.list_watchlists() if one.id == watchlist_id), None)
        if summary is None:
            raise NotFound("There is no watchlist of this name in force.")
        views = reading.list_events(watchlist_id=watchlist_id, limit=_EVENTS_SHOWN)
        return self._page(
            "watchlist.html",
            local,
            watchlist=summary,
            events=[present.event_card(view, local) for view in views],
            spikes=self._spikes(local, [summary], watchlist_id=watchlist_id),
            terms=self._view.store.feedback.by_term(watchlist_id),
            silence=front.silence(self._week(local, self._view.store.feeds.list_all()), local),
        )

    def event(self, event_id: _EventId) -> HTMLResponse:
        """Show one event: its reports in order, and what was told of it."""
        local, reading = self._local(), self._view.store.reading
        view = reading.get_event(event_id)
        titles = {one.id: one.title for one in reading.list_watchlists()}
        watchlist_id = view.event.watchlist_id
        return self._page(
            "event.html",
            local,
            event=present.event_card(view, local),
            watchlist_id=watchlist_id if watchlist_id in titles else "",
            watchlist_title=titles.get(watchlist_id, watchlist_id),
            last_at=moment(view.event.last_report_at, local),
            milestones=present.changes_of(view, local),
            corrections=self._corrections(view) if self._view.correct else None,
            reports=[present.report_row(report, view, local) for report in view.reports],
            deliveries=[
                ledger.delivery_row(one, local, reading.list_attempts(one.id)) for one in view.deliveries
            ],
        )

    def _corrections(self, view: EventView) -> dict[str, object]:
        """Give what the forms that correct an event offer."""
        others = self._view.store.reading.list_events(
            watchlist_id=view.event.watchlist_id, limit=_OTHERS_SHOWN
        )
        return {
            "event_id": view.event.id,
            "title": view.event.title,
            "others": [(one.event.id, one.event.title) for one in others if one.event.id != view.event.id],
            "entries": [(one.entry.id, f"{one.entry.outlet}: {one.entry.title}") for one in view.reports],
        }

    def sources(self) -> HTMLResponse:
        """Show how each feed is doing."""
        local = self._local()
        feeds, pushes = self._view.store.feeds.list_all(), self._view.store.pushes.by_feed()
        rows = [(feed, sources.source_row(feed, local, pushes.get(feed.id))) for feed in feeds]
        return self._page(
            "sources.html",
            local,
            panel=front.sources_panel(feeds, local),
            troubled=[row for feed, row in rows if sources.is_in_trouble(feed)],
            well=[row for feed, row in rows if not sources.is_in_trouble(feed)],
        )

    def deliveries(self, show: str = "") -> HTMLResponse:
        """Show the ledger, or the part of it that `show` names."""
        local, reading = self._local(), self._view.store.reading
        parts = ledger.ledger_parts(reading.count_deliveries())
        part = next((one for one in parts if one.name == show), parts[0])
        found = reading.list_deliveries(states=part.states, limit=_DELIVERIES_SHOWN)
        rows = [ledger.delivery_row(one, local) for one in found]
        return self._page("deliveries.html", local, parts_of_ledger=parts, part=part, deliveries=rows)

    def health(self) -> JSONResponse:
        """Tell machines whether the service does its work: 200, or 503 with the reasons."""
        health = self._view.health()
        content = {"ok": health.ok, "checks": dict(health.checks), "sources": health.sources}
        return JSONResponse(content, status_code=200 if health.ok else 503)

    def metrics(self) -> Response:
        """Give figures to Prometheus."""
        return Response(render_metrics(self._registry), media_type=CONTENT_TYPE_LATEST)

    def fault(self, status: int, words: str = "") -> HTMLResponse:
        """Show what went wrong, and the way back."""
        general = _FAULTS.get(status, "This cannot be answered.")
        return self._page("fault.html", self._local(), status=status, words=words or general)

    def _local(self) -> Local:
        return Local(self._view.clock(), self._zone)

    def _week(self, local: Local, feeds: Sequence[Feed]) -> front.Week:
        reading = self._view.store.reading
        first, began = reading.first_read_at(), local.week_begins_at
        return front.Week(
            entries=reading.count_since(began).entries,
            answered=front.count_answered(feeds),
            sources=front.count_sources(feeds),
            began_at=None if first is None else max(first, began),
        )

    def _section(self, one: WatchlistSummary, matched: int, week: front.Week, local: Local) -> front.Section:
        reading = self._view.store.reading
        if matched:
            since, shown = local.week_begins_at, front.EVENTS_SHOWN
            views = reading.list_events_matched_since(one.id, since, limit=shown)
        else:
            views = reading.list_events(watchlist_id=one.id, limit=1)
        return front.section(one, views, matched, week, local)

    def _spikes(
        self,
        local: Local,
        watchlists: Sequence[WatchlistSummary],
        *,
        since: datetime | None = None,
        watchlist_id: str = "",
    ) -> list[spikes.SpikeLine]:
        found = self._view.store.spikes.list_spikes(
            since=since, watchlist_id=watchlist_id, limit=_SPIKES_SHOWN
        )
        titles = {one.id: one.title for one in watchlists}
        return [spikes.spike_line(one, titles, local) for one in found if one.watchlist_id in titles]

    def _page(self, template: str, local: Local, *, status: int = 200, **shown: object) -> HTMLResponse:
        text = self._templates.get_template(template).render(local=local, status=status, **shown)
        return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-cache"})

"""The page of an event: its reports in order, what changed, what was told, and the forms that correct it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as FromPath
from fastapi.responses import RedirectResponse, Response

from service.web import ledger, present
from service.web.citing import cite, write_bibtex, write_csl, write_ris
from service.web.insight import Insight, read_insight
from service.web.times import moment
from service.web.visitor import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.store import EventView, Report
    from service.web.desk import Desk

_MOVED = 308
_CITED = {
    "bib": (write_bibtex, "application/x-bibtex"),
    "ris": (write_ris, "application/x-research-info-systems"),
    "csl.json": (write_csl, "application/vnd.citationstyles.csl+json"),
}
_OTHERS_SHOWN = 30
_DELIVERIES_SHOWN = 20
_REPORTS_SHOWN = 100  # on one page
_Part = Annotated[int, Query(ge=1, le=10_000)]
_EventId = Annotated[str, FromPath(pattern=r"^[\w-]{1,100}$")]


class EventPages:
    """The pages of events over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        for ending in _CITED:
            self._desk.show(router, f"/events/{{event_id}}.{ending}", self._citer(ending))
        self._desk.show(router, "/events/{event_id}", self.event)
        return router

    def event(self, event_id: _EventId, request: Request, part: _Part = 1) -> Response:
        """Show one event: its reports in order, and what was told of it."""
        local, reading = self._desk.local(request), self._view.store.reading
        view = reading.get_event(event_id, most_told=_DELIVERIES_SHOWN)
        if view.event.id != event_id:  # it was merged into another
            return RedirectResponse(f"/events/{view.event.id}", status_code=_MOVED)
        titles = {one.id: one.title for one in reading.list_watchlists()}
        watchlist_id = view.event.watchlist_id
        shown = view.reports[(part - 1) * _REPORTS_SHOWN : part * _REPORTS_SHOWN]
        is_editor = self._desk.visitor(request).may(Role.EDITOR)
        insight = read_insight(view, local) if part == 1 else Insight()  # above the first part alone
        return self._desk.page(
            request,
            "event.html",
            local=local,
            event=present.event_card(view, local),
            watchlist_id=watchlist_id if watchlist_id in titles else "",
            watchlist_title=titles.get(watchlist_id, watchlist_id),
            last_at=moment(view.event.last_report_at, local),
            milestones=present.changes_of(view, local, insight.spread.numbers if insight.spread else None),
            insight=insight,
            cited=cite(view, self._desk.base_url(request), local.now),
            corrections=self._corrections(view, shown) if self._view.correct and is_editor else None,
            reports=[present.report_row(report, view, local) for report in shown],
            all_reports=len(view.reports),
            part=part,
            can_mute=is_editor,
            parts_of_reports=ceil(len(view.reports) / _REPORTS_SHOWN),
            more_deliveries=sum(one.number for one in view.tellings) - len(view.deliveries)
            if is_editor
            else 0,
            deliveries=[
                ledger.delivery_row(one, local, reading.list_attempts(one.id))
                for one in (view.deliveries if is_editor else ())
            ],
        )

    def _citer(self, ending: str) -> Callable[..., Response]:
        write, kind = _CITED[ending]

        def give(event_id: _EventId, request: Request) -> Response:
            view = self._view.store.reading.get_event(event_id)
            headers = {
                "Cache-Control": "private, no-store",
                "Content-Disposition": f'attachment; filename="avizor-{view.event.id}.{ending}"',
            }
            said = write(cite(view, self._desk.base_url(request), self._view.clock()))
            return Response(said, media_type=f"{kind}; charset=utf-8", headers=headers)

        return give

    def _corrections(self, view: EventView, shown: Sequence[Report]) -> dict[str, object]:
        """Give what the forms that correct an event offer: to split off, the reports that are shown."""
        others = self._view.store.reading.list_events(
            watchlist_id=view.event.watchlist_id, limit=_OTHERS_SHOWN, brief=True
        )
        return {
            "event_id": view.event.id,
            "title": view.event.title,
            "others": [(one.event.id, one.event.title) for one in others if one.event.id != view.event.id],
            "entries": [(one.entry.id, f"{one.entry.outlet}: {one.entry.title}") for one in shown],
        }

"""The API, under `/api/v1`, with its OpenAPI document: what the pages say, for programs.

Where visitors sign in, a program shows a token (`Authorization: Bearer …`) with the scope `read` or `write`;
a signed-in browser may read. Where nobody signs in, no token is needed; what changes something must say that
it is JSON, which no form of another site can.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi import Path as FromPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service.domain import DeliveryState, Mute
from service.errors import AvizorError, ExpressionError, NotFound
from service.match import parse_expression
from service.pipeline import Question, Searching
from service.store import END, Place, Scope
from service.web import api_models as out
from service.web.present import SOMEBODY
from service.web.visitor import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import Event
    from service.pipeline import Correcting
    from service.web.desk import Desk

PREFIX = "/api/v1"
_EventId = Annotated[str, FromPath(pattern=r"^[\w-]{1,100}$")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Cursor = Annotated[str, Query(max_length=200)]
_Name = Annotated[str, Query(max_length=100)]
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": out.Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 415, 422)
}
_TITLES = {
    400: "What was sent cannot be read.",
    401: "A token is needed.",
    403: "The token may not do this.",
    404: "There is no such thing.",
    405: "This cannot be done here.",
    409: "This cannot be done to things as they are.",
    415: "What changes something is sent as application/json.",
    422: "A value is not as it must be.",
}


def create_api(desk: Desk) -> FastAPI:
    """Make the API, to be mounted under its prefix."""
    app = FastAPI(
        title="Avizor",
        version="1",
        description="Events, reports, sources and deliveries of Avizor, and the acts that correct events.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
    )
    app.include_router(_Reading(desk).router())
    app.include_router(_Writing(desk).router())
    app.add_exception_handler(NotFound, lambda _, fault: _problem(404, _words(fault)))
    app.add_exception_handler(ExpressionError, lambda _, fault: _problem(422, str(fault)))
    app.add_exception_handler(AvizorError, lambda _, fault: _problem(409, _words(fault)))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    return app


def _problem(status: int, detail: str = "") -> JSONResponse:
    said = out.Problem(title=_TITLES.get(status, "This cannot be answered."), status=status, detail=detail)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None  # noqa: PLR2004 -- the status itself
    return JSONResponse(said.model_dump(), status, headers, media_type="application/problem+json")


def _words(fault: Exception) -> str:
    return str(fault)


def _invalid(_: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, RequestValidationError):
        return _problem(422)
    first = fault.errors()[0]
    is_no_json = first["type"] == "json_invalid"
    place = ".".join(str(part) for part in first["loc"])
    return _problem(400 if is_no_json else 422, f"{place}: {first['msg']}")


def _refused(_: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, HTTPException):
        return _problem(400)
    answer = _problem(fault.status_code, str(fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


def _needing(desk: Desk, scope: Scope) -> list[Any]:
    """Let in who shows a token with a scope, and, to read, who is signed in."""

    def check(request: Request) -> None:
        door = desk.door
        if scope is Scope.WRITE and not _is_json(request):
            raise HTTPException(415)
        if door.access is None:
            return
        token = door.bearer(request)
        if token is not None:
            if not token.scopes & {scope, Scope.WRITE}:
                raise HTTPException(403)
            return
        if scope is Scope.WRITE or not desk.visitor(request).may(Role.READER):
            raise HTTPException(401)

    return [Depends(check)]


def _is_json(request: Request) -> bool:
    if request.method == "DELETE":  # no form of another site can send one
        return True
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _cursor_of(at: datetime, event_id: str) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {event_id}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime, str]:
    try:
        said = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        at, _, event_id = said.partition(" ")
        moment = datetime.fromisoformat(at)
    except (ValueError, binascii.Error) as fault:
        raise HTTPException(422, "query.cursor: it is not one that was given here") from fault
    if moment.tzinfo is None or not event_id:
        raise HTTPException(422, "query.cursor: it is not one that was given here")
    return moment, event_id


class _Reading:
    """What can be asked."""

    def __init__(self, desk: Desk) -> None:
        self._store = desk.view.store
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(dependencies=_needing(self._desk, Scope.READ), responses=_PROBLEMS)
        for path, ask in (
            ("/watchlists", self.watchlists),
            ("/events", self.events),
            ("/events/{event_id}", self.event),
            ("/search", self.search),
            ("/sources", self.sources),
            ("/deliveries", self.deliveries),
            ("/spikes", self.spikes),
            ("/mutes", self.mutes),
        ):
            router.add_api_route(path, ask, methods=["GET"])
        return router

    def watchlists(self) -> list[out.WatchlistOut]:
        """List the watchlists in force."""
        return [out.WatchlistOut.of(one) for one in self._store.reading.list_watchlists()]

    def events(self, watchlist: _Name = "", limit: _Limit = 50, cursor: _Cursor = "") -> out.EventPage:
        """List events, the one last reported on first, of one watchlist or of all."""
        after = _read_cursor(cursor) if cursor else None
        views = self._store.reading.list_events(watchlist_id=watchlist, limit=limit + 1, after=after)
        shown = [view for view in views[:limit] if view.reports]
        more = len(views) > limit
        last = views[limit - 1].event if more else None
        return out.EventPage(
            items=[out.EventOut.of(view) for view in shown],
            next=None if last is None else _cursor_of(last.last_report_at, last.id),
        )

    def event(self, event_id: _EventId) -> out.WholeEvent:
        """Give one event with its reports."""
        view = self._store.reading.get_event(event_id)
        return out.WholeEvent(
            event=out.EventOut.of(view), reports=[out.ReportOut.of(one) for one in view.reports]
        )

    def search(
        self,
        q: Annotated[
            str, Query(min_length=1, max_length=2_000, description="In the language of watchlists.")
        ],
        limit: Annotated[int, Query(ge=1, le=100)] = 30,
        cursor: Annotated[int | None, Query(ge=0, lt=2**62)] = None,
    ) -> out.HitPage:
        """Search all stored articles, the newest first."""
        before = END if cursor is None else Place(cursor)
        found = Searching(self._store).ask(Question(parse_expression(q)), before, limit)
        return out.HitPage(
            items=[
                out.HitOut(
                    entry_id=hit.entry.id,
                    outlet=hit.entry.outlet,
                    country=hit.entry.country,
                    language=hit.entry.language,
                    title=hit.entry.title,
                    summary=hit.entry.summary,
                    url=hit.entry.url,
                    seen_at=hit.entry.first_seen_at,
                    events=[one.event_id for one in hit.events],
                    evidence=[out.EvidenceOut.of(one) for one in hit.evidence],
                )
                for hit in found.hits
            ],
            next=None if found.further is None else str(int(found.further)),
            is_cut=found.is_cut,
        )

    def sources(self) -> list[out.SourceOut]:
        """List the feeds that are polled."""
        return [out.SourceOut.of(feed) for feed in self._store.feeds.list_all()]

    def deliveries(
        self, state: DeliveryState | None = None, event: _Name = "", limit: _Limit = 50
    ) -> list[out.DeliveryOut]:
        """List what was or will be told, the latest planned first."""
        states = () if state is None else (state,)
        found = self._store.reading.list_deliveries(states=states, event_id=event, limit=limit)
        return [out.DeliveryOut.of(one) for one in found]

    def spikes(self, watchlist: _Name = "", limit: _Limit = 50) -> list[out.SpikeOut]:
        """List spikes, the latest first."""
        found = self._store.spikes.list_spikes(watchlist_id=watchlist, limit=limit)
        return [out.SpikeOut.of(one) for one in found]

    def mutes(self) -> list[out.MuteOut]:
        """List the mutes in force."""
        return [out.MuteOut.of(*one) for one in self._store.mutes.list_active(self._desk.view.clock())]


class _Writing:
    """What can be done."""

    def __init__(self, desk: Desk) -> None:
        self._store = desk.view.store
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(dependencies=_needing(self._desk, Scope.WRITE), responses=_PROBLEMS)
        router.add_api_route("/mutes", self.mute, methods=["POST"], status_code=201)
        router.add_api_route("/mutes/{number}", self.end_mute, methods=["DELETE"], status_code=204)
        if self._desk.view.correct is not None:
            correct = self._desk.view.correct
            for name, act in (("rename", self._rename), ("merge", self._merge), ("split", self._split)):
                router.add_api_route(f"/events/{{event_id}}/{name}", act(correct), methods=["POST"])
        return router

    def mute(self, wish: out.MuteIn, request: Request) -> out.MuteOut:
        """Keep silence about an event or a watchlist, for all readers."""
        if bool(wish.event_id) == bool(wish.watchlist_id):
            raise HTTPException(422, "body: name an event_id or a watchlist_id, and not both")
        known = {one.id for one in self._store.reading.list_watchlists()}
        if wish.watchlist_id and wish.watchlist_id not in known:
            raise NotFound("There is no watchlist of this name in force.")
        about = self._store.reading.get_event(wish.event_id).event.id if wish.event_id else ""
        now = self._desk.view.clock()
        until = now + timedelta(hours=wish.hours)
        mute = Mute("", about, wish.watchlist_id or "", until, by=self._by(request))
        self._store.mutes.add(mute, now)
        return next(
            out.MuteOut.of(number, one)
            for number, one in reversed(self._store.mutes.list_active(now))
            if (one.event_id, one.watchlist_id, one.until_at) == (mute.event_id, mute.watchlist_id, until)
        )

    def end_mute(self, number: Annotated[int, FromPath(ge=1, lt=2**31)]) -> None:
        """End a mute before its time."""
        if not self._store.mutes.end(number, self._desk.view.clock()):
            raise NotFound("There is no such mute in force.")

    def _rename(self, correct: Callable[[str], Correcting]) -> Callable[..., out.WholeEvent]:
        def rename(event_id: _EventId, wish: out.TitleIn, request: Request) -> out.WholeEvent:
            """Give an event another title."""
            return self._whole(correct(self._by(request)).rename(event_id, wish.title))

        return rename

    def _merge(self, correct: Callable[[str], Correcting]) -> Callable[..., out.WholeEvent]:
        def merge(event_id: _EventId, wish: out.OtherIn, request: Request) -> out.WholeEvent:
            """Make the reports of another event part of this one."""
            return self._whole(correct(self._by(request)).merge(event_id, wish.event_id))

        return merge

    def _split(self, correct: Callable[[str], Correcting]) -> Callable[..., out.WholeEvent]:
        def split(event_id: _EventId, wish: out.EntriesIn, request: Request) -> out.WholeEvent:
            """Make some reports of an event an event of their own."""
            return self._whole(correct(self._by(request)).split(event_id, wish.entries))

        return split

    def _whole(self, event: Event) -> out.WholeEvent:
        return _Reading(self._desk).event(event.id)

    def _by(self, request: Request) -> str:
        token = self._desk.door.bearer(request) if self._desk.door.access is not None else None
        return f"the token {token.name}" if token is not None else SOMEBODY

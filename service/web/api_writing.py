"""What the API can do: correct events, and keep silence about some."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from fastapi import Path as FromPath
from starlette.exceptions import HTTPException

from service.domain import Mute
from service.errors import NotFound
from service.store import Scope
from service.web import api_models as out
from service.web.api_gate import PROBLEMS, needing
from service.web.api_reading import EventId, Reading
from service.web.api_whole_event import WholeEvent  # noqa: TC001 -- the framework reads it from the annotations
from service.web.muting import titles_of
from service.web.present import SOMEBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import Event
    from service.pipeline import Correcting
    from service.web.desk import Desk


class Writing:
    """What can be done."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._store = desk.view.store
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter(dependencies=needing(self._desk, Scope.WRITE), responses=PROBLEMS)
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
        ends = now + timedelta(hours=wish.hours)
        mute = Mute("", about, wish.watchlist_id or "", ends, by=self._by(request))
        number = self._store.mutes.add(mute, now)
        return out.MuteOut.of(number, mute, titles_of(self._store, [mute]))

    def end_mute(self, number: Annotated[int, FromPath(ge=1, lt=2**31)]) -> None:
        """End a mute before its time."""
        if not self._store.mutes.end(number, self._desk.view.clock()):
            raise NotFound("There is no such mute in force.")

    def _rename(self, correct: Callable[[str], Correcting]) -> Callable[..., WholeEvent]:
        def rename(event_id: EventId, wish: out.TitleIn, request: Request) -> WholeEvent:
            """Give an event another title."""
            return self._whole(correct(self._by(request)).rename(event_id, wish.title), request)

        return rename

    def _merge(self, correct: Callable[[str], Correcting]) -> Callable[..., WholeEvent]:
        def merge(event_id: EventId, wish: out.OtherIn, request: Request) -> WholeEvent:
            """Make the reports of another event part of this one."""
            return self._whole(correct(self._by(request)).merge(event_id, wish.event_id), request)

        return merge

    def _split(self, correct: Callable[[str], Correcting]) -> Callable[..., WholeEvent]:
        def split(event_id: EventId, wish: out.EntriesIn, request: Request) -> WholeEvent:
            """Make some reports of an event an event of their own."""
            return self._whole(correct(self._by(request)).split(event_id, wish.entries), request)

        return split

    def _whole(self, event: Event, request: Request) -> WholeEvent:
        return Reading(self._desk).event(event.id, request)

    def _by(self, request: Request) -> str:
        token = self._desk.door.bearer(request) if self._desk.door.access is not None else None
        return f"the token {token.name}" if token is not None else SOMEBODY

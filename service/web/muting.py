"""Silence for all readers: about an event or a watchlist, until a time, in the name of who asked for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.domain import Mute
from service.errors import NotFound
from service.web.forms import one_of
from service.web.present import SOMEBODY
from service.web.times import moment
from service.web.visitor import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.store import Store
    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.times import Local

_DAYS = {"1": 1, "7": 7, "30": 30}
_SEE_OTHER = 303
_DIGITS = 9
OVER_SHOWN = 20


class Muting:
    """The pages of mutes over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._store = desk.view.store

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/mutes", self.mutes, Role.EDITOR)
        self._desk.take(router, "/mutes/end", self.end, Role.EDITOR)
        self._desk.take(router, "/events/{event_id}/mute", self.mute, Role.EDITOR)
        return router

    def mutes(self, request: Request) -> HTMLResponse:
        """List the mutes in force, the one that ends first at the top, and the last ones that are over."""
        local, mutes = self._desk.local(request), self._store.mutes
        active, over = mutes.list_active(local.now), mutes.list_over(local.now, OVER_SHOWN)
        titles = titles_of(self._store, [*(mute for _, mute in active), *over])
        return self._desk.page(
            request,
            "mutes.html",
            local=local,
            rows=[_row(mute, titles, local) | {"number": number} for number, mute in active],
            over=[_row(mute, titles, local) for mute in over],
        )

    def mute(self, request: Request, fields: Fields) -> Response:
        """Keep silence about an event, or about all of its watchlist."""
        event = self._store.reading.get_event(request.path_params["event_id"]).event
        days = _DAYS.get(one_of(fields, "days"))
        if days is None:
            raise NotFound("There is no such span of silence.")
        now = self._desk.view.clock()
        is_watchlist = one_of(fields, "about") == "watchlist"
        mute = Mute(
            "",
            "" if is_watchlist else event.id,
            event.watchlist_id if is_watchlist else "",
            now + timedelta(days=days),
            by=self._desk.visitor(request).name or SOMEBODY,
        )
        self._store.mutes.add(mute, now)
        return RedirectResponse("/mutes", status_code=_SEE_OTHER)

    def end(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002 -- the shape of forms
        """End a mute before its time."""
        text = one_of(fields, "number")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
        if not self._store.mutes.end(number, self._desk.view.clock()):
            raise NotFound("There is no such mute in force.")
        return RedirectResponse("/mutes", status_code=_SEE_OTHER)


def titles_of(store: Store, mutes: Iterable[Mute]) -> dict[str, str]:
    """Give the titles of watchlists, and of the events that mutes are about, by id."""
    watchlists = {one.id: one.title for one in store.reading.list_titles()}
    events = store.timeline.name_events([mute.event_id for mute in mutes if mute.event_id])
    return {**watchlists, **events}


def _row(mute: Mute, titles: Mapping[str, str], local: Local) -> dict[str, object]:
    about = mute.event_id or mute.watchlist_id
    return {
        "link": f"/events/{about}" if mute.event_id else f"/watchlists/{about}",
        "title": titles.get(about, about),
        "is_event": bool(mute.event_id),
        "is_for_all": not mute.subject,
        "until": moment(mute.until_at, local),
        "by": local.words.say(mute.by) if mute.by == SOMEBODY else mute.by,
    }

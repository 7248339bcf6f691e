"""The feeds that other programs read: events of one watchlist or of all, dates, and the sources.

Whether one has changed its ETag alone says. A time could not: what was stored under an earlier time may be
seen later, and who asks for what came since would never get it. Where visitors sign in, a feed reader shows a
token with the scope `feeds` in the address: it sends no head. One may be good for some watchlists alone.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from service.errors import NotFound
from service.store import Scope
from service.text import hide_keys
from service.web.api_gate import may_see_keys
from service.web.outgoing.atom import write_atom
from service.web.outgoing.dates import write_calendar
from service.web.outgoing.items import Channel, clean, make_item, name_of
from service.web.outgoing.json_feed import write_json_feed
from service.web.outgoing.opml import write_opml
from service.web.quota import Cost
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.store import WatchlistSummary
    from service.web.desk import Desk

_ITEMS = 50
_KEPT = "private, max-age=300"
_NO_TOKEN, _NOT_ALLOWED, _NOT_MODIFIED = 401, 403, 304
_OF_OTHERS = "This token reads the feeds of these watchlists alone: {}.\n"
_GET = ["GET", "HEAD"]


class FeedsOut:
    """The outgoing feeds over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        for path, page in (
            ("/events.atom", self.atom),
            ("/events.json", self.json_feed),
            ("/dates.ics", self.calendar),
            ("/watchlists/{watchlist_id}/events.atom", self.atom),
            ("/watchlists/{watchlist_id}/events.json", self.json_feed),
            ("/watchlists/{watchlist_id}/dates.ics", self.calendar),
            ("/sources.opml", self.opml),
        ):
            router.add_api_route(path, page, methods=_GET, response_model=None)
        return router

    def atom(self, request: Request, token: str = "", watchlist_id: str = "") -> Response:
        """Give events as Atom."""
        if refused := self._refused(request, token, watchlist_id):
            return refused
        return _answer(request, write_atom(self._channel(request, watchlist_id)), "application/atom+xml")

    def json_feed(self, request: Request, token: str = "", watchlist_id: str = "") -> Response:
        """Give events as JSON Feed."""
        if refused := self._refused(request, token, watchlist_id):
            return refused
        body = JSONResponse(write_json_feed(self._channel(request, watchlist_id))).body
        return _answer(request, bytes(body), "application/feed+json")

    def calendar(self, request: Request, token: str = "", watchlist_id: str = "") -> Response:
        """Give what is due, and events, as a calendar."""
        if refused := self._refused(request, token, watchlist_id):
            return refused
        channel = self._channel(request, watchlist_id)
        watchlists = [one for one in self._view.watchlists() if watchlist_id in ("", one.id)]
        return _answer(request, write_calendar(channel.title, watchlists, channel.items), "text/calendar")

    def opml(self, request: Request, token: str = "") -> Response:
        """Give the sources as OPML."""
        if refused := self._refused(request, token):
            return refused
        sources = [feed.source for feed in self._view.store.feeds.list_all()]
        if not may_see_keys(self._desk, request, token):  # what has a key in it is nobody else's
            sources = [one for one in sources if hide_keys(one.url) == one.url]
        return _answer(request, write_opml(sources, "Avizor"), "text/x-opml")

    def _refused(self, request: Request, token: str, watchlist_id: str = "") -> Response | None:
        door = self._desk.door
        if self._desk.visitor(request).may(Role.READER):
            door.charge(request, Cost.PAGE)
            return None
        shown = door.token(request, token) if token else door.bearer(request)
        if shown is not None and (shown.may(Scope.FEEDS) or shown.may(Scope.READ)):
            door.charge(request, Cost.PAGE, shown)
            if shown.watchlists and watchlist_id not in shown.watchlists:
                return PlainTextResponse(_OF_OTHERS.format(", ".join(sorted(shown.watchlists))), _NOT_ALLOWED)
            return None
        return Response(status_code=_NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})

    def _channel(self, request: Request, watchlist_id: str) -> Channel:
        words, reading = self._desk.local(request).words, self._view.store.reading
        known = {one.id: one for one in reading.list_watchlists()}
        if watchlist_id and watchlist_id not in known:
            raise NotFound("There is no watchlist of this name in force.")
        base = self._desk.base_url(request)
        views = reading.list_events(watchlist_id=watchlist_id, limit=_ITEMS, brief=True)
        one: WatchlistSummary | None = known.get(watchlist_id)
        return Channel(
            id=name_of("events", watchlist_id),
            title=clean(f"{one.title} · Avizor") if one is not None else "Avizor",
            about=clean(one.about) if one is not None else "",
            self_link=f"{base}{request.url.path}",
            page=f"{base}/watchlists/{watchlist_id}" if watchlist_id else f"{base}/",
            items=tuple(
                make_item(view, base, known[view.event.watchlist_id].title, words)
                for view in views
                if view.event.watchlist_id in known and view.reports
            ),
        )


def _answer(request: Request, body: bytes, kind: str) -> Response:
    """Give a document, or say that it has not changed since the reader had it."""
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": _KEPT, "Vary": "Accept-Language, Authorization, Cookie"}
    asked = request.headers.get("if-none-match", "")
    if "*" in {part.strip() for part in asked.split(",")} or tag in asked:
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    return Response(body, media_type=f"{kind}; charset=utf-8", headers=headers)

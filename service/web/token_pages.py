"""The page of the tokens by which machines ask: made, shown once, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import NotFound, Refused
from service.store import Scope
from service.web.forms import one_of
from service.web.visitor import Role
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.web.desk import Desk
    from service.web.forms import Fields

_SEE_OTHER, _BAD, _CONFLICT = 303, 400, 409
_SCOPES = {
    Scope.READ: later("read what the pages show, as data"),
    Scope.WRITE: later("change what an editor may change"),
    Scope.FEEDS: later("read private feeds"),
    Scope.METRICS: later("read the figures of the service"),
}
_MOST_NAME = 100
_TAKEN = later("Give it a name that no other token has.")
_NO_SCOPE = later("Tick what it may do.")
_FEEDS_ALONE = later("A token for some watchlists can only read private feeds: tick nothing else.")


class TokenPages:
    """The page of tokens over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/tokens", self.tokens, Role.OPERATOR)
        self._desk.take(router, "/tokens", self._add, Role.OPERATOR)
        self._desk.take(router, "/tokens/remove", self._remove, Role.OPERATOR)
        return router

    def tokens(self, request: Request) -> HTMLResponse:
        """Show the tokens there are, and the form for a new one."""
        return self._page(request)

    def _page(
        self,
        request: Request,
        *,
        status: int = 200,
        text: str = "",
        fault: str = "",
        name: str = "",
        only: Sequence[str] = (),
        addresses: Sequence[str] = (),
    ) -> HTMLResponse:
        local = self._desk.local(request)
        titles = {one.id: one.title for one in self._view.store.reading.list_titles()}
        answer = self._desk.page(
            request,
            "tokens.html",
            status=status,
            local=local,
            tokens=[
                (
                    one.name,
                    sorted(one.scopes),
                    [titles.get(watchlist, watchlist) for watchlist in sorted(one.watchlists)],
                    local.words.say_date(one.at.astimezone(local.zone)),
                    local.words.say_date(one.used_at.astimezone(local.zone)) if one.used_at else "",
                )
                for one in self._view.store.accounts.list_tokens()
            ],
            scopes=[(scope.value, local.words.say(words)) for scope, words in _SCOPES.items()],
            watchlists=list(titles.items()),
            only=only,
            addresses=addresses,
            text=text,
            fault=fault,
            name=name,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _add(self, request: Request, fields: Fields) -> Response:
        name, words = one_of(fields, "name").strip(), self._desk.local(request).words
        scopes = [scope for scope in Scope if scope.value in fields.get("scope", ())]
        if not name.isprintable() or not 0 < len(name) <= _MOST_NAME:
            return self._page(request, status=_BAD, fault=words.say(_TAKEN), name="")
        if not scopes:
            return self._page(request, status=_BAD, fault=words.say(_NO_SCOPE), name=name)
        known = {one.id for one in self._view.store.reading.list_titles()}
        only = [one for one in fields.get("watchlist", ()) if one in known]
        if only and scopes != [Scope.FEEDS]:
            return self._page(request, status=_BAD, fault=words.say(_FEEDS_ALONE), name=name, only=only)
        try:
            text = self._view.store.accounts.add_token(name, scopes, self._view.clock(), watchlists=only)
        except Refused:
            return self._page(request, status=_CONFLICT, fault=words.say(_TAKEN), name=name)
        base, folders = self._desk.base_url(request), [f"/watchlists/{one}" for one in only] or [""]
        addresses = [f"{base}{folder}/events.atom?token={text}" for folder in folders]
        return self._page(request, text=text, name=name, addresses=addresses if Scope.FEEDS in scopes else ())

    def _remove(self, request: Request, fields: Fields) -> Response:
        try:
            self._view.store.accounts.remove_token(one_of(fields, "name"))
        except NotFound:
            return self._desk.fault(request, 404)
        return RedirectResponse("/tokens", _SEE_OTHER)

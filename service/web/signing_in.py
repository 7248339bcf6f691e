"""Sign in and out: by a secret, or at a provider."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import AvizorError, Refused
from service.web.forms import one_of, place_of
from service.web.provider import BACK, WITHIN, SigningInThere, Started
from service.web.visitor import Role

if TYPE_CHECKING:
    from datetime import timedelta

    from service.web.access import Access
    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.provider import Arrived

_Thing = TypeVar("_Thing")

log = logging.getLogger("avizor")

_NOT_BEGUN, _AGAIN = "this browser began none", "this one has been used before"
_MOST_NAME, _MOST_SECRET = 80, 500
_SEE_OTHER, _WRONG, _TOO_MANY = 303, 403, 429


class SigningIn:
    """The pages by which people sign in and out."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        provider = desk.view.access.provider if desk.view.access else None
        self._there = SigningInThere(provider) if provider else None

    def router(self) -> APIRouter:
        """Name the addresses; none where nobody signs in."""
        router, access = APIRouter(), self._desk.door.access
        if access is not None:
            self._desk.show(router, "/sign-in", self.ask, Role.NOBODY)
            self._desk.take(router, "/sign-in", lambda *form: self._sign_in(access, *form), Role.NOBODY)
            self._desk.take(router, "/sign-out", self._sign_out, Role.NOBODY)
        if self._there is not None:
            router.add_api_route("/sign-in/there", self.begin_there, methods=["GET"], response_model=None)
            router.add_api_route(BACK, self.come_back, methods=["GET"], response_model=None)
        return router

    def ask(self, request: Request, next: str = "/", failed: str = "") -> HTMLResponse:  # noqa: A002 -- the name in the address
        """Ask who it is; after a sign-in elsewhere that failed, say so."""
        return self._page(request, next, has_failed_there=failed == "there")

    def _page(
        self,
        request: Request,
        onwards: str,
        *,
        fault: str = "",
        name: str = "",
        status: int = 200,
        has_failed_there: bool = False,
    ) -> HTMLResponse:
        onwards = own_path(onwards)
        return self._desk.page(
            request,
            "sign-in.html",
            status=status,
            onwards=onwards,
            fault=fault,
            name=name,
            there=self._there.host if self._there else "",
            has_failed_there=has_failed_there,
        )

    def _sign_in(self, access: Access, request: Request, fields: Fields) -> Response:
        words, door = self._desk.local(request).words, self._desk.door
        name, secret = one_of(fields, "name").strip()[:_MOST_NAME], one_of(fields, "secret")[:_MOST_SECRET]
        onwards, place = one_of(fields, "next"), place_of(request)
        if wait := door.begin_attempt(place):
            return self._too_many(request, wait, onwards, name)
        person = self._desk.view.store.accounts.find_person(name, secret) if name.isprintable() else None
        is_operator = access.is_operator(secret)
        if not name or not name.isprintable() or not (person or is_operator):
            fault = words.say("Name and secret do not belong together. Ask the operator for a secret.")
            return self._page(request, onwards, fault=fault, name=name, status=_WRONG)
        door.forgive_attempt(place)
        answer = RedirectResponse(own_path(onwards), status_code=_SEE_OTHER)
        if is_operator or person is None:
            door.enter(request, answer, name, Role.OPERATOR, ground=door.secret_ground)
        else:
            door.enter(request, answer, name, Role[person.role])
        return answer

    def _too_many(self, request: Request, wait: timedelta, onwards: str, name: str = "") -> HTMLResponse:
        fault = self._desk.local(request).words.say(
            "Too many tries from your network. Try again in {span}.", span=_say_wait(wait)
        )
        answer = self._page(request, onwards, fault=fault, name=name, status=_TOO_MANY)
        answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return answer

    def _sign_out(self, request: Request, _: Fields) -> Response:
        answer = RedirectResponse("/sign-in", status_code=_SEE_OTHER)
        self._desk.door.leave(request, answer)
        return answer

    # -------------------------------------------------------------------------------- at a provider

    async def begin_there(self, next: str = "/") -> Response:  # noqa: A002 -- the same
        """Send somebody to the provider; nothing is kept here, but by their browser."""
        there, access = self._known(self._there), self._known(self._desk.door.access)
        started = Started.now(self._desk.view.clock(), own_path(next))
        try:
            address = await there.address(started)
        except AvizorError as fault:
            return self._failed(fault, next)
        answer = RedirectResponse(address, _SEE_OTHER, headers={"Cache-Control": "no-store"})
        self._desk.door.keep(answer, access.begun_cookie, started.written(), int(WITHIN.total_seconds()))
        return answer

    async def come_back(self, request: Request) -> Response:
        """Take in who comes back from the provider."""
        there, access = self._known(self._there), self._known(self._desk.door.access)
        if wait := await run_in_threadpool(self._desk.door.begin_attempt, place_of(request)):
            return self._failed(Refused(f"too many tries from one place; {_say_wait(wait)} to wait"), "/")
        started = Started.read(request.cookies.get(access.begun_cookie, ""))
        if started is None:
            return self._failed(Refused(_NOT_BEGUN), "/")
        try:
            person = await there.person(started, dict(request.query_params), self._desk.view.clock())
        except AvizorError as fault:
            return self._failed(fault, started.onwards)
        return await run_in_threadpool(self._arrived, request, started, person)

    def _arrived(self, request: Request, started: Started, person: Arrived) -> Response:
        door, access = self._desk.door, self._known(self._desk.door.access)
        answer = RedirectResponse(own_path(started.onwards), _SEE_OTHER)
        ground = door.provider_ground
        if not door.enter(request, answer, person.name, person.role, ground=ground, by=started.seed):
            return self._failed(Refused(_AGAIN), started.onwards)
        door.forgive_attempt(place_of(request))
        door.drop(answer, access.begun_cookie)
        return answer

    def _failed(self, fault: AvizorError, onwards: str) -> Response:
        """Lead back to the beginning: the address that one came back by holds what is nobody's business."""
        log.warning("a sign-in at the provider failed: %s", fault)
        address = f"/sign-in?{urlencode({'failed': 'there', 'next': own_path(onwards)})}"
        answer = RedirectResponse(address, _SEE_OTHER)
        self._desk.door.drop(answer, self._known(self._desk.door.access).begun_cookie)
        return answer

    def _known(self, thing: _Thing | None) -> _Thing:
        if thing is None:
            raise RuntimeError("these pages are there only where there is a provider")
        return thing


def own_path(text: str) -> str:
    """Give a path of these pages to go on to; the front page for anything that could lead elsewhere."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    is_ours = text.startswith("/") and not text.startswith("//") and not parts.netloc and not parts.scheme
    return text if is_ours and text.isprintable() and "\\" not in text else "/"


def _say_wait(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60 + 1} min"  # noqa: PLR2004 -- a minute

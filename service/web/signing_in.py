"""Sign in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.store.accounts import LONGEST
from service.web.forms import one_of, place_of
from service.web.visitor import Role

if TYPE_CHECKING:
    from datetime import timedelta

    from service.web.access import Access
    from service.web.desk import Desk
    from service.web.forms import Fields

_MOST_NAME, _MOST_SECRET = 80, 500
_SEE_OTHER, _WRONG, _TOO_MANY = 303, 403, 429


class SigningIn:
    """The pages by which people sign in and out."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses; none where nobody signs in."""
        router, access = APIRouter(), self._desk.door.access
        if access is not None:
            self._desk.show(router, "/sign-in", self.ask, Role.NOBODY)
            self._desk.take(router, "/sign-in", lambda *form: self._sign_in(access, *form), Role.NOBODY)
            self._desk.take(
                router, "/sign-out", lambda request, _: self._sign_out(access, request), Role.NOBODY
            )
        return router

    def ask(self, request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 -- the name in the address
        """Ask who it is."""
        return self._page(request, next)

    def _page(
        self, request: Request, onwards: str, *, fault: str = "", name: str = "", status: int = 200
    ) -> HTMLResponse:
        onwards = own_path(onwards)
        return self._desk.page(
            request, "sign-in.html", status=status, onwards=onwards, fault=fault, name=name
        )

    def _sign_in(self, access: Access, request: Request, fields: Fields) -> Response:
        words, now = self._desk.local(request).words, self._desk.view.clock()
        name, secret = one_of(fields, "name").strip()[:_MOST_NAME], one_of(fields, "secret")[:_MOST_SECRET]
        onwards, tries, place = one_of(fields, "next"), self._desk.door.tries, place_of(request)
        if wait := tries.wait(place, now):
            fault = words.say("Too many tries from your network. Try again in {span}.", span=_say_wait(wait))
            return self._page(request, onwards, fault=fault, name=name, status=_TOO_MANY)
        accounts = self._desk.view.store.accounts
        person = accounts.find_person(name, secret)
        is_operator = access.is_operator(secret)
        if not name or not (person or is_operator):
            tries.note(place, now, was_right=False)
            fault = words.say("Name and secret do not belong together. Ask the operator for a secret.")
            return self._page(request, onwards, fault=fault, name=name, status=_WRONG)
        tries.note(place, now, was_right=True)
        role = Role.OPERATOR.name if is_operator or person is None else person.role
        kept = accounts.open_session(name, role, now, is_person=person is not None and not is_operator)
        answer = RedirectResponse(own_path(onwards), status_code=_SEE_OTHER)
        answer.set_cookie(
            access.cookie,
            kept,
            max_age=int(LONGEST.total_seconds()),
            secure=access.is_secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _sign_out(self, access: Access, request: Request) -> Response:
        kept = request.cookies.get(access.cookie, "")
        if kept:
            self._desk.view.store.accounts.end_session(kept)
        answer = RedirectResponse("/sign-in", status_code=_SEE_OTHER)
        answer.delete_cookie(access.cookie, secure=access.is_secure, httponly=True, samesite="lax")
        return answer


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

"""What the pages of the desk share: visitor, language, time, templates, forms, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Request  # noqa: TC002 -- the framework reads it from the annotations
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Depends
from fastapi.responses import HTMLResponse, Response

from service.web.access import Doorkeeper
from service.web.forms import MOST_BYTES, is_ours, read_body
from service.web.languages import LANGUAGE_COOKIE, language_of, page_in, picked_language
from service.web.quota import Cost
from service.web.templating import make_templates
from service.web.times import Local
from service.web.uploads import read_parts
from service.web.visitor import Role
from service.wording import LANGUAGES, later, retell, wording_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import APIRouter

    from service.web.forms import Fields
    from service.web.view import View
    from service.web.visitor import Visitor

_KEPT_SECONDS = 365 * 24 * 3_600
_READ_ONLY = ["GET", "HEAD"]
_FOREIGN, _MISSING, _TOO_LARGE, _TOO_MANY = 403, 404, 413, 429
_FAULTS = {
    _MISSING: later(
        "There is no such page. The event or watchlist may have been removed, or the address mistyped."
    ),
    _FOREIGN: later("You may not do this. Ask the operator for an account that may."),
    405: later("This page can only be read."),
    _TOO_LARGE: later("That is more than any form of ours holds."),
    _TOO_MANY: later("That was much in a short time. Try again in a minute."),
    500: later("Something went wrong here. The service goes on; its log says what happened."),
}
_FOREIGN_WORDS = later("This form did not come from a page of this service. Open its page and try again.")
_OTHERWISE = later("This cannot be answered.")


class NotAllowed(Exception):
    """A visitor has not the role that a page needs."""


class Desk:
    """Makes the pages of the desk over one view.

    Every page is a method that takes the request. It is added by `show` with the role that may see it; a form
    by `take` with the role that may send it; each with what it costs of a visitor's quota.
    """

    def __init__(self, view: View) -> None:
        """Take the view; raises ZoneInfoNotFoundError for a zone nobody knows."""
        self.view = view
        self._zone = ZoneInfo(view.timezone)
        self._templates = make_templates()
        self.door = Doorkeeper(view.store, view.access, view.clock)

    def visitor(self, request: Request) -> Visitor:
        """Give who looks."""
        return self.door.visitor(request)

    def base_url(self, request: Request) -> str:
        """Give the address that links for other programs begin with: the one set, else the one asked for.

        A name that is not ours is not answered at all, so that nobody can make it theirs.
        """
        return self.view.base_url or str(request.base_url).rstrip("/")

    def local(self, request: Request) -> Local:
        """Give where, when and in which language a page is read."""
        is_editor = self.visitor(request).may(Role.EDITOR)
        return Local(self.view.clock(), self._zone, wording_for(language_of(request)), is_editor)

    def show(
        self,
        router: APIRouter,
        path: str,
        page: Callable[..., Response],
        role: Role = Role.READER,
        cost: Cost = Cost.PAGE,
    ) -> None:
        """Add a page that changes nothing, for visitors who have a role."""
        router.add_api_route(
            path, page, methods=_READ_ONLY, response_model=None, dependencies=self._needing(role, cost)
        )

    def take(
        self,
        router: APIRouter,
        path: str,
        keep: Callable[[Request, Fields], Response],
        role: Role,
        *,
        cost: Cost = Cost.PAGE,
        most: int = MOST_BYTES,
        has_files: bool = False,
    ) -> None:
        """Add a form for visitors who have a role; it must have stood on a page of ours.

        `keep` runs in a thread; what stands in the address is in `request.path_params`. A form of more than
        `most` bytes is refused. One that `has_files` may hold bytes that are no text (`bytes_of`).
        """
        router.add_api_route(
            path,
            self._taker(keep, most, has_files=has_files),
            methods=["POST"],
            response_model=None,
            dependencies=self._needing(role, cost),
        )

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        local: Local | None = None,
        **shown: object,
    ) -> HTMLResponse:
        """Make a page in the visitor's language; `local` is what it was put together with."""
        local = local or self.local(request)
        text = self._templates.get_template(template).render(
            local=local,
            _=local.words.say,
            count=local.words.count,
            number=local.words.say_number,
            retell=lambda said: retell(said, local.words),
            language=local.words.language,
            languages=LANGUAGES,
            page_in=lambda code: page_in(code, request),
            visitor=self.visitor(request),
            signs_in=self.view.access is not None,
            can_edit_lines=self.view.drafts is not None,
            Role=Role,
            status=status,
            **shown,
        )
        kept = "no-cache" if self.view.access is None else "private, no-store"
        answer = HTMLResponse(text, status_code=status, headers={"Cache-Control": kept})
        if picked := picked_language(request):
            answer.set_cookie(LANGUAGE_COOKIE, picked, max_age=_KEPT_SECONDS, httponly=True, samesite="lax")
        return answer

    def fault(self, request: Request, status: int, words: str = "") -> HTMLResponse:
        """Show what went wrong, and the way back."""
        local = self.local(request)
        said = words or local.words.say(_FAULTS.get(status, _OTHERWISE))
        return self.page(request, "fault.html", status=status, local=local, words=said)

    def _needing(self, role: Role, cost: Cost) -> list[Depends]:
        def check(request: Request) -> None:
            if not self.visitor(request).may(role):
                raise NotAllowed
            if role is not Role.NOBODY:  # how often one may try to sign in is limited by itself
                self.door.charge(request, cost)

        return [Depends(check)]

    def _taker(
        self, keep: Callable[[Request, Fields], Response], most: int, *, has_files: bool
    ) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            if not is_ours(request, self.view.public_host, is_secure=self.view.is_secure):
                return self.fault(request, _FOREIGN, self.local(request).words.say(_FOREIGN_WORDS))
            body = await read_body(request, most)
            if body is None:
                return self.fault(request, _TOO_LARGE)
            kind = request.headers.get("content-type", "") if has_files else ""
            return await run_in_threadpool(keep, request, read_parts(kind, body))

        return take

"""The application: its pages, what is served beside them, the headers, and pages for what goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from service.errors import NotFound
from service.web.adding_sources import AddingSources
from service.web.api import PREFIX, Api
from service.web.channel_pages import ChannelPages
from service.web.corrections import Corrections
from service.web.delivery_pages import DeliveryPages
from service.web.desk import Desk, NotAllowed
from service.web.editing import Editing
from service.web.editing_words import EditingWords
from service.web.event_pages import EventPages
from service.web.feeds_out import FeedsOut
from service.web.files_beside import FilesBeside
from service.web.headers import GuardedAnswers, OurNames, headers_for
from service.web.machines import Machines
from service.web.muting import Muting
from service.web.quota import TooMuch
from service.web.route_pages import RoutePages
from service.web.search_pages import SearchPages
from service.web.signing_in import SigningIn
from service.web.source_pages import SourcePages
from service.web.subscriber_pages import SubscriberPages
from service.web.subscribing import Subscribing
from service.web.today import Today
from service.web.token_pages import TokenPages
from service.web.watchlist_pages import WatchlistPages
from service.web.websub import Callback
from service.wording import retell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request
    from fastapi.responses import HTMLResponse, Response

    from service.web.view import View

_STATIC = Path(__file__).parent / "static"
_SEE_OTHER, _FORBIDDEN, _MISSING, _TOO_MANY = 303, 403, 404, 429
_DESK = (
    Today,
    FeedsOut,
    Editing,
    EditingWords,
    WatchlistPages,
    EventPages,
    Corrections,
    Muting,
    SearchPages,
    AddingSources,  # before the page of one source
    SourcePages,
    DeliveryPages,
    ChannelPages,
    SubscriberPages,
    RoutePages,
    TokenPages,
    SigningIn,
    Machines,
)


def create_app(view: View) -> FastAPI:
    """Make the application over an open store; it opens and closes nothing itself."""
    app = FastAPI(title="Avizor", docs_url=None, redoc_url=None, openapi_url=None)
    desk = Desk(view)
    for pages in _DESK:
        app.include_router(pages(desk).router())
    for others in (Subscribing, Callback):
        app.include_router(others(view).router())
    app.mount(PREFIX, Api(desk))
    app.mount("/static", FilesBeside(directory=_STATIC), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    headers = headers_for(is_secure=view.is_secure)
    app.add_middleware(OurNames, public_host=view.public_host)
    app.add_middleware(GuardedAnswers, headers=headers)
    _add_fault_pages(app, desk, headers)
    return app


def _add_fault_pages(app: FastAPI, desk: Desk, headers: Mapping[str, str]) -> None:
    def missing(request: Request, fault: Exception) -> HTMLResponse:
        said = fault.message if isinstance(fault, NotFound) else ""
        return desk.fault(request, _MISSING, retell(said, desk.local(request).words))

    def shut(request: Request, fault: Exception) -> Response:  # noqa: ARG001 -- the framework's shape
        if desk.visitor(request).role or request.method not in {"GET", "HEAD"}:
            return desk.fault(request, _FORBIDDEN)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", status_code=_SEE_OTHER)

    def too_much(request: Request, fault: Exception) -> HTMLResponse:
        answer = desk.fault(request, _TOO_MANY)
        answer.headers["Retry-After"] = str(fault.seconds if isinstance(fault, TooMuch) else 60)
        return answer

    def refused(request: Request, fault: Exception) -> HTMLResponse:
        return desk.fault(request, fault.status_code if isinstance(fault, HTTPException) else _MISSING)

    def broken(request: Request, fault: Exception) -> HTMLResponse:  # noqa: ARG001 -- the framework's shape
        answer = desk.fault(request, 500)
        answer.headers.update(headers)  # made outside of the middleware
        return answer

    app.add_exception_handler(NotAllowed, shut)
    app.add_exception_handler(TooMuch, too_much)
    app.add_exception_handler(NotFound, missing)
    app.add_exception_handler(RequestValidationError, missing)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)

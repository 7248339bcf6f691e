"""The application: its pages, what is served beside them, the headers, and pages for what goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from service.errors import NotFound
from service.web.corrections import Corrections
from service.web.delivery_pages import DeliveryPages
from service.web.desk import Desk
from service.web.event_pages import EventPages
from service.web.files_beside import FilesBeside
from service.web.headers import HEADERS, GuardedAnswers
from service.web.machines import Machines
from service.web.source_pages import SourcePages
from service.web.subscribing import Subscribing
from service.web.today import Today
from service.web.watchlist_pages import WatchlistPages
from service.web.websub import Callback

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import HTMLResponse

    from service.web.view import View

_STATIC = Path(__file__).parent / "static"
_MISSING = 404
_DESK = (Today, WatchlistPages, EventPages, Corrections, SourcePages, DeliveryPages)


def create_app(view: View) -> FastAPI:
    """Make the application over an open store; it opens and closes nothing itself."""
    app = FastAPI(title="Avizor", docs_url=None, redoc_url=None, openapi_url=None)
    desk = Desk(view)
    for pages in _DESK:
        app.include_router(pages(desk).router())
    for others in (Subscribing, Callback, Machines):
        app.include_router(others(view).router())
    app.mount("/static", FilesBeside(directory=_STATIC), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(GuardedAnswers)
    _add_fault_pages(app, desk)
    return app


def _add_fault_pages(app: FastAPI, desk: Desk) -> None:
    def missing(request: Request, fault: Exception) -> HTMLResponse:
        words = fault.message if isinstance(fault, NotFound) else ""
        return desk.fault(request, _MISSING, words)

    def refused(request: Request, fault: Exception) -> HTMLResponse:
        return desk.fault(request, fault.status_code if isinstance(fault, HTTPException) else _MISSING)

    def broken(request: Request, fault: Exception) -> HTMLResponse:  # noqa: ARG001 -- the framework's shape
        answer = desk.fault(request, 500)
        answer.headers.update(HEADERS)  # made outside of the middleware
        return answer

    app.add_exception_handler(NotFound, missing)
    app.add_exception_handler(RequestValidationError, missing)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)

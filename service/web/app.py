"""The application: routes, the style sheet, the headers, and friendly pages for what goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from service.errors import NotFound
from service.web.corrections import Corrections
from service.web.headers import HEADERS, GuardedAnswers
from service.web.pages import Pages
from service.web.subscribing import Subscribing
from service.web.websub import Callback

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import HTMLResponse

    from service.web.view import View

_STATIC = Path(__file__).parent / "static"
_MISSING = 404


def create_app(view: View) -> FastAPI:
    """Make the application over an open store; it opens and closes nothing itself."""
    app = FastAPI(title="Avizor", docs_url=None, redoc_url=None, openapi_url=None)
    pages = Pages(view)
    app.include_router(pages.router())
    app.include_router(Corrections(view, pages.fault).router())
    app.include_router(Subscribing(view).router())
    app.include_router(Callback(view).router())
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(GuardedAnswers)
    _add_fault_pages(app, pages)
    return app


def _add_fault_pages(app: FastAPI, pages: Pages) -> None:
    def missing(request: Request, fault: Exception) -> HTMLResponse:  # noqa: ARG001 -- the framework's shape
        words = fault.message if isinstance(fault, NotFound) else ""
        return pages.fault(_MISSING, words)

    def refused(request: Request, fault: Exception) -> HTMLResponse:  # noqa: ARG001 -- the same
        return pages.fault(fault.status_code if isinstance(fault, HTTPException) else _MISSING)

    def broken(request: Request, fault: Exception) -> HTMLResponse:  # noqa: ARG001 -- the same
        answer = pages.fault(500)
        answer.headers.update(HEADERS)  # made outside of the middleware
        return answer

    app.add_exception_handler(NotFound, missing)
    app.add_exception_handler(RequestValidationError, missing)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)

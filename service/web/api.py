"""The API, under `/api/v1`, with its OpenAPI document: what the pages say, for programs.

Where visitors sign in, a program shows a token (`Authorization: Bearer …`) with the scope `read` or `write`;
a signed-in browser may read what its role may see. Where nobody signs in, no token is needed; what changes
something must say that it is JSON, which no form of another site can.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from fastapi import FastAPI

from service.web.api_drafts import ApiDrafts
from service.web.api_gate import Answering, SmallBodies, answer_faults
from service.web.api_reading import Reading
from service.web.api_routes import ApiRoutes
from service.web.api_sources import ApiSources
from service.web.api_today import ApiToday
from service.web.api_watchlists import ApiWatchlists
from service.web.api_writing import Writing

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from service.web.desk import Desk

PREFIX = "/api/v1"
_PARTS = (ApiToday, ApiWatchlists, ApiDrafts, ApiSources, ApiRoutes, Reading, Writing)


class Api:
    """The API, to be mounted under its prefix. It is made when it is first asked: that takes its time."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        await self._made(scope, receive, send)

    @cached_property
    def _made(self) -> FastAPI:
        return _make(self._desk)


def _make(desk: Desk) -> FastAPI:
    app = FastAPI(
        title="Avizor",
        version="1",
        description="Events, reports, sources and deliveries of Avizor, and the acts that correct events.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
    )
    for part in _PARTS:
        app.include_router(part(desk).router())
    app.add_middleware(SmallBodies)
    app.add_middleware(Answering)
    _describe_tokens(app)
    answer_faults(app)
    return app


def _describe_tokens(app: FastAPI) -> None:
    """Say in the OpenAPI document how a token is shown, and that none is needed where nobody signs in."""
    described = app.openapi()
    described.setdefault("components", {})["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token with the scope `read`, or `write` for what changes something. "
            "Operators make them on the page /tokens.",
        }
    }
    described["security"] = [{"token": []}, {}]

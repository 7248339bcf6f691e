"""The API, under `/api/v1`, with its OpenAPI document: what the pages say, for programs.

Where visitors sign in, a program shows a token (`Authorization: Bearer …`) with the scope `read` or `write`;
a signed-in browser may read what its role may see. Where nobody signs in, no token is needed; what changes
something must say that it is JSON, which no form of another site can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from service.web.api_gate import SmallBodies, answer_faults
from service.web.api_reading import Reading
from service.web.api_writing import Writing

if TYPE_CHECKING:
    from service.web.desk import Desk

PREFIX = "/api/v1"


def create_api(desk: Desk) -> FastAPI:
    """Make the API, to be mounted under its prefix."""
    app = FastAPI(
        title="Avizor",
        version="1",
        description="Events, reports, sources and deliveries of Avizor, and the acts that correct events.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
    )
    app.include_router(Reading(desk).router())
    app.include_router(Writing(desk).router())
    app.add_middleware(SmallBodies)
    answer_faults(app)
    return app

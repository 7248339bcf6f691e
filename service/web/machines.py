"""What machines ask: whether the service does its work, and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.store import Scope
from service.web.metrics import make_registry, render_metrics
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.web.desk import Desk

_READ_ONLY = ["GET", "HEAD"]
_UNWELL, _NO_TOKEN = 503, 401


class Machines:
    """The addresses for machines over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk, view = desk, desk.view
        self._view = view
        self._registry = make_registry(view)

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        router.add_api_route("/health", self.health, methods=_READ_ONLY, response_model=None)
        router.add_api_route("/metrics", self.metrics, methods=_READ_ONLY, response_model=None)
        return router

    def health(self) -> JSONResponse:
        """Tell machines whether the service does its work: 200, or 503 with the reasons."""
        health = self._view.health()
        content = {"ok": health.ok, "checks": dict(health.checks), "sources": health.sources}
        return JSONResponse(content, status_code=200 if health.ok else _UNWELL)

    def metrics(self, request: Request) -> Response:
        """Give figures to Prometheus; where visitors sign in, by a token with its scope, or to operators."""
        door = self._desk.door
        if door.bearer(request, Scope.METRICS) is None and not door.visitor(request).may(Role.OPERATOR):
            return Response(status_code=_NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
        return Response(render_metrics(self._registry), media_type=CONTENT_TYPE_LATEST)

"""Somebody who visits the pages without a socket, as a browser does: cookies are kept, faults are answers."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient, Cookies

from service import loop
from service.web import create_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from httpx import Response

    from service.web import View

HOST = "http://127.0.0.1"


_MADE: deque[tuple[View, FastAPI]] = deque(maxlen=4)


def app_of(view: View) -> FastAPI:
    """Give the application over a view: the same one for the same view, since to make it takes its time."""
    made = next((app for one, app in _MADE if one is view), None)
    if made is None:
        made = create_app(view)
        _MADE.append((view, made))
    return made


def list_routes(view: View) -> list[tuple[str, str]]:
    """List methods and paths of everything that is served, files apart."""
    pending, found = list(app_of(view).routes), []
    while pending:
        route = pending.pop(0)
        inner = getattr(route, "original_router", None)
        if inner is not None:
            pending += inner.routes
        elif isinstance(route, APIRoute):
            found += [(method, route.path) for method in sorted(route.methods or ())]
    return found


class Visits:
    """The visits of one browser."""

    def __init__(self, view: View, host: str = HOST) -> None:
        """Open a browser that has never been here."""
        self._transport = ASGITransport(app_of(view), raise_app_exceptions=False)
        self._host = host
        self.cookies = Cookies()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """Open a page."""
        return loop.run(self._ask("GET", path, headers or {}, None))

    def post(self, path: str, headers: Mapping[str, str] | None = None, **fields: object) -> Response:
        """Send a form that stood on a page of ours, or where the headers say."""
        from_here = {"Sec-Fetch-Site": "same-origin"} if headers is None else headers
        return loop.run(self._ask("POST", path, from_here, fields))

    def send(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send a body as it is."""
        return loop.run(self._ask("POST", path, headers, None, body))

    async def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        fields: Mapping[str, object] | None,
        body: bytes | None = None,
    ) -> Response:
        async with AsyncClient(
            transport=self._transport, base_url=self._host, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, headers=dict(headers), data=fields, content=body)
            self.cookies = client.cookies
        return answer


def asked(app: FastAPI, method: str, path: str, **more: Any) -> Response:  # noqa: ANN401 -- passes on what it gets
    """Ask an application once, by a name that is its own."""

    async def ask() -> Response:
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(method, path, **more)

    return loop.run(ask())

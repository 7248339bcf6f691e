"""The headers every answer carries: nothing a feed wrote may run, frame, leak or load."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from service.web.forms import LOOPBACK_NAMES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_MISDIRECTED = 421  # RFC 9110, 15.5.20
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # to nobody else; with less, a form over plain http names no origin
}


class GuardedAnswers:
    """Puts the headers on every answer of the application inside."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and add the headers where an answer begins."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)


class OurNames:
    """Answers only to names that are ours, so that no other name can be made to lead here (DNS rebinding).

    Machines may ask for the state by any name: a health check names an address.
    """

    def __init__(self, app: ASGIApp, public_host: str) -> None:
        """Take the application, and the public name where there is one."""
        self._app = app
        self._names = LOOPBACK_NAMES | ({public_host} if public_host else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or say that this is another's name."""
        if scope["type"] == "http" and scope["path"] != "/health" and not self._is_ours(scope):
            answer = PlainTextResponse("This server does not answer to that name.", _MISDIRECTED)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        try:
            name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
        except ValueError:  # brackets that do not close
            return False
        return name in self._names

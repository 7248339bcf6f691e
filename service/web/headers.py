"""The headers every answer carries: nothing a feed wrote may run, frame, leak or load."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from service.web.forms import LOOPBACK_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",  # to nobody else; with less, a form over plain http names no origin
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


def headers_for(*, is_secure: bool) -> Mapping[str, str]:
    """Give the headers; where visitors come by https, browsers are told to come by nothing else."""
    return HEADERS | _HTTPS_ONLY if is_secure else HEADERS


class GuardedAnswers:
    """Puts the headers on every answer of the application inside."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        """Take the application, and the headers."""
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and add the headers where an answer begins."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
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
        asked = Headers(scope=scope).getlist("host")
        if len(asked) != 1:
            return False
        try:
            name = urlsplit(f"//{asked[0]}").hostname
        except ValueError:  # brackets that do not close
            return False
        return name in self._names

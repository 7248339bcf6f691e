"""Forms by which an operator corrects events: two merged, one split, one renamed.

The pages have no login: who sees them may use the forms. So that no other page can use them through the
reader's browser, a form is taken only where the browser says that it stood on a page of ours, under a name
that is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import AvizorError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from service.domain import Event
    from service.pipeline import Correcting
    from service.web.view import View

    Fields = Mapping[str, Sequence[str]]
    Fault = Callable[[int, str], HTMLResponse]

MOST_BYTES = 64 * 1024
_OURS = frozenset({"127.0.0.1", "localhost", "::1"})
_BY = "somebody on the page"
_DIGITS = 19  # of the largest number a database knows
_SEE_OTHER, _REFUSED, _FOREIGN, _TOO_LARGE, _MISSING = 303, 409, 403, 413, 404
_FOREIGN_WORDS = "This form did not come from a page of this service. Open the event's page and try again."


class Corrections:
    """The addresses that the forms of an event's page are sent to."""

    def __init__(self, view: View, fault: Fault) -> None:
        """Take what the pages look at, and how they show that something went wrong."""
        self._view = view
        self._fault = fault

    def router(self) -> APIRouter:
        """Name the addresses; none where nobody can correct anything."""
        router, correct = APIRouter(), self._view.correct
        if correct is not None:
            for act in ("merge", "split", "rename"):
                path, taker = f"/events/{{event_id}}/{act}", self._taker(act, correct)
                router.add_api_route(path, taker, methods=["POST"], response_model=None)
        return router

    def _taker(self, act: str, correct: Callable[[str], Correcting]) -> Callable[..., object]:
        async def take(event_id: str, request: Request) -> Response:
            if not self._is_ours(request):
                return self._fault(_FOREIGN, _FOREIGN_WORDS)
            body = b""
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    return self._fault(_TOO_LARGE, "")
            fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=1_000)
            return await run_in_threadpool(self._act, correct, act, event_id, fields)

        return take

    def _act(self, correct: Callable[[str], Correcting], act: str, event_id: str, fields: Fields) -> Response:
        try:
            event = _do(correct(_BY), act, event_id, fields)
        except NotFound as fault:
            return self._fault(_MISSING, fault.message)
        except AvizorError as fault:
            return self._fault(_REFUSED, fault.message)
        return RedirectResponse(f"/events/{event.id}", status_code=_SEE_OTHER)

    def _is_ours(self, request: Request) -> bool:
        """Tell whether a form stood on a page of ours: by the host asked for, and the browser's word."""
        host = urlsplit(f"//{request.headers.get('host', '')}")
        if host.hostname not in _OURS | {self._view.public_host}:
            return False
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return urlsplit(request.headers.get("origin", "")).netloc == host.netloc


def _do(correcting: Correcting, act: str, event_id: str, fields: Fields) -> Event:
    if act == "merge":
        return correcting.merge(event_id, _one(fields, "other"))
    if act == "rename":
        return correcting.rename(event_id, _one(fields, "title"))
    numbers = [int(text) for text in fields.get("entry", ()) if text.isdecimal() and len(text) < _DIGITS]
    return correcting.split(event_id, numbers)


def _one(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")

"""Forms by which an operator corrects events: two merged, one split, one renamed.

The pages have no login: who sees them may use the forms. So that no other page can use them through the
reader's browser, a form is taken only where the browser says that it stood on a page of ours, under a name
that is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import AvizorError, NotFound
from service.web.forms import is_ours, one_of, read_body, read_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import Event
    from service.pipeline import Correcting
    from service.web.forms import Fields
    from service.web.view import View

    Fault = Callable[[int, str], HTMLResponse]

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
            if not is_ours(request, self._view.public_host):
                return self._fault(_FOREIGN, _FOREIGN_WORDS)
            body = await read_body(request)
            if body is None:
                return self._fault(_TOO_LARGE, "")
            fields = read_fields(body)
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


def _do(correcting: Correcting, act: str, event_id: str, fields: Fields) -> Event:
    if act == "merge":
        return correcting.merge(event_id, one_of(fields, "other"))
    if act == "rename":
        return correcting.rename(event_id, one_of(fields, "title"))
    numbers = [int(text) for text in fields.get("entry", ()) if text.isdecimal() and len(text) < _DIGITS]
    return correcting.split(event_id, numbers)

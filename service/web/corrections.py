"""Forms by which an editor corrects events: two merged, one split, one renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from service.errors import AvizorError, NotFound
from service.web.forms import one_of
from service.web.present import SOMEBODY
from service.web.visitor import Role
from service.wording import retell

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import Event
    from service.pipeline import Correcting
    from service.web.desk import Desk
    from service.web.forms import Fields

    Keep = Callable[[Request, Fields], Response]

_DIGITS = 19  # of the largest number a database knows
_SEE_OTHER, _REFUSED = 303, 409


class Corrections:
    """The addresses that the forms of an event's page are sent to."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses; none where nobody can correct anything."""
        router, correct = APIRouter(), self._desk.view.correct
        if correct is not None:
            for act in ("merge", "split", "rename"):
                self._desk.take(
                    router, f"/events/{{event_id}}/{act}", self._keeper(act, correct), Role.EDITOR
                )
        return router

    def _keeper(self, act: str, correct: Callable[[str], Correcting]) -> Keep:
        def keep(request: Request, fields: Fields) -> Response:
            by = self._desk.visitor(request).name or SOMEBODY
            try:
                event = _do(correct(by), act, request.path_params["event_id"], fields)
            except NotFound:
                raise
            except AvizorError as fault:
                said = retell(fault.message, self._desk.local(request).words)
                return self._desk.fault(request, _REFUSED, said)
            return RedirectResponse(f"/events/{event.id}", status_code=_SEE_OTHER)

        return keep


def _do(correcting: Correcting, act: str, event_id: str, fields: Fields) -> Event:
    if act == "merge":
        return correcting.merge(event_id, one_of(fields, "other"))
    if act == "rename":
        return correcting.rename(event_id, one_of(fields, "title"))
    numbers = [int(text) for text in fields.get("entry", ()) if text.isdecimal() and len(text) < _DIGITS]
    return correcting.split(event_id, numbers)

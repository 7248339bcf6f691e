"""The ledger: what was told to whom, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse  # noqa: TC002 -- the framework reads it from the annotations

from service.web import ledger
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.web.desk import Desk

_DELIVERIES_SHOWN = 100


class DeliveryPages:
    """The ledger over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/deliveries", self.deliveries, Role.EDITOR)
        return router

    def deliveries(self, request: Request, show: str = "") -> HTMLResponse:
        """Show the ledger, or the part of it that `show` names."""
        local, reading = self._desk.local(request), self._view.store.reading
        parts = ledger.ledger_parts(reading.count_deliveries())
        part = next((one for one in parts if one.name == show), parts[0])
        found = reading.list_deliveries(states=part.states, limit=_DELIVERIES_SHOWN)
        rows = [ledger.delivery_row(one, local) for one in found]
        return self._desk.page(
            request, "deliveries.html", local=local, parts_of_ledger=parts, part=part, deliveries=rows
        )

"""The ledger: what was told to whom, and what became of it; and one delivery with its words and attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request
from fastapi import Path as FromPath
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import NotFound
from service.store import MOST_LOOKED_AT
from service.web import ledger
from service.web.ledger_form import read_ledger_form
from service.web.phrases import channel_name
from service.web.telling import REASONS
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.domain import Delivery
    from service.store import Store
    from service.web.desk import Desk
    from service.web.forms import Fields

_DELIVERIES_SHOWN = 100
_SEE_OTHER = 303
_DeliveryId = Annotated[str, FromPath(pattern=r"^[\w-]{1,100}$")]


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
        self._desk.show(router, "/deliveries/{delivery_id}", self.delivery, Role.EDITOR)
        self._desk.take(router, "/deliveries/{delivery_id}/again", self.send_again, Role.OPERATOR)
        return router

    def deliveries(self, request: Request) -> HTMLResponse:
        """Show the ledger, or the part of it that is asked for."""
        local, store = self._desk.local(request), self._view.store
        asked = read_ledger_form(request.query_params, store.counts.count_deliveries())
        page = store.reading.page_deliveries(asked.wanted, limit=_DELIVERIES_SHOWN, after=asked.after)
        words = local.words
        channels = {one.id: channel_name(one.id, words) for one in self._view.roll().channels.values()}
        if chosen := asked.typed["channel"]:
            channels.setdefault(chosen, channel_name(chosen, words))
        return self._desk.page(
            request,
            "deliveries.html",
            local=local,
            asked=asked,
            deliveries=[ledger.delivery_row(one, local) for one in page.deliveries],
            further=asked.address(after=page.further) if page.further else "",
            looked_at=MOST_LOOKED_AT,
            watchlists=store.reading.list_titles(),
            reasons=REASONS,
            channels=channels,
        )

    def delivery(self, delivery_id: _DeliveryId, request: Request) -> HTMLResponse:
        """Show one delivery: state, reason, attempts with the other side's words, and the message."""
        local, reading = self._desk.local(request), self._view.store.reading
        delivery = reading.get_delivery(delivery_id)
        is_ended = self._view.store.deliveries.may_send_again(delivery_id)
        return self._desk.page(
            request,
            "delivery.html",
            local=local,
            delivery=ledger.delivery_row(delivery, local, reading.list_attempts(delivery_id)),
            text=shown_text(delivery, self._view.store),
            delivery_id=delivery_id,
            can_send_again=is_ended and self._desk.visitor(request).may(Role.OPERATOR),
        )

    def send_again(self, request: Request, fields: Fields) -> Response:  # noqa: ARG002 -- the shape of forms
        """Let a delivery that ended without success be tried once more."""
        delivery_id = request.path_params["delivery_id"]
        if not self._view.store.deliveries.send_again(delivery_id, self._view.clock()):
            raise NotFound("There is no such message that could not be delivered.")
        return RedirectResponse(f"/deliveries/{delivery_id}", status_code=_SEE_OTHER)


def shown_text(delivery: Delivery, store: Store) -> str:
    """Give the message as it may be shown.

    In the place of a link that only its reader may follow stands a sign, and letters, which are nothing but
    such a link, are not shown: nobody else gets one.
    """
    said = "" if delivery.reason.is_letter else delivery.notification.text
    return said.replace(store.readers.signer.blank, "…")

"""Deliveries that ended without success, and whether the operator was told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, func, select, update

from service.domain import DeliveryState, NotifyReason
from service.store.delivery_rows import RenderedDelivery, save_rendered, to_delivery
from service.store.delivery_tables import DeliveryRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from service.domain import Delivery
    from service.store.engine import Database

# Of what the operator is told otherwise, or what anybody can have sent to an address that does not exist.
_NOT_TOLD_OF = (
    NotifyReason.UNDELIVERED,
    NotifyReason.CHANNEL_HEALTH,
    NotifyReason.CONFIRMATION,
    NotifyReason.ACCESS,
)
_UNTOLD = (
    col(DeliveryRow.state).in_([DeliveryState.FAILED.value, DeliveryState.EXPIRED.value]),
    col(DeliveryRow.is_reported).is_(False),
    # What went with another message is told by that one. No equality: its index would lead to nearly all.
    func.length(col(DeliveryRow.covered_by)) == 0,
    col(DeliveryRow.reason).not_in([reason.value for reason in _NOT_TOLD_OF]),
)


class Undelivered:
    """What can be asked and said about them."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def was_told_since(self, since: datetime) -> bool:
        """Tell whether the operator was told of any since a time."""
        told = col(DeliveryRow.created_at) > since, col(DeliveryRow.reason) == NotifyReason.UNDELIVERED.value
        with self._database.read() as session:
            return session.exec(select(DeliveryRow.id).where(*told).limit(1)).first() is not None

    def list_untold(self, most: int) -> list[Delivery]:
        """List those of which the operator was not told, the first planned first, so many at most."""
        order = col(DeliveryRow.created_at), col(DeliveryRow.id)
        with self._database.read() as session:
            found = session.exec(select(DeliveryRow).where(*_UNTOLD).order_by(*order).limit(most))
            return [to_delivery(row) for row in found]

    def save_letters(
        self, letters: Iterable[RenderedDelivery], told: Collection[str], *, now: datetime
    ) -> bool:
        """Store letters and that these deliveries are told, together.

        Nothing happens, and False is given, where any of them was told or tried again meanwhile.
        """
        mine = update(DeliveryRow).where(col(DeliveryRow.id).in_(told), *_UNTOLD)
        with self._database.write(serialised=True) as session:
            if session.exec(mine.values(is_reported=True)).rowcount < len(told):
                session.rollback()
                return False
            save_rendered(session, letters, now)
            return True

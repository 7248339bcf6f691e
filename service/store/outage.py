"""What piled up for a reader while the way to them was down: told together, once it is open again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.domain import DeliveryState, HeldReason
from service.store.delivery_tables import DeliveryRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

JUST_NOW = timedelta(minutes=10)
_LONGEST_SEND = timedelta(hours=2)
_FEWEST = 2  # one is told by itself


def collect_piled_up(session: Session, now: datetime) -> int:
    """Hold what was tried in vain for readers who have just been reached again, until now; returns how many.

    A message that may have been handed over is left alone: it is repeated as it was.
    """
    in_vain = (  # tried and not taken, or not even tried: the words of either say so
        col(DeliveryRow.state) == DeliveryState.PENDING.value,
        col(DeliveryRow.words) != "",
        col(DeliveryRow.event_id) != "",
    )
    reader = (col(DeliveryRow.channel_id), col(DeliveryRow.target))
    piled_up = select(*reader).where(*in_vain).group_by(*reader).having(func.count() >= _FEWEST)
    readers = session.exec(piled_up).all()
    if not readers:
        return 0
    reached = select(*reader).where(
        col(DeliveryRow.state) == DeliveryState.DELIVERED.value,
        col(DeliveryRow.delivered_at) > now - JUST_NOW,
        col(DeliveryRow.due_at) > now - _LONGEST_SEND,  # that of its last try; there is an index for it
    )
    count = 0
    for channel_id, target in {*readers} & {*session.exec(reached.distinct()).all()}:
        mine = (*in_vain, col(DeliveryRow.channel_id) == channel_id, col(DeliveryRow.target) == target)
        rows = session.exec(select(DeliveryRow).where(*mine).with_for_update(skip_locked=True)).all()
        for row in rows if len(rows) >= _FEWEST else ():
            row.state, row.held, row.due_at = DeliveryState.HELD.value, HeldReason.OUTAGE.value, now
            count += 1
    return count

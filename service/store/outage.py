"""What could not be sent while the way to a reader was down: told together, or anew, once it is open again.

A message that may have been handed over is left alone: it is repeated as it was.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.domain import DeliveryState, HeldReason, SendOutcome
from service.store.delivery_tables import AttemptRow, DeliveryRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import Session

JUST_NOW = timedelta(minutes=10)
_LONGEST_SEND = timedelta(hours=2)
_FEWEST = 2  # one is told by itself
_FOR_LONG = timedelta(hours=1)  # from then on, what is told by itself is made anew
_UNCLEAR = select(AttemptRow.id).where(
    col(AttemptRow.delivery_id) == col(DeliveryRow.id),
    col(AttemptRow.outcome).in_(["", SendOutcome.AMBIGUOUS.value]),
)
_IN_VAIN = (  # tried and not taken, or not even tried: the words of either say so
    col(DeliveryRow.state) == DeliveryState.PENDING.value,
    col(DeliveryRow.words) != "",
    col(DeliveryRow.event_id) != "",
    ~_UNCLEAR.exists(),
)


def strip_late(session: Session, rows: Sequence[DeliveryRow], now: datetime) -> None:
    """Take the words from what was tried in vain for long: whoever tries it now makes new ones."""
    old = [row.id for row in rows if row.words and row.created_at < now - _FOR_LONG]
    if not old:
        return
    late = session.exec(select(DeliveryRow.id).where(*_IN_VAIN, col(DeliveryRow.id).in_(old))).all()
    for row in rows:
        if row.id in late:
            row.held, row.message = HeldReason.OUTAGE.value, ""


def collect_piled_up(session: Session, now: datetime) -> int:
    """Hold what was tried in vain for readers just reached again, until now; returns how many."""
    reader = (col(DeliveryRow.channel_id), col(DeliveryRow.target))
    piled_up = select(*reader).where(*_IN_VAIN).group_by(*reader).having(func.count() >= _FEWEST)
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
        mine = (*_IN_VAIN, col(DeliveryRow.channel_id) == channel_id, col(DeliveryRow.target) == target)
        rows = session.exec(select(DeliveryRow).where(*mine).with_for_update(skip_locked=True)).all()
        for row in rows if len(rows) >= _FEWEST else ():
            row.state, row.held, row.due_at = DeliveryState.HELD.value, HeldReason.OUTAGE.value, now
            count += 1
    return count

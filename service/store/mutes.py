"""Mutes: silence that somebody asked for, until a time. What was not told stays in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, func, select

from service.domain import DeliveryState, HeldReason, Mute
from service.store.delivery_rows import TOLD_ALONG
from service.store.delivery_tables import DeliveryRow
from service.store.reader_tables import MuteRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.store.engine import Database

_HELD, _PENDING = DeliveryState.HELD.value, DeliveryState.PENDING.value
_COVERED = DeliveryState.COVERED.value


class Mutes:
    """What can be asked and said about mutes."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def add(self, mute: Mute, now: datetime, *, target: str = "", channel_id: str = "") -> int:
        """Put a mute in force; what waits for the reader there (for all, if nowhere is said) is not sent.

        Gives its number.
        """
        row = MuteRow(
            subject=mute.subject,
            event_id=mute.event_id,
            watchlist_id=mute.watchlist_id,
            until_at=mute.until_at,
            by=mute.by,
            at=now,
        )
        with self._database.write(serialised=True) as session:
            session.add(row)
            session.flush()
            number = row.id or 0
            mine = [col(DeliveryRow.event_id) != "", _about(mute)]
            if target:
                mine.append(func.lower(DeliveryRow.target) == target.lower())
            elif channel_id:
                mine.append(col(DeliveryRow.channel_id) == channel_id)
            _silence(session, mine, now)
        return number

    def end(self, number: int, now: datetime) -> bool:
        """End a mute before its time; tells whether there was one."""
        with self._database.write() as session:
            row = session.get(MuteRow, number)
            if row is None or row.until_at <= now:
                return False
            row.until_at = now
            return True

    def list_of(self, subject: str, now: datetime) -> list[Mute]:
        """List the mutes of one reader that are in force."""
        with self._database.read() as session:
            return [mute for _, mute in list_mutes(session, now) if mute.subject == subject]

    def list_active(self, now: datetime) -> list[tuple[int, Mute]]:
        """List the mutes in force, with their numbers, the one that ends first at the top."""
        with self._database.read() as session:
            return list_mutes(session, now)

    def list_over(self, now: datetime, most: int) -> list[Mute]:
        """List mutes that are over, at most so many, the one that ended last at the top."""
        over = select(MuteRow).where(col(MuteRow.until_at) <= now)
        in_order = over.order_by(col(MuteRow.until_at).desc(), col(MuteRow.id).desc()).limit(most)
        with self._database.read() as session:
            return [_mute(row) for row in session.exec(in_order)]


def list_mutes(session: Session, now: datetime) -> list[tuple[int, Mute]]:
    """List the mutes in force, as a transaction sees them."""
    statement = (
        select(MuteRow).where(col(MuteRow.until_at) > now).order_by(col(MuteRow.until_at), col(MuteRow.id))
    )
    rows: Sequence[MuteRow] = session.exec(statement).all()
    return [(row.id or 0, _mute(row)) for row in rows]


def _mute(row: MuteRow) -> Mute:
    return Mute(row.subject, row.event_id, row.watchlist_id, row.until_at, row.by)


def _silence(session: Session, mine: Sequence[Any], now: datetime) -> None:
    """Cancel what waits, and let what it was to tell along with itself be told alone."""
    waiting = col(DeliveryRow.state).in_((_HELD, _PENDING)) & (col(DeliveryRow.attempts) == 0)
    unsent = (col(DeliveryRow.state) == _COVERED) & col(DeliveryRow.delivered_at).is_(None)
    along = unsent & (col(DeliveryRow.held).in_(TOLD_ALONG))
    leads = []
    for row in session.exec(select(DeliveryRow).where(waiting | along, *mine)).all():
        leads.append(row.id)
        row.state, row.held, row.covered_by = DeliveryState.CANCELLED.value, HeldReason.MUTED.value, ""
    session.flush()
    for row in session.exec(select(DeliveryRow).where(col(DeliveryRow.covered_by).in_(leads), along)).all():
        row.state, row.covered_by, row.due_at = _HELD, "", now


def _about(mute: Mute) -> Any:  # noqa: ANN401 -- the library's expression
    column = DeliveryRow.event_id if mute.event_id else DeliveryRow.watchlist_id
    return col(column) == (mute.event_id or mute.watchlist_id)

"""Targets that refuse: counted as a send is recorded, paused, and told to the operator once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, func, select, update

from service.circuit import LOOK_AGAIN, PAUSED_AFTER, is_reached, is_refusal
from service.domain import DeliveryState, SendOutcome, recipient
from service.store.delivery_rows import RenderedDelivery, save_rendered
from service.store.delivery_tables import REFUSING, DeliveryRow, RefusingRow
from service.store.tables import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.domain import Delivery, SendResult
    from service.store.engine import Database

WAITING = (DeliveryState.PENDING.value, DeliveryState.AMBIGUOUS.value)


@dataclass(frozen=True, slots=True)
class Paused:
    """A target that is paused until a time, since when it has refused, and its words."""

    name: str
    channel_id: str
    target: str
    since_at: datetime
    until_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """Why a reader is not reached, since when, and how many messages wait for that."""

    since_at: datetime
    words: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when what a target refuses waits; `since_at` is set by the refusal that pauses it."""

    until_at: datetime
    since_at: datetime | None = None


class Targets:
    """What can be asked and said about targets that refuse."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_paused(self) -> list[Paused]:
        """List the targets that are paused, those whose next try is due too."""
        with self._database.read() as session:
            return [_paused(row) for row in session.exec(_PAUSED)]

    def find_unreached(self, channel_id: str, target: str) -> Unreached | None:
        """Give why a target is paused, if it is."""
        name = recipient(channel_id, target)
        waiting = (col(DeliveryRow.state).in_(WAITING), leads_to(channel_id, target))
        with self._database.read() as session:
            row = session.exec(_PAUSED.where(col(RefusingRow.name) == name)).first()
            if row is None:
                return None
            number = session.exec(select(func.count()).select_from(DeliveryRow).where(*waiting)).one()
            return Unreached(row.since_at, row.words, number)

    def list_untold(self, since: datetime, most: int) -> list[Paused]:
        """List paused targets of which the operator was not told; with those told since a time, `most`."""
        told = select(func.count()).where(col(RefusingRow.told_at) > since)
        with self._database.read() as session:
            left = most - session.exec(told).one()
            untold = _PAUSED.where(col(RefusingRow.told_at).is_(None)).order_by(col(RefusingRow.since_at))
            return [_paused(row) for row in session.exec(untold.limit(max(left, 0)))]

    def try_now(self, name: str, now: datetime) -> bool:
        """Let a paused target be tried now, with what waits for it; tells whether there is such a one."""
        with self._database.write(serialised=True) as session:
            row = session.get(RefusingRow, name)
            if row is None or row.until_at is None:
                return False
            row.until_at = now
            waiting = (col(DeliveryRow.state).in_(WAITING), leads_to(row.channel_id, row.target))
            session.exec(
                update(DeliveryRow).where(*waiting, col(DeliveryRow.due_at) > now).values(due_at=now)
            )
            return True

    def save_letters(self, paused: Paused, letters: Iterable[RenderedDelivery], *, now: datetime) -> None:
        """Store the letters about a target and that it is told; nothing where it was told meanwhile."""
        mine = select(RefusingRow).where(
            col(RefusingRow.name) == paused.name, col(RefusingRow.told_at).is_(None)
        )
        with self._database.write(serialised=True) as session:
            row = session.exec(mine).first()
            if row is not None:
                row.told_at = now
                save_rendered(session, letters, now)


def note_outcome(session: Session, delivery: Delivery, result: SendResult, now: datetime) -> Pause | None:
    """Note what a send says of its target; gives until when the delivery waits, where that is paused.

    A delivery that is sent lets all that waits for its target go on.
    """
    name = recipient(delivery.channel_id, delivery.target)
    if result.outcome is SendOutcome.SENT:
        if session.connection().execute(_FORGET, {"of": name}).rowcount:
            waiting = (col(DeliveryRow.state).in_(WAITING), leads_to(delivery.channel_id, delivery.target))
            session.exec(
                update(DeliveryRow).where(*waiting, col(DeliveryRow.due_at) > now).values(due_at=now)
            )
        return None
    if is_reached(result) is None:
        return None
    row = session.get(RefusingRow, name)
    if row is not None and row.until_at is not None:
        row.until_at, row.words = now + LOOK_AGAIN, result.words
        session.flush()
        return Pause(row.until_at)
    if is_refusal(result, is_mail=bool(delivery.target)):
        row = row or RefusingRow(
            name=name, channel_id=delivery.channel_id, target=delivery.target, since_at=now
        )
        row.refusals, row.words = row.refusals + 1, result.words
        row.until_at = now + LOOK_AGAIN if row.refusals >= PAUSED_AFTER else None
        session.add(row)
        session.flush()  # another part of this transaction may have to forget it
        return Pause(row.until_at, row.since_at) if row.until_at else None
    return None


def look_now(session: Session, name: str, now: datetime) -> None:
    """Let the next delivery to a target look whether it is well, if it is paused."""
    mine = col(RefusingRow.name) == name, col(RefusingRow.until_at).is_not(None)
    session.exec(update(RefusingRow).where(*mine).values(until_at=now))


def leads_to(channel_id: str, target: str) -> Any:  # noqa: ANN401 -- the library's type of a condition
    """Give the condition of a delivery to lead to a target: an address is one, whatever channel names it."""
    if target:
        return func.lower(DeliveryRow.target) == func.lower(target)
    return (col(DeliveryRow.channel_id) == channel_id) & (col(DeliveryRow.target) == "")


def forget_address(session: Session, address: str) -> None:
    """Let nothing be known of an address any more."""
    session.exec(delete(RefusingRow).where(func.lower(RefusingRow.target) == address.lower()))


_FORGET = REFUSING.delete().where(REFUSING.c.name == bindparam("of"))
_PAUSED = select(RefusingRow).where(col(RefusingRow.until_at).is_not(None))


def _paused(row: RefusingRow) -> Paused:
    return Paused(row.name, row.channel_id, row.target, row.since_at, row.until_at or BEGINNING, row.words)

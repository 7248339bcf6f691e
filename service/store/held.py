"""Deliveries that are held: until when, by reader, and what becomes of them when that is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select, update

from service.domain import DeliveryState, NotifyReason
from service.store.delivery_rows import (
    TOLD_ALONG,
    RenderedDelivery,
    message_row,
    save_rendered,
    save_words,
    to_delivery,
)
from service.store.delivery_tables import DELIVERY, DeliveryRow
from service.store.known import chunks
from service.store.outage import collect_piled_up

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery
    from service.store.engine import Database


@dataclass(frozen=True, slots=True)
class HeldParcel:
    """The held deliveries of one reader under one subscription, whose time has come.

    `also` has by delivery the watchlists that its message names besides its own.
    """

    subscription_id: str
    channel_id: str
    target: str
    deliveries: tuple[Delivery, ...]
    also: Mapping[str, tuple[str, ...]]


class Held:
    """What can be asked and said about deliveries that are held."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def collect_piled_up(self, now: datetime) -> int:
        """Hold, until now, what was tried in vain for readers who have just been reached again."""
        with self._database.write() as session:
            return collect_piled_up(session, now)

    def list_due_held(self, now: datetime) -> list[HeldParcel]:
        """List what was held until now, by reader, the oldest first."""
        statement = (
            select(DeliveryRow)
            .where(col(DeliveryRow.state) == DeliveryState.HELD.value, col(DeliveryRow.due_at) <= now)
            .order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
        )
        with self._database.read() as session:
            rows = session.exec(statement).all()
            also = _told_along(session, [row.id for row in rows])
        parcels: dict[tuple[str, str, str], list[Delivery]] = {}
        for row in rows:
            key = (row.subscription_id, row.channel_id, row.target)
            parcels.setdefault(key, []).append(to_delivery(row))
        return [HeldParcel(*key, tuple(deliveries), also) for key, deliveries in parcels.items()]

    def wake(self, woken: Iterable[RenderedDelivery], *, now: datetime) -> None:
        """Let held deliveries go out with the words they have now, where they are still held."""
        for part in chunks(list(woken)):  # nobody else waits for all of them
            with self._database.write(serialised=True) as session:
                save_words(session, part)
                session.flush()
                session.connection().execute(_WAKE, [_woken(one, now) for one in part])

    def list_told_along(self, delivery_id: str) -> tuple[str, ...]:
        """List the watchlists that the message of a delivery names besides its own."""
        with self._database.read() as session:
            return _told_along(session, [delivery_id]).get(delivery_id, ())

    def put_in_words(self, one: RenderedDelivery) -> None:
        """Store the words of a delivery that is about to go out, where it still has none."""
        without = (col(DeliveryRow.id) == one.planned.id, col(DeliveryRow.message) == "")
        words = {"title": one.notification.title, "message": message_row(one).id}
        with self._database.write(serialised=True) as session:
            save_words(session, [one])
            session.exec(update(DeliveryRow).where(*without).values(**words))

    def list_unknown(self, ids: Collection[str]) -> list[str]:
        """List which of these deliveries are not stored."""
        known: set[str] = set()
        with self._database.read() as session:
            for part in chunks(list(ids)):
                known.update(session.exec(select(DeliveryRow.id).where(col(DeliveryRow.id).in_(part))))
        return [one for one in ids if one not in known]

    def save_new(self, rendered: Sequence[RenderedDelivery], *, now: datetime) -> int:
        """Store deliveries but those that are stored already; returns how many were new."""
        with self._database.write(serialised=True) as session:
            fresh = [one for one in rendered if session.get(DeliveryRow, one.planned.id) is None]
            save_rendered(session, fresh, now)
            return len(fresh)

    def last_digest_at(self, subscription_id: str, target: str) -> datetime | None:
        """Give when the last digest of a subscription was made for a reader; None before the first."""
        statement = select(func.max(DeliveryRow.created_at)).where(
            col(DeliveryRow.subscription_id) == subscription_id,
            col(DeliveryRow.target) == target,
            col(DeliveryRow.reason) == NotifyReason.DIGEST.value,
        )
        with self._database.read() as session:
            return session.exec(statement).one()

    def save_digest(self, digest: RenderedDelivery, covered: Sequence[Delivery], *, now: datetime) -> None:
        """Store a digest and mark what it covers, and what that covers, together.

        Nothing happens when any of it is held no longer: another process was faster.
        """
        ids = [delivery.id for delivery in covered]
        mine = (col(DeliveryRow.id).in_(ids), col(DeliveryRow.state) == DeliveryState.HELD.value)
        with self._database.write(serialised=True) as session:
            if len(session.exec(select(DeliveryRow.id).where(*mine)).all()) < len(ids):
                return
            save_rendered(session, [digest], now)
            state = {"state": DeliveryState.COVERED.value, "covered_by": digest.planned.id}
            session.exec(update(DeliveryRow).where(*mine).values(**state))
            # What one of them was to tell along is told by the digest as well.
            along = col(DeliveryRow.covered_by).in_(ids)
            session.exec(update(DeliveryRow).where(along).values(covered_by=digest.planned.id))


_WAKE = DELIVERY.update().where(
    DELIVERY.c.id == bindparam("of"), DELIVERY.c.state == DeliveryState.HELD.value
)


def _woken(one: RenderedDelivery, now: datetime) -> dict[str, object]:
    return {
        "of": one.planned.id,
        "state": DeliveryState.PENDING.value,
        "due_at": now,
        "title": one.notification.title,
        "message": message_row(one).id,
    }


def _told_along(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give by delivery the watchlists whose deliveries of the same event its message tells of."""
    found: dict[str, tuple[str, ...]] = {}
    statement = (
        select(DeliveryRow.covered_by, DeliveryRow.watchlist_id)
        .where(col(DeliveryRow.held).in_(TOLD_ALONG))
        .order_by(col(DeliveryRow.watchlist_id))
    )
    for part in chunks(ids):
        for lead, watchlist_id in session.exec(statement.where(col(DeliveryRow.covered_by).in_(part))):
            found[lead] = (*found.get(lead, ()), watchlist_id)
    return found

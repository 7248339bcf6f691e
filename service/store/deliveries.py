"""The outbox: who may send what next, and what came of it.

A claim is a lease. Each step that matters is a commit of its own: claimed, about to hand the message over,
outcome. A worker that dies before handing over leaves a delivery that is simply sent
again; one that dies after it leaves an ambiguous one, repeated under the same Message-ID.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, func, or_, select, update

from service.domain import Cadence, DeliveryState, HeldReason, NotifyReason, SendOutcome, recipient
from service.store.delivery_rows import RenderedDelivery, message_row, save_rendered, save_words, to_delivery
from service.store.known import chunks
from service.store.outage import collect_piled_up
from service.store.reader_tables import MessageRow, SuppressionRow
from service.store.tables import BEGINNING, AttemptRow, DeliveryRow, MatchRow, SubscriptionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from service.domain import Channel, Delivery, SendResult, Subscription
    from service.store.engine import Database

    Subject = Callable[[str], str]

_WAITING = (DeliveryState.PENDING.value, DeliveryState.AMBIGUOUS.value)
_WITH_A_WORKER = (DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds
_FINAL = {
    SendOutcome.SENT: DeliveryState.DELIVERED,
    SendOutcome.PERMANENT: DeliveryState.FAILED,
    SendOutcome.TEMPORARY: DeliveryState.PENDING,
    SendOutcome.AMBIGUOUS: DeliveryState.AMBIGUOUS,
}


# What is sent to an address that wants nothing more: what somebody asked for there, just now.
_ASKED_FOR = (NotifyReason.CONFIRMATION, NotifyReason.ACCESS, NotifyReason.TEST)


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


class Deliveries:
    """What can be asked and said about deliveries."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def claim_due(
        self, now: datetime, *, worker: str, lease: timedelta, limit: int, but_not: Collection[str] = ()
    ) -> list[Delivery]:
        """Lease up to `limit` due deliveries, oldest first, and note that an attempt has begun.

        Deliveries whose worker let the lease run out are due again, `but_not` those that the caller knows
        to be under way. What was stored in the future, or leased for longer than anyone leases, is due as
        well: the clock was set back since.
        """
        with self._database.write() as session:
            rows = session.exec(_due(now, now + lease, limit, but_not)).all()
            for row in rows:
                _take(session, row, now, worker=worker, lease=lease)
            words = _words_of(session, rows)
            return [to_delivery(row, words.get(row.message)) for row in rows]

    def mark_sending(
        self, delivery: Delivery, *, worker: str, now: datetime, subject: Subject | None = None
    ) -> bool:
        """Note that the message is about to be handed over; False when it may not be.

        Because the lease is no longer ours, or its reader has left: `subject` gives the keyed hash of a
        reader's name. That is looked up in the transaction that notes it, after the row is locked, so that
        nothing is handed over once an unsubscription was answered.
        """
        statement = (
            update(DeliveryRow)
            .where(
                col(DeliveryRow.id) == delivery.id,
                col(DeliveryRow.state) == DeliveryState.CLAIMED.value,
                col(DeliveryRow.lease_by) == worker,
                col(DeliveryRow.lease_until) > now,
            )
            .values(state=DeliveryState.SENDING.value)
        )
        with self._database.write() as session:
            is_ours = bool(session.exec(statement).rowcount)
            if is_ours and subject is not None and _has_left(session, delivery, subject):
                left = {"state": DeliveryState.CANCELLED.value, "held": HeldReason.LEFT.value, "lease_by": ""}
                session.exec(update(DeliveryRow).where(col(DeliveryRow.id) == delivery.id).values(**left))
                return False
            return is_ours

    def record(
        self, delivery: Delivery, result: SendResult, *, worker: str, now: datetime, retry_at: datetime | None
    ) -> DeliveryState:
        """Store how a send ended. `retry_at` is None where nothing more will be tried (expired).

        A worker whose lease was taken over meanwhile changes nothing but its own attempt, unless
        its message did go out: that is always recorded. A database that is busy is asked again for a
        minute: an outcome that is not stored is a message sent twice.
        """
        for pause in _PAUSES:
            try:
                return self._record(delivery, result, worker, now, retry_at)
            except OperationalError:
                time.sleep(pause)
        return self._record(delivery, result, worker, now, retry_at)

    def _record(
        self, delivery: Delivery, result: SendResult, worker: str, now: datetime, retry_at: datetime | None
    ) -> DeliveryState:
        state = _FINAL[result.outcome]
        if state in {DeliveryState.PENDING, DeliveryState.AMBIGUOUS} and retry_at is None:
            state = DeliveryState.EXPIRED
        with self._database.write() as session:
            row = session.exec(select(DeliveryRow).where(col(DeliveryRow.id) == delivery.id)).one()
            _close_attempt(session, delivery, result, now)
            if row.lease_by != worker and state is not DeliveryState.DELIVERED:
                return DeliveryState(row.state)
            if row.held == HeldReason.LEFT.value and state is not DeliveryState.DELIVERED:
                state = DeliveryState.CANCELLED  # its reader left while it was being handed over
            row.state, row.words, row.lease_by = state.value, result.words, ""
            row.lease_until = BEGINNING
            if state is DeliveryState.DELIVERED:
                row.delivered_at = now
            elif retry_at is not None:
                row.due_at = retry_at
            _close_covered(session, row, state)
            return state

    def release_leases(self) -> int:
        """Give back every lease: only for a process that knows it is alone with the database."""
        with self._database.write() as session:
            statement = select(DeliveryRow).where(col(DeliveryRow.state).in_(_WITH_A_WORKER))
            rows = session.exec(statement).all()
            for row in rows:
                row.lease_until = BEGINNING
            return len(rows)

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
            also = _told_along(session, rows)
        parcels: dict[tuple[str, str, str], list[Delivery]] = {}
        for row in rows:
            key = (row.subscription_id, row.channel_id, row.target)
            parcels.setdefault(key, []).append(to_delivery(row))
        return [HeldParcel(*key, tuple(deliveries), also) for key, deliveries in parcels.items()]

    def wake(self, woken: Iterable[RenderedDelivery], *, now: datetime) -> None:
        """Let held deliveries go out with the words they have now, where they are still held."""
        found = list(woken)
        with self._database.write(serialised=True) as session:
            save_words(session, found)
            for one in found:
                session.exec(
                    update(DeliveryRow)
                    .where(
                        col(DeliveryRow.id) == one.planned.id,
                        col(DeliveryRow.state) == DeliveryState.HELD.value,
                    )
                    .values(
                        state=DeliveryState.PENDING.value,
                        due_at=now,
                        title=one.notification.title,
                        message=message_row(one).id,
                    )
                )

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

    def sync_subscriptions(
        self, subscriptions: Iterable[Subscription], channels: Iterable[Channel], *, now: datetime
    ) -> None:
        """Note which subscriptions of the files are in force from now on: the audit counts against them.

        Of readers who left, the channels must be free already.
        """
        targets = {channel.id: sorted(channel.targets) for channel in channels}
        wanted = {_terms(one, targets.get(one.channel_id, [])): one for one in subscriptions}
        with self._database.write(serialised=True) as session:
            last = session.exec(select(func.max(MatchRow.id))).one() or 0
            open_rows = session.exec(
                select(SubscriptionRow).where(
                    col(SubscriptionRow.until_match).is_(None), col(SubscriptionRow.by_reader).is_(False)
                )
            )
            for row in open_rows.all():
                terms = (row.subscription_id, row.channel_id, row.cadence, row.targets, row.watchlists)
                if wanted.pop(terms, None) is None:
                    row.until_match = last
            session.add_all(_subscription_row(terms, now, last) for terms in wanted)


_Terms = tuple[str, str, str, str, str]


def _terms(one: Subscription, targets: list[str]) -> _Terms:
    watchlists = json.dumps(sorted(one.watchlists))
    return one.id, one.channel_id, one.cadence.value, json.dumps(targets), watchlists


def _subscription_row(terms: _Terms, now: datetime, last_match: int) -> SubscriptionRow:
    subscription_id, channel_id, cadence, targets, watchlists = terms
    return SubscriptionRow(
        subscription_id=subscription_id,
        channel_id=channel_id,
        cadence=Cadence(cadence).value,
        targets=targets,
        watchlists=watchlists,
        since_at=now,
        since_match=last_match,
    )


def _words_of(session: Session, rows: Iterable[DeliveryRow]) -> dict[str, MessageRow]:
    wanted = {row.message for row in rows if row.message}
    return {row.id: row for row in session.exec(select(MessageRow).where(col(MessageRow.id).in_(wanted)))}


def _has_left(session: Session, delivery: Delivery, subject: Subject) -> bool:
    if delivery.reason in _ASKED_FOR:
        return False
    name = subject(recipient(delivery.channel_id, delivery.target))
    return session.get(SuppressionRow, name) is not None


def _told_along(session: Session, rows: Iterable[DeliveryRow]) -> dict[str, tuple[str, ...]]:
    """Give by delivery the watchlists whose deliveries of the same article its message tells of."""
    ids = [row.id for row in rows]
    found: dict[str, tuple[str, ...]] = {}
    statement = (
        select(DeliveryRow.covered_by, DeliveryRow.watchlist_id)
        .where(col(DeliveryRow.held) == HeldReason.SAME_ARTICLE.value)
        .order_by(col(DeliveryRow.watchlist_id))
    )
    for part in chunks(ids):
        for lead, watchlist_id in session.exec(statement.where(col(DeliveryRow.covered_by).in_(part))):
            found[lead] = (*found.get(lead, ()), watchlist_id)
    return found


def _due(now: datetime, latest: datetime, limit: int, but_not: Collection[str]) -> Any:  # noqa: ANN401 -- the library's statement types differ between databases
    is_time = (col(DeliveryRow.due_at) <= now) | (col(DeliveryRow.created_at) > now)
    is_over = (col(DeliveryRow.lease_until) <= now) | (col(DeliveryRow.lease_until) > latest)
    waiting = col(DeliveryRow.state).in_(_WAITING) & is_time
    abandoned = col(DeliveryRow.state).in_(_WITH_A_WORKER) & is_over
    return (
        select(DeliveryRow)
        .where(or_(waiting, abandoned), col(DeliveryRow.id).not_in(but_not))
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite leaves this out: there, writers come one by one
    )


def _take(session: Session, row: DeliveryRow, now: datetime, *, worker: str, lease: timedelta) -> None:
    if row.state == DeliveryState.SENDING.value:
        row.words = "The process ended while the message was being handed over; it is sent again."
    row.state = DeliveryState.CLAIMED.value
    row.lease_by, row.lease_until = worker, now + lease
    row.attempts += 1
    session.add(AttemptRow(delivery_id=row.id, number=row.attempts, started_at=now))


def _close_attempt(session: Session, delivery: Delivery, result: SendResult, now: datetime) -> None:
    statement = select(AttemptRow).where(
        col(AttemptRow.delivery_id) == delivery.id, col(AttemptRow.number) == delivery.attempts
    )
    attempt = session.exec(statement).one()
    attempt.ended_at, attempt.outcome, attempt.phase = now, result.outcome.value, result.phase
    attempt.code, attempt.words = result.code, result.words


def _close_covered(session: Session, digest: DeliveryRow, state: DeliveryState) -> None:
    """Let what a digest covers end as the digest ends."""
    covered = update(DeliveryRow).where(col(DeliveryRow.covered_by) == digest.id)
    if state is DeliveryState.DELIVERED:
        session.exec(covered.values(delivered_at=digest.delivered_at))
    elif state in {DeliveryState.FAILED, DeliveryState.EXPIRED}:
        session.exec(covered.values(state=state.value, words=digest.words))

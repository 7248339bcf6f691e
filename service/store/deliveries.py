"""The outbox: who may send what next, and what came of it.

A claim is a lease. Each step that matters is a commit of its own: claimed, about to hand the message over,
outcome. A worker that dies before handing over leaves a delivery that is simply sent
again; one that dies after it leaves an ambiguous one, repeated under the same Message-ID.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, or_, select, update

from service.domain import DeliveryState, HeldReason, NotifyReason, recipient
from service.schedule import EXPIRES_AFTER
from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import DELIVERY, AttemptRow, DeliveryRow, RefusingRow
from service.store.engine import as_unreachable
from service.store.leaving import is_readers_own
from service.store.outage import strip_late
from service.store.outcomes import UNTOLD, close_covered, record_outcome, reopen_covered
from service.store.reader_tables import BACK, MessageRow, SuppressionRow
from service.store.tables import BEGINNING, CLOCKS_DIFFER
from service.store.targets import look_now
from service.store.together import Together
from service.store.waits import NOTHING, Avoid, is_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from service.domain import Delivery, SendResult
    from service.store.engine import Database
    from service.store.waits import Wait, Waits

    Subject = Callable[[str], str]

_WITH_A_WORKER = (DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, *[30.0] * 120)  # seconds
_SHORT = 7  # of them for what passes soon, or never
# What is sent to an address that wants nothing more: what somebody asked for there, just now.
_ASKED_FOR = (NotifyReason.CONFIRMATION, NotifyReason.ACCESS, NotifyReason.TEST)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is due, by where it goes."""

    id: str
    channel_id: str
    target: str


class Deliveries:
    """What can be asked and said about deliveries."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database
        self._together = Together(database)
        self._is_ending = Event()

    def claim_due(
        self,
        now: datetime,
        *,
        worker: str,
        lease: timedelta,
        limit: int,
        avoid: Avoid = NOTHING,
        choose: Callable[[Sequence[Due]], Collection[str]] | None = None,
    ) -> list[Delivery]:
        """Lease due deliveries, oldest first, and note that an attempt has begun.

        Up to `limit` of them are looked at; `choose` gives the ids of those to take, without it all are.
        Deliveries whose worker let the lease run out are due again, but not those to be avoided, such as
        those that the caller knows to be under way. What was stored in the future, or leased for longer than
        anyone leases, is due as well: the clock was set back since. Nothing is written where none is taken.
        An alert that was tried in vain for long comes without its words, which are old by now.
        """
        due = [_is_due(now, lease), *avoid.conditions()]
        with self._database.read() as session:
            found = session.exec(
                select(DeliveryRow.id, DeliveryRow.channel_id, DeliveryRow.target)
                .where(*due)
                .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
                .limit(limit)
            ).all()
        waiting = [Due(*row) for row in found]
        chosen = choose(waiting) if choose else [one.id for one in waiting]
        if not chosen:
            return []

        def claim(session: Session) -> list[Delivery]:
            rows = session.exec(_by_turn(due, chosen)).all()
            strip_late(session, rows, now)
            for row in rows:
                _take(session, row, now, worker=worker, lease=lease)
            words = _words_of(session, rows)
            return [to_delivery(row, words.get(row.message)) for row in rows]

        return self._together.write(claim)

    def postpone(self, waits: Waits, *, now: datetime, most: int | None = None) -> int:
        """Let what is due and leads where nothing is sent now wait, and say why; returns how many that are.

        So `most` at a time. What would wait for longer than deliveries are kept is given up. Nothing is
        written where none is due, and nothing is changed that has gone on meanwhile.
        """
        wanted = select(DeliveryRow.id, DeliveryRow.channel_id, DeliveryRow.target, DeliveryRow.created_at)
        with self._database.read() as session:
            found = [
                row
                for condition in waits.conditions()
                for row in session.exec(wanted.where(is_waiting(now), condition).limit(most)).all()
            ]
        held = [
            (number, created_at, wait)
            for number, channel_id, target, created_at in found
            if (wait := waits.of(channel_id, target)) is not None
        ]
        if not held:
            return 0
        return self._together.write(lambda session: _put_off(session, held, now))

    def send_again(self, delivery_id: str, now: datetime) -> bool:
        """Let a delivery that ended without success be tried once more; False where there is none such.

        It keeps its Message-ID, and what failed with it waits for its end again. One that is older than
        deliveries are kept has this one try; where its target is paused, it looks whether that is well. What
        another message tells of is told by that one, and who has
        left is told nothing.
        """
        with self._database.write() as session:
            ended = update(DeliveryRow).where(*_ended_alone(delivery_id))
            again = {"state": DeliveryState.PENDING.value, "due_at": now, "is_reported": False}
            done = session.exec(ended.values(**again)).rowcount
            if done:
                reopen_covered(session, delivery_id)
                row = session.get_one(DeliveryRow, delivery_id)
                look_now(session, recipient(row.channel_id, row.target), now)
            return bool(done)

    def may_send_again(self, delivery_id: str) -> bool:
        """Tell whether `send_again` would let this delivery be tried once more."""
        with self._database.read() as session:
            return session.exec(select(DeliveryRow.id).where(*_ended_alone(delivery_id))).first() is not None

    def mark_sending(
        self,
        delivery: Delivery,
        *,
        worker: str,
        now: datetime,
        lease: timedelta = timedelta(0),
        subject: Subject | None = None,
    ) -> bool:
        """Note that the message is about to be handed over; False when it may not be.

        The lease is then `lease` from now on, whatever the way to this moment took: what is taken over while
        it is being handed over is told twice.

        Because the lease is no longer ours, or its reader has left: `subject` gives the keyed hash of a
        reader's name. That is looked up in the transaction that notes it, after the row is locked, so that
        nothing is handed over once an unsubscription was answered.

        Raises:
            StoreUnreachable: the database cannot be written now; nothing is noted.
        """

        def mark(session: Session) -> bool:
            mine = {"of": delivery.id, "by": worker, "at": now, "until": now + lease}
            is_ours = bool(session.connection().execute(_MARK, mine).rowcount)
            if is_ours and subject is not None and _has_left(session, delivery, subject):
                left = {"state": DeliveryState.CANCELLED.value, "held": HeldReason.LEFT.value, "lease_by": ""}
                session.exec(update(DeliveryRow).where(col(DeliveryRow.id) == delivery.id).values(**left))
                return False
            return is_ours

        with as_unreachable():
            return self._together.write(mark)

    def record(
        self, delivery: Delivery, result: SendResult, *, worker: str, now: datetime, retry_at: datetime | None
    ) -> DeliveryState:
        """Store how a send ended. `retry_at` is None where nothing more will be tried (expired).

        A worker whose lease was taken over meanwhile changes nothing but its own attempt, unless
        its message did go out: that is always recorded. A database that is busy, or full, is asked
        again for an hour: an outcome that is not stored is a message sent twice. What a target that is
        paused refuses waits on, whatever the outcome.
        """

        def note(session: Session) -> DeliveryState:
            return record_outcome(session, delivery, result, worker, now, retry_at)

        for number, pause in enumerate(_PAUSES):
            try:
                return self._together.write(note)
            except (OperationalError, IntegrityError) as fault:  # two may note the first refusal of a target
                if number >= _SHORT and (isinstance(fault, IntegrityError) or self._is_ending.is_set()):
                    raise
            if number < _SHORT:  # what is only busy is waited for, whoever ends meanwhile
                time.sleep(pause)
            else:
                self._is_ending.wait(pause)
        return self._together.write(note)

    def end(self) -> None:
        """Wait no longer for a database that cannot be written: the process ends."""
        self._is_ending.set()

    def release_leases(self) -> int:
        """Give back every lease: only for a process that knows it is alone with the database."""
        with self._database.write() as session:
            statement = select(DeliveryRow).where(col(DeliveryRow.state).in_(_WITH_A_WORKER))
            rows = session.exec(statement).all()
            for row in rows:
                row.lease_until = BEGINNING
            return len(rows)


def _put_off(session: Session, held: Sequence[tuple[str, datetime, Wait]], now: datetime) -> int:
    paused = {wait.paused: wait.until for _, _, wait in held if wait.paused}
    over = {name for name, until in paused.items() if not _is_paused_until(session, name, until)}
    count = 0
    for number, created_at, wait in held:
        if wait.paused in over:
            continue
        values: dict[str, Any] = {"due_at": wait.until, "words": wait.words}
        if created_at < wait.until - EXPIRES_AFTER:
            values = {"state": DeliveryState.EXPIRED.value, "words": wait.at_end or wait.words}
        mine = update(DeliveryRow).where(col(DeliveryRow.id) == number, is_waiting(now))
        changed = session.exec(mine.values(**values)).rowcount
        if changed and "state" in values:
            close_covered(session, number, values)
        count += changed
    return count


def _is_paused_until(session: Session, name: str, until: datetime) -> bool:
    row = session.get(RefusingRow, name)
    return row is not None and row.until_at == until


def _words_of(session: Session, rows: Iterable[DeliveryRow]) -> dict[str, MessageRow]:
    wanted = {row.message for row in rows if row.message}
    return {row.id: row for row in session.exec(select(MessageRow).where(col(MessageRow.id).in_(wanted)))}


def _has_left(session: Session, delivery: Delivery, subject: Subject) -> bool:
    if delivery.reason in _ASKED_FOR:
        return False
    name = subject(recipient(delivery.channel_id, delivery.target))
    return session.connection().execute(_SUPPRESSED, {"of": name}).first() is not None


def _ended_alone(delivery_id: str) -> tuple[Any, ...]:
    """Give the conditions of a delivery that ended without success, by itself and not with another."""
    is_alone = col(DeliveryRow.covered_by) == ""
    return (
        col(DeliveryRow.id) == delivery_id,
        col(DeliveryRow.state).in_(UNTOLD),
        is_alone,
        is_readers_own(),
    )


def _is_due(now: datetime, lease: timedelta) -> Any:  # noqa: ANN401 -- the library's type of a condition
    until = col(DeliveryRow.lease_until)
    is_over = (until <= now) | (until > now + lease + CLOCKS_DIFFER)
    return or_(is_waiting(now), col(DeliveryRow.state).in_(_WITH_A_WORKER) & is_over)


def _by_turn(conditions: Sequence[Any], ids: Collection[str]) -> Any:  # noqa: ANN401 -- the library's statement types differ between databases
    return (
        select(DeliveryRow)
        .where(*conditions, col(DeliveryRow.id).in_(ids))
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
        .with_for_update(skip_locked=True)  # SQLite leaves this out: there, writers come one by one
    )


def _take(session: Session, row: DeliveryRow, now: datetime, *, worker: str, lease: timedelta) -> None:
    if row.state == DeliveryState.SENDING.value:
        row.words = "The process ended while the message was being handed over; it is sent again."
    row.state = DeliveryState.CLAIMED.value
    row.lease_by, row.lease_until = worker, now + lease
    row.attempts += 1
    session.add(AttemptRow(delivery_id=row.id, number=row.attempts, started_at=now))


# Written out once: they run for each message, and making one takes longer than running it.
_MARK = (
    DELIVERY.update()
    .where(
        DELIVERY.c.id == bindparam("of"),
        DELIVERY.c.state == DeliveryState.CLAIMED.value,
        DELIVERY.c.lease_by == bindparam("by"),
        DELIVERY.c.lease_until > bindparam("at"),
    )
    .values(
        state=DeliveryState.SENDING.value,
        lease_until=case(
            (DELIVERY.c.lease_until < bindparam("until"), bindparam("until")), else_=DELIVERY.c.lease_until
        ),
    )
)
_SUPPRESSED = select(SuppressionRow.subject).where(
    col(SuppressionRow.subject) == bindparam("of"), col(SuppressionRow.why) != BACK
)

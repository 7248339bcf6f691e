"""What came of a send: the attempt is closed, and the delivery ends, or waits for its next try."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from service.circuit import paused_words
from service.domain import DeliveryState, HeldReason, SendOutcome
from service.schedule import EXPIRES_AFTER
from service.store.delivery_tables import ATTEMPT, DELIVERY, AttemptRow, DeliveryRow
from service.store.leaving import without_address
from service.store.tables import BEGINNING
from service.store.targets import leads_to, note_outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from service.domain import Delivery, SendResult

UNTOLD = (DeliveryState.FAILED.value, DeliveryState.EXPIRED.value)
_TRIED_AGAIN = (DeliveryState.PENDING, DeliveryState.AMBIGUOUS)
_FINAL = {
    SendOutcome.SENT: DeliveryState.DELIVERED,
    SendOutcome.PERMANENT: DeliveryState.FAILED,
    SendOutcome.TEMPORARY: DeliveryState.PENDING,
    SendOutcome.AMBIGUOUS: DeliveryState.AMBIGUOUS,
}


def record_outcome(
    session: Session,
    delivery: Delivery,
    result: SendResult,
    worker: str,
    now: datetime,
    retry_at: datetime | None,
) -> DeliveryState:
    """Close the attempt and change its delivery, within the caller's transaction; gives how that stands now.

    `retry_at` is None where nothing more will be tried. An attempt whose lease another worker took over
    meanwhile changes nothing but itself, unless its message did go out.
    """
    connection, mine = session.connection(), {"of": delivery.id}
    # The delivery before its attempt, as who leaves locks them; its address may be erased since.
    standing = connection.execute(_STANDING, mine).one()
    is_named = standing.target == delivery.target
    if not is_named:
        result = replace(result, words=without_address(result.words, delivery.target))
    said = {
        "outcome": result.outcome.value,
        "phase": result.phase,
        "code": result.code,
        "words": result.words,
    }
    connection.execute(_CLOSE_ATTEMPT, {**mine, "nth": delivery.attempts, "ended_at": now, **said})
    is_sent = result.outcome is SendOutcome.SENT
    if standing.lease_by != worker and not is_sent:
        return DeliveryState(standing.state)
    pause = note_outcome(session, delivery, result, now) if is_named else None
    if pause and pause.since_at:
        _put_back(session, delivery, pause.since_at, pause.until_at, paused_words(result.words))
    state, retry_at = _state_after(standing, result, pause.until_at if pause else None, retry_at)
    values = {"state": state.value, "words": result.words, "lease_by": "", "lease_until": BEGINNING}
    if pause is not None and state is not DeliveryState.EXPIRED:
        values["words"] = paused_words(result.words)
    if result.was_not_begun and state is DeliveryState.PENDING:
        del values["words"]  # nobody was asked: it is not what could not be sent, and is not told as that
    if is_sent:
        values["delivered_at"] = now
    elif retry_at is not None:
        values["due_at"] = retry_at
    connection.execute(_CHANGE.values(**values), mine)
    close_covered(session, delivery.id, values)
    return state


def _state_after(
    standing: Any,  # noqa: ANN401 -- a row of the library
    result: SendResult,
    until: datetime | None,
    retry_at: datetime | None,
) -> tuple[DeliveryState, datetime | None]:
    """Give the state after a send, and when it is tried again; `until` is set where its target is paused."""
    state = _FINAL[result.outcome]
    if until is not None:
        retry_at = until if until <= standing.created_at + EXPIRES_AFTER else None
        state = DeliveryState.PENDING if state is DeliveryState.FAILED else state
    if standing.held == HeldReason.LEFT.value and state is not DeliveryState.DELIVERED:
        return DeliveryState.CANCELLED, None  # its reader left while it was being handed over
    if state in _TRIED_AGAIN and retry_at is None:
        return DeliveryState.EXPIRED, None
    return state, retry_at


def _put_back(session: Session, delivery: Delivery, since: datetime, until: datetime, words: str) -> None:
    """Let what a target refused wait for it, now that it is paused: it was no fault of those messages."""
    ended = col(AttemptRow.ended_at) >= since, col(AttemptRow.outcome) == SendOutcome.PERMANENT.value
    refused = select(DeliveryRow).where(
        leads_to(delivery.channel_id, delivery.target),
        col(DeliveryRow.state) == DeliveryState.FAILED.value,
        col(DeliveryRow.covered_by) == "",
        col(DeliveryRow.created_at) >= until - EXPIRES_AFTER,
        col(DeliveryRow.id).in_(select(AttemptRow.delivery_id).where(*ended)),
    )
    for row in session.exec(refused):
        row.state, row.due_at, row.words, row.is_reported = DeliveryState.PENDING.value, until, words, False
        reopen_covered(session, row.id)


def close_covered(session: Session, digest: str, values: Mapping[str, Any]) -> None:
    """Let what a message tells of besides end as it ends: told with it, or not at all."""
    if "delivered_at" in values:
        said = {"delivered_at": values["delivered_at"]}
    elif values["state"] in UNTOLD:
        said = {"state": values["state"], "words": values["words"]}
    else:
        return
    session.connection().execute(_CHANGE_COVERED.values(**said), {"of": digest})


def reopen_covered(session: Session, digest: str) -> None:
    """Let what a message tells of besides wait for its end again."""
    waits = {"state": DeliveryState.COVERED.value, "words": ""}
    session.connection().execute(_CHANGE_COVERED.values(**waits), {"of": digest})


# Written out once: they run for each message, and making one takes longer than running it.
_CLOSE_ATTEMPT = ATTEMPT.update().where(
    ATTEMPT.c.delivery_id == bindparam("of"), ATTEMPT.c.number == bindparam("nth")
)
_STANDING = (
    DELIVERY.select()
    .with_only_columns(
        *(DELIVERY.c.state, DELIVERY.c.lease_by, DELIVERY.c.held, DELIVERY.c.created_at, DELIVERY.c.target)
    )
    .where(DELIVERY.c.id == bindparam("of"))
    .with_for_update()
)
_CHANGE = DELIVERY.update().where(DELIVERY.c.id == bindparam("of"))
_CHANGE_COVERED = DELIVERY.update().where(DELIVERY.c.covered_by == bindparam("of"))

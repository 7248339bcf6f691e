"""The ledger of deliveries as pages show it: state, reason, whom, attempts, the other side's words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import DeliveryState
from service.web.phrases import hide_addresses, many
from service.web.telling import REASONS, STATES, TONES, Tone
from service.web.times import find_moment, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.domain import Delivery
    from service.store import Attempt
    from service.web.times import Local, Moment


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One started send, in words."""

    number: int
    at: Moment
    words: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of the ledger. `target` is a mail address shown partly, or empty for a chat."""

    subject: str
    state: str
    tone: Tone
    reason: str
    channel: str
    target: str
    event_id: str
    attempts: str
    words: str
    planned_at: Moment
    due_at: Moment | None
    delivered_at: Moment | None
    tries: tuple[AttemptRow, ...] = ()


_STILL_DUE = {DeliveryState.HELD, DeliveryState.PENDING, DeliveryState.AMBIGUOUS}


def delivery_row(delivery: Delivery, local: Local, attempts: Sequence[Attempt] = ()) -> DeliveryRow:
    """Tell one delivery; `attempts` are told too where they are given."""
    return DeliveryRow(
        subject=delivery.notification.title,
        state=STATES[delivery.state],
        tone=TONES.get(delivery.state, Tone.PLAIN),
        reason=REASONS[delivery.reason],
        channel=delivery.channel_id,
        target=hide_addresses(delivery.target),
        event_id=delivery.event_id,
        attempts=many(delivery.attempts, "attempt") if delivery.attempts else "no attempt yet",
        words=hide_addresses(delivery.words),
        planned_at=moment(delivery.created_at, local),
        due_at=moment(delivery.due_at, local) if delivery.state in _STILL_DUE else None,
        delivered_at=find_moment(delivery.delivered_at, local),
        tries=tuple(_attempt_row(one, local) for one in attempts),
    )


def _attempt_row(attempt: Attempt, local: Local) -> AttemptRow:
    if not attempt.outcome:
        ended = "under way" if attempt.ended_at is None else "ended"
        return AttemptRow(attempt.number, moment(attempt.started_at, local), ended)
    step = f" at {attempt.phase}" if attempt.phase else ""
    code = f" {attempt.code}" if attempt.code else ""
    said = f": {hide_addresses(attempt.words)}" if attempt.words else ""
    return AttemptRow(
        attempt.number, moment(attempt.started_at, local), f"{attempt.outcome}{step}{code}{said}"
    )


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """A choice of the ledger: its name in the address, its title, its states, how many there are."""

    name: str
    title: str
    states: tuple[DeliveryState, ...]
    count: int


_LEDGER = (
    ("", "All", tuple(DeliveryState)),
    (
        "waiting",
        "Waiting",
        (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.AMBIGUOUS),
    ),
    ("digest", "Kept for a digest", (DeliveryState.HELD,)),
    ("delivered", "Delivered", (DeliveryState.DELIVERED, DeliveryState.COVERED)),
    ("failed", "Failed", (DeliveryState.FAILED, DeliveryState.EXPIRED)),
)


def ledger_parts(counts: Mapping[str, int]) -> tuple[LedgerPart, ...]:
    """Give the choices of the ledger with their counts; the first one is everything."""
    return tuple(
        LedgerPart(name, title, states, sum(counts.get(state.value, 0) for state in states))
        for name, title, states in _LEDGER
    )

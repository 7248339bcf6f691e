"""The ledger of deliveries as pages show it: state, reason, whom, attempts, the other side's words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import DeliveryState, HeldReason, SendOutcome
from service.notify.holding import HELD
from service.web.phrases import channel_name, hide_addresses
from service.web.telling import OUTCOMES, REASONS, STATES, TONES, TRIED_AGAIN, Tone
from service.web.times import find_moment, moment
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.domain import Delivery
    from service.store import Attempt
    from service.web.times import Local, Moment
    from service.wording import Wording


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One started send, in words."""

    number: int
    at: Moment
    words: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of the ledger. `target` is a mail address shown partly, or empty for a chat."""

    id: str
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


_CHAT_PHASE, _PROGRAM_PHASE = "answer", "response"  # a mail server is left in one of the steps of SMTP
_STILL_DUE = {DeliveryState.HELD, DeliveryState.PENDING, DeliveryState.AMBIGUOUS}


def delivery_row(delivery: Delivery, local: Local, attempts: Sequence[Attempt] = ()) -> DeliveryRow:
    """Tell one delivery; `attempts` are told too where they are given."""
    is_retry = delivery.state is DeliveryState.PENDING and delivery.attempts > 0
    return DeliveryRow(
        id=delivery.id,
        subject=delivery.notification.title,
        state=local.words.say(TRIED_AGAIN if is_retry else STATES[delivery.state]),
        tone=Tone.TROUBLE if is_retry else TONES.get(delivery.state, Tone.PLAIN),
        reason=_reason(delivery, local.words),
        channel=channel_name(delivery.channel_id, local.words),
        target=hide_addresses(delivery.target),
        event_id=delivery.event_id,
        attempts=_attempts(delivery, local.words),
        words=hide_addresses(delivery.words),
        planned_at=moment(delivery.created_at, local),
        due_at=moment(delivery.due_at, local) if delivery.state in _STILL_DUE else None,
        delivered_at=find_moment(delivery.delivered_at, local),
        tries=tuple(attempt_row(one, local) for one in attempts),
    )


def _reason(delivery: Delivery, words: Wording) -> str:
    """Say why it is told; where it was held back, why that too."""
    said = words.say(REASONS[delivery.reason])
    if not delivery.held or delivery.held is HeldReason.DIGEST:
        return said
    return f"{said}; {words.say(HELD[delivery.held])}"


def _attempts(delivery: Delivery, words: Wording) -> str:
    if delivery.attempts:
        return words.count(delivery.attempts, "{number} attempt", "{number} attempts")
    if delivery.state is DeliveryState.COVERED:
        return words.say("none of its own")
    return words.say("none yet")


def attempt_row(attempt: Attempt, local: Local) -> AttemptRow:
    """Tell how a started send ended."""
    at, words = moment(attempt.started_at, local), local.words
    if not attempt.outcome:
        return AttemptRow(attempt.number, at, words.say("under way, or the process ended in it"))
    said, ended = hide_addresses(attempt.words), words.say(OUTCOMES[SendOutcome(attempt.outcome)])
    if not attempt.code:
        return AttemptRow(attempt.number, at, f"{ended}: {said}" if said else ended)
    code = "" if said.startswith(str(attempt.code)) else f"{attempt.code} "
    answer = f"{code}{said}".strip()
    if attempt.phase == _PROGRAM_PHASE:
        said = words.say("{outcome} by the program ({answer})", outcome=ended, answer=answer)
    elif attempt.phase == _CHAT_PHASE:
        said = words.say("{outcome} by the chat service ({answer})", outcome=ended, answer=answer)
    else:
        said = words.say("{outcome} by the mail server ({answer})", outcome=ended, answer=answer)
    return AttemptRow(attempt.number, at, said)


@dataclass(frozen=True, slots=True)
class LedgerPart:
    """A choice of the ledger: its name in the address, its title, its states, how many there are."""

    name: str
    title: str
    states: tuple[DeliveryState, ...]
    count: int


_LEDGER = (
    ("", later("All"), tuple(DeliveryState)),
    (
        "waiting",
        later("Waiting"),
        (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.AMBIGUOUS),
    ),
    ("digest", later("Held until later"), (DeliveryState.HELD,)),
    ("delivered", later("Delivered"), (DeliveryState.DELIVERED, DeliveryState.COVERED)),
    ("failed", later("Failed"), (DeliveryState.FAILED, DeliveryState.EXPIRED)),
    ("not-sent", later("Not sent"), (DeliveryState.CANCELLED,)),
)


def ledger_parts(counts: Mapping[str, int]) -> tuple[LedgerPart, ...]:
    """Give the choices of the ledger with their counts; the first one is everything."""
    return tuple(
        LedgerPart(name, title, states, sum(counts.get(state.value, 0) for state in states))
        for name, title, states in _LEDGER
    )

"""What was told of an event and when, or why it was not, in plain words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import DeliveryState, HeldReason, JoinReason, NotifyReason, SendOutcome
from service.notify.holding import HELD
from service.web.phrases import channel_name, hide_addresses, listed, many
from service.web.times import find_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.domain import Delivery
    from service.store import EventView
    from service.web.times import Local, Moment


class Tone(StrEnum):
    """How a phrase is set: good (green), trouble (amber), or neither."""

    GOOD = "good"
    TROUBLE = "trouble"
    PLAIN = "plain"


STATES = {
    DeliveryState.HELD: "held until later",
    DeliveryState.PENDING: "waiting to be sent",
    DeliveryState.CLAIMED: "being sent",
    DeliveryState.SENDING: "being handed over",
    DeliveryState.AMBIGUOUS: "perhaps delivered, will be repeated",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.FAILED: "refused for good",
    DeliveryState.EXPIRED: "given up",
    DeliveryState.COVERED: "told with others",
    DeliveryState.CANCELLED: "not sent",
}
TRIED_AGAIN = "will be tried again"
OUTCOMES = {
    SendOutcome.SENT: "accepted",
    SendOutcome.TEMPORARY: "put off",
    SendOutcome.PERMANENT: "refused",
    SendOutcome.AMBIGUOUS: "the line broke",
}
TONES = {
    DeliveryState.AMBIGUOUS: Tone.TROUBLE,
    DeliveryState.DELIVERED: Tone.GOOD,
    DeliveryState.FAILED: Tone.TROUBLE,
    DeliveryState.EXPIRED: Tone.TROUBLE,
    DeliveryState.COVERED: Tone.GOOD,
}
REASONS = {
    NotifyReason.NEW_EVENT: "new event",
    NotifyReason.FRESH_REPORT: "fresh report of an event that was known, but never told",
    NotifyReason.UPDATE: "news of an event that was told",
    NotifyReason.DIGEST: "the hour of its digest",
    NotifyReason.SOURCE_HEALTH: "sources in trouble, or well again",
    NotifyReason.SPIKE: "far more reports than usual within an hour",
    NotifyReason.CONFIRMATION: "somebody subscribed this address",
    NotifyReason.ACCESS: "its reader asked for a link to change alerts",
    NotifyReason.CHANNEL_HEALTH: "a channel refuses, or takes alerts again",
}
JOINED = {
    JoinReason.NONE: "opened this event",
    JoinReason.SAME_ADDRESS: "joined: the same address",
    JoinReason.SAME_HEADLINE: "joined: the same headline",
    JoinReason.SHARED_WORDS: "joined: telling words in common",
    JoinReason.SAME_MEANING: "joined: the same meaning in another language",
    JoinReason.BY_HAND: "put here by hand",
}

_TOLD_WITH_ANOTHER = frozenset({HeldReason.SAME_ARTICLE, HeldReason.WINDOW})  # and not in a digest


@dataclass(frozen=True, slots=True)
class Told:
    """One phrase about the telling, perhaps with a time in it: `told 06:31 to desk`."""

    before: str
    at: Moment | None = None
    after: str = ""
    tone: Tone = Tone.PLAIN


def tell(view: EventView, local: Local) -> tuple[Told, ...]:
    """Say what was told of an event, one phrase for each way it went; or why nothing was."""
    if not view.deliveries:
        return (Told(f"not told: {_why_untold(view)}"),)
    phrases = []
    for states, phrase in _PHRASES:
        group = [delivery for delivery in view.deliveries if delivery.state in states]
        if group:
            phrases.append(phrase(group, local))
    return tuple(phrases)


def _why_untold(view: EventView) -> str:
    reasons = list(dict.fromkeys(report.held for report in view.reports if report.held is not None))
    if any(report.held is None for report in view.reports):
        return "no subscription asked for it"
    return listed([HELD[reason] for reason in reasons])


def _delivered(group: Sequence[Delivery], local: Local) -> Told:
    times = [delivery.delivered_at for delivery in group if delivery.delivered_at is not None]
    return Told("told", find_moment(min(times, default=None), local), _to(group), Tone.GOOD)


def _covered(group: Sequence[Delivery], local: Local) -> Told:
    if all(delivery.held in _TOLD_WITH_ANOTHER for delivery in group):
        return Told("told in another message", after=_to(group), tone=Tone.GOOD)
    times = [delivery.delivered_at for delivery in group if delivery.delivered_at is not None]
    if not times:
        return Told("in a digest that is being sent", after=_to(group))
    return Told("told in the digest of", find_moment(min(times), local), _to(group), Tone.GOOD)


def _held(group: Sequence[Delivery], local: Local) -> Told:
    first = min(group, key=lambda delivery: delivery.due_at)
    if first.held in {None, HeldReason.DIGEST}:
        return Told("will be in the digest of", find_moment(first.due_at, local), _to(group))
    return Told("held until", find_moment(first.due_at, local), f"{_to(group)}: {HELD[first.held]}")


def _cancelled(group: Sequence[Delivery], local: Local) -> Told:  # noqa: ARG001 -- one shape for all phrases
    reasons = dict.fromkeys(HELD[delivery.held] for delivery in group if delivery.held)
    return Told("not sent", after=f"{_to(group)}: {listed([*reasons])}")


def _waiting(group: Sequence[Delivery], local: Local) -> Told:
    first = min(group, key=lambda delivery: delivery.due_at)
    tried = first.attempts > 0
    if not tried or first.state not in {DeliveryState.PENDING, DeliveryState.AMBIGUOUS}:
        return Told("on its way", after=_to(group))
    if first.state is DeliveryState.AMBIGUOUS:
        head = "perhaps told: the line broke at the end; repeated"
    else:
        head = "not told yet; next try"
    return Told(head, find_moment(first.due_at, local), f"{_to(group)}{_words(first)}", Tone.TROUBLE)


def _failed(group: Sequence[Delivery], local: Local) -> Told:  # noqa: ARG001 -- one shape for all phrases
    first = group[0]
    refused = first.state is DeliveryState.FAILED
    head = "refused for good" if refused else f"given up after {many(first.attempts, 'attempt')}"
    return Told(f"could not be told: {head}", after=f"{_to(group)}{_words(first)}", tone=Tone.TROUBLE)


def _to(group: Sequence[Delivery]) -> str:
    channels = list(dict.fromkeys(channel_name(delivery.channel_id) for delivery in group))
    places = f" ({many(len(group), 'address', 'addresses')})" if len(group) > len(channels) else ""
    return f"to {listed(channels)}{places}"


def _words(delivery: Delivery) -> str:
    return f": {hide_addresses(delivery.words)}" if delivery.words else ""


_Phrase = tuple[tuple[DeliveryState, ...], "Callable[[Sequence[Delivery], Local], Told]"]
_PHRASES: tuple[_Phrase, ...] = (
    ((DeliveryState.DELIVERED,), _delivered),
    ((DeliveryState.COVERED,), _covered),
    (
        (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.AMBIGUOUS),
        _waiting,
    ),
    ((DeliveryState.HELD,), _held),
    ((DeliveryState.CANCELLED,), _cancelled),
    ((DeliveryState.FAILED, DeliveryState.EXPIRED), _failed),
)

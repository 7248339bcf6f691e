"""What was told of an event and when, or why it was not, in plain words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import DeliveryState, HeldReason, JoinReason, NotifyReason, SendOutcome
from service.notify.holding import HELD
from service.web.phrases import channel_name, hide_addresses
from service.web.times import find_moment
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.store import EventView, Telling
    from service.web.times import Local, Moment
    from service.wording import Wording


class Tone(StrEnum):
    """How a phrase is set: good (green), trouble (amber), or neither."""

    GOOD = "good"
    TROUBLE = "trouble"
    PLAIN = "plain"


STATES = {
    DeliveryState.HELD: later("held until later"),
    DeliveryState.PENDING: later("waiting to be sent"),
    DeliveryState.CLAIMED: later("being sent"),
    DeliveryState.SENDING: later("being handed over"),
    DeliveryState.AMBIGUOUS: later("perhaps delivered, will be repeated"),
    DeliveryState.DELIVERED: later("delivered"),
    DeliveryState.FAILED: later("refused for good"),
    DeliveryState.EXPIRED: later("given up"),
    DeliveryState.COVERED: later("told with others"),
    DeliveryState.CANCELLED: later("not sent"),
}
TRIED_AGAIN = later("will be tried again")
OUTCOMES = {
    SendOutcome.SENT: later("accepted"),
    SendOutcome.TEMPORARY: later("put off"),
    SendOutcome.PERMANENT: later("refused"),
    SendOutcome.AMBIGUOUS: later("the line broke"),
}
TONES = {
    DeliveryState.AMBIGUOUS: Tone.TROUBLE,
    DeliveryState.DELIVERED: Tone.GOOD,
    DeliveryState.FAILED: Tone.TROUBLE,
    DeliveryState.EXPIRED: Tone.TROUBLE,
    DeliveryState.COVERED: Tone.GOOD,
}
REASONS = {
    NotifyReason.NEW_EVENT: later("new event"),
    NotifyReason.FRESH_REPORT: later("fresh report of an event that was known, but never told"),
    NotifyReason.UPDATE: later("news of an event that was told"),
    NotifyReason.DIGEST: later("the hour of its digest"),
    NotifyReason.SOURCE_HEALTH: later("sources in trouble, or well again"),
    NotifyReason.SPIKE: later("far more reports than usual within an hour"),
    NotifyReason.CONFIRMATION: later("somebody subscribed this address"),
    NotifyReason.ACCESS: later("its reader asked for a link to change alerts"),
    NotifyReason.CHANNEL_HEALTH: later("a channel refuses, or takes alerts again"),
    NotifyReason.UNDELIVERED: later("messages to others could not be delivered"),
}
JOINED = {
    JoinReason.NONE: later("opened this event"),
    JoinReason.SAME_ADDRESS: later("joined: the same address"),
    JoinReason.SAME_HEADLINE: later("joined: the same headline"),
    JoinReason.SHARED_WORDS: later("joined: telling words in common"),
    JoinReason.SAME_MEANING: later("joined: the same meaning in another language"),
    JoinReason.BY_HAND: later("put here by hand"),
}

_TOLD_WITH_ANOTHER = frozenset(  # and not in a digest
    {HeldReason.SAME_ARTICLE, HeldReason.SAME_EVENT, HeldReason.WINDOW}
)


@dataclass(frozen=True, slots=True)
class Told:
    """One phrase about the telling, perhaps with a time in it: `told 06:31 to desk`."""

    before: str
    at: Moment | None = None
    after: str = ""
    tone: Tone = Tone.PLAIN


def tell(view: EventView, local: Local) -> tuple[Told, ...]:
    """Say what was told of an event, one phrase for each way it went; or why nothing was."""
    tellings = view.tellings
    if not tellings:
        return (Told(local.words.say("not told: {why}", why=_why_untold(view, local.words))),)
    phrases = []
    for states, phrase in _PHRASES:
        group = [telling for telling in tellings if telling.state in states]
        if group:
            phrases.append(phrase(group, local))
    return tuple(phrases)


def _why_untold(view: EventView, words: Wording) -> str:
    reasons = dict.fromkeys(report.held for report in view.reports if report.held is not None)
    if any(report.held is None for report in view.reports):
        return words.say("no subscription asked for it")
    return words.say_list([words.say(HELD[reason]) for reason in reasons])


def _delivered(group: Sequence[Telling], local: Local) -> Told:
    times = [telling.delivered_at for telling in group if telling.delivered_at is not None]
    at = find_moment(min(times, default=None), local)
    return Told(local.words.say("told"), at, _to(group, local), Tone.GOOD)


def _covered(group: Sequence[Telling], local: Local) -> Told:
    say, to = local.words.say, _to(group, local)
    if all(telling.held in _TOLD_WITH_ANOTHER for telling in group):
        return Told(say("told in another message"), after=to, tone=Tone.GOOD)
    times = [telling.delivered_at for telling in group if telling.delivered_at is not None]
    if not times:
        return Told(say("in a digest that is being sent"), after=to)
    return Told(say("told in the digest of"), find_moment(min(times), local), to, Tone.GOOD)


def _held(group: Sequence[Telling], local: Local) -> Told:
    say, to = local.words.say, _to(group, local)
    first = min(group, key=lambda telling: telling.due_at)
    at = find_moment(first.due_at, local)
    if first.held in {None, HeldReason.DIGEST}:
        return Told(say("will be in the digest of"), at, to)
    return Told(say("held until"), at, _with_why(to, say(HELD[first.held])))


def _cancelled(group: Sequence[Telling], local: Local) -> Told:
    say = local.words.say
    reasons = dict.fromkeys(say(HELD[telling.held]) for telling in group if telling.held)
    return Told(say("not sent"), after=_with_why(_to(group, local), local.words.say_list([*reasons])))


def _waiting(group: Sequence[Telling], local: Local) -> Told:
    say, to = local.words.say, _to(group, local)
    first = min(group, key=lambda telling: telling.due_at)
    tried = first.attempts > 0
    if not tried or first.state not in {DeliveryState.PENDING, DeliveryState.AMBIGUOUS}:
        return Told(say("on its way"), after=to)
    if first.state is DeliveryState.AMBIGUOUS:
        head = say("perhaps told: the line broke at the end; repeated")
    else:
        head = say("not told yet; next try")
    return Told(head, find_moment(first.due_at, local), f"{to}{_words(first, local)}", Tone.TROUBLE)


def _failed(group: Sequence[Telling], local: Local) -> Told:
    words, first = local.words, min(group, key=lambda telling: telling.due_at)
    if first.state is DeliveryState.FAILED:
        head = words.say("could not be told: refused for good")
    else:
        head = words.count(
            first.attempts,
            "could not be told: given up after {number} attempt",
            "could not be told: given up after {number} attempts",
        )
    return Told(head, after=f"{_to(group, local)}{_words(first, local)}", tone=Tone.TROUBLE)


def _with_why(to: str, why: str) -> str:
    return f"{to}: {why}" if to else why


def _to(group: Sequence[Telling], local: Local) -> str:
    """Name the channels and count the addresses, for those who may know."""
    if not local.sees_readers:
        return ""
    words = local.words
    channels = list(dict.fromkeys(channel_name(telling.channel_id, words) for telling in group))
    named = words.say("to {channels}", channels=words.say_list(channels))
    number = sum(telling.number for telling in group)
    if number <= len(channels):
        return named
    addresses = words.count(number, "{number} address", "{number} addresses")
    return f"{named} ({addresses})"


def _words(telling: Telling, local: Local) -> str:
    return f": {hide_addresses(telling.words)}" if telling.words and local.sees_readers else ""


_Phrase = tuple[tuple[DeliveryState, ...], "Callable[[Sequence[Telling], Local], Told]"]
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

"""Why things are held, in words: to operators, and to readers in the message that tells it at last. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import HeldReason
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from service.wording import Wording

# To operators, in English; what readers are told comes from the catalogues.
HELD = {
    HeldReason.BASELINE: later("older than a day when this source was first read"),
    HeldReason.STALE: later("published more than two weeks before it appeared in the feed"),
    HeldReason.FOUND_LATER: later("found later, among stored articles, when the watchlist was changed"),
    HeldReason.DIGEST: later("kept for a digest"),
    HeldReason.QUIET_HOURS: later("it came in quiet hours"),
    HeldReason.BUDGET: later("over the limit of alerts for the day"),
    HeldReason.COOLDOWN: later("soon after another message of the event"),
    HeldReason.WINDOW: later("it waits a moment for more outlets"),
    HeldReason.INHIBITED: later("a major event of the watchlist is being told"),
    HeldReason.OUTAGE: later("it could not be sent for long"),
    HeldReason.MUTED: later("muted"),
    HeldReason.SAME_ARTICLE: later("told in one message with another watchlist"),
    HeldReason.SAME_EVENT: later("told before, for another watchlist"),
    HeldReason.LEFT: later("its reader has left"),
}

_EACH = {
    HeldReason.QUIET_HOURS: later("came in your quiet hours"),
    HeldReason.BUDGET: later("over your limit of alerts for the day"),
    HeldReason.COOLDOWN: later("an update soon after another one"),
    HeldReason.INHIBITED: later("right after a major event"),
    HeldReason.OUTAGE: later("could not be sent before"),
}


def _say_digest(number: int, wording: Wording) -> str:
    return wording.count(number, "Digest: {number} event", "Digest: {number} events")


_ALL: Mapping[HeldReason, Callable[[int, Wording], str]] = {
    HeldReason.QUIET_HOURS: lambda number, wording: wording.count(
        number, "{number} event during your quiet hours", "{number} events during your quiet hours"
    ),
    HeldReason.BUDGET: lambda number, wording: wording.count(
        number, "{number} event over your limit of alerts", "{number} events over your limit of alerts"
    ),
    HeldReason.COOLDOWN: lambda number, wording: wording.count(
        number, "{number} update soon after another one", "{number} updates soon after another one"
    ),
    HeldReason.INHIBITED: lambda number, wording: wording.count(
        number, "{number} event right after a major one", "{number} events right after a major one"
    ),
    HeldReason.OUTAGE: lambda number, wording: wording.count(
        number,
        "{number} event that could not be sent before",
        "{number} events that could not be sent before",
    ),
}


def waits_by_wish(reason: HeldReason | None) -> bool:
    """Tell whether an event came with a digest as its reader asked for it, and was not to come sooner."""
    return reason in {None, HeldReason.DIGEST}


def say_contents(number: int, held: Collection[HeldReason | None], wording: Wording) -> str:
    """Say what a digest of so many events holds: by the one reason that all were held for, or as a digest."""
    reason = next(iter(held)) if len(held) == 1 else None
    say = _ALL.get(reason or HeldReason.DIGEST, _say_digest)
    return say(number, wording)


def say_held(reason: HeldReason | None, wording: Wording) -> str:
    """Say why one event of several was held; empty where it waited for its digest as it should."""
    said = _EACH.get(reason) if reason else None
    return wording.say(said) if said else ""


def say_held_alone(reason: HeldReason | None, wording: Wording) -> str:
    """Say why what comes alone was held; empty where it was not, or only a moment for more outlets."""
    why = say_held(reason, wording)
    return wording.say("Held until now: {why}.", why=why) if why else ""

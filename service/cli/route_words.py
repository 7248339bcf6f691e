"""How routes look on a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.cli import show
from service.cli.tables import Column, Fit, Rows
from service.domain import Cadence, HeldReason
from service.hours import write_quiet, write_when
from service.notify import Outcome
from service.notify.holding import HELD
from service.text import partly_hidden

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Subscription
    from service.notify import Route, Supposed


def say_supposed(supposed: Supposed, at: str) -> str:
    """Say what is supposed: `port at 03:00, major, 3 independent outlets: Huelga en el puerto`."""
    size = show.counted(supposed.outlets, "independent outlet")
    kind = "major, " if supposed.is_major else ""
    return f"{supposed.watchlist_id} at {at}, {kind}{size}: {supposed.title}"


def name_reader(one: Route) -> str:
    """Name the reader of a route: a mail address partly, or a chat by its channel."""
    return partly_hidden(one.reader.target) or one.channel.id


def say_subscription(one: Subscription) -> str:
    """Say which subscription it is: `port, chile: immediate`."""
    wanted = ", ".join(sorted(one.watchlists)) or "all"
    return f"{wanted}: {write_when(one.cadence, one.timetable)}"


def say_why(one: Route) -> str:
    """Say why an alert would come then, or would not come."""
    trouble = f" (the channel cannot be used now: {one.channel.trouble})" if one.channel.trouble else ""
    return f"{_why(one)}{trouble}"


def _why(one: Route) -> str:
    subscription = one.subscription
    if one.outcome is Outcome.NOT_WANTED:
        return f"wants only {', '.join(sorted(subscription.watchlists))}"
    if one.wakes:
        return f"a major event, which breaks the quiet hours {write_quiet(subscription.quiet)}"
    if one.mute:
        until = show.local(one.mute.until_at, one.channel.timezone)
        return f"muted until {until} {one.channel.timezone} by {one.mute.by}"
    if one.held is None:
        return "at once"
    said = _held(one.held, subscription)
    return f"at once: {said}" if one.outcome is Outcome.AT_ONCE else said


def _held(reason: HeldReason, subscription: Subscription) -> str:
    times = write_when(Cadence.DIGEST, subscription.timetable)
    words = {
        HeldReason.DIGEST: f"digest, {times}",
        HeldReason.QUIET_HOURS: f"quiet hours {write_quiet(subscription.quiet)}",
        HeldReason.BUDGET: f"over the limit of {subscription.budget} a day; what is over comes {times}",
    }
    return words.get(reason, HELD[reason])


def as_values(one: Route) -> dict[str, Any]:
    """Give a route as a script gets it; no address is whole, and none of a chat is there."""
    subscription = one.subscription
    return {
        "reader": name_reader(one),
        "channel": one.channel.id,
        "outcome": one.outcome,
        "due_at": one.due_at,
        "timezone": one.channel.timezone,
        "held": one.held,
        "why": say_why(one),
        "muted_until": one.mute.until_at if one.mute else None,
        "muted_by": one.mute.by if one.mute else "",
        "subscription": {
            "id": subscription.id,
            "watchlists": sorted(subscription.watchlists),
            "when": write_when(subscription.cadence, subscription.timetable),
            "quiet": write_quiet(subscription.quiet),
            "budget": subscription.budget,
        },
    }


def print_routes(found: Sequence[Route]) -> None:
    """Print a line for each reader; times are in the reader's own zone."""
    rows = Rows(
        Column("reader"),
        Column("channel"),
        Column("outcome"),
        Column("when"),
        Column("subscription", Fit.WRAP),
        Column("why", Fit.WRAP),
    )
    for one in found:
        rows.add(
            name_reader(one),
            one.channel.id,
            (one.outcome.value, "green" if one.outcome is Outcome.AT_ONCE else ""),
            f"{show.local(one.due_at, one.channel.timezone)} {one.channel.timezone}" if one.due_at else "–",
            say_subscription(one.subscription),
            say_why(one),
        )
    rows.print(show.out)
    if not found:
        show.print_line("Nobody is subscribed.")

"""Who would get an alert if it came at some time, when and by which way; and who would not, and why. Pure.

Asks the same rules as planning, so that the answer is what would happen. What will have been told until then
is not known, and counts as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import ChangeKind, Entry, EventChange, HeldReason, Match
from service.hours import quiet_until
from service.notify.pacing import find_mute, pace
from service.notify.plan import plan_deliveries
from service.notify.roll import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.domain import Channel, Mute, PlannedDelivery, Subscription
    from service.notify.pacing import Circumstances
    from service.notify.roll import Roll


class Outcome(StrEnum):
    """What would become of an alert for a reader; a moment's wait for more outlets counts as at once."""

    AT_ONCE = "at-once"
    LATER = "later"
    MUTED = "muted"
    NOT_WANTED = "not-wanted"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Supposed:
    """The first alert of an event that is supposed to come. `outlets` are those independent of each other."""

    watchlist_id: str
    title: str
    is_major: bool = False
    outlets: int = 1
    event_id: str = "supposed"


@dataclass(frozen=True, slots=True)
class Route:
    """What would become of an alert for one reader.

    `subscription` is the one by which they would be told; of those who would not, one that they have.
    `due_at` is None where nothing would be sent. `mute` is what silences it. `wakes` tells that quiet hours
    are broken for it.
    """

    reader: Reader
    outcome: Outcome
    due_at: datetime | None = None
    held: HeldReason | None = None
    mute: Mute | None = None
    wakes: bool = False

    @property
    def subscription(self) -> Subscription:
        """Give the subscription."""
        return self.reader.subscription

    @property
    def channel(self) -> Channel:
        """Give the channel; its address is a secret."""
        return self.reader.channel


def plan_supposed(supposed: Supposed, roll: Roll, now: datetime) -> list[PlannedDelivery]:
    """Plan what would be planned for it, one delivery for each reader who wants it."""
    match = Match(Entry.unstored(supposed.title, at=now), supposed.watchlist_id, "", ())
    change = EventChange(match, supposed.event_id, ChangeKind.OPENED)
    return [
        replace(one, is_major=supposed.is_major, weight=supposed.outlets)
        for one in plan_deliveries([change], roll, now)
    ]


def find_routes(
    planned: Sequence[PlannedDelivery], files: Roll, roll: Roll, around: Circumstances
) -> list[Route]:
    """Give a route for each reader, in the order of the outcomes, of the hours, and of the names.

    `files` is the roll as the files write it, `roll` the one in force.
    """
    told = [_route(one, around) for one in pace(planned, around)]
    known = {one.reader.name for one in told}
    others = _one_each(one for one in _readers(roll) if one.name not in known)
    staying = known | others.keys()
    left = _one_each(one for one in _readers(files) if one.name not in staying)
    routes = [
        *told,
        *(Route(one, Outcome.NOT_WANTED) for one in others.values()),
        *(Route(one, Outcome.LEFT, held=HeldReason.LEFT) for one in left.values()),
    ]
    order = list(Outcome)
    return sorted(
        routes, key=lambda one: (order.index(one.outcome), one.due_at or around.now, one.reader.name)
    )


def _readers(roll: Roll) -> Iterable[Reader]:
    for one in roll.subscriptions:
        channel = roll.channels[one.channel_id]
        yield from (Reader(one, channel, target) for target in channel.targets)


def _one_each(readers: Iterable[Reader]) -> dict[str, Reader]:
    found: dict[str, Reader] = {}
    for one in readers:
        found.setdefault(one.name, one)
    return found


def _route(one: PlannedDelivery, around: Circumstances) -> Route:
    subscription, channel = around.subscriptions[one.subscription_id], around.channels[one.channel_id]
    reader = Reader(subscription, channel, one.target)
    if one.held is HeldReason.MUTED:
        return Route(reader, Outcome.MUTED, held=one.held, mute=find_mute(one, around))
    if one.held not in {None, HeldReason.WINDOW}:
        return Route(reader, Outcome.LATER, one.due_at, one.held)
    quiet = quiet_until(subscription.quiet, channel.timezone, around.now)
    return Route(reader, Outcome.AT_ONCE, one.due_at, one.held, wakes=quiet is not None)

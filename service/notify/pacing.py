"""When what was planned goes out: at once, in a moment, when the night is over, with others, or not at all.

Pure. Only what a subscription wants at once is paced; digests wait for their hour anyway. Nothing is dropped:
what is held comes when its reason ends, and says so; what is muted stays in the ledger. The rules stand in
`_HOLDS`, in the order in which they are asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import Cadence, HeldReason, NotifyReason, PlannedDelivery, Said, recipient
from service.hours import next_time, quiet_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Channel, Mute, Subscription

DAY = timedelta(hours=24)
COOLDOWN = timedelta(minutes=30)  # between messages of one event to one reader
OVERSHADOWS = timedelta(minutes=30)  # how long small events of a watchlist wait after a major one
CARRIED = 3  # independent outlets from which on an event is not small
KEPT = 4  # one of so many alerts of a budget is kept for events that are not small
_FIRST = (NotifyReason.NEW_EVENT, NotifyReason.FRESH_REPORT)
_AT_ONCE = (None, HeldReason.WINDOW)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What pacing goes by besides the plan.

    `said` has by reader what they were told at once lately. `window` is how long a first alert waits for more
    outlets. `subject` gives the keyed hash of a reader's name, by which mutes know them.
    """

    subscriptions: Mapping[str, Subscription]
    channels: Mapping[str, Channel]
    said: Mapping[str, Sequence[Said]]
    mutes: Sequence[Mute]
    subject: Callable[[str], str]
    now: datetime
    window: timedelta = timedelta(0)


def pace(planned: Iterable[PlannedDelivery], around: Circumstances) -> list[PlannedDelivery]:
    """Say of each planned delivery when it goes out, those that matter most first, so that they find room."""
    paced: list[PlannedDelivery] = []
    said = {reader: list(told) for reader, told in around.said.items()}
    for group in _same_article(sorted(planned, key=_importance)):
        mine = said.setdefault(_reader(group[0]), [])
        decided = [_decide(one, mine, around) for one in group]
        lead = min(
            (one for one in decided if _is_at_once(one)), key=lambda one: one.held is not None, default=None
        )
        if lead is not None:
            mine.append(Said(lead.event_id, lead.watchlist_id, around.now, lead.is_major))
            decided = [one if one is lead else _follow(one, lead) for one in decided]
        paced += decided
    return paced


def pace_spike(
    planned: Iterable[PlannedDelivery], event_id: str, around: Circumstances
) -> list[PlannedDelivery]:
    """Say when messages of a spike go out: not where it is muted, and after the night where that is quiet.

    `event_id` is the event that bursts, empty for a whole watchlist. A spike counts as major, and for nothing
    else: it takes no place of a budget and waits for no other message.
    """
    return [_decide_spike(one, event_id, around) for one in planned]


def _decide_spike(one: PlannedDelivery, event_id: str, around: Circumstances) -> PlannedDelivery:
    if find_mute(replace(one, event_id=event_id), around) is not None:
        return replace(one, held=HeldReason.MUTED)
    subscription = around.subscriptions[one.subscription_id]
    zone = around.channels[one.channel_id].timezone
    until = None if subscription.wakes_for_major else quiet_until(subscription.quiet, zone, around.now)
    return replace(one, due_at=until or one.due_at)


def find_mute(one: PlannedDelivery, around: Circumstances) -> Mute | None:
    """Give the mute for which a delivery is not sent; of several the one that lasts longest."""
    subject = around.subject(_reader(one))
    about = (mute for mute in around.mutes if mute.is_about(subject, one.event_id, one.watchlist_id))
    return max(about, key=lambda mute: mute.until_at, default=None)


def _importance(one: PlannedDelivery) -> tuple[bool, int]:
    return not one.is_major, -one.weight


def _reader(one: PlannedDelivery) -> str:
    return recipient(one.channel_id, one.target)


def _same_article(planned: Iterable[PlannedDelivery]) -> list[list[PlannedDelivery]]:
    """Put together what is told at once of one article to one reader, for several of their watchlists."""
    groups: dict[tuple[str, ...], list[PlannedDelivery]] = {}
    for one in planned:
        key = (_reader(one), str(one.entry_id)) if one.cadence is Cadence.IMMEDIATE else (one.id,)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _follow(one: PlannedDelivery, lead: PlannedDelivery) -> PlannedDelivery:
    """Let a delivery of the same article be told with one that goes out at once.

    Not where it is muted; nor is an update told with an alert that waits for more outlets.
    """
    if one.held is HeldReason.MUTED or (one.reason is NotifyReason.UPDATE and lead.held is not None):
        return one
    return replace(one, held=HeldReason.SAME_ARTICLE, covered_by=lead.id, due_at=lead.due_at)


def _is_at_once(one: PlannedDelivery) -> bool:
    return one.cadence is Cadence.IMMEDIATE and one.held in _AT_ONCE


def _decide(one: PlannedDelivery, said: Sequence[Said], around: Circumstances) -> PlannedDelivery:
    if one.held is HeldReason.SAME_EVENT:
        return one
    if find_mute(one, around) is not None:
        return replace(one, held=HeldReason.MUTED)
    if one.cadence is not Cadence.IMMEDIATE:
        return one
    asked = _Asked(one, around.subscriptions[one.subscription_id], said, around)
    for reason, until in _HOLDS:
        due_at = until(asked)
        if due_at is not None:
            return replace(one, held=reason, due_at=due_at)
    return one


@dataclass(frozen=True, slots=True)
class _Asked:
    """One delivery and all that the rules look at. Each rule gives until when it holds it, or None."""

    one: PlannedDelivery
    subscription: Subscription
    said: Sequence[Said]
    around: Circumstances

    @property
    def zone(self) -> str:
        return self.around.channels[self.one.channel_id].timezone

    @property
    def is_small(self) -> bool:
        return not self.one.is_major and self.one.weight < CARRIED

    def quiet(self) -> datetime | None:
        if self.one.is_major and self.subscription.wakes_for_major:
            return None
        return quiet_until(self.subscription.quiet, self.zone, self.around.now)

    def cooldown(self) -> datetime | None:
        """Hold an update soon after another message of its event, to go with one that waits already."""
        if self.one.reason is not NotifyReason.UPDATE or self.one.is_major:
            return None
        now, mine = self.around.now, [one for one in self.said if one.event_id == self.one.event_id]
        coming = [one.at for one in mine if one.is_held and now < one.at <= now + COOLDOWN]
        return min(coming) if coming else self._later(COOLDOWN, (one.at for one in mine))

    def budget(self) -> datetime | None:
        """Hold what comes when as much has been said as is wanted; a part is kept for what is not small."""
        most = self.subscription.budget
        if not most or self.one.is_major:
            return None
        room = most - (-(-most // KEPT) if self.is_small and most > 1 else 0)
        if sum(not one.is_held for one in self.said) < room:
            return None
        return next_time(self.subscription.timetable, self.zone, self.around.now)

    def overshadowed(self) -> datetime | None:
        if not self.is_small or self.one.reason not in _FIRST:
            return None
        told = (one.at for one in self.said if one.is_major and one.watchlist_id == self.one.watchlist_id)
        return self._later(OVERSHADOWS, told)

    def window(self) -> datetime | None:
        if self.one.is_major or self.one.reason not in _FIRST or not self.around.window:
            return None
        return self.around.now + self.around.window

    def _later(self, pause: timedelta, times: Iterable[datetime]) -> datetime | None:
        last = max(times, default=None)
        return last + pause if last is not None and last <= self.around.now < last + pause else None


_HOLDS: tuple[tuple[HeldReason, Callable[[_Asked], datetime | None]], ...] = (
    (HeldReason.QUIET_HOURS, _Asked.quiet),
    (HeldReason.COOLDOWN, _Asked.cooldown),
    (HeldReason.BUDGET, _Asked.budget),
    (HeldReason.INHIBITED, _Asked.overshadowed),
    (HeldReason.WINDOW, _Asked.window),
)

"""Who is to be told what, when and why; and what is held back, and why. Pure.

Each reader hears of an event once, at its first report that is free to alert, however many channels and
subscriptions lead there; later on, of its milestones, as the watchlist says. What was told already is the
store's knowledge: the ids of deliveries derive from event, reader and milestones, so that planning the same
thing twice plans the same delivery.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from service.domain import (
    Cadence,
    ChangeKind,
    HeldReason,
    NotifyReason,
    PlannedDelivery,
    Updates,
    recipient,
)
from service.hours import next_time
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Channel, Delivery, Entry, EventChange, Milestone, Subscription

FRESH = timedelta(hours=24)
STALE = timedelta(days=14)
# Of several milestones, whose article an update shows: what it says before how many say it.
_SHOWN_FIRST = (
    ChangeKind.CORRECTED,
    ChangeKind.MAJOR,
    ChangeKind.NUMBER,
    ChangeKind.OFFICIAL,
    ChangeKind.REVIVED,
    ChangeKind.CORROBORATED,
    ChangeKind.JOINED,
)


def hold_reason(entry: Entry) -> HeldReason | None:
    """Tell why an entry may not alert by itself, or None when it may.

    What a feed held at its first good poll is its past: only what was published in the 24 hours before
    may alert, and nothing without a date. Later on, an entry that is new in the feed but was published
    more than 14 days before is a re-emission or an archive, not news.
    """
    if entry.published_at is None:
        return HeldReason.BASELINE if entry.from_baseline else None
    age = entry.first_seen_at - entry.published_at
    if entry.from_baseline:
        return HeldReason.BASELINE if age > FRESH else None
    return HeldReason.STALE if age > STALE else None


def hold_changes(changes: Iterable[EventChange]) -> list[EventChange]:
    """Mark each change that may not alert with its reason."""
    return [replace(change, held=hold_reason(change.match.entry)) for change in changes]


def plan_deliveries(
    changes: Sequence[EventChange],
    subscriptions: Sequence[Subscription],
    channels: Mapping[str, Channel],
    now: datetime,
) -> list[PlannedDelivery]:
    """Plan one delivery of each event for each reader whom a subscription leads to, at once before a digest.

    The list holds deliveries that may exist already; the store knows which.
    """
    planned: dict[str, PlannedDelivery] = {}
    for change in changes:
        if change.held is None:
            for reader in list_readers(change.match.watchlist_id, subscriptions, channels):
                delivery = _plan(change, reader, now)
                planned.setdefault(delivery.id, delivery)
    return list(planned.values())


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a subscription leads to: the channel, and the address in it."""

    subscription: Subscription
    channel: Channel
    target: str

    @property
    def name(self) -> str:
        """Name the reader, whatever channel leads there."""
        return recipient(self.channel.id, self.target)

    def is_due_at(self, now: datetime) -> datetime:
        """Give when the subscription wants what happened now: at once, or with its next digest."""
        one = self.subscription
        if one.cadence is Cadence.IMMEDIATE:
            return now
        return next_time(one.timetable, self.channel.timezone, now)


def list_readers(
    watchlist_id: str, subscriptions: Sequence[Subscription], channels: Mapping[str, Channel]
) -> list[Reader]:
    """List who is to be told of a watchlist, those who are told at once before those with a digest."""
    wanting = [one for one in subscriptions if one.wants(watchlist_id)]
    return [
        Reader(one, channels[one.channel_id], target)
        for one in sorted(wanting, key=lambda one: one.cadence is Cadence.DIGEST)
        for target in channels[one.channel_id].targets
    ]


def _plan(change: EventChange, reader: Reader, now: datetime) -> PlannedDelivery:
    opened = change.kind is ChangeKind.OPENED
    return _delivery(
        reader,
        now,
        id=digest("delivery", change.event_id, reader.name),
        reason=NotifyReason.NEW_EVENT if opened else NotifyReason.FRESH_REPORT,
        event_id=change.event_id,
        watchlist_id=change.match.watchlist_id,
        entry_id=change.match.entry.id,
    )


def _delivery(reader: Reader, now: datetime, **what: Any) -> PlannedDelivery:  # noqa: ANN401 -- fields of the delivery
    cadence = reader.subscription.cadence
    return PlannedDelivery(
        subscription_id=reader.subscription.id,
        channel_id=reader.channel.id,
        target=reader.target,
        due_at=reader.is_due_at(now),
        cadence=cadence,
        held=HeldReason.DIGEST if cadence is Cadence.DIGEST else None,
        **what,
    )


def plan_updates(
    milestones: Sequence[Milestone],
    updates: Mapping[str, Updates],
    subscriptions: Sequence[Subscription],
    channels: Mapping[str, Channel],
    now: datetime,
) -> list[PlannedDelivery]:
    """Plan what readers who know of an event are told of it: one delivery for all milestones it reached.

    `updates` says by watchlist which of them are told. Who does not know of the event yet is told of it
    first: the store keeps those deliveries out.
    """
    by_event: dict[str, list[Milestone]] = {}
    for one in milestones:
        if one.held is None and wants_update(updates.get(one.watchlist_id, Updates.MILESTONES), one.kind):
            by_event.setdefault(one.event_id, []).append(one)
    planned: dict[str, PlannedDelivery] = {}
    for reached in by_event.values():
        for reader in list_readers(reached[0].watchlist_id, subscriptions, channels):
            delivery = _plan_update(reached, reader, now)
            planned.setdefault(delivery.id, delivery)
    return list(planned.values())


def wants_update(updates: Updates, kind: ChangeKind) -> bool:
    """Tell whether a change of an event is told where a watchlist asks for these updates.

    A correction of what was told is told wherever anything was.
    """
    if kind is ChangeKind.CORRECTED or updates is Updates.ALL:
        return kind is not ChangeKind.MERGED
    return updates is Updates.MILESTONES and kind is not ChangeKind.JOINED


def _plan_update(reached: Sequence[Milestone], reader: Reader, now: datetime) -> PlannedDelivery:
    what = [f"{one.kind} {one.detail}" for one in reached]
    return _delivery(
        reader,
        now,
        id=digest("update", reached[0].event_id, reader.name, *what),
        reason=NotifyReason.UPDATE,
        event_id=reached[0].event_id,
        watchlist_id=reached[0].watchlist_id,
        entry_id=min(reached, key=lambda one: _SHOWN_FIRST.index(one.kind)).entry_id,
    )


def plan_digest(deliveries: Sequence[Delivery], now: datetime) -> PlannedDelivery:
    """Plan the digest that covers these held deliveries of one subscription to one target."""
    first = deliveries[0]
    return PlannedDelivery(
        id=digest("digest", *(delivery.id for delivery in deliveries)),
        subscription_id=first.subscription_id,
        channel_id=first.channel_id,
        target=first.target,
        reason=NotifyReason.DIGEST,
        event_id="",
        watchlist_id="",
        entry_id=0,
        due_at=now,
        cadence=Cadence.DIGEST,
    )

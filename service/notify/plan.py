"""Who is to be told what, when and why; and what is held back, and why. Pure.

Each reader hears of an event once, at its first report that is free to alert, however many channels and
subscriptions lead there; later on, of its milestones, as the watchlist says. What was told already is the
store's knowledge: the ids of deliveries derive from event, reader and milestones, so that planning the same
thing twice plans the same delivery.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import (
    Cadence,
    ChangeKind,
    HeldReason,
    NotifyReason,
    PlannedDelivery,
    Updates,
    recipient,
)
from service.schedule import next_digest_at
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Channel, Delivery, Entry, EventChange, Milestone, Subscription

FRESH = timedelta(hours=24)
STALE = timedelta(days=14)


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
    at_once_first = sorted(subscriptions, key=lambda one: one.cadence is Cadence.DAILY)
    for change in changes:
        if change.held is not None:
            continue
        for subscription in at_once_first:
            if not subscription.wants(change.match.watchlist_id):
                continue
            channel = channels[subscription.channel_id]
            for target in channel.targets:
                delivery = _plan(change, subscription, channel, target, now)
                planned.setdefault(delivery.id, delivery)
    return list(planned.values())


def _plan(
    change: EventChange, subscription: Subscription, channel: Channel, target: str, now: datetime
) -> PlannedDelivery:
    opened = change.kind is ChangeKind.OPENED
    daily = subscription.cadence is Cadence.DAILY
    hour, minute = subscription.digest_hour, subscription.digest_minute
    return PlannedDelivery(
        id=digest("delivery", change.event_id, recipient(channel.id, target)),
        subscription_id=subscription.id,
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.NEW_EVENT if opened else NotifyReason.FRESH_REPORT,
        event_id=change.event_id,
        watchlist_id=change.match.watchlist_id,
        entry_id=change.match.entry.id,
        due_at=next_digest_at(hour, minute, channel.timezone, now) if daily else now,
        cadence=subscription.cadence,
        held=HeldReason.DIGEST if daily else None,
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
    at_once_first = sorted(subscriptions, key=lambda one: one.cadence is Cadence.DAILY)
    for reached in by_event.values():
        for subscription in at_once_first:
            if not subscription.wants(reached[0].watchlist_id):
                continue
            channel = channels[subscription.channel_id]
            for target in channel.targets:
                delivery = _plan_update(reached, subscription, channel, target, now)
                planned.setdefault(delivery.id, delivery)
    return list(planned.values())


def wants_update(updates: Updates, kind: ChangeKind) -> bool:
    """Tell whether a change of an event is told where a watchlist asks for these updates.

    A correction of what was told is told wherever anything was.
    """
    if kind is ChangeKind.CORRECTED or updates is Updates.ALL:
        return kind is not ChangeKind.MERGED
    return updates is Updates.MILESTONES and kind is not ChangeKind.JOINED


def _plan_update(
    reached: Sequence[Milestone], subscription: Subscription, channel: Channel, target: str, now: datetime
) -> PlannedDelivery:
    what = [f"{one.kind} {one.detail}" for one in reached]
    daily = subscription.cadence is Cadence.DAILY
    hour, minute = subscription.digest_hour, subscription.digest_minute
    return PlannedDelivery(
        id=digest("update", reached[0].event_id, recipient(channel.id, target), *what),
        subscription_id=subscription.id,
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.UPDATE,
        event_id=reached[0].event_id,
        watchlist_id=reached[0].watchlist_id,
        entry_id=reached[-1].entry_id,
        due_at=next_digest_at(hour, minute, channel.timezone, now) if daily else now,
        cadence=subscription.cadence,
        held=HeldReason.DIGEST if daily else None,
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
        cadence=Cadence.DAILY,
    )

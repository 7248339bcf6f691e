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
)
from service.notify.roll import list_readers
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery, Entry, EventChange, Milestone
    from service.notify.roll import Reader, Roll

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


def plan_deliveries(changes: Sequence[EventChange], roll: Roll, now: datetime) -> list[PlannedDelivery]:
    """Plan one delivery of each event for each reader whom a subscription leads to, at once before a digest.

    The list holds deliveries that may exist already; the store knows which.
    """
    planned: dict[str, PlannedDelivery] = {}
    for change in changes:
        if change.held is None:
            for reader in list_readers(change.match.watchlist_id, roll):
                delivery = _plan(change, reader, now)
                planned.setdefault(delivery.id, delivery)
    return list(planned.values())


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
        is_major=bool(change.match.major),
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
    milestones: Sequence[Milestone], updates: Mapping[str, Updates], roll: Roll, now: datetime
) -> dict[str, PlannedUpdate]:
    """Plan what readers who know of an event are told of it: one delivery for all milestones it reached.

    `updates` says by watchlist which of them are told, where a subscription does not say it itself. Who does
    not know of the event yet is told of it first: the store keeps those deliveries out. Gives them by id.
    """
    by_event: dict[str, list[Milestone]] = {}
    for one in milestones:
        if one.held is None:
            by_event.setdefault(one.event_id, []).append(one)
    planned: dict[str, PlannedUpdate] = {}
    for reached in by_event.values():
        watchlist_id = reached[0].watchlist_id
        usual = updates.get(watchlist_id, Updates.MILESTONES)
        for reader in list_readers(watchlist_id, roll):
            wanted = reader.subscription.updates or usual
            told = [one for one in reached if wants_update(wanted, one.kind)]
            if told:
                update = _plan_update(told, reader, now)
                planned.setdefault(update.delivery.id, update)
    return planned


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """A delivery about milestones of an event, and what is said of them."""

    delivery: PlannedDelivery
    news: tuple[str, ...]


def wants_update(updates: Updates, kind: ChangeKind) -> bool:
    """Tell whether a change of an event is told where a watchlist asks for these updates.

    A correction of what was told is told wherever anything was.
    """
    if kind is ChangeKind.CORRECTED or updates is Updates.ALL:
        return kind is not ChangeKind.MERGED
    return updates is Updates.MILESTONES and kind is not ChangeKind.JOINED


def _plan_update(reached: Sequence[Milestone], reader: Reader, now: datetime) -> PlannedUpdate:
    what = [f"{one.kind} {one.detail}" for one in reached]
    in_order = sorted(reached, key=lambda one: one.kind is ChangeKind.JOINED)
    delivery = _delivery(
        reader,
        now,
        id=digest("update", reached[0].event_id, reader.name, *what),
        reason=NotifyReason.UPDATE,
        event_id=reached[0].event_id,
        watchlist_id=reached[0].watchlist_id,
        entry_id=min(reached, key=lambda one: _SHOWN_FIRST.index(one.kind)).entry_id,
        is_major=any(one.kind is ChangeKind.MAJOR for one in reached),
    )
    return PlannedUpdate(delivery, tuple(one.words for one in in_order))


def plan_silence(watchlist_id: str, since: str, reader: Reader, now: datetime) -> PlannedDelivery:
    """Plan what is said of a watchlist that is silent; `since` names the silence, so that it is said once."""
    return _delivery(
        replace(reader, subscription=replace(reader.subscription, cadence=Cadence.IMMEDIATE)),
        now,
        id=digest("silence", watchlist_id, since, reader.name),
        reason=NotifyReason.DIGEST,
        event_id="",
        watchlist_id=watchlist_id,
        entry_id=0,
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

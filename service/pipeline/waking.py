"""What was held until now: told by itself, or together with what else was held for the same reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import Cadence, HeldReason, NotifyReason, PlannedDelivery
from service.group import central_report
from service.notify import Alert, DigestItem, ReaderView, plan_digest, render_alert, render_digest
from service.pipeline.receipts import Receipts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.domain import Delivery, Notification
    from service.notify import Receipt
    from service.pipeline.shift import Shift
    from service.store import EventView, HeldParcel, RenderedDelivery, Report

_FIRST = timedelta(hours=24)  # what the receipt of a first digest goes back


class Waking:
    """Makes the messages of what is held no longer, with what is known of their events by now."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift

    def wake_due(self) -> int:
        """Store the messages whose time has come; returns how many."""
        shift, now = self._shift, self._shift.clock()
        shift.store.held.collect_piled_up(now)
        parcels = [(one, *_apart(one.deliveries)) for one in shift.store.held.list_due_held(now)]
        if not parcels:
            return 0
        making = _Making(shift, now)
        woken = [
            making.alert(one, parcel.also.get(one.id, ())) for parcel, alone, _ in parcels for one in alone
        ]
        shift.store.held.wake(woken, now=now)
        digests = [(parcel, together) for parcel, _, together in parcels if together]
        for parcel, together in digests:
            rendered = shift.ready(plan_digest(together, now), making.digest(parcel, together))
            shift.store.held.save_digest(rendered, together, now=now)
        return len(woken) + len(digests)

    def put_in_words(self, delivery: Delivery) -> Delivery:
        """Give a delivery that could not be sent for long the message that it has by now, and store that."""
        held = self._shift.store.held
        making = _Making(self._shift, self._shift.clock())
        made = making.alert(delivery, held.list_told_along(delivery.id))
        held.put_in_words(made)
        return replace(delivery, notification=made.notification)


class _Making:
    """The messages of one round. Events are looked up once, and readers share a message that is the same."""

    def __init__(self, shift: Shift, now: datetime) -> None:
        self._shift = shift
        self._now = now
        self._roll = shift.roll()
        self._subscriptions = {one.id: one for one in self._roll.subscriptions}
        self._receipts = Receipts(shift)
        self._events: dict[str, EventView] = {}
        self._centres: dict[tuple[str, str], Report] = {}
        self._alerts: dict[tuple[object, ...], Notification] = {}

    def alert(self, delivery: Delivery, along: tuple[str, ...]) -> RenderedDelivery:
        """Make the message of one delivery that is told by itself, and tells of watchlists `along`."""
        view = self._view(delivery.channel_id)
        # Of an update, what it is about follows from when it was planned.
        about = (delivery.event_id, delivery.entry_id, delivery.reason, delivery.created_at)
        key = (*about, delivery.held, along, view)
        if key not in self._alerts:
            self._alerts[key] = self._alert(delivery, along, view)
        return self._shift.ready(_planned(delivery, self._now), self._alerts[key])

    def _alert(self, delivery: Delivery, along: tuple[str, ...], reader: ReaderView) -> Notification:
        title_of, view = self._shift.title_of, self._event(delivery.event_id)
        report = self._central(delivery.event_id, reader.language)
        if delivery.reason is not NotifyReason.NEW_EVENT:
            report = next((one for one in view.reports if one.entry.id == delivery.entry_id), report)
        alert = Alert(
            watchlist_id=delivery.watchlist_id,
            watchlist_title=title_of(delivery.watchlist_id),
            event_id=view.event.id,
            entry=report.entry,
            evidence=report.evidence,
            reason=delivery.reason,
            reports=tuple(one.carried for one in view.reports),
            home=tuple(self._shift.desk.homes.get(delivery.watchlist_id, ())),
            join_reason=report.join_reason,
            also=tuple((one, title_of(one)) for one in along),
            news=_news(view, delivery),
            at=self._now,
            held=delivery.held,
        )
        return render_alert(alert, reader)

    def digest(self, parcel: HeldParcel, deliveries: Sequence[Delivery]) -> Notification:
        """Make the message that tells of several deliveries of one reader."""
        view = self._view(parcel.channel_id)
        items: dict[str, DigestItem] = {}
        for delivery in deliveries:
            item = self._item(delivery, view.language)
            known = items.get(item.event.id)
            items[item.event.id] = replace(item, news=(*known.news, *item.news)) if known else item
        told = _put_together(items.values())
        return render_digest(told, view, now=self._now, receipt=self._receipt(parcel, view))

    def _receipt(self, parcel: HeldParcel, view: ReaderView) -> Receipt | None:
        """Give the receipt of a digest that its reader asked for; what was held otherwise has none."""
        subscription = self._subscriptions.get(parcel.subscription_id)
        if subscription is None or subscription.cadence is not Cadence.DIGEST:
            return None
        last = self._shift.store.held.last_digest_at(parcel.subscription_id, parcel.target)
        since = (last or self._now - _FIRST).replace(second=0, microsecond=0)
        return self._receipts.make(subscription.watchlists, since, view.wording)

    def _item(self, delivery: Delivery, language: str) -> DigestItem:
        view, best = self._event(delivery.event_id), self._central(delivery.event_id, language)
        ordered = sorted(view.reports, key=lambda report: report is not best)
        return DigestItem(
            watchlist_title=self._shift.title_of(delivery.watchlist_id),
            event=view.event,
            reports=tuple(report.carried for report in ordered),
            home=tuple(self._shift.desk.homes.get(delivery.watchlist_id, ())),
            evidence=best.evidence,
            news=_news(view, delivery),
            reason=delivery.reason,
            held=delivery.held,
        )

    def _view(self, channel_id: str) -> ReaderView:
        channel = self._roll.channels.get(channel_id)
        return self._shift.readership.view(channel) if channel else ReaderView()

    def _event(self, event_id: str) -> EventView:
        if event_id not in self._events:
            self._events[event_id] = self._shift.store.reading.get_event(event_id)
        return self._events[event_id]

    def _central(self, event_id: str, language: str) -> Report:
        key = event_id, language
        if key not in self._centres:
            self._centres[key] = _central(self._event(event_id), language)
        return self._centres[key]


def _put_together(items: Iterable[DigestItem]) -> list[DigestItem]:
    """Tell what happened once: events of several watchlists that share a report are one."""
    told: list[DigestItem] = []
    places: dict[int, int] = {}
    for item in items:
        ids = [report.entry.id for report in item.reports]
        place = next((places[number] for number in ids if number in places), len(told))
        if place == len(told):
            told.append(item)
        else:
            first = told[place]
            news = tuple(dict.fromkeys((*first.news, *item.news)))
            told[place] = replace(first, also=(*first.also, item.watchlist_title), news=news)
        places |= dict.fromkeys(ids, place)
    return told


def _central(view: EventView, language: str) -> Report:
    """Give the report that says best what happened, of those in the reader's language where there are any."""
    mine = [report for report in view.reports if report.entry.language == language] or view.reports
    best = central_report([report.entry for report in mine])
    return next(report for report in mine if report.entry.id == best.id)


def _apart(deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
    """Part what is told by itself from what is told together: a single one needs no digest to be told in."""
    alone = [one for one in deliveries if one.held is HeldReason.WINDOW]
    together = [one for one in deliveries if one.held is not HeldReason.WINDOW]
    if len(together) == 1 and together[0].held is not HeldReason.DIGEST:
        return [*alone, *together], []
    return alone, together


def _news(view: EventView, delivery: Delivery) -> tuple[str, ...]:
    """Give what an update is about: milestones are stored in one transaction with what tells of them."""
    if delivery.reason is not NotifyReason.UPDATE:
        return ()
    return tuple(one.words for one in view.milestones if one.at == delivery.created_at)


def _planned(delivery: Delivery, now: datetime) -> PlannedDelivery:
    return PlannedDelivery(
        id=delivery.id,
        subscription_id=delivery.subscription_id,
        channel_id=delivery.channel_id,
        target=delivery.target,
        reason=delivery.reason,
        event_id=delivery.event_id,
        watchlist_id=delivery.watchlist_id,
        entry_id=delivery.entry_id,
        due_at=now,
        in_reply_to=delivery.in_reply_to,
    )

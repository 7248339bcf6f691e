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
    from collections.abc import Sequence
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
        receipts, count = Receipts(shift), 0
        for parcel in shift.store.held.list_due_held(now):
            alone, together = _apart(parcel.deliveries)
            if alone:
                shift.store.held.wake([self._alert(one, parcel, now) for one in alone], now=now)
            if together:
                said = self._digest(parcel, together, receipts, now)
                rendered = shift.ready(plan_digest(together, now), said)
                shift.store.held.save_digest(rendered, together, now=now)
            count += len(alone) + bool(together)
        return count

    def _view(self, channel_id: str) -> ReaderView:
        channel = self._shift.roll().channels.get(channel_id)
        return self._shift.readership.view(channel) if channel else ReaderView()

    def _alert(self, delivery: Delivery, parcel: HeldParcel, now: datetime) -> RenderedDelivery:
        shift = self._shift
        view, reader = shift.store.reading.get_event(delivery.event_id), self._view(delivery.channel_id)
        report = _central(view, reader.language)
        if delivery.reason is not NotifyReason.NEW_EVENT:
            report = next((one for one in view.reports if one.entry.id == delivery.entry_id), report)
        along = parcel.also.get(delivery.id, ())
        alert = Alert(
            watchlist_id=delivery.watchlist_id,
            watchlist_title=shift.title_of(delivery.watchlist_id),
            event_id=view.event.id,
            entry=report.entry,
            evidence=report.evidence,
            reason=delivery.reason,
            reports=tuple(one.carried for one in view.reports),
            join_reason=report.join_reason,
            also=tuple((one, shift.title_of(one)) for one in along),
            news=_news(view, delivery),
            at=now,
        )
        return shift.ready(_planned(delivery, now), render_alert(alert, reader))

    def _digest(
        self, parcel: HeldParcel, deliveries: Sequence[Delivery], receipts: Receipts, now: datetime
    ) -> Notification:
        view = self._view(parcel.channel_id)
        items: dict[str, DigestItem] = {}
        for delivery in deliveries:
            item = self._item(delivery, view.language)
            known = items.get(item.event.id)
            items[item.event.id] = replace(item, news=(*known.news, *item.news)) if known else item
        return render_digest(
            [*items.values()], view, now=now, receipt=self._receipt(parcel, receipts, view, now)
        )

    def _receipt(
        self, parcel: HeldParcel, receipts: Receipts, view: ReaderView, now: datetime
    ) -> Receipt | None:
        """Give the receipt of a digest that its reader asked for; what was held otherwise has none."""
        wanted = (one for one in self._shift.roll().subscriptions if one.id == parcel.subscription_id)
        subscription = next(wanted, None)
        if subscription is None or subscription.cadence is not Cadence.DIGEST:
            return None
        last = self._shift.store.held.last_digest_at(parcel.subscription_id, parcel.target)
        since = (last or now - _FIRST).replace(second=0, microsecond=0)
        return receipts.make(subscription.watchlists, since, view.wording)

    def _item(self, delivery: Delivery, language: str) -> DigestItem:
        view = self._shift.store.reading.get_event(delivery.event_id)
        best = _central(view, language)
        ordered = sorted(view.reports, key=lambda report: report is not best)
        return DigestItem(
            watchlist_title=self._shift.title_of(delivery.watchlist_id),
            event=view.event,
            reports=tuple(report.carried for report in ordered),
            evidence=ordered[0].evidence,
            news=_news(view, delivery),
            held=delivery.held,
        )


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

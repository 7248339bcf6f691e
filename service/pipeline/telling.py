"""From event changes and milestones to stored deliveries, each with its message as it will go out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from service.domain import HeldReason, Notification, NotifyReason
from service.group import independent_groups
from service.notify import Alert, Circumstances, pace, plan_deliveries, plan_updates, render_alert
from service.notify.pacing import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import EventChange, PlannedDelivery
    from service.group import Carried
    from service.notify import PlannedUpdate, ReaderView, Roll
    from service.pipeline.grouping import Grouped
    from service.pipeline.shift import Shift
    from service.store import Batch


class Telling:
    """Stores whom to tell what, in the transaction of what happened."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift

    def store(self, batch: Batch, grouped: Grouped, now: datetime) -> None:
        """Plan first alerts and updates, say when they go out, and store those that nobody has had."""
        if not grouped.changes and not grouped.milestones:
            return
        roll = self._shift.roll(batch.told.readers_version())
        updates = plan_updates(grouped.milestones, self._shift.desk.updates, roll, now)
        known = batch.told.told_before([one.delivery for one in updates.values()])
        first = batch.told.untold(plan_deliveries(grouped.changes, roll, now))
        if not first and not known:
            return
        reports = batch.events.carried({one.event_id for one in (*first, *known)})
        weighed = self._weighed(batch, [*first, *known], reports)
        planned = batch.told.known(weighed, _carried(grouped.changes))
        paced = batch.told.absorb(pace(planned, self._around(batch, roll, planned, now)))
        said = _Said(self._shift, grouped, roll, updates, reports, paced, now)
        batch.save_deliveries(self._shift.ready(one, said.render(one)) for one in paced)
        batch.told.cover_held(paced)
        batch.told.close_known(paced)

    def _weighed(
        self, batch: Batch, planned: Sequence[PlannedDelivery], reports: Mapping[str, Sequence[Carried]]
    ) -> list[PlannedDelivery]:
        weights = {event_id: len(independent_groups(carried)) for event_id, carried in reports.items()}
        mails = batch.told.first_mails([one for one in planned if one.reason is NotifyReason.UPDATE])
        return [
            replace(one, weight=weights[one.event_id], in_reply_to=mails.get(one.id, "")) for one in planned
        ]

    def _around(
        self, batch: Batch, roll: Roll, planned: Sequence[PlannedDelivery], now: datetime
    ) -> Circumstances:
        return Circumstances(
            subscriptions={one.id: one for one in roll.subscriptions},
            channels=roll.channels,
            said=batch.told.said_lately(planned, now - DAY),
            mutes=batch.told.list_mutes(),
            subject=self._shift.readership.signer.subject,
            now=now,
            window=self._shift.window,
        )


def _carried(changes: Iterable[EventChange]) -> dict[int, set[str]]:
    """Give by article the events that it belongs to, of whatever watchlists."""
    found: dict[int, set[str]] = {}
    for change in changes:
        found.setdefault(change.match.entry.id, set()).add(change.event_id)
    return found


@dataclass(slots=True)
class _Said:
    """The messages of one batch. Readers for whom they are the same share one."""

    shift: Shift
    grouped: Grouped
    roll: Roll
    updates: Mapping[str, PlannedUpdate]
    reports: Mapping[str, Sequence[Carried]]
    paced: Sequence[PlannedDelivery]
    now: datetime
    _causes: dict[tuple[str, int], EventChange] = field(default_factory=dict)
    _along: dict[str, tuple[PlannedDelivery, ...]] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Notification] = field(default_factory=dict)

    def __post_init__(self) -> None:
        changed = (*self.grouped.corrected, *self.grouped.changes)
        self._causes = {(change.event_id, change.match.entry.id): change for change in changed}
        for one in self.paced:
            if one.held is HeldReason.SAME_ARTICLE:
                self._along[one.covered_by] = (*self._along.get(one.covered_by, ()), one)

    def render(self, planned: PlannedDelivery) -> Notification:
        """Give the message of a delivery; of one that is held only its title, until it goes out."""
        view = self.shift.readership.view(self.roll.channels[planned.channel_id])
        others = self._along.get(planned.id, ())
        along = tuple(one.watchlist_id for one in others)
        updates = (self.updates[one.id] for one in (planned, *others) if one.id in self.updates)
        news = tuple(dict.fromkeys(words for update in updates for words in update.news))
        key = (planned.event_id, planned.entry_id, planned.reason, along, news, view)
        if key not in self._known:
            self._known[key] = self._render(planned, view, along, news)
        said = self._known[key]
        return said if planned.held is None else Notification(said.title, "")

    def _render(
        self, planned: PlannedDelivery, view: ReaderView, along: tuple[str, ...], news: tuple[str, ...]
    ) -> Notification:
        cause = self._causes[planned.event_id, planned.entry_id]
        alert = Alert(
            watchlist_id=planned.watchlist_id,
            watchlist_title=self.shift.title_of(planned.watchlist_id),
            event_id=planned.event_id,
            entry=cause.match.entry,
            evidence=cause.match.evidence,
            reason=planned.reason,
            reports=tuple(self.reports[planned.event_id]),
            home=tuple(self.shift.desk.homes.get(planned.watchlist_id, ())),
            join_reason=cause.join_reason,
            news=news,
            also=tuple((one, self.shift.title_of(one)) for one in along),
            at=self.now,
        )
        return render_alert(alert, view)

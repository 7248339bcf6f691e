"""From event changes and milestones to stored deliveries, each with its message as it will go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import ChangeKind, Updates
from service.notify import Alert, ReaderView, plan_deliveries, plan_updates, render_alert, wants_update

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.domain import EventChange, Milestone, Notification, PlannedDelivery
    from service.group import Carried
    from service.pipeline.grouping import Grouped
    from service.pipeline.shift import Shift
    from service.store import Batch


class Telling:
    """Stores whom to tell what, in the transaction of what happened."""

    def __init__(self, shift: Shift) -> None:
        """Take what is in force."""
        self._shift = shift

    def store(self, batch: Batch, grouped: Grouped, now: datetime) -> None:
        """Plan first alerts and updates, and store those that nobody has had."""
        if not grouped.changes and not grouped.milestones:
            return
        desk = self._shift.desk
        updates = plan_updates(grouped.milestones, desk.updates, desk.subscriptions, desk.channels, now)
        known = batch.events.told_before(updates)  # before the first alerts of this batch are stored
        planned = plan_deliveries(grouped.changes, desk.subscriptions, desk.channels, now)
        first = batch.events.untold(planned)
        if not first and not known:
            return
        reports = batch.events.carried({one.event_id for one in (*first, *known)})
        changed = (*grouped.corrected, *grouped.changes)
        causes = {(change.event_id, change.match.entry.id): change for change in changed}
        said = _words(grouped.milestones, desk.updates)
        batch.save_deliveries(
            self._shift.ready(
                one, self._render(one, causes[one.event_id, one.entry_id], reports[one.event_id], said)
            )
            for one in (*first, *known)
        )

    def _render(
        self,
        planned: PlannedDelivery,
        cause: EventChange,
        reports: Sequence[Carried],
        said: Mapping[str, Sequence[str]],
    ) -> Notification:
        match = cause.match
        alert = Alert(
            watchlist_id=match.watchlist_id,
            watchlist_title=self._shift.title_of(match.watchlist_id),
            event_id=planned.event_id,
            entry=match.entry,
            evidence=match.evidence,
            reason=planned.reason,
            reports=tuple(reports),
            join_reason=cause.join_reason,
            news=tuple(said.get(planned.event_id, ())),
        )
        view = ReaderView(
            timezone=self._shift.desk.channels[planned.channel_id].timezone,
            base_url=self._shift.base_url,
            channel_id=planned.channel_id,
        )
        return render_alert(alert, view)


def _words(milestones: Sequence[Milestone], updates: Mapping[str, Updates]) -> dict[str, list[str]]:
    """Give by event what is told of its milestones, last that it has one more report."""
    said: dict[str, list[str]] = {}
    for one in sorted(milestones, key=lambda one: one.kind is ChangeKind.JOINED):
        if wants_update(updates.get(one.watchlist_id, Updates.MILESTONES), one.kind):
            said.setdefault(one.event_id, []).append(one.words)
    return said

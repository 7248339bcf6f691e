"""What the operator is told: what ails sources, which targets refuse, and what could not be delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.notify import Ailing, ReaderView, plan_report, render_report
from service.pipeline.refusing import Refusing
from service.pipeline.undelivered import Undelivered

if TYPE_CHECKING:
    from service.pipeline.shift import Shift

APART = timedelta(hours=1)
OLDEST = timedelta(days=1)  # what is older was nobody's to be told when it happened


class Reporting:
    """Makes the operator's messages; they go out through the outbox, as alerts do."""

    def __init__(self, shift: Shift) -> None:
        """Take what is shared with polling and delivering."""
        self._shift = shift
        self._refusing = Refusing(shift)
        self._undelivered = Undelivered(shift)

    def make_reports(self) -> int:
        """Store the messages that are due, for each target of the operator's channels; gives how many."""
        letters = self._refusing.make_letters() + self._undelivered.make_letters()
        return self._report_sources() + letters

    def _report_sources(self) -> int:
        shift, now = self._shift, self._shift.clock()
        health, channels = shift.store.health, shift.roll().channels
        targets = [
            (channels[name], target) for name in shift.desk.operators for target in channels[name].targets
        ]
        last = health.last_told_at()
        if not targets or (last is not None and last <= now < last + APART):
            return 0
        changes = health.list_changes(now - OLDEST, untold=True)
        if not changes:
            return 0
        told = [one.id for one in changes]
        ailing = [Ailing(one.outlet, one.change) for one in changes]
        reports = [
            shift.ready(
                plan_report(told, channel, target, now),
                render_report(ailing, ReaderView(channel.timezone, channel.language, shift.base_url)),
            )
            for channel, target in targets
        ]
        health.save_report(reports, told, now=now)
        return len(reports)

"""From stored matches to spikes, and to what is told of them: every few minutes, each spike once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.bursts import (
    HISTORY,
    HOUR,
    LEAST,
    QUIET,
    Series,
    busiest_hour,
    count_independent,
    follow,
    learn,
    main_events,
    say_expected,
)
from service.domain import Cause, Spike
from service.notify import Circumstances, pace_spike, plan_spike, render_spike
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.bursts import Burst, CountedReport
    from service.domain import Notification, PlannedDelivery
    from service.pipeline.shift import Shift
    from service.store import RenderedDelivery

APART = timedelta(minutes=5)
LOOK_BACK = timedelta(hours=3)  # feeds are read once an hour or so: the last hour is known in full only later


class Spiking:
    """Finds spikes of watchlists, and of events that no spike was told of; the outbox does the rest."""

    def __init__(self, shift: Shift) -> None:
        """Take what is shared with polling and delivering."""
        self._shift = shift
        self._looked_at: datetime | None = None

    def find_due(self) -> int:
        """Look for spikes if that was not done in the last five minutes; gives how many were found."""
        now, last = self._shift.clock(), self._looked_at
        if last is not None and last <= now < last + APART:
            return 0
        self._looked_at = now
        return self.find_spikes()

    def find_spikes(self) -> int:
        """Look for spikes now; gives how many were found, those that were expected among them."""
        now = self._shift.clock()
        busy = self._shift.store.spikes.list_busy(now - LOOK_BACK - HOUR, LEAST)
        return sum(self._look_at(one, now) for one in busy if one in self._shift.desk.titles)

    def _look_at(self, watchlist_id: str, now: datetime) -> int:
        """Look at a watchlist, then at those of its events that alone may be a burst."""
        spikes, since = self._shift.store.spikes, now - LOOK_BACK
        reports = spikes.list_reports(watchlist_id, now - HISTORY)
        recent = [one for one in reports if one.at > since - HOUR]
        whole = self._whole(watchlist_id, reports, since, now)
        found = self._find(watchlist_id, "", whole, recent, now)
        large = {one.event_id for one in recent if _may_burst(_of(recent, one.event_id))}
        for event_id, opened_at in sorted(spikes.events_opened(large).items()):
            series = Series.begin(max(opened_at, now - HISTORY), borrowed=whole.habit)
            series = learn(series, _of(reports, event_id), since)
            found += self._find(watchlist_id, event_id, series, _of(recent, event_id), now)
        return found

    def _whole(
        self, watchlist_id: str, reports: Sequence[CountedReport], since: datetime, now: datetime
    ) -> Series:
        """Give the series of a watchlist up to the time from which on bursts are looked for."""
        began = min((one.at for one in reports), default=now)
        followed = self._shift.store.spikes.first_in_force(watchlist_id)
        series = Series.begin(max(min(began, followed or began), now - HISTORY))
        return learn(series, reports, since)

    def _find(
        self,
        watchlist_id: str,
        event_id: str,
        series: Series,
        recent: Sequence[CountedReport],
        now: datetime,
    ) -> int:
        """Look for the burst of a series, `recent` being its latest reports, and store what comes of it."""
        shift, since = self._shift, now - LOOK_BACK
        horizon = since - QUIET
        earlier = shift.store.spikes.list_spikes(since=horizon, watchlist_id=watchlist_id)
        told = [one.at for one in earlier if not event_id or one.is_about(event_id)]
        series = replace(series, told_at=max(told, default=None))
        _, bursts = follow(series, (one for one in recent if one.at > since))
        if not bursts:
            return 0
        with shift.lock:
            spike = self._describe(watchlist_id, event_id, bursts[0], recent)
            stored = shift.store.spikes.save(
                spike, self._messages(spike, now), known=[one.id for one in earlier], since=horizon, now=now
            )
        return int(stored)

    def _describe(
        self, watchlist_id: str, event_id: str, burst: Burst, recent: Sequence[CountedReport]
    ) -> Spike:
        """Put a spike together out of the busiest hour since it began."""
        hour = busiest_hour(recent, burst.at)
        known = self._shift.desk.dates.get(watchlist_id, ())
        return Spike(
            id=digest("spike", watchlist_id, event_id, burst.at.isoformat()),
            watchlist_id=watchlist_id,
            event_id=event_id,
            at=burst.at,
            until_at=hour[-1].at,
            reports=len(hour),
            outlets=len({one.outlet for one in hour}),
            usual=burst.usual,
            events=len({one.event_id for one in hour}),
            causes=tuple(self._cause(one, _of(hour, one)) for one in main_events(hour)),
            expected=say_expected(known, burst.at),
        )

    def _cause(self, event_id: str, reports: Sequence[CountedReport]) -> Cause:
        first = self._shift.store.spikes.list_entries([one.id for one in reports])[0]
        return Cause(
            event_id=event_id,
            headline=first.title,
            reports=len(reports),
            outlets=len({one.outlet for one in reports}),
            language=first.language,
            url=first.url,
            outlet=first.outlet,
        )

    def _messages(self, spike: Spike, now: datetime) -> list[RenderedDelivery]:
        shift, roll = self._shift, self._shift.roll()
        around = Circumstances(
            subscriptions={one.id: one for one in roll.subscriptions},
            channels=roll.channels,
            said={},
            mutes=[mute for _, mute in shift.store.mutes.list_active(now)],
            subject=shift.readership.signer.subject,
            now=now,
        )
        paced = pace_spike(plan_spike(spike, roll, now), spike.event_id, around)
        return [shift.ready(one, self._render(spike, one)) for one in paced]

    def _render(self, spike: Spike, planned: PlannedDelivery) -> Notification:
        shift = self._shift
        view = shift.readership.view(shift.roll().channels[planned.channel_id])
        return render_spike(spike, shift.title_of(spike.watchlist_id), view, shift.clock())


def _of(reports: Sequence[CountedReport], event_id: str) -> list[CountedReport]:
    return [one for one in reports if one.event_id == event_id]


def _may_burst(reports: Sequence[CountedReport]) -> bool:
    return count_independent(reports) >= LEAST

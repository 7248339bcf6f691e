"""What the reports of events say together, as this process last read or wrote it; the store is the truth.

A poll that brings one report of an event of thousands does not read the thousands again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from service.domain import ChangeKind
from service.group import Carried, Reports, find_milestones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from service.domain import EventChange, Milestone
    from service.store import EventLedger

MOST_KEPT = 300_000  # shingles, each of some 100 bytes; what was not asked for longest goes first


class Reported:
    """Remembers events by their ids. What others did to an event is to be said with `forget`.

    A text is known as it was read: what another process edits is read again only with the whole event.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._events: dict[str, Reports] = {}  # the one asked for last is the last

    def judge(
        self, ledger: EventLedger, changes: Sequence[EventChange]
    ) -> tuple[list[EventChange], list[Milestone]]:
        """Say where each report's words come from, and what it means for its event."""
        opened = [change.event_id for change in changes if change.kind is ChangeKind.OPENED]
        self._events |= {event_id: Reports() for event_id in opened}
        joined = [change.event_id for change in changes]
        self._look_up(ledger, joined + [event_id for change in changes for event_id in change.merge or ()])
        judged, milestones = [], []
        for change in changes:
            earlier = self._events[change.event_id]
            told = replace(change, lineage=earlier.lineage_of(change.match.entry))
            milestones += find_milestones(told, earlier)
            earlier.add(Carried(change.match.entry, told.lineage))
            judged.append(told)
            if change.merge:
                gone, kept = change.merge
                self._events[kept].take_over(self._events.pop(gone))
                self._events[gone] = Reports()
        return judged, milestones

    def name(self, ledger: EventLedger, event_ids: Collection[str]) -> None:
        """Have stored events named by the report that says best what happened."""
        self._look_up(ledger, event_ids)
        left = [event_id for event_id in event_ids if self._events[event_id].count]
        ledger.name_by({event_id: self._events[event_id].central_report().id for event_id in left})

    def forget(self, event_ids: Iterable[str]) -> None:
        """Read these from the store the next time."""
        for event_id in event_ids:
            self._events.pop(event_id, None)

    def trim(self) -> None:
        """Forget what there is no room for."""
        size = sum(one.size for one in self._events.values())
        while size > MOST_KEPT:
            size -= self._events.pop(next(iter(self._events))).size

    def _look_up(self, ledger: EventLedger, event_ids: Iterable[str]) -> None:
        wanted = dict.fromkeys(event_ids)
        stored = ledger.carried(one for one in wanted if one not in self._events)
        for one in wanted:
            self._events[one] = self._events.pop(one) if one in self._events else Reports(stored.get(one, ()))

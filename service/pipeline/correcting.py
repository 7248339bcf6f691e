"""What people do to events: merge two, split one, give one another title. Every act is kept.

An act is stored like a poll, in one transaction, and grouping goes by it from the next report on, in
whichever process that comes. What was told stays told: a merge tells nobody anything; reports that are split
off are told as the event of their own that they are, where they may alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import Act, ActKind, ChangeKind, Event, EventChange, JoinReason
from service.errors import NotFound, Refused
from service.group import central_report
from service.notify import hold_changes
from service.pipeline.grouping import Grouped
from service.pipeline.telling import Telling
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.domain import Match
    from service.pipeline.shift import Shift
    from service.store import EventLedger

_LISTED = "`avizor events` lists them."
_TITLE_LIMIT = 300


class Correcting:
    """Acts of one person, `by` being the name that is kept with them."""

    def __init__(self, shift: Shift, by: str) -> None:
        """Take what is in force."""
        self._shift = shift
        self._by = by

    def merge(self, event_id: str, other_id: str) -> Event:
        """Make the reports of another event part of this one; gives what it has become.

        Raises NotFound, or Refused where they are one already or of two watchlists.
        """
        with self._shift.lock, self._shift.store.batch(self._shift.clock()) as batch:
            batch.one_by_one()
            ledger = batch.events
            kept, gone = _event(ledger, event_id), _event(ledger, other_id)
            if kept.id == gone.id:
                raise Refused(f"{event_id} and {other_id} are one event already")
            if kept.watchlist_id != gone.watchlist_id:
                mend = "Events of two watchlists are told apart, even where they report the same."
                raise Refused(f"{event_id} and {other_id} are of two watchlists", mend=mend)
            ledger.record_act(Act(ActKind.MERGE, kept.watchlist_id, kept.id, gone.id, by=self._by))
            ledger.merge(gone.id, kept.id)
            return _event(ledger, kept.id)

    def split(self, event_id: str, entries: Collection[int]) -> Event:
        """Make some reports of an event, by the numbers of their entries, an event of their own; gives it.

        Raises NotFound, or Refused where that would leave one of the two without a report.
        """
        now = self._shift.clock()
        with self._shift.lock, self._shift.store.batch(now) as batch:
            batch.one_by_one()
            ledger = batch.events
            event = _event(ledger, event_id)
            matches = ledger.matches_in(event.id)
            moved = [match for match in matches if match.entry.id in entries]
            unknown = set(entries) - {match.entry.id for match in moved}
            if unknown:
                mend = "`avizor events --json` shows their numbers."
                raise NotFound(f"event {event_id} has no entry {min(unknown)}", mend=mend)
            if not moved or len(moved) == len(matches):
                raise Refused("one of the two events would be without a report")
            new = _new_event(event, moved, ledger.last_numbers(event.watchlist_id)[1])
            numbers = tuple(match.entry.id for match in moved)
            act = Act(ActKind.SPLIT, event.watchlist_id, event.id, new.id, numbers, by=self._by)
            ledger.record_act(act)
            ledger.split(event.id, numbers, new)
            Telling(self._shift).store(batch, Grouped(_opened(new, moved), []), now)
            return new

    def rename(self, event_id: str, title: str) -> Event:
        """Give an event a title that no report changes any more; raises NotFound, or Refused without one."""
        said = " ".join(title.split())[:_TITLE_LIMIT]
        if not said:
            raise Refused("an event needs a title")
        with self._shift.lock, self._shift.store.batch(self._shift.clock()) as batch:
            batch.one_by_one()
            event = _event(batch.events, event_id)
            batch.events.record_act(
                Act(ActKind.RENAME, event.watchlist_id, event.id, words=said, by=self._by)
            )
            batch.events.rename(event.id, said, self._by)
            return _event(batch.events, event.id)


def _event(ledger: EventLedger, event_id: str) -> Event:
    event = ledger.find_event(event_id)
    if event is None:
        raise NotFound(f"there is no event {event_id}", mend=_LISTED)
    return event


def _new_event(event: Event, moved: Sequence[Match], last_act: int) -> Event:
    """Give the event that these reports make; the same ones may be split off twice, with a merge between."""
    times = [match.entry.happened_at for match in moved]
    return Event(
        id=digest("split", event.id, str(last_act)),
        watchlist_id=event.watchlist_id,
        title=central_report([match.entry for match in moved]).title,
        opened_at=min(times),
        last_report_at=max(times),
        reports=len(moved),
    )


def _opened(event: Event, moved: Sequence[Match]) -> list[EventChange]:
    """Give the reports that were split off as if they had opened their event just now."""
    return hold_changes(
        EventChange(match, event.id, ChangeKind.OPENED, JoinReason.BY_HAND) for match in moved
    )

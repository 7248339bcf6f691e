"""Matches to stored event changes: what a process remembers of each watchlist's events, beside the store.

The store is the truth. What is remembered here can be forgotten at any time: it is read again from what was
written down with the matches, and from the matches and acts that came after it, in their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import ActKind, ChangeKind, EventChange, Milestone
from service.group import (
    ENDS_AFTER,
    TOLD_WITHIN,
    Grouper,
    dump_grouper,
    is_correction,
    load_grouper,
)
from service.pipeline.reported import Reported
from service.store import BY_GROUPING, Remembered
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from service.domain import Entry, Match
    from service.store import Batch, Done, Edited, EventLedger, Placed

    Hold = Callable[[Iterable[EventChange]], list[EventChange]]
    Encode = Callable[[str], Sequence[float]]

REBUILT_FROM = 5_000  # matches, where nothing that can be read was written down
WRITTEN_EVERY = 200  # matches, or as many as there are events to write down
_LEAD = 300  # characters of a text that an encoder reads after the headline


@dataclass(slots=True)
class _Table:
    """The events of one watchlist as this process knows them, up to a match and an act."""

    grouper: Grouper
    match_id: int
    act_id: int
    written: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """What became of matches: the changes in their order, and milestones reached for the first time.

    `corrected` are reports that were told, and say something else now.
    """

    changes: list[EventChange]
    milestones: list[Milestone]
    corrected: list[EventChange] = field(default_factory=list)


class Grouping:
    """Puts matches into events. `encode` gives the meaning of a text, to bridge languages."""

    def __init__(self, encode: Encode | None = None) -> None:
        """Know nothing yet."""
        self._encode = encode
        self._tables: dict[str, _Table] = {}
        self._reported = Reported()
        self._is_uncommitted = False

    def committed(self) -> None:
        """Note that the transaction of the last `group` was committed; else it is all forgotten."""
        self._is_uncommitted = False

    def group(
        self, batch: Batch, matches: Sequence[Match], hold: Hold, *, one_language: Iterable[str] = ()
    ) -> Grouped:
        """Put the matches that are not stored yet into events and store them, held as `hold` says.

        They are taken in their order. Watchlists of `one_language` need no bridge.
        """
        if self._is_uncommitted:
            self._tables.clear()
            self._reported = Reported()
        if not matches:
            return Grouped([], [])
        self._is_uncommitted = True
        batch.one_by_one()
        ledger = batch.events
        known = ledger.watchlists_matched([match.entry for match in matches])
        fresh = [match for match in matches if (match.entry.id, match.watchlist_id) not in known]
        grouped = Grouped([], [])
        for watchlist_id in dict.fromkeys(match.watchlist_id for match in fresh):
            mine = [match for match in fresh if match.watchlist_id == watchlist_id]
            encode = None if watchlist_id in one_language else self._encode
            placed = self._group(ledger, watchlist_id, mine, hold, encode)
            grouped.changes.extend(placed.changes)
            grouped.milestones.extend(placed.milestones)
        return grouped

    def correct(self, batch: Batch, edited: Sequence[Entry], now: datetime) -> Grouped:
        """Give what is to be told of headlines that were edited after they had been told."""
        if not edited:
            return Grouped([], [])
        self._reported.forget(batch.events.events_of(edited))
        told = batch.events.edited_matches(edited, now - TOLD_WITHIN)
        self._reported.name(batch.events, {one.event_id for one in told})
        found = [
            one for one in told if is_correction(one.before, one.match.entry.title, one.match.entry.language)
        ]
        milestones = batch.events.save_milestones([_correction(one) for one in found])
        corrected = [EventChange(one.match, one.event_id, ChangeKind.CORRECTED) for one in found]
        return Grouped([], milestones, corrected)

    def withdraw(self, batch: Batch, now: datetime) -> Grouped:
        """Give what is to be told of reports that were told, and have gone from their feeds."""
        gone = batch.list_withdrawn()
        told = batch.events.told_matches(gone, now - TOLD_WITHIN) if gone else []
        milestones = batch.events.save_milestones([_withdrawal(*one) for one in told])
        fresh = {(one.event_id, one.entry_id) for one in milestones}
        changes = [EventChange(match, event_id, ChangeKind.CORRECTED) for match, event_id in told]
        return Grouped(
            [], milestones, [one for one in changes if (one.event_id, one.match.entry.id) in fresh]
        )

    def _group(
        self,
        ledger: EventLedger,
        watchlist_id: str,
        matches: Sequence[Match],
        hold: Hold,
        encode: Encode | None,
    ) -> Grouped:
        table = self._caught_up(ledger, watchlist_id, encode)
        changes = hold(_place(table.grouper, match, encode) for match in matches)
        changes, milestones = self._reported.judge(ledger, changes)
        ledger.save_changes(changes)
        self._reported.name(ledger, {change.event_id for change in changes})
        # The reports of a merged event are in the order in which they came, which the store knows.
        self._reported.forget(event_id for change in changes for event_id in change.merge or ())
        self._reported.trim()
        table.match_id, table.act_id = ledger.last_numbers(watchlist_id)
        self._write_down(ledger, watchlist_id, table)
        grouped = _as_merged(changes, milestones)
        return Grouped(grouped.changes, ledger.save_milestones(grouped.milestones))

    def _write_down(self, ledger: EventLedger, watchlist_id: str, table: _Table) -> None:
        grouper = table.grouper
        if grouper.placed - table.written >= max(WRITTEN_EVERY, len(grouper.index)):
            state = dump_grouper(grouper)
            ledger.remember(watchlist_id, Remembered(table.match_id, table.act_id, state))
            table.written = grouper.placed

    # ----------------------------------------------------------------------- knowing what is stored

    def _caught_up(self, ledger: EventLedger, watchlist_id: str, encode: Encode | None) -> _Table:
        """Give what is known of a watchlist, with what other processes and people have done since."""
        table = self._tables.get(watchlist_id)
        if table is None:
            table = self._tables[watchlist_id] = _recall(ledger, watchlist_id, encode)
        placed = ledger.list_placed(watchlist_id, table.match_id)
        done = ledger.list_done(watchlist_id, table.act_id)
        self._reported.forget(event_id for one in placed for event_id in (one.event_id, one.now_in))
        self._reported.forget(event_id for one in done for event_id in (one.act.event_id, one.act.other_id))
        _replay(table.grouper, ledger, placed, done, encode)
        if placed or done:
            table.match_id, table.act_id = ledger.last_numbers(watchlist_id)
        if any(one.act.by != BY_GROUPING for one in done):
            table.written = -WRITTEN_EVERY * len(table.grouper.index)  # how the store stood is known only now
        return table


def _recall(ledger: EventLedger, watchlist_id: str, encode: Encode | None) -> _Table:
    """Read what was written down; failing that, take in the last matches where they stand now."""
    kept = ledger.find_remembered(watchlist_id)
    grouper = load_grouper(kept.state) if kept else None
    if kept and grouper:
        return _Table(grouper, kept.match_id, kept.act_id, grouper.placed)
    grouper = Grouper()
    placed = ledger.list_placed(watchlist_id, ledger.number_before(watchlist_id, REBUILT_FROM))
    ends = max((one.match.entry.happened_at for one in placed), default=None)
    for one in placed:
        is_live = ends is not None and ends - one.match.entry.happened_at < timedelta(hours=ENDS_AFTER)
        grouper.absorb(one.match, one.now_in, meaning_of(one.match, encode if is_live else None))
    return _Table(grouper, *ledger.last_numbers(watchlist_id), written=grouper.placed)


def _replay(
    grouper: Grouper,
    ledger: EventLedger,
    placed: Sequence[Placed],
    done: Sequence[Done],
    encode: Encode | None,
) -> None:
    """Take in stored matches, and merges by grouping itself, in the order in which they came.

    What people did is taken from the store as it stands: their events are made anew of the reports they have.
    """
    merges = [one for one in done if one.act.by == BY_GROUPING]
    for one in placed:
        while merges and merges[0].after_match < one.match_id:
            act = merges.pop(0).act
            grouper.merge(act.other_id, act.event_id)
        grouper.absorb(one.match, one.event_id, meaning_of(one.match, encode))
    for last in merges:
        grouper.merge(last.act.other_id, last.act.event_id)
    acts = [one.act for one in done if one.act.by != BY_GROUPING and one.act.kind is not ActKind.RENAME]
    for event_id in dict.fromkeys(event_id for act in acts for event_id in (act.event_id, act.other_id)):
        reports = ledger.matches_in(event_id)
        grouper.rebuild(event_id, [(match, meaning_of(match, encode)) for match in reports])
    for act in acts:
        if act.kind is ActKind.SPLIT:
            grouper.keep_apart(act.event_id, act.other_id)


# --------------------------------------------------------------------------------- placing, judging


def _place(grouper: Grouper, match: Match, encode: Encode | None) -> EventChange:
    placement = grouper.place(match, meaning_of(match, encode))
    return EventChange(
        match=match,
        event_id=placement.event_id,
        kind=ChangeKind.OPENED if placement.is_new else ChangeKind.JOINED,
        join_reason=placement.reason,
        join_words=placement.words,
        merge=placement.merge,
    )


def meaning_of(match: Match, encode: Encode | None) -> Sequence[float]:
    """Give what an encoder makes of headline and lead; nothing without one."""
    entry = match.entry
    return encode(f"{entry.title} {entry.summary[:_LEAD]}") if encode else ()


def _correction(one: Edited) -> Milestone:
    entry = one.match.entry
    return Milestone(
        event_id=one.event_id,
        watchlist_id=one.match.watchlist_id,
        kind=ChangeKind.CORRECTED,
        detail=digest(str(entry.id), entry.title),
        words=f"{entry.outlet or entry.url} changed its headline, which was: “{one.before}”",
        entry_id=entry.id,
    )


def _withdrawal(match: Match, event_id: str) -> Milestone:
    entry = match.entry
    return Milestone(
        event_id=event_id,
        watchlist_id=match.watchlist_id,
        kind=ChangeKind.CORRECTED,
        detail=digest(str(entry.id), "withdrawn"),
        words=f"{entry.outlet or entry.url} has taken it out of its feed: “{entry.title}”",
        entry_id=entry.id,
    )


def _as_merged(changes: Sequence[EventChange], milestones: Sequence[Milestone]) -> Grouped:
    """Give changes and milestones under the events that are left, now that some were merged."""
    left: dict[str, str] = {}
    for gone, kept in (change.merge for change in changes if change.merge):
        left = {old: kept if new == gone else new for old, new in left.items()} | {gone: kept}
    return Grouped(
        [replace(one, event_id=left.get(one.event_id, one.event_id)) for one in changes],
        [replace(one, event_id=left.get(one.event_id, one.event_id)) for one in milestones],
    )

"""What grouping reads and leaves behind in the transaction of a batch: matches, events, milestones, acts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists
from sqlmodel import col, func, select, update

from service.domain import Act, ActKind, ChangeKind, JoinReason, Lineage, Match
from service.group import Carried
from service.store.delivery_tables import DeliveryRow
from service.store.engine import reserve_ids
from service.store.event_rows import act_row, event_row, milestone_row, to_act, to_match
from service.store.known import chunks
from service.store.rows import evidence_json, to_entry, to_event, to_feed
from service.store.tables import (
    ActRow,
    EarlierRow,
    EntryRow,
    EventRow,
    FeedRow,
    GroupingRow,
    MatchRow,
    MilestoneRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Entry, Event, EventChange, Milestone

BY_GROUPING = "avizor"  # who does what nobody did


@dataclass(frozen=True, slots=True)
class Remembered:
    """What grouping knew after a match and an act of a watchlist, by their numbers."""

    match_id: int
    act_id: int
    state: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """A stored match, the event it was put into when it came, and the one it is in now."""

    match_id: int
    match: Match
    event_id: str
    now_in: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A stored match whose entry had another headline until now."""

    match: Match
    event_id: str
    before: str


@dataclass(frozen=True, slots=True)
class Done:
    """A stored act upon events, and the last match that came before it."""

    act_id: int
    after_match: int
    act: Act


class EventLedger:
    """The part of a batch that is about events."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Take the open session of a batch and the time that it goes by."""
        self._session = session
        self._now = now

    # ------------------------------------------------------------------- what grouping remembers

    def find_remembered(self, watchlist_id: str) -> Remembered | None:
        """Give what grouping last wrote down of a watchlist."""
        row = self._session.get(GroupingRow, watchlist_id)
        return None if row is None else Remembered(row.match_id, row.act_id, row.state)

    def remember(self, watchlist_id: str, known: Remembered) -> None:
        """Write down what grouping knows."""
        row = GroupingRow(
            watchlist_id=watchlist_id, match_id=known.match_id, act_id=known.act_id, state=known.state
        )
        self._session.merge(row)
        self._session.flush()

    def last_numbers(self, watchlist_id: str) -> tuple[int, int]:
        """Give the numbers of the last match and the last act of a watchlist; 0 where there is none."""
        last = select(func.max(MatchRow.id)).where(col(MatchRow.watchlist_id) == watchlist_id)
        act = select(func.max(ActRow.id)).where(col(ActRow.watchlist_id) == watchlist_id)
        return self._session.exec(last).one() or 0, self._session.exec(act).one() or 0

    def list_placed(self, watchlist_id: str, after: int) -> list[Placed]:
        """List the matches of a watchlist after one, by number, in their order."""
        statement = (
            select(MatchRow, EntryRow, FeedRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(col(MatchRow.watchlist_id) == watchlist_id, col(MatchRow.id) > after)
            .order_by(col(MatchRow.id))
        )
        return [
            Placed(row.id or 0, to_match(row, entry, feed), row.placed_in, row.event_id)
            for row, entry, feed in self._session.exec(statement)
        ]

    def number_before(self, watchlist_id: str, most: int) -> int:
        """Give the number of the match before the last `most` ones; 0 where there are fewer."""
        statement = (
            select(MatchRow.id)
            .where(col(MatchRow.watchlist_id) == watchlist_id)
            .order_by(col(MatchRow.id).desc())
            .offset(most)
            .limit(1)
        )
        return self._session.exec(statement).first() or 0

    def list_done(self, watchlist_id: str, after: int) -> list[Done]:
        """List the acts upon a watchlist's events after one, by number, in their order."""
        statement = (
            select(ActRow)
            .where(col(ActRow.watchlist_id) == watchlist_id, col(ActRow.id) > after)
            .order_by(col(ActRow.id))
        )
        return [Done(row.id or 0, row.after_match, to_act(row)) for row in self._session.exec(statement)]

    def matches_in(self, event_id: str) -> list[Match]:
        """List the matches of an event in the order in which they came."""
        statement = (
            select(MatchRow, EntryRow, FeedRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(col(MatchRow.event_id) == event_id)
            .order_by(col(MatchRow.id))
        )
        return [to_match(*row) for row in self._session.exec(statement)]

    def edited_matches(self, entries: Sequence[Entry], told_since: datetime) -> list[Edited]:
        """List the matches of entries whose headline was edited just now, and that were told since a time."""
        was_told = exists().where(
            col(DeliveryRow.entry_id) == col(MatchRow.entry_id), col(DeliveryRow.created_at) >= told_since
        )
        statement = (
            select(MatchRow, EntryRow, FeedRow, EarlierRow.title)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .join(EarlierRow, col(EarlierRow.entry_id) == col(EntryRow.id))
            .where(col(EarlierRow.until_at) == self._now, was_told)
        )
        found = self._of_entries(statement, [entry.id for entry in entries])
        return [Edited(to_match(row, entry, feed), row.event_id, title) for row, entry, feed, title in found]

    def told_matches(self, entry_ids: Sequence[int], told_since: datetime) -> list[tuple[Match, str]]:
        """List the matches of entries that were told since a time, each with the event it is in."""
        was_told = exists().where(
            col(DeliveryRow.entry_id) == col(MatchRow.entry_id),
            col(DeliveryRow.event_id).in_([col(MatchRow.event_id), col(MatchRow.placed_in)]),
            col(DeliveryRow.created_at) >= told_since,
        )
        statement = (
            select(MatchRow, EntryRow, FeedRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(was_told)
        )
        found = self._of_entries(statement, entry_ids)
        return [(to_match(row, entry, feed), row.event_id) for row, entry, feed in found]

    def _of_entries(self, statement: Any, entry_ids: Sequence[int]) -> list[Any]:  # noqa: ANN401 -- rows of any kind
        """Give what a statement finds of these entries, by the number of the match.

        Put in order here: asked to do it, SQLite reads all matches in theirs.
        """
        found = [
            row
            for ids in chunks(entry_ids)
            for row in self._session.exec(statement.where(col(MatchRow.entry_id).in_(ids)))
        ]
        return sorted(found, key=lambda row: row[0].id)

    def events_of(self, entries: Iterable[Entry]) -> set[str]:
        """Name the events that these entries report."""
        statement = select(MatchRow.event_id)
        return {
            event_id
            for ids in chunks([entry.id for entry in entries])
            for event_id in self._session.exec(statement.where(col(MatchRow.entry_id).in_(ids)))
        }

    def watchlists_matched(self, entries: Iterable[Entry]) -> set[tuple[int, str]]:
        """Tell which of these entries already match which watchlists, as pairs of ids."""
        statement = select(MatchRow.entry_id, MatchRow.watchlist_id)
        return {
            (entry_id, watchlist_id)
            for ids in chunks([entry.id for entry in entries])
            for entry_id, watchlist_id in self._session.exec(statement.where(col(MatchRow.entry_id).in_(ids)))
        }

    # ------------------------------------------------------------------------------ what happened

    def carried(self, event_ids: Iterable[str]) -> dict[str, list[Carried]]:
        """Give the reports of events with where their words come from, in the order in which they came."""
        found: dict[str, list[Carried]] = {}
        statement = (
            select(MatchRow, EntryRow, FeedRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .order_by(col(MatchRow.id))
        )
        for ids in chunks(list(event_ids)):
            for row, entry, feed in self._session.exec(statement.where(col(MatchRow.event_id).in_(ids))):
                report = Carried(to_entry(entry, to_feed(feed).source), Lineage(row.copy_of, row.credit))
                found.setdefault(row.event_id, []).append(report)
        return found

    def save_changes(self, changes: Sequence[EventChange]) -> None:
        """Store matches, and what they did to the events, in their order."""
        if not changes:
            return
        numbers = reserve_ids(self._session, MatchRow, len(changes))
        for number, change in zip(numbers, changes, strict=True):
            if change.kind is ChangeKind.OPENED:
                self._session.add(event_row(change))
                self._session.flush()
            else:
                self._extend(change)
            self._session.add(self._new_match(number, change))
            if change.merge:
                gone, kept = change.merge
                act = Act(ActKind.MERGE, change.match.watchlist_id, kept, gone, by=BY_GROUPING)
                self.record_act(act, after_match=number)
                self.merge(gone, kept)
        self._session.flush()

    def name_by(self, reports: Mapping[str, int]) -> None:
        """Give events the headline of one of their reports, by its entry, unless a person has named them."""
        asked = select(EntryRow.id, EntryRow.title)
        titles = {
            entry_id: title
            for ids in chunks(list(reports.values()))
            for entry_id, title in self._session.exec(asked.where(col(EntryRow.id).in_(ids)))
        }
        for event_id, entry_id in reports.items():
            row = self._session.get_one(EventRow, event_id)
            if not row.named_by:
                row.title = titles[entry_id]

    def merge(self, gone_id: str, kept_id: str) -> None:
        """Make the reports of one event those of another."""
        self._session.flush()
        gone, kept = (self._session.get_one(EventRow, one) for one in (gone_id, kept_id))
        kept.opened_at = min(kept.opened_at, gone.opened_at)
        kept.last_report_at = max(kept.last_report_at, gone.last_report_at)
        kept.reports += gone.reports
        gone.reports, gone.merged_into = 0, kept_id
        moved = update(MatchRow).where(col(MatchRow.event_id) == gone_id).values(event_id=kept_id)
        self._session.exec(moved)
        earlier = update(EventRow).where(col(EventRow.merged_into) == gone_id).values(merged_into=kept_id)
        self._session.exec(earlier)
        self._move_milestones(gone_id, kept_id)

    def _move_milestones(self, gone_id: str, kept_id: str) -> None:
        """Let what was reached by one event count for another: it is shown there, and not told again."""
        both = select(MilestoneRow).where(col(MilestoneRow.event_id).in_([gone_id, kept_id]))
        rows = self._session.exec(both).all()
        known = {(row.kind, row.detail) for row in rows if row.event_id == kept_id}
        for row in rows:
            if (row.kind, row.detail) not in known:
                row.event_id = kept_id
        self._session.flush()

    def split(self, event_id: str, entries: Sequence[int], new: Event) -> None:
        """Make some reports of an event an event of their own."""
        self._session.add(
            EventRow(
                id=new.id,
                watchlist_id=new.watchlist_id,
                title=new.title,
                opened_at=new.opened_at,
                last_report_at=new.last_report_at,
                reports=new.reports,
            )
        )
        self._session.flush()
        moved = (col(MatchRow.event_id) == event_id, col(MatchRow.entry_id).in_(entries))
        values = {"event_id": new.id, "join_reason": JoinReason.BY_HAND.value}
        self._session.exec(update(MatchRow).where(*moved).values(**values))
        self._session.get_one(EventRow, event_id).reports -= len(entries)

    def rename(self, event_id: str, title: str, by: str) -> None:
        """Give an event the title that a person wants it to have."""
        row = self._session.get_one(EventRow, event_id)
        row.title, row.named_by = title, by

    def find_event(self, event_id: str) -> Event | None:
        """Give an event, or the one that it was merged into."""
        row = self._session.get(EventRow, event_id)
        if row is not None and row.merged_into:
            row = self._session.get(EventRow, row.merged_into)
        return None if row is None else to_event(row)

    def record_act(self, act: Act, *, after_match: int | None = None) -> None:
        """Keep an act; it comes after the last match that is stored, if nothing else is said."""
        if after_match is None:
            after_match = self.last_numbers(act.watchlist_id)[0]
        self._session.add(act_row(act, after_match, self._now))
        self._session.flush()

    def save_milestones(self, milestones: Sequence[Milestone]) -> list[Milestone]:
        """Store milestones; gives those that their events had not reached before."""
        known = self._known_milestones(milestones)
        fresh = []
        for one in milestones:
            key = (one.event_id, one.kind.value, one.detail)
            if key not in known:
                known.add(key)
                fresh.append(one)
        self._session.add_all(milestone_row(one, self._now) for one in fresh)
        self._session.flush()
        return fresh

    def _known_milestones(self, milestones: Sequence[Milestone]) -> set[tuple[str, str, str]]:
        """Give event, kind and detail of those stored that may be among these."""
        asked = select(MilestoneRow.event_id, MilestoneRow.kind, MilestoneRow.detail)
        return {
            key
            for some in chunks(milestones)
            for key in self._session.exec(
                asked.where(
                    col(MilestoneRow.event_id).in_({one.event_id for one in some}),
                    col(MilestoneRow.detail).in_({one.detail for one in some}),
                )
            )
        }

    # ----------------------------------------------------------------------------- what was told

    def _extend(self, change: EventChange) -> None:
        event = self._session.get_one(EventRow, change.event_id)
        event.reports += 1
        # A report that is found late may be the earliest: an event spans the times of its reports.
        event.opened_at = min(event.opened_at, change.match.entry.happened_at)
        event.last_report_at = max(event.last_report_at, change.match.entry.happened_at)

    def _new_match(self, number: int, change: EventChange) -> MatchRow:
        match = change.match
        return MatchRow(
            id=number,
            entry_id=match.entry.id,
            watchlist_id=match.watchlist_id,
            version=match.version,
            evidence=evidence_json(match.evidence),
            major=evidence_json(match.major),
            event_id=change.event_id,
            placed_in=change.event_id,
            kind=change.kind.value,
            join_reason=change.join_reason.value,
            join_words=json.dumps(change.join_words, ensure_ascii=False),
            copy_of=change.lineage.copy_of,
            credit=change.lineage.credit,
            held=None if change.held is None else change.held.value,
            matched_at=self._now,
        )

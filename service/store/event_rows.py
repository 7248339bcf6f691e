"""From the rows of matches, events, milestones and acts to values, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import col, select

from service.domain import Act, ActKind, Match
from service.store.rows import to_entry, to_evidence, to_feed
from service.store.tables import ActRow, EntryRow, EventRow, FeedRow, MatchRow, MilestoneRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import EventChange, Milestone


def list_matches(
    session: Session, watchlist_id: str, after: int, most: int, since: datetime
) -> list[tuple[int, Match]]:
    """List matches of a watchlist after one, with their numbers: those of entries seen since a time."""
    statement = (
        select(MatchRow, EntryRow, FeedRow)
        .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
        .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
        .where(col(MatchRow.watchlist_id) == watchlist_id, col(MatchRow.id) > after)
        .where(col(EntryRow.first_seen_at) >= since)
        .order_by(col(MatchRow.id))
        .limit(most)
    )
    return [(row.id or 0, to_match(row, entry, feed)) for row, entry, feed in session.exec(statement)]


def to_match(row: MatchRow, entry: EntryRow, feed: FeedRow) -> Match:
    """Turn the rows of a match, its entry and its feed into the match."""
    source = to_feed(feed).source
    evidence, major = to_evidence(row.evidence), to_evidence(row.major)
    return Match(to_entry(entry, source), row.watchlist_id, row.version, evidence, major)


def event_row(change: EventChange) -> EventRow:
    """Give the row of an event that a report opens."""
    entry = change.match.entry
    return EventRow(
        id=change.event_id,
        watchlist_id=change.match.watchlist_id,
        title=entry.title,
        opened_at=entry.happened_at,
        last_report_at=entry.happened_at,
    )


def milestone_row(one: Milestone, now: datetime) -> MilestoneRow:
    """Turn a milestone into its row."""
    return MilestoneRow(
        event_id=one.event_id,
        entry_id=one.entry_id,
        kind=one.kind.value,
        detail=one.detail,
        words=one.words,
        held=None if one.held is None else one.held.value,
        at=now,
    )


def to_act(row: ActRow) -> Act:
    """Turn a row into the act it stands for."""
    return Act(
        kind=ActKind(row.kind),
        watchlist_id=row.watchlist_id,
        event_id=row.event_id,
        other_id=row.other_id,
        entries=tuple(json.loads(row.entries)),
        words=row.words,
        by=row.by,
        at=row.at,
    )


def act_row(act: Act, after_match: int, now: datetime) -> ActRow:
    """Turn an act into its row."""
    return ActRow(
        watchlist_id=act.watchlist_id,
        kind=act.kind.value,
        event_id=act.event_id,
        other_id=act.other_id,
        entries=json.dumps(act.entries),
        words=act.words,
        by=act.by,
        after_match=after_match,
        at=now,
    )

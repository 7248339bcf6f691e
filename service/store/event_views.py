"""An event as pages, commands and digests show it: reports, milestones, what was done to it and told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from service.domain import ChangeKind, HeldReason, JoinReason, Lineage
from service.group import Carried
from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import DeliveryRow
from service.store.event_rows import to_act
from service.store.rows import to_entry, to_event, to_evidence, to_feed
from service.store.tables import (
    ActRow,
    EarlierRow,
    EntryRow,
    EventRow,
    FeedRow,
    FileVersionRow,
    MatchRow,
    MilestoneRow,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Act, Delivery, Entry, Event, Evidence

_OWN_WORDS = Lineage()


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone of an event, and when it was reached."""

    kind: ChangeKind
    words: str
    entry_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report of an event: the entry, why it matched, why it is in this event, why it was held.

    `earlier` are the headlines that its publisher edited away, the oldest first.
    """

    entry: Entry
    evidence: tuple[Evidence, ...]
    join_reason: JoinReason
    held: HeldReason | None
    matched_at: datetime
    version: str
    commit: str = ""
    earlier: tuple[str, ...] = ()
    join_words: tuple[str, ...] = ()
    lineage: Lineage = _OWN_WORDS
    is_major: bool = False

    @property
    def carried(self) -> Carried:
        """Give the entry with where its words come from."""
        return Carried(self.entry, self.lineage)


@dataclass(frozen=True, slots=True)
class EventView:
    """An event: reports, the first one first, milestones, what was done to it and what was told."""

    event: Event
    reports: tuple[Report, ...]
    deliveries: tuple[Delivery, ...]
    milestones: tuple[Reached, ...] = ()
    acts: tuple[Act, ...] = ()

    @property
    def outlets(self) -> tuple[str, ...]:
        """Name the outlets that carry it, in the order in which they did."""
        return tuple(dict.fromkeys(report.entry.outlet for report in self.reports))


def event_views(session: Session, rows: Sequence[EventRow]) -> list[EventView]:
    """Give events with everything about them."""
    ids = [row.id for row in rows]
    reports: dict[str, list[Report]] = {}
    is_its_version = (col(FileVersionRow.file) == col(MatchRow.watchlist_id) + ".yaml") & (
        col(FileVersionRow.version) == col(MatchRow.version)
    )
    statement = (
        select(MatchRow, EntryRow, FeedRow, FileVersionRow.commit)
        .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
        .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
        .join(FileVersionRow, is_its_version, isouter=True)
        .where(col(MatchRow.event_id).in_(ids))
    )
    found = session.exec(statement).all()
    earlier = _earlier(session, [entry.id or 0 for _, entry, _, _ in found])
    for match, entry, feed, commit in found:
        report = _report(match, entry, feed, commit or "", earlier.get(entry.id or 0, ()))
        reports.setdefault(match.event_id, []).append(report)
    roots = {event_id: event_id for event_id in ids} | dict(
        session.exec(
            select(EventRow.id, EventRow.merged_into).where(col(EventRow.merged_into).in_(ids))
        ).all()
    )
    told: dict[str, list[Delivery]] = {}
    for row in session.exec(select(DeliveryRow).where(col(DeliveryRow.event_id).in_(list(roots)))):
        told.setdefault(roots[row.event_id], []).append(to_delivery(row))
    reached, acts = _reached(session, ids), _acts(session, ids)
    return [
        EventView(
            to_event(row),
            tuple(sorted(reports.get(row.id, []), key=_report_order)),
            tuple(sorted(told.get(row.id, []), key=lambda delivery: (delivery.created_at, delivery.id))),
            tuple(reached.get(row.id, ())),
            tuple(acts.get(row.id, ())),
        )
        for row in rows
    ]


def _reached(session: Session, ids: Sequence[str]) -> dict[str, list[Reached]]:
    """Give the milestones of events; that one more outlet carries it is seen in its reports."""
    found: dict[str, list[Reached]] = {}
    statement = (
        select(MilestoneRow)
        .where(col(MilestoneRow.event_id).in_(ids), col(MilestoneRow.kind) != ChangeKind.JOINED.value)
        .order_by(col(MilestoneRow.id))
    )
    for row in session.exec(statement):
        reached = Reached(ChangeKind(row.kind), row.words, row.entry_id, row.at)
        found.setdefault(row.event_id, []).append(reached)
    return found


def _acts(session: Session, ids: Sequence[str]) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = {}
    for row in session.exec(select(ActRow).where(col(ActRow.event_id).in_(ids)).order_by(col(ActRow.id))):
        found.setdefault(row.event_id, []).append(to_act(row))
    return found


def _report_order(report: Report) -> tuple[datetime, int]:
    return report.entry.happened_at, report.entry.id


def _earlier(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Give the headlines that entries had before, by entry, the oldest first."""
    found: dict[int, tuple[str, ...]] = {}
    statement = select(EarlierRow).where(col(EarlierRow.entry_id).in_(ids)).order_by(col(EarlierRow.id))
    for row in session.exec(statement):
        found[row.entry_id] = (*found.get(row.entry_id, ()), row.title)
    return found


def _report(match: MatchRow, entry: EntryRow, feed: FeedRow, commit: str, earlier: tuple[str, ...]) -> Report:
    return Report(
        entry=to_entry(entry, to_feed(feed).source),
        evidence=to_evidence(match.evidence),
        join_reason=JoinReason(match.join_reason),
        held=None if match.held is None else HeldReason(match.held),
        matched_at=match.matched_at,
        version=match.version,
        commit=commit,
        earlier=earlier,
        join_words=tuple(json.loads(match.join_words)),
        lineage=Lineage(match.copy_of, match.credit),
        is_major=bool(to_evidence(match.major)),
    )

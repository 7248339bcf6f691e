"""An event as pages, commands and digests show it: reports, milestones, what was done to it and told."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from service.domain import ChangeKind, HeldReason, JoinReason, Lineage
from service.group import Carried
from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import DeliveryRow
from service.store.event_rows import to_act
from service.store.known import chunks
from service.store.rows import ENTRY_COLUMNS, entry_of, to_event, to_evidence
from service.store.sources import sources_of
from service.store.tables import (
    ActRow,
    EarlierRow,
    EntryRow,
    EventRow,
    FileVersionRow,
    MatchRow,
    MilestoneRow,
)
from service.store.tellings import sum_tellings, tellings_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from service.domain import Act, Delivery, Entry, Event, Evidence
    from service.store.tellings import Telling

_ENTRY = [getattr(EntryRow, name) for name in ENTRY_COLUMNS]
_MATCH = [  # columns, because an object for each report of a large event takes longer than all the rest
    getattr(MatchRow, name)
    for name in (
        *(
            "entry_id",
            "watchlist_id",
            "version",
            "evidence",
            "major",
            "event_id",
            "join_reason",
            "join_words",
        ),
        *("copy_of", "credit", "held", "matched_at"),
    )
]
_REASONS = {reason.value: reason for reason in JoinReason}
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
    """An event: reports, the first one first, milestones, what was done to it and what was told.

    `left_out` counts reports between the earliest and the latest that are not here. `summed` are the sums of
    all deliveries where `deliveries` has only the first ones.
    """

    event: Event
    reports: tuple[Report, ...]
    deliveries: tuple[Delivery, ...]
    milestones: tuple[Reached, ...] = ()
    acts: tuple[Act, ...] = ()
    summed: tuple[Telling, ...] | None = None
    left_out: int = 0

    @property
    def tellings(self) -> tuple[Telling, ...]:
        """Give the sums of its deliveries."""
        return tellings_of(self.deliveries) if self.summed is None else self.summed

    @property
    def outlets(self) -> tuple[str, ...]:
        """Name the outlets that carry it, in the order in which they did."""
        return tuple(dict.fromkeys(report.entry.outlet for report in self.reports))


def event_views(
    session: Session, rows: Sequence[EventRow], *, most_reports: int = 0, most_told: int | None = None
) -> list[EventView]:
    """Give events with everything about them.

    Of one with more than `most_reports` (0: however many) come the earliest and the latest. `most_told` is
    how many of the deliveries of each come by themselves; sums of all are there in any case.
    """
    ids = [row.id for row in rows]
    reports, left_out = _reports(session, rows, most_reports)
    roots = {event_id: event_id for event_id in ids} | dict(
        session.exec(
            select(EventRow.id, EventRow.merged_into).where(col(EventRow.merged_into).in_(ids))
        ).all()
    )
    told: dict[str, list[Delivery]] = {}
    for row in _told(session, list(roots), most_told):
        told.setdefault(roots[row.event_id], []).append(to_delivery(row))
    sums = None if most_told is None else sum_tellings(session, roots)
    reached, acts = _reached(session, ids), _acts(session, ids)
    return [
        EventView(
            to_event(row),
            tuple(sorted(reports.get(row.id, []), key=_report_order)),
            tuple(sorted(told.get(row.id, []), key=lambda delivery: (delivery.created_at, delivery.id))),
            tuple(reached.get(row.id, ())),
            tuple(acts.get(row.id, ())),
            None if sums is None else tuple(sums.get(row.id, ())),
            left_out.get(row.id, 0),
        )
        for row in rows
    ]


def _told(session: Session, ids: Sequence[str], most: int | None) -> Iterator[DeliveryRow]:
    """Give deliveries of events, the first ones of all where there are too many."""
    if most == 0:
        return
    statement = select(DeliveryRow).where(col(DeliveryRow.event_id).in_(ids))
    if most is not None:
        statement = statement.order_by(col(DeliveryRow.created_at), col(DeliveryRow.id)).limit(most)
    yield from session.exec(statement)


def _reports(
    session: Session, rows: Sequence[EventRow], most: int
) -> tuple[dict[str, list[Report]], dict[str, int]]:
    """Give the reports of events, and of how many events how many are left out."""
    large = [row for row in rows if most and row.reports > most]
    named = {row.id for row in large}
    wanted = [col(MatchRow.event_id).in_([row.id for row in rows if row.id not in named])]
    wanted += [col(MatchRow.id).in_(_at_both_ends(session, row.id, most)) for row in large]
    found: dict[str, list[Report]] = {}
    matches = [match for condition in wanted for match in session.exec(select(*_MATCH).where(condition))]
    entries = _entries(session, [match.entry_id for match in matches])
    commits = _commits(session, {(match.watchlist_id, match.version) for match in matches})
    earlier = _earlier(session, list(entries))
    for match in matches:
        commit = commits.get((match.watchlist_id, match.version), "")
        report = _report(match, entries[match.entry_id], commit, earlier.get(match.entry_id, ()))
        found.setdefault(match.event_id, []).append(report)
    return found, {row.id: row.reports - len(found.get(row.id, ())) for row in large}


def _at_both_ends(session: Session, event_id: str, most: int) -> list[int]:
    """Give the numbers of the earliest and the latest matches of a large event."""
    statement = (
        select(MatchRow.id)
        .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
        .where(col(MatchRow.event_id) == event_id)
        .limit(most // 2)
    )
    place = col(EntryRow.place)
    ends = (session.exec(statement.order_by(order)).all() for order in (place, place.desc()))
    return sorted({number or 0 for end in ends for number in end})


def _entries(session: Session, ids: Sequence[int]) -> dict[int, Entry]:
    """Give entries by number; a feed is read once for all of its own."""
    found: dict[int, dict[str, Any]] = {}
    for some in chunks(ids):
        statement = select(*_ENTRY).where(col(EntryRow.id).in_(some))
        values = (dict(zip(ENTRY_COLUMNS, row, strict=True)) for row in session.exec(statement))
        found.update((one["id"], one) for one in values)
    sources = sources_of(session, (one["feed_id"] for one in found.values()))
    return {number: entry_of(values, sources[values["feed_id"]]) for number, values in found.items()}


def _commits(session: Session, versions: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Give the commits that wrote versions of watchlists, where they are known."""
    files = {f"{watchlist_id}.yaml": watchlist_id for watchlist_id, _ in versions}
    statement = select(FileVersionRow.file, FileVersionRow.version, FileVersionRow.commit).where(
        col(FileVersionRow.file).in_(list(files))
    )
    return {(files[file], version): commit for file, version, commit in session.exec(statement)}


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
    statement = (
        select(ActRow, EventRow.title)
        .outerjoin(EventRow, col(EventRow.id) == col(ActRow.other_id))
        .where(col(ActRow.event_id).in_(ids))
        .order_by(col(ActRow.id))
    )
    for row, other_title in session.exec(statement):
        found.setdefault(row.event_id, []).append(replace(to_act(row), other_title=other_title or ""))
    return found


def _report_order(report: Report) -> tuple[datetime, int]:
    return report.entry.happened_at, report.entry.id


def _earlier(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Give the headlines that entries had before, by entry, the oldest first."""
    found: dict[int, tuple[str, ...]] = {}
    statement = select(EarlierRow).order_by(col(EarlierRow.id))
    for some in chunks(ids):
        for row in session.exec(statement.where(col(EarlierRow.entry_id).in_(some))):
            found[row.entry_id] = (*found.get(row.entry_id, ()), row.title)
    return found


def _report(match: Row[Any], entry: Entry, commit: str, earlier: tuple[str, ...]) -> Report:
    return Report(
        entry=entry,
        evidence=to_evidence(match.evidence),
        join_reason=_REASONS[match.join_reason],
        held=None if match.held is None else HeldReason(match.held),
        matched_at=match.matched_at,
        version=match.version,
        commit=commit,
        earlier=earlier,
        join_words=_words_of(match.join_words),
        lineage=Lineage(match.copy_of, match.credit),
        is_major=bool(to_evidence(match.major)),
    )


@lru_cache(maxsize=1024)
def _words_of(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))

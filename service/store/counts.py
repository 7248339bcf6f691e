"""How much there is: counted for pages, commands, health and metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.domain import ChangeKind, DeliveryState, HeldReason
from service.store.delivery_tables import DeliveryRow
from service.store.tables import EntryRow, EventRow, FeedRow, MatchRow, MilestoneRow

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.engine import Database


@dataclass(frozen=True, slots=True)
class Totals:
    """How much has been read since a time."""

    entries: int
    matches: int
    feeds: int
    feeds_in_trouble: int


@dataclass(frozen=True, slots=True)
class Opened:
    """How many events were opened since a time: `fresh` were free to alert, `held` were not.

    Those that were `found_later`, in stored entries, are counted apart from those held.
    """

    fresh: int
    held: int
    found_later: int = 0


@dataclass(frozen=True, slots=True)
class HeldNow:
    """How many deliveries are held for a reason, and when the first of them is due."""

    reason: HeldReason
    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ToldPairs:
    """What became of the pairs of event and reader that have a delivery. Digests do not count themselves."""

    delivered: int
    waiting: int
    failed: int


class Counts:
    """Queries that count."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def count_events(self) -> dict[str, int]:
        """Count events by watchlist, also those of watchlists no longer in force."""
        with self._database.read() as session:
            statement = select(EventRow.watchlist_id, func.count()).where(col(EventRow.merged_into) == "")
            return dict(session.exec(statement.group_by(EventRow.watchlist_id)).all())

    def count_told(self) -> ToldPairs:
        """Count the deliveries of events, one for each reader, by what became of them."""
        is_told = col(DeliveryRow.delivered_at).is_not(None)
        statement = (
            select(DeliveryRow.state, is_told, func.count())
            .where(col(DeliveryRow.event_id) != "")
            .group_by(DeliveryRow.state, is_told)
        )
        with self._database.read() as session:
            rows = session.exec(statement).all()
        ended = {"failed", "expired"}
        delivered = sum(count for state, told, count in rows if told and state not in ended)
        failed = sum(count for state, _, count in rows if state in ended)
        return ToldPairs(delivered, sum(count for _, _, count in rows) - delivered - failed, failed)

    def count_deliveries(self) -> dict[str, int]:
        """Count deliveries by state; those of no state are left out."""
        with self._database.read() as session:
            counts = {
                state.value: session.exec(
                    select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state == state.value)
                ).one()
                for state in DeliveryState
            }
        return {state: count for state, count in counts.items() if count}

    def count_feeds(self) -> dict[str, int]:
        """Count polled feeds by status."""
        with self._database.read() as session:
            statement = (
                select(FeedRow.status, func.count())
                .where(col(FeedRow.active).is_(True))
                .group_by(FeedRow.status)
            )
            return dict(session.exec(statement).all())

    def count_since(self, since: datetime) -> Totals:
        """Count entries read and matches made since a time, and the feeds there are."""
        with self._database.read() as session:
            entries = session.exec(
                select(func.count()).select_from(EntryRow).where(col(EntryRow.first_seen_at) >= since)
            ).one()
            matches = session.exec(
                select(func.count()).select_from(MatchRow).where(col(MatchRow.matched_at) >= since)
            ).one()
        feeds = self.count_feeds()
        return Totals(entries, matches, sum(feeds.values()), feeds.get("failing", 0) + feeds.get("gone", 0))

    def count_opened_since(self, since: datetime) -> Opened:
        """Count the events opened by matches made since a time."""
        statement = (
            select(MatchRow.held, func.count())
            .where(col(MatchRow.kind) == ChangeKind.OPENED.value, col(MatchRow.matched_at) >= since)
            .group_by(col(MatchRow.held))
        )
        with self._database.read() as session:
            counts = dict(session.exec(statement).all())
        fresh, later = counts.pop(None, 0), counts.pop(HeldReason.FOUND_LATER.value, 0)
        return Opened(fresh=fresh, held=sum(counts.values()), found_later=later)

    def count_milestones_since(self, since: datetime) -> int:
        """Count what has changed of events since a time; that one more outlet carries one is no change."""
        statement = (
            select(func.count())
            .select_from(MilestoneRow)
            .where(col(MilestoneRow.at) >= since, col(MilestoneRow.kind) != ChangeKind.JOINED.value)
        )
        with self._database.read() as session:
            return session.exec(statement).one()

    def list_held(self) -> list[HeldNow]:
        """List why deliveries are held now, how many for each reason, and when the first of them is due."""
        statement = (
            select(DeliveryRow.held, func.count(), func.min(DeliveryRow.due_at))
            .where(col(DeliveryRow.state) == DeliveryState.HELD.value)
            .group_by(col(DeliveryRow.held))
        )
        with self._database.read() as session:
            found = [
                HeldNow(HeldReason(held or HeldReason.DIGEST), number, due_at)
                for held, number, due_at in session.exec(statement)
            ]
        return sorted(found, key=lambda one: (one.due_at, one.reason))

    def first_read_at(self) -> datetime | None:
        """Give the time at which the oldest entry was read; None when none was."""
        with self._database.read() as session:
            return session.exec(select(func.min(EntryRow.first_seen_at))).one()

    def oldest_due_at(self) -> datetime | None:
        """Give the due time of the delivery that has waited longest; None when none waits."""
        with self._database.read() as session:
            return session.exec(
                select(func.min(DeliveryRow.due_at)).where(
                    col(DeliveryRow.state).in_(("pending", "ambiguous"))
                )
            ).one()

"""What began to ail the sources and what is over, and whether the operator was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.domain import Ailment, HealthChange
from service.store.delivery_rows import RenderedDelivery, save_rendered
from service.store.tables import FeedRow, HealthRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from service.store.engine import Database


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A change of health with the source it is about."""

    id: int
    outlet: str
    url: str
    change: HealthChange


class SourceHealth:
    """What can be asked and said about changes of health."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_changes(self, since: datetime, *, untold: bool = False) -> list[SourceChange]:
        """List the changes since a time, the oldest first; with `untold`, those nobody was told of."""
        statement = (
            select(HealthRow, FeedRow)
            .join(FeedRow, col(FeedRow.id) == col(HealthRow.feed_id))
            .where(col(HealthRow.at) >= since)
            .order_by(col(HealthRow.at), col(HealthRow.id))
        )
        if untold:
            statement = statement.where(col(HealthRow.told_at).is_(None), col(FeedRow.active).is_(True))
        with self._database.read() as session:
            return [_source_change(row, feed) for row, feed in session.exec(statement)]

    def last_told_at(self) -> datetime | None:
        """Give the time at which the operator was last told of anything; None before that."""
        with self._database.read() as session:
            return session.exec(select(func.max(HealthRow.told_at))).one()

    def save_report(
        self, reports: Iterable[RenderedDelivery], told: Collection[int], *, now: datetime
    ) -> None:
        """Store reports and that these changes are told, together.

        Nothing happens when any of them was told meanwhile: another process was faster.
        """
        mine = select(HealthRow).where(col(HealthRow.id).in_(told), col(HealthRow.told_at).is_(None))
        with self._database.write(serialised=True) as session:
            rows = session.exec(mine).all()
            if len(rows) < len(told):
                return
            for row in rows:
                row.told_at = now
            save_rendered(session, reports, now)


def _source_change(row: HealthRow, feed: FeedRow) -> SourceChange:
    change = HealthChange(row.feed_id, Ailment(row.ailment), row.at, row.words, row.is_over)
    return SourceChange(row.id or 0, feed.outlet, feed.url, change)

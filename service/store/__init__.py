"""The store: every query has a name, and the tables are seen by nobody else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlmodel import col, select

from service.store.archive import Archive, StoredMatch
from service.store.audit import Audit, AuditReport
from service.store.batch import Batch, Unseen
from service.store.deliveries import Deliveries, DueDigest
from service.store.engine import Database
from service.store.feeds import Feeds
from service.store.reading import Attempt, EventView, Opened, Reading, Report, Totals, WatchlistSummary
from service.store.rows import RenderedDelivery
from service.store.tables import WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

__all__ = [
    "Archive",
    "Attempt",
    "AuditReport",
    "Batch",
    "DueDigest",
    "EventView",
    "Opened",
    "RenderedDelivery",
    "Report",
    "Store",
    "StoredMatch",
    "Totals",
    "Unseen",
    "WatchlistSummary",
]


class Store:
    """An open store. Its parts: `feeds`, `deliveries`, `reading`, `audit`, `archive`.

    `batch` is one transaction.
    """

    def __init__(self, url: str, *, exclusive: bool = False) -> None:
        """Open and migrate; `exclusive` holds a SQLite file for this process alone.

        Raises SettingsError, StoreLocked or StoreTooNew.
        """
        self._database = Database(url, exclusive=exclusive)
        self.is_shared = not self._database.is_sqlite
        self.feeds = Feeds(self._database)
        self.deliveries = Deliveries(self._database)
        self.reading = Reading(self._database)
        self.audit = Audit(self._database)
        self.archive = Archive(self._database)

    @contextmanager
    def batch(self, now: datetime) -> Iterator[Batch]:
        """Open the transaction of a batch of polled feeds; it is committed when the block ends well."""
        with self._database.write(serialised=True) as session:
            yield Batch(session, now)

    def sync_watchlists(self, watchlists: Sequence[tuple[str, str, str, str]], *, now: datetime) -> None:
        """Note the watchlists in force, each as id, title, about, version."""
        with self._database.write(serialised=True) as session:
            for row in session.exec(select(WatchlistRow).where(col(WatchlistRow.active).is_(True))):
                row.active = False
            for watchlist_id, title, about, version in watchlists:
                row = WatchlistRow(
                    id=watchlist_id, title=title, about=about, version=version, loaded_at=now, active=True
                )
                session.merge(row)

    def close(self) -> None:
        """Close the database and let go of it."""
        self._database.close()

"""The store: every query has a name, and the tables are seen by nobody else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlmodel import select

from service.store.account_limits import Attempts
from service.store.accounts import Accounts, ApiToken, Person, Scope
from service.store.archive import Archive, LastMatch, StoredMatch
from service.store.audit import Audit, AuditReport
from service.store.batch import Batch, Unseen
from service.store.counts import Counts, HeldNow, Opened, Totals
from service.store.deliveries import Deliveries, Due
from service.store.delivery_pages import MOST_LOOKED_AT, DeliveryPage, WantedDeliveries
from service.store.delivery_rows import RenderedDelivery
from service.store.engine import Database, as_unreachable
from service.store.event_views import EventView, Report
from service.store.events import BY_GROUPING, Done, Edited, EventLedger, Placed, Remembered
from service.store.feedback import Feedback, TermFeedback, Verdict
from service.store.feeds import Feeds
from service.store.health import SourceChange, SourceHealth
from service.store.held import Held, HeldParcel
from service.store.mutes import Mutes
from service.store.one_source import MOST_COUNTED, FoundEntry, MatchedOften, OneSource, mark_of
from service.store.reader_requests import AskedChat, Offered, Request
from service.store.readers import Readers
from service.store.reading import Attempt, Reading, WatchlistSummary
from service.store.searching import END, InEvent, Place, Searching, Wanted
from service.store.signups import Signups
from service.store.spikes import Spikes
from service.store.subscriptions import Subscriptions
from service.store.tables import WatchlistRow
from service.store.targets import Paused, Targets
from service.store.tellings import Telling
from service.store.timeline import Seen, TermUse, Timeline
from service.store.told import ToldLedger
from service.store.undelivered import Undelivered
from service.store.versions import Versions
from service.store.waits import Avoid, Wait, Waits
from service.store.websub import Pushes
from service.store.word_index import WordIndex
from service.store.workers import Workers
from service.store.yields import Yield, Yields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

__all__ = [
    "BY_GROUPING",
    "END",
    "MOST_COUNTED",
    "MOST_LOOKED_AT",
    "ApiToken",
    "Archive",
    "AskedChat",
    "Attempt",
    "AuditReport",
    "Avoid",
    "Batch",
    "DeliveryPage",
    "Done",
    "Due",
    "Edited",
    "EventLedger",
    "EventView",
    "FoundEntry",
    "HeldNow",
    "HeldParcel",
    "InEvent",
    "LastMatch",
    "MatchedOften",
    "Offered",
    "Opened",
    "Paused",
    "Person",
    "Place",
    "Placed",
    "Remembered",
    "RenderedDelivery",
    "Report",
    "Request",
    "Scope",
    "Seen",
    "SourceChange",
    "Store",
    "StoredMatch",
    "Telling",
    "TermFeedback",
    "TermUse",
    "Totals",
    "Unseen",
    "Verdict",
    "Wait",
    "Waits",
    "Wanted",
    "WantedDeliveries",
    "WatchlistSummary",
    "Yield",
    "mark_of",
]


class Store:
    """An open store. `batch` is one transaction.

    Its parts: `feeds`, `deliveries`, `held`, `subscriptions` (those of the files), `health`, `reading`,
    `counts`, `audit`, `archive`, `versions`, `workers`, `pushes` (subscriptions at hubs), `spikes`,
    `readers`, `signups` (their forms), `mutes`, `feedback`, `targets` (those that refuse), `accounts` (of the
    pages), `attempts` (to sign in), `undelivered`.
    `words` (the index of words), `searching` (what it finds), `timeline`, `one_source`, `yields` (of feeds).
    """

    def __init__(self, url: str, *, exclusive: bool = False) -> None:
        """Open and migrate; `exclusive` holds a SQLite file for this process alone.

        Raises SettingsError, StoreLocked or StoreTooNew.
        """
        self._database = Database(url, exclusive=exclusive)
        self.is_shared = not self._database.is_sqlite
        self.feeds = Feeds(self._database)
        self.deliveries = Deliveries(self._database)
        self.held = Held(self._database)
        self.subscriptions = Subscriptions(self._database)
        self.health = SourceHealth(self._database)
        self.reading = Reading(self._database)
        self.counts = Counts(self._database)
        self.audit = Audit(self._database)
        self.archive = Archive(self._database)
        self.versions = Versions(self._database)
        self.workers = Workers(self._database)
        self.pushes = Pushes(self._database)
        self.spikes = Spikes(self._database)
        self.readers = Readers(self._database)
        self.signups = Signups(self._database)
        self.mutes = Mutes(self._database)
        self.feedback = Feedback(self._database)
        self.targets = Targets(self._database)
        self.undelivered = Undelivered(self._database)
        self.accounts = Accounts(self._database)
        self.attempts = Attempts(self._database)
        self.timeline = Timeline(self._database)
        self.one_source = OneSource(self._database)
        self.yields = Yields(self._database)
        self.words = WordIndex(self._database)
        self.searching = Searching(self._database)

    @contextmanager
    def batch(self, now: datetime) -> Iterator[Batch]:
        """Open the transaction of a batch of polled feeds; it is committed when the block ends well.

        Raises:
            StoreUnreachable: the database cannot be written now: its disk is full, or it does not answer.
        """
        with as_unreachable(), self._database.write() as session:
            session.autoflush = False  # or each feed's row would be written before the next feed is looked at
            words = self.words.writer()
            batch = Batch(session, now, self._database, words)
            yield batch
            batch.finish()
        words.committed()

    @contextmanager
    def told_at(self, now: datetime) -> Iterator[ToldLedger]:
        """Let be asked what planning would ask at a time, and change nothing by it."""
        with self._database.read() as session:
            yield ToldLedger(session, now)

    def sync_watchlists(self, watchlists: Sequence[tuple[str, str, str, str]], *, now: datetime) -> None:
        """Note the watchlists in force, each as id, title, about, version.

        One that is new, changed or back is due to be matched against stored entries.
        """
        with self._database.write(serialised=True) as session:
            rows = {row.id: row for row in session.exec(select(WatchlistRow))}
            wanted = {one[0] for one in watchlists}
            for row in rows.values():
                row.active = row.active and row.id in wanted
            for watchlist_id, title, about, version in watchlists:
                row = rows.get(watchlist_id) or WatchlistRow(id=watchlist_id, loaded_at=now, active=False)
                if not row.active or row.version != version:
                    row.loaded_at, row.rematch_due = now, True
                row.title, row.about, row.version, row.active = title, about, version, True
                session.add(row)

    def close(self) -> None:
        """Close the database and let go of it."""
        self._database.close()

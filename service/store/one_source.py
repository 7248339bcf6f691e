"""What one feed has brought: its last entries with their events, when they came, and how often they matched.

Each question is answered by the index of a feed's entries, and looks at so many of them at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case
from sqlmodel import col, func, select

from service.domain import Ailment, HealthChange
from service.store.rows import to_feed
from service.store.tables import FEED, EntryRow, EventRow, HealthRow, MatchRow, WatchlistRow
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Feed
    from service.store.engine import Database

MOST_COUNTED = 20_000  # entries of one look, the latest
_SHOWN: list[Any] = [
    EntryRow.id,
    EntryRow.title,
    EntryRow.url,
    EntryRow.language,
    EntryRow.published_at,
    EntryRow.first_seen_at,
]


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry of a feed; `events` are those it belongs to, each as id and title."""

    title: str
    url: str
    language: str
    at: datetime
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MatchedOften:
    """How many entries of a feed a watchlist matched."""

    watchlist_id: str
    title: str
    entries: int


class OneSource:
    """Queries about one feed."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def find(self, mark: str) -> Feed | None:
        """Give the feed in use whose address has a mark (`mark_of`); None where there is none."""
        in_use = select(FEED.c.id, FEED.c.url).where(FEED.c.active.is_(True))
        with self._database.read() as session:
            connection = session.connection()
            number = next((row.id for row in connection.execute(in_use) if mark_of(row.url) == mark), None)
            row = connection.execute(FEED.select().where(FEED.c.id == number)).first() if number else None
        return None if row is None else to_feed(row)

    def list_entries(self, feed_id: int, limit: int) -> list[FoundEntry]:
        """List the entries of a feed, those first seen last first."""
        statement = (
            select(*_SHOWN)
            .where(col(EntryRow.feed_id) == feed_id)
            .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.id).desc())
            .limit(limit)
        )
        with self._database.read() as session:
            rows = session.exec(statement).all()
            events = _events_of(session, [row[0] for row in rows])
        return [
            FoundEntry(title, url, language, _counts_for(published, seen), tuple(events.get(number, ())))
            for number, title, url, language, published, seen in rows
        ]

    def list_times(self, feed_id: int, since: datetime) -> list[datetime]:
        """List what times the entries of a feed first seen since a time count for, the last seen first."""
        published, seen = col(EntryRow.published_at), col(EntryRow.first_seen_at)
        statement = (
            select(case((published < seen, published), else_=seen))
            .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.first_seen_at) >= since)
            .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.id).desc())
            .limit(MOST_COUNTED)
        )
        with self._database.read() as session:
            return [*session.exec(statement)]

    def count_matches(self, feed_id: int, since: datetime) -> list[MatchedOften]:
        """Count the entries of a feed first seen since a time that each watchlist matched, most first."""
        latest = (
            select(EntryRow.id)
            .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.first_seen_at) >= since)
            .order_by(col(EntryRow.first_seen_at).desc(), col(EntryRow.id).desc())
            .limit(MOST_COUNTED)
            .subquery()
        )
        statement = (
            select(MatchRow.watchlist_id, WatchlistRow.title, func.count())
            .join(latest, latest.c.id == col(MatchRow.entry_id))
            .join(WatchlistRow, col(WatchlistRow.id) == col(MatchRow.watchlist_id))
            .group_by(col(MatchRow.watchlist_id), col(WatchlistRow.title))
        )
        with self._database.read() as session:
            found = [MatchedOften(*row) for row in session.exec(statement)]
        return sorted(found, key=lambda one: (-one.entries, one.watchlist_id))

    def list_changes(self, feed_id: int, limit: int) -> list[HealthChange]:
        """List what began to ail a feed and what was over, the last first."""
        statement = (
            select(HealthRow)
            .where(col(HealthRow.feed_id) == feed_id)
            .order_by(col(HealthRow.id).desc())
            .limit(limit)
        )
        with self._database.read() as session:
            return [
                HealthChange(feed_id, Ailment(row.ailment), row.at, row.words, row.is_over)
                for row in session.exec(statement)
            ]


def mark_of(url: str) -> str:
    """Give what a feed is called in the address of its page: it stays as long as the feed's address does."""
    return digest(url)[:12]


def _counts_for(published: datetime | None, seen: datetime) -> datetime:
    return min(published or seen, seen)


def _events_of(session: Session, entry_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    statement = (
        select(MatchRow.entry_id, EventRow.id, EventRow.title)
        .join(EventRow, col(EventRow.id) == col(MatchRow.event_id))
        .where(col(MatchRow.entry_id).in_(entry_ids))
        .order_by(col(MatchRow.id))
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for entry_id, event_id, title in session.exec(statement):
        found.setdefault(entry_id, []).append((event_id, title))
    return found

"""The archive: every entry that was ever read, streamed page by page, and what it matched.

Reads and changes nothing. No transaction outlives a page, so that a long walk neither holds up the polls
nor makes the database keep old pages for it; the memory it needs is that of one page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import tuple_
from sqlmodel import Session, col, func, select

from service.domain import HeldReason
from service.store.rows import ENTRY_COLUMNS, NOWHERE, entry_of, to_entry, to_feed
from service.store.tables import EntryRow, FeedRow, MatchRow, WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy.sql.elements import ColumnElement

    from service.domain import Entry, Feed, FeedSource
    from service.store.engine import Database

PAGE = 1_000
_CHUNK = 500
_COLUMNS = [getattr(EntryRow, name) for name in ENTRY_COLUMNS]


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """That an entry matched a watchlist: in which version of it, which event it went to, why it was held."""

    entry_id: int
    watchlist_id: str
    version: str
    event_id: str
    held: HeldReason | None
    matched_at: datetime


@dataclass(frozen=True, slots=True)
class LastMatch:
    """When a watchlist last matched (or was put in force, before the first), and how often since a time."""

    watchlist_id: str
    match_id: int
    last_at: datetime
    matches: int


class Archive:
    """What can be asked of stored entries as such, whatever became of them."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def iter_entries(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        newest_first: bool = False,
        batch: int = PAGE,
    ) -> Iterator[Entry]:
        """Give the entries first seen from `since` on and before `until`, in the order of that time.

        `batch` entries are read at a time. What is stored during the walk is met if it lies ahead.
        """
        for page in self.iter_pages(since, until, newest_first=newest_first, batch=batch):
            yield from page

    def iter_pages(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        newest_first: bool = False,
        batch: int = PAGE,
    ) -> Iterator[list[Entry]]:
        """Give what `iter_entries` gives in pages of `batch` entries; the last one may be shorter."""
        within = _within(since, until)
        sources: dict[int, FeedSource] = {}
        place: tuple[datetime, int] | None = None
        while True:
            with self._database.read() as session:
                rows = _page(session, within, place, newest_first=newest_first, limit=batch)
                if any(row["feed_id"] not in sources for row in rows):
                    sources = _sources(session)
            if rows:
                yield [entry_of(row, sources.get(row["feed_id"], NOWHERE)) for row in rows]
            if len(rows) < batch:
                return
            place = rows[-1]["first_seen_at"], rows[-1]["id"]

    def count_entries(self, since: datetime, until: datetime | None = None) -> int:
        """Count what `iter_entries` would give."""
        statement = select(func.count()).select_from(EntryRow).where(*_within(since, until))
        with self._database.read() as session:
            return session.exec(statement).one()

    def count_by_feed(self, since: datetime) -> Counter[int]:
        """Count the entries first seen since a time, by the number of their feed."""
        statement = (
            select(EntryRow.feed_id, func.count())
            .where(col(EntryRow.first_seen_at) >= since)
            .group_by(col(EntryRow.feed_id))
        )
        with self._database.read() as session:
            return Counter(dict(session.exec(statement).all()))

    def count_matches(self, since: datetime) -> Counter[str]:
        """Count the matches made since a time, by watchlist."""
        statement = (
            select(MatchRow.watchlist_id, func.count())
            .where(col(MatchRow.matched_at) >= since)
            .group_by(col(MatchRow.watchlist_id))
        )
        with self._database.read() as session:
            return Counter(dict(session.exec(statement).all()))

    def list_last_matches(self, since: datetime) -> list[LastMatch]:
        """Give of each watchlist in force its last match, and how many it had since a time."""
        counts = (
            select(MatchRow.watchlist_id, func.count())
            .where(col(MatchRow.matched_at) >= since)
            .group_by(col(MatchRow.watchlist_id))
        )
        last = select(MatchRow.watchlist_id, func.max(MatchRow.id), func.max(MatchRow.matched_at)).group_by(
            col(MatchRow.watchlist_id)
        )
        with self._database.read() as session:
            number = dict(session.exec(counts).all())
            latest = {row[0]: (row[1], row[2]) for row in session.exec(last)}
            watchlists = session.exec(select(WatchlistRow).where(col(WatchlistRow.active).is_(True))).all()
        found = []
        for row in watchlists:
            match_id, matched_at = latest.get(row.id, (0, None))
            found.append(LastMatch(row.id, match_id or 0, matched_at or row.loaded_at, number.get(row.id, 0)))
        return found

    def find_entries(self, canonical_url: str) -> list[Entry]:
        """Give the entries of an address, in whichever feeds it stood, the one first seen first."""
        statement = (
            select(EntryRow, FeedRow)
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(col(EntryRow.canonical_url) == canonical_url)
            .order_by(col(EntryRow.first_seen_at), col(EntryRow.id))
        )
        with self._database.read() as session:
            return [to_entry(row, to_feed(feed).source) for row, feed in session.exec(statement)]

    def feeds_by_id(self) -> dict[int, Feed]:
        """Give every feed there is, also those set aside, by the number entries name it by."""
        with self._database.read() as session:
            return {row.id or 0: to_feed(row) for row in session.exec(select(FeedRow))}

    def list_matches(self, entry_ids: Iterable[int], watchlist_id: str = "") -> list[StoredMatch]:
        """List the stored matches of these entries, of one watchlist or of all."""
        ids = sorted(set(entry_ids))
        statement = select(MatchRow).order_by(col(MatchRow.entry_id), col(MatchRow.id))
        if watchlist_id:
            statement = statement.where(col(MatchRow.watchlist_id) == watchlist_id)
        with self._database.read() as session:
            return [
                _stored_match(row)
                for start in range(0, len(ids), _CHUNK)
                for row in session.exec(
                    statement.where(col(MatchRow.entry_id).in_(ids[start : start + _CHUNK]))
                )
            ]


def _within(since: datetime, until: datetime | None) -> list[ColumnElement[bool]]:
    seen = col(EntryRow.first_seen_at)
    return [seen >= since] if until is None else [seen >= since, seen < until]


def _page(
    session: Session,
    within: Sequence[ColumnElement[bool]],
    place: tuple[datetime, int] | None,
    *,
    newest_first: bool,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Read the entries after a place: the place is a key, so that page 100 costs what page 1 does."""
    seen, number = col(EntryRow.first_seen_at), col(EntryRow.id)
    statement = select(*_COLUMNS).where(*within).limit(limit)
    if place is not None:
        here = tuple_(seen, number)
        statement = statement.where(here < place if newest_first else here > place)
    order = (seen.desc(), number.desc()) if newest_first else (seen, number)
    return [dict(zip(ENTRY_COLUMNS, row, strict=True)) for row in session.exec(statement.order_by(*order))]


def _sources(session: Session) -> dict[int, FeedSource]:
    return {row.id or 0: to_feed(row).source for row in session.exec(select(FeedRow))}


def _stored_match(row: MatchRow) -> StoredMatch:
    return StoredMatch(
        entry_id=row.entry_id,
        watchlist_id=row.watchlist_id,
        version=row.version,
        event_id=row.event_id,
        held=None if row.held is None else HeldReason(row.held),
        matched_at=row.matched_at,
    )

"""What each feed has brought of late, all feeds at once.

By the index of a feed's entries alone, and by that of the last matches: some milliseconds for a month of a
hundred feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 -- part of what is given
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.store.tables import FEED, EntryRow, MatchRow, WatchlistRow

if TYPE_CHECKING:
    from service.store.engine import Database


@dataclass(frozen=True, slots=True)
class Yield:
    """How many entries of a feed were new after a time, and how many of them some watchlist matched.

    `since` is that time, or the feed's first poll where that was later: what it held then was not new.
    """

    since: datetime
    entries: int
    matched: int

    def a_day(self, now: datetime) -> float | None:
        """Give how many are new a day; None where there was less than a day yet."""
        days = (now - self.since).total_seconds() / 86_400
        return self.entries / days if days >= 1 else None


class Yields:
    """The query about what feeds bring."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def count(self, since: datetime) -> dict[int, Yield]:
        """Count since a time, by feed; feeds that were never read are left out."""
        feed_id, seen = col(EntryRow.feed_id), col(EntryRow.first_seen_at)
        began = FEED.c.baseline_at
        number = select(func.count()).where(feed_id == FEED.c.id, seen > since, seen > began)
        entries = select(FEED.c.id, began, number.scalar_subquery()).where(
            FEED.c.active.is_(True), began.is_not(None)
        )
        lists = select(WatchlistRow.id)
        matched = (
            select(feed_id, func.count(func.distinct(col(EntryRow.id))))
            .join(MatchRow, col(MatchRow.entry_id) == col(EntryRow.id))
            .where(
                col(MatchRow.watchlist_id).in_(lists),
                col(MatchRow.matched_at) > since,
                seen > since,
                col(EntryRow.from_baseline).is_(False),
            )
            .group_by(feed_id)
        )
        with self._database.read() as session:
            found = dict(session.exec(matched).all())
            return {
                one: Yield(max(since, began_at), number, found.get(one, 0))
                for one, began_at, number in session.exec(entries)
            }

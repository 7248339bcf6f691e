"""What a watchlist has found over time: when, by whom, in which event, and by which of its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from service.store.tables import EntryRow, EventRow, FeedRow, MatchRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from service.store.engine import Database

# More than four columns are more than the types of the library know.
_SEEN: list[Any] = [
    EntryRow.published_at,
    EntryRow.first_seen_at,
    FeedRow.outlet,
    FeedRow.country,
    EntryRow.language,
    MatchRow.event_id,
    EventRow.opened_at,
]
MOST_READ = 20_000  # matches of one look, the latest


@dataclass(frozen=True, slots=True)
class Seen:
    """A report that a watchlist found: when it counts for, who wrote it where, which event it is of."""

    at: datetime
    outlet: str
    country: str
    language: str
    event_id: str
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TermUse:
    """How often a term of a line let a report in, and when last."""

    term: str
    line: int
    hits: int
    last_at: datetime


class Timeline:
    """Queries about one watchlist over a time."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_seen(self, watchlist_id: str, since: datetime) -> list[Seen]:
        """List the reports found since a time, the latest found first, so many at most."""
        statement = (
            select(*_SEEN)
            .select_from(MatchRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .outerjoin(EventRow, col(EventRow.id) == col(MatchRow.event_id))
            .where(col(MatchRow.watchlist_id) == watchlist_id, col(MatchRow.matched_at) >= since)
            .order_by(col(MatchRow.id).desc())
            .limit(MOST_READ)
        )
        with self._database.read() as session:
            return [
                Seen(min(published or seen, seen), outlet, country, language, event_id, opened_at)
                for published, seen, outlet, country, language, event_id, opened_at in session.exec(statement)
            ]

    def name_events(self, event_ids: Collection[str]) -> dict[str, str]:
        """Give the titles of events by id."""
        statement = select(EventRow.id, EventRow.title).where(col(EventRow.id).in_(event_ids))
        with self._database.read() as session:
            return dict(session.exec(statement).all())

    def count_terms(
        self, watchlist_id: str, since: datetime, lines: Mapping[str, Mapping[int, int]]
    ) -> list[TermUse]:
        """Count which terms let reports in since a time, each once a report, in the order of the lines.

        `lines` has by version of the watchlist where its lines stand now; what lines found that stand nowhere
        any more is left out.
        """
        statement = (
            select(MatchRow.evidence, MatchRow.matched_at, MatchRow.version)
            .where(col(MatchRow.watchlist_id) == watchlist_id, col(MatchRow.matched_at) >= since)
            .order_by(col(MatchRow.id).desc())
            .limit(MOST_READ)
        )
        hits: dict[tuple[int, str], int] = {}
        last: dict[tuple[int, str], datetime] = {}
        with self._database.read() as session:
            for evidence, at, version in session.exec(statement):
                now = lines.get(version, {})
                for key in {(now[line], term) for line, term in _terms(evidence) if line in now}:
                    hits[key] = hits.get(key, 0) + 1
                    last[key] = max(at, last.get(key, at))
        return [TermUse(term, line, hits[line, term], last[line, term]) for line, term in sorted(hits)]


def _terms(evidence: str) -> Iterator[tuple[int, str]]:
    for one in json.loads(evidence):
        yield int(one["line"]), str(one["term"])

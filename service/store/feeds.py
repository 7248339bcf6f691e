"""Feeds in the store: which there are, who may poll which next, and how they are doing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlmodel import Session, col, select, update

from service.store.rows import to_feed
from service.store.tables import BEGINNING, FeedRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from service.domain import Feed, FeedSource
    from service.store.engine import Database

_CANDIDATES = 1_000  # due feeds looked at in one claim: enough to find one per host


class Feeds:
    """What can be asked and said about feeds."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def sync(
        self, sources: Sequence[FeedSource], *, first_poll_at: Callable[[str], datetime]
    ) -> tuple[int, int]:
        """Make the table hold these feeds: add, update, and set aside those no longer named.

        Nothing learned about a feed is lost when it is set aside and comes back.
        Returns how many were added and how many were set aside.
        """
        wanted = {source.url: source for source in sources}
        added = 0
        with self._database.write() as session:
            rows = {row.url: row for row in session.exec(select(FeedRow))}
            for url, source in wanted.items():
                row = rows.get(url)
                if row is None:
                    host = _host(url)
                    row = FeedRow(url=url, host=host, next_poll_at=first_poll_at(host))
                    added += 1
                _describe(row, source)
                session.add(row)
            aside = [row for url, row in rows.items() if row.active and url not in wanted]
            for row in aside:
                row.active = False
        return added, len(aside)

    def claim_due(self, now: datetime, *, worker: str, lease: timedelta, limit: int) -> list[Feed]:
        """Lease up to `limit` due feeds, at most one of each host that nobody else is polling."""
        with self._database.write(serialised=True) as session:
            rows = _one_per_host(_due(session, now), _busy_hosts(session, now), limit)
            for row in rows:
                row.lease_until = now + lease
                row.lease_by = worker
            return [to_feed(row) for row in rows]

    def make_due(self, now: datetime) -> None:
        """Make every feed that is polled due now, whatever its time was."""
        with self._database.write() as session:
            session.exec(update(FeedRow).where(col(FeedRow.active).is_(True)).values(next_poll_at=now))

    def count_due(self, now: datetime) -> int:
        """Count the feeds that are due."""
        with self._database.read() as session:
            return len(_due(session, now))

    def release_leases(self, worker: str | None = None) -> None:
        """Give back the leases of one worker; of all when none is named (only where we are alone)."""
        statement = update(FeedRow).values(lease_until=BEGINNING, lease_by="")
        if worker is not None:
            statement = statement.where(col(FeedRow.lease_by) == worker)
        with self._database.write() as session:
            session.exec(statement)

    def list_all(self) -> list[Feed]:
        """List the feeds that are polled, those in trouble first, then by outlet."""
        with self._database.read() as session:
            rows = session.exec(select(FeedRow).where(col(FeedRow.active).is_(True))).all()
        feeds = [to_feed(row) for row in rows]
        return sorted(
            feeds, key=lambda feed: (-feed.failures, feed.source.outlet.casefold(), feed.source.url)
        )

    def list_by_url(self, urls: Sequence[str]) -> list[Feed]:
        """List the feeds of these addresses, in their order."""
        with self._database.read() as session:
            rows = {row.url: row for row in session.exec(select(FeedRow).where(col(FeedRow.url).in_(urls)))}
        return [to_feed(rows[url]) for url in urls if url in rows]


def _due(session: Session, now: datetime) -> Sequence[FeedRow]:
    statement = (
        select(FeedRow)
        .where(
            col(FeedRow.active).is_(True), col(FeedRow.next_poll_at) <= now, col(FeedRow.lease_until) <= now
        )
        .order_by(col(FeedRow.next_poll_at), col(FeedRow.id))
        .limit(_CANDIDATES)
    )
    return session.exec(statement).all()


def _busy_hosts(session: Session, now: datetime) -> set[str]:
    return set(session.exec(select(FeedRow.host).where(col(FeedRow.lease_until) > now)))


def _one_per_host(rows: Sequence[FeedRow], busy: set[str], limit: int) -> list[FeedRow]:
    taken: dict[str, FeedRow] = {}
    for row in rows:
        if len(taken) < limit and row.host not in busy:
            taken.setdefault(row.host, row)
    return list(taken.values())


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _describe(row: FeedRow, source: FeedSource) -> None:
    row.title, row.outlet, row.owner = source.title, source.outlet, source.owner
    row.country, row.language, row.group = source.country, source.language, source.group.value
    row.every_seconds = None if source.every is None else int(source.every.total_seconds())
    row.packs = json.dumps(source.packs)
    row.active = True

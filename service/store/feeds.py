"""Feeds in the store: which there are, who may poll which next, and how they are doing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlmodel import Session, col, or_, select, update

from service.domain import FeedStatus
from service.store.hosts import host_of
from service.store.rows import to_feed
from service.store.tables import BEGINNING, FeedRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from service.domain import Feed, FeedSource
    from service.store.engine import Database

_FILE = "file:"
_LOCAL = col(FeedRow.url).startswith(_FILE)
_CANDIDATES = 1_000  # due feeds looked at in one claim: enough to find one per host


class Feeds:
    """What can be asked and said about feeds."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def sync(
        self, sources: Sequence[FeedSource], *, first_poll_at: Callable[[str], datetime], local: bool = False
    ) -> tuple[int, int]:
        """Make the table hold these feeds: add, update, and set aside those no longer named.

        `local` feeds are files: then no feed of the network is set aside, as another process may be
        polling it. Nothing learned about a feed is lost when it is set aside and comes back, but one that
        was gone for good is asked once more then, as is a failing one whose pack says something else to see.
        Returns how many were added and how many were set aside.
        """
        wanted = {source.url: source for source in sources}
        added = 0
        with self._database.write(serialised=True) as session:
            rows = {row.url: row for row in session.exec(select(FeedRow))}
            for url, source in wanted.items():
                row = rows.get(url)
                if row is None:
                    host = host_of(url)
                    row = FeedRow(url=url, host=host, next_poll_at=first_poll_at(host))
                    added += 1
                elif _is_worth_another_try(row, source):
                    row.status, row.next_poll_at = FeedStatus.NEW.value, first_poll_at(row.host)
                _describe(row, source)
                session.add(row)
            aside = [
                row
                for url, row in rows.items()
                if row.active and url not in wanted and (not local or _is_local(url))
            ]
            for row in aside:
                row.active = False
        return added, len(aside)

    def claim_due(
        self, now: datetime, *, worker: str, lease: timedelta, limit: int, local: bool = False
    ) -> list[Feed]:
        """Lease up to `limit` due feeds, at most one of each host that nobody else is polling.

        Feeds of the network, or with `local` those that are files. A feed that was polled in the future is
        due, and a lease that ends later than any can is over: the clock was set back since.
        """
        with self._database.write(serialised=True) as session:
            busy = _busy_hosts(session, now, now + lease)
            rows = _one_per_host(_due(session, now, local=local), busy, limit)
            for row in rows:
                row.lease_until = now + lease
                row.lease_by = worker
            return [to_feed(row) for row in rows]

    def put_off(self, times: Mapping[int, datetime]) -> None:
        """Let claimed feeds go unpolled, each until its time."""
        with self._database.write() as session:
            for row in session.exec(select(FeedRow).where(col(FeedRow.id).in_(times))):
                row.next_poll_at = times[row.id or 0]
                row.lease_until, row.lease_by = BEGINNING, ""

    def make_local_due(self, now: datetime) -> None:
        """Make every feed that is a file due now, whatever its time was."""
        with self._database.write() as session:
            session.exec(update(FeedRow).where(_LOCAL).values(next_poll_at=now))

    def count_due(self, now: datetime, *, local: bool = False) -> int:
        """Count the feeds that are due, of the network or of the disk, whoever may be polling them."""
        with self._database.read() as session:
            return len(_due(session, now, local=local))

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


def _due(session: Session, now: datetime, *, local: bool) -> Sequence[FeedRow]:
    statement = (
        select(FeedRow)
        .where(
            col(FeedRow.active).is_(True),
            _LOCAL if local else ~_LOCAL,
            or_(
                col(FeedRow.next_poll_at) <= now,
                (col(FeedRow.last_polled_at) > now) & (col(FeedRow.status) != FeedStatus.GONE.value),
            ),
        )
        .order_by(col(FeedRow.next_poll_at), col(FeedRow.id))
        .limit(_CANDIDATES)
    )
    return session.exec(statement).all()


def _busy_hosts(session: Session, now: datetime, latest: datetime) -> set[str]:
    held = (col(FeedRow.lease_until) > now) & (col(FeedRow.lease_until) <= latest)
    return set(session.exec(select(FeedRow.host).where(held)))


def _one_per_host(rows: Sequence[FeedRow], busy: set[str], limit: int) -> list[FeedRow]:
    taken: dict[str, FeedRow] = {}
    for row in rows:
        if len(taken) < limit and row.host not in busy:
            taken.setdefault(row.host, row)
    return list(taken.values())


def _is_local(url: str) -> bool:
    return url.startswith(_FILE)


def _is_worth_another_try(row: FeedRow, source: FeedSource) -> bool:
    """Tell whether something was mended: a feed that was gone comes back, or a failing one has new keys."""
    is_back = not row.active and row.status == FeedStatus.GONE.value
    return is_back or (row.failures > 0 and row.access != _access(source))


def _access(source: FeedSource) -> str:
    return json.dumps({name: value for name, value in asdict(source.access).items() if value})


def _describe(row: FeedRow, source: FeedSource) -> None:
    row.title, row.outlet, row.owner = source.title, source.outlet, source.owner
    row.country, row.language, row.group = source.country, source.language, source.group.value
    row.every_seconds = None if source.every is None else int(source.every.total_seconds())
    row.packs = json.dumps(source.packs)
    row.access = _access(source)
    row.active = True

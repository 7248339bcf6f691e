"""Feeds in the store: which there are, who may poll which next, and how they are doing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert
from sqlmodel import Session, col, or_, select, update

from service.domain import FeedStatus
from service.store.feed_rows import update_feeds
from service.store.hosts import host_of, lease_hosts, note_due, pass_over, release_hosts
from service.store.rows import feeds_of, to_feed
from service.store.tables import BEGINNING, CLOCKS_DIFFER, FEED, FeedRow, HostRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Row

    from service.domain import Feed, FeedSource
    from service.store.engine import Database

_FILE = "file:"
_LOCAL = FEED.c.url.startswith(_FILE)
_BLANK = {name: one.default for name, one in FeedRow.model_fields.items() if name != "id"}
_DESCRIBED = ("title", "outlet", "owner", "country", "language", "group", "every_seconds", "packs", "access")
_KNOWN = ("id", "url", "host", "status", "failures", "active", *_DESCRIBED)

_POLLED_LATER = FEED.c.last_polled_at > bindparam("latest")  # the clock was set back since
_IS_DUE = FEED.c.active.is_(True) & or_(
    FEED.c.next_poll_at <= bindparam("now"), _POLLED_LATER & (FEED.c.status != FeedStatus.GONE.value)
)
_PLACE = func.row_number().over(partition_by=FEED.c.host, order_by=[FEED.c.next_poll_at, FEED.c.id])
_RANKED = (
    select(FEED.c.id, _PLACE.label("place"))
    .where(FEED.c.host.in_(bindparam("hosts", expanding=True)), _IS_DUE)
    .subquery()
)
_FIRST_DUE = (
    FEED.select()
    .join(_RANKED, FEED.c.id == _RANKED.c.id)
    .where(_RANKED.c.place == 1)
    .order_by(FEED.c.next_poll_at, FEED.c.id)
)


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
        with self._database.write(serialised=True) as session:
            connection = session.connection()
            rows = {row.url: row for row in connection.execute(select(*(FEED.c[name] for name in _KNOWN)))}
            changes = {
                row.id: _changes(row, wanted[url], first_poll_at)
                for url, row in rows.items()
                if url in wanted
            }
            aside = [
                row.id
                for url, row in rows.items()
                if row.active and url not in wanted and (not local or _is_local(url))
            ]
            update_feeds(connection, changes | {number: {"active": False} for number in aside})
            new = [_new(source, first_poll_at) for url, source in wanted.items() if url not in rows]
            if new:
                connection.execute(insert(FEED), new)
            note_due(session, {row.host for row in rows.values()} | {str(one["host"]) for one in new})
        return len(new), len(aside)

    def claim_due(
        self, now: datetime, *, worker: str, lease: timedelta, limit: int, local: bool = False
    ) -> list[Feed]:
        """Lease up to `limit` hosts that nobody else is asking; gives the feed of each that is longest due.

        Feeds of the network, or with `local` those that are files. A feed that was polled in the future is
        due: the clock was set back since.
        """
        with self._database.write() as session:
            names = lease_hosts(session, now, worker=worker, lease=lease, limit=limit, local=local)
            rows = _first_due(session, names, now) if names else ()
            pass_over(session, {*names} - {row.host for row in rows}, now)
            return feeds_of(rows)

    def put_off(self, times: Mapping[int, datetime]) -> None:
        """Let claimed feeds go unpolled, each until its time."""
        with self._database.write() as session:
            hosts = select(FEED.c.host).where(FEED.c.id.in_(times))
            update_feeds(session.connection(), {number: {"next_poll_at": at} for number, at in times.items()})
            release_hosts(session, {*session.connection().execute(hosts).scalars()})

    def make_local_due(self, now: datetime) -> None:
        """Make every feed that is a file due now, whatever its time was."""
        with self._database.write() as session:
            connection = session.connection()
            connection.execute(update(FEED).where(_LOCAL).values(next_poll_at=now))
            note_due(session, {*connection.execute(select(FEED.c.host).where(_LOCAL)).scalars()})

    def count_due(self, now: datetime, *, local: bool = False) -> int:
        """Count the feeds that are due, of the network or of the disk, whoever may be polling them."""
        statement = select(func.count()).select_from(FeedRow)
        with self._database.read() as session:
            due = statement.where(_IS_DUE, _LOCAL if local else ~_LOCAL)
            return session.connection().execute(due, {"now": now, "latest": now + CLOCKS_DIFFER}).scalar_one()

    def release_leases(self) -> None:
        """Give back every lease, where we are alone: their holders are gone."""
        with self._database.write() as session:
            session.exec(update(HostRow).values(lease_until=BEGINNING))

    def list_all(self) -> list[Feed]:
        """List the feeds that are polled, those in trouble first, then by outlet."""
        with self._database.read() as session:
            rows = session.connection().execute(FEED.select().where(FEED.c.active.is_(True))).all()
        return sorted(
            feeds_of(rows), key=lambda feed: (-feed.failures, feed.source.outlet.casefold(), feed.source.url)
        )

    def list_by_url(self, urls: Sequence[str]) -> list[Feed]:
        """List the feeds of these addresses, in their order."""
        with self._database.read() as session:
            rows = {row.url: row for row in session.exec(select(FeedRow).where(col(FeedRow.url).in_(urls)))}
        return [to_feed(rows[url]) for url in urls if url in rows]


def _first_due(session: Session, hosts: Sequence[str], now: datetime) -> Sequence[Row[Any]]:
    """Give the feed of each host that is longest due."""
    asked = {"hosts": hosts, "now": now, "latest": now + CLOCKS_DIFFER}
    return session.connection().execute(_FIRST_DUE, asked).all()


def _is_local(url: str) -> bool:
    return url.startswith(_FILE)


def _new(source: FeedSource, first_poll_at: Callable[[str], datetime]) -> dict[str, Any]:
    host = host_of(source.url)
    own = {"url": source.url, "host": host, "next_poll_at": first_poll_at(host)}
    return {**_BLANK, **_described(source), **own}


def _changes(row: Row[Any], source: FeedSource, first_poll_at: Callable[[str], datetime]) -> dict[str, Any]:
    described = _described(source)
    changed = {name: value for name, value in described.items() if getattr(row, name) != value}
    if _is_worth_another_try(row, described["access"]):
        changed |= {"status": FeedStatus.NEW.value, "next_poll_at": first_poll_at(row.host)}
    return changed


def _is_worth_another_try(row: Row[Any], access: str) -> bool:
    """Tell whether something was mended: a feed that was gone comes back, or a failing one has new keys."""
    is_back = not row.active and row.status == FeedStatus.GONE.value
    return is_back or bool(row.failures > 0 and row.access != access)


def _described(source: FeedSource) -> dict[str, Any]:
    """Give what a pack says of a feed, as it is stored."""
    return {
        "title": source.title,
        "outlet": source.outlet,
        "owner": source.owner,
        "country": source.country,
        "language": source.language,
        "group": source.group.value,
        "every_seconds": None if source.every is None else int(source.every.total_seconds()),
        "packs": json.dumps(source.packs),
        "access": json.dumps({name: value for name, value in asdict(source.access).items() if value}),
        "active": True,
    }

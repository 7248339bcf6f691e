"""Hosts in the store: which feeds share a server that is to be spared, whose turn it is, and who asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import (
    BindParameter,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from service.schedule import HOST_PAUSE
from service.store.tables import BEGINNING, CLOCKS_DIFFER, FEED, HOST
from service.store.utc import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime, timedelta

    from sqlmodel import Session

_THESE: BindParameter[Any] = bindparam("names", expanding=True)
_FIRST = (
    select(func.min(FEED.c.next_poll_at)).where(FEED.c.host == HOST.c.name, FEED.c.active.is_(True))
).scalar_subquery()
_FORGET = delete(HOST).where(HOST.c.name.in_(_THESE), _FIRST.is_(None))
# A row that is right is left alone, and is not waited for where another process changes it.
_NOTE = update(HOST).where(HOST.c.name.in_(_THESE), HOST.c.next_poll_at != _FIRST).values(next_poll_at=_FIRST)
_MEET = insert(HOST).from_select(
    ["name", "next_poll_at", "last_polled_at", "lease_until", "lease_by", "free_at"],
    select(
        FEED.c.host,
        func.min(FEED.c.next_poll_at),
        literal(BEGINNING, UtcDateTime),
        literal(BEGINNING, UtcDateTime),
        literal(""),
        literal(BEGINNING, UtcDateTime),
    )
    .where(FEED.c.host.in_(_THESE), FEED.c.active.is_(True), ~exists().where(HOST.c.name == FEED.c.host))
    .group_by(FEED.c.host),
)

# Services that limit a poller over all the hosts they give to their authors.
_AS_ONE = ("tumblr.com", "substack.com")
_FILE = "file:"
_CHUNK = 500  # names in one IN list


def host_of(url: str) -> str:
    """Give what stands for the host of an address; the address itself where it has none."""
    host = urlsplit(url).hostname or url
    return next((service for service in _AS_ONE if host.endswith(f".{service}")), host)


def lease_hosts(
    session: Session, now: datetime, *, worker: str, lease: timedelta, limit: int, local: bool
) -> Sequence[str]:
    """Lease hosts of which a feed is due and that nobody else asks, those longest due first; gives the names.

    Rows that another process is leasing at this moment are passed over, not waited for. Leases and pauses
    that end later than any can are over: the clock was set back since. The one who asked a host last
    keeps the pause itself, and gets that host after all others.
    """
    latest = now + CLOCKS_DIFFER
    is_free = or_(HOST.c.lease_until <= now, HOST.c.lease_until > latest + lease)
    has_paused = or_(HOST.c.free_at <= now, HOST.c.free_at > latest + HOST_PAUSE, HOST.c.lease_by == worker)
    is_file = HOST.c.name.startswith(_FILE)
    is_due = or_(HOST.c.next_poll_at <= now, HOST.c.last_polled_at > latest)
    statement = (
        select(HOST.c.name)
        .where(is_due, is_free, has_paused, is_file if local else ~is_file)
        .order_by(HOST.c.free_at > now, HOST.c.next_poll_at, HOST.c.name)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    names = session.connection().execute(statement).scalars().all()
    _change(session, names, lease_until=now + lease, lease_by=worker)
    return names


def release_hosts(session: Session, names: Collection[str], *, polled_at: datetime | None = None) -> None:
    """End the leases of hosts, which were asked at `polled_at`, or not at all."""
    asked = {} if polled_at is None else {"last_polled_at": polled_at, "free_at": polled_at + HOST_PAUSE}
    _change(session, names, lease_until=BEGINNING, **asked)
    note_due(session, names)


def pass_over(session: Session, names: Collection[str], now: datetime) -> None:
    """End the leases of hosts of which no feed is due; one that was asked in the future was so by now."""
    then = HOST.c.last_polled_at
    _change(session, names, last_polled_at=case((then > now + CLOCKS_DIFFER, now), else_=then))
    release_hosts(session, names)


def note_due(session: Session, names: Collection[str]) -> None:
    """Note when the first of the feeds of these hosts is due; hosts without feeds are forgotten."""
    session.flush()
    connection = session.connection()
    for chunk in _chunks(names):
        for statement in (_FORGET, _NOTE, _MEET):
            connection.execute(statement, {"names": chunk})


def _change(session: Session, names: Collection[str], **values: Any) -> None:  # noqa: ANN401 -- of any column
    for chunk in _chunks(names):
        session.connection().execute(update(HOST).where(HOST.c.name.in_(chunk)).values(values))


def _chunks(names: Collection[str]) -> Iterator[Sequence[str]]:
    wanted = sorted(names)
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))

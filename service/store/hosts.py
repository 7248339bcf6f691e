"""Hosts in the store: which feeds share a server that is to be spared, whose turn it is, and who asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import (
    BindParameter,
    bindparam,
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
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Executable
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
_NOW, _LATEST = bindparam("now", type_=UtcDateTime), bindparam("latest", type_=UtcDateTime)
# Leases and pauses that end later than any can are over: the clock was set back since.
_MAY_BE_ASKED = (
    or_(HOST.c.next_poll_at <= _NOW, HOST.c.last_polled_at > _LATEST),
    or_(HOST.c.lease_until <= _NOW, HOST.c.lease_until > bindparam("latest_lease")),
    or_(
        HOST.c.free_at <= _NOW,
        HOST.c.free_at > bindparam("latest_pause"),
        HOST.c.lease_by == bindparam("worker"),
    ),
)
_IS_FILE = HOST.c.name.startswith("file:")
_LEASABLE = {
    is_local: select(HOST.c.name)
    .where(*_MAY_BE_ASKED, _IS_FILE if is_local else ~_IS_FILE)
    .order_by(HOST.c.free_at > _NOW, HOST.c.next_poll_at, HOST.c.name)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    for is_local in (False, True)
}
_CHANGE = update(HOST).where(HOST.c.name.in_(_THESE))
_LEASE = _CHANGE.values(lease_until=bindparam("until"), lease_by=bindparam("worker"))
_RELEASE = _CHANGE.values(lease_until=BEGINNING)
_RELEASE_ASKED = _RELEASE.values(last_polled_at=bindparam("asked_at"), free_at=bindparam("free_from"))
# One that was asked in the future was so by now.
_SET_BACK = _CHANGE.where(HOST.c.last_polled_at > _LATEST).values(last_polled_at=_NOW)

# Services that limit a poller over all the hosts they give to their authors.
_AS_ONE = ("tumblr.com", "substack.com")
_CHUNK = 500  # names in one IN list


def host_of(url: str) -> str:
    """Give what stands for the host of an address; the address itself where it has none."""
    host = urlsplit(url).hostname or url
    return next((service for service in _AS_ONE if host.endswith(f".{service}")), host)


def lease_hosts(
    session: Session, now: datetime, *, worker: str, lease: timedelta, limit: int, local: bool
) -> Sequence[str]:
    """Lease hosts of which a feed is due and that nobody else asks, those longest due first; gives the names.

    Rows that another process is leasing at this moment are passed over, not waited for. The one who asked a
    host last keeps the pause itself, and gets that host after all others.
    """
    latest = now + CLOCKS_DIFFER
    asked = {
        "now": now,
        "latest": latest,
        "latest_lease": latest + lease,
        "latest_pause": latest + HOST_PAUSE,
    }
    leasable = session.connection().execute(_LEASABLE[local], {**asked, "worker": worker, "most": limit})
    names = leasable.scalars().all()
    _for_each_chunk(session, names, [_LEASE], until=now + lease, worker=worker)
    return names


def release_hosts(session: Session, names: Collection[str], *, polled_at: datetime | None = None) -> None:
    """End the leases of hosts, which were asked at `polled_at`, or not at all."""
    if polled_at is None:
        _for_each_chunk(session, names, [_RELEASE])
    else:
        asked = {"asked_at": polled_at, "free_from": polled_at + HOST_PAUSE}
        _for_each_chunk(session, names, [_RELEASE_ASKED], **asked)
    note_due(session, names)


def pass_over(session: Session, names: Collection[str], now: datetime) -> None:
    """End the leases of hosts of which no feed is due."""
    _for_each_chunk(session, names, [_SET_BACK], now=now, latest=now + CLOCKS_DIFFER)
    release_hosts(session, names)


def note_due(session: Session, names: Collection[str]) -> None:
    """Note when the first of the feeds of these hosts is due; hosts without feeds are forgotten."""
    session.flush()
    _for_each_chunk(session, names, [_FORGET, _NOTE, _MEET])


def _for_each_chunk(
    session: Session,
    names: Collection[str],
    statements: Iterable[Executable],
    **values: Any,  # noqa: ANN401 -- of any column
) -> None:
    wanted = sorted(names)
    for start in range(0, len(wanted), _CHUNK):
        for statement in statements:
            session.connection().execute(statement, {"names": wanted[start : start + _CHUNK], **values})

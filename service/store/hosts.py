"""Hosts in the store: which feeds share a server that is to be spared, whose turn it is, and who asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import func
from sqlmodel import Session, col, or_, select, update

from service.schedule import HOST_PAUSE
from service.store.tables import BEGINNING, FeedRow, HostRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime, timedelta

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
) -> Sequence[HostRow]:
    """Lease hosts of which a feed is due and that nobody else asks, those longest due first.

    Rows that another process is leasing at this moment are passed over, not waited for. Leases and pauses
    that end later than any can are over: the clock was set back since. The one who asked a host last
    keeps the pause itself, and gets that host after all others.
    """
    is_free = or_(col(HostRow.lease_until) <= now, col(HostRow.lease_until) > now + lease)
    has_paused = or_(
        col(HostRow.free_at) <= now, col(HostRow.free_at) > now + HOST_PAUSE, col(HostRow.lease_by) == worker
    )
    is_file = col(HostRow.name).startswith(_FILE)
    is_due = or_(col(HostRow.next_poll_at) <= now, col(HostRow.last_polled_at) > now)
    statement = (
        select(HostRow)
        .where(is_due, is_free, has_paused, is_file if local else ~is_file)
        .order_by(col(HostRow.free_at) > now, col(HostRow.next_poll_at), col(HostRow.name))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    hosts = session.exec(statement).all()
    for host in hosts:
        host.lease_until, host.lease_by = now + lease, worker
    return hosts


def release_hosts(session: Session, names: Collection[str], *, polled_at: datetime | None = None) -> None:
    """End the leases of hosts, which were asked at `polled_at`, or not at all."""
    values: dict[str, datetime] = {"lease_until": BEGINNING}
    if polled_at is not None:
        values |= {"last_polled_at": polled_at, "free_at": polled_at + HOST_PAUSE}
    for chunk in _chunks(names):
        session.exec(update(HostRow).where(col(HostRow.name).in_(chunk)).values(values))
    note_due(session, names)


def note_due(session: Session, names: Collection[str]) -> None:
    """Note when the first of the feeds of these hosts is due; hosts without feeds are forgotten."""
    session.flush()
    for chunk in _chunks(names):
        times = select(FeedRow.host, func.min(FeedRow.next_poll_at)).where(
            col(FeedRow.host).in_(chunk), col(FeedRow.active).is_(True)
        )
        due = dict(session.exec(times.group_by(FeedRow.host)).all())
        for row in session.exec(select(HostRow).where(col(HostRow.name).in_(chunk))):
            at = due.pop(row.name, None)
            if at is None:
                session.delete(row)
            else:
                row.next_poll_at = at
        session.add_all(HostRow(name=name, next_poll_at=at) for name, at in due.items())


def _chunks(names: Collection[str]) -> Iterator[Sequence[str]]:
    wanted = sorted(names)
    return (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))

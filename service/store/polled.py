"""What a poll leaves behind in the row of its feed, and in those of its host."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from service.domain import FeedStatus, NotModified
from service.errors import sentences
from service.schedule import OUR_FAULTS, SLOW_DOWN, fresh_for, host_held_until, is_gone
from service.store.feed_rows import update_feeds
from service.store.hosts import host_of
from service.store.rows import ailments_json, to_ailments
from service.store.tables import FEED, HealthRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Fetched, FetchFailed, HealthChange
    from service.store.feed_rows import PolledRow, PolledRows

_APART = timedelta(seconds=10)  # between the feeds of a host that was held and is asked again
_VISITS = 3  # good polls after which a move is taken to be for good
_FAILURES = 3  # in a row, after which even such a move is taken back
_SLOWED = frozenset(reason.value for reason in SLOW_DOWN)
_STANDS_THERE = select(FEED.c.id).where(
    (FEED.c.url == bindparam("address")) | (FEED.c.moved_to == bindparam("address")),
    FEED.c.id != bindparam("number"),
)
_SIBLINGS = select(FEED.c.id, FEED.c.failure, FEED.c.next_poll_at).where(
    FEED.c.host == bindparam("host"), FEED.c.id != bindparam("number")
)


def record_failure(row: PolledRow, result: FetchFailed, now: datetime) -> None:
    """Note why a poll failed. Validators stay; a move that leads nowhere is taken back."""
    gone = is_gone(result.feed, result)
    row.failures += 1
    row.failing_since = row.failing_since or now
    row.failure = result.reason.value
    row.status = (FeedStatus.GONE if gone else FeedStatus.FAILING).value
    row.trouble = sentences(result.words, result.mend)
    is_proven = row.moved_visits >= _VISITS and row.failures < _FAILURES
    if row.moved_to and not is_proven and result.reason not in SLOW_DOWN | OUR_FAULTS:
        _move(row, "", None)


def record_success(row: PolledRow, result: Fetched | NotModified, now: datetime, new_entries: int) -> None:
    """Note that a poll went well: validators are written at a 200 that was a feed, merged at a 304."""
    row.failures, row.trouble, row.status = 0, "", FeedStatus.HEALTHY.value
    row.failing_since, row.failure = None, ""
    row.last_success_at = now
    row.quiet_polls = 0 if new_entries else row.quiet_polls + 1
    if new_entries:
        row.last_entry_at = now
    fresh = fresh_for(result)
    row.fresh_seconds = None if fresh is None else int(fresh.total_seconds())
    if isinstance(result, NotModified):
        row.etag = result.etag or row.etag
        row.last_modified = result.last_modified or row.last_modified
        return
    row.etag, row.last_modified, row.body_hash = result.etag, result.last_modified, result.body_hash
    row.validators_url = result.url
    row.baseline_at = row.baseline_at or now


def record_health(session: Session, row: PolledRow, changes: Sequence[HealthChange]) -> None:
    """Store what began and what is over, and what ails the feed now."""
    if not changes:
        return
    changed = {one.ailment for one in changes}
    lasting = [one for one in to_ailments(row.id, row.ailments) if one.ailment not in changed]
    begun = [one for one in changes if not one.is_over]
    row.ailments = ailments_json([*lasting, *begun])
    session.add_all(
        HealthRow(
            feed_id=one.feed_id, ailment=one.ailment.value, is_over=one.is_over, at=one.at, words=one.words
        )
        for one in changes
    )


def record_move(rows: PolledRows, row: PolledRow, result: Fetched | NotModified, now: datetime) -> None:
    """Note where permanent redirects led to a feed: that address is asked from the next poll on.

    Not where another feed stands or moved to as well: many feeds that move to one address at once are a
    publisher's mistake, and what they would all bring is one feed.
    """
    if result.moved_to == row.moved_to:
        row.moved_visits += bool(row.moved_to)
    elif not _is_taken(rows, row, result.moved_to):
        _move(row, result.moved_to, now)


def _move(row: PolledRow, to: str, now: datetime | None) -> None:
    row.moved_to, row.moved_at, row.moved_visits = to, now, int(bool(to))
    row.host = host_of(to or row.url)


def _is_taken(rows: PolledRows, row: PolledRow, address: str) -> bool:
    connection = rows.write()  # another feed of this very batch may have moved there
    return connection.execute(_STANDS_THERE, {"address": address, "number": row.id}).first() is not None


def hold_host(rows: PolledRows, row: PolledRow, result: FetchFailed, now: datetime) -> None:
    """Let the other feeds of a host wait where the host said to slow down."""
    if result.reason not in SLOW_DOWN or row.next_poll_at is None:
        return
    connection = rows.write()  # another feed of this very batch may have moved to this host
    siblings = connection.execute(_SIBLINGS, {"host": row.host, "number": row.id}).all()
    is_only_one = not any(one.failure in _SLOWED for one in siblings)
    until = host_held_until(result, now=now, next_poll_at=row.next_poll_at, is_only_one=is_only_one)
    if until is not None:
        later = {
            one.id: {"next_poll_at": max(one.next_poll_at, until + place * _APART)}
            for place, one in enumerate(siblings, start=1)
        }
        update_feeds(connection, later)

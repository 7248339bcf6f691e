"""When a feed is polled next, when a delivery is tried again.

Pure: `now` and `jitter` (from 0 to below 1) are given. Jitter only ever moves a time later, by up to a
tenth of the delay, so that no promise to a publisher is broken by it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from service.domain import FeedStatus, Fetched, FetchFailed, FetchFailure, NotModified, PublisherHints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Feed, FetchResult

FLOOR = timedelta(hours=1)  # between polls of a feed for which neither operator nor publisher ask for more
INVITED = timedelta(minutes=10)  # the shortest time between polls that a publisher can ask for
CEILING = timedelta(hours=24)
WITHOUT_VALIDATORS = timedelta(hours=24)  # between full downloads, where changes cannot be asked for
OUT_OF_REACH = timedelta(hours=2)  # between polls of a server that is not reached at all
PARKED_AFTER = timedelta(days=3)  # of failing; from then on a feed is looked at once a day
LONGEST_HINT = timedelta(days=7)  # a typo of a publisher must not silence a feed
LONGEST_RETRY_AFTER = timedelta(days=31)
NET = timedelta(days=1)  # between polls of a feed whose hub tells of changes
PUSH_PAUSE = timedelta(minutes=1)  # between polls of a feed, however often its hub tells of changes
SECOND_LOOK = timedelta(minutes=10)  # after a hub told of a change that was not there yet
HOST_PAUSE = timedelta(seconds=1)  # between two requests to a host
LONGEST_SKIP = timedelta(hours=48)
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)  # the next poll of a feed that is gone for good (410)
OUR_FAULTS = frozenset({FetchFailure.NAME_UNSET, FetchFailure.NOT_STORED})
SLOW_DOWN = frozenset({FetchFailure.THROTTLED, FetchFailure.OVERLOADED})  # 429 and 503

FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=1)
LONGEST_PAUSE = timedelta(days=1)  # of deliveries, whatever the other side asks
EXPIRES_AFTER = timedelta(days=5)  # as mail servers do (RFC 5321, 4.5.4.1)

_QUIET_FACTOR = 1.5
_MOST_GAPS_FROM = 20
_MOST_STEPS = 20  # of doubling: at any cap by then, and no overflow
_JITTER = 0.1
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_HASH_RANGE = 2**32
_NO_HINTS = PublisherHints()

# ------------------------------------------------------------------------------------------- polls


def next_poll_at(
    feed: Feed,
    result: FetchResult,
    *,
    now: datetime,
    new_entries: int,
    entry_times: Sequence[datetime] = (),
    ttl_hints: PublisherHints = _NO_HINTS,
    jitter: float,
) -> datetime:
    """Say when a feed is polled next, after `result`.

    The delay is half the median gap between its last 20 entries, times 1.5 for each quiet poll in a
    row, between the floor (the operator's `every`, or an hour, or what the publisher names if that is
    less: ten minutes at least) and a day. An answer without validators cannot be asked for changes only, so
    it is a day then, unless operator or publisher ask for more. Failed polls double from the floor to a
    day, or to two hours where the server is not reached at all and has not been for three days; one that
    throttles is left alone for an hour at least. Where the fault is ours, they do not double. What the
    publisher asks for (max-age, ttl, Retry-After) makes it longer, never shorter, and the skipped hours and
    days of the feed (UTC, Monday is 0) move it out by up to 48 hours. A feed that is gone is due in the far
    future.

    An operator who sets `every` means it: neither the gap nor quiet polls stretch it, but failures and the
    publisher do. Where entries may have been missed, the delay is halved `feed.hurry` times, down to the
    floor, or to ten minutes where the operator set it.

    While a hub tells of its changes, a feed is polled once a day, and once more where it told of one that was
    not there yet.

    `feed` is as it was before the poll, but for its `hurry` and `pushed_until`. `entry_times` are those of
    entries in the document, in any order; fewer than two say nothing about a gap. `ttl_hints` are those of
    the document, `result.hints` those of the HTTP head; a 304 that names no max-age leaves the last in force.
    """
    if is_gone(feed, result):
        return FAR_FUTURE
    head, fresh = result.hints, fresh_for(result)
    head = head if head.max_age == fresh else replace(head, max_age=fresh)
    if isinstance(result, FetchFailed):
        delay = _delay_after_failure(feed, result.reason, now)
    else:
        floor = _floor(feed, head, ttl_hints)
        delay = _delay_after_success(feed, floor, new_entries, entry_times) / (1 << feed.hurry)
        delay = max(delay, min(floor, INVITED if feed.source.every else floor))
        delay = _under_a_net(feed, delay, new_entries, now)
        if not (can_be_asked_for_changes(result) or is_invited(feed, head, ttl_hints)):
            delay = max(delay, WITHOUT_VALIDATORS)
    at = now + _spread(feed, result, max(delay, _asked(head), _asked(ttl_hints)), jitter)
    return out_of_skipped(at, ttl_hints)


def is_gone(feed: Feed, result: FetchResult) -> bool:
    """Tell whether a feed is gone for good: its own address says 410, not one that it moved to."""
    return isinstance(result, FetchFailed) and result.reason is FetchFailure.GONE and not feed.moved_to


def fresh_for(result: FetchResult) -> timedelta | None:
    """Give the max-age in force after an answer: its own, or for a 304 that names none the last one."""
    if result.hints.max_age is None and isinstance(result, NotModified):
        return result.feed.fresh_for
    return result.hints.max_age


def can_be_asked_for_changes(result: Fetched | NotModified) -> bool:
    """Tell whether an answer came with something to ask for changes by."""
    return isinstance(result, NotModified) or bool(result.etag or result.last_modified)


def is_invited(feed: Feed, *hints: PublisherHints) -> bool:
    """Tell whether operator or publisher ask to come more often than other feeds are polled."""
    return feed.source.every is not None or _floor(feed, *hints) < FLOOR


def _floor(feed: Feed, *hints: PublisherHints) -> timedelta:
    """Give the shortest time between polls: the operator's, else what the publisher invites to."""
    if feed.source.every is not None:
        return feed.source.every
    invited = max((said for one in hints for said in (one.max_age, one.ttl) if said), default=FLOOR)
    return min(max(invited, INVITED), FLOOR)


def _delay_after_success(
    feed: Feed, floor: timedelta, new_entries: int, entry_times: Sequence[datetime]
) -> timedelta:
    if feed.source.every is not None:
        return floor
    base = min(max(_half_gap(entry_times), floor), CEILING)
    quiet = 0 if new_entries else feed.quiet_polls + 1
    return min(base * math.pow(_QUIET_FACTOR, min(quiet, _MOST_STEPS)), CEILING)


def _under_a_net(feed: Feed, delay: timedelta, new_entries: int, now: datetime) -> timedelta:
    """Make a delay longer while a hub tells of changes: not beyond its lease, less where some were missed."""
    if feed.source.every is not None or feed.pushed_until is None or feed.pushed_until <= now:
        return delay
    was_told = feed.pushed_at is not None and feed.pushed_at > (feed.last_polled_at or feed.pushed_at)
    if was_told and not new_entries:
        return SECOND_LOOK
    return max(delay, min(NET / (1 << feed.hurry), feed.pushed_until - now))


def _half_gap(entry_times: Sequence[datetime]) -> timedelta:
    latest = sorted(entry_times)[-_MOST_GAPS_FROM:]
    gaps = [(after - before).total_seconds() for before, after in pairwise(latest)]
    return timedelta(seconds=median(gaps) / 2) if gaps else timedelta(0)


def _delay_after_failure(feed: Feed, reason: FetchFailure, now: datetime) -> timedelta:
    floor = feed.source.every or FLOOR
    if reason in OUR_FAULTS:  # what it brings meanwhile is not to roll out of it before it is asked again
        return floor
    if reason in SLOW_DOWN:
        floor = max(floor, FLOOR)
    # A server we do not reach costs its publisher nothing, and the fault is often in our own network: once
    # that is back, its news is not to wait for most of a day.
    is_parked = feed.failing_since is not None and now - feed.failing_since >= PARKED_AFTER
    is_away = reason is FetchFailure.UNREACHABLE and not is_parked
    return _doubled(floor, feed.failures, max(floor, OUT_OF_REACH if is_away else CEILING))


def _doubled(first: timedelta, times: int, cap: timedelta) -> timedelta:
    return min(first * (1 << min(max(times, 0), _MOST_STEPS)), cap)


def _asked(hints: PublisherHints) -> timedelta:
    """Give the longest pause a publisher asked for, within what is honoured."""
    none = timedelta(0)
    return max(
        min(hints.max_age or none, LONGEST_HINT),
        min(hints.ttl or none, LONGEST_HINT),
        min(hints.retry_after or none, LONGEST_RETRY_AFTER),
    )


def _spread(feed: Feed, result: FetchResult, delay: timedelta, jitter: float) -> timedelta:
    """Make a delay longer by up to a tenth; the first one by up to an hour.

    Feeds that came together are thus asked at times of their own from their second poll on.
    """
    is_first = feed.baseline_at is None and not isinstance(result, FetchFailed)
    return delay + min(delay, FLOOR) * jitter if is_first else _jittered(delay, jitter)


def _jittered(delay: timedelta, jitter: float) -> timedelta:
    return delay * (1 + _JITTER * jitter)


def out_of_skipped(at: datetime, hints: PublisherHints) -> datetime:
    """Move a time out of the hours and days that a feed names, by 48 hours at most.

    It moves by whole hours, so that feeds do not gather where a skipped stretch ends.
    """
    latest = at + LONGEST_SKIP
    while at < latest and (at.hour in hints.skip_hours or at.weekday() in hints.skip_days):
        at += _HOUR
    return at


def poll_after_push(feed: Feed, now: datetime) -> datetime:
    """Say when a feed is polled whose hub has just told of a change: now, but not twice in a minute.

    A feed that fails is left to its own time: its server is in trouble, or has asked to slow down.
    """
    if feed.failures:
        return feed.next_poll_at
    soonest = now if feed.last_polled_at is None else max(now, feed.last_polled_at + PUSH_PAUSE)
    return min(feed.next_poll_at, soonest)


def poll_without_push(feed: Feed) -> datetime:
    """Say when a feed is polled whose hub tells of changes no more: as if it had not at the last poll."""
    if feed.failures or feed.last_polled_at is None:
        return feed.next_poll_at
    head = PublisherHints(max_age=feed.fresh_for)
    pause = max(_floor(feed, head, feed.document_hints), _asked(head), _asked(feed.document_hints))
    has_validators = feed.etag or feed.last_modified or is_invited(feed, head, feed.document_hints)
    pause = pause if has_validators else max(pause, WITHOUT_VALIDATORS)
    return min(feed.next_poll_at, feed.last_polled_at + pause)


class Pace(StrEnum):
    """What decides how long a feed is left alone: one of the first seven, and what comes on top of it."""

    GONE = "gone"
    FIRST = "first"
    FAILING = "failing"
    PUSHED = "pushed"
    OPERATOR = "operator"
    QUIET = "quiet"
    USUAL = "usual"
    HURRIED = "hurried"
    DAILY = "daily"
    PUBLISHER = "publisher"
    SKIPPED = "skipped"


def find_pace(feed: Feed, now: datetime) -> tuple[Pace, ...]:
    """Say what decides when a feed is polled next, as far as what is kept of it tells: see `next_poll_at`."""
    alone = _pace_without_answer(feed)
    if alone is not None:
        return (alone,)
    every, head = feed.source.every, PublisherHints(max_age=feed.fresh_for)
    is_pushed = every is None and feed.pushed_until is not None and feed.pushed_until > now
    usual = Pace.QUIET if feed.quiet_polls else Pace.USUAL
    first = Pace.PUSHED if is_pushed else usual if every is None else Pace.OPERATOR
    can_be_asked = feed.etag or feed.last_modified or is_invited(feed, head, feed.document_hints)
    hints = feed.document_hints
    more = {
        Pace.HURRIED: feed.hurry > 0,
        Pace.DAILY: not can_be_asked and not is_pushed,
        Pace.PUBLISHER: asked_pause(feed) > (every or FLOOR),
        Pace.SKIPPED: bool(hints.skip_hours or hints.skip_days),
    }
    return first, *(pace for pace, holds in more.items() if holds)


def _pace_without_answer(feed: Feed) -> Pace | None:
    if feed.status is FeedStatus.GONE:
        return Pace.GONE
    if feed.failures:
        return Pace.FAILING
    return Pace.FIRST if feed.last_polled_at is None else None


def asked_pause(feed: Feed) -> timedelta:
    """Give the pause between polls that a publisher asked for last, within what is honoured."""
    return max(_asked(PublisherHints(max_age=feed.fresh_for)), _asked(feed.document_hints))


def host_held_until(
    result: FetchFailed, *, now: datetime, next_poll_at: datetime, is_only_one: bool
) -> datetime | None:
    """Say until when no feed of a host is asked, after one was told to slow down; None where they may be.

    One feed that is throttled holds the others for an hour at most: the limit may be its own. Where another
    one is throttled too (not `is_only_one`), it is the host's limit, and what it asks for holds for all. A
    503 without Retry-After says nothing about the host.
    """
    if result.reason not in SLOW_DOWN:
        return None
    if result.hints.retry_after is None:
        is_host = result.reason is FetchFailure.THROTTLED
        return min(next_poll_at, now + FLOOR) if is_host else None
    until = now + min(result.hints.retry_after, LONGEST_RETRY_AFTER)
    return min(until, now + FLOOR) if is_only_one else until


def first_poll_at(host: str, *, now: datetime, spread: timedelta) -> datetime:
    """Say when a new feed is polled first: spread evenly by the hash of its host, all of a host at once.

    The feeds of a host share their time because they stand in line for it anyway. A `spread` of zero
    means now: right for a handful of feeds.
    """
    part = int.from_bytes(sha256(host.encode()).digest()[:4])
    return now + spread * (part / _HASH_RANGE)


# -------------------------------------------------------------------------------------- deliveries


def retry_at(
    attempts: int, *, now: datetime, jitter: float, retry_after: timedelta | None = None
) -> datetime:
    """Say when a delivery is tried again after `attempts` sends: a minute, doubling to an hour.

    What the other side asks for makes it longer, up to a day. Whether the delivery has expired by then
    (`EXPIRES_AFTER` its making) is the caller's to see.
    """
    delay = _doubled(FIRST_RETRY, attempts - 1, LAST_RETRY)
    return now + _jittered(max(delay, min(retry_after or delay, LONGEST_PAUSE)), jitter)

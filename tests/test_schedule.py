"""When feeds are polled, deliveries are tried again and digests go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Feed,
    FeedSource,
    Fetched,
    FetchFailed,
    FetchFailure,
    FetchResult,
    NotModified,
    PublisherHints,
)
from service.schedule import (
    CEILING,
    EXPIRES_AFTER,
    FAR_FUTURE,
    FLOOR,
    INVITED,
    LONGEST_HINT,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    LONGEST_SKIP,
    first_poll_at,
    host_held_until,
    next_poll_at,
    retry_at,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
SILENT = PublisherHints()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_feed(every: timedelta | None = None, *, failures: int = 0, quiet_polls: int = 0) -> Feed:
    source = FeedSource("http://paper.example/rss", "Harbour Post", "Harbour Post", every=every)
    return Feed(
        id=1, source=source, next_poll_at=NOW, baseline_at=NOW, failures=failures, quiet_polls=quiet_polls
    )


def good(feed: Feed, hints: PublisherHints = SILENT, etag: str = '"a"') -> Fetched:
    return Fetched(feed, feed.source.url, b"<rss/>", "hash", etag=etag, hints=hints)


def failed(
    feed: Feed,
    reason: FetchFailure = FetchFailure.TIMEOUT,
    hints: PublisherHints = SILENT,
) -> FetchFailed:
    return FetchFailed(feed, reason, "words", hints=hints)


def delay(
    result: FetchResult,
    *,
    new: int = 1,
    times: list[datetime] | None = None,
    jitter: float = 0.0,
    ttl_hints: PublisherHints = SILENT,
) -> timedelta:
    at = next_poll_at(
        result.feed,
        result,
        now=NOW,
        new_entries=new,
        entry_times=times or [],
        jitter=jitter,
        ttl_hints=ttl_hints,
    )
    return at - NOW


def every(gap: timedelta, count: int = 30) -> list[datetime]:
    return [NOW - gap * number for number in range(count)]


# ------------------------------------------------------------------------------------ good polls


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (5 * MINUTE, HOUR),
        (2 * HOUR, HOUR),
        (6 * HOUR, 3 * HOUR),
        (DAY, 12 * HOUR),
        (30 * DAY, DAY),
        (400 * 365 * DAY / 30, DAY),
    ],
)
def test_a_feed_is_polled_twice_as_often_as_it_brings_something(gap: timedelta, expected: timedelta) -> None:
    assert delay(good(a_feed()), times=every(gap)) == expected


def test_only_the_last_twenty_entries_count_in_whatever_order_they_stand() -> None:
    busy_before = [NOW - 100 * DAY - MINUTE * number for number in range(200)]
    assert delay(good(a_feed()), times=[*every(6 * HOUR, 20), *busy_before]) == 3 * HOUR
    assert delay(good(a_feed()), times=every(6 * HOUR)[::-1]) == 3 * HOUR


@pytest.mark.parametrize("times", [[], [NOW]])
def test_a_feed_without_a_known_gap_is_polled_every_hour(times: list[datetime]) -> None:
    assert delay(good(a_feed()), times=times) == HOUR


@pytest.mark.parametrize(
    ("quiet_polls", "expected"),
    [(0, 1.5 * HOUR), (1, 2.25 * HOUR), (6, 17.0859375 * HOUR), (7, DAY), (10_000, DAY)],
)
def test_each_quiet_poll_makes_the_next_one_later(quiet_polls: int, expected: timedelta) -> None:
    feed = a_feed(quiet_polls=quiet_polls)
    assert delay(NotModified(feed), new=0) == expected
    assert delay(good(feed), new=0) == expected


def test_news_end_the_quiet() -> None:
    assert delay(good(a_feed(quiet_polls=9)), new=1) == HOUR


@pytest.mark.parametrize("interval", [MINUTE, 15 * MINUTE, 3 * HOUR, 3 * DAY])
def test_the_operators_interval_holds_in_busy_and_in_quiet_times(interval: timedelta) -> None:
    feed = a_feed(every=interval, quiet_polls=9)
    assert delay(NotModified(feed), new=0) == interval
    assert delay(good(feed), new=5, times=every(5 * DAY)) == interval


# ----------------------------------------------------------------------------- what publishers ask


@pytest.mark.parametrize("hint", ["max_age", "ttl", "retry_after"])
def test_what_a_publisher_asks_for_makes_it_later_and_never_earlier(hint: str) -> None:
    asked, hasty = _hint(hint, 5 * HOUR), _hint(hint, MINUTE)
    for feed in (a_feed(), a_feed(every=15 * MINUTE)):
        assert delay(good(feed, asked)) == 5 * HOUR
        assert delay(good(feed), ttl_hints=asked) == 5 * HOUR
    assert delay(good(feed, hasty)) == delay(good(feed)) == 15 * MINUTE


def _hint(name: str, duration: timedelta) -> PublisherHints:
    return {
        "max_age": PublisherHints(max_age=duration),
        "ttl": PublisherHints(ttl=duration),
        "retry_after": PublisherHints(retry_after=duration),
    }[name]


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (PublisherHints(max_age=30 * DAY), LONGEST_HINT),
        (PublisherHints(ttl=99 * DAY), LONGEST_HINT),
        (PublisherHints(retry_after=30 * DAY), 30 * DAY),
        (PublisherHints(retry_after=99 * DAY), LONGEST_RETRY_AFTER),
    ],
)
def test_a_typo_of_a_publisher_does_not_silence_a_feed(hints: PublisherHints, expected: timedelta) -> None:
    assert delay(good(a_feed(), hints)) == expected


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ({10}, set(), 2 * HOUR),
        ({10, 11, 12}, set(), 4 * HOUR),
        (set(range(10, 24)), set(), 15 * HOUR),
        (set(), {0}, 14 * HOUR + 30 * MINUTE + 30 * MINUTE),
        (set(), {1}, HOUR),
        (set(range(24)), set(), HOUR + LONGEST_SKIP),
        (set(), set(range(7)), HOUR + LONGEST_SKIP),
        ({9}, {6}, HOUR),
    ],
)
def test_skipped_hours_and_days_are_left_out(hours: set[int], days: set[int], expected: timedelta) -> None:
    hints = PublisherHints(skip_hours=frozenset(hours), skip_days=frozenset(days))
    assert delay(good(a_feed()), ttl_hints=hints) == expected


# ---------------------------------------------------------------------------------- failed polls


@pytest.mark.parametrize(
    ("interval", "failures", "expected"),
    [
        (None, 0, HOUR),
        (None, 1, 2 * HOUR),
        (None, 4, 16 * HOUR),
        (None, 5, DAY),
        (None, 10_000, DAY),
        (15 * MINUTE, 0, 15 * MINUTE),
        (15 * MINUTE, 2, HOUR),
        (3 * DAY, 5, 3 * DAY),
    ],
)
def test_failures_double_the_delay_up_to_a_day(
    interval: timedelta | None, failures: int, expected: timedelta
) -> None:
    assert delay(failed(a_feed(every=interval, failures=failures)), new=0) == expected


def test_a_server_that_throttles_is_left_alone_for_an_hour_at_least() -> None:
    feed = a_feed(every=5 * MINUTE)
    assert delay(failed(feed, FetchFailure.THROTTLED)) == HOUR
    hints = PublisherHints(retry_after=7 * HOUR)
    assert delay(failed(feed, FetchFailure.THROTTLED, hints)) == 7 * HOUR


@pytest.mark.parametrize("failures", [0, 1, 40])
@pytest.mark.parametrize("reason", [FetchFailure.NOT_STORED, FetchFailure.NAME_UNSET])
def test_a_feed_that_failed_by_our_own_fault_is_asked_no_less_often(
    failures: int, reason: FetchFailure
) -> None:
    feed = replace(a_feed(every=15 * MINUTE, failures=failures), failing_since=NOW - 9 * DAY)
    assert delay(failed(feed, reason)) == 15 * MINUTE
    assert delay(failed(a_feed(failures=failures), reason)) == HOUR


def test_f26_a_feed_that_has_failed_for_three_days_is_looked_at_once_a_day() -> None:
    feed = replace(a_feed(failures=40), failing_since=NOW - 3 * DAY + MINUTE)
    assert delay(failed(feed, FetchFailure.UNREACHABLE)) == 2 * HOUR
    parked = replace(feed, failing_since=NOW - 3 * DAY)
    assert delay(failed(parked, FetchFailure.UNREACHABLE)) == DAY


@pytest.mark.parametrize(
    ("head", "document", "expected"),
    [
        (PublisherHints(max_age=20 * MINUTE), SILENT, 20 * MINUTE),
        (PublisherHints(max_age=MINUTE), SILENT, 10 * MINUTE),
        (PublisherHints(max_age=0 * MINUTE), SILENT, HOUR),
        (SILENT, PublisherHints(ttl=15 * MINUTE), 15 * MINUTE),
        (PublisherHints(max_age=15 * MINUTE), PublisherHints(ttl=30 * MINUTE), 30 * MINUTE),
    ],
)
def test_a_publisher_may_invite_to_come_more_than_once_an_hour(
    head: PublisherHints, document: PublisherHints, expected: timedelta
) -> None:
    assert delay(good(a_feed(), head), ttl_hints=document, times=every(5 * MINUTE)) == expected


def test_an_answer_that_cannot_be_asked_for_changes_is_fetched_once_a_day_unless_somebody_wants_more() -> (
    None
):
    assert delay(good(a_feed(), etag="")) == DAY
    assert delay(good(a_feed(every=30 * MINUTE), etag="")) == 30 * MINUTE
    assert delay(good(a_feed(), PublisherHints(max_age=20 * MINUTE), etag="")) == 20 * MINUTE


def test_a_304_that_names_no_max_age_leaves_the_last_one_in_force() -> None:
    feed = replace(a_feed(), fresh_for=5 * HOUR)
    assert delay(NotModified(feed)) == 5 * HOUR
    assert delay(NotModified(feed, hints=PublisherHints(max_age=0 * HOUR))) == HOUR
    assert delay(good(feed)) == HOUR


def test_feeds_that_came_together_are_asked_at_times_of_their_own_from_the_second_poll_on() -> None:
    new = replace(a_feed(every=6 * HOUR), baseline_at=None)
    assert delay(good(new), jitter=0.5) == 6.5 * HOUR
    assert delay(failed(replace(new, source=a_feed().source)), jitter=0.5) == 1.05 * HOUR


@pytest.mark.parametrize(
    ("reason", "asked", "is_only_one", "expected"),
    [
        (FetchFailure.THROTTLED, 6 * HOUR, True, HOUR),
        (FetchFailure.THROTTLED, 6 * HOUR, False, 6 * HOUR),
        (FetchFailure.THROTTLED, MINUTE, True, MINUTE),
        (FetchFailure.THROTTLED, 400 * DAY, False, 31 * DAY),
        (FetchFailure.THROTTLED, None, False, HOUR),
        (FetchFailure.OVERLOADED, 6 * HOUR, True, HOUR),
        (FetchFailure.OVERLOADED, None, True, None),
        (FetchFailure.NOT_FOUND, 6 * HOUR, True, None),
    ],
)
def test_a_host_that_says_slow_down_is_left_alone_by_its_other_feeds_too(
    reason: FetchFailure, asked: timedelta | None, *, is_only_one: bool, expected: timedelta | None
) -> None:
    result = failed(a_feed(), reason, PublisherHints(retry_after=asked))
    until = host_held_until(result, now=NOW, next_poll_at=NOW + 3 * HOUR, is_only_one=is_only_one)
    assert until == (None if expected is None else NOW + expected)


def test_a_410_of_an_address_that_a_feed_moved_to_is_no_end() -> None:
    feed = replace(a_feed(), moved_to="http://new.example/rss")
    assert delay(failed(feed, FetchFailure.GONE)) == HOUR


def test_f24_a_feed_that_is_gone_is_not_polled_again() -> None:
    feed = a_feed()
    gone = failed(feed, FetchFailure.GONE)
    assert next_poll_at(feed, gone, now=NOW, new_entries=0, jitter=0.9) == FAR_FUTURE


# ------------------------------------------------------------------------------- laws of all polls

durations = st.timedeltas(timedelta(0), timedelta(days=4000))
maybe_durations = st.none() | durations
hints_of_any_kind = st.builds(
    PublisherHints,
    max_age=maybe_durations,
    retry_after=maybe_durations,
    ttl=maybe_durations,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
intervals = st.none() | st.timedeltas(MINUTE, timedelta(days=900))
jitters = st.floats(0, 1, exclude_max=True)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is added


@given(
    intervals,
    st.integers(0, 10**6),
    hints_of_any_kind,
    hints_of_any_kind,
    st.lists(moments),
    jitters,
    st.integers(0, 3),
)
def test_a_good_poll_is_never_followed_before_the_floor_or_what_was_asked(
    interval: timedelta | None,
    quiet: int,
    head: PublisherHints,
    document: PublisherHints,
    times: list[datetime],
    jitter: float,
    new: int,
) -> None:
    feed = a_feed(every=interval, quiet_polls=quiet)
    waited = delay(good(feed, head), new=new, times=times, ttl_hints=document, jitter=jitter)
    asked = [
        min(hint or DAY * 0, LONGEST_HINT)
        for hint in (head.max_age, head.ttl, document.max_age, document.ttl)
    ]
    retry = min(head.retry_after or DAY * 0, LONGEST_RETRY_AFTER)
    invited = max([hint for hint in asked if hint], default=FLOOR)
    assert waited >= max(interval or min(FLOOR, max(INVITED, invited)), *asked, retry)
    longest = max(CEILING, interval or FLOOR, LONGEST_RETRY_AFTER)
    assert waited <= longest * 1.1 + LONGEST_SKIP


@given(intervals, st.integers(0, 200), st.sampled_from(list(FetchFailure)), jitters)
def test_one_more_failure_never_makes_a_poll_earlier(
    interval: timedelta | None, failures: int, reason: FetchFailure, jitter: float
) -> None:
    once, again = (
        delay(failed(a_feed(every=interval, failures=count), reason), jitter=jitter)
        for count in (failures, failures + 1)
    )
    assert interval is None or once >= interval
    assert again >= once


@given(jitters, jitters)
def test_jitter_only_moves_later_and_by_a_tenth_at_most(one: float, other: float) -> None:
    waited = delay(good(a_feed()), jitter=one)
    assert HOUR <= waited <= HOUR * 1.1
    assert (waited <= delay(good(a_feed()), jitter=other)) or one >= other


# ------------------------------------------------------------------------------------ first polls


def test_a_handful_of_new_feeds_is_polled_now() -> None:
    assert first_poll_at("paper.example", now=NOW, spread=timedelta(0)) == NOW


def test_many_new_feeds_are_spread_evenly_and_each_host_keeps_its_place() -> None:
    hosts = [f"paper{number}.example" for number in range(2000)]
    offsets = [first_poll_at(host, now=NOW, spread=HOUR) - NOW for host in hosts]
    assert all(timedelta(0) <= offset < HOUR for offset in offsets)
    tenths = [
        sum(number * HOUR <= offset * 10 < (number + 1) * HOUR for offset in offsets) for number in range(10)
    ]
    assert min(tenths) > 140
    assert offsets == [first_poll_at(host, now=NOW, spread=HOUR) - NOW for host in hosts]


# ------------------------------------------------------------------------------------- deliveries


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(0, MINUTE), (1, MINUTE), (2, 2 * MINUTE), (6, 32 * MINUTE), (7, HOUR), (9999, HOUR)],
)
def test_a_delivery_is_tried_again_after_a_minute_then_ever_later_up_to_an_hour(
    attempts: int, expected: timedelta
) -> None:
    assert retry_at(attempts, now=NOW, jitter=0.0) == NOW + expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(5 * HOUR, 5 * HOUR), (timedelta(seconds=1), MINUTE), (30 * DAY, LONGEST_PAUSE), (timedelta(0), MINUTE)],
)
def test_the_other_side_can_ask_for_more_time_but_not_for_ever(asked: timedelta, expected: timedelta) -> None:
    assert retry_at(1, now=NOW, jitter=0.0, retry_after=asked) == NOW + expected


@given(st.integers(0, 500), jitters, maybe_durations)
def test_one_more_attempt_never_makes_a_retry_earlier(
    attempts: int, jitter: float, asked: timedelta | None
) -> None:
    once, again = (
        retry_at(count, now=NOW, jitter=jitter, retry_after=asked) for count in (attempts, attempts + 1)
    )
    assert NOW + MINUTE <= once <= again <= NOW + LONGEST_PAUSE * 1.1


def test_a_delivery_that_fails_is_tried_for_five_days() -> None:
    at, attempts = NOW, 0
    while at <= NOW + EXPIRES_AFTER:
        attempts += 1
        at = retry_at(attempts, now=at, jitter=0.5)
    assert 110 < attempts < 130


# ---------------------------------------------------------------------------------------- digests


def test_a_server_out_of_reach_is_asked_again_within_two_hours_however_long_it_lasts() -> None:
    lost = a_feed(failures=40)
    assert delay(failed(lost, FetchFailure.UNREACHABLE), new=0) == timedelta(hours=2)
    slow = a_feed(timedelta(hours=6), failures=40)
    assert delay(failed(slow, FetchFailure.UNREACHABLE), new=0) == timedelta(hours=6)

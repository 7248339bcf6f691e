"""When a feed is polled whose hub tells of changes: as a net, for a push, and when the hub stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.domain import Feed, FeedSource, NotModified, PublisherHints
from service.schedule import FAR_FUTURE, next_poll_at, poll_after_push, poll_without_push

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = Feed(
    1,
    FeedSource("https://port.example/feed", "Port", "Port"),
    NOW,
    etag='"a"',
    baseline_at=NOW - DAY,
    last_polled_at=NOW - HOUR,
    pushed_until=NOW + 9 * DAY,
)


def wait(feed: Feed, new: int = 1, hints: PublisherHints = PublisherHints()) -> timedelta:  # noqa: B008 -- frozen
    return next_poll_at(feed, NotModified(feed, hints=hints), now=NOW, new_entries=new, jitter=0) - NOW


def test_a_live_subscription_makes_a_day_of_it_though_no_longer_than_its_lease() -> None:
    assert wait(FEED) == DAY
    assert wait(replace(FEED, pushed_until=NOW + 5 * HOUR)) == 5 * HOUR
    assert wait(replace(FEED, pushed_until=NOW + MINUTE)) == HOUR
    assert wait(replace(FEED, hurry=2)) == 6 * HOUR, "entries may have been missed"
    assert wait(replace(FEED, pushed_until=NOW)) == wait(replace(FEED, pushed_until=None)) == HOUR


def test_what_operator_and_publisher_ask_stays_as_it_is() -> None:
    every = replace(FEED, source=replace(FEED.source, every=20 * MINUTE))
    assert wait(every) == 20 * MINUTE
    assert wait(FEED, hints=PublisherHints(max_age=3 * DAY)) == 3 * DAY


def test_a_push_that_was_early_is_looked_after_once() -> None:
    told = replace(FEED, pushed_at=NOW - MINUTE)
    assert wait(told, new=0) == 10 * MINUTE
    assert wait(told, new=1) == DAY
    assert wait(replace(told, pushed_at=NOW - 2 * HOUR), new=0) == DAY
    assert wait(told, new=0, hints=PublisherHints(max_age=HOUR)) == HOUR
    assert wait(replace(told, last_polled_at=None), new=0) == DAY


@pytest.mark.parametrize(
    ("polled", "due", "at"),
    [
        (NOW - HOUR, NOW + DAY, NOW),
        (None, NOW + DAY, NOW),
        (NOW - MINUTE / 4, NOW + DAY, NOW + MINUTE * 3 / 4),
        (NOW, NOW - MINUTE, NOW - MINUTE),
    ],
)
def test_a_push_makes_a_feed_due_but_not_twice_in_a_minute(
    polled: datetime | None, due: datetime, at: datetime
) -> None:
    assert poll_after_push(replace(FEED, last_polled_at=polled, next_poll_at=due), NOW) == at


def test_a_feed_that_fails_keeps_its_time() -> None:
    failing = replace(FEED, failures=1, next_poll_at=NOW + 5 * HOUR)
    assert poll_after_push(failing, NOW) == failing.next_poll_at
    assert poll_without_push(failing) == failing.next_poll_at
    gone = replace(failing, next_poll_at=FAR_FUTURE)
    assert poll_after_push(gone, NOW) == FAR_FUTURE


@pytest.mark.parametrize(
    ("feed", "pause"),
    [
        (FEED, HOUR),
        (replace(FEED, fresh_for=3 * HOUR), 3 * HOUR),
        (replace(FEED, document_hints=PublisherHints(ttl=2 * HOUR)), 2 * HOUR),
        (replace(FEED, fresh_for=20 * MINUTE), 20 * MINUTE),
        (replace(FEED, etag=""), DAY),
        (replace(FEED, etag="", source=replace(FEED.source, every=30 * MINUTE)), 30 * MINUTE),
    ],
)
def test_a_feed_whose_hub_stops_is_polled_as_publisher_and_operator_ask(feed: Feed, pause: timedelta) -> None:
    assert poll_without_push(replace(feed, next_poll_at=NOW + 2 * DAY)) == NOW - HOUR + pause
    assert poll_without_push(replace(feed, next_poll_at=NOW - 2 * HOUR)) == NOW - 2 * HOUR
    never = replace(feed, last_polled_at=None, next_poll_at=NOW + DAY)
    assert poll_without_push(never) == NOW + DAY

"""Subscriptions at hubs in the store, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service.domain import FeedSource, Fetched, FetchFailed, FetchFailure, PublisherHints
from service.store import Store
from service.websub import CLAIM, Push, PushState, take_verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.domain import Feed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HUB, TOPIC, OURS = "https://hub.example/", "https://d.example/feed", "https://news.example/websub/"
OFFER = PublisherHints(hub=HUB, topic=TOPIC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    sources = [FeedSource(f"https://d.example/{name}", name, "D") for name in ("a", "b", "c")]
    store.feeds.sync(sources, first_poll_at=lambda host: NOW)
    yield store
    store.close()


def _feeds(store: Store) -> list[Feed]:
    return sorted(store.feeds.list_all(), key=lambda feed: feed.id)


def _poll(store: Store, feed: Feed, hints: PublisherHints = OFFER, *, at: datetime = NOW) -> None:
    result = Fetched(feed, feed.source.url, b"x", "hash", etag='"a"')
    with store.batch(at) as batch:
        batch.look_up([feed])
        batch.record_poll(result, next_poll_at=at + DAY, document_hints=hints)


def _asked(feed: Feed, name: str = "t0ken") -> Push:
    return Push(feed.id, HUB, TOPIC, OURS + name, name, "s3cret", PushState.ASKED, NOW + CLAIM, NOW)


def _live(store: Store, feed: Feed) -> Push:
    assert store.pushes.claim(None, _asked(feed))
    push = store.pushes.change(feed.id, lambda one: take_verification(one, "subscribe", TOPIC, "", NOW))
    assert push is not None
    return push


def test_what_names_hub_and_topic_is_listed_until_it_is_subscribed(store: Store) -> None:
    first, second, third = _feeds(store)
    assert store.pushes.list_due(NOW, OURS) == []
    _poll(store, first)
    _poll(store, second, PublisherHints(hub=HUB))
    _poll(store, third, PublisherHints(topic=TOPIC))
    [(feed, push, is_polled)] = store.pushes.list_due(NOW, OURS)
    assert (feed.id, feed.document_hints, push, is_polled) == (first.id, OFFER, None, True)
    assert store.pushes.claim(None, _asked(first))
    assert store.pushes.list_due(NOW, OURS) == []
    assert [push for _, push, _ in store.pushes.list_due(NOW + CLAIM, OURS)] == [_asked(first)]
    assert [push for _, push, _ in store.pushes.list_due(NOW, "https://new.example/websub/")] == [
        _asked(first)
    ]


def test_several_processes_claim_and_one_asks(store: Store) -> None:
    feed = _feeds(store)[0]
    with ThreadPoolExecutor(6) as threads:
        news = list(threads.map(lambda n: store.pushes.claim(None, _asked(feed, f"t{n}")), range(6)))
        assert sum(news) == 1
        [before] = store.pushes.by_feed().values()
        after = [replace(before, due_at=NOW + HOUR + n * MINUTE) for n in range(6)]
        again = list(threads.map(lambda one: store.pushes.claim(before, one), after))
        assert sum(again) == 1
        over = replace(after[again.index(True)], state=PushState.ENDED)
        ends = list(threads.map(lambda _: store.pushes.claim(after[again.index(True)], over), range(6)))
    assert sum(ends) == 1
    assert store.pushes.by_feed() == {}


def test_a_step_does_not_undo_what_hubs_did_meanwhile(store: Store) -> None:
    feed = _feeds(store)[0]
    before = _live(store, feed)
    store.pushes.record_push(feed.id, NOW)
    assert [store.pushes.record_refusal(feed.id) for _ in range(2)] == [1, 2]
    assert store.pushes.claim(before, replace(before, due_at=NOW + HOUR))
    after = store.pushes.find("t0ken")
    assert after is not None
    assert (after.pushes, after.refused, after.due_at) == (1, 2, NOW + HOUR)
    assert store.pushes.find("another") is None
    assert store.pushes.change(99, lambda push: push) is None
    assert store.pushes.record_refusal(99) == 0


def test_a_feed_knows_the_lease_of_its_hub_and_returns_to_its_pace_with_it(store: Store) -> None:
    feed = _feeds(store)[0]
    _poll(store, feed)
    push = _live(store, feed)
    assert _feeds(store)[0].pushed_until == push.until_at
    store.pushes.change(feed.id, lambda one: replace(one, state=PushState.DENIED, until_at=None))
    after = _feeds(store)[0]
    assert (after.pushed_until, after.next_poll_at) == (None, NOW + HOUR)


def test_a_push_makes_its_feed_due_and_the_next_claim_sees_it(store: Store) -> None:
    first, second, third = _feeds(store)
    for feed in (first, second, third):
        _poll(store, feed)
    _live(store, second)
    later = NOW + HOUR
    assert store.feeds.claim_due(later, worker="w", lease=HOUR, limit=9) == []
    store.pushes.record_push(second.id, later)
    [claimed] = store.feeds.claim_due(later, worker="w", lease=HOUR, limit=9)
    assert (claimed.id, claimed.pushed_at) == (second.id, later)


def test_a_push_spares_a_host_that_said_to_slow_down_and_a_feed_that_is_not_polled(store: Store) -> None:
    first, second, _ = _feeds(store)
    _poll(store, first)
    _live(store, first)
    before = _feeds(store)[0].next_poll_at
    failed = FetchFailed(second, FetchFailure.THROTTLED, "429")
    with store.batch(NOW) as batch:
        batch.look_up([second])
        batch.record_poll(failed, next_poll_at=NOW + HOUR)
    store.pushes.record_push(first.id, NOW + HOUR)
    assert _feeds(store)[0].next_poll_at == before, "its neighbour was told to slow down"
    store.feeds.sync([], first_poll_at=lambda host: NOW)
    store.pushes.record_push(first.id, NOW + HOUR)
    assert store.feeds.claim_due(NOW + HOUR, worker="w", lease=HOUR, limit=9) == []
    [(feed, push, is_polled)] = store.pushes.list_due(NOW, OURS)
    assert (feed.id, is_polled) == (first.id, False)
    assert push is not None
    assert push.pushes == 2


def test_a_document_that_names_another_hub_has_the_subscription_looked_at(store: Store) -> None:
    feed = _feeds(store)[0]
    _poll(store, feed)
    _live(store, feed)
    _poll(store, _feeds(store)[0], at=NOW + HOUR)
    assert store.pushes.list_due(NOW + HOUR, OURS) == []
    _poll(store, _feeds(store)[0], PublisherHints(), at=NOW + HOUR)
    [(after, _, _)] = store.pushes.list_due(NOW + HOUR, OURS)
    assert after.document_hints == PublisherHints()


def test_a_poll_judges_only_what_has_a_subscription(store: Store) -> None:
    feed = _feeds(store)[0]
    with store.batch(NOW) as batch:
        assert batch.judge_push(feed, 1) is None
        assert batch.judge_push(replace(feed, pushed_until=NOW + DAY), 1) is None, "it has just ended"
    _live(store, feed)
    with store.batch(NOW) as batch:
        push = batch.judge_push(_feeds(store)[0], 1)
    assert push is not None
    assert push.unannounced == 1

"""What a publisher's document asks of pollers is kept to when the next polls bring no document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service.domain import FeedSource, Fetched, NotModified, ParsedFeed, PublisherHints
from service.pipeline import Desk, Polling, Shift
from service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import FetchResult

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    store.feeds.sync([FeedSource("https://d.example/feed", "D", "D")], first_poll_at=lambda host: MONDAY)
    desk = Desk(match=lambda entry, feed: [], titles={}, channels={}, subscriptions=())
    yield Shift(store, desk, lambda: MONDAY, "w", HOUR)
    store.close()


async def _no_fetch(feed: object, now: object) -> FetchResult:
    raise AssertionError((feed, now))


def _wait_after(shift: Shift, hints: PublisherHints, *, is_modified: bool) -> timedelta:
    polling = Polling(shift, _no_fetch, lambda body, kind: ParsedFeed("D", (), hints=hints))
    feed = shift.store.feeds.list_all()[0]
    result = Fetched(feed, feed.source.url, b"", "one") if is_modified else NotModified(feed)
    polling.record_polls([result])
    return shift.store.feeds.list_all()[0].next_poll_at - MONDAY


def test_a_304_keeps_to_the_ttl_of_the_document(shift: Shift) -> None:
    asked = PublisherHints(ttl=timedelta(hours=5))
    assert _wait_after(shift, asked, is_modified=True) >= 5 * HOUR
    assert _wait_after(shift, PublisherHints(), is_modified=False) >= 5 * HOUR


def test_a_304_keeps_out_of_the_hours_the_document_names(shift: Shift) -> None:
    asked = PublisherHints(skip_hours=frozenset(range(12)))
    _wait_after(shift, asked, is_modified=True)
    assert _wait_after(shift, PublisherHints(), is_modified=False) >= 11 * HOUR


def test_without_hints_a_304_is_asked_again_sooner(shift: Shift) -> None:
    _wait_after(shift, PublisherHints(), is_modified=True)
    assert _wait_after(shift, PublisherHints(), is_modified=False) < 5 * HOUR

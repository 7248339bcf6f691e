"""What documents ask for holds over polls that bring none, and slow documents hold up nobody."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.domain import FeedSource, FeedStatus, Fetched, NotModified, ParsedFeed, PublisherHints
from service.notify import Roll
from service.parse import no_patience, parse_feed
from service.pipeline import Desk, Polling, Shift
from service.pipeline import polling as polling_module
from service.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import Feed, FetchResult
    from service.pipeline import Polled

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    store.feeds.sync([FeedSource("https://d.example/feed", "D", "D")], first_poll_at=lambda host: MONDAY)
    desk = Desk(match=lambda entry, feed: [], titles={}, roll=Roll({}))
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


# ------------------------------------------------------------------------------ documents that take long

ITEM = "<item><guid>a</guid><title>Puerto</title></item>"
PLAIN = f"<rss version='2.0'><channel><title>D</title>{ITEM}</channel></rss>".encode()
WITH_TYPE = b"<!DOCTYPE rss [<!ENTITY port 'puerto'>]>" + PLAIN
LARGE = PLAIN + b"<!--" + b"x" * 2**20 + b"-->"
MANY_SIGNS = PLAIN + b"<!--" + b"=" * 20_001 + b"-->"


def _polled_beside(shift: Shift, slow: bytes, read: object) -> list[tuple[str, bool]]:
    """Poll a slow document among three plain ones; gives who was stored, and whether it had been let go."""
    urls = [f"https://d{number}.example/feed" for number in range(4)]
    sources = [FeedSource(url, url, url) for url in urls]
    shift.store.feeds.sync(sources, first_poll_at=lambda host: MONDAY)
    let_go = threading.Event()
    order: list[tuple[str, bool]] = []

    async def fetch(feed: Feed, now: datetime) -> FetchResult:
        assert now == MONDAY
        await asyncio.sleep(0 if feed.source.url == urls[0] else 0.01)
        body = slow if feed.source.url == urls[0] else PLAIN
        return Fetched(feed, feed.source.url, body, f"hash of {feed.id}")

    def patient(body: bytes, kind: str) -> ParsedFeed:
        assert let_go.wait(20), "the plain ones never came"
        if isinstance(read, Exception):
            raise read
        return parse_feed(body, content_type=kind)

    def on_polled(polled: Polled) -> None:
        order.append((polled.feed.source.url, let_go.is_set()))
        if len(order) == len(urls) - 1:
            let_go.set()

    def at_once(body: bytes, kind: str) -> ParsedFeed:
        return parse_feed(body, content_type=kind, loose=no_patience)

    polling = Polling(shift, fetch, at_once, patient=patient)
    assert loop.run(polling.poll_due(on_polled)) == len(urls)
    return order


@pytest.mark.parametrize(
    "slow",
    [WITH_TYPE, LARGE, MANY_SIGNS, MANY_SIGNS.replace(b"=" * 20_001, b"<" * 20_001)],
    ids=["only feedparser reads it", "it is large", "it has many attributes", "it has many elements"],
)
def test_a_document_that_takes_long_holds_up_no_other_feed(shift: Shift, slow: bytes) -> None:
    order = _polled_beside(shift, slow, read=None)
    assert order[-1] == ("https://d0.example/feed", True)
    assert all(not waited for _, waited in order[:-1])
    feeds = shift.store.feeds.list_all()
    assert [feed.status for feed in feeds] == [FeedStatus.HEALTHY] * len(feeds)


def test_while_some_are_stored_the_next_ones_are_asked_already(shift: Shift) -> None:
    urls = [f"https://d{number}.example/feed" for number in range(4)]
    shift.store.feeds.sync([FeedSource(url, url, url) for url in urls], first_poll_at=lambda host: MONDAY)
    asked: list[str] = []
    were_asked = threading.Event()

    async def fetch(feed: Feed, now: datetime) -> FetchResult:
        assert now == MONDAY
        asked.append(feed.source.url)
        if len(asked) == len(urls):
            were_asked.set()
        return Fetched(feed, feed.source.url, PLAIN, f"hash of {feed.id}")

    def read(body: bytes, kind: str) -> ParsedFeed:
        assert were_asked.wait(20), "nobody was asked meanwhile"
        return parse_feed(body, content_type=kind)

    assert loop.run(Polling(shift, fetch, read, at_once=2).poll_due()) == len(urls)
    assert sorted(asked) == urls
    assert {feed.status for feed in shift.store.feeds.list_all()} == {FeedStatus.HEALTHY}


def test_the_next_feed_of_a_host_is_asked_once_the_last_is_stored_however_slow_another_host_is(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "LOOK_AGAIN_SECONDS", 60)
    urls = ["https://slow.example/feed", "https://d.example/1", "https://d.example/2"]
    shift.store.feeds.sync([FeedSource(url, url, url) for url in urls], first_poll_at=lambda host: MONDAY)
    both_came = asyncio.Event()
    asked: list[str] = []

    async def fetch(feed: Feed, now: datetime) -> FetchResult:
        assert now == MONDAY
        asked.append(feed.source.url)
        if len(asked) == len(urls):
            both_came.set()
        if feed.source.url == urls[0]:
            await both_came.wait()
        return Fetched(feed, feed.source.url, PLAIN, f"hash of {feed.id}")

    polling = Polling(shift, fetch, lambda body, kind: parse_feed(body, content_type=kind))
    assert loop.run(asyncio.wait_for(polling.poll_due(), 20)) == len(urls)


@pytest.mark.parametrize(("there", "looks"), [(1, 5), (15, 5), (16, 0), (40, 0)])
def test_a_few_answers_wait_a_moment_for_more_and_enough_of_them_do_not(
    there: int, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> tuple[int, int]:
        slept: list[float] = []
        real = asyncio.sleep

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await real(0)

        tasks = {asyncio.create_task(real(0)) for _ in range(there)} | {asyncio.create_task(real(60))}
        await real(0.01)
        with monkeypatch.context() as patched:
            patched.setattr(asyncio, "sleep", sleep)
            done = await polling_module._some_done(tasks)
        for task in tasks:
            task.cancel()
        return len(done), len(slept)

    assert loop.run(run()) == (there, looks)


def test_large_documents_for_which_there_is_no_room_are_left_for_their_next_poll(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "MOST_WAITING", 2 * len(WITH_TYPE))
    urls = [f"https://d{number}.example/feed" for number in range(4)]
    shift.store.feeds.sync([FeedSource(url, url, url) for url in urls], first_poll_at=lambda host: MONDAY)
    all_came = asyncio.Event()

    async def fetch(feed: Feed, now: datetime) -> FetchResult:
        assert now == MONDAY
        if feed.source.url == urls[-1]:
            all_came.set()
        await all_came.wait()
        return Fetched(feed, feed.source.url, WITH_TYPE, f"hash of {feed.id}")

    def at_once(body: bytes, kind: str) -> ParsedFeed:
        return parse_feed(body, content_type=kind, loose=no_patience)

    polling = Polling(shift, fetch, at_once, patient=lambda body, kind: parse_feed(body, content_type=kind))
    assert loop.run(polling.poll_due()) == len(urls)
    troubles = [feed.trouble for feed in shift.store.feeds.list_all()]
    assert [not trouble for trouble in troubles].count(True) == 2
    assert sum("Too many large documents came at once" in trouble for trouble in troubles) == 2


def test_a_fault_of_ours_in_reading_costs_that_poll_alone_and_is_said(
    shift: Shift, caplog: pytest.LogCaptureFixture
) -> None:
    _polled_beside(shift, WITH_TYPE, read=ZeroDivisionError("oh"))
    first, *others = shift.store.feeds.list_all()
    assert "could not read" in first.trouble
    assert "ZeroDivisionError" in first.trouble
    assert "https://d0.example/feed could not be read" in caplog.text
    assert {feed.status for feed in others} == {FeedStatus.HEALTHY}

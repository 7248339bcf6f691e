"""Faults of feeds that only several polls show: what is new stays new once, whatever a publisher does."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from service.domain import FeedSource, FeedStatus, Fetched, FetchFailed, FetchFailure
from service.notify import Roll
from service.parse import parse_feed
from service.pipeline import Desk, Polling, Shift
from service.schedule import CEILING
from service.store import Store
from service.store.tables import EntryRow
from tests.partners.feed_documents import HARBOUR, NEWS, STRIKE, Item, rss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.domain import Feed, FetchResult
    from service.pipeline import Polled

MONDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Reader:
    """Reads what a publisher serves, poll by poll, into a real store."""

    store: Store
    now: datetime = MONDAY

    def __post_init__(self) -> None:
        """Follow one feed, to be asked now."""
        source = FeedSource("https://harbour.example/feed", "Harbour news", "Harbour")
        self.store.feeds.sync([source], first_poll_at=lambda host: MONDAY)
        desk = Desk(match=lambda entry, feed: [], titles={}, roll=Roll({}))
        shift = Shift(self.store, desk, lambda: self.now, "reader", HOUR)
        self._polling = Polling(shift, _no_fetch, lambda body, kind: parse_feed(body, content_type=kind))

    @property
    def feed(self) -> Feed:
        """Give the feed as the store has it."""
        return self.store.feeds.list_all()[0]

    def poll(self, *items: Item, after: timedelta = HOUR, body: bytes = b"", etag: str = "") -> Polled:
        """Read a document of these items, or this one."""
        self.now += after
        served = body or rss(*items)
        digest = sha256(served).hexdigest()
        return self._record(Fetched(self.feed, self.feed.source.url, served, digest, etag=etag))

    def fail(self, reason: FetchFailure, after: timedelta = HOUR) -> Polled:
        """Have a poll fail."""
        self.now += after
        return self._record(FetchFailed(self.feed, reason, "It said no.", "Wait."))

    def _record(self, result: FetchResult) -> Polled:
        [polled] = self._polling.record_polls([result])
        return polled

    def titles(self) -> list[str]:
        """Give the headlines stored, in the order in which they came."""
        with self.store._database.read() as session:
            return [row.title for row in session.exec(select(EntryRow).order_by("id"))]


async def _no_fetch(feed: object, now: object) -> FetchResult:
    raise AssertionError((feed, now))


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it: copying one is faster than making one."""
    file = tmp_path_factory.mktemp("blank") / "avizor.db"
    Store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def reader(blank: Path, tmp_path: Path) -> Iterator[Reader]:
    store = Store(f"sqlite:///{shutil.copy(blank, tmp_path)}")
    yield Reader(store)
    store.close()


def test_f12_of_a_document_that_breaks_off_the_rest_is_asked_for_again(reader: Reader) -> None:
    whole = rss(*NEWS)
    assert reader.poll(HARBOUR, etag='"1"').new == 1
    assert reader.poll(body=whole[:-150], etag='"2"').new == 0
    assert reader.feed.etag == '"1"'  # with the new one, a 304 would hide the second item for good
    assert reader.poll(body=whole, etag='"2"').new == 1
    assert reader.feed.etag == '"2"'


def test_f26_a_server_that_says_503_for_three_days_is_asked_less_and_less_and_not_given_up(
    reader: Reader,
) -> None:
    reader.poll(HARBOUR, etag='"1"')
    waits = []
    while reader.now < MONDAY + 3 * DAY:
        reader.fail(FetchFailure.OVERLOADED, after=max(reader.feed.next_poll_at - reader.now, HOUR))
        waits.append(reader.feed.next_poll_at - reader.now)
    assert len(waits) < 12
    assert waits[-1] > waits[0]
    assert max(waits) <= CEILING * 1.1
    feed = reader.feed
    assert (feed.status, feed.etag, feed.trouble) == (FeedStatus.FAILING, '"1"', "It said no. Wait.")
    assert reader.poll(STRIKE).new == 1
    assert reader.feed.status is FeedStatus.HEALTHY


def test_f60_a_date_in_2099_is_not_the_newest_for_ever(reader: Reader) -> None:
    late = Item("2099", "Pier of the future", date="Fri, 01 May 2099 00:00:00 GMT")
    reader.poll(late, HARBOUR)
    assert reader.feed.next_poll_at - reader.now <= CEILING * 1.1
    assert reader.poll(late, HARBOUR, STRIKE).new == 1
    with reader.store._database.read() as session:
        rows = {row.title: row for row in session.exec(select(EntryRow))}
    assert rows[late.title].published_at == datetime(2099, 5, 1, tzinfo=UTC)
    assert rows[late.title].first_seen_at == MONDAY + HOUR
    assert reader.feed.last_entry_at == MONDAY + 2 * HOUR


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", ""])
def test_f61_an_item_of_1970_or_without_a_date_counts_from_when_it_was_seen(
    reader: Reader, date: str
) -> None:
    items = [Item(str(number), f"Pier {number}", date=date) for number in range(5)]
    assert reader.poll(*items).new == 5
    assert reader.poll(*items[::-1], STRIKE).new == 1
    assert reader.feed.next_poll_at - reader.now <= CEILING * 1.1


def test_f62_dates_that_change_at_each_fetch_make_nothing_new(reader: Reader) -> None:
    for hour in range(5):
        items = [replace(item, date=f"Mon, 02 Mar 2026 1{hour}:00:00 GMT") for item in NEWS]
        reader.poll(*items)
    assert reader.titles() == [item.title for item in NEWS]


def test_f65_a_guid_that_changes_at_each_fetch_makes_nothing_new(reader: Reader) -> None:
    for turn in range(5):
        reader.poll(*(replace(item, guid=f"{turn}-{item.guid}") for item in NEWS))
    assert reader.titles() == [item.title for item in NEWS]


def test_f67_tracking_parameters_that_change_make_nothing_new(reader: Reader) -> None:
    for turn in range(5):
        link = f"{HARBOUR.link}?utm_source=feed&utm_content={turn}&fbclid={turn}"
        reader.poll(replace(HARBOUR, guid="", link=link), replace(STRIKE, guid="", link=f"{link}&id=7"))
    assert reader.titles() == [item.title for item in NEWS]


def test_f69_spaces_and_unicode_forms_of_a_guid_make_nothing_new_but_its_case_does(reader: Reader) -> None:
    for number, guid in enumerate(("caf\u00e9-1", "  cafe\u0301-1\n", "caf\u00e9-1 ")):
        assert reader.poll(Item(guid, "Pier", f"https://harbour.example/{number}")).new == (number == 0)
    assert reader.poll(Item("CAF\u00c9-1", "Crane", "https://harbour.example/crane")).new == 1


def test_f70_oldest_first_or_newest_first_is_the_same_feed(reader: Reader) -> None:
    items = [Item(str(number), f"Pier {number}") for number in range(40)]
    assert [reader.poll(*order).new for order in (items, items[::-1], items)] == [40, 0, 0]


def test_f71_an_entry_that_comes_back_after_a_month_is_not_new(reader: Reader) -> None:
    reader.poll(HARBOUR, STRIKE)
    assert reader.poll(STRIKE, after=DAY).new == 0
    assert reader.poll(HARBOUR, STRIKE, after=31 * DAY).new == 0


def test_f72_of_a_feed_that_begins_with_500_entries_all_are_its_baseline(reader: Reader) -> None:
    items = [Item(str(number), f"Pier {number}", date=HARBOUR.date) for number in range(500)]
    assert reader.poll(*items).new == 500
    assert reader.poll(*items, STRIKE).new == 1
    with reader.store._database.read() as session:
        rows = session.exec(select(EntryRow)).all()
    assert sum(row.from_baseline for row in rows) == 500

"""The store keeps its promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, StatementError

from service.domain import (
    Cadence,
    ChangeKind,
    Channel,
    ChannelKind,
    DeliveryState,
    EventChange,
    Evidence,
    Feed,
    FeedAccess,
    FeedSource,
    FeedStatus,
    Fetched,
    FetchFailed,
    FetchFailure,
    HeldReason,
    JoinReason,
    Match,
    Notification,
    NotifyReason,
    NotModified,
    ParsedEntry,
    PlannedDelivery,
    PublisherHints,
    SendOutcome,
    SendResult,
    Subscription,
    TextField,
)
from service.errors import NotFound, SettingsError, StoreLocked, StoreTooNew, StoreUnreachable
from service.schedule import HOST_PAUSE
from service.store import Avoid, RenderedDelivery, Store
from service.store.bulk import write_rows
from service.store.engine import Database
from service.store.tables import ENTRY
from service.store.utc import UtcDateTime
from tests.partners.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Dialect

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # the library is untyped here
SENT = SendResult(SendOutcome.SENT, "data", 250, "queued as 1")
LATER = SendResult(SendOutcome.TEMPORARY, "rcpt", 450, "mailbox busy")


@pytest.fixture
def store(emptied_store: Store) -> Store:
    return emptied_store


def _source(name: str = "puerto", host: str = "diario.example") -> FeedSource:
    return FeedSource(
        f"https://{host}/{name}.xml", name, "Diario", country="PE", language="es", packs=("peru",)
    )


def _add_feeds(store: Store, *sources: FeedSource) -> list[Feed]:
    store.feeds.sync(sources, first_poll_at=lambda host: NOW)
    return store.feeds.list_by_url([source.url for source in sources])


def _parsed(key: str, title: str = "", url: str = "", at: datetime | None = NOW) -> ParsedEntry:
    return ParsedEntry(key, url or f"https://diario.example/{key}", title or f"Titular {key}", "Bajada.", at)


def _fetched(feed: Feed, etag: str = '"a"') -> Fetched:
    return Fetched(feed, feed.source.url, b"x", "hash", etag=etag, last_modified="Sun")


def _claim(store: Store, now: datetime = NOW, worker: str = "w", limit: int = 9) -> list[Feed]:
    return store.feeds.claim_due(now, worker=worker, lease=LEASE, limit=limit)


def _planned(key: str = "d1", *, held: HeldReason | None = None, event_id: str = "e1") -> PlannedDelivery:
    return PlannedDelivery(
        id=key,
        subscription_id="desk",
        channel_id="desk",
        target="ana@example.org",
        reason=NotifyReason.NEW_EVENT,
        event_id=event_id,
        watchlist_id="port",
        entry_id=1,
        due_at=NOW,
        cadence=Cadence.DIGEST if held else Cadence.IMMEDIATE,
        held=held,
    )


def _rendered(planned: PlannedDelivery) -> RenderedDelivery:
    return RenderedDelivery(
        planned, Notification("Subject", "Text", "<p>Text</p>"), f"<{planned.id}@example.org>"
    )


def _save(store: Store, *planned: PlannedDelivery) -> None:
    with store.batch(NOW) as batch:
        batch.save_deliveries(_rendered(one) for one in planned)


def _open_event(store: Store, feed: Feed, key: str = "1", *, held: HeldReason | None = None) -> EventChange:
    with store.batch(NOW) as batch:
        entry = batch.keep_unseen(feed, [_parsed(key, f"El puerto {key}")]).new[0]
        evidence = (Evidence("puerto", TextField.TITLE, 3, 9, 4),)
        change = EventChange(Match(entry, "port", "v1", evidence), f"e{key}", ChangeKind.OPENED, held=held)
        batch.events.save_changes([change])
    return change


# ------------------------------------------------------------------------------------------ feeds


def test_feeds_are_added_updated_and_set_aside_without_forgetting(store: Store) -> None:
    first, second = _source("a"), _source("b")
    assert store.feeds.sync([first, second], first_poll_at=lambda host: NOW) == (2, 0)
    assert store.feeds.sync([first], first_poll_at=lambda host: NOW) == (0, 1)
    assert [feed.source for feed in store.feeds.list_all()] == [first]
    assert store.feeds.sync([first, second], first_poll_at=lambda host: NOW) == (0, 0)
    assert len(store.feeds.list_all()) == 2


def test_a_feed_keeps_every_fact_of_its_pack(store: Store) -> None:
    source = FeedSource(
        "https://a.example/f", "Política", "Ñandú", "PY", "es", owner="Grupo", every=timedelta(minutes=15)
    )
    assert _add_feeds(store, source)[0].source == source


def test_only_due_feeds_are_claimed_and_one_of_each_host(store: Store) -> None:
    _add_feeds(store, _source("a"), _source("b"), _source("c", "other.example"))
    assert _claim(store, NOW - timedelta(seconds=1)) == []
    assert {feed.source.title for feed in _claim(store)} == {"a", "c"}
    assert _claim(store, worker="second") == []


def test_a_host_is_asked_by_one_worker_and_after_a_pause_by_another(store: Store) -> None:
    first, second = _add_feeds(store, _source("a"), _source("b"))
    assert [feed.id for feed in _claim(store, worker="one")] == [first.id]
    assert _claim(store, worker="two") == []
    with store.batch(NOW) as batch:
        batch.record_poll(_fetched(first), next_poll_at=NOW + LEASE)
    assert _claim(store, worker="two") == [], "the pause between two requests holds for all workers"
    assert [feed.id for feed in _claim(store, worker="one")] == [second.id], "who asked last keeps it itself"
    with store.batch(NOW) as batch:
        batch.record_poll(_fetched(second), next_poll_at=NOW)
    assert [feed.id for feed in _claim(store, NOW + HOST_PAUSE, worker="two")] == [second.id]


def test_a_feed_that_moves_to_a_host_leaves_the_lease_of_that_host_alone(store: Store) -> None:
    here, there = _add_feeds(store, _source("a"), _source("b", "other.example"))
    assert [feed.id for feed in _claim(store, worker="one", limit=1)] == [here.id]
    assert [feed.id for feed in _claim(store, worker="two", limit=1)] == [there.id]
    moved = replace(_fetched(here), moved_to="https://other.example/a.xml")
    with store.batch(NOW) as batch:
        batch.record_poll(moved, next_poll_at=NOW)
    assert _claim(store, NOW + HOST_PAUSE, worker="one") == [], "the other worker is still asking there"
    assert len(_claim(store, NOW + LEASE, worker="one")) == 1


def test_workers_that_claim_at_one_moment_share_the_hosts_and_take_none_twice(store: Store) -> None:
    _add_feeds(store, *(_source("x", f"h{number}.example") for number in range(40)))
    claimed: list[int] = []

    def work(name: str) -> None:
        while feeds := _claim(store, worker=name, limit=3):
            claimed.extend(feed.id for feed in feeds)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, "abcd"))
    while feeds := _claim(store, worker="last", limit=9):  # rows that another one was leasing are passed over
        claimed.extend(feed.id for feed in feeds)
    assert len(claimed) == len(set(claimed)) == 40


@pytest.mark.slow
def test_one_host_with_very_many_due_feeds_starves_no_other(store: Store) -> None:
    _add_feeds(store, *(_source(f"n{number}") for number in range(1_200)), _source("x", "other.example"))
    assert {feed.source.title for feed in _claim(store)} == {"n0", "x"}


def test_a_lease_that_ran_out_is_claimed_again(store: Store) -> None:
    _add_feeds(store, _source())
    assert len(_claim(store)) == 1
    assert len(_claim(store, NOW + LEASE, worker="second")) == 1


def test_feeds_polled_before_the_clock_was_set_back_are_polled_now(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    future = NOW + timedelta(days=365)
    with store.batch(future) as batch:
        batch.record_poll(_fetched(feed), next_poll_at=future + LEASE)
    assert len(_claim(store)) == 1


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(store: Store) -> None:
    _add_feeds(store, _source())
    _claim(store, NOW + timedelta(days=365))
    assert len(_claim(store)) == 1


def test_a_host_that_another_process_asked_a_moment_ago_is_left_alone_by_one_that_looked_earlier(
    store: Store,
) -> None:
    feed = _add_feeds(store, _source())[0]
    later = NOW + timedelta(seconds=1)  # the other one looked at its clock a second after this one did
    _claim(store, later)
    assert _claim(store, worker="second") == []
    with store.batch(later) as batch:
        batch.record_poll(_fetched(feed), next_poll_at=later + timedelta(hours=1))
    assert _claim(store, worker="second") == []


def test_feed_files_and_feeds_of_the_network_leave_each_other_alone(store: Store) -> None:
    web, file = _source("web"), FeedSource("file:///tmp/x.xml", "x", "x")
    _add_feeds(store, web)
    store.feeds.sync([file], first_poll_at=lambda host: NOW, local=True)
    store.feeds.make_local_due(NOW)
    local = store.feeds.claim_due(NOW, worker="w", lease=LEASE, limit=9, local=True)
    assert [feed.source.url for feed in local] == [file.url]
    assert [feed.source.url for feed in _claim(store)] == [web.url]
    store.feeds.sync([], first_poll_at=lambda host: NOW, local=True)
    assert [feed.source.url for feed in store.feeds.list_all()] == [web.url]


def test_leases_are_given_back_by_a_process_that_knows_it_is_alone(store: Store) -> None:
    _add_feeds(store, _source())
    _claim(store)
    store.feeds.release_leases()
    assert len(_claim(store)) == 1


def test_no_more_feeds_are_claimed_than_asked_for(store: Store) -> None:
    _add_feeds(store, *(_source("x", f"h{number}.example") for number in range(5)))
    assert len(_claim(store, limit=3)) == 3
    assert store.feeds.count_due(NOW) == 5


def test_a_good_poll_stores_validators_ends_the_lease_and_sets_the_baseline(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    _claim(store)
    with store.batch(NOW) as batch:
        batch.record_poll(_fetched(feed), next_poll_at=NOW + LEASE, new_entries=2)
    feed = store.feeds.list_all()[0]
    assert (feed.etag, feed.last_modified, feed.body_hash) == ('"a"', "Sun", "hash")
    assert feed.validators_url == feed.source.url
    assert (feed.status, feed.baseline_at, feed.last_entry_at) == (FeedStatus.HEALTHY, NOW, NOW)
    assert feed.next_poll_at == NOW + LEASE
    assert len(_claim(store, NOW + LEASE)) == 1


def test_a_304_merges_validators_and_loses_none(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.record_poll(_fetched(feed), next_poll_at=NOW)
        batch.record_poll(NotModified(feed, etag='"b"'), next_poll_at=NOW)
    feed = store.feeds.list_all()[0]
    assert (feed.etag, feed.last_modified, feed.quiet_polls) == ('"b"', "Sun", 2)


def test_an_error_leaves_validators_alone_and_says_why(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.record_poll(_fetched(feed), next_poll_at=NOW)
        batch.record_poll(FetchFailed(feed, FetchFailure.FORBIDDEN, "403", "Log in."), next_poll_at=NOW)
    feed = store.feeds.list_all()[0]
    assert (feed.etag, feed.failures, feed.status) == ('"a"', 1, FeedStatus.FAILING)
    assert feed.trouble == "403. Log in."


def test_f24_a_feed_that_is_gone_is_shown_as_gone(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.record_poll(FetchFailed(feed, FetchFailure.GONE, "410"), next_poll_at=NOW)
    assert store.feeds.list_all()[0].status is FeedStatus.GONE
    assert store.counts.count_feeds() == {"gone": 1}


def test_a_feed_that_was_gone_is_asked_once_more_when_it_comes_back_into_a_pack(store: Store) -> None:
    gone, other = _source(), _source("other", "other.example")
    feed = _add_feeds(store, gone, other)[0]
    with store.batch(NOW) as batch:
        batch.record_poll(FetchFailed(feed, FetchFailure.GONE, "410"), next_poll_at=NOW + 999 * LEASE)
    _add_feeds(store, gone, other)
    assert [one.source.title for one in _claim(store)] == ["other"]
    _add_feeds(store, other)
    _add_feeds(store, gone, other)
    assert [one.source.title for one in _claim(store, NOW + LEASE)] == ["puerto", "other"]


def test_a_failing_feed_is_asked_again_when_its_pack_says_something_else_to_see(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.record_poll(FetchFailed(feed, FetchFailure.FORBIDDEN, "403"), next_poll_at=NOW + 999 * LEASE)
    assert _claim(store) == []
    [mended] = _add_feeds(store, replace(_source(), access=FeedAccess(cookie="${DIARIO}")))
    assert mended.source.access.cookie == "${DIARIO}"
    assert len(_claim(store, NOW + LEASE)) == 1


def test_a_move_that_fails_is_taken_back_at_once_and_a_proven_one_after_three_failures(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    moved = replace(_fetched(feed), moved_to="https://new.example/f")
    lost = FetchFailed(replace(feed, moved_to=moved.moved_to), FetchFailure.GONE, "410")
    busy = replace(lost, reason=FetchFailure.OVERLOADED)
    for visits, failures in ((1, [busy, lost]), (3, [lost, lost, lost])):
        with store.batch(NOW) as batch:
            for _ in range(visits):
                batch.record_poll(moved, next_poll_at=NOW)
        for failure in failures:
            assert store.feeds.list_all()[0].moved_to == moved.moved_to
            with store.batch(NOW) as batch:
                batch.record_poll(failure, next_poll_at=NOW)
        assert store.feeds.list_all()[0].moved_to == ""
        assert store.feeds.list_all()[0].status is FeedStatus.FAILING


def test_feeds_that_all_move_to_one_address_stay_where_they_are(store: Store) -> None:
    feeds = _add_feeds(store, _source("a"), _source("b"), _source("c", "new.example"))
    with store.batch(NOW) as batch:
        for feed in feeds[:2]:
            batch.record_poll(replace(_fetched(feed), moved_to="https://x.example/error"), next_poll_at=NOW)
        to_another = replace(_fetched(feeds[0]), moved_to=feeds[2].source.url)
        batch.record_poll(to_another, next_poll_at=NOW)
    moved = {feed.source.title: feed.moved_to for feed in store.feeds.list_all()}
    assert moved == {"a": "https://x.example/error", "b": "", "c": ""}


def test_services_that_limit_over_all_their_hosts_count_as_one(store: Store) -> None:
    hosts = ("a.substack.com", "b.substack.com", "a.example", "b.example")
    _add_feeds(store, *(_source("f", host) for host in hosts))
    assert len(_claim(store)) == 3


# ---------------------------------------------------------------------------------------- entries


def test_f70_an_entry_is_new_once_whatever_the_order(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    entries = [_parsed(str(number)) for number in range(600)]
    with store.batch(NOW) as batch:
        assert len(batch.keep_unseen(feed, entries).new) == 600
    with store.batch(NOW) as batch:
        again = batch.keep_unseen(feed, entries[::-1])
        assert (again.new, again.edited) == ((), ())


def test_f65_a_changed_guid_is_the_same_entry_by_its_address(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("old", url="https://diario.example/nota?utm_source=rss")])
    for key in ("new", "newer"):
        with store.batch(NOW) as batch:
            assert batch.keep_unseen(feed, [_parsed(key, url="https://diario.example/nota")]).new == ()


def test_a_changed_guid_and_address_is_the_same_entry_by_headline_and_date(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("old", "Cierra el puerto")])
    with store.batch(NOW) as batch:
        assert batch.keep_unseen(feed, [_parsed("new", "Cierra el puerto")]).new == ()
    with store.batch(NOW) as batch:
        later = _parsed("newer", "Cierra el puerto", at=NOW + LEASE)
        undated = _parsed("newest", "Cierra el puerto", at=None)
        assert len(batch.keep_unseen(feed, [later, undated]).new) == 2


def test_entries_that_share_one_address_are_kept_apart(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    front = "https://diario.example/"
    with store.batch(NOW) as batch:
        assert len(batch.keep_unseen(feed, [_parsed("1", "Uno", front), _parsed("2", "Dos", front)]).new) == 2
    with store.batch(NOW) as batch:
        more = [_parsed("2", "Dos", front), _parsed("3", "Tres", front), _parsed("4", "Cuatro", front)]
        assert len(batch.keep_unseen(feed, more).new) == 2


def test_another_headline_at_another_time_under_one_address_is_another_entry(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    live = "https://diario.example/en-vivo"
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("g1", "Huelga de estibadores", live)])
    with store.batch(NOW + LEASE) as batch:
        news = _parsed("g2", "Explosión en el muelle", live, NOW + LEASE)
        assert [entry.title for entry in batch.keep_unseen(feed, [news]).new] == ["Explosión en el muelle"]


def test_two_new_keys_never_take_one_stored_entry(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("old", "Cierra el puerto", "https://diario.example/a")])
    with store.batch(NOW) as batch:
        twins = [
            _parsed("x", "Cierra el puerto", "https://diario.example/b"),
            _parsed("y", "Cierra el puerto", "https://diario.example/c"),
        ]
        assert len(batch.keep_unseen(feed, twins).new) == 1


def test_an_edited_headline_is_noted_and_is_no_new_entry(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("1", "Cierra el puerto")])
    with store.batch(NOW) as batch:
        unseen = batch.keep_unseen(feed, [_parsed("1", "Reabre el puerto")])
    assert unseen.new == ()
    assert [entry.title for entry in unseen.edited] == ["Reabre el puerto"]
    assert store.reading.get_entry(unseen.edited[0].id).title == "Reabre el puerto"


def test_rows_handed_to_the_driver_are_those_the_library_inserts(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, [_parsed("1", "Año 100 % — 'puerto' :x"), _parsed("2", at=None)])
    with store._database.write() as session:
        connection = session.connection()
        rows = [dict(row._mapping) for row in connection.execute(select(ENTRY).order_by(ENTRY.c.id))]
        connection.execute(ENTRY.delete())
        connection.execute(insert(ENTRY), rows)
        as_the_library = connection.exec_driver_sql("SELECT * FROM entry ORDER BY id").all()
        connection.execute(ENTRY.delete())
        write_rows(connection, insert(ENTRY), rows)
        assert connection.exec_driver_sql("SELECT * FROM entry ORDER BY id").all() == as_the_library
    naive = {**rows[0], "id": 9, "published_at": datetime(2026, 1, 1)}  # noqa: DTZ001 -- it is to be refused
    with pytest.raises(ValueError, match="without a zone"), store._database.write() as session:
        write_rows(session.connection(), insert(ENTRY), [naive])


def test_a_feed_that_has_entries_and_no_baseline_is_looked_through(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    for count in (2, 0):
        with store.batch(NOW) as batch:
            batch.look_up([feed])
            assert len(batch.keep_unseen(feed, [_parsed("1"), _parsed("2")]).new) == count
            assert batch.keep_unseen(feed, [_parsed("2"), _parsed("1")]).new == ()


def _known_feed(store: Store, *entries: ParsedEntry) -> Feed:
    """Give a feed that has been polled before, and held these entries then."""
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, entries)
        batch.record_poll(_fetched(feed), next_poll_at=NOW)
    return store.feeds.list_all()[0]


def test_f62_a_feed_whose_every_key_and_date_is_new_at_once_is_recognised_by_address_or_headline(
    store: Store,
) -> None:
    feed = _known_feed(store, *(_parsed(f"old-{number}") for number in range(8)))
    by_address = [
        _parsed(f"new-{number}", f"Otro titular {number}", f"https://diario.example/old-{number}", at=None)
        for number in range(3)
    ]
    by_headline = [
        _parsed(f"new-{number}", f"Titular old-{number}", at=NOW + LEASE) for number in range(3, 6)
    ]
    news = [_parsed(f"news-{number}") for number in range(2)]
    with store.batch(NOW) as batch:
        unseen = batch.keep_unseen(feed, [*by_address, *by_headline, *news])
    assert [entry.title for entry in unseen.new] == ["Titular news-0", "Titular news-1"]
    assert len(unseen.edited) == 3


@pytest.mark.parametrize("count", [3, 6])
def test_a_headline_that_comes_again_is_news_unless_all_of_the_feed_looks_so(
    store: Store, count: int
) -> None:
    feed = _known_feed(store, _parsed("1", "El tiempo hoy"), _parsed("2", "Editorial"))
    again = [_parsed("8", "El tiempo hoy", at=NOW + LEASE), _parsed("9", "Editorial", at=NOW + LEASE)]
    news = [_parsed(f"n{number}") for number in range(count - 2)]
    with store.batch(NOW) as batch:
        assert len(batch.keep_unseen(feed, [*again, *news]).new) == count


def test_f66_an_edited_headline_is_kept_beside_the_new_one(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    _open_event(store, feed)
    for title in (
        "El puerto, otra vez",
        "El puerto 1",
        "El puerto al fin",
        "El puerto, otra vez",
        "El puerto 1",
    ):
        with store.batch(NOW) as batch:
            [edited] = batch.keep_unseen(feed, [_parsed("1", title)]).edited
    report = store.reading.get_event("e1").reports[0]
    assert report.entry.title == edited.title == "El puerto 1"
    assert report.earlier == ("El puerto 1", "El puerto, otra vez", "El puerto al fin")


@pytest.mark.slow
def test_of_an_entry_that_is_edited_without_end_the_first_headlines_are_kept(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    _open_event(store, feed)
    for number in range(30):
        with store.batch(NOW) as batch:
            batch.keep_unseen(feed, [_parsed("1", f"Vuelta {number}")])
    assert len(store.reading.get_event("e1").reports[0].earlier) == 20


def test_f64_the_same_guid_in_two_feeds_is_two_entries(store: Store) -> None:
    one, two = _add_feeds(store, _source("a"), _source("b"))
    with store.batch(NOW) as batch:
        assert len(batch.keep_unseen(one, [_parsed("1")]).new) == 1
        assert len(batch.keep_unseen(two, [_parsed("1")]).new) == 1


def test_entries_of_the_first_good_poll_are_the_baseline(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    with store.batch(NOW) as batch:
        assert batch.keep_unseen(feed, [_parsed("1")]).new[0].from_baseline
        batch.record_poll(_fetched(feed), next_poll_at=NOW)
    feed = store.feeds.list_all()[0]
    with store.batch(NOW) as batch:
        assert not batch.keep_unseen(feed, [_parsed("2")]).new[0].from_baseline


def test_a_batch_that_fails_leaves_nothing_behind(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]

    def fail_half_way() -> None:
        with store.batch(NOW) as batch:
            batch.keep_unseen(feed, [_parsed("1")])
            batch.record_poll(_fetched(feed), next_poll_at=NOW)
            batch.save_deliveries([_rendered(_planned())])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert store.feeds.list_all()[0].etag == ""
    assert store.reading.list_deliveries() == []
    assert store.counts.count_since(NOW - LEASE).entries == 0


# ----------------------------------------------------------------------------------------- events


def test_an_event_shows_its_reports_with_evidence_and_what_was_told(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    change = _open_event(store, feed)
    _save(store, _planned())
    with store.batch(NOW + LEASE) as batch:
        entry = batch.keep_unseen(feed, [_parsed("2", "Otra vez el puerto", at=NOW + LEASE)]).new[0]
        joined = EventChange(Match(entry, "port", "v1", ()), "e1", ChangeKind.JOINED, JoinReason.SHARED_WORDS)
        batch.events.save_changes([joined])
        carried = batch.events.carried(["e1"])["e1"]
        assert [one.entry.id for one in carried] == [change.match.entry.id, entry.id]
        assert batch.events.watchlists_matched([entry]) == {(entry.id, "port")}
    view = store.reading.get_event("e1")
    assert (view.event.reports, view.event.last_report_at) == (2, NOW + LEASE)
    assert view.reports[0].evidence == change.match.evidence
    assert view.reports[1].join_reason is JoinReason.SHARED_WORDS
    assert view.outlets == ("Diario",)
    assert [delivery.id for delivery in view.deliveries] == ["d1"]
    assert store.reading.list_events(watchlist_id="port") == [view]
    assert store.reading.list_events(watchlist_id="other") == []


def test_what_is_not_there_is_said_by_name(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no event e9"):
        store.reading.get_event("e9")
    with pytest.raises(NotFound, match="there is no entry 987654"):
        store.reading.get_entry(987654)


def test_watchlists_are_listed_with_their_counts(store: Store) -> None:
    store.sync_watchlists([("port", "Port", "About", "v1"), ("vote", "Vote", "", "v1")], now=NOW)
    _open_event(store, _add_feeds(store, _source())[0])
    store.sync_watchlists([("port", "The Port", "About", "v2")], now=NOW)
    listed = store.reading.list_watchlists()
    assert [(one.id, one.title, one.events, one.matches) for one in listed] == [("port", "The Port", 1, 1)]


def test_totals_count_what_is_in_the_window(store: Store) -> None:
    _open_event(store, _add_feeds(store, _source())[0])
    totals = store.counts.count_since(NOW)
    assert (totals.entries, totals.matches, totals.feeds, totals.feeds_in_trouble) == (1, 1, 1, 0)
    assert store.counts.count_since(NOW + LEASE).entries == 0


# ------------------------------------------------------------------------------------- deliveries


def test_a_delivery_is_claimed_by_one_worker_and_recorded(store: Store) -> None:
    _save(store, _planned())
    assert store.counts.oldest_due_at() == NOW
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    assert (claimed.attempts, claimed.state) == (1, DeliveryState.CLAIMED)
    assert store.deliveries.claim_due(NOW, worker="b", lease=LEASE, limit=5) == []
    assert store.deliveries.mark_sending(claimed, worker="a", now=NOW)
    state = store.deliveries.record(claimed, SENT, worker="a", now=NOW, retry_at=NOW)
    assert state is DeliveryState.DELIVERED
    [stored] = store.reading.list_deliveries(states=[DeliveryState.DELIVERED], event_id="e1")
    assert (stored.delivered_at, stored.words) == (NOW, "queued as 1")
    [attempt] = store.reading.list_attempts("d1")
    assert (attempt.outcome, attempt.phase, attempt.code) == ("sent", "data", 250)
    assert store.counts.oldest_due_at() is None
    assert store.counts.count_deliveries() == {"delivered": 1}


def test_the_same_delivery_is_planned_once(store: Store) -> None:
    _save(store, _planned())
    with store.batch(NOW) as batch:
        again, other = _planned(), _planned("d2", event_id="e2")
        assert [one.id for one in batch.told.untold([again, other])] == ["d2"]


def test_a_temporary_refusal_waits_for_its_time_and_a_permanent_one_ends(store: Store) -> None:
    _save(store, _planned("d1"), _planned("d2"))
    one, two = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    later = NOW + LEASE
    assert store.deliveries.record(one, LATER, worker="a", now=NOW, retry_at=later) is DeliveryState.PENDING
    never = SendResult(SendOutcome.PERMANENT, "rcpt", 550, "no such user")
    assert store.deliveries.record(two, never, worker="a", now=NOW, retry_at=later) is DeliveryState.FAILED
    assert store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5) == []
    assert [
        delivery.id for delivery in store.deliveries.claim_due(later, worker="a", lease=LEASE, limit=5)
    ] == ["d1"]


def test_a_delivery_that_may_not_be_retried_any_more_expires(store: Store) -> None:
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    state = store.deliveries.record(claimed, LATER, worker="a", now=NOW, retry_at=None)
    assert state is DeliveryState.EXPIRED


def test_a_worker_that_overslept_its_lease_may_not_hand_over(store: Store) -> None:
    _save(store, _planned())
    [slow] = store.deliveries.claim_due(NOW, worker="slow", lease=LEASE, limit=5)
    late = NOW + LEASE
    assert not store.deliveries.mark_sending(slow, worker="slow", now=late)
    [quick] = store.deliveries.claim_due(late, worker="quick", lease=LEASE, limit=5)
    assert quick.attempts == 2
    assert (
        store.deliveries.record(slow, LATER, worker="slow", now=late, retry_at=late) is DeliveryState.CLAIMED
    )
    assert (
        store.deliveries.record(quick, SENT, worker="quick", now=late, retry_at=late)
        is DeliveryState.DELIVERED
    )


def test_what_is_being_handed_over_is_leased_from_that_moment_on(store: Store) -> None:
    _save(store, _planned())
    [slow] = store.deliveries.claim_due(NOW, worker="slow", lease=LEASE, limit=5)
    at = NOW + LEASE - timedelta(seconds=1)
    assert store.deliveries.mark_sending(slow, worker="slow", now=at, lease=LEASE)
    assert store.deliveries.claim_due(NOW + LEASE, worker="quick", lease=LEASE, limit=5) == []
    [again] = store.deliveries.claim_due(at + LEASE, worker="quick", lease=LEASE, limit=5)
    assert again.id == slow.id


def test_a_process_that_died_while_handing_over_is_remembered(store: Store) -> None:
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="dead", lease=LEASE, limit=5)
    store.deliveries.mark_sending(claimed, worker="dead", now=NOW)
    assert store.deliveries.release_leases() == 1
    [again] = store.deliveries.claim_due(NOW, worker="next", lease=LEASE, limit=5)
    assert (again.attempts, again.message_id) == (2, claimed.message_id)
    assert "being handed over" in again.words


def test_a_digest_covers_what_was_held_for_its_hour(store: Store) -> None:
    _save(
        store, _planned("h1", held=HeldReason.DIGEST), _planned("h2", held=HeldReason.DIGEST, event_id="e2")
    )
    assert store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5) == []
    assert store.held.list_due_held(NOW - LEASE) == []
    [due] = store.held.list_due_held(NOW)
    assert {delivery.id for delivery in due.deliveries} == {"h1", "h2"}
    digest = _rendered(_planned("digest", event_id=""))
    for _ in range(2):
        store.held.save_digest(digest, due.deliveries, now=NOW)
    assert store.held.list_due_held(NOW) == []
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    store.deliveries.record(claimed, SENT, worker="a", now=NOW, retry_at=NOW)
    covered = store.reading.list_deliveries(states=[DeliveryState.COVERED])
    assert [one.delivered_at for one in covered] == [NOW, NOW]


def test_what_a_digest_covers_ends_as_the_digest_ends(store: Store) -> None:
    _subscribe(store)
    _open_event(store, _add_feeds(store, _source())[0])
    _save(store, _planned("h1", held=HeldReason.DIGEST))
    [due] = store.held.list_due_held(NOW)
    store.held.save_digest(_rendered(_planned("digest", event_id="")), due.deliveries, now=NOW)
    assert (store.audit.run().delivered, store.audit.run().waiting) == (0, 2)
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    never = SendResult(SendOutcome.PERMANENT, "rcpt", 550, "no such user")
    store.deliveries.record(claimed, never, worker="a", now=NOW, retry_at=NOW)
    failed = store.reading.list_deliveries(states=[DeliveryState.FAILED])
    assert {(one.id, one.words) for one in failed} == {("digest", "no such user"), ("h1", "no such user")}
    assert (store.audit.run().delivered, store.audit.run().failed) == (0, 2)


def test_a_digest_of_what_is_held_no_longer_is_not_stored(store: Store) -> None:
    _save(
        store, _planned("h1", held=HeldReason.DIGEST), _planned("h2", held=HeldReason.DIGEST, event_id="e2")
    )
    [due] = store.held.list_due_held(NOW)
    store.held.save_digest(_rendered(_planned("one", event_id="")), due.deliveries[:1], now=NOW)
    store.held.save_digest(_rendered(_planned("both", event_id="")), due.deliveries, now=NOW)
    assert [one.id for one in store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)] == ["one"]


@pytest.mark.promise("P9", size="1 alert")
def test_deliveries_stored_before_the_clock_was_set_back_are_sent_now(store: Store) -> None:
    _save(store, _planned())
    past = NOW - timedelta(days=365)
    [claimed] = store.deliveries.claim_due(past, worker="a", lease=LEASE, limit=5)
    assert store.deliveries.claim_due(past, worker="b", lease=LEASE, limit=5) == []
    further = past - timedelta(days=365)
    assert len(store.deliveries.claim_due(further, worker="b", lease=LEASE, limit=5)) == 1
    assert claimed.id == "d1"


@pytest.mark.promise("P6", size="1 alert, claimed and handed over by one process")
def test_what_another_process_took_a_moment_later_is_not_taken_over_by_one_that_looked_earlier(
    store: Store,
) -> None:
    _save(store, _planned())
    later = NOW + timedelta(seconds=1)  # the other one looked at its clock a second after this one did
    [claimed] = store.deliveries.claim_due(later, worker="a", lease=LEASE, limit=5)
    assert store.deliveries.claim_due(NOW, worker="b", lease=LEASE, limit=5) == []
    assert store.deliveries.mark_sending(claimed, worker="a", now=later, lease=LEASE)
    assert store.deliveries.claim_due(NOW, worker="b", lease=LEASE, limit=5) == []


def test_what_another_process_puts_off_a_moment_later_is_not_sent_early(store: Store) -> None:
    later = NOW + timedelta(seconds=1)
    with store.batch(later) as batch:
        batch.save_deliveries([_rendered(replace(_planned(), due_at=later + LEASE))])
    assert store.deliveries.claim_due(NOW, worker="b", lease=LEASE, limit=5) == []


@pytest.mark.promise("P9", size="1 alert")
def test_what_its_own_process_is_sending_is_not_claimed_again_whatever_the_clock_says(store: Store) -> None:
    _save(store, _planned())
    store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    late = NOW + 2 * LEASE
    assert store.deliveries.claim_due(late, worker="a", lease=LEASE, limit=5, avoid=Avoid(ids=("d1",))) == []


@pytest.mark.parametrize("is_ending", [False, True])
def test_an_outcome_is_stored_though_the_database_is_busy_for_a_while(store: Store, is_ending: bool) -> None:
    if is_ending:  # it would be sent again by the next process
        store.deliveries.end()
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    real, faults = store.deliveries._together.write, [OperationalError("", None, Exception("locked"))] * 2

    def busy(*words: Any) -> Any:  # noqa: ANN401 -- passes on what it gets
        if faults:
            raise faults.pop()
        return real(*words)

    with (
        patch.object(store.deliveries._together, "write", busy),
        patch("service.store.deliveries._PAUSES", (0, 0, 0)),
    ):
        state = store.deliveries.record(claimed, SENT, worker="a", now=NOW, retry_at=NOW)
    assert state is DeliveryState.DELIVERED


def test_a_send_is_told_plainly_that_the_database_cannot_be_written(store: Store) -> None:
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    full = OperationalError("", None, Exception("full"))
    with (
        patch.object(store.deliveries._together, "write", side_effect=full),
        pytest.raises(StoreUnreachable, match="full"),
    ):
        store.deliveries.mark_sending(claimed, worker="a", now=NOW)


def test_an_error_of_the_database_holds_no_values(store: Store) -> None:
    with pytest.raises(StatementError) as raised, store._database.write() as session:
        session.connection().execute(text("INSERT INTO nowhere VALUES (:of)"), {"of": "ana@desk.example"})
    assert "ana@desk.example" not in str(raised.value)


def test_a_full_database_is_not_waited_for_by_a_process_that_ends(store: Store) -> None:
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    store.deliveries.end()
    full = OperationalError("", None, Exception("full"))
    with (
        patch.object(store.deliveries._together, "write", side_effect=full) as write,
        patch("service.store.deliveries._PAUSES", (0,) * 100),
        pytest.raises(OperationalError),
    ):
        store.deliveries.record(claimed, SENT, worker="a", now=NOW, retry_at=NOW)
    assert write.call_count < 10


# ------------------------------------------------------------------------------------------ audit


def _subscribe(store: Store, *watchlists: str) -> None:
    channel = Channel("desk", ChannelKind.MAIL, ("ana@example.org",))
    subscription = Subscription("desk", "desk", frozenset(watchlists))
    store.subscriptions.sync([subscription], [channel], now=NOW)


def test_the_audit_is_clean_when_every_match_was_told_once(store: Store) -> None:
    _subscribe(store)
    _open_event(store, _add_feeds(store, _source())[0])
    _save(store, _planned())
    [claimed] = store.deliveries.claim_due(NOW, worker="a", lease=LEASE, limit=5)
    store.deliveries.record(claimed, SENT, worker="a", now=NOW, retry_at=NOW)
    report = store.audit.run()
    assert report.is_clean
    assert (report.expected, report.delivered, report.waiting, report.recovered) == (1, 1, 0, 0)


def test_the_audit_names_a_match_that_was_never_planned(store: Store) -> None:
    _subscribe(store, "port")
    _open_event(store, _add_feeds(store, _source())[0])
    report = store.audit.run()
    assert report.lost == ("event e1 to mail:ana@example.org",)
    assert not report.is_clean


def test_the_audit_does_not_miss_what_was_held_or_not_asked_for(store: Store) -> None:
    _subscribe(store, "elections")
    feed = _add_feeds(store, _source())[0]
    _open_event(store, feed, "1")
    _open_event(store, feed, "2", held=HeldReason.BASELINE)
    assert store.audit.run().is_clean


def test_the_audit_counts_only_subscriptions_in_force_at_the_match(store: Store) -> None:
    feed = _add_feeds(store, _source())[0]
    _open_event(store, feed, "1")
    _subscribe(store, "port")
    _subscribe(store, "port")
    store.subscriptions.sync([], [], now=NOW)
    _open_event(store, feed, "2")
    report = store.audit.run()
    assert (report.expected, report.lost) == (0, ())


def test_the_audit_names_a_delivery_without_a_cause_and_one_sent_twice(store: Store) -> None:
    _save(store, _planned())
    for worker in ("a", "b"):
        store.deliveries.release_leases()
        [claimed] = store.deliveries.claim_due(NOW, worker=worker, lease=LEASE, limit=5)
        store.deliveries.record(
            claimed,
            SendResult(SendOutcome.AMBIGUOUS, "data"),
            worker=worker,
            now=NOW,
            retry_at=NOW,
        )
        store.deliveries.record(claimed, SENT, worker=worker, now=NOW, retry_at=NOW)
        with store._database.write() as session:
            session.connection().exec_driver_sql("UPDATE delivery SET state = 'pending' WHERE id = 'd1'")
    report = store.audit.run()
    assert report.unexpected == ("event e1 to mail:ana@example.org",)
    assert report.duplicated == ("delivery d1: handed over 2 times",)


# ------------------------------------------------------------------------------------- the database


def test_sqlite_runs_with_full_durability(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.read() as session:
        pragma = session.connection().exec_driver_sql
        assert pragma("PRAGMA journal_mode").scalar() == "wal"
        assert pragma("PRAGMA synchronous").scalar() == 2
        assert pragma("PRAGMA foreign_keys").scalar() == 1
        assert pragma("PRAGMA busy_timeout").scalar() == 30_000
    database.close()


@pytest.mark.slow
@pytest.mark.promise("P6", size="2 stores on one file")
def test_a_second_process_on_the_same_file_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    program = (
        f"from service.store import Store; Store({url!r}, exclusive=True); print('held', flush=True); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreLocked, match=f"process {holder.pid} already runs Avizor"):
        Store(url, exclusive=True)
    Store(url).close()
    holder.communicate("\n")
    Store(url, exclusive=True).close()


@pytest.mark.promise("P21", size="1 database")
def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    store = Store(database_url)
    with store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreTooNew, match="9999"):
        Store(database_url)


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "nonsense secret", "oracle+cx://secret"])
def test_a_database_address_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="AVIZOR_DATABASE_URL") as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    address = f"postgresql://ana:hush@127.0.0.1:{free_port()}/avizor"
    with pytest.raises(StoreUnreachable, match="the database cannot be opened: .*refused") as caught:
        Database(address)
    assert "hush" not in str(caught.value)


def test_a_folder_in_the_place_of_the_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="unable to open database file"):
        Database(f"sqlite:///{tmp_path}")


def test_a_plain_postgresql_address_is_understood() -> None:
    from service.store.engine import _checked

    assert _checked("postgresql://u@127.0.0.1/x").drivername == "postgresql+psycopg"


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)))  # noqa: DTZ001 -- hypothesis wants it naive
def test_every_time_comes_back_as_it_went_in(at: datetime) -> None:
    column, dialect = UtcDateTime(), POSTGRESQL
    stored = column.bind_processor(dialect)(at)
    assert isinstance(stored, datetime)
    assert column.process_result_value(stored, dialect) == at


@given(st.datetimes(timezones=st.timezones()) | st.none())
def test_sqlite_is_given_the_text_of_a_time_that_the_library_would_write(at: datetime | None) -> None:
    dialect = sqlite.dialect()
    ours = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    theirs = DateTime().dialect_impl(dialect).bind_processor(dialect)
    try:
        plain = at and at.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return
    assert ours is not None
    assert theirs is not None
    assert ours(at) == theirs(plain)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), POSTGRESQL])
def test_a_time_without_a_zone_is_a_fault(dialect: Dialect) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().bind_processor(dialect)(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "avizor.db"
    file.write_bytes(b"a letter to a friend, saved under the wrong name " * 90)
    with pytest.raises(StoreUnreachable, match="this file is no database") as raised:
        Store(f"sqlite:///{file}")
    assert raised.value.resource == str(file)
    assert "Put a copy of the database back" in raised.value.mend


def test_what_a_document_asks_holds_until_the_next_document(store: Store) -> None:
    [feed] = _add_feeds(store, _source())
    asked = PublisherHints(ttl=timedelta(hours=3), skip_hours=frozenset({0, 23}), skip_days=frozenset({6}))
    for result, hints, expected in (
        (_fetched(feed), asked, asked),
        (NotModified(feed), None, asked),
        (FetchFailed(feed, FetchFailure.UNREACHABLE, "no answer"), None, asked),
        (_fetched(feed, '"b"'), PublisherHints(), PublisherHints()),
    ):
        with store.batch(NOW) as batch:
            batch.record_poll(result, next_poll_at=NOW, document_hints=hints)
        assert store.feeds.list_all()[0].document_hints == expected

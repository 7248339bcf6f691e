"""The archive is walked whole and in order, versions of files are kept: on SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service.domain import (
    ChangeKind,
    EventChange,
    Feed,
    FeedGroup,
    FeedSource,
    FileVersion,
    HeldReason,
    Match,
    ParsedEntry,
)

if TYPE_CHECKING:
    from service.domain import Entry
    from service.store import Store

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(emptied_store: Store) -> Store:
    return emptied_store


def _feed(store: Store, name: str = "Diario", country: str = "PE") -> Feed:
    source = FeedSource(
        f"https://{name.casefold()}.example/rss", name, name, country, "es", FeedGroup.WIRE, owner="Grupo"
    )
    known = [feed.source for feed in store.feeds.list_all()]
    store.feeds.sync([*known, source], first_poll_at=lambda host: NOW)
    return store.feeds.list_by_url([source.url])[0]


def _keep(store: Store, feed: Feed, at: datetime, *titles: str) -> tuple[Entry, ...]:
    """Store entries that are first seen at a time."""
    parsed = [
        ParsedEntry(f"{at.isoformat()}/{title}", f"https://d.example/{title}", title, "Bajada.", at, "es")
        for title in titles
    ]
    with store.batch(at) as batch:
        return batch.keep_unseen(feed, parsed).new


@pytest.mark.slow
def test_entries_come_with_the_facts_of_their_feeds(store: Store) -> None:
    [kept] = _keep(store, _feed(store), NOW, "uno")
    [found] = store.archive.iter_entries(NOW)
    assert found == kept
    assert (found.outlet, found.country, found.group, found.owner) == (
        "Diario",
        "PE",
        FeedGroup.WIRE,
        "Grupo",
    )


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_a_walk_meets_every_entry_once_in_the_order_of_time_whatever_the_page(
    store: Store, batch: int
) -> None:
    feed = _feed(store)
    late = _keep(store, feed, NOW + HOUR, "c", "d")
    early = _keep(store, feed, NOW, "a", "b", "e")
    in_order = [*early, *late]
    assert list(store.archive.iter_entries(NOW, batch=batch)) == in_order
    assert list(store.archive.iter_entries(NOW, newest_first=True, batch=batch)) == in_order[::-1]
    assert [len(page) for page in store.archive.iter_pages(NOW, batch=2)] == [2, 2, 1]


def test_a_walk_begins_with_its_first_moment_and_ends_before_its_last(store: Store) -> None:
    feed = _feed(store)
    for hours in range(4):
        _keep(store, feed, NOW + hours * HOUR, str(hours))
    within = NOW + HOUR, NOW + 3 * HOUR
    assert [entry.title for entry in store.archive.iter_entries(*within)] == ["1", "2"]
    assert store.archive.count_entries(*within) == 2
    assert store.archive.count_entries(NOW + HOUR) == 3
    assert list(store.archive.iter_entries(NOW + 9 * HOUR)) == []


def test_what_is_stored_during_a_walk_of_a_feed_added_meanwhile_is_met_with_its_facts(store: Store) -> None:
    _keep(store, _feed(store), NOW, "a", "b")
    walk = store.archive.iter_entries(NOW, batch=1)
    first = next(walk)
    _keep(store, _feed(store, "Nuevo", "CL"), NOW + HOUR, "z")
    met = [(entry.title, entry.country) for entry in (first, *walk)]
    assert met == [("a", "PE"), ("b", "PE"), ("z", "CL")]


def test_the_entries_of_an_address_are_found_in_every_feed(store: Store) -> None:
    one = _keep(store, _feed(store), NOW, "nota")
    two = _keep(store, _feed(store, "Copia"), NOW + HOUR, "nota")
    _keep(store, _feed(store, "Otro"), NOW, "otra")
    assert store.archive.find_entries(one[0].canonical_url) == [*one, *two]
    assert store.archive.find_entries("https://nowhere.example/") == []


def test_feeds_are_found_by_number_also_when_set_aside(store: Store) -> None:
    feed = _feed(store)
    store.feeds.sync([], first_poll_at=lambda host: NOW)
    assert store.archive.feeds_by_id()[feed.id].source == feed.source


def test_the_matches_of_entries_are_listed_of_one_watchlist_or_all(store: Store) -> None:
    entries = _keep(store, _feed(store), NOW, "a", "b", "c")
    changes = [
        EventChange(Match(entries[0], "port", "v1", ()), "e1", ChangeKind.OPENED),
        EventChange(Match(entries[1], "port", "v2", ()), "e2", ChangeKind.OPENED, held=HeldReason.STALE),
        EventChange(Match(entries[0], "vote", "v1", ()), "e3", ChangeKind.OPENED),
    ]
    with store.batch(NOW) as batch:
        batch.events.save_changes(changes)
    ids = [entry.id for entry in entries]
    found = store.archive.list_matches(ids, "port")
    assert [(one.entry_id, one.version, one.event_id, one.held) for one in found] == [
        (ids[0], "v1", "e1", None),
        (ids[1], "v2", "e2", HeldReason.STALE),
    ]
    assert len(store.archive.list_matches(ids)) == 3
    assert store.archive.list_matches([ids[2]]) == []


# ---------------------------------------------------------------------------------- versions of files


def _version(text: str = "title: Port\n", file: str = "port.yaml") -> FileVersion:
    return FileVersion(file, f"v-{text.strip()}", text, (("base.yaml", "terms: {}\n"),))


def test_a_version_in_force_is_kept_whole_with_the_shared_terms_it_used(store: Store) -> None:
    store.versions.put_in_force([_version()], now=NOW)
    [kept] = store.versions.list_in_force()
    assert kept == replace(_version(), first_loaded_at=NOW, loaded_at=NOW)


def test_versions_that_are_replaced_stay_listed_and_one_that_comes_back_is_the_same(store: Store) -> None:
    old, new, pack = _version("old"), _version("new"), _version("p", "feeds/peru.yaml")
    store.versions.put_in_force([old, pack], now=NOW)
    store.versions.put_in_force([new, pack], now=NOW + HOUR)
    assert [one.text for one in store.versions.list_in_force()] == ["p", "new"]
    assert [one.text for one in store.versions.list_versions("port.yaml")] == ["new", "old"]
    store.versions.put_in_force([old], now=NOW + 2 * HOUR)
    [back, _] = store.versions.list_versions("port.yaml")
    assert (back.text, back.first_loaded_at, back.loaded_at) == ("old", NOW, NOW + 2 * HOUR)
    assert [one.text for one in store.versions.list_in_force()] == ["old"]


def test_a_version_takes_the_first_commit_that_is_known_of_it_and_its_matches_name_it(store: Store) -> None:
    store.versions.put_in_force([_version()], now=NOW)
    for commit in ("abc", "def"):
        store.versions.note_commit(_version(), commit)
    assert [one.commit for one in store.versions.list_in_force()] == ["abc"]
    [entry] = _keep(store, _feed(store), NOW, "a")
    match = Match(entry, "port", _version().version, ())
    with store.batch(NOW) as batch:
        batch.events.save_changes([EventChange(match, "e1", ChangeKind.OPENED)])
    assert [report.commit for report in store.reading.get_event("e1").reports] == ["abc"]


def test_a_watchlist_that_is_new_changed_or_back_is_due_until_that_version_was_matched(store: Store) -> None:
    due = store.versions.list_rematches_due

    def sync(*versions: str) -> None:
        store.sync_watchlists([("port", "Port", "", version) for version in versions], now=NOW)

    sync("1")
    assert due() == {"port": "1"}
    store.versions.record_rematch([("port", "1")])
    sync("1")
    assert due() == {}
    sync("2")
    store.versions.record_rematch([("port", "1")])
    assert due() == {"port": "2"}
    store.versions.record_rematch([("port", "2")])
    sync()
    assert due() == {}
    sync("2")
    assert due() == {"port": "2"}


def test_entries_edited_since_they_were_read_are_told_apart(store: Store) -> None:
    kept = _keep(store, _feed(store), NOW, "a", "b")
    with store.batch(NOW) as batch:
        edited = [replace(kept[0], title="A, corrected"), replace(kept[1], id=987654)]
        assert batch.unedited(kept) == {entry.id for entry in kept}
        assert batch.unedited(edited) == set()


def test_a_report_found_late_may_be_the_earliest_of_its_event(store: Store) -> None:
    feed = _feed(store)
    [late] = _keep(store, feed, NOW + HOUR, "b")
    [early] = _keep(store, feed, NOW, "a")
    changes = [
        EventChange(Match(late, "port", "v1", ()), "e1", ChangeKind.OPENED),
        EventChange(Match(early, "port", "v1", ()), "e1", ChangeKind.JOINED, held=HeldReason.FOUND_LATER),
    ]
    with store.batch(NOW) as batch:
        batch.events.save_changes(changes)
    event = store.reading.get_event("e1").event
    assert (event.opened_at, event.last_report_at, event.reports) == (NOW, NOW + HOUR, 2)

"""A watchlist over time: its volume, what stands out, who reports it, which terms find it, its versions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from service.domain import FileVersion, Spike
from service.store import Seen, Store, TermFeedback, TermUse
from service.watchlists import KnownDate, load_watchlist
from service.web import Health, View, timeline
from service.web.times import Local
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, fill, open_filled, source
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.watchlists import Watchlist

LIMA = Local(NOW, ZoneInfo("America/Lima"))
DAY = timedelta(days=1)


def _seen(ago: timedelta, outlet: str = "Alba", event: str = "e1", country: str = "PE") -> Seen:
    return Seen(NOW - ago, outlet, country, "es", event)


@pytest.fixture
def watchlist(tmp_path: Path) -> Watchlist:
    (tmp_path / "port.yaml").write_text("title: Port\nmatch:\n  any:\n    - puerto\n    - muelle viejo\n")
    made = load_watchlist(tmp_path / "port.yaml", tmp_path)
    return replace(made, dates=(KnownDate(date(2026, 11, 20), "the board meets"),))


def test_a_day_has_its_reports_its_new_events_and_what_stands_out(watchlist: Watchlist) -> None:
    seen = [_seen(HOUR), _seen(2 * HOUR, "Cima"), _seen(3 * DAY, event="e0"), _seen(HOUR, "Delta", "e0")]
    spike = Spike("s", "port", "", NOW, NOW, 9, 9, 0.4, 1, ())
    volume = timeline.count_volume(seen, [spike], watchlist, {"e1": "Huelga"}, 30, LIMA)
    assert [
        (str(day.on), day.reports, day.events, [(note.kind, note.words) for note in day.notes])
        for day in volume.days
        if day.reports or day.notes
    ] == [
        ("2026-11-19", 1, 1, []),
        ("2026-11-20", 0, 0, [("date", "the board meets")]),
        ("2026-11-22", 3, 1, [("event", "Huelga"), ("spike", "more reports than usual")]),
    ]
    assert (len(volume.days), volume.most, str(volume.days[0].on)) == (30, 3, "2026-10-24")


@pytest.mark.parametrize(
    ("week", "before", "said"),
    [
        (3, 0, "3 reports in the last 7 days"),
        (6, 2, "6 reports in the last 7 days, 3 times as many as in the 7 days before"),
        (1, 4, "1 report in the last 7 days, less than half as many as in the 7 days before"),
        (2, 4, "2 reports in the last 7 days, in the 7 days before 4"),
        (3, 4, "3 reports in the last 7 days, in the 7 days before 4"),
        (0, 0, "0 reports in the last 7 days"),
    ],
)
def test_the_numbers_are_a_sentence_first(week: int, before: int, said: str) -> None:
    seen = [_seen(HOUR)] * week + [_seen(8 * DAY)] * before
    assert timeline.count_volume(seen, [], None, {}, 90, LIMA).sentence == said


def test_events_that_several_outlets_carry_are_marked_the_largest_first() -> None:
    seen = [_seen(HOUR, outlet, "big") for outlet in "ABCD"]
    seen += [_seen(HOUR, outlet, "small") for outlet in "ABA"] + [
        _seen(HOUR, outlet, "three") for outlet in "ABC"
    ]
    assert timeline.marked_events(seen, NOW - DAY) == ["big", "three"]


def test_an_event_that_began_before_the_days_takes_no_mark_from_one_of_them() -> None:
    old = [
        replace(_seen(HOUR, outlet, f"old {number}"), opened_at=NOW - 20 * DAY)
        for number in range(8)
        for outlet in "ABCD"
    ]
    assert timeline.marked_events([*old, *(_seen(HOUR, outlet, "new") for outlet in "ABC")], NOW - DAY) == [
        "new"
    ]


def test_who_reports_is_counted_with_how_often_they_were_first() -> None:
    seen = [_seen(2 * HOUR), _seen(HOUR, "Cima"), _seen(HOUR, "Cima", "e2", country="")]
    shares = timeline.coverage(seen, NOW - DAY)
    assert [(one.name, one.reports, one.first, one.percent) for one in shares["outlet"]] == [
        *(("Cima", 2, 1, 100), ("Alba", 1, 1, 50)),
    ]
    assert [one.name for one in shares["country"]] == ["PE"]
    assert timeline.coverage([], NOW)["language"] == []


def test_of_an_event_from_before_nobody_here_is_the_first_and_it_is_no_new_one() -> None:
    late = replace(_seen(HOUR), opened_at=NOW - 20 * DAY)
    assert timeline.coverage([late], NOW - 7 * DAY)["outlet"][0].first == 0
    assert sum(day.events for day in timeline.count_volume([late], [], None, {}, 7, LIMA).days) == 0
    assert timeline.coverage([_seen(8 * DAY)], NOW - 7 * DAY)["outlet"] == []


def test_shares_are_the_first_ten_or_all() -> None:
    seen = [_seen(HOUR, f"Outlet {number}", f"e{number}") for number in range(14)]
    assert len(timeline.coverage(seen, NOW - DAY)["outlet"]) == 10
    assert len(timeline.coverage(seen, NOW - DAY, None)["outlet"]) == 14


@pytest.mark.slow
def test_a_week_is_said_beside_the_whole_week_before_it(tmp_path: Path) -> None:
    store, _ = open_filled(tmp_path)
    room = Newsroom(store)
    room.open_feeds(source("Cima"), at=NOW - 30 * DAY)
    for ago in range(8, 14):
        at = NOW - ago * DAY
        room.news("chancay-port", Written("Cima", f"Nota {ago} del puerto de Chancay", at=at), seen_at=at)
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)
    visits = Visits(view)
    pages = [visits.get(f"/watchlists/chancay-port?days={days}").text for days in (7, 30)]
    said = [re.findall("reports in the last 7 days[^<]*", page) for page in pages]
    assert said[0] == said[1] != []
    assert "in the 7 days before 7" in said[0][0]
    store.close()


def test_a_term_has_its_hits_and_its_feedback_and_a_silent_line_is_there_too(watchlist: Watchlist) -> None:
    uses = [TermUse("puerto", 4, 7, NOW)]
    said = [TermFeedback("puerto", 4, 2, 1), TermFeedback("gone", 3, 0, 1)]
    rows = timeline.term_rows(watchlist, uses, said, LIMA)
    assert [(one.line, one.term, one.hits, one.useful, one.noise, one.is_unused) for one in rows] == [
        (3, "gone", 0, 0, 1, True),
        (4, "puerto", 7, 2, 1, False),
        (5, "muelle viejo", 0, 0, 0, True),
    ]


def test_a_version_says_what_it_changed() -> None:
    versions = [
        FileVersion("a.yaml", "2", "title: B\nx: 1\n", commit="f" * 40, loaded_at=NOW),
        FileVersion("a.yaml", "1", "title: A\nx: 1\n", loaded_at=NOW - DAY),
    ]
    rows = timeline.version_rows(versions, LIMA)
    assert [(one.commit, one.changes) for one in rows] == [
        ("ffffffffff", (("-", "title: A"), ("+", "title: B"))),
        ("", ()),
    ]
    assert timeline.version_rows([], LIMA) == []


def test_known_dates_are_listed_the_next_first_and_then_the_last_ones_that_are_over(
    watchlist: Watchlist,
) -> None:
    today = NOW.astimezone(LIMA.zone).date()
    dates = tuple(KnownDate(today + timedelta(days), f"day {days}") for days in (-9, 400, 0, 3, -1))
    rows = timeline.date_rows(replace(watchlist, dates=dates), LIMA)
    assert [(one.what, one.is_over) for one in rows] == [
        ("day 0", False), ("day 3", False), ("day 400", False), ("day -1", True), ("day -9", True),
    ]  # fmt: skip
    assert str(today.year + 1) in rows[2].day
    assert timeline.date_rows(None, LIMA) == []


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.mark.slow
def test_the_store_gives_what_a_watchlist_found_and_by_which_terms(store: Store) -> None:
    fill(store)
    seen = store.timeline.list_seen("chancay-port", NOW - 90 * DAY)
    assert len(seen) == 7
    assert {one.country for one in seen} == {"PE", "CL", "CN"}
    assert store.timeline.list_seen("chancay-port", NOW + HOUR) == []
    uses = store.timeline.count_terms("chancay-port", NOW - 90 * DAY, {"1": {9: 9, 10: 4}})
    assert ("puerto de Chancay", 9) in [(one.term, one.line) for one in uses]
    assert all(one.hits > 0 for one in uses)
    assert {one.line for one in uses} <= {9, 4}, "where the lines stand now"
    assert store.timeline.count_terms("chancay-port", NOW - 90 * DAY, {"2": {9: 9}}) == []
    assert store.timeline.name_events({seen[0].event_id}).keys() == {seen[0].event_id}

"""What an event's page shows of all its reports together: their spread, their languages, who repeats whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from gzip import compress
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import ChangeKind, Entry, Event, HeldReason, JoinReason, Lineage
from service.group import Carried, trace_origins
from service.store import EventView, Report, Store
from service.store.event_views import Reached
from service.web.descent import show_descent
from service.web.present import changes_of
from service.web.spread import HEIGHT, draw_spread
from service.web.times import Local, behind, span
from service.web.tongues import side_by_side
from service.wording import wording_for
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, source
from tests.test_large_events import get

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service.web.spread import Spread

LIMA = Local(NOW, ZoneInfo("America/Lima"))
MINUTE = timedelta(minutes=1)
BEGAN = NOW - 10 * HOUR


def _entry(
    number: int, after: timedelta, title: str = "", *, language: str = "es", outlet: str = ""
) -> Entry:
    at = BEGAN + after
    url, title = f"https://a.example/{number}", title or f"Titular {number}"
    return Entry(number, 1, url, "", title, "", language, at, at, outlet or f"Diario {number}")


def _carried(number: int, after: timedelta, *, copy_of: int = 0, credit: str = "") -> Carried:
    return Carried(_entry(number, after), Lineage(copy_of, credit))


def _view(reports: Sequence[Carried], *milestones: Reached) -> EventView:
    event = Event("e", "port", "Titular 1", BEGAN, BEGAN, len(reports))
    return EventView(
        event,
        tuple(
            Report(one.entry, (), JoinReason.NONE, None, BEGAN, "1", lineage=one.lineage) for one in reports
        ),
        (),
        milestones,
    )


def _draw(reports: Sequence[Carried], *milestones: Reached) -> Spread:
    drawn = draw_spread(_view(reports, *milestones), trace_origins(reports), LIMA)
    assert drawn is not None
    return drawn


# ------------------------------------------------------------------------------------------ spread


def test_the_drawing_counts_reports_up_to_each_time_and_the_independent_ones_apart() -> None:
    drawn = _draw(
        [
            _carried(1, 0 * HOUR),
            _carried(2, HOUR, copy_of=1),
            _carried(3, 2 * HOUR, copy_of=1),
            _carried(4, 4 * HOUR),
        ]
    )
    assert drawn.sentence == "Half of its 4 reports came within 1 h, all of them within 4 h"
    assert [(one.at.short, one.reports, one.independent) for one in drawn.steps if one.is_news] == [
        ("yesterday 23:46", 1, 1),
        ("00:40", 2, 1),
        ("01:40", 3, 1),
        ("03:40", 4, 2),
    ]
    assert (drawn.first.short, drawn.last.short) == ("yesterday 23:40", "03:40")
    last = drawn.steps[-1]
    assert (last.height, last.independent_height) == (98, 49)
    assert last.x + last.width == pytest.approx(100)


def test_milestones_stand_where_their_reports_came_with_the_numbers_of_the_list_below() -> None:
    reports = [_carried(number, number * HOUR) for number in range(9)]
    milestones = (
        Reached(ChangeKind.CORROBORATED, "3 independent outlets carry it now", 2, NOW),
        Reached(ChangeKind.OFFICIAL, "the first official source: Corte", 4, NOW),
        Reached(ChangeKind.NUMBER, "31 dead, before 14", 4, NOW),
        Reached(ChangeKind.MERGED, "another is the same", 99, NOW + 9 * HOUR),  # of no report here
    )
    drawn = _draw(reports, *milestones)
    assert [(one.x, one.label, one.anchor) for one in drawn.marks] == [
        (25, "1", "start"),
        (50, "2–3", "start"),
        (99.8, "4", "end"),
    ]
    assert drawn.marks[1].said == "the first official source: Corte; 31 dead, before 14"
    noted = [one.notes for one in drawn.steps if one.notes]
    assert noted == [
        ("3 independent outlets carry it now",),
        ("the first official source: Corte", "31 dead, before 14"),
        ("another is the same",),
    ]
    listed = changes_of(_view(reports, *milestones), LIMA, drawn.numbers)
    assert {one.words: one.number for one in listed} == {
        "3 independent outlets carry it now": 1,
        "the first official source: Corte": 2,
        "31 dead, before 14": 3,
        "another is the same": 4,
    }


def test_a_milestone_that_came_before_the_one_stored_first_has_the_lower_number() -> None:
    reports = [_carried(number, number * HOUR) for number in range(3)]
    drawn = _draw(
        reports,
        Reached(ChangeKind.OFFICIAL, "later", 2, NOW),
        Reached(ChangeKind.NUMBER, "sooner", 1, NOW),
    )
    assert drawn.numbers == {0: 2, 1: 1}
    assert [one.said for one in drawn.marks] == ["sooner", "later"]


def test_of_many_milestones_at_once_the_first_three_are_named() -> None:
    reports = [_carried(number, number * HOUR) for number in range(3)]
    many = [Reached(ChangeKind.NUMBER, f"{number} dead, before 1", 1, NOW) for number in range(2, 9)]
    [mark] = _draw(reports, *many).marks
    assert (mark.label, mark.said) == ("1–7", "2 dead, before 1; 3 dead, before 1; 4 dead, before 1; …")


@pytest.mark.parametrize("times", [[0, 1], [0, 0, 0], [5]])
def test_few_reports_and_those_of_one_moment_are_not_drawn(times: list[int]) -> None:
    reports = [_carried(number, after * HOUR) for number, after in enumerate(times)]
    assert draw_spread(_view(reports), trace_origins(reports), LIMA) is None


@given(
    st.lists(st.integers(0, 100_000), min_size=3, max_size=60),
    st.lists(st.tuples(st.integers(0, 70), st.integers(-9, 200_000)), max_size=30),
)
def test_whatever_comes_when_the_drawing_keeps_its_bounds(
    seconds: list[int], reached: list[tuple[int, int]]
) -> None:
    reports = [
        _carried(number, timedelta(seconds=after), copy_of=number // 3)
        for number, after in enumerate(sorted(seconds), 1)
    ]
    view = _view(
        reports,
        *(
            Reached(ChangeKind.NUMBER, f"{at} dead, before 1", number, BEGAN + timedelta(seconds=at))
            for number, at in reached
        ),
    )
    drawn = draw_spread(view, trace_origins(reports), LIMA)
    if drawn is None:
        assert len(set(seconds)) == 1
        return
    assert drawn.steps[-1].reports == len(reports)
    assert all(0 < one.independent_height <= one.height < HEIGHT for one in drawn.steps)
    counts = [(one.reports, one.independent) for one in drawn.steps]
    assert counts == sorted(counts)
    assert all(0 <= one.x < 100 for one in drawn.marks)
    assert all(later.x - one.x > 8 for one, later in pairwise(drawn.marks))
    assert sorted(drawn.numbers.values()) == list(range(1, len(reached) + 1))
    assert sum(len(one.notes) for one in drawn.steps) >= min(1, len(reached))


# --------------------------------------------------------------------------------------- languages


def test_each_language_has_its_first_report_with_its_lag_and_the_headline_that_most_bear() -> None:
    shown = side_by_side(
        [
            _entry(1, 0 * HOUR, "Juez devuelve la vigilancia"),
            _entry(2, HOUR, "Judge hands oversight back", language="en-US"),
            _entry(3, 2 * HOUR, "Judge rules on port", language="en"),
            _entry(4, 3 * HOUR, "JUDGE  rules on port", language="en_GB", outlet="Diario 3"),
            _entry(5, 4 * HOUR, "法官恢复监督权", language="zh"),
        ],
        LIMA,
    )
    assert shown is not None
    assert [(one.code, one.name, one.reports, one.outlet, one.lag) for one in shown.columns] == [
        ("en", "English", "3 reports, 2 outlets", "Diario 2", "1 h later"),
        ("es", "Spanish", "1 report, 1 outlet", "Diario 1", "first"),
        ("zh", "Chinese", "1 report, 1 outlet", "Diario 5", "4 h later"),
    ]
    english, spanish, _ = shown.columns
    assert (english.headline.pieces[0].text, english.headline.language) == (
        "Judge hands oversight back",
        "en-US",
    )
    assert english.usual is not None
    assert (english.usual.pieces[0].text, english.usual.language) == ("Judge rules on port", "en")
    assert english.usual_said == "2 with this headline"
    assert spanish.usual is None
    assert shown.more == ""


def test_a_headline_that_most_bear_is_not_said_again_where_it_is_the_first_one() -> None:
    shown = side_by_side(
        [_entry(1, 0 * HOUR, "Uno"), _entry(2, HOUR, "Uno"), _entry(3, HOUR, "One", language="en")], LIMA
    )
    assert shown is not None
    assert [one.usual for one in shown.columns] == [None, None]


def test_an_event_in_one_known_language_has_nothing_to_stand_beside_it() -> None:
    assert side_by_side([_entry(1, 0 * HOUR), _entry(2, HOUR)], LIMA) is None
    assert side_by_side([_entry(1, 0 * HOUR), _entry(2, HOUR, language="es-PE")], LIMA) is None
    assert side_by_side([_entry(1, 0 * HOUR), _entry(2, HOUR, language="<b>")], LIMA) is None


def test_of_many_languages_the_four_with_most_reports_are_shown_and_the_others_counted() -> None:
    tongues = ["fr", "de", "de", "es", "es", "en", "en", "pt", "pt", "", "it", "nl", "ja", "qu", "xx"]
    entries = [_entry(number, number * HOUR, language=one) for number, one in enumerate(tongues)]
    shown = side_by_side(entries, LIMA)
    assert shown is not None
    assert [one.code for one in shown.columns] == ["de", "es", "en", "pt"]
    named = "also: French 1 · Italian 1 · Dutch 1 · Japanese 1 · 2 more"
    assert shown.more == f"{named}; 1 report in no known language"


@pytest.mark.slow
def test_languages_are_named_in_that_of_the_reader_and_one_without_a_name_by_its_code() -> None:
    assert [wording_for(code).say_language("zh") for code in ("en", "es", "pt")] == [
        "Chinese",
        "chino",
        "chinês",
    ]
    assert wording_for("en").say_language("xx") == "xx"


# ----------------------------------------------------------------------------------------- descent


@pytest.mark.parametrize(
    ("between", "said", "beside"),
    [
        (timedelta(0), "1 min", "within a minute"),
        (59 * timedelta(seconds=1), "1 min", "within a minute"),
        (25 * MINUTE, "25 min", "+25 min"),
        (130 * MINUTE, "2 h 10 min", "+2 h 10 min"),
        (76 * HOUR, "3 days 4 h", "+3 days 4 h"),
    ],
)
def test_a_stretch_is_said_alone_and_as_a_lag_beside_others(
    between: timedelta, said: str, beside: str
) -> None:
    assert (span(between, LIMA.words), behind(between, LIMA.words)) == (said, beside)


def test_the_page_says_of_each_outlet_what_it_shares_and_with_whom() -> None:
    owned = replace(_entry(6, 5 * HOUR), owner="Diario 1")
    far = replace(_entry(7, 6 * HOUR), owner="Diario 2")
    shown = show_descent(
        trace_origins(
            [
                _carried(1, 0 * HOUR),
                _carried(2, 130 * MINUTE, copy_of=1),
                _carried(3, 3 * HOUR, copy_of=2),
                Carried(_entry(4, 4 * HOUR, outlet="Diario 2"), Lineage()),
                Carried(owned, Lineage()),
                Carried(far, Lineage()),
                _carried(8, 7 * HOUR, credit="efe"),
                _carried(9, 8 * HOUR, credit="efe"),
            ]
        ),
        LIMA,
    )
    assert shown is not None
    assert shown.sentence == "8 reports go back to 2 independent ones"
    first, second = shown.origins
    assert [(one.outlet, one.lag, one.how) for one in first.heirs] == [
        ("Diario 2", "+2 h 10 min", "the same words"),
        ("Diario 3", "+3 h", "repeats Diario 2"),
        ("Diario 2", "+4 h", "the same outlet again"),
        ("Diario 6", "+5 h", "same owner"),
        ("Diario 7", "+6 h", "same owner as Diario 2"),
    ]
    assert [(one.outlet, one.how) for one in second.heirs] == [("Diario 9", "from the agency efe")]


def test_where_none_repeats_another_a_sentence_says_so_and_of_one_report_nothing_is_said() -> None:
    shown = show_descent(trace_origins([_carried(1, 0 * HOUR), _carried(2, HOUR)]), LIMA)
    assert shown is not None
    assert (shown.sentence, shown.origins) == ("2 reports, and none repeats another", ())
    assert show_descent(trace_origins([_carried(1, 0 * HOUR)]), LIMA) is None


def test_of_very_many_copies_the_first_are_in_sight_more_are_folded_away_and_the_others_counted() -> None:
    copies = [_carried(number, number * MINUTE, copy_of=1) for number in range(2, 334)]
    alone = [_carried(number, HOUR) for number in range(1000, 1025)]
    shown = show_descent(trace_origins([_carried(1, 0 * HOUR), *copies, *alone]), LIMA)
    assert shown is not None
    first = shown.origins[0]
    assert (len(first.heirs), len(first.folded), first.rest, first.more) == (
        5,
        15,
        "and 327 more",
        "and 312 more",
    )
    assert (len(shown.origins), shown.more) == (20, "and 6 more independent reports")


def test_hundreds_of_links_do_not_make_a_page_heavy() -> None:
    copies = [_carried(number, number * MINUTE, copy_of=1) for number in range(3, 20)]
    long = replace(_entry(2, MINUTE), url="https://a.example/" + "x" * 300)
    shown = show_descent(
        trace_origins([_carried(1, 0 * HOUR), Carried(long, Lineage(copy_of=1)), *copies]), LIMA
    )
    assert shown is not None
    [origin] = shown.origins
    assert origin.link == "https://a.example/1"
    assert [one.link for one in origin.heirs] == ["", *(f"https://a.example/{one}" for one in range(3, 7))]
    assert {one.link for one in origin.folded} == {""}


def test_hardly_any_more_than_are_in_sight_are_not_folded_away() -> None:
    copies = [_carried(number, number * MINUTE, copy_of=1) for number in range(2, 9)]
    shown = show_descent(trace_origins([_carried(1, 0 * HOUR), *copies]), LIMA)
    assert shown is not None
    assert (len(shown.origins[0].heirs), shown.origins[0].folded, shown.origins[0].rest) == (7, (), "")


# ---------------------------------------------------------------------------------------- the page

TITLE = "Juez devuelve al regulador la vigilancia del puerto de Chancay"
HOSTILE = "Juez <script>window.__ran=1</script> devuelve al regulador la vigilancia del puerto"


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('insight') / 'avizor.db'}")
    yield made
    made.close()


def _told(store: Store, title: str = TITLE) -> str:
    room = Newsroom(store)
    outlets = ("Alba", "Boreal", "Cima")
    room.open_feeds(*(source(outlet) for outlet in outlets), source("Ledger", "US", "en"))
    return room.news(
        "chancay-port",
        *(
            Written(
                outlet,
                title,
                at=NOW - (5 - number) * HOUR,
                language="es",
                url="javascript:alert(1)" if number else "",
            )
            for number, outlet in enumerate(outlets)
        ),
        Written("Ledger", title, at=NOW - HOUR, language="en"),
    )


@pytest.mark.slow
def test_the_page_of_an_event_shows_spread_languages_and_descent_with_text_beside_the_drawing(
    store: Store,
) -> None:
    page = get(store, f"/events/{_told(store)}")
    assert "Half of its 4 reports came within 1 h, all of them within 4 h" in page
    assert 'role="img" aria-labelledby="spread-title spread-about"' in page
    assert '<title id="spread-title">Reports up to each time, and independent ones among them</title>' in page
    assert '<th scope="row"><time datetime="2026-11-22T13:40:00Z"' in page
    assert f'<bdi lang="en">{TITLE}</bdi>' in page
    assert "<h3>Spanish</h3>" in page
    assert "<h3>English</h3>" in page
    assert "4 reports go back to 1 independent one" in page
    tree = page[page.index('<ul class="descent">') :]
    assert re.findall(r"<bdi>(\w+)</bdi>.*?<span>(\S.*?)</span> <span>(.*?)</span></li>", tree)[:3] == [
        ("Boreal", "+1 h", "the same words"),
        ("Cima", "+2 h", "the same words"),
        ("Ledger", "+4 h", "the same words"),
    ]


def test_what_feeds_write_is_text_there_and_no_link_leads_to_a_program(store: Store) -> None:
    page = get(store, f"/events/{_told(store, HOSTILE)}")
    assert "<script>window" not in page
    assert "javascript:" not in page
    assert page.count("&lt;script&gt;") >= 3


def test_reports_held_as_stale_count_as_reports(store: Store) -> None:
    room = Newsroom(store)
    room.open_feeds(source("Alba"), source("Boreal"))
    event_id = room.news(
        "chancay-port",
        Written("Alba", TITLE, at=NOW - 2 * HOUR),
        Written("Boreal", TITLE, at=NOW - HOUR),
        held=HeldReason.BASELINE,
    )
    assert "2 reports go back to 1 independent one" in get(store, f"/events/{event_id}")


@pytest.mark.slow
def test_the_second_part_of_very_many_reports_has_reports_alone_and_the_first_stays_small(
    store: Store,
) -> None:
    room = Newsroom(store)
    names = [f"Outlet {number}" for number in range(130)]
    room.open_feeds(*(source(name) for name in names))
    event_id = room.news(
        "chancay-port",
        *(Written(name, TITLE, at=NOW - (200 - number) * MINUTE) for number, name in enumerate(names)),
    )
    first, second = (get(store, f"/events/{event_id}?part={part}") for part in (1, 2))
    for mark in ('class="spread"', 'class="descent"', 'id="spread"'):
        assert mark in first
        assert mark not in second
    assert "and 124 more" in first
    assert "and 109 more" in first
    assert len(compress(first.encode())) < 20_000

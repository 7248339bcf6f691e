"""The front page: since when something is new, what is due, what is held, and small drawings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import HeldReason
from service.store import HeldNow, Store
from service.watchlists import KnownDate, load_watchlist
from service.web import Health, View, front
from service.web.drawing import count_in_parts, draw_bars
from service.web.looked import COOKIE, look
from service.web.times import Local
from service.wording import wording_for
from tests.partners.newsroom import HOUR, NOW, Newsroom, Written, fill, source
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.watchlists import Watchlist

LIMA = Local(NOW, ZoneInfo("America/Lima"))
MINUTE = timedelta(minutes=1)

# ------------------------------------------------------------------------------------- last look


def test_a_visitor_is_told_what_is_new_since_the_end_of_the_visit_before() -> None:
    first = look("", NOW)
    assert first.since is None
    assert look(first.kept, NOW + 5 * MINUTE).since is None
    next_day = look(look(first.kept, NOW + 5 * MINUTE).kept, NOW + 14 * HOUR)
    assert next_day.since == NOW + 5 * MINUTE
    assert look(next_day.kept, NOW + 14 * HOUR + 20 * MINUTE).since == NOW + 5 * MINUTE, "the same visit"
    assert look(next_day.kept, NOW + 20 * HOUR).since == NOW + 14 * HOUR


def test_nobody_is_told_of_more_than_two_weeks() -> None:
    assert look(look("", NOW).kept, NOW + timedelta(days=90)).since == NOW + timedelta(days=76)


@pytest.mark.parametrize("kept", ["x", "1.x", "9" * 40, f"0.{10**11}", "-5.-5", "٣.٣", "..", "0.0"])
def test_a_cookie_that_we_did_not_write_counts_as_none(kept: str) -> None:
    assert look(kept, NOW + 99 * HOUR).since in (None, NOW + 99 * HOUR - timedelta(days=14))


@given(st.text())
def test_any_cookie_is_read_without_a_fault(kept: str) -> None:
    assert look(kept, NOW).kept.endswith(f".{int(NOW.timestamp())}")


# -------------------------------------------------------------------------------------- drawings


def test_the_highest_bar_is_as_high_as_the_drawing_and_none_is_nothing() -> None:
    drawn = draw_bars([0, 5, 10], marked=[2])
    assert [(bar.number, bar.height, bar.is_marked) for bar in drawn.bars] == [
        *((0, 1, False), (5, 8, False), (10, 16, True)),
    ]
    assert all(bar.y + bar.height == drawn.height for bar in drawn.bars)
    assert draw_bars([]).bars == ()


def test_times_are_counted_in_equal_parts_of_a_span() -> None:
    times = [NOW - 9 * HOUR, NOW - HOUR, NOW, NOW + HOUR, NOW - 50 * HOUR]
    assert count_in_parts(times, NOW - 10 * HOUR, NOW, 5) == [2, 0, 0, 0, 3]
    assert count_in_parts([NOW], NOW, NOW, 2) == [1, 0]


# ------------------------------------------------------------------------------- dates, what is held


def _watchlist(folder: Path, *dates: KnownDate) -> Watchlist:
    (folder / "port.yaml").write_text("title: Port\nmatch:\n  any: [puerto]\n")
    return replace(load_watchlist(folder / "port.yaml", folder), dates=dates)


def test_what_is_due_within_four_months_is_named_the_next_first(tmp_path: Path) -> None:
    days = [date(2027, 2, 1), date(2026, 11, 22), date(2026, 11, 21), date(2026, 11, 23), date(2027, 8, 1)]
    port = _watchlist(tmp_path, *(KnownDate(day, f"Hearing {day.day}") for day in days))
    assert [(one.what, one.day, one.is_near) for one in front.due_dates([port], LIMA)] == [
        *(("Hearing 22", "today", True), ("Hearing 23", "tomorrow", True)),
        ("Hearing 1", "Mon, 1 Feb 2027", False),
    ]
    spanish = replace(LIMA, words=wording_for("es"))
    assert [one.day for one in front.due_dates([port], spanish)] == ["hoy", "mañana", "lun, 1 feb 2027"]


def test_what_is_held_is_said_with_its_reason_and_when_it_is_due() -> None:
    held = [HeldNow(HeldReason.QUIET_HOURS, 4, NOW + HOUR), HeldNow(HeldReason.DIGEST, 1, NOW + 2 * HOUR)]
    assert [(one.words, one.at and one.at.short) for one in front.held_lines(held, LIMA)] == [
        ("4 held: it came in quiet hours", "10:40"),
        ("1 held: kept for a digest", "11:40"),
    ]


# ------------------------------------------------------------------------------------------ page


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield opened
    opened.close()


def _visits(store: Store, now: datetime = NOW) -> Visits:
    view = View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: now)
    return Visits(view)


@pytest.mark.slow
def test_what_came_since_the_last_look_is_marked_and_counted(store: Store) -> None:
    fill(store)
    client = _visits(store, NOW + MINUTE)
    assert "In the last 24 hours:" in client.get("/").text
    kept = client.cookies[COOKIE]
    room = Newsroom(store)
    room.open_feeds(source("Nuevo"), at=NOW - 40 * HOUR)
    grounded = Written("Nuevo", "Encalla un granelero frente al muelle de Chancay")
    room.news("chancay-port", grounded, seen_at=NOW + 2 * HOUR)
    later = _visits(store, NOW + 3 * HOUR)
    later.cookies.set(COOKIE, kept)
    answer = later.get("/")
    assert "Since you last looked, 2 h ago: <b>1 new event</b>, from 1 article read at" in answer.text
    assert answer.text.count('<span class="new">new</span>') == 1
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}={int((NOW + MINUTE).timestamp())}.")


@pytest.mark.slow
def test_the_page_is_said_in_the_language_that_was_picked(store: Store) -> None:
    fill(store)
    client = _visits(store)
    assert "En las últimas 24 horas:" in client.get("/", headers={"Accept-Language": "es-PE,en;q=0.5"}).text
    assert "Nas últimas 24 horas:" in client.get("/?language=pt").text
    assert '<html lang="pt">' in client.get("/").text, "it is kept"

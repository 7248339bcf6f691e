"""P15 and P25 to P28, and what clocks do: moments that a week of forty papers does not show."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.config import Settings
from service.domain import FeedStatus
from service.store import Store
from tests.partners.feed_server import SMALL, FeedServer, Request, answer
from tests.partners.publisher import DAY, HOUR, MINUTE, MONDAY, Agency, Paper, Press

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.partners.feed_server import Script


pytestmark = pytest.mark.slow


def live(folder: Path, papers: list[Paper], life: Callable[[Agency, Press], Awaitable[None]]) -> Press:
    """Let an agency live with these papers; gives the press with its log."""

    async def run() -> Press:
        press = Press(papers, lambda: agency.now)
        agency = Agency(folder, press)
        async with agency:
            await life(agency, press)
        return press

    return loop.run(run())


def one_host(count: int) -> list[Paper]:
    """Give papers that stand on one host."""
    return [Paper(f"p{number}", HOUR, host="one.example", path=f"/{number}") for number in range(count)]


# -------------------------------------------------------------------------------- the whole host


def _limited(limited: set[str]) -> Callable[[Paper, Request, int], bytes]:
    """Answer 429 with five hours to wait at the second visit of these papers."""

    def answers(paper: Paper, request: Request, before: int) -> bytes:
        if before == 1 and paper.name in limited:
            return answer(b"", "Retry-After: 18000", status=429)
        return paper.polite(request, etag=paper.etag, modified=paper.modified)

    return answers


def test_p15_retry_after_holds_for_the_host_when_a_second_feed_is_told_to_wait(tmp_path: Path) -> None:
    papers = [replace(one, answers=_limited({"p0", "p1"})) for one in one_host(6)]

    async def life(agency: Agency, _: Press) -> None:
        await agency.run(MONDAY + DAY, tick=MINUTE)

    log = live(tmp_path, papers, life).log
    told = [one.at for one in log if one.status == 429]
    assert len(told) == 2
    assert not [one for one in log if told[1] < one.at < told[1] + 5 * HOUR]
    assert len({one.path for one in log if one.at > told[1]}) == 6


def test_p15_one_feed_alone_holds_its_host_for_an_hour_at_most(tmp_path: Path) -> None:
    papers = [replace(one, answers=_limited({"p0"})) for one in one_host(6)]

    async def life(agency: Agency, _: Press) -> None:
        await agency.run(MONDAY + DAY, tick=MINUTE)

    log = live(tmp_path, papers, life).log
    told = next(one.at for one in log if one.status == 429)
    after = [one for one in log if one.at > told]
    assert after[0].at - told >= HOUR
    assert {one.path for one in after if one.at < told + 4 * HOUR} == {f"/{number}" for number in range(1, 6)}
    assert min(one.at for one in after if one.path == "/0") >= told + 5 * HOUR


# --------------------------------------------------------------------- starts, sleep, asking by hand


def test_p25_starting_five_times_asks_nobody_anything(tmp_path: Path) -> None:
    async def life(agency: Agency, press: Press) -> None:
        await agency.run(MONDAY + DAY)
        await agency.poll()
        before = len(press.log)
        for _ in range(5):
            await agency.restart()
            await agency.poll()
        assert len(press.log) == before

    live(tmp_path, [Paper(f"p{number}", HOUR) for number in range(5)], life)


def test_p25_what_was_missed_in_sleep_is_asked_once_and_not_made_up(tmp_path: Path) -> None:
    async def life(agency: Agency, press: Press) -> None:
        await agency.run(MONDAY + DAY)
        before = len(press.log)
        agency.now += 3 * DAY
        await agency.poll()
        await agency.poll()
        assert len(press.log) == before + 5

    live(tmp_path, [Paper(f"p{number}", HOUR) for number in range(5)], life)


def test_p12_who_wakes_up_in_an_hour_that_a_feed_leaves_out_waits_for_its_end(tmp_path: Path) -> None:
    night = "<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(8)) + "</skipHours>"

    async def life(agency: Agency, press: Press) -> None:
        await agency.run(MONDAY.replace(hour=23))
        before = len(press.log)
        agency.now = MONDAY.replace(hour=2) + DAY
        assert await agency.poll() == 0
        assert len(press.log) == before
        await agency.run(MONDAY.replace(hour=10) + DAY)
        assert press.log[before].at.hour == 8

    live(tmp_path, [Paper("night", HOUR, inside=night)], life)


def test_p26_asking_by_hand_obeys_the_same_limits(tmp_path: Path) -> None:
    async def life(agency: Agency, press: Press) -> None:
        for _ in range(6):
            await agency.poll()
            agency.now += 5 * MINUTE
        assert len(press.log) == 1

    live(tmp_path, [Paper("ok", HOUR)], life)


# --------------------------------------------------------------------------------- many at once


def test_p27_one_request_is_in_flight_at_a_host_and_they_keep_their_distance(tmp_path: Path) -> None:
    async def life(agency: Agency, press: Press) -> None:
        agency.limits = replace(SMALL, spacing=0.02)
        await agency.restart()
        await agency.poll()
        assert len(press.log) == 100
        assert press.server.busiest == 1
        times = sorted(press.server.times)
        assert min(after[0] - before[1] for before, after in pairwise(times)) > 0.015

    live(tmp_path, one_host(100), life)


def test_p28_feeds_that_came_together_do_not_stay_together(tmp_path: Path) -> None:
    random.seed(28)
    papers = [Paper(f"p{number}", 20 * MINUTE) for number in range(80)]

    async def life(agency: Agency, _: Press) -> None:
        await agency.run(MONDAY + 2 * HOUR, tick=MINUTE)

    log = live(tmp_path, papers, life).log
    second = sorted((one.at - MONDAY - HOUR) / HOUR for one in log if one.at > MONDAY)[:80]
    assert 0 <= second[0] < second[-1] <= 1.05
    # Kolmogorov and Smirnov: how far the starts are from being spread evenly over the hour.
    distance = max(abs(place - (number + 0.5) / 80) for number, place in enumerate(second))
    assert distance < 1.95 / 80**0.5


# ------------------------------------------------------------------------------------------ clocks


@pytest.mark.promise("P9", size="jumps both ways, simulated")
@pytest.mark.parametrize(
    "jump", [-2 * HOUR, HOUR, DAY, -DAY, 400 * DAY, datetime(1970, 1, 2, tzinfo=UTC) - MONDAY]
)
def test_x144_a_clock_that_jumps_stops_no_polling(tmp_path: Path, jump: timedelta) -> None:
    async def life(agency: Agency, press: Press) -> None:
        await agency.run(MONDAY + 5 * HOUR)
        before = len(press.log)
        agency.now += jump
        await agency.run(agency.now + 5 * HOUR)
        for number in range(4):
            visits = [one for one in press.log[before:] if one.host == f"p{number}.example"]
            assert 2 <= len(visits) <= 7

    live(tmp_path, [Paper(f"p{number}", 20 * MINUTE) for number in range(4)], life)


def test_x144_a_feed_that_is_gone_stays_so_when_the_clock_is_set_back(tmp_path: Path) -> None:
    async def life(agency: Agency, press: Press) -> None:
        await agency.poll()
        agency.now -= DAY
        await agency.poll()
        assert len(press.log) == 1
        assert agency.feed("p").status is FeedStatus.GONE

    live(tmp_path, [Paper("p", HOUR, lambda *_: answer(b"", status=410))], life)


# ---------------------------------------------------------------------------------------- who we are


@pytest.mark.parametrize(
    ("contact", "public_url", "expected"),
    [
        ("https://desk.example/bot", "", "+https://desk.example/bot"),
        ("", "https://watch.example/", "+https://watch.example/"),
        ("ana@desk.example", "https://watch.example/", "+https://watch.example/; ana@desk.example"),
        ("ana@desk.example", "", "+mailto:ana@desk.example"),
        ("", "", "no contact set"),
    ],
)
def test_p23_the_settings_give_publishers_an_address_to_turn_to(
    contact: str, public_url: str, expected: str
) -> None:
    agent = Settings(contact=contact, public_url=public_url).user_agent
    assert agent == f"Avizor/0.1 ({expected})"


# ------------------------------------------------------------------------------------------- kill -9

WATCHLIST = "title: Port\nlanguages: [es]\nfeeds: [{url}]\nmatch:\n  any:\n    - puerto\n"


@pytest.mark.parametrize(("failpoint", "downloads"), [("entries-stored", 2), ("poll-committed", 1)])
def test_p07_killed_it_asks_with_the_validators_of_what_it_has_stored_and_of_nothing_else(
    tmp_path: Path, failpoint: str, downloads: int
) -> None:
    """Entries and validators are stored together: neither is there without the other."""
    paper = Paper("p", None)

    async def run() -> None:
        async with FeedServer({"*": _served(paper)}) as server:
            (tmp_path / "watchlists").mkdir()
            (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST.format(url=server.url()))
            assert await _poll_in_a_process(tmp_path) == 0  # takes the feed in; it is due within a minute
            _make_due(tmp_path)
            assert await _poll_in_a_process(tmp_path, failpoint) == -signal.SIGKILL
            for _ in range(2):
                _make_due(tmp_path)
                assert await _poll_in_a_process(tmp_path) == 0
            asked = [one.get("if-none-match") for one in server.requests]
            tag = paper.etag.encode()
            assert asked == [None] * downloads + [tag] * (3 - downloads)

    loop.run(run())
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    [feed] = store.feeds.list_all()
    assert (feed.etag, feed.status) == (paper.etag, FeedStatus.HEALTHY)
    assert store.archive.count_entries(datetime(1970, 1, 2, tzinfo=UTC)) == 1
    store.close()


def _served(paper: Paper) -> Script:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(paper.serve(request, 0))
        await writer.drain()

    return script


async def _poll_in_a_process(folder: Path, failpoint: str = "") -> int:
    settings = {
        "AVIZOR_DATABASE_URL": f"sqlite:///{folder / 'avizor.db'}",
        "AVIZOR_WATCHLISTS": str(folder / "watchlists"),
        "AVIZOR_PRIVATE_FEEDS": "127.0.0.1",
        "AVIZOR_FAILPOINT": failpoint,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from service.cli import app; app()",
        "poll",
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


def _make_due(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "avizor.db")) as database, database:
        long_ago = "2026-01-01 00:00:00.000000"
        database.execute("UPDATE feed SET next_poll_at = ?, last_polled_at = NULL", (long_ago,))
        database.execute(
            "UPDATE host SET next_poll_at = ?, lease_until = ?, free_at = ?", (long_ago, long_ago, long_ago)
        )

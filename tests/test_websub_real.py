"""Feeds that name a hub: a real hub on loopback, the real pages, fetcher and store; time is what we say."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import uvicorn
from typer.testing import CliRunner

from service import loop
from service.cli import app
from service.fetch import AddressPolicy
from service.pipeline import Pushing
from service.web import Health, View, create_app, websub
from service.websub import MOST_ATTEMPTS, tell
from tests.partners.feed_server import HASTY
from tests.partners.hub import Hub, Manner, sign
from tests.partners.publisher import DAY, HOUR, MINUTE, Agency, Paper, Press

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from service.domain import Feed
    from service.websub import Push

TOPIC = "https://port.example/feed"
UNVERIFIED = "It accepted to push, but has not asked back yet: is the public address reached from outside?"


class _Server(uvicorn.Server):
    """The library's server without its signals, and without the tenths of a second it takes to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Wait for a word to leave."""
        super().__init__(config)
        self.leave = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def main_loop(self) -> None:
        """Serve until it is to leave."""
        await self.on_tick(0)
        await self.leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, once every answer is out."""
        for door in (*self.servers, *(sockets or ())):
            door.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 -- they set no event
            await asyncio.sleep(0.001)
        await self.lifespan.shutdown()


@dataclass
class House:
    """The service with one paper, its hub, and the hands to move time."""

    agency: Agency
    hub: Hub
    paper: Paper
    pushing: Pushing

    @property
    def feed(self) -> Feed:
        """Give the feed as the store has it."""
        return self.agency.feed("port")

    @property
    def push(self) -> Push | None:
        """Give the subscription as the store has it."""
        return self.agency.store.pushes.by_feed().get(self.feed.id)

    @property
    def live(self) -> Push:
        """Give the subscription, which is there."""
        assert self.push is not None
        return self.push

    @property
    def state(self) -> str:
        """Say how the subscription stands."""
        return self.live.state.value

    @property
    def visits(self) -> int:
        """Count the requests of the paper."""
        return len(self.agency.press.log)

    async def ask(self) -> int:
        """Send what is due to the hub, and let the hub finish."""
        asked = await self.pushing.ask_due()
        await self.hub.settle()
        return asked

    async def begin(self) -> None:
        """Poll for the first time and subscribe."""
        await self.agency.poll()
        await self.ask()

    async def pass_time(self, span: timedelta) -> int:
        """Let time pass; the service looks, and sends what is due to the hub."""
        self.agency.now += span
        return await self.ask()

    def words(self) -> str:
        """Say what is told of the subscription now."""
        return tell(self.push, self.agency.now).words


def in_head(hub: str) -> str:
    """Name hub and topic in a header."""
    return f'Link: <{hub}>; rel="hub", <{TOPIC}>; rel="self"'


@asynccontextmanager
async def a_house(
    folder: Path, manner: Manner = Manner.GOOD, *, lease: int = 864_000, every: timedelta | None = None
) -> AsyncIterator[House]:
    """Open everything: the paper names the hub in its head."""
    paper = Paper("port", news=3 * HOUR, every=every)
    agency = Agency(folder, Press([paper], lambda: agency.now))
    async with Hub(manner, lease=lease) as hub, agency, _pages(agency) as address:
        paper.headers = (in_head(hub.url),)
        agency.shift.base_url = address
        yield House(agency, hub, paper, Pushing(agency.shift, agency._fetcher))


@asynccontextmanager
async def _pages(agency: Agency) -> AsyncIterator[str]:
    view = View(agency.store, lambda: (), lambda: Health(ok=True, checks={}), "UTC", agency.clock)
    door = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(create_app(view), log_level="warning"))
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.leave.set()
        await serving


# ------------------------------------------------------------------------------------- as it should be


@pytest.mark.slow
@pytest.mark.parametrize("manner", [Manner.GOOD, Manner.AT_ONCE, Manner.MOVED, Manner.NO_LEASE])
def test_a_feed_that_names_a_hub_is_subscribed_and_polled_when_it_pushes(
    tmp_path: Path, manner: Manner
) -> None:
    async def run() -> None:
        async with a_house(tmp_path, manner) as house:
            house.paper.news = 30 * MINUTE
            await house.begin()
            [form] = house.hub.forms
            assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
            assert house.hub.answers == [(200, "who-goes-there")]
            assert house.state == "live"
            assert house.feed.pushed_until == house.agency.now + 10 * DAY
            house.agency.now += 45 * MINUTE
            assert await house.hub.publish(house.paper.body()) == [204]
            assert house.feed.next_poll_at == house.agency.now, "the push makes it due"
            assert await house.agency.poll() == 1
            assert house.agency.polls[-1][1].new == 1
            assert house.feed.next_poll_at >= house.agency.now + DAY, "and then only the net is left"
            assert await house.ask() == 0, "there is nothing to ask of the hub"
            assert house.live.pushes == 1

    loop.run(run())


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_push_may_be_signed_in_four_ways(tmp_path: Path, method: str) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            house.agency.now += HOUR
            assert await house.hub.publish(b"news", method=method) == [204]
            assert (house.live.pushes, house.live.refused) == (1, 0)

    loop.run(run())


@pytest.mark.slow
def test_the_document_may_name_the_hub_and_what_it_holds_is_never_read(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            atom = "xmlns:atom='http://www.w3.org/2005/Atom'"
            house.paper.headers = ()
            house.paper.inside = (
                f"<atom:link {atom} rel='self' href='{TOPIC}'/>"
                f"<atom:link {atom} rel='hub' href='{house.hub.url}'/>"
            )
            await house.begin()
            assert house.state == "live"
            house.agency.now += HOUR
            forged = house.paper.body().replace(b"News 1", b"Something else")
            assert await house.hub.publish(forged) == [204]
            await house.agency.poll()
            assert house.agency.polls[-1][1].new == 0, "what counts is what the publisher says"

    loop.run(run())


@pytest.mark.slow
def test_pushes_without_end_are_one_poll_a_minute_and_one_that_was_early_is_looked_after(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            house.agency.now += HOUR
            for _ in range(20):
                await house.hub.publish(b"changed")
                await house.agency.poll()
                house.agency.now += timedelta(seconds=6)
            assert house.visits == 1 + 2, "two minutes of pushes"
            house.agency.now += MINUTE
            await house.agency.poll()
            wait = house.feed.next_poll_at - house.agency.now
            assert 9 * MINUTE < wait <= 11 * MINUTE, "it told of something that was not there yet"
            house.agency.now = house.feed.next_poll_at
            await house.agency.poll()
            assert house.feed.next_poll_at >= house.agency.now + DAY

    loop.run(run())


@pytest.mark.slow
def test_a_push_that_comes_while_its_feed_is_asked_makes_it_due_once_more(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            house.agency.now += DAY + 3 * HOUR
            [claimed] = house.agency.store.feeds.claim_due(
                house.agency.now, worker="agency", lease=HOUR, limit=9
            )
            fetched = await house.agency._fetcher.fetch(claimed, house.agency.now)
            await house.hub.publish(b"changed")
            house.agency.polling.record_polls([fetched])
            assert house.feed.next_poll_at == house.agency.now + MINUTE
            hosts = house.agency.store.feeds.claim_due(
                house.agency.now + MINUTE, worker="agency", lease=HOUR, limit=9
            )
            assert [feed.id for feed in hosts] == [house.feed.id], "the host knows it, too"

    loop.run(run())


@pytest.mark.slow
def test_an_interval_of_the_operator_stays_as_it_is(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path, every=30 * MINUTE) as house:
            await house.begin()
            house.agency.now = house.feed.next_poll_at
            await house.agency.poll()
            assert house.feed.pushed_until is not None
            assert house.feed.next_poll_at - house.agency.now <= 33 * MINUTE

    loop.run(run())


@pytest.mark.slow
def test_leases_are_renewed_before_they_end_and_short_ones_not_without_end(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path, lease=86_400) as house:
            await house.begin()
            first = house.live
            assert await house.pass_time(19 * HOUR) == 0
            assert await house.pass_time(15 * MINUTE) == 1, "at 80 % of the lease"
            assert len(house.hub.forms) == 2
            assert (house.live.token, house.live.secret) == (first.token, first.secret)
            assert house.feed.pushed_until == house.agency.now + DAY
            house.hub.lease = 60
            await house.pass_time(20 * HOUR)
            asked = [await house.pass_time(MINUTE) for _ in range(20)]
            assert sum(asked) == 4, "once in five minutes"

    loop.run(run())


# ------------------------------------------------------------------------------------ hubs that fail


@pytest.mark.slow
def test_a_hub_that_refuses_is_said_with_its_reason_and_left_alone_for_a_week(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with a_house(tmp_path, Manner.DENIES) as house:
            await house.begin()
            assert house.state == "denied"
            assert house.words() == "127.0.0.1 refuses to push. not on our list."
            assert caplog.text.count("refuses to push") == 1
            assert house.feed.pushed_until is None
            assert await house.pass_time(6 * DAY) == 0
            assert await house.pass_time(2 * DAY) == 1

    loop.run(run())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner.BROKEN, "127.0.0.1 was asked to push in vain. answered 503: out of order."),
        (Manner.CIRCLE, "127.0.0.1 was asked to push in vain. redirects too many times."),
        (
            Manner.SILENT,
            f"127.0.0.1 was asked to push in vain. {UNVERIFIED}",
        ),
        (
            Manner.WRONG_TOPIC,
            f"127.0.0.1 was asked to push in vain. {UNVERIFIED}",
        ),
    ],
)
def test_a_hub_that_does_not_do_its_part_is_asked_less_and_less_and_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, manner: Manner, words: str
) -> None:
    async def run() -> None:
        async with a_house(tmp_path, manner) as house:
            await house.begin()
            assert house.words().startswith("127.0.0.1 was asked to push. ")
            asked = [await house.pass_time(10 * MINUTE) for _ in range(6 * 24)]
            assert 1 + sum(asked) == MOST_ATTEMPTS
            waits = [number for number, one in enumerate(asked) if one]
            assert all(later > 1.5 * earlier for earlier, later in pairwise(waits[1:]))
            assert house.state == "given-up"
            assert house.words() == words
            assert caplog.text.count("in vain") == 1
            assert house.feed.pushed_until is None, "it is polled as before"
            assert {status for status, _ in house.hub.answers} <= {404}
            house.hub.manner = Manner.GOOD
            assert await house.pass_time(8 * DAY) == 1
            assert house.state == "live"

    loop.run(run())


@pytest.mark.slow
def test_what_a_hub_repeats_of_our_secrets_is_not_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with a_house(tmp_path, Manner.ECHOES) as house:
            await house.begin()
            for _ in range(6 * 24):
                await house.pass_time(10 * MINUTE)
            push = house.live
            assert "bad callback" in push.words
            shown = f"{push} {push.words} {house.words()} {caplog.text}"
            assert push.token not in shown
            assert push.secret not in shown

    loop.run(run())


def test_a_hub_that_nobody_reaches_or_may_reach_costs_nothing_but_words(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.agency.poll()
            url = house.hub.url
            await house.hub.__aexit__()
            assert await house.pushing.ask_due() == 1
            assert "no connection" in house.live.words
            await house.hub.__aenter__()
            assert house.hub.url != url

    loop.run(run())


@pytest.mark.slow
def test_a_hub_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path, Manner.HANGS) as house:
            await house.agency.poll()
            house.agency._fetcher._limits = HASTY
            assert await house.pushing.ask_due() == 1
            assert len(house.hub.forms) == 1
            assert "not done within the time limit" in house.live.words

    loop.run(run())


def test_an_address_that_is_none_is_not_asked(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            house.paper.headers = (in_head("http://hub.example:99999/"),)
            await house.begin()
            assert house.state == "asked"
            assert house.live.words

    loop.run(run())


def test_of_two_pollers_one_asks(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.agency.poll()
            others = [Pushing(house.agency.shift, house.agency._fetcher) for _ in range(4)]
            planned = [one._plan() for one in others]
            asked = [await one._ask_all(steps, 1e12) for one, steps in zip(others, planned, strict=True)]
            assert [len(steps) for steps in planned] == [1] * 4, "all of them saw it"
            assert (asked, len(house.hub.forms)) == ([1, 0, 0, 0], 1)
            await house.hub.settle()
            assert house.state == "live"

    loop.run(run())


def test_a_hub_inside_a_private_network_is_not_asked_for_a_feed_outside(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.agency.poll()
            house.agency._fetcher._policy = AddressPolicy(allow=("127.0.0.1",))
            house.agency.shift.base_url = "https://news.example"
            assert await house.pushing.ask_due() == 1
            assert house.hub.forms == []
            assert "an address inside a private network" in house.live.words

    loop.run(run())


@pytest.mark.slow
@pytest.mark.parametrize("ours", ["", "http://localhost:8080", "http://10.0.0.7", "ftp://news.example"])
def test_without_an_address_that_hubs_reach_none_is_asked(tmp_path: Path, ours: str) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.agency.poll()
            house.agency._fetcher._policy = AddressPolicy()
            house.agency.shift.base_url = ours
            assert await house.pushing.ask_due() == 0
            assert house.push is None

    loop.run(run())


@pytest.mark.slow
def test_a_hub_that_announces_nothing_is_taken_for_dead_and_the_pace_returns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            while house.state == "live":
                house.agency.now = house.feed.next_poll_at
                await house.agency.poll()
                assert house.visits < 9
            brought = [bool(polled.new) for _, polled in house.agency.polls[1:]]
            assert (sum(brought), brought[-1]) == (3, True), "three polls found news of which no push told"
            assert house.state == "dead"
            assert caplog.text.count("did not push. 3 polls in a row found news") == 1
            assert house.feed.pushed_until is None
            assert house.feed.next_poll_at - house.agency.now < 3 * HOUR
            answer = await house.hub.ask(
                house.live.callback, {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
            )
            assert answer[0] == 404, "it is not wanted now"
            assert await house.pass_time(8 * DAY) == 1
            assert house.state == "live", "it gets another chance"

    loop.run(run())


# ---------------------------------------------------------------------------------------- forgeries


def test_a_push_that_is_not_signed_as_agreed_is_ignored_counted_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            before = house.feed.next_poll_at
            house.agency.now += HOUR
            callback = house.live.callback
            good = sign(b"news", "sha256", house.live.secret)
            bad = (None, "", "sha256=", good[:-1], f"md5={'0' * 32}", good.replace("sha256", "sha512"))
            for signature in bad:
                assert await house.hub.send(callback, b"news", signature) == 204
            assert await house.hub.publish(b"news", secret="another") == [204]
            assert await house.hub.send(callback, b"other news", good) == 204
            assert house.feed.next_poll_at == before
            assert (house.live.pushes, house.live.refused) == (0, len(bad) + 2)
            assert caplog.text.count("not signed as agreed") == 1
            assert "(8 pushes that were not signed as agreed were ignored)" in house.words()

    loop.run(run())


@pytest.mark.slow
def test_who_does_not_know_the_address_finds_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            push = house.live
            elsewhere = push.callback.replace(push.token, "A" * len(push.token))
            signature = sign(b"news", "sha256", push.secret)
            question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
            assert await house.hub.send(elsewhere, b"news", signature) == 404
            assert await house.hub.ask(elsewhere, question) == (404, "")
            for wrong in (
                {"hub.mode": "unsubscribe"},
                {"hub.topic": "https://other.example/"},
                {"hub.challenge": ""},
                {"hub.lease_seconds": "soon"},
                {"hub.mode": "denied", "hub.topic": "https://other.example/"},
            ):
                status, _ = await house.hub.ask(push.callback, {**question, **wrong})
                assert status == 404, wrong
            assert house.live == push

    loop.run(run())


@pytest.mark.slow
def test_a_push_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            monkeypatch.setattr(websub, "MOST_BYTES", 100_000)
            large = b"x" * 100_001
            signature = sign(large, "sha256", house.live.secret)
            assert await house.hub.send(house.live.callback, large, signature) == 413
            monkeypatch.setattr(websub, "BODY_SECONDS", 0.05)
            reader, writer = await asyncio.open_connection("127.0.0.1", _port(house.live.callback))
            path = house.live.callback.partition("127.0.0.1")[2].partition("/")[2]
            writer.write(f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nne".encode())
            assert (await reader.readline()).split()[1] == b"408"
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", _port(house.live.callback))
            monkeypatch.setattr(websub, "BODY_SECONDS", 20.0)
            writer.write(f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nne".encode())
            await writer.drain()
            writer.close()
            await house.hub.publish(b"news")
            assert (house.live.pushes, house.live.refused) == (1, 0)

    loop.run(run())


def _port(url: str) -> int:
    return int(url.split(":")[2].partition("/")[0])


# --------------------------------------------------------------------------------------- the end of it


@pytest.mark.slow
def test_a_feed_that_leaves_the_packs_is_unsubscribed(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            house.agency.store.feeds.sync([], first_poll_at=lambda _: house.agency.now)
            assert await house.ask() == 1
            assert house.hub.forms[-1]["hub.mode"] == "unsubscribe"
            assert house.hub.subscribers == {}
            assert house.agency.store.pushes.by_feed() == {}
            assert await house.ask() == 0

    loop.run(run())


@pytest.mark.slow
def test_a_feed_that_names_another_hub_leaves_the_first_and_one_that_names_none_is_polled_again(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house, Hub() as other:
            await house.begin()
            house.paper.headers = (in_head(other.url),)
            house.agency.now += DAY + HOUR
            await house.agency.poll()
            assert await house.ask() == 1, "a farewell"
            assert house.push is None
            assert await house.ask() == 1
            await other.settle()
            assert (len(house.hub.subscribers), len(other.subscribers)) == (0, 1)
            house.paper.headers = ()
            house.agency.now += 4 * HOUR
            await house.agency.poll()
            other.manner = Manner.SILENT
            for _ in range(8):
                await house.pass_time(HOUR)
            assert [form["hub.mode"] for form in other.forms] == ["subscribe", *["unsubscribe"] * 3]
            assert house.push is None, "it was said often enough"
            assert house.feed.pushed_until is None

    loop.run(run())


def test_a_new_public_address_is_told_to_the_hub(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            async with _pages(house.agency) as address:
                house.agency.shift.base_url = address
                assert await house.pass_time(MINUTE) == 0, "not in the same breath"
                assert await house.pass_time(5 * MINUTE) == 1
                assert house.live.callback.startswith(address)
                assert house.hub.answers == [(200, "who-goes-there")] * 2

    loop.run(run())


def test_a_feed_that_is_told_to_slow_down_is_not_polled_for_a_push(tmp_path: Path) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.begin()
            house.paper.answers = lambda paper, request, before: (
                b"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n"
            )
            house.agency.now = house.feed.next_poll_at
            await house.agency.poll()
            before = house.feed.next_poll_at
            house.agency.now += 2 * MINUTE
            assert await house.hub.publish(b"news") == [204]
            assert house.feed.next_poll_at == before

    loop.run(run())


def test_a_round_that_takes_too_long_leaves_the_rest_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with a_house(tmp_path) as house:
            await house.agency.poll()
            monkeypatch.setattr("service.pipeline.pushing.ROUND_SECONDS", -1.0)
            assert await house.ask() == 0
            monkeypatch.setattr("service.pipeline.pushing.ROUND_SECONDS", 60.0)
            assert await house.ask() == 1

    loop.run(run())


# ------------------------------------------------------------------------------------ what is shown


@pytest.mark.slow
def test_page_and_command_say_until_when_a_feed_is_pushed_and_nothing_of_the_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    async def run() -> None:
        async with a_house(tmp_path) as house:
            house.agency.now = datetime.now(UTC)
            await house.begin()
            async with house.hub._session.get(f"{house.agency.shift.base_url}/sources") as answer:
                shown.append(await answer.text())
            shown.extend((house.live.token, house.live.secret))

    loop.run(run())
    page, token, secret = shown
    monkeypatch.setenv("AVIZOR_DATABASE_URL", f"sqlite:///{tmp_path / 'avizor.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    table = CliRunner().invoke(app, ["feeds"]).output
    for text in (page, table):
        assert "Pushed by 127.0.0.1 until" in text
        assert token not in text
        assert secret not in text
    listed = json.loads(CliRunner().invoke(app, ["feeds", "--json"]).output)
    assert listed[0]["pushed_until"]
    assert secret not in json.dumps(listed)


@pytest.mark.slow
def test_the_command_says_what_a_hub_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with a_house(tmp_path, Manner.DENIES) as house:
            await house.begin()

    loop.run(run())
    monkeypatch.setenv("AVIZOR_DATABASE_URL", f"sqlite:///{tmp_path / 'avizor.db'}")
    monkeypatch.setenv("COLUMNS", "200")
    table = " ".join(CliRunner().invoke(app, ["feeds"]).output.split())
    assert "127.0.0.1 refuses to push. not on our list." in table

"""A feed's own user agent, login, cookie and proxy: said in its pack, filled in for a fetch, kept nowhere."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.domain import FeedAccess, Fetched, FetchFailed, FetchFailure, FetchResult
from service.errors import SecretMissing
from service.fetch import AddressPolicy, Fetcher
from service.watchlists import load_feed_packs
from tests.partners.feed_server import (
    AGENT,
    LOOPBACK,
    NOW,
    RSS,
    SMALL,
    FeedServer,
    Request,
    answer,
    make_feed,
    redirect,
)

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = {
    "DESK_LOGIN": "ana:p4ss",
    "DESK_COOKIE": "paid=yes; id=7",
    "BAD": "two\r\nlines",
    "PROXY": "http://u:p@127.0.0.1",
}
ASKED = FeedAccess(user_agent="Desk reader/1", login="${DESK_LOGIN}", cookie="${DESK_COOKIE}")
LOGIN = b"Basic " + b64encode(b"ana:p4ss")


def secret(name: str) -> str:
    """Give a secret as the environment would."""
    if name not in SECRETS:
        raise SecretMissing(f"{name} is not set", resource=name, mend=f"Set {name}.")
    return SECRETS[name]


async def fetch(url: str, access: FeedAccess, policy: AddressPolicy = LOOPBACK) -> FetchResult:
    """Fetch a feed with what it wants to see."""
    feed = make_feed(url)
    feed = replace(feed, source=replace(feed.source, access=access))
    async with Fetcher(AGENT, limits=SMALL, policy=policy, secret=secret) as fetcher:
        return await fetcher.fetch(feed, NOW)


def test_a_feed_sees_what_its_pack_says() -> None:
    async def run() -> Request:
        async with FeedServer({"/feed": answer(RSS)}) as server:
            assert isinstance(await fetch(server.url(), ASKED), Fetched)
            return server.requests[0]

    request = loop.run(run())
    assert request.get("user-agent") == b"Desk reader/1"
    assert request.get("authorization") == LOGIN
    assert request.get("cookie") == b"paid=yes; id=7"


def test_a_redirect_elsewhere_sees_no_secret() -> None:
    async def run() -> tuple[Request, Request]:
        async with FeedServer({"/feed": answer(RSS)}) as other, FeedServer({}) as server:
            server.pages["/feed"] = redirect(other.url())
            assert isinstance(await fetch(server.url(), ASKED), Fetched)
            return server.requests[0], other.requests[0]

    first, second = loop.run(run())
    assert first.get("cookie") is not None
    assert (second.get("authorization"), second.get("cookie")) == (None, None)
    assert second.get("user-agent") == b"Desk reader/1"


def test_a_server_that_repeats_what_it_was_shown_gives_nothing_away() -> None:
    said = f"You sent {LOGIN.decode()} which is P4SS of ana, and paid=yes; id=7. " + "x" * 100 + " p4ss"
    page = f"HTTP/1.1 403 No\r\nContent-Length: {len(said)}\r\n\r\n{said}".encode()

    async def run() -> FetchResult:
        async with FeedServer({"/feed": page}) as server:
            return await fetch(server.url(), ASKED)

    result = loop.run(run())
    assert isinstance(result, FetchFailed)
    assert "You sent Basic … which is … of ana, and …. xxx" in result.words
    assert "p4s" not in result.words


@pytest.mark.parametrize(
    ("access", "words"),
    [
        (FeedAccess(cookie="${NOBODY_SET_THIS}"), "NOBODY_SET_THIS is not set. Set NOBODY_SET_THIS."),
        (FeedAccess(login="${BAD}"), "the login of its pack holds a line break"),
    ],
)
def test_a_feed_whose_secret_is_unset_or_no_line_is_not_asked(access: FeedAccess, words: str) -> None:
    async def run() -> tuple[FetchResult, int]:
        async with FeedServer({"/feed": answer(RSS)}) as server:
            return await fetch(server.url(), access), server.connections

    result, connections = loop.run(run())
    assert connections == 0
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.NAME_UNSET
    assert words in f"{result.words} {result.mend}"
    assert "two" not in result.words


def test_a_feed_with_a_proxy_is_reached_through_it_and_nothing_else() -> None:
    async def run() -> tuple[FetchResult, Request]:
        async with FeedServer({"*": answer(RSS)}) as proxy:
            access = FeedAccess(proxy=proxy.url("").rstrip("/"))
            result = await fetch("http://paper.example/feed", access, AddressPolicy())
            return result, proxy.requests[0]

    result, request = loop.run(run())
    assert isinstance(result, Fetched)
    assert request.path == "http://paper.example/feed"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "a.localhost",
        "[::1]",
        "10.1.2.3",
        "paper.example:25",
    ],
)
def test_a_proxy_is_no_way_into_a_private_network(host: str) -> None:
    async def run() -> tuple[FetchResult, int]:
        async with FeedServer({"*": answer(RSS)}) as proxy:
            access = FeedAccess(proxy=proxy.url("").rstrip("/"))
            return await fetch(f"http://{host}/feed", access, AddressPolicy()), proxy.connections

    result, connections = loop.run(run())
    assert connections == 0
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.REFUSED_ADDRESS


# ------------------------------------------------------------------------------------ in the pack

PACK = """\
title: Peru
feeds:
  - url: https://diario.example/rss
    title: Portada
    outlet: Diario
    {line}
"""


def _load(folder: Path, line: str) -> tuple[list[FeedAccess], list[str]]:
    (folder / "peru.yaml").write_text(PACK.format(line=line), encoding="utf-8")
    loaded = load_feed_packs(folder, secret)
    return [one.access for one in loaded.sources], [str(problem) for problem in loaded.problems]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("user_agent: Desk reader/1", FeedAccess(user_agent="Desk reader/1")),
        ("login: ${DESK_LOGIN}", FeedAccess(login="${DESK_LOGIN}")),
        ("cookie: ${DESK_COOKIE}", FeedAccess(cookie="${DESK_COOKIE}")),
        ("proxy: http://proxy.example:3128", FeedAccess(proxy="http://proxy.example:3128")),
        ("proxy: ${PROXY}", FeedAccess(proxy="${PROXY}")),
    ],
)
def test_a_pack_says_what_a_feed_wants_to_see(tmp_path: Path, line: str, expected: FeedAccess) -> None:
    assert _load(tmp_path, line) == ([expected], [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("login: ana:p4ss", "peru.yaml:6:12: a login is a secret and does not belong in a file. Put it into"),
        ("login: ana:${DESK_LOGIN}", "write its name here: login: ${DIARIO_LOGIN}"),
        ("cookie: id=7", "a cookie is a secret"),
        ("user_agent: Läufer", "one line of plain letters"),
        ("proxy: socks5://proxy.example", "no address of a proxy"),
        ("proxy: http://$HOST", "no address of a proxy"),
        ("proxy: http://u:p@proxy.example", "a password does not belong in a file"),
    ],
)
def test_a_secret_in_a_pack_and_what_cannot_be_used_is_refused(tmp_path: Path, line: str, words: str) -> None:
    sources, problems = _load(tmp_path, line)
    assert sources == []
    assert len(problems) == 1
    assert words in problems[0]


def test_a_secret_that_is_not_set_is_warned_of(tmp_path: Path) -> None:
    sources, (problem,) = _load(tmp_path, "cookie: ${NOBODY_SET_THIS}")
    assert sources == [FeedAccess(cookie="${NOBODY_SET_THIS}")]
    assert "NOBODY_SET_THIS is not set; https://diario.example/rss is not asked until it is." in problem

"""The fetcher against servers that behave, each in its own way."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import zlib
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING
from unittest.mock import patch

import brotli
import pytest

from service import loop
from service.domain import Fetched, FetchFailed, FetchFailure, NotModified
from service.fetch import AddressPolicy
from service.fetch.faults import shown_url
from service.fetch.turns import Turns
from tests.partners.codings import zstd
from tests.partners.feed_server import (
    AGENT,
    NOW,
    RSS,
    SMALL,
    FeedServer,
    Request,
    a_fetcher,
    answer,
    fetch_once,
    make_feed,
    poll,
    redirect,
    unsized,
)

if TYPE_CHECKING:
    from service.domain import FetchResult
    from service.fetch.address import Lookup
    from tests.partners.feed_server import Known, Page

HOUR = timedelta(hours=1)
NOTHING = timedelta(0)


def good(result: FetchResult) -> Fetched:
    assert isinstance(result, Fetched), result
    return result


def bad(result: FetchResult) -> FetchFailed:
    assert isinstance(result, FetchFailed), result
    return result


def name_of(value: object) -> str:
    """Name a case by its words and not by its bytes, which may hold the time."""
    return value if isinstance(value, str) else "bytes"


# ------------------------------------------------------------------------------- a feed and its bytes


def test_a_feed_comes_with_its_bytes_and_what_the_server_said_of_them() -> None:
    result, server = poll(answer(RSS, "Content-Type: application/rss+xml", 'ETag: "v1"'))
    fetched = good(result)
    assert fetched.body == RSS
    assert fetched.body_hash == sha256(RSS).hexdigest()
    assert (fetched.content_type, fetched.etag, fetched.last_modified) == ("application/rss+xml", '"v1"', "")
    assert (fetched.url, fetched.moved_to) == (server.url(), "")


def test_a_request_says_who_asks_and_nothing_it_should_not() -> None:
    _, server = poll(answer(RSS))
    (request,) = server.requests
    assert request.line == "GET /feed HTTP/1.1"
    assert request.get("user-agent") == AGENT.encode()
    assert b"application/atom+xml" in (request.get("accept") or b"")
    assert request.get("accept-encoding") == b"gzip, deflate, br, zstd"
    unwanted = ("cookie", "referer", "if-none-match", "if-modified-since", "authorization")
    assert not [name for name in unwanted if request.get(name) is not None]


def _raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(RSS)),
        ("x-gzip", gzip.compress(RSS)),
        ("GZIP", gzip.compress(RSS)),
        ("gzip", gzip.compress(RSS[:9]) + gzip.compress(RSS[9:])),
        ("gzip", gzip.compress(RSS) + b"\0\0 padding of a cache"),
        ("gzip", RSS),
        ("deflate", zlib.compress(RSS)),
        ("deflate", zlib.compress(RSS) + b"\n"),
        ("deflate", _raw_deflate(RSS)),
        ("br", brotli.compress(RSS)),
        ("zstd", zstd.compress(RSS)),
        ("zstd", zstd.compress(RSS[:9]) + zstd.compress(RSS[9:])),
        ("identity", RSS),
        ("utf-8", RSS),
        ("gzip, br", brotli.compress(gzip.compress(RSS))),
    ],
    ids=name_of,
)
def test_every_coding_that_is_offered_is_understood(coding: str, wire: bytes) -> None:
    result, _ = poll(answer(wire, f"Content-Encoding: {coding}"))
    assert good(result).body == RSS


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_body_may_come_byte_by_byte(coding: str) -> None:
    packed = {
        "gzip": gzip.compress(RSS) * 2,
        "deflate": zlib.compress(RSS),
        "br": brotli.compress(RSS),
        "zstd": zstd.compress(RSS) * 2,
    }

    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(unsized(b"", f"Content-Encoding: {coding}"))
        for byte in packed[coding]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    result, _ = poll(script)
    assert good(result).body in {RSS, RSS * 2}


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    result, _ = poll(unsized(RSS))
    assert good(result).body == RSS


def test_a_chunked_answer_is_put_together() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss/\r\n1\r\n>\r\n0\r\n\r\n"
    assert good(poll(chunked)[0]).body == b"<rss/>"


def test_html_is_left_to_the_parser() -> None:
    result, _ = poll(answer(b"<html>Please log in</html>", "Content-Type: text/html"))
    assert good(result).content_type == "text/html"


def test_a_content_type_in_no_known_letters_is_still_text() -> None:
    result, _ = poll(answer(RSS, b"Content-Type: text/\xff" + b"x" * 999))
    assert good(result).content_type == "text/?" + "x" * 194


# ------------------------------------------------------------------------------------- validators


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"33a64df5"', "Mon, 02 Mar 2026 08:00:00 GMT"),
        ('W/"33a64df5"', ""),
        ("unquoted-by-mistake", ""),
        ('"äöü-in-utf-8"', ""),
        ("", "2 March 2026, about eight"),
        ("", "Mon, 2 Mar 26 08:00:00 +0000"),
    ],
)
def test_validators_go_back_byte_for_byte(etag: str, last_modified: str) -> None:
    heads = [f"ETag: {etag}"] * bool(etag) + [f"Last-Modified: {last_modified}"] * bool(last_modified)

    async def run() -> None:
        async with FeedServer({"/feed": [answer(RSS, *heads), answer(status=304)]}) as server:
            first = good(await fetch_once(server.url()))
            known: Known = {
                "etag": first.etag,
                "last_modified": first.last_modified,
                "validators_url": first.url,
            }
            assert isinstance(await fetch_once(server.url(), **known), NotModified)
            second = server.requests[1]
            assert second.get("if-none-match") == (etag.encode() or None)
            assert second.get("if-modified-since") == (last_modified.encode() or None)

    loop.run(run())


def test_a_304_brings_its_new_validators() -> None:
    result, _ = poll(answer(b"", 'ETag: "v2"', "Cache-Control: max-age=7200", status=304), etag='"v1"')
    assert isinstance(result, NotModified)
    assert (result.etag, result.last_modified, result.hints.max_age) == ('"v2"', "", 2 * HOUR)


@pytest.mark.parametrize(
    "head",
    [b"ETag: " + b"x" * 1025, b"ETag: a\tb", b"ETag: \xff\xfe", b"Last-Modified: \x1b[2J", b"ETag: "],
)
def test_f28_validators_that_cannot_be_sent_back_are_not_kept(head: bytes) -> None:
    result, _ = poll(answer(RSS, head))
    if isinstance(result, Fetched):  # the HTTP parser refuses some of them by itself
        assert (result.etag, result.last_modified) == ("", "")
    else:
        assert bad(result).reason is FetchFailure.HTTP_ERROR


def test_validators_are_sent_only_to_the_address_they_came_from() -> None:
    async def run() -> None:
        pages: dict[str, Page] = {
            "/feed": redirect("/real"),
            "/real": [answer(RSS, 'ETag: "v1"'), answer(status=304)],
        }
        async with FeedServer(pages) as server:
            first = good(await fetch_once(server.url()))
            assert first.url == server.url("/real")
            again = await fetch_once(server.url(), etag=first.etag, validators_url=first.url)
            assert isinstance(again, NotModified)
            sent = [(request.path, request.get("if-none-match")) for request in server.requests]
            assert sent[2:] == [("/feed", None), ("/real", b'"v1"')]

    loop.run(run())


def test_f27_a_304_that_nobody_asked_for_is_a_failure() -> None:
    result, _ = poll(answer(b"", status=304))
    assert bad(result).reason is FetchFailure.HTTP_ERROR
    assert "304" in bad(result).words


# -------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    ("chain", "moved_to"),
    [
        ([301], "/1"),
        ([308], "/1"),
        ([302], ""),
        ([303], ""),
        ([307], ""),
        ([301, 308], "/2"),
        ([301, 302], "/1"),
        ([302, 301], ""),
        ([301, 308, 301, 308, 301], "/5"),
    ],
)
def test_f33_only_permanent_redirects_at_the_start_are_a_move(chain: list[int], moved_to: str) -> None:
    places = ["/feed", *(f"/{number}" for number in range(1, len(chain) + 1))]
    pages: dict[str, Page] = {
        places[step]: redirect(places[step + 1], status) for step, status in enumerate(chain)
    }
    result, server = poll({**pages, places[-1]: answer(RSS)})
    assert good(result).url == server.url(places[-1])
    assert good(result).moved_to == (server.url(moved_to) if moved_to else "")


def test_the_fragment_of_a_redirect_is_not_part_of_the_address() -> None:
    result, server = poll({"/feed": redirect("real?page=1#top"), "/real?page=1": answer(RSS)})
    assert good(result).url == server.url("/real?page=1")


def test_user_and_password_go_to_the_feeds_own_origin_only() -> None:
    async def run() -> tuple[FeedServer, FeedServer]:
        async with FeedServer({"/feed": answer(RSS)}) as other:
            pages = {"/feed": redirect("/next"), "/next": redirect(other.url("/feed", user="eve:x"))}
            async with FeedServer(pages) as own:
                result = await fetch_once(own.url(user="ann:s%40crét"))
                assert "@" not in good(result).url
                return own, other

    own, other = loop.run(run())
    assert [request.get("authorization") for request in own.requests] == [b"Basic YW5uOnNAY3LDqXQ="] * 2
    assert other.requests[0].get("authorization") is None


# ------------------------------------------------------------------------------- answers that say no


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, FetchFailure.FORBIDDEN),
        (403, FetchFailure.FORBIDDEN),
        (404, FetchFailure.NOT_FOUND),
        (410, FetchFailure.GONE),
        (429, FetchFailure.THROTTLED),
        (503, FetchFailure.OVERLOADED),
        (500, FetchFailure.SERVER_ERROR),
        (599, FetchFailure.SERVER_ERROR),
        (400, FetchFailure.HTTP_ERROR),
        (451, FetchFailure.HTTP_ERROR),
        (204, FetchFailure.HTTP_ERROR),
        (206, FetchFailure.HTTP_ERROR),
        (300, FetchFailure.HTTP_ERROR),
        (799, FetchFailure.HTTP_ERROR),
    ],
)
def test_f24_each_status_has_its_reason_and_a_mend(status: int, reason: FetchFailure) -> None:
    result, server = poll(answer(b"", status=status))
    failed = bad(result)
    assert failed.reason is reason
    assert failed.words.startswith(f"{server.url()}: answered {status}")
    assert failed.mend.endswith(".")


def test_the_beginning_of_an_errors_page_is_in_the_words() -> None:
    page = b"<html><body><h1>Blocked</h1> Ask <b>press@paper.example</b> &amp; wait</body></html>"
    for body, head in [(page, "X-Plain: yes"), (gzip.compress(page), "Content-Encoding: gzip")]:
        result, _ = poll(answer(body, head, status=403))
        assert "403 Forbidden, saying “Blocked Ask press@paper.example & wait”." in bad(result).words


def test_a_long_errors_page_is_cut() -> None:
    for body, head in [
        (b"word " * 30_000, "X-Plain: yes"),
        (gzip.compress(b"word " * 30_000), "Content-Encoding: gzip"),
    ]:
        words = bad(poll(answer(body, head, status=500))[0]).words
        assert 150 < len(words) < 300


@pytest.mark.parametrize(
    "head", ["Content-Encoding: compress", "Content-Encoding: zstd", "Content-Encoding: br"]
)
def test_an_errors_page_that_cannot_be_read_leaves_the_status(head: str) -> None:
    result, _ = poll(answer(b"\x1f\x8b not what it says", head, status=404))
    assert bad(result).words.endswith("answered 404 Not Found.")


def test_words_hold_no_credentials() -> None:
    async def run() -> FetchResult:
        async with FeedServer({}) as server:
            return await fetch_once(server.url("/feed?page=2&api_key=hunter2", user="ann:hunter2"))

    words = bad(loop.run(run())).words
    assert "hunter2" not in words
    assert "ann" not in words
    assert "/feed?page=2&api_key=…" in words


def test_a_shown_address_is_one_short_printable_line() -> None:
    assert shown_url("http://paper.example/\x1b[2J\n" + "x" * 999).count("\n") == 0
    assert len(shown_url("http://paper.example/" + "x" * 999)) == 300


def test_words_name_both_ends_of_a_redirect() -> None:
    result, server = poll({"/feed": redirect("/lost")})
    assert bad(result).words.startswith(f"{server.url()} (redirected to {server.url('/lost')}): answered 404")


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
def test_f32_an_empty_page_is_no_feed(body: bytes) -> None:
    assert bad(poll(answer(body))[0]).reason is FetchFailure.NOT_A_FEED


# ---------------------------------------------------------------------------------- publisher hints


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", timedelta(seconds=1)),
        (" 86400 ", timedelta(days=1)),
        ("Mon, 02 Mar 2026 11:30:00 GMT", 2 * HOUR),
        ("Mon, 02 Mar 2026 11:30:00 -0000", 2 * HOUR),
        ("Mon, 02 Mar 2026 11:30:00 GMT\r\nDate: Mon, 02 Mar 2026 06:30:00 GMT", 5 * HOUR),
        ("Mon, 02 Mar 2026 12:30:00 +0100", 2 * HOUR),
        ("Sun, 01 Mar 2026 11:30:00 GMT", None),
        ("Mon, 02 Mar 9999 11:30:00 GMT", timedelta(days=31)),
        ("99999999", timedelta(days=31)),
        ("9" * 5000, timedelta(days=31)),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Mon, 02 Mar 0000 99:99:99 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1400", None),
        ("²", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_f25_retry_after_is_read_in_seconds_and_as_a_date(
    status: int, value: str, expected: timedelta | None
) -> None:
    result, _ = poll(answer(b"", f"Retry-After: {value}", status=status))
    assert bad(result).hints.retry_after == expected


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        (["Cache-Control: max-age=3600"], HOUR),
        (['Cache-Control: public, Max-Age="3600"'], HOUR),
        (["Cache-Control: max-age=7200", "Age: 3600"], HOUR),
        (["Cache-Control: max-age=3600", "Age: 3600"], NOTHING),
        (["Cache-Control: max-age=3600", "Age: old"], HOUR),
        (["Cache-Control: max-age=3600", "Expires: Tue, 03 Mar 2026 09:30:00 GMT"], HOUR),
        (["Cache-Control: no-cache, max-age=3600"], NOTHING),
        (["Cache-Control: max-age=0"], NOTHING),
        (["Cache-Control: max-age=-1"], None),
        (["Cache-Control: max-age=99999999999999999"], timedelta(days=31)),
        (["Expires: Mon, 02 Mar 2026 10:30:00 GMT"], HOUR),
        (["Expires: Mon, 02 Mar 2026 10:30:00 GMT", "Date: Mon, 02 Mar 2026 08:30:00 GMT"], 2 * HOUR),
        (["Expires: 0"], NOTHING),
        ([], None),
    ],
)
def test_the_time_an_answer_stays_fresh_is_read(heads: list[str], expected: timedelta | None) -> None:
    assert good(poll(answer(RSS, *heads))[0]).hints.max_age == expected


# -------------------------------------------------------------------------------- turns and manners


def test_one_request_at_a_time_goes_to_a_host() -> None:
    async def run() -> FeedServer:
        async with FeedServer({"*": _slowly}) as server, a_fetcher() as fetcher:
            feeds = [make_feed(server.url(f"/{number}")) for number in range(6)]
            results = await asyncio.gather(*(fetcher.fetch(feed, NOW) for feed in feeds))
            assert all(isinstance(result, Fetched) for result in results)
            return server

    assert loop.run(run()).busiest == 1


def test_so_many_requests_at_once_and_no_more_go_out_overall() -> None:
    async def run() -> FeedServer:
        limits = replace(SMALL, at_once=3)
        lookup = _always("127.0.0.1")
        barrier = asyncio.Barrier(3)

        async def script(_: Request, writer: asyncio.StreamWriter) -> None:
            await barrier.wait()  # so that three are there at once
            writer.write(answer(RSS))
            await writer.drain()

        async with FeedServer({"*": script}) as server, a_fetcher(limits, lookup=lookup) as fetcher:
            feeds = [make_feed(server.url(host=f"paper{number}.example")) for number in range(9)]
            await asyncio.gather(*(fetcher.fetch(feed, NOW) for feed in feeds))
            assert not fetcher._turns._lines
            return server

    assert loop.run(run()).busiest == 3


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_large_bodies_are_received_in_turns_and_small_ones_pass_them(coding: str) -> None:
    large = random.Random(7).randbytes(1024 * 1024).hex().encode()
    limits = replace(SMALL, wire_bytes=2**22, body_bytes=2**22)
    pages = {
        "/large": answer(gzip.compress(large) if coding else large, f"Content-Encoding: {coding}"),
        "/small": answer(RSS),
    }

    async def run() -> None:
        lookup = _always("127.0.0.1")
        async with FeedServer(pages) as server, a_fetcher(limits, lookup=lookup) as fetcher:

            def fetch(path: str, host: str) -> asyncio.Task[FetchResult]:
                return asyncio.create_task(fetcher.fetch(make_feed(server.url(path, host=host)), NOW))

            stands_in_line = asyncio.Event()
            let_pass = fetcher._turns.let_pass

            async def stand_in_line() -> None:
                stands_in_line.set()
                await let_pass()

            fetcher._turns.let_pass = stand_in_line  # type: ignore[method-assign]
            async with fetcher._turns._large:  # somebody else's turn
                waiting = fetch("/large", "large.example")
                await stands_in_line.wait()
                assert isinstance(await fetch("/small", "small.example"), Fetched)
                assert not waiting.done()
            result = await waiting
            assert isinstance(result, Fetched)
            assert result.body == large

    loop.run(asyncio.wait_for(run(), 20))


async def _slowly(_: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.02)
    writer.write(answer(RSS))
    await writer.drain()


def test_two_requests_to_a_host_keep_their_distance() -> None:
    async def run() -> list[tuple[float, float]]:
        limits = replace(SMALL, spacing=0.05)
        async with FeedServer({"*": answer(RSS)}) as server, a_fetcher(limits) as fetcher:
            feeds = [make_feed(server.url(f"/{number}")) for number in range(3)]
            await asyncio.gather(*(fetcher.fetch(feed, NOW) for feed in feeds))
            return sorted(server.times)

    starts = [start for start, _ in loop.run(run())]
    assert all(after - before >= 0.045 for before, after in pairwise(starts))


def test_the_line_of_a_host_is_kept_while_somebody_needs_it_and_no_longer() -> None:
    async def run() -> None:
        turns, now = Turns(4, spacing=1.0), [0.0]
        with patch.object(asyncio.get_running_loop(), "time", lambda: now[0]):
            async with turns.turn("a.example"):
                waiting = asyncio.create_task(turns.turn("a.example").__aenter__())
                await asyncio.sleep(0)
            waiting.cancel()  # when its turn has come, but not its time
            await asyncio.wait([waiting])
            for now[0], kept in ((0.9, {"a", "b"}), (1.0, {"b", "c"}), (8.0, {"d"})):
                async with turns.turn(max(kept) + ".example"):
                    pass
                assert {*turns._lines} == {f"{name}.example" for name in kept}

    loop.run(run())


def test_a_server_that_hangs_up_is_not_asked_a_second_time() -> None:
    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    result, server = poll(script)
    assert bad(result).reason is FetchFailure.UNREACHABLE
    assert bad(result).words == f"{server.url()}: the server hung up without an answer."
    assert len(server.requests) == 1


def test_a_fetch_can_be_cancelled() -> None:
    async def run() -> None:
        arrived = asyncio.Event()

        async def script(_: Request, __: asyncio.StreamWriter) -> None:
            arrived.set()
            await asyncio.sleep(60)

        pages: dict[str, Page] = {"/hangs": script, "/feed": answer(RSS)}
        async with FeedServer(pages) as server, a_fetcher() as fetcher:
            task = asyncio.create_task(fetcher.fetch(make_feed(server.url("/hangs")), NOW))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert isinstance(await fetcher.fetch(make_feed(server.url()), NOW), Fetched)

    loop.run(run())


# ------------------------------------------------------------------- names, addresses, safe connections


def _always(*addresses: str) -> Lookup:
    def lookup(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return lookup


def test_f34_a_dead_address_does_not_hide_a_living_one() -> None:
    async def run() -> FetchResult:
        async with FeedServer({"/feed": answer(RSS)}) as server:
            fetcher = a_fetcher(lookup=_always("127.0.0.2", "127.0.0.1"))
            return await fetch_once(server.url(host="paper.example"), fetcher=fetcher)

    assert good(loop.run(run())).body == RSS


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(("host", "addresses"), [("::1", ["::1"]), ("127.0.0.1", ["127.0.0.1"]),
                                                 ("127.0.0.1", ["::1", "127.0.0.1"])])  # fmt: skip
def test_f34_a_host_with_ipv6_alone_ipv4_alone_or_a_dead_one_of_both_is_reached(
    host: str, addresses: list[str]
) -> None:
    def lookup(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    async def run() -> FetchResult:
        async with FeedServer({"/feed": answer(RSS)}, host=host) as server:
            return await fetch_once(server.url(host="paper.example"), fetcher=a_fetcher(lookup=lookup))

    assert good(loop.run(run())).body == RSS


def test_f33_a_move_to_another_site_is_followed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.fetch.address.is_public", lambda _: True)  # as it is on the web

    async def run() -> tuple[FetchResult, str, FeedServer]:
        async with FeedServer({"/new": answer(RSS, 'ETag: "n"')}) as other:
            policy = AddressPolicy(ports=frozenset({other.port}), allow=("paper.example",))
            to = other.url("/new", host="news.example")
            async with FeedServer({"/feed": redirect(to, 301)}) as own:
                fetcher = a_fetcher(policy=policy, lookup=_always("127.0.0.1"))
                return await fetch_once(own.url(host="paper.example"), fetcher=fetcher), to, own

    result, to, own = loop.run(run())
    assert (good(result).moved_to, good(result).url) == (to, to)
    assert good(result).feed.source.url == own.url(host="paper.example")  # the operator's address stays


def test_a_name_that_is_nowhere_is_named_so() -> None:
    def lookup(*_: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    result = loop.run(fetch_once("http://lost.example/feed", fetcher=a_fetcher(lookup=lookup)))
    assert bad(result).reason is FetchFailure.UNREACHABLE
    assert bad(result).words == "http://lost.example/feed: its host name was not found."


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can answer there
        result = loop.run(fetch_once(f"http://127.0.0.1:{taken.getsockname()[1]}/feed"))
    assert bad(result).reason is FetchFailure.UNREACHABLE


@pytest.mark.parametrize("allow", ["paper.example", "PAPER.example.", "127.0.0.0/8", "127.0.0.1"])
def test_the_operator_opens_a_private_feed_by_host_or_network(allow: str) -> None:
    async def run() -> FetchResult:
        async with FeedServer({"/feed": answer(RSS)}) as server:
            fetcher = a_fetcher(policy=AddressPolicy(allow=(allow,)), lookup=_always("127.0.0.1"))
            return await fetch_once(server.url(host="paper.example"), fetcher=fetcher)

    assert good(loop.run(run())).body == RSS


def test_a_fetcher_with_no_more_than_a_name_is_strict() -> None:
    async def run() -> FetchResult:
        async with FeedServer({"/feed": answer(RSS)}) as server:
            result = await fetch_once(server.url(), fetcher=type(a_fetcher())(AGENT))
            assert not server.connections
            return result

    assert bad(loop.run(run())).reason is FetchFailure.REFUSED_ADDRESS


def test_plain_http_on_a_port_for_https_is_said_so() -> None:
    async def run() -> FetchResult:
        async with FeedServer({}, greeting=answer(b"", status=400)) as server:
            return await fetch_once(server.url().replace("http://", "https://"))

    failed = bad(loop.run(run()))
    assert failed.reason is FetchFailure.UNREACHABLE
    assert "no safe connection" in failed.words

"""The fetcher against servers that mean harm or are broken: it ends by itself, in bounds, with a reason."""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import struct
import tracemalloc
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import loop
from service.domain import Fetched, FetchFailed, FetchFailure, NotModified
from service.fetch.faults import FetchFault
from service.fetch.inflate import Inflater
from tests.partners.codings import zstd
from tests.partners.feed_server import (
    HASTY,
    NOW,
    RSS,
    SMALL,
    FeedServer,
    a_fetcher,
    answer,
    drip,
    fetch_once,
    hang,
    make_feed,
    poll,
    redirect,
    unsized,
)

if TYPE_CHECKING:
    from service.domain import FetchResult
    from service.fetch import FetchLimits
    from tests.partners.feed_server import Page, Request

ZEROS = bytes(8 * 1024 * 1024)
MIB = 1024 * 1024


def reason_of(page: Page, limits: FetchLimits = SMALL) -> FetchFailure:
    result, _ = poll(page, fetcher=a_fetcher(limits))
    assert isinstance(result, FetchFailed), result
    assert result.words.startswith("http://127.0.0.1:")
    assert result.mend
    return result.reason


def name_of(value: object) -> str:
    """Name a case by its words and not by its bytes, which may hold the time."""
    return value if isinstance(value, str) else "bytes"


def _raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


# ------------------------------------------------------------------------------------------ bombs

BOMBS = {
    "gzip": gzip.compress(ZEROS),
    "deflate": zlib.compress(ZEROS),
    " deflate": _raw_deflate(ZEROS),
    "br": brotli.compress(ZEROS, quality=4),
    "zstd": zstd.compress(ZEROS),
    "gzip, zstd": zstd.compress(gzip.compress(ZEROS)),
    "gzip, gzip": gzip.compress(gzip.compress(ZEROS)),
    "br, gzip": gzip.compress(brotli.compress(ZEROS, quality=4)),
    "gzip, br": brotli.compress(gzip.compress(ZEROS), quality=4),
    " gzip": b"".join(gzip.compress(ZEROS[: 64 * 1024]) for _ in range(63)),
    " gzip, gzip": gzip.compress(gzip.compress(RSS) + ZEROS),
}


def test_f01_a_bomb_ends_long_before_a_large_cap() -> None:
    inflater = Inflater("gzip", cap=1024 * MIB)
    with pytest.raises(FetchFault, match="more than 100 times its size") as caught:
        sum(map(len, inflater.pieces(BOMBS["gzip"])))
    assert caught.value.reason is FetchFailure.TOO_LARGE


NUMBERS = {"gzip": "f01", "gzip, gzip": "f02", "br": "f03", "zstd": "f04", "deflate": "f05"}


def numbered(coding: str) -> str:
    """Name a bomb by its number in the list of faults, where it has one, and its coding."""
    return f"{NUMBERS.get(coding, '')} {coding}"


@pytest.mark.parametrize("coding", BOMBS, ids=numbered)
def test_p30_a_bomb_ends_at_the_cap(coding: str) -> None:
    assert reason_of(answer(BOMBS[coding], f"Content-Encoding: {coding}")) is FetchFailure.TOO_LARGE


@pytest.mark.parametrize("coding", BOMBS, ids=numbered)
def test_a_bomb_never_takes_more_memory_than_a_few_chunks(coding: str) -> None:
    inflater = Inflater(coding, cap=3 * MIB)
    tracemalloc.start()
    largest = 0

    def swallow() -> None:
        nonlocal largest
        for piece in inflater.pieces(BOMBS[coding]):
            largest = max(largest, len(piece))

    with pytest.raises(FetchFault) as caught:
        swallow()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason is FetchFailure.TOO_LARGE
    assert largest <= 128 * 1024
    assert peak < 2 * MIB


def test_f06_a_bomb_in_the_body_of_a_redirect_is_not_even_read() -> None:
    bomb = answer(BOMBS["gzip"], "Content-Encoding: gzip", "Location: /real", status=302)
    result, _ = poll({"/feed": bomb, "/real": answer(RSS)})
    assert isinstance(result, Fetched)


def test_a_bomb_in_an_errors_page_leaves_the_status() -> None:
    assert reason_of(answer(BOMBS["br"], "Content-Encoding: br", status=404)) is FetchFailure.NOT_FOUND


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        (", ".join(["gzip"] * 50), gzip.compress(RSS)),
        ("gzip, gzip, gzip", gzip.compress(RSS)),
        ("zstd", RSS),
        ("compress", RSS),
        ("zstd", zstd.compress(RSS)[:-3]),
        ("zstd", zstd.compress(RSS) + b"more"),
        ("zstd", zstd.compress(b"x") * 65),
        ("br", RSS),
        ("br", brotli.compress(RSS) + b"more"),
        ("br", brotli.compress(RSS)[:-3]),
        ("deflate", b"\xff\xff\xff\xff"),
        ("deflate", zlib.compress(RSS)[:-6]),
        ("gzip", gzip.compress(RSS)[:-6]),
        ("gzip", gzip.compress(RSS)[:20] + b"\0" * 20),
        ("gzip", gzip.compress(RSS) + b"\x1f not another"),
    ],
    ids=name_of,
)
def test_f07_a_coding_that_is_unknown_or_damaged_is_named(coding: str, wire: bytes) -> None:
    assert reason_of(answer(wire, f"Content-Encoding: {coding}")) is FetchFailure.BAD_ENCODING


def test_gzip_files_without_end_are_not_opened_without_end() -> None:
    inflater = Inflater("gzip", cap=MIB)
    assert b"".join(inflater.pieces(gzip.compress(b"x") * 500)) == b"x" * 64


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]), st.data())
def test_inflating_does_not_depend_on_how_the_wire_cuts(
    body: bytes, coding: str, data: st.DataObject
) -> None:
    packed = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "br": brotli.compress(body),
        "zstd": zstd.compress(body),
        "gzip, br": brotli.compress(gzip.compress(body)),
    }[coding]
    cut = data.draw(st.integers(0, len(packed)))
    inflater = Inflater(coding, cap=MIB)
    pieces = [*inflater.pieces(packed[:cut]), *inflater.pieces(packed[cut:])]
    inflater.finish()
    assert b"".join(pieces) == body


# ------------------------------------------------------------------------- too much, too slow, nothing


def test_p30_f08_a_body_without_end_ends_at_the_cap() -> None:
    assert reason_of(drip(unsized(b""), b"x" * 16_384, pause=0)) is FetchFailure.TOO_LARGE


def test_a_body_announced_too_large_is_not_waited_for() -> None:
    assert reason_of(hang(answer(b"<rss", length=SMALL.wire_bytes + 1))) is FetchFailure.TOO_LARGE


def test_a_body_as_large_as_allowed_is_taken() -> None:
    result, _ = poll(answer(b"x" * SMALL.wire_bytes))
    assert isinstance(result, Fetched)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        hang(),
        hang(b"HTTP/1.1 200 OK\r\n"),
        hang(unsized(b"<rss")),
        drip(unsized(b"<rss>"), b"x"),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["nothing", "half-head", "half-body", "f09 dripping-body", "f10 dripping-head", "always-processing"],
)
def test_p30_a_server_that_never_finishes_is_left(page: Page) -> None:
    assert reason_of(page, HASTY) is FetchFailure.TIMEOUT


def test_f30_a_handshake_that_hangs_is_left() -> None:
    async def run() -> FetchResult:
        async with FeedServer({}) as server:
            url = server.url().replace("http://", "https://")
            return await fetch_once(url, fetcher=a_fetcher(HASTY))

    result = loop.run(run())
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.TIMEOUT


def test_an_errors_page_that_hangs_does_not_hide_the_status() -> None:
    assert reason_of(hang(answer(b"wait", status=410, length=1000)), HASTY) is FetchFailure.GONE


@pytest.mark.slow
def test_redirects_share_one_time_limit() -> None:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.12)
        writer.write(redirect(f"{request.path}x"))
        await writer.drain()

    async def run() -> tuple[FetchResult, FeedServer]:
        async with FeedServer({"*": script}) as server:
            limits = replace(SMALL, total=0.4)
            return await fetch_once(server.url(), fetcher=a_fetcher(limits)), server

    result, server = loop.run(run())
    assert isinstance(result, FetchFailed)
    assert "the time limit for the whole fetch" in result.words
    assert len(server.requests) < 5


# ------------------------------------------------------------------------------------------ heads


@pytest.mark.parametrize(
    "page",
    [
        drip(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n", pause=0),
        answer(RSS, *[f"X-{number}: x" for number in range(5000)]),
        answer(RSS, "X-Long: " + "x" * 100_000),
        answer(RSS, "Set-Cookie: a=" + "x" * 1_000_000),
        answer(RSS, "ETag: " + "x" * 1_000_000),
        b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=["f10 endless", "f11 many", "long", "f29 cookie", "f28 etag", "status-line"],
)
def test_p30_a_head_without_measure_is_refused(page: Page) -> None:
    assert reason_of(page) is FetchFailure.HTTP_ERROR


@pytest.mark.parametrize(
    "page",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\0\1\2\3\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        answer(RSS, "Content-Length: 7"),
        answer(RSS, length=-1),
        answer(RSS, "Transfer-Encoding: chunked"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nbanana\r\n<rss>\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n<rss>",
    ],
)
def test_f13_f14_what_is_not_http_is_an_error_and_no_feed(page: bytes) -> None:
    assert reason_of(page) in {FetchFailure.HTTP_ERROR, FetchFailure.UNREACHABLE}


@pytest.mark.parametrize(
    "page",
    [
        answer(RSS, length=len(RSS) + 10),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<rss>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
    ],
    ids=["length", "inside-a-chunk", "between-chunks", "before-the-head", "inside-the-head"],
)
def test_f13_f14_an_answer_cut_in_the_middle_is_no_feed(page: bytes) -> None:
    assert reason_of(page) is FetchFailure.UNREACHABLE


def test_a_connection_that_is_reset_is_no_feed() -> None:
    async def script(_: Request, writer: asyncio.StreamWriter) -> None:
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()

    result, _ = poll(script)
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.UNREACHABLE
    assert "the connection broke" in result.words


def test_f29_cookies_are_not_kept_and_not_sent_back() -> None:
    async def run() -> FeedServer:
        cookie = "Set-Cookie: id=7; Path=/; Max-Age=99999"
        page = [
            answer(b"", cookie, "Location: /real", status=302),
            answer(RSS, cookie, "Set-Cookie: x=1; Domain=other.example"),
        ]
        async with FeedServer({"/feed": page, "/real": page[1]}) as server, a_fetcher() as fetcher:
            for _ in range(2):
                assert isinstance(await fetcher.fetch(make_feed(server.url()), NOW), Fetched)
            return server

    server = loop.run(run())
    assert len(server.requests) == 3
    assert all(request.get("cookie") is None for request in server.requests)
    assert all(request.get("referer") is None for request in server.requests)


# -------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    ("to", "status"),
    [
        ("/feed", 301),
        ("/feed#again", 302),
        ("", 302),
        ("file:///etc/hostname", 302),
        ("gopher://127.0.0.1/", 302),
        ("ftp://127.0.0.1/", 302),
        ("data:text/xml,<rss/>", 302),
        ("javascript:alert(1)", 302),
        ("http://", 302),
        ("http://[::1", 302),
        ("http://paper.example:99999/", 302),
        ("//", 302),
    ],
)
def test_f18_a_redirect_that_leads_nowhere_is_refused(to: str, status: int) -> None:
    result, server = poll(redirect(to, status))
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.REDIRECT
    assert server.connections == 1


def test_f15_a_circle_of_redirects_is_seen_at_its_first_round() -> None:
    result, server = poll({"/feed": redirect("/a"), "/a": redirect("/b"), "/b": redirect("/feed")})
    assert isinstance(result, FetchFailed)
    assert "circle" in result.words
    assert len(server.requests) == 3


def test_p20_f16_of_21_redirects_five_are_followed_and_not_a_sixth() -> None:
    pages: dict[str, Page] = {f"/{number}": redirect(f"/{number + 1}") for number in range(1, 22)}
    result, server = poll({"/feed": redirect("/1"), **pages})
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.REDIRECT
    assert len(server.requests) == 6


def test_what_a_redirect_says_is_shown_without_its_secrets() -> None:
    result, _ = poll(redirect("ftp://ann:hunter2@paper.example/?token=hunter2\x1b"))
    assert isinstance(result, FetchFailed)
    assert "hunter2" not in result.words
    assert "\x1b" not in result.words


@pytest.mark.parametrize(
    "url", ["", "paper.example/feed", "file:///etc/hostname", "http://", "http://[", "\ud800"]
)
def test_a_feed_whose_address_is_none_is_refused_at_once(url: str) -> None:
    result = loop.run(fetch_once(url))
    assert isinstance(result, FetchFailed)
    assert result.reason is FetchFailure.REFUSED_ADDRESS
    assert "http://" in result.mend


# ------------------------------------------------------------------------------------ anything else


def _mutants(count: int) -> list[bytes]:
    """Good answers with a few bytes changed, cut out or put in; the same ones at each run."""
    dice = random.Random(20260302)
    seeds = [
        answer(gzip.compress(RSS), "Content-Encoding: gzip", 'ETag: "v1"', "Cache-Control: max-age=60"),
        answer(brotli.compress(RSS), "Content-Encoding: br", "Expires: Mon, 02 Mar 2026 10:30:00 GMT"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss/\r\n1\r\n>\r\n0\r\n\r\n",
        answer(b"<h1>No", "Retry-After: Mon, 02 Mar 2026 10:30:00 GMT", status=429),
        redirect("http://127.0.0.1:1/x?y=z"),
    ]
    mutants = []
    for _ in range(count):
        page = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(page))
            page[at : at + dice.randint(0, 2)] = dice.randbytes(dice.randint(0, 2))
        mutants.append(bytes(page))
    return mutants


@pytest.mark.slow
def test_whatever_a_server_says_the_fetch_gives_a_result() -> None:
    async def run() -> list[FetchResult]:
        pages = {f"/{number}": page for number, page in enumerate(_mutants(300))}
        async with FeedServer(pages) as server, a_fetcher() as fetcher:
            feeds = [make_feed(server.url(path), etag='"v1"') for path in pages]
            return [await fetcher.fetch(feed, NOW) for feed in feeds]

    results = loop.run(run())
    assert {type(result) for result in results} <= {Fetched, NotModified, FetchFailed}
    assert sum(isinstance(result, FetchFailed) for result in results) > 50

"""Whatever bytes a stranger sends, what is read of them is bounded and clean, or refused in words."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feed_cases import CASES
from tests.fuzz.campaign import NAMES
from tests.fuzz.targets import CODINGS, TARGETS
from tests.partners.codings import zstd
from tests.partners.hostile_feeds import CONTENT

if TYPE_CHECKING:
    from tests.partners.hostile_feeds import Hostile

BODIES = [case.body for case in CASES]
DATES = [
    "Mon, 02 Mar 2026 10:15:00 GMT",
    "2026-03-02T10:15:00.5+02:00",
    "1772446500",
    "2026년 03월 02일 오후 10:15",
    "Fri, 31 Dec 9999 23:59:59 -1400",
    "25/12/2025 11:00 PM",
]
ADDRESSES = [
    "http://[::1]:99999/%zz?utm_source=a&b=%ff#c",
    "HTTPS://Ann:x@H.example.:443//a/../b/?&&=;",
    "https://www.google.com/url?url=http://www.google.com/url?url=http://h.example/",
    "https://news.google.com/rss/articles/CBMiAGh0dHA",
    "http://h.example/\u202e\ud7ff",
]
HEADS = [
    'max-age=3600, no-cache="x", =,;',
    "Mon, 02 Mar 2026 11:30:00 -9999",
    "9" * 400,
    "-1",
    "\xb2",
    "0x10",
]
_NAMED = '<link rel="alternate" type="application/rss+xml" title="A &amp; B" href='
PAGES = [
    f"<!DOCTYPE html><html><head><base href='/es/'>{_NAMED}\"feed?a=1&amp;b=2#c\"></head>",
    f"<!-- {_NAMED}/x> --><script>{_NAMED}/y></script>{_NAMED}feed://h.example:99999/rss>{_NAMED}'//[::1]/'>",
    "<a href='/comments/feed'>RSS <b>x</b></a><A HREF=../rss.xml title=''>y</A><a href=https://u:p@h/rss>",
]
HEAVY = {"f41", "f42", "f43", "f44", "f46"}  # tried elsewhere


def damaged(*wholes: bytes) -> st.SearchStrategy[bytes]:
    """Give good bytes with a few of them changed, cut out or put in."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> bytes:
        data = bytearray(draw(st.sampled_from(wholes)))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(data)))
            data[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
        return bytes(data)

    return draw_one()


def wires() -> list[bytes]:
    """Give bodies in every coding, with the two bytes before them that say which, and where they are cut."""
    body = BODIES[0]
    one = [gzip.compress(body), zlib.compress(body), brotli.compress(body), zstd.compress(body)]
    packed = [*one, brotli.compress(one[0]), gzip.compress(one[3]), body]
    return [bytes([number, 9]) + body for number, body in zip(range(len(CODINGS)), packed, strict=True)]


SEEDS: dict[str, list[bytes]] = {
    "parse": [b"\1" + body for body in BODIES],
    "loose": BODIES,
    "json": [
        b'{"id":"1","title":"a\\u0000b","url":"//h/","date_published":"2026-03-02"}',
        b'{"id":1e999},[],""',
    ],
    "encoding": [b"\4" + body for body in BODIES],
    "dates": [text.encode() for text in DATES],
    "urls": [text.encode() for text in ADDRESSES],
    "headers": ["\n".join(HEADS[start:] + HEADS[:start]).encode() for start in range(len(HEADS))],
    "inflate": wires(),
    "site": [page.encode() for page in PAGES],
}


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
def test_any_bytes_are_read_in_bounds_or_refused_in_words(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(st.one_of(damaged(*SEEDS[name]), st.binary(max_size=200))))


@pytest.mark.parametrize(
    "feed", [one for one in CONTENT if one.name[:3] not in HEAVY], ids=lambda feed: feed.name
)
def test_what_is_read_of_a_hostile_document_is_bounded_and_clean(feed: Hostile) -> None:
    page = feed.page()
    assert isinstance(page, bytes)
    TARGETS["parse"](b"\0" + page.partition(b"\r\n\r\n")[2])


def test_the_campaign_knows_every_target_and_its_seeds() -> None:
    assert set(NAMES) == set(TARGETS) == set(SEEDS)

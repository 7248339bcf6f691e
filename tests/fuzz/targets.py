"""What must hold for any bytes of a stranger: each target takes bytes and fails where it does not."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.fetch.faults import FetchFault
from service.fetch.head import LONGEST, clock_skew, content_type, hints_of, validator
from service.fetch.inflate import Inflater
from service.parse import NotAFeed, parse_feed
from service.parse.dates import OLDEST_YEAR, parse_date
from service.parse.discover import LONGEST_TITLE, MOST_FOUND, find_feeds
from service.parse.encoding import decode
from service.parse.finish import MAX_AUTHOR, MAX_ENTRIES, MAX_SUMMARY, MAX_TITLE, MAX_URL
from service.parse.identity import MAX_KEY
from service.parse.loose import parse_loose
from service.text import canonical_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import ParsedFeed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HEADERS = ("Cache-Control", "Retry-After", "Expires", "Age", "Date", "Content-Type")
CODINGS = ("gzip", "deflate", "br", "zstd", "gzip, br", "zstd, gzip", "identity")
CAP = 256 * 1024
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def parse(data: bytes) -> None:
    """Any document is a feed of bounded clean entries, or refused in words."""
    _check_reading(lambda: parse_feed(data[1:], content_type=_content_type(data[:1])))


def loose(data: bytes) -> None:
    """The same holds where feedparser reads it."""
    _check_reading(lambda: parse_loose(data))


def json_feed(data: bytes) -> None:
    """The same holds for items of a JSON Feed."""
    body = b'{"version":"https://jsonfeed.org/version/1.1","items":[' + data + b"]}"
    _check_reading(lambda: parse_feed(body))


def encoding(data: bytes) -> None:
    """Any bytes become text that can be stored."""
    decoded = decode(data[1:], _content_type(data[:1]))
    assert not decoded.text.startswith("\ufeff")
    decoded.text.encode()


def dates(data: bytes) -> None:
    """Any text is a time that can be believed, or none."""
    found = parse_date(data.decode("utf-8", "replace"))
    assert found is None or (found.tzinfo is UTC and found.year >= OLDEST_YEAR)


def urls(data: bytes) -> None:
    """Any text has one canonical form, which is its own, or none."""
    form = canonical_url(data.decode("utf-8", "replace"))
    assert form == canonical_url(form)
    assert not form or form.startswith(("http://", "https://"))
    form.encode()


def cache_headers(data: bytes) -> None:
    """Any head asks for times that are none, or between nothing and a month."""
    lines = data.split(b"\n")
    headers = {name: line.decode("latin-1") for name, line in zip(HEADERS, lines, strict=False)}
    hints = hints_of(headers, NOW)
    for asked in (hints.max_age, hints.retry_after):
        assert asked is None or timedelta(0) <= asked <= LONGEST
    skew = clock_skew(headers, NOW)
    assert skew is None or (NOW + skew).tzinfo is UTC
    assert content_type(headers).isascii()
    etag = validator([(b"ETag", data)], b"etag")
    assert etag.encode() in {data, b""}


def inflate(data: bytes) -> None:
    """Any bytes inflate to no more than the cap, the same however they are cut, or are refused.

    Damage may be seen in one way of cutting and not in the other: zstd checks the size that a frame names
    only where it gets the frame in one piece.
    """
    coding = CODINGS[data[0] % len(CODINGS)] if data else ""
    cut = data[1] % 16 if len(data) > 1 else 0
    wire = data[2:]
    ways = [_inflated(coding, [wire]), _inflated(coding, [wire[:cut], wire[cut:]])]
    found = [one for one in ways if one is not None]
    assert all(len(one) <= CAP and one == found[0] for one in found)


def site(data: bytes) -> None:
    """Any page names so many web addresses at most, each once, and nothing else."""
    found = find_feeds(data, "https://site.example/news/?x=1")
    assert len(found) <= MOST_FOUND
    assert len({one.url for one in found}) == len(found)
    for one in found:
        parts = urlsplit(one.url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname
        assert one.url.isprintable()
        assert_clean(one.title, LONGEST_TITLE)


def _inflated(coding: str, wire: list[bytes]) -> bytes | None:
    inflater = Inflater(coding, cap=CAP)
    try:
        found = b"".join(piece for part in wire for piece in inflater.pieces(part))
        inflater.finish()
    except FetchFault:
        return None
    return found


def _content_type(first: bytes) -> str:
    charsets = ("", "utf-8", "iso-8859-1", "utf-16", "gb2312", "utf-7", "shift_jis", "base64")
    return f"text/xml; charset={charsets[first[0] % len(charsets)]}" if first else ""


def _check_reading(read: Callable[[], ParsedFeed]) -> None:
    try:
        check_feed(read())
    except NotAFeed as refusal:
        check_words(refusal.message, refusal.mend)


def check_words(*words: str) -> None:
    """Check that something is said which can be stored."""
    assert all(words)
    "".join(words).encode()


def check_feed(feed: ParsedFeed) -> None:
    """Check that everything in a feed is bounded, clean and can be stored."""
    json.dumps(asdict(feed), default=str).encode()
    assert len(feed.entries) <= MAX_ENTRIES
    assert len({entry.key for entry in feed.entries}) == len(feed.entries)
    assert_clean(feed.title, MAX_TITLE)
    for entry in feed.entries:
        assert 0 < len(entry.key) <= MAX_KEY
        assert "\0" not in entry.key
        entry.key.encode()
        assert_clean(entry.title, max(MAX_TITLE, MAX_URL))
        assert_clean(entry.summary, MAX_SUMMARY)
        assert_clean(entry.author, MAX_AUTHOR)
        assert_clean(entry.url, MAX_URL)
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        assert entry.published_at is None or entry.published_at.year >= OLDEST_YEAR


def assert_clean(text: str, limit: int) -> None:
    """Check that a text is short enough, and holds nothing that is unseen or cannot be stored."""
    assert len(text) <= limit
    assert not _UNSEEN.search(text), ascii(text)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parse": parse,
    "loose": loose,
    "json": json_feed,
    "encoding": encoding,
    "dates": dates,
    "urls": urls,
    "headers": cache_headers,
    "inflate": inflate,
    "site": site,
}

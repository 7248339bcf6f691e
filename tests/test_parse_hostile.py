"""Whatever stands at a feed's address, the answer is a parsed feed or one plain refusal."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import pytest
from feedparser import api
from hypothesis import given
from hypothesis import strategies as st

from service.domain import ParsedFeed
from service.parse import NotAFeed, loose, parse_feed
from service.parse.encoding import decode
from service.parse.finish import MAX_ENTRIES, MAX_TITLE
from service.parse.loose import parse_loose
from service.parse.raw import both_ends
from service.parse.strict import NotStrict, markup, parse_strict
from service.text import canonical_url
from tests.partners.feed_documents import HARBOUR, NEWS, STRIKE, Item, atom, rss

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = [HARBOUR.guid, STRIKE.guid]


def keys(feed: ParsedFeed) -> list[str]:
    return [entry.key for entry in feed.entries]


def refused(body: bytes) -> NotAFeed:
    with pytest.raises(NotAFeed) as caught:
        parse_feed(body)
    return caught.value


def no_loose(_body: bytes, _content_type: str) -> ParsedFeed:
    message = "the loose parser was asked"
    raise AssertionError(message)


# --------------------------------------------------------------- other things at the address


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("news.txt"), io.BytesIO())
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty answer"),
        (b" \r\n\0", "empty answer"),
        (b"%PDF-1.7 ...", "this is a PDF, not a feed"),
        (b"\x89PNG\r\n\x1a\n", "this is a PNG image, not a feed"),
        (b"\xff\xd8\xff\xe0", "this is a JPEG image, not a feed"),
        (b"PK\x03\x04", "this is a ZIP archive or office document, not a feed"),
        (b"\x1f\x8b\x08", "this is gzip-compressed data inside the answer, not a feed"),
        (tar(), "this is a tar archive, not a feed"),
        (b"\x02\x00\x00binary\x00", "this is binary data, not a feed"),
        (b"date;title;link\n1;a;b\n", "this is a table (CSV), not a feed"),
        (
            b"Service temporarily down.",
            "this is a plain text answer (“Service temporarily down.”), not a feed",
        ),
        (b"<!-- nothing else", "this is a plain text answer, not a feed"),
        (b'<?xml version="1.0"?><opml version="2.0"/>', "this is an OPML list of feeds, not a feed"),
        (b"<urlset xmlns='http://www.sitemaps.example'/>", "this is a sitemap, not a feed"),
        (b"<!-- x --><svg:svg/>", "this is an SVG image, not a feed"),
        (b"<Error><Code>AccessDenied</Code></Error>", "this is an XML error message, not a feed"),
        (b"<weather><day/></weather>", "this is XML with the root <weather>, not a feed"),
        (b"<html><body>Hi</body></html>", "this is a web page, not a feed"),
        (b"<p>Under construction", "this is a web page, not a feed"),
        (b"One moment <html lang=en>", "this is a web page, not a feed"),
        (b"<!doctype HTML><title>Log in</title>", "this is a web page (“Log in”), not a feed"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x' 'y'><html/>", "this is a web page, not a feed"),
    ],
)
def test_f31_f32_f82_what_is_no_feed_is_refused_by_its_name(body: bytes, words: str) -> None:
    error = refused(body)
    assert error.message == words
    assert error.mend


def test_a_web_page_that_names_its_feed_passes_the_name_on() -> None:
    link = b'<link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2">'
    page = b"<html><link rel=stylesheet href=a.css>" + link
    assert refused(page).mend == "Look for the feed's own address. The page names this one: /feed?a=1&b=2"
    nameless = b"<html><link type='application/rss+xml'></html>"
    assert refused(nameless).mend == "Look for the feed's own address."


def test_f37_f38_f39_an_external_definition_is_neither_fetched_nor_read() -> None:
    for doctype in (
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ):
        feed = parse_feed(rss(*NEWS, head=doctype, inside="<item><guid>x</guid><title>[&x;]</title></item>"))
        assert keys(feed) == [*GOOD, "x"]
        assert feed.entries[2].title == "[&x;]"


def test_f35_f36_entities_that_grow_without_end_do_not_grow() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for doctype in (
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{levels}]>',
        '<!DOCTYPE rss [<!ENTITY l9 "' + "x" * 50_000 + '">]>',
    ):
        many = "&l9;" * 1_000
        feed = parse_feed(
            rss(*NEWS, head=doctype, inside=f"<item><guid>x</guid><title>{many}</title></item>")
        )
        assert keys(feed) == [*GOOD, "x"]
        assert len(feed.entries[2].title) <= MAX_TITLE


def test_the_strict_parser_itself_refuses_definitions() -> None:
    for text in ("<!DOCTYPE rss><rss/>", "<!-- a --> <?b c?> <!ENTITY a 'b'><rss/>"):
        with pytest.raises(NotStrict, match="document type definition"):
            parse_strict(text)


def test_f40_xinclude_and_stylesheets_are_only_words() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'
    sheet = '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/evil.xsl"?>'
    feed = parse_feed(rss(*NEWS, head=sheet, inside=include), loose=no_loose)
    assert keys(feed) == GOOD


def test_f41_deep_nesting_is_flat_work() -> None:
    deep = "<b>" * 30_000 + "pier" + "</b>" * 30_000
    inside = f"<item><guid>x</guid><title>a</title><description>{deep}</description></item>"
    feed = parse_feed(rss(*NEWS, inside=inside), loose=no_loose)
    assert keys(feed) == [*GOOD, "x"]


def test_f42_f44_forty_thousand_attributes_or_namespaces_do_not_leave_the_fast_path() -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(40_000))
    names = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(8_000))
    feed = parse_feed(
        rss(*NEWS, inside=f"<item {attributes}><guid>x</guid></item>", root=f"<rss {names}>"), loose=no_loose
    )
    assert keys(feed) == [*GOOD, "x"]


@pytest.mark.slow
def test_f45_a_long_feed_keeps_its_newest_entries_in_either_order() -> None:
    count = MAX_ENTRIES + 500
    start = datetime(2026, 1, 1, tzinfo=UTC)
    items = [Item(str(n), "a", date=(start + timedelta(minutes=n)).isoformat()) for n in range(count)]
    for order in (items, items[::-1]):
        feed = parse_feed(rss(*order), loose=no_loose)
        assert set(keys(feed)) == {str(n) for n in range(500, count)}
        assert feed.notes == ("500 items more than are read at once were left out, the oldest",)


def test_undated_items_of_a_long_feed_stay_in_the_order_of_the_document() -> None:
    feed = parse_feed(rss(*(Item(str(n), "a") for n in range(MAX_ENTRIES + 1))))
    assert keys(feed) == [str(n) for n in range(MAX_ENTRIES)]
    assert feed.notes == ("1 item more than are read at once was left out, the oldest",)


def test_f45_no_more_than_ten_thousand_items_are_looked_at() -> None:
    assert both_ends(range(10_003)) == [*range(5_000), *range(5_003, 10_003)]
    feed = parse_feed(b"<rss><channel>" + b"<item><guid>1</guid></item>" * 10_003 + b"</channel></rss>")
    assert feed.notes == (
        "9999 items repeat the id of another and were left out",
        "3 items more than are read at once were left out, the oldest",
    )


# --------------------------------------------------------------------- one bad entry among good


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("<item><guid>x</guid><title>a &#xD800; b</title></item>", id="f50"),
        pytest.param("<item><guid>x</guid><title>a &#x110000; b &#0;</title></item>", id="f51"),
        pytest.param("<item><guid>x</guid><title>a \0\x01\x1b b</title></item>", id="f48 f49"),
        "<item><guid>x</guid><title>a & b &nbsp;</title></item>",
        "<item><guid>x</guid><title></title><link>http://[::1</link><pubDate>99999999999999</pubDate></item>",
        f"<item><guid>x</guid><title>{'pier ' * 200_000}</title></item>",
        f"<item><guid>x</guid><description>{'&lt;p>' * 100_000}</description></item>",
        "<item><guid>x</guid><title>a</title><unknown:prefix>b</unknown:prefix></item>",
        "<item><guid>x</guid><title>a<br>b</title></item>",
    ],
)
def test_one_bad_entry_never_costs_the_rest(bad: str) -> None:
    feed = parse_feed(rss(*NEWS, inside=bad))
    assert keys(feed) == [*GOOD, "x"]
    assert all(len(entry.title) <= MAX_TITLE for entry in feed.entries)


def test_f47_a_guid_of_a_megabyte_is_hashed() -> None:
    for parse in (parse_feed, parse_loose):
        feed = parse(rss(Item("g" * 1_000_000, "a"), *NEWS))
        assert len(feed.entries) == 3
        assert max(map(len, keys(feed))) < 300


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "java\nscript:x",
             "http://", "http://[::1", "mailto:a@b.example", "https://h.example/" + "a" * 3_000],
)  # fmt: skip
def test_f73_a_link_that_is_no_web_address_is_dropped_and_told(link: str) -> None:
    body = rss(Item("x", "a", link), HARBOUR)
    for feed in (parse_feed(body), parse_loose(body)):
        assert [entry.url for entry in feed.entries] == ["", HARBOUR.link]
        assert feed.notes == ("1 item has a link that is no web address; it is shown without",)


def test_f79_hosts_that_look_alike_stay_two_addresses() -> None:
    links = ("https://paper.example/a", "https://p\u0430per.example/a")
    feed = parse_feed(rss(*(Item(str(n), "a", link) for n, link in enumerate(links))))
    assert [entry.url for entry in feed.entries] == list(links)
    assert len({canonical_url(entry.url) for entry in feed.entries}) == 2


def test_f73_a_guid_that_is_a_script_is_no_link() -> None:
    assert parse_feed(rss(Item("javascript:alert(1)", "a"))).entries[0].url == ""


@pytest.mark.parametrize(
    ("title", "read"),
    [
        pytest.param("<script>alert(1)</script>Pier", "Pier", id="f75 script"),
        pytest.param("Pier <img src=x onerror=alert(1)>", "Pier", id="f75 onerror"),
        pytest.param("<svg/onload=alert(1)>Pier", "Pier", id="f75 SVG"),
        pytest.param("<math><mi>Pier</mi></math>", "Pier", id="f75 MathML"),
        pytest.param("&lt;script&gt;alert(1)&lt;/script&gt;Pier", "Pier", id="f76 escaped twice"),
        pytest.param("&amp;lt;b&amp;gt;Pier", "<b>Pier", id="f76 escaped three times is text"),
        pytest.param("Pier\r\nBcc: all@harbour.example", "Pier Bcc: all@harbour.example", id="f77 a header"),
        pytest.param("Pier \u202egnp.exe\u2066", "Pier gnp.exe", id="f78 text that turns round"),
        pytest.param("P\u200bi\u200der\ufeff", "Pi\u200der", id="f79 zero width"),
        pytest.param("Pier" + "\u0301" * 300, "Pier\u0301\u0301\u0301", id="f79 a pile of marks"),
        pytest.param("Tiếng Việt n\u0303\u0301", "Tiếng Việt n\u0303\u0301", id="f79 two marks are letters"),
        pytest.param("=?utf-8?Q?Pier?=", "=?utf-8?Q?Pier?=", id="f80 an encoded word is not decoded"),
        pytest.param(
            "@everyone <!channel> [x](http://evil.example)", "@everyone [x](http://evil.example)", id="f81"
        ),
    ],
)
def test_nothing_in_a_headline_is_markup_or_unseen(title: str, read: str) -> None:
    for parse in (parse_feed, parse_loose):
        assert [entry.title for entry in parse(rss(Item("1", title))).entries] == [read]


def test_f54_utf_7_is_never_decoded() -> None:
    head = '<?xml version="1.0" encoding="utf-7"?>'
    title = "+ADw-script+AD4-"
    assert parse_feed(rss(Item("1", title), head=head)).entries[0].title == title


def test_f74_an_address_of_the_base_that_cannot_be_read_is_passed_over() -> None:
    body = atom(inside='<entry><id>1</id><link href="a"/></entry>', attributes='xml:base="http://[bad"')
    assert parse_feed(body).entries[0].url == "https://harbour.example/a"


# ----------------------------------------------------------------------- feedparser breaking down


BROKEN = rss(*NEWS).replace(b"</title>", b"</title><br>", 1)


@pytest.mark.parametrize(
    "name", ["links", "link", "authors", "contributors", "tags", "content", "author_detail", "title_detail",
             "enclosures", "updated_parsed", "id", "base_in_force", "media_content", "media_thumbnail"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "<br>"], ids=["well-formed", "broken"])
def test_an_element_named_like_a_list_of_feedparsers_costs_nothing(name: str, start: str) -> None:
    odd = f"<{name}>pier</{name}>"
    inside = (
        f"{start}<item>{odd}<guid>x</guid><link>https://h.example/x</link>{odd}<author>Ana</author></item>"
    )
    feed = parse_loose(rss(*NEWS, inside=f"{inside}<item>{odd}<guid>y</guid></item>"))
    assert set(GOOD) < set(keys(feed))
    assert len(feed.entries) == 4


def test_what_feedparser_read_before_it_failed_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(monkeypatch, entry=2)  # in the second item, so the first is whole
    feed = parse_loose(BROKEN)
    assert feed.entries == parse_feed(rss(HARBOUR)).entries
    fail_at(monkeypatch, entry=0)
    with pytest.raises(NotAFeed, match=r"the document cannot be read \(OverflowError\)"):
        parse_loose(BROKEN)


def test_a_lack_of_memory_is_not_taken_for_a_bad_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(monkeypatch, entry=1, error=MemoryError)
    for body in (rss(*NEWS), rss(*NEWS).replace(b"<title>", b"<br =><title>", 1)):
        with pytest.raises(MemoryError):
            parse_loose(body)


def fail_at(monkeypatch: pytest.MonkeyPatch, *, entry: int, error: type[Exception] = OverflowError) -> None:
    """Let feedparser break down at a title, as it does on input that nobody has found yet."""

    def start(parser: Any, attributes: dict[str, str]) -> None:  # noqa: ANN401 - feedparser has no types
        if len(parser.entries) == entry:
            raise error
        api.LooseFeedParser._start_title(parser, attributes)

    monkeypatch.setattr(loose._Raw, "_start_title", start, raising=False)


# -------------------------------------------------------------------------------------- any bytes

PIECES = [
    b"<rss>", b"<channel>", b"<item>", b"</item>", b"<title>", b"</title>", b"<guid>", b"</guid>", b"<link>",
    b"</link>", b"</channel></rss>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"</entry>",
    b"</feed>", b"<id>", b"</id>", b"<pubDate>", b"</pubDate>", b"&#xD800;", b"&amp;", b"&", b"<![CDATA[",
    b"]]>", b"<!--", b"-->", b"<!DOCTYPE rss [", b"]>", b"<!ENTITY a 'b\\'>", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xc3", b"{", b'"items":[', b"]", b"}", b'"id":1,', b"2026-03-02",
    b"<?xml version='1.0' encoding='utf-16'?>", b"http://h.example/", b"<link href='//[' rel='x'/>",
    b"<html>", b"<content mode='base64'>", b"</content>", b"x:y", b"<x:y>", b"<ttl>1</ttl>",
]  # fmt: skip


def feed_or_refusal(parse: Callable[[], ParsedFeed]) -> ParsedFeed | str:
    """Give what a reader of the answer gets; anything else raised fails the test."""
    try:
        return parse()
    except NotAFeed as error:
        return error.message


@given(
    st.one_of(st.binary(max_size=400), st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)),
    st.text(max_size=30),
)
def test_any_bytes_give_a_feed_or_a_refusal(body: bytes, content_type: str) -> None:
    for found in (
        feed_or_refusal(lambda: parse_feed(body, content_type=content_type)),
        feed_or_refusal(lambda: parse_loose(body, content_type)),
    ):
        assert found
        str(found).encode()
        if isinstance(found, ParsedFeed):
            assert all(entry.key and "\0" not in repr(entry) for entry in found.entries)


@given(st.data())
def test_a_good_feed_with_damage_gives_a_feed_or_a_refusal(data: st.DataObject) -> None:
    body = rss(*NEWS)
    at = data.draw(st.integers(0, len(body)))
    until = data.draw(st.integers(at, min(at + 40, len(body))))
    damage = data.draw(st.one_of(st.binary(max_size=6), st.sampled_from(PIECES)))
    found = feed_or_refusal(lambda: parse_feed(body[:at] + damage + body[until:]))
    str(found).encode()


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_become_text_that_can_be_stored(body: bytes, content_type: str) -> None:
    decode(body, content_type).text.encode()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_guid_and_title_have_the_same_identity_in_both_parsers(guid: str, title: str) -> None:
    body = rss(Item(guid.strip(), title, HARBOUR.link)).decode().encode("utf-8", "replace")
    strict, loose = parse_feed(body), parse_loose(body)
    assert keys(strict) == keys(loose)
    assert [entry.title for entry in strict.entries] == [entry.title for entry in loose.entries]


def test_markup_of_an_element_without_children_is_its_text() -> None:
    assert markup(Element("title")) == ""

"""Feeds of every kind are read, and give the same entries whichever parser read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service.parse import NotAFeed, parse_feed
from service.parse.characters import are_doubly_encoded, read_back, readable
from service.parse.dates import parse_date
from service.parse.identity import entry_key
from service.parse.loose import parse_loose
from service.parse.raw import RawEntry, RawLink
from service.parse.repair import repair
from tests.partners.feed_documents import HARBOUR, NEWS, STRIKE, Item, atom, rdf, rss

if TYPE_CHECKING:
    from service.domain import ParsedEntry, ParsedFeed

MEDIA = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
CONTENT = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'


def only(body: bytes, content_type: str = "") -> ParsedEntry:
    [entry] = parse_feed(body, content_type=content_type).entries
    return entry


def refusal(body: bytes) -> str:
    with pytest.raises(NotAFeed) as caught:
        parse_feed(body)
    assert caught.value.mend
    return str(caught.value)


def item(inside: str, root: str = '<rss version="2.0">') -> bytes:
    return rss(root=root, inside=f"<item>{inside}</item>")


# ------------------------------------------------------------------------------- the formats


def test_an_rss_feed_gives_its_entries_in_order_as_plain_text() -> None:
    feed = parse_feed(rss(*NEWS))
    assert (feed.title, feed.language, feed.parser, feed.notes) == ("Harbour news", "en-gb", "strict", ())
    first, second = feed.entries
    assert first.key == "tag:harbour.example,2026:1"
    assert first.url == "https://harbour.example/third-pier"
    assert first.title == "Harbour of Puerto Claro opens its third pier"
    assert first.summary == "The pier is 400 metres long."
    assert first.published_at == datetime(2026, 3, 2, 13, 15, tzinfo=UTC)
    assert first.language == "en-gb"
    assert second.url == "https://harbour.example/strike?from=feed&n=2"


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94", "2.0"])
def test_older_rss_is_read_like_new(version: str) -> None:
    body = rss(*NEWS, root=f'<rss version="{version}">')
    assert parse_feed(body).entries == parse_feed(rss(*NEWS)).entries


def test_an_rdf_feed_names_its_items_by_rdf_about() -> None:
    feed = parse_feed(rdf(HARBOUR, STRIKE))
    assert [entry.key for entry in feed.entries] == [HARBOUR.guid, STRIKE.guid]
    assert feed.entries[0].author == "Ana Ruiz"
    assert feed.entries[0].published_at == datetime(2026, 3, 2, 13, 15, tzinfo=UTC)
    assert (feed.parser, feed.language) == ("strict", "en")


def test_an_atom_feed_gives_the_first_alternate_link_and_its_author() -> None:
    feed = parse_feed(atom(*NEWS, attributes='xml:lang="en"'))
    assert [entry.url for entry in feed.entries] == [HARBOUR.link, STRIKE.link]
    assert {entry.author for entry in feed.entries} == {"Ana Ruiz"}
    assert feed.language == "en"


def test_a_page_link_is_preferred_to_another_alternate() -> None:
    links = '<link rel="alternate" type="application/json" href="https://h.example/a.json"/>'
    inside = (
        f'<entry><id>1</id><title>a</title>{links}<link type="text/html" href="https://h.example/a"/></entry>'
    )
    assert only(atom(inside=inside)).url == "https://h.example/a"
    inside = f"<entry><id>1</id><title>a</title>{links}</entry>"
    assert only(atom(inside=inside)).url == "https://h.example/a.json"


def test_an_atom_entry_with_only_an_updated_time_uses_it() -> None:
    inside = "<entry><id>1</id><title>a</title><updated>2026-03-02T10:00:00Z</updated></entry>"
    assert only(atom(inside=inside)).published_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_xhtml_text_is_read_with_its_words_apart() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>One &lt; two</p><p>three</p>tail</div>'
    inside = f'<entry><id>1</id><summary type="xhtml">{div}</summary></entry>'
    assert only(atom(inside=inside)).summary == "One < two three tail"


def test_tags_left_unescaped_in_rss_are_markup_too() -> None:
    assert only(item("<guid>1</guid><title>The <b>big</b> pier</title>")).title == "The big pier"


def test_an_atom_language_of_one_entry_is_its_own() -> None:
    inside = '<entry xml:lang="pt_BR"><id>1</id><title>a</title></entry>'
    assert only(atom(inside=inside, attributes='xml:lang="en"')).language == "pt-br"


def test_a_language_that_is_none_is_dropped() -> None:
    assert parse_feed(rss(HARBOUR).replace(b"en-GB", b"English (UK)")).language == ""


def test_full_text_serves_where_there_is_no_summary() -> None:
    body = item("<guid>1</guid><content:encoded>&lt;p&gt;Long text&lt;/p&gt;</content:encoded>", CONTENT)
    assert only(body).summary == "Long text"


def test_a_media_group_serves_where_there_is_nothing_else() -> None:
    texts = "<media:title>Pier film</media:title><media:description>Waves</media:description>"
    group = f"<media:group>{texts}<media:rating>a</media:rating></media:group>"
    entry = only(item(f"<guid>1</guid>{group}", MEDIA))
    assert (entry.title, entry.summary) == ("Pier film", "Waves")


def test_an_item_without_a_title_is_called_by_its_first_words_or_its_address() -> None:
    assert (
        only(item("<guid>1</guid><description>Pier closed today</description>")).title == "Pier closed today"
    )
    entry = only(item("<link>https://harbour.example/x</link>"))
    assert entry.title == entry.url == "https://harbour.example/x"


def test_what_a_publisher_asks_of_pollers_is_in_the_hints() -> None:
    asked = (
        "<ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>x</hour></skipHours>"
        "<skipDays><day>Sunday</day><day>Monday</day><day>Someday</day></skipDays>"
    )
    hints = parse_feed(rss(HARBOUR, inside=asked)).hints
    assert hints.ttl == timedelta(minutes=90)
    assert (hints.skip_hours, hints.skip_days) == (frozenset({0, 7}), frozenset({0, 6}))


@pytest.mark.parametrize(("ttl", "days"), [("0", None), ("often", None), ("-5", None), ("99999999", 7)])
def test_a_ttl_that_is_none_is_dropped_and_a_huge_one_is_a_week(ttl: str, days: int | None) -> None:
    hints = parse_feed(rss(HARBOUR, inside=f"<ttl>{ttl}</ttl>")).hints
    assert hints.ttl == (timedelta(days=days) if days else None)


@pytest.mark.parametrize(
    ("author", "name"),
    [("ana@harbour.example (Ana Ruiz)", "Ana Ruiz"), ("Ana Ruiz", "Ana Ruiz"), ("ana@harbour.example", "")],
)
def test_an_author_is_a_name_and_never_a_mail_address(author: str, name: str) -> None:
    assert only(item(f"<guid>1</guid><author>{author}</author>")).author == name


def test_a_feed_without_items_is_a_feed_without_entries() -> None:
    assert parse_feed(rss()).entries == ()
    assert parse_feed(atom()).entries == ()


def test_items_outside_the_channel_are_found() -> None:
    body = b"<rss><channel><title>t</title></channel><item><guid>1</guid></item></rss>"
    assert only(body).key == "1"


def test_items_in_the_wrong_place_are_left_to_the_loose_parser() -> None:
    body = b"<rss><channel><title>t</title><list><item><guid>7</guid></item></list></channel></rss>"
    feed = parse_feed(body)
    assert (feed.parser, feed.entries[0].key) == ("loose", "7")


# ---------------------------------------------------------------------------------- JSON Feed


def json_feed(*items: object, **more: object) -> bytes:
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour news", "language": "es"}
    return json.dumps({**head, "home_page_url": "https://harbour.example/", **more, "items": items}).encode()


def test_a_json_feed_is_read() -> None:
    full = {
        "id": "1",
        "url": "/pier",
        "title": "Pier &amp; crane",
        "content_html": "<p>Body</p>",
        "date_published": "2026-03-02T10:00:00-03:00",
        "authors": [{"name": "Ana Ruiz"}],
    }
    feed = parse_feed(json_feed(full))
    [entry] = feed.entries
    assert (feed.title, feed.language, feed.parser) == ("Harbour news", "es", "json")
    assert (entry.key, entry.url, entry.title) == ("1", "https://harbour.example/pier", "Pier & crane")
    assert (entry.summary, entry.author) == ("Body", "Ana Ruiz")
    assert entry.published_at == datetime(2026, 3, 2, 13, tzinfo=UTC)


def test_json_feed_1_0_with_its_one_author_is_read() -> None:
    body = json_feed({"id": "1", "author": {"name": "Ana"}}, version="https://jsonfeed.org/version/1")
    assert only(body).author == "Ana"


def test_plain_text_of_a_json_feed_serves_where_there_is_no_html() -> None:
    assert only(json_feed({"id": 1, "content_text": "Pier &amp; crane"})).summary == "Pier & crane"


def test_values_of_a_wrong_type_cost_themselves_alone() -> None:
    wrong = {"id": 7, "title": ["x"], "url": {"a": 1}, "authors": "Ana", "summary": True, "language": None}
    feed = parse_feed(json_feed("no item", None, wrong, {"id": "8", "title": "good"}))
    assert [entry.key for entry in feed.entries] == ["7", "8"]
    assert parse_feed(json_feed(items={"not": "a list"})).entries == ()


def test_lone_surrogates_and_nul_in_json_are_dropped() -> None:
    body = json_feed({"id": "a\0b", "title": "x\ud800y"})
    assert (only(body).key, only(body).title) == ("ab", "xy")


def test_other_json_is_refused() -> None:
    assert "JSON data, not a JSON Feed" in refusal(b'{"error": "no such feed"}')
    assert "JSON data, not a JSON Feed" in refusal(b"[1, 2]")
    assert "the JSON is broken" in refusal(b'{"items": [')
    assert "the JSON is broken" in refusal(b"[" * 200_000)


# ----------------------------------------------------------------------------------- identity


def raw(*, link: str = "", **values: str) -> RawEntry:
    return RawEntry(values=values, links=[RawLink(link)] if link else [])


def test_f68_identity_is_the_guid_then_the_link_then_title_and_date() -> None:
    assert entry_key(raw(guid=" a\n", link="https://h.example/", title="t")) == "a"
    assert entry_key(raw(link="https://h.example/", title="t")) == "https://h.example/"
    by_title = entry_key(raw(title="A  pier", published="2026-03-02"))
    assert by_title.startswith("title:")
    assert by_title == entry_key(raw(title="A pier", published="2026-03-02"))
    assert by_title != entry_key(raw(title="A pier", published="2026-03-03"))
    assert entry_key(raw(published="2026-03-02")) == ""


def test_a_long_guid_is_hashed() -> None:
    key = entry_key(raw(guid="g" * 1_000_000))
    assert key.startswith("hash:")
    assert len(key) < 100
    assert key != entry_key(raw(guid="g" * 999_999))


def test_f69_unicode_forms_of_a_guid_are_one_and_case_is_two() -> None:
    assert entry_key(raw(guid="caf\u00e9")) == entry_key(raw(guid="cafe\u0301"))
    assert entry_key(raw(guid="A")) != entry_key(raw(guid="a"))


def test_a_relative_guid_and_link_are_identity_before_they_are_resolved() -> None:
    body = item("<guid>t3_1x</guid><link>/pier</link>")
    for feed in (parse_feed(body), parse_loose(body)):
        [entry] = feed.entries
        assert (entry.key, entry.url) == ("t3_1x", "https://harbour.example/pier")


def test_a_guid_is_the_link_only_where_the_publisher_lets_it() -> None:
    address = "https://harbour.example/a"
    assert only(item(f"<guid>{address}</guid><title>a</title>")).url == address
    assert only(item(f'<guid isPermaLink="false">{address}</guid><title>a</title>')).url == ""


def test_f70_a_reversed_feed_gives_the_same_entries() -> None:
    forwards, backwards = parse_feed(rss(*NEWS)), parse_feed(rss(*reversed(NEWS)))
    assert set(forwards.entries) == set(backwards.entries)


def test_f63_the_first_of_two_items_with_one_guid_stays() -> None:
    feed = parse_feed(rss(Item("1", "first"), Item("1", "second"), Item("1", "third")))
    assert [entry.title for entry in feed.entries] == ["first"]
    assert feed.notes == ("2 items repeat the id of another and were left out",)


def test_f68_an_item_that_says_nothing_is_left_out_with_a_note() -> None:
    feed = parse_feed(rss(HARBOUR, Item(date="Mon, 02 Mar 2026 10:15:00 GMT")))
    assert len(feed.entries) == 1
    assert feed.notes == ("1 item has no id, link, title or text and was left out",)


# -------------------------------------------------------------------------- links and their base


def test_f74_xml_base_is_respected_on_feed_entry_and_link() -> None:
    inside = (
        '<entry xml:base="b/"><id>1</id><link href="one"/></entry>'
        '<entry><id>2</id><link xml:base="https://other.example/" href="two"/></entry>'
        '<entry xml:base="http://[bad"><id>3</id><link href="three"/></entry>'
    )
    feed = parse_feed(atom(inside=inside, attributes='xml:base="https://base.example/a/"'))
    assert [entry.url for entry in feed.entries] == [
        "https://base.example/a/b/one",
        "https://other.example/two",
        "https://base.example/a/three",
    ]


def test_links_are_resolved_against_the_feeds_own_address_when_it_names_no_page() -> None:
    body = atom(inside='<entry><id>1</id><link href="/a"/></entry>').replace(
        b'<link href="https://harbour.example/"/>', b""
    )
    assert only(body).url == "https://harbour.example/a"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("//cdn.example/a", "https://cdn.example/a"),
        ("HttpS://harbour.example/A", "https://harbour.example/A"),
        ("www.harbour.example/a", "https://www.harbour.example/a"),
        (" https://harbour.example/a\n b ", "https://harbour.example/a%20b"),
        ("https://harbour.example/ñ", "https://harbour.example/ñ"),
    ],
)
def test_links_as_publishers_write_them_become_web_addresses(link: str, url: str) -> None:
    assert only(item(f"<guid>1</guid><link>{link}</link>")).url == url


def test_a_link_through_a_search_service_is_that_of_the_article() -> None:
    link = "http://www.bing.com/news/apiclick.aspx?url=https%3A%2F%2Fpaper.example%2Fstrike&c=1"
    [entry] = parse_feed(rss(replace(STRIKE, link=link))).entries
    assert entry.url == "https://paper.example/strike"


def test_a_host_without_scheme_is_an_address_where_nothing_else_says_how_to_read_it() -> None:
    body = b"<rss><channel><item><guid>1</guid><link>harbour.example/a</link></item></channel></rss>"
    assert only(body).url == "https://harbour.example/a"


# -------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 02 Mar 2026 10:15:00 GMT", "Mon, 2 Mar 2026 10:15:00 +0000", "2 Mar 26 10:15 UT",
        "Mon, 02 Mar 2026 07:15:00 -0300", "Mon, 02 Mar 2026 07:15:00 -03:00",
        "Mon, 02 Mar 2026 05:15:00 EST", "Mon, 02 Mar 2026 11:15:00 GMT+1",
        "Mon, 02 Mar 2026 11:15:00 +0100 (CET)", "Mon, 02 Mar 2026 10:15:00",
        "Mon, 02 Mar 2026 10:15:00 +9900", "Mon, 02 Mar 2026 10:15:00 XYZ", "Tue, 02 Mar 2026 10:15:00 GMT",
        "Monday, 02-Mar-26 10:15:00 GMT", "Mon Mar  2 10:15:00 2026", "Mon Mar 2 10:15:00 UTC 2026",
        "lun, 02 mar 2026 07:15:00 -0300", "Lunes, 2 de marzo de 2026 - 10:15", "2 de março de 2026, 10h15",
        "Seg, 02 Mar 2026 07:15:00 BRT", "lun., 2 mars 2026 11:15:00 +0100", "Mo, 02 Mär 2026 10:15:00 GMT",
        "March 2, 2026 10:15 AM", "Mar 2, 2026, 10:15:00 GMT", "2nd March 2026 at 10:15 a.m.",
        "2026-03-02T10:15:00Z", "2026-03-02T10:15:00.123Z", "2026-03-02T10:15:00+00:00", "2026-03-02t10:15z",
        "2026-03-02T07:15:00-0300", "2026-03-02T07:15:00-03", "2026-03-02 10:15:00",
        "2026-03-02 10:15:00 +0000",
        "2026-03-02 10:15:00 UTC", "2026/03/02 10:15", "20260302T101500Z", "2026-3-2 10:15:00",
        "1772446500", "1772446500000", "2026年3月2日 10:15:00", "2026年03月02日 18:15 HKT",
        "  Mon, 02 Mar 2026\n 10:15:00   GMT ",
    ],
)  # fmt: skip
def test_dates_as_publishers_write_them_are_understood(text: str) -> None:
    assert parse_date(text) == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("20260302", datetime(2026, 3, 2, tzinfo=UTC)),
        ("25/12/2025 23:00", datetime(2025, 12, 25, 23, tzinfo=UTC)),
        ("12/25/2025 11:00 PM", datetime(2025, 12, 25, 23, tzinfo=UTC)),
        ("04/04/2026", datetime(2026, 4, 4, tzinfo=UTC)),
        ("2026-03-02T24:00:00Z", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 12:05:00 AM", datetime(2026, 3, 2, 0, 5, tzinfo=UTC)),
        ("Mon, 02 Mar 98 12:05:00 GMT", datetime(1998, 3, 2, 12, 5, tzinfo=UTC)),
        ("Fri, 01 May 2099 00:00:00 GMT", datetime(2099, 5, 1, tzinfo=UTC)),
    ],
)
def test_other_dates_have_one_reading(text: str, expected: datetime) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "32 Foo 20x6", "0000-00-00 00:00:00", "9999-12-31T23:59:60-12:00", "2026-02-30",
        "Mon, 02 Mar 2026 25:00:00 GMT", "2026-03-02T10:61:00Z", "Thu, 01 Jan 1970 00:00:00 GMT",
        "0", "1989-12-31", "05/06/2026", "2026", "2026-03", "2026323", "12 Foobar 2026",
        "Mon, 30 Feb 2026 10:00:00 GMT", "9" * 500,
        "1" * 13 + "9",
    ],
)  # fmt: skip
def test_f57_f58_f59_f61_dates_nobody_can_believe_are_none(text: str) -> None:
    assert parse_date(text) is None


def test_f57_an_unbelievable_date_costs_itself_and_is_told() -> None:
    feed = parse_feed(rss(Item("1", "a", date="32 Foo 20x6"), HARBOUR))
    assert [entry.published_at is None for entry in feed.entries] == [True, False]
    assert feed.notes == ("1 item has a date that cannot be believed",)


def test_the_next_date_serves_where_the_first_is_unbelievable() -> None:
    body = item(
        "<guid>1</guid><pubDate>soon</pubDate><dc:date>2026-03-02</dc:date>",
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">',
    )
    assert only(body).published_at == datetime(2026, 3, 2, tzinfo=UTC)


# ---------------------------------------------------------------------------------- encodings

SPANISH = Item("1", "Huelga en el puerto: mañana “no habrá” grúas")


def declared(name: str) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>'


@pytest.mark.parametrize(
    ("name", "codec"),
    [("iso-8859-1", "cp1252"), ("windows-1252", "cp1252"), ("utf-8", "utf-8"), ("UTF-16", "utf-16"),
     ("utf-16le", "utf-16-le"), ("utf-16be", "utf-16-be"), ("utf-32", "utf-32"), ("utf-32be", "utf-32-be")],
)  # fmt: skip
def test_every_honest_encoding_is_read_in_silence(name: str, codec: str) -> None:
    feed = parse_feed(rss(SPANISH, head=declared(name)).decode().encode(codec))
    assert [entry.title for entry in feed.entries] == [SPANISH.title]
    assert feed.notes == ()


@pytest.mark.parametrize(
    ("name", "codec"), [("gb2312", "gb18030"), ("Big5", "big5"), ("iso-2022-jp", "iso2022_jp")]
)
def test_chinese_and_japanese_encodings_are_read(name: str, codec: str) -> None:
    title = Item("1", "港口" if name != "iso-2022-jp" else "港")
    assert only(rss(title, head=declared(name)).decode().encode(codec)).title == title.title


def test_the_servers_charset_serves_where_the_document_names_none() -> None:
    body = rss(Item("1", "Порт")).decode().encode("koi8-r")
    assert only(body, "application/rss+xml; charset=koi8-r").title == "Порт"


def test_utf_8_is_read_as_such_whatever_is_declared() -> None:
    feed = parse_feed(rss(SPANISH, head=declared("ISO-8859-1")), content_type="text/xml; charset=us-ascii")
    assert feed.entries[0].title == SPANISH.title
    assert feed.notes == ("the text is declared as ISO-8859-1 but is UTF-8; it was read as UTF-8",)


def test_f52_latin_1_that_claims_to_be_utf_8_is_read_as_windows_1252() -> None:
    feed = parse_feed(rss(SPANISH, head=declared("utf-8")).decode().encode("cp1252"))
    assert feed.entries[0].title == SPANISH.title
    assert feed.notes == ("5 bytes of the text are not UTF-8; they were read as windows-1252",)


def test_a_long_text_that_is_not_utf_8_is_read_as_windows_1252_at_once() -> None:
    feed = parse_feed(rss(Item("1", "mañana " * 1_500)).decode().encode("cp1252"))
    assert feed.entries[0].title.startswith("mañana mañana")
    assert feed.notes == ("the text is not UTF-8; it was read as windows-1252",)


PIERS = {
    "euc_jp": "港湾労働者が四日間の無期限ストライキに入る",
    "shift_jis": "港湾労働者が四日間の無期限ストライキに入る",
    "euc_kr": "항만 노동자들이 무기한 파업에 들어간다",
    "gb2312": "港口工人宣布无限期罢工，政府呼吁谈判",
    "gbk": "港口工人宣布无限期罢工，政府呼吁谈判",
    "big5": "港口工人宣布無限期罷工，政府呼籲談判",
    "koi8_r": "Портовые рабочие объявили бессрочную забастовку",
    "cp1251": "Портовые рабочие объявили бессрочную забастовку",
    "tis_620": "คนงานท่าเรือประกาศนัดหยุดงานอย่างไม่มีกำหนด",
    "cp1253": "Οι εργάτες του λιμανιού κηρύσσουν απεργία διαρκείας",
    "cp1256": "عمال الميناء يعلنون إضرابا مفتوحا عن العمل",
}


@pytest.mark.parametrize("codec", PIERS)
@pytest.mark.parametrize("head", ["", declared("utf-8")], ids=["undeclared", "declared as UTF-8"])
def test_another_script_in_an_encoding_nobody_names_is_read_by_its_letters(codec: str, head: str) -> None:
    title = PIERS[codec]
    feed = parse_feed(rss(Item("1", title), HARBOUR, head=head).decode().encode(codec))
    assert [entry.title for entry in feed.entries] == [title, HARBOUR.title]
    assert feed.notes[0].startswith("the text is not UTF-8; by its letters it was read as ")


@pytest.mark.parametrize(
    ("codec", "title"),
    [
        ("cp1252", "A ação da paralisação começou às três: operações suspensas, informações à população"),
        ("cp1252", "Grève à l’école créée l’été dernier: évènement déjà annulé"),
        ("cp1252", "Größe über Häfen für Österreich: Streik fällt aus"),
    ],
)
def test_latin_letters_are_never_taken_for_another_script(codec: str, title: str) -> None:
    assert only(rss(Item("1", title)).decode().encode(codec)).title == title


def test_letters_of_no_script_that_is_known_are_read_as_windows_1252() -> None:
    feed = parse_feed(rss(Item("1", "\xff\xfe\xe0\xe1" * 9)).decode().encode("latin-1"))
    assert "read as windows-1252" in feed.notes[0]


def test_a_declaration_that_the_text_contradicts_is_passed_over() -> None:
    body = rss(SPANISH, head=declared("big5")).decode().encode("cp1252") + b"<!-- \xff -->"
    assert only(body).title == SPANISH.title


def test_f56_a_mixture_of_encodings_keeps_its_good_parts() -> None:
    body = rss(Item("1", "mañana"), Item("2", "QQ")).replace(b"QQ", "mañana".encode("latin-1"))
    assert [entry.title for entry in parse_feed(body).entries] == ["mañana", "mañana"]


@pytest.mark.parametrize(
    "name", ["no-such-encoding", "base64", "utf-7", "utf-16", "unicode_escape", "undefined", "idna"]
)
def test_a_declaration_of_nonsense_harms_nothing(name: str) -> None:
    assert only(rss(SPANISH, head=declared(name))).title == SPANISH.title


def test_f55_one_byte_order_mark_or_two_or_blank_lines_before_the_document_do_no_harm() -> None:
    for start in ("\ufeff", "\ufeff\ufeff", "\r\n\n ", " \ufeff", "<?xml version='1.0'?> \ufeff"):
        assert only(start.encode() + rss(SPANISH, head=declared("utf-8"))).title == SPANISH.title


def test_a_byte_order_mark_that_lies_is_overruled() -> None:
    assert only(b"\xef\xbb\xbf" + rss(Item("1", "mañana")).decode().encode("latin-1")).title == "mañana"
    body = rss(SPANISH).decode().encode("utf-16") + b"\0"
    assert "parts of the text are not valid UTF-16-LE" in parse_feed(body).notes


def test_c1_characters_are_the_windows_ones_that_were_meant() -> None:
    assert readable("It\x92s \x81on") == "It’s on"
    assert only(rss(Item("1", "It\x92s on"))).title == "It’s on"


DOUBLED = ("CrÃ³nica", "MaÃ±ana", "GrÃºas")


def test_a_document_encoded_twice_throughout_is_read_back() -> None:
    feed = parse_feed(rss(*(Item(str(n), title, text=title) for n, title in enumerate((*DOUBLED, "Pier")))))
    assert [entry.title for entry in feed.entries] == ["Crónica", "Mañana", "Grúas", "Pier"]
    assert feed.entries[0].summary == "Crónica"
    assert feed.notes == ("3 headlines were encoded to UTF-8 twice; read back",)


@pytest.mark.parametrize("titles", [DOUBLED[:2], (*DOUBLED, "Año nuevo"), (*DOUBLED, "港口"), ("Pier",)])
def test_headlines_that_prove_nothing_stay_as_they_are(titles: tuple[str, ...]) -> None:
    feed = parse_feed(rss(*(Item(str(n), title) for n, title in enumerate(titles))))
    assert [entry.title for entry in feed.entries] == list(titles)
    assert feed.notes == ()
    assert not are_doubly_encoded(titles)


def test_letters_of_either_western_table_are_read_back() -> None:
    assert read_back("Ã\x8dndice") == "Índice"
    assert read_back("â€œaâ€™") == "“a’"
    assert read_back("Año") == "Año"


# ------------------------------------------------------------------------- repair, then patience


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Record, replay & measure", "Record, replay & measure"),
        ("Re&colon; Double-entry", "Re: Double-entry"),
        ("caf&eacute;&nbsp;bar", "café bar"),
        ("R&D;", "R&D;"),
        ("a < b", "a < b"),
        ("a &#xD800;&#0;&#x110000;&#99999999999; b", "a b"),
        ("bell\x07\x00 rings", "bell rings"),
        ("&#XE9;t&#233;", "été"),
        ("<![CDATA[R&D <b>&eacute;</b>]]> & co", "R&D é & co"),
    ],
)
def test_what_is_almost_xml_is_mended_once(title: str, read: str) -> None:
    feed = parse_feed(item(f"<guid>1</guid><title>{title}</title>"))
    assert feed.parser == "repaired"
    assert feed.entries[0].title == read
    assert feed.notes[0].startswith("read with more patience: not well-formed XML")


def test_the_repair_counts_what_it_mended() -> None:
    text, notes = repair("<rss>a & b & &nbsp;\x01 < 1</rss>")
    assert text == "<rss>a &amp; b &amp; \xa0 &lt; 1</rss>"
    [note] = notes
    assert note.startswith(
        "mended in the XML: bare “&” signs (2), control characters (1), bare “<” signs (1)"
    )
    assert note.endswith(", named HTML entities (1)")
    assert repair("<rss/>") == ("<rss/>", ())
    assert repair("no tag at all") == ("no tag at all", ())


def test_junk_around_the_document_is_left_out() -> None:
    body = b"<br />\n<b>Warning</b>: out of cheese<br />\n" + rss(*NEWS, head=declared("utf-8"))
    feed = parse_feed(body + b"<script>count()</script>")
    assert feed.entries == parse_feed(rss(*NEWS)).entries
    assert feed.notes[1:] == ("text before the XML was left out", "text after the XML was left out")
    assert len(parse_feed(b"Warning: no cheese\n" + rss(*NEWS)).entries) == 2


def test_a_comment_after_the_document_is_no_junk() -> None:
    text, notes = repair("<rss></rss><!-- served from a cache -->")
    assert (text, notes) == ("<rss></rss>", ())


@pytest.mark.parametrize("body", [rss(*NEWS), rdf(*NEWS), atom(*NEWS)])
def test_f12_a_document_cut_in_the_middle_keeps_its_whole_items(body: bytes) -> None:
    cut = body[: body.rindex(b"strike") + 3]
    feed = parse_feed(cut)
    assert [entry.key for entry in feed.entries] == [HARBOUR.guid]
    assert "the document is cut off; its incomplete last item was left out" in feed.notes
    assert feed.parser == "repaired"


def test_a_document_cut_before_its_first_whole_item_is_read_as_far_as_it_goes() -> None:
    feed = parse_feed(rss(HARBOUR)[:-60])
    assert feed.parser == "loose"
    assert [entry.key for entry in feed.entries] == [HARBOUR.guid]


def test_a_plain_doctype_costs_the_fast_path_but_nothing_else() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.example/rss.dtd">'
    feed = parse_feed(rss(*NEWS, head=doctype))
    assert feed.entries == parse_feed(rss(*NEWS)).entries
    assert feed.parser == "repaired"
    assert feed.notes == ("read with more patience: it carries a document type definition",)


def test_a_doctype_behind_a_long_comment_is_seen_too() -> None:
    feed = parse_feed(rss(HARBOUR, head=f"<!-- {'x' * 5_000} --><!DOCTYPE rss>"))
    assert feed.parser == "repaired"


def test_base64_is_left_to_the_loose_parser() -> None:
    coded = '<content mode="base64" type="text/html">UGllciBjbG9zZWQ=</content>'
    feed = parse_feed(atom(inside=f"<entry><id>1</id><title>a</title>{coded}</entry>"))
    assert (feed.parser, feed.entries[0].summary) == ("loose", "Pier closed")
    assert feed.notes[0] == "read with more patience: its <content> is encoded in base64"


def test_an_unknown_atom_is_left_to_the_loose_parser() -> None:
    body = atom(*NEWS).replace(b"http://www.w3.org/2005/Atom", b"http://purl.org/atom/ns#")
    feed = parse_feed(body)
    assert feed.parser == "loose"
    assert [entry.key for entry in feed.entries] == [HARBOUR.guid, STRIKE.guid]


def test_the_loose_way_is_the_callers_choice() -> None:
    asked: list[tuple[bytes, str]] = []

    def loose(body: bytes, content_type: str) -> ParsedFeed:
        asked.append((body, content_type))
        return parse_loose(body, content_type)

    body = rss(*NEWS).replace(b"</title>", b"", 1)
    feed = parse_feed(body, content_type="text/xml", loose=loose)
    assert asked == [(body, "text/xml")]
    assert feed.parser == "loose"
    assert feed.notes[0].startswith("read with more patience: not well-formed XML (mismatched tag")


# ------------------------------------------------------------- the same whichever parser read it

DOCUMENTS = {
    "rss": rss(*NEWS),
    "rdf": rdf(*NEWS),
    "atom": atom(*NEWS, attributes='xml:lang="en" xml:base="https://base.example/"'),
    "no guid": rss(Item(title="Pier & crane", link="https://harbour.example/a?b=1&c=2")),
    "title only": rss(Item(title="Pier <b>400</b> metres", date=HARBOUR.date), Item(title="Año &amp; ñandú")),
    "relative": rss(Item("a b", "x", "/pier")),
    "guid permalink": rss(Item("https://harbour.example/1", "x")),
    "guid no permalink": item('<guid isPermaLink="false">https://harbour.example/1</guid><title>x</title>'),
    "accents": rss(Item("maÃ±ana\x92", "Crónica “a”", text="<p>Año</p> nuevo")),
    "hints": rss(
        HARBOUR,
        inside="<ttl>5</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Friday</day></skipDays>",
    ),
    "media": item(
        "<guid>1</guid><title>a</title><description>said</description>"
        '<media:description type="plain">shown</media:description>',
        MEDIA,
    ),
    "media alone": item("<guid>1</guid><title>a</title><media:description>shown</media:description>", MEDIA),
    "content": item("<guid>1</guid><content:encoded>&lt;p&gt;b&lt;/p&gt;</content:encoded>", CONTENT),
    "languages": atom(
        inside='<entry xml:lang="fr"><id>1</id><title>a</title></entry>', attributes='xml:lang="es"'
    ),
    "author": item("<guid>1</guid><title>a</title><author>ana@h.example (Ana Ruiz)</author>"),
    "two alternates": atom(inside='<entry><title>a</title><link href="https://a.example/"/><link href="https://b.example/"/></entry>'),
    "two guids": item("<guid>1</guid><guid>2</guid><title>a</title>"),
    "doubled": rss(*(Item(str(n), title) for n, title in enumerate(DOUBLED))),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("is_broken", [False, True])
def test_the_strict_and_the_loose_parser_give_the_same_entries(name: str, is_broken: bool) -> None:
    body = DOCUMENTS[name]
    strict = parse_feed(body)
    assert strict.parser == "strict"
    loose = parse_loose(body.replace(b"</title>", b"</title><br>", 1) if is_broken else body)
    assert loose.entries == strict.entries
    assert (loose.title, loose.language, loose.hints) == (strict.title, strict.language, strict.hints)

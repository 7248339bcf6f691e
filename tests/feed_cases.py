"""What feedparser documents of itself, as small feeds: our reading and feedparser's must be these values.

Each case is a document with what its first entry must be read as. A field is left out where the case
says nothing of it. Where feedparser differs on purpose of ours, the rule is in `tests.partners.agreement`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FIRST_PAGE = "of two pages of one item the first one is its link"
MORE_DATES = "dates in more languages and forms are understood"
HOME = "https://harbour.example/"
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_TERMS = 'xmlns:dcterms="http://purl.org/dc/terms/"'
_CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
_ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


@dataclass(frozen=True)
class Case:
    """A document, and what its first entry and its feed must be read as.

    `meant` names the rule that feedparser goes by another, where the values alone do not show it.
    """

    name: str
    body: bytes
    expected: dict[str, Any] = field(default_factory=dict)
    meant: str = ""


def rss(
    name: str, inside: str, *, root: str = "", channel: str = "", meant: str = "", **expected: object
) -> Case:
    """Write RSS 2.0 with one item."""
    head = f"<title>Harbour news</title><link>{HOME}</link>{channel}"
    text = f'<rss version="2.0" {root}><channel>{head}<item>{inside}</item></channel></rss>'
    return Case(f"rss: {name}", text.encode(), expected, meant)


def atom(
    name: str, inside: str, *, root: str = "", feed: str = "", meant: str = "", **expected: object
) -> Case:
    """Write Atom 1.0 with one entry."""
    head = f'<id>urn:f</id><title>Harbour news</title><link href="{HOME}"/>{feed}'
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" {root}>{head}<entry>{inside}</entry></feed>'
    return Case(f"atom: {name}", text.encode(), expected, meant)


def atom03(name: str, inside: str, **expected: object) -> Case:
    """Write Atom 0.3 with one entry."""
    head = f'<title>Harbour news</title><link rel="alternate" type="text/html" href="{HOME}"/>'
    text = f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{head}<entry>{inside}</entry></feed>'
    return Case(f"atom 0.3: {name}", text.encode(), expected)


def rdf(name: str, inside: str, about: str = "", **expected: object) -> Case:
    """Write RSS 1.0 with one item, named by rdf:about."""
    spaces = f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {_DC}'
    named = f' rdf:about="{about}"' if about else ""
    head = f'<channel rdf:about="{HOME}"><title>Harbour news</title><link>{HOME}</link></channel>'
    return Case(
        f"rdf: {name}", f"<rdf:RDF {spaces}>{head}<item{named}>{inside}</item></rdf:RDF>".encode(), expected
    )


def encoded(name: str, title: str, codec: str, head: str = "", read: str = "") -> Case:
    """Write RSS 2.0 with one headline in an encoding that it declares."""
    items = f"<item><guid>7</guid><title>{title}</title></item>"
    text = f'<?xml version="1.0" encoding="{codec}"?>{head}<rss><channel>{items}</channel></rss>'
    return Case(f"rss: {name}", text.encode(codec), {"title": read or title})


def at(
    day: int, hour: int = 0, minute: int = 0, second: int = 0, *, month: int = 3, year: int = 2026
) -> datetime:
    """Give a time in March 2026, or another month."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


_A = "https://harbour.example/a"

IDENTITY = [
    rss("a guid is the id and the link", f"<guid>{_A}</guid>", id=_A, link=_A),
    rss("a guid is the link where it is said", f'<guid isPermaLink="true">{_A}</guid>', id=_A, link=_A),
    rss("a guid that is no permalink is no link", '<guid isPermaLink="false">7</guid>', id="7", link=""),
    rss("a link stays beside a guid", f"<guid>tag:7</guid><link>{_A}</link>", id="tag:7", link=_A),
    rss("a link before a guid", f"<link>{_A}</link><guid>https://harbour.example/b</guid>", link=_A),
    rss("no guid", f"<link>{_A}</link><title>x</title>", id=_A, link=_A),
    rss("a guid with blanks around it", f"<guid> \n {_A} </guid>", id=_A, link=_A),
    rss("a guid in CDATA", f"<guid><![CDATA[{_A}]]></guid>", id=_A),
    rss("a guid with an entity", f"<guid>{_A}?b=1&amp;c=2</guid>", id=f"{_A}?b=1&c=2"),
    rss("neither guid nor link", "<title>Pier</title>", link="", title="Pier"),
    atom("an id", f'<id>urn:7</id><link href="{_A}"/>', id="urn:7", link=_A),
    atom("no id", f'<link href="{_A}"/>', id=_A, link=_A),
    rdf("rdf:about is the id", f"<title>x</title><link>{_A}</link>", about="urn:7", id="urn:7", link=_A),
    rdf("no rdf:about", f"<title>x</title><link>{_A}</link>", id=_A, link=_A),
]

LINKS = [
    rss("blanks around it", f"<link>\n  {_A}\n</link>", link=_A),
    rss("in CDATA", f"<link><![CDATA[{_A}]]></link>", link=_A),
    rss("escaped ampersands", f"<link>{_A}?b=1&amp;c=2</link>", link=f"{_A}?b=1&c=2"),
    rss("bare ampersands", f"<link>{_A}?b=1&c=2</link>", link=f"{_A}?b=1&c=2"),
    rss("relative to the channel's page", "<guid>7</guid><link>/a</link>", link=_A),
    rss("relative by xml:base", "<guid>7</guid><link>a</link>", root=f'xml:base="{HOME}"', link=_A),
    rss("without scheme", "<guid>7</guid><link>//harbour.example/a</link>", link=_A),
    rss("a host without scheme", "<guid>7</guid><link>harbour.example/a</link>", link=_A),
    rss(
        "www without scheme",
        "<guid>7</guid><link>www.harbour.example/a</link>",
        link="https://www.harbour.example/a",
    ),
    rss("a second link counts no more", f"<link>{_A}</link><link>{_A}b</link>", link=_A, meant=FIRST_PAGE),
    rss(
        "Atom's link within RSS",
        f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="{_A}"/>',
        link=_A,
    ),
    rss(
        "Atom's link to itself is no page",
        f'<link>{_A}</link><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{_A}.xml"/>',
        link=_A,
    ),
    rss(
        "an enclosure is no page",
        f'<guid isPermaLink="false">7</guid><enclosure url="{_A}.mp3" type="audio/mpeg" length="1"/>',
        link="",
    ),
    rss("comments are no page", f"<link>{_A}</link><comments>{_A}#c</comments>", link=_A),
    rss(
        "letters outside ASCII",
        "<link>https://harbour.example/ñandú</link>",
        link="https://harbour.example/ñandú",
    ),
    rss("a script is no link", "<guid isPermaLink='false'>7</guid><link>javascript:alert(1)</link>", link=""),
    atom("no rel", f'<id>7</id><link href="{_A}"/>', link=_A),
    atom("rel alternate", f'<id>7</id><link rel="alternate" type="text/html" href="{_A}"/>', link=_A),
    atom(
        "the first of two alternates",
        f'<id>7</id><link href="{_A}"/><link href="{_A}b"/>',
        link=_A,
        meant=FIRST_PAGE,
    ),
    atom(
        "after self and edit",
        f'<id>7</id><link rel="self" href="{_A}.xml"/><link rel="edit" href="{_A}.e"/><link href="{_A}"/>',
        link=_A,
    ),
    atom(
        "an enclosure before the page",
        f'<id>7</id><link rel="enclosure" href="{_A}.mp3"/><link rel="alternate" href="{_A}"/>',
        link=_A,
    ),
    atom("related is no page", f'<id>7</id><link rel="related" href="{_A}r"/><link href="{_A}"/>', link=_A),
    atom("relative", '<id>7</id><link href="/a"/>', link=_A),
    atom(
        "xml:base of the feed",
        '<id>7</id><link href="a"/>',
        root='xml:base="https://harbour.example/"',
        link=_A,
    ),
    atom(
        "xml:base of the entry",
        '<id>7</id><link xml:base="https://harbour.example/b/" href="../a"/>',
        link=_A,
    ),
    atom(
        "xml:base within xml:base",
        '<id>7</id><link xml:base="b/" href="c"/>',
        root='xml:base="https://harbour.example/"',
        link="https://harbour.example/b/c",
    ),
    atom("dots in the path", '<id>7</id><link href="https://harbour.example/b/../a"/>'),
    atom03("type text/html", f'<id>7</id><link rel="alternate" type="text/html" href="{_A}"/>', link=_A),
    rdf("relative", "<title>x</title><link>/a</link>", about="urn:7", link=_A),
]

TEXTS = [
    rss("plain", "<title>Pier closed</title>", title="Pier closed"),
    rss("CDATA", "<title><![CDATA[Pier & crane]]></title>", title="Pier & crane"),
    rss("HTML in CDATA", "<title><![CDATA[Pier <b>closed</b>]]></title>", title="Pier closed"),
    rss("escaped HTML", "<title>Pier &lt;b&gt;closed&lt;/b&gt;</title>", title="Pier closed"),
    rss("HTML as it is", "<title>Pier <b>closed</b> today</title>", title="Pier closed today"),
    rss("an escaped ampersand", "<title>Pier &amp; crane</title>", title="Pier & crane"),
    rss("an ampersand escaped twice", "<title>Pier &amp;amp; crane</title>", title="Pier & crane"),
    rss("a bare ampersand", "<title>Pier & crane</title>", title="Pier & crane"),
    rss("a named entity", "<title>Caf&eacute; &mdash; bar</title>", title="Café — bar"),
    rss("an escaped named entity", "<title>Caf&amp;eacute;</title>", title="Café"),
    rss("a number", "<title>It&#8217;s on</title>", title="It’s on"),
    rss("a hexadecimal number", "<title>It&#x2019;s on</title>", title="It’s on"),
    rss("a number of windows-1252", "<title>It&#146;s on</title>", title="It’s on"),
    rss("a control character of windows-1252", "<title>It\x92s on</title>", title="It’s on"),
    rss("a comparison", "<title>1 &lt; 2</title>", title="1 < 2"),
    rss("blanks and lines", "<title>\n  Pier \n closed\t</title>", title="Pier closed"),
    rss("a comment within", "<title>Pier <!-- x -->closed</title>", title="Pier closed"),
    rss("a processing instruction within", "<title>Pier <?x y?>closed</title>", title="Pier closed"),
    rss("pieces of CDATA", "<title>Pier <![CDATA[& cr]]>ane</title>", title="Pier & crane"),
    rss("a script is dropped", "<title>&lt;script&gt;x()&lt;/script&gt;Pier</title>", title="Pier"),
    rss("Dublin Core", "<dc:title>Pier</dc:title>", root=_DC, title="Pier"),
    rss(
        "a title of its own beats that of the media",
        "<title>Pier</title><media:title>Film</media:title>",
        root=_MEDIA,
        title="Pier",
    ),
    rss("no title", f"<link>{_A}</link><description>Pier closed</description>", title="Pier closed"),
    rss("a prefix nobody declared", "<title>Pier</title><x:y>z</x:y>", title="Pier"),
    rss(
        "another prefix for Dublin Core",
        '<d:title xmlns:d="http://purl.org/dc/elements/1.1/">Pier</d:title>',
        title="Pier",
    ),
    rss(
        "a namespace of another kind",
        '<q:title xmlns:q="urn:q">No</q:title><title>Pier</title>',
        title="Pier",
    ),
    atom("plain", "<id>7</id><title>Pier</title>", title="Pier"),
    atom(
        "type text is no markup",
        '<id>7</id><title type="text">Pier &amp; crane</title>',
        title="Pier & crane",
    ),
    atom(
        "type html",
        '<id>7</id><title type="html">Pier &lt;b&gt;closed&lt;/b&gt;</title>',
        title="Pier closed",
    ),
    atom("type html with an entity", '<id>7</id><title type="html">Caf&amp;eacute;</title>', title="Café"),
    atom(
        "type xhtml",
        f'<id>7</id><title type="xhtml">{_DIV}Pier <b>closed</b></div></title>',
        title="Pier closed",
    ),
    atom(
        "type xhtml with an entity",
        f'<id>7</id><title type="xhtml">{_DIV}1 &lt; 2</div></title>',
        title="1 < 2",
    ),
    atom03(
        "mode escaped",
        '<id>7</id><title mode="escaped" type="text/html">Pier &lt;b&gt;closed&lt;/b&gt;</title>',
        title="Pier closed",
    ),
    atom03(
        "mode xml",
        f'<id>7</id><title mode="xml" type="application/xhtml+xml">{_DIV}Pier</div></title>',
        title="Pier",
    ),
    atom03("mode base64", '<id>7</id><title mode="base64" type="text/plain">UGllcg==</title>', title="Pier"),
    rdf("plain", "<title>Pier</title>", about="urn:7", title="Pier"),
    rdf("Dublin Core", "<dc:title>Pier</dc:title>", about="urn:7", title="Pier"),
]

SUMMARIES = [
    rss("description", "<guid>7</guid><description>Pier</description>", summary="Pier"),
    rss("escaped HTML", "<guid>7</guid><description>&lt;p&gt;Pier&lt;/p&gt;</description>", summary="Pier"),
    rss(
        "content:encoded alone",
        "<guid>7</guid><content:encoded><![CDATA[<p>Pier</p>]]></content:encoded>",
        root=_CONTENT,
        summary="Pier",
    ),
    rss(
        "description beside content:encoded",
        "<guid>7</guid><description>Short</description><content:encoded>Long</content:encoded>",
        root=_CONTENT,
        summary="Short Long",
    ),
    rss(
        "content:encoded that begins with the description",
        "<guid>7</guid><description>Pier…</description><content:encoded>Pier is shut</content:encoded>",
        root=_CONTENT,
        summary="Pier is shut",
    ),
    rss("Dublin Core", "<guid>7</guid><dc:description>Pier</dc:description>", root=_DC, summary="Pier"),
    rss("xhtml:body", "<guid>7</guid><xhtml:body><p>Pier</p></xhtml:body>", root=_XHTML, summary="Pier"),
    rss(
        "itunes:summary", "<guid>7</guid><itunes:summary>Pier</itunes:summary>", root=_ITUNES, summary="Pier"
    ),
    atom("summary", "<id>7</id><summary>Pier</summary>", summary="Pier"),
    atom("content", "<id>7</id><content>Pier</content>", summary="Pier"),
    atom(
        "xhtml content", f'<id>7</id><content type="xhtml">{_DIV}<p>Pier</p></div></content>', summary="Pier"
    ),
    atom(
        "summary beside content",
        "<id>7</id><content>Long</content><summary>Short</summary>",
        summary="Short Long",
    ),
    atom03(
        "content in base64",
        '<id>7</id><content mode="base64" type="text/html">UGllciBjbG9zZWQ=</content>',
        summary="Pier closed",
    ),
    rdf("description", "<title>x</title><description>Pier</description>", about="urn:7", summary="Pier"),
    rss(
        "a media group",
        "<guid>7</guid><media:group><media:description>Film</media:description></media:group>",
        root=_MEDIA,
        summary="Film",
    ),
]

AUTHORS = [
    rss("author by name", "<guid>7</guid><author>Ana Ruiz</author>", author="Ana Ruiz"),
    rss("Dublin Core", "<guid>7</guid><dc:creator>Ana Ruiz</dc:creator>", root=_DC, author="Ana Ruiz"),
    rss("itunes", "<guid>7</guid><itunes:author>Ana Ruiz</itunes:author>", root=_ITUNES, author="Ana Ruiz"),
    atom("name", "<id>7</id><author><name>Ana Ruiz</name></author>", author="Ana Ruiz"),
    atom(
        "name and address of a page",
        f"<id>7</id><author><name>Ana Ruiz</name><uri>{HOME}</uri></author>",
        author="Ana Ruiz",
    ),
    atom03("name", "<id>7</id><author><name>Ana Ruiz</name></author>", author="Ana Ruiz"),
    rdf("Dublin Core", "<title>x</title><dc:creator>Ana Ruiz</dc:creator>", about="urn:7", author="Ana Ruiz"),
]

_DATED = {
    "Mon, 02 Mar 2026 10:15:00 GMT": at(2, 10, 15),
    "Mon, 02 Mar 2026 10:15:00 +0000": at(2, 10, 15),
    "Mon, 2 Mar 2026 10:15:00 -0300": at(2, 13, 15),
    "02 Mar 2026 10:15:00 EST": at(2, 15, 15),
    "Mon, 02 Mar 2026 10:15:00 PDT": at(2, 17, 15),
    "Mon, 02 Mar 2026 10:15 GMT": at(2, 10, 15),
    "Mon, 02 Mar 26 10:15:00 GMT": at(2, 10, 15),
    "Mon, 02 Mar 2026": at(2),
    "Monday, 02 March 2026 10:15:00 GMT": at(2, 10, 15),
    "2026-03-02T10:15:00Z": at(2, 10, 15),
    "2026-03-02T10:15:00.25Z": at(2, 10, 15),
    "2026-03-02T10:15:00+02:00": at(2, 8, 15),
    "2026-03-02T10:15Z": at(2, 10, 15),
    "2026-03-02": at(2),
    "20260302": at(2),
    "2026-03-02 10:15:00": at(2, 10, 15),
    "Mon Mar  2 10:15:00 2026": at(2, 10, 15),
    "Mon, 02 Mar 2026 24:00:00 GMT": at(3),
    "2026년 03월 02일  오후 10:15:00": at(2, 13, 15),
    "2026-03-02 오후 10:15:00": at(2, 13, 15),
    "Κυρ, 01 Μάρ 2026 10:15:00 EET": at(1, 8, 15),
    "2026-március-02T10:15+01:00": at(2, 9, 15),
    "lun, 02 mar 2026 10:15:00 -0300": at(2, 13, 15),
    "2 de marzo de 2026": at(2),
    "Seg, 02 Mar 2026 10:15:00 -0300": at(2, 13, 15),
    "2 mars 2026 10:15": at(2, 10, 15),
    "2026年3月2日 10:15": at(2, 10, 15),
    "25/12/2025 23:00": at(25, 23, month=12, year=2025),
    "1772446500": at(2, 10, 15),
    "yesterday": None,
    "0000-00-00 00:00:00": None,
    "Thu, 01 Jan 1970 00:00:00 GMT": None,
}
_INSTANT = at(2, 10, 15)

DATES = [
    *(
        rss(
            f"the date {text}",
            f"<guid>7</guid><pubDate>{text}</pubDate>",
            meant="" if text.isascii() else MORE_DATES,
            published=value,
        )
        for text, value in _DATED.items()
    ),
    rss("Dublin Core", "<guid>7</guid><dc:date>2026-03-02T10:15:00Z</dc:date>", root=_DC, published=_INSTANT),
    rss(
        "dcterms:issued",
        "<guid>7</guid><dcterms:issued>2026-03-02T10:15:00Z</dcterms:issued>",
        root=_TERMS,
        published=_INSTANT,
    ),
    rss(
        "dcterms:created",
        "<guid>7</guid><dcterms:created>2026-03-02T10:15:00Z</dcterms:created>",
        root=_TERMS,
        published=_INSTANT,
    ),
    rss(
        "dcterms:modified",
        "<guid>7</guid><dcterms:modified>2026-03-02T10:15:00Z</dcterms:modified>",
        root=_TERMS,
        published=_INSTANT,
    ),
    rss(
        "pubDate before dc:date",
        "<guid>7</guid><dc:date>2026-03-09</dc:date><pubDate>Mon, 02 Mar 2026 10:15:00 GMT</pubDate>",
        root=_DC,
        published=_INSTANT,
    ),
    rss("no date", "<guid>7</guid>", published=None),
    atom("published", "<id>7</id><published>2026-03-02T10:15:00Z</published>", published=_INSTANT),
    atom("updated alone", "<id>7</id><updated>2026-03-02T10:15:00Z</updated>", published=_INSTANT),
    atom(
        "both",
        "<id>7</id><updated>2026-03-09T00:00:00Z</updated><published>2026-03-02T10:15:00Z</published>",
        published=_INSTANT,
    ),
    atom03("issued", "<id>7</id><issued>2026-03-02T10:15:00Z</issued>", published=_INSTANT),
    atom03("created", "<id>7</id><created>2026-03-02T10:15:00Z</created>", published=_INSTANT),
    atom03("modified", "<id>7</id><modified>2026-03-02T10:15:00Z</modified>", published=_INSTANT),
    rdf(
        "Dublin Core",
        "<title>x</title><dc:date>2026-03-02T10:15:00Z</dc:date>",
        about="urn:7",
        published=_INSTANT,
    ),
]

FEEDS = [
    rss(
        "language",
        "<guid>7</guid>",
        channel="<language>es-PE</language>",
        feed_title="Harbour news",
        language="es-pe",
    ),
    rss(
        "Dublin Core language",
        "<guid>7</guid>",
        root=_DC,
        channel="<dc:language>es</dc:language>",
        language="es",
    ),
    rss("xml:lang", "<guid>7</guid>", root='xml:lang="es"', language="es"),
    atom("xml:lang", "<id>7</id>", root='xml:lang="es"', feed_title="Harbour news", language="es"),
    Case(
        "rss: the default namespace of Netscape",
        b'<rss version="2.0" xmlns="http://backend.userland.com/rss2"><channel><title>Harbour news</title>'
        b"<item><guid>7</guid><title>Pier</title></item></channel></rss>",
        {"id": "7", "title": "Pier", "feed_title": "Harbour news"},
    ),
    Case(
        "rss 0.90",
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>Harbour news</title></channel>'
        b"<item><title>Pier</title><link>https://harbour.example/a</link></item></rdf:RDF>",
        {"id": _A, "link": _A, "title": "Pier", "feed_title": "Harbour news"},
    ),
    Case(
        "rss: element names in capitals",
        b"<RSS><CHANNEL><TITLE>News</TITLE><ITEM><GUID>7</GUID><TITLE>Pier</TITLE></ITEM></CHANNEL></RSS>",
        {"id": "7", "title": "Pier"},
    ),
    Case(
        "rss: an end tag is missing",
        b"<rss><channel><title>Harbour news</title><item><guid>7</guid><title>Pier</item></channel></rss>",
        {"id": "7"},
    ),
    encoded("Latin-1", "Mañana", "iso-8859-1"),
    encoded("windows-1251", "Порт", "windows-1251"),
    encoded("GB2312", "港口", "gb2312"),
    encoded("Shift-JIS", "港", "shift_jis"),
    encoded("UTF-16 with its mark", "Mañana", "utf-16"),
    encoded("entities of a definition", "&pier;", "utf-8", '<!DOCTYPE rss [<!ENTITY pier "Pier">]>', "Pier"),
]

CASES = [*IDENTITY, *LINKS, *TEXTS, *SUMMARIES, *AUTHORS, *DATES, *FEEDS]

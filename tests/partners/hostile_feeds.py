"""Feeds that do harm, each with its number in the list of faults and what is to come of it.

F1 to F34 are faults of transport, F35 to F82 of content. Here stand those that one poll shows; what
takes several polls, or an address, is in the tests. `HEAVY` are those that take seconds or hang.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import brotli

from service.domain import FetchFailure
from tests.partners.codings import zstd
from tests.partners.feed_documents import HARBOUR, NEWS, STRIKE, Item, atom, rss
from tests.partners.feed_server import answer, drip, hang, redirect, unsized

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.partners.feed_server import Page

MIB = 2**20
_BLOCK = 16 * MIB
TOO_LARGE, NOT_A_FEED, REFUSED = (
    FetchFailure.TOO_LARGE,
    FetchFailure.NOT_A_FEED,
    FetchFailure.REFUSED_ADDRESS,
)
HTTP_ERROR, REDIRECT, UNREACHABLE = (
    FetchFailure.HTTP_ERROR,
    FetchFailure.REDIRECT,
    FetchFailure.UNREACHABLE,
)


@dataclass(frozen=True)
class Hostile:
    """One hostile feed.

    `page` makes what its server says. `reason` is what its poll must end with, None where the good entries in
    it are to be stored: at least `entries` of them. `says` stands in the trouble, or in the notes.
    """

    name: str
    page: Callable[[], Page]
    reason: FetchFailure | None = None
    says: str = ""
    entries: int = 2
    scheme: str = "http"
    more: dict[str, bytes] | None = None

    @property
    def host(self) -> str:
        """Give a host name of its own, as every feed on the web has one."""
        slug = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in self.name)
        return f"{slug.strip('-')[:60].strip('-')}.example"


def document(
    name: str,
    make: Callable[[], bytes],
    *,
    reason: FetchFailure | None = None,
    says: str = "",
    entries: int = 2,
) -> Hostile:
    """Give a feed whose harm is in its document."""
    return Hostile(name, lambda: answer(make()), reason, says, entries)


@cache
def gzip_bomb(size: int) -> bytes:
    """Give `size` zeros as gzip, without ever holding them: the same compressed block again and again."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = engine.compress(bytes(_BLOCK)) + engine.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * (size // _BLOCK) + b"\x03\0" + bytes(8)


def coded(wire: bytes, *codings: str) -> bytes:
    """Give an answer that says how its body is compressed."""
    return answer(wire, f"Content-Encoding: {', '.join(codings)}")


def with_title(title: str, times: int = 1) -> Callable[[], bytes]:
    """Give a document of two good items and one with this title, so many times, written as it stands."""
    return lambda: rss(*NEWS, inside=f"<item><guid>x</guid><title>{title * times}</title></item>")


def with_item(inside: str, head: str = "", root: str = '<rss version="2.0">') -> Callable[[], bytes]:
    """Give a document of two good items and one with this in it."""
    return lambda: rss(*NEWS, head=head, root=root, inside=f"<item>{inside}</item>")


def _attributes(count: int) -> str:
    return " ".join(f'a{number}="1"' for number in range(count))


def _nested(depth: int) -> bytes:
    return with_title("<b>" * depth + "pier" + "</b>" * depth)()


_NAMESPACES = " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(8_000))
_LEVELS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_LAUGHS = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{_LEVELS}]>'
_QUADRATIC = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_LOGIN = b"<html><title>Log in</title><form><input name=u><input type='password'></form></html>"
_PRIVATE = ["127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "100.64.0.1", "0.0.0.0"]
_LATER = {"in a second": "1", "in a day": "86400", "at a date": "Mon, 02 Mar 2026 11:30:00 GMT"}
_SPANISH = Item("s", "Mañana “no habrá” grúas")


def _declared(encoding: str, item: Item = _SPANISH) -> bytes:
    return rss(*NEWS, item, head=f'<?xml version="1.0" encoding="{encoding}"?>')


TRANSPORT = [
    Hostile("f01 a gzip bomb of 1 GB", lambda: coded(gzip_bomb(1024 * MIB), "gzip"), TOO_LARGE),
    Hostile(
        "f02 gzip within gzip, 1 GB in 2 kB",
        lambda: coded(gzip.compress(gzip_bomb(1024 * MIB)), "gzip", "gzip"),
        TOO_LARGE,
    ),
    Hostile("f03 a brotli bomb", lambda: coded(brotli.compress(bytes(_BLOCK), quality=4), "br"), TOO_LARGE),
    Hostile("f04 a zstd bomb", lambda: coded(zstd.compress(bytes(_BLOCK)), "zstd"), TOO_LARGE),
    Hostile("f05 a deflate bomb", lambda: coded(zlib.compress(bytes(_BLOCK)), "deflate"), TOO_LARGE),
    Hostile(
        "f06 a bomb in the body of a redirect",
        lambda: answer(gzip_bomb(64 * MIB), "Content-Encoding: gzip", "Location: /f06-good", status=302),
        more={"/f06-good": answer(rss(*NEWS))},
    ),
    Hostile("f07 fifty codings", lambda: coded(b"x", *["gzip"] * 50), FetchFailure.BAD_ENCODING),
    Hostile("f08 a body without end", lambda: drip(unsized(b""), b"x" * 65_536, pause=0), TOO_LARGE),
    Hostile("f11 5,000 headers", lambda: answer(b"x", *[f"X-{n}: x" for n in range(5_000)]), HTTP_ERROR),
    Hostile(
        "f10 headers without end",
        lambda: drip(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4_000 + b"\r\n", pause=0),
        HTTP_ERROR,
    ),
    Hostile(
        "f12 no length, cut in the middle", lambda: unsized(rss(*NEWS)[:-150]), entries=1, says="cut off"
    ),
    Hostile("f13 a length that is too long", lambda: answer(rss(*NEWS), length=9_999), UNREACHABLE),
    Hostile(
        "f13 a length that is too short",
        lambda: answer(rss(*NEWS), length=len(rss(*NEWS)) - 150),
        HTTP_ERROR,
    ),
    Hostile("f14 chunks that are none", lambda: _CHUNKED + b"banana\r\n<rss>\r\n0\r\n\r\n", HTTP_ERROR),
    Hostile("f14 chunks that break off", lambda: _CHUNKED + b"50\r\n<rss>", UNREACHABLE),
    Hostile(
        "f15 a circle of redirects", lambda: redirect("/f15-b"), REDIRECT, more={"/f15-b": redirect("/f15-b")}
    ),
    Hostile(
        "f16 21 redirects",
        lambda: redirect("/f16-1"),
        REDIRECT,
        more={f"/f16-{n}": redirect(f"/f16-{n + 1}") for n in range(1, 22)},
    ),
    *(
        Hostile(f"f17 a redirect to {place}", partial(redirect, f"http://{place}/"), REFUSED)
        for place in _PRIVATE
    ),
    *(
        Hostile(f"f18 a redirect to {to}", partial(redirect, to), REDIRECT)
        for to in ("file:///etc/hostname", "gopher://127.0.0.1/", "data:text/xml,<rss/>")
    ),
    Hostile(
        "f24 401 with a realm",
        lambda: answer(b"", 'WWW-Authenticate: Basic realm="x"', status=401),
        FetchFailure.FORBIDDEN,
        says="401",
    ),
    Hostile("f24 403", lambda: answer(b"<h1>No", status=403), FetchFailure.FORBIDDEN, says="saying “No”"),
    Hostile("f24 404", lambda: answer(b"", status=404), FetchFailure.NOT_FOUND, says="404"),
    Hostile("f24 410", lambda: answer(b"", status=410), FetchFailure.GONE, says="410"),
    *(
        Hostile(
            f"f25 429 that says come {when}",
            partial(answer, b"", f"Retry-After: {value}", status=429),
            FetchFailure.THROTTLED,
        )
        for when, value in {**_LATER, "soon": "soon", "before": "-5"}.items()
    ),
    Hostile("f26 503", lambda: answer(b"", status=503), FetchFailure.OVERLOADED, says="503"),
    Hostile("f27 304 that nobody asked for", lambda: answer(b"", status=304), HTTP_ERROR, says="304"),
    Hostile("f28 an ETag of 1 MB", lambda: answer(rss(*NEWS), "ETag: " + "x" * MIB), HTTP_ERROR),
    Hostile("f29 a cookie of 1 MB", lambda: answer(rss(*NEWS), "Set-Cookie: a=" + "x" * MIB), HTTP_ERROR),
    Hostile(
        "f31 a page for logging in",
        lambda: answer(_LOGIN),
        FetchFailure.WEB_PAGE,
        says="a page for logging in (“Log in”), not a feed",
    ),
    Hostile("f32 nothing at all", lambda: answer(b""), NOT_A_FEED, says="empty page"),
]

CONTENT = [
    document("f35 a billion laughs", with_item("<guid>x</guid><title>&l9;</title>", _LAUGHS)),
    document(
        "f36 a quadratic blow-up", with_item(f"<guid>x</guid><title>{'&a;' * 1_000}</title>", _QUADRATIC)
    ),
    document(
        "f37 an external entity",
        with_item(
            "<guid>x</guid><title>[&f;]</title>", '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        ),
    ),
    document(
        "f38 an external definition",
        with_item("<guid>x</guid><title>[&f;]</title>", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
    ),
    document(
        "f39 parameter entities",
        with_item("<guid>x</guid>", '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'),
    ),
    document(
        "f40 XInclude and a stylesheet",
        with_item(
            '<guid>x</guid><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>',
            '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x.xsl"?>',
        ),
    ),
    document("f41 200,000 nested elements", lambda: _nested(200_000)),
    document(
        "f42 40,000 attributes",
        lambda: rss(*NEWS, inside=f"<item {_attributes(40_000)}><guid>x</guid></item>"),
    ),
    document(
        "f43 300,000 attributes",
        lambda: rss(*NEWS, inside=f"<item {_attributes(300_000)}><guid>x</guid></item>"),
    ),
    document(
        "f44 8,000 namespaces",
        lambda: rss(*NEWS, root=f"<rss {_NAMESPACES}>"),
    ),
    document("f46 a title of 50 MB", with_title("x", 50 * MIB), reason=TOO_LARGE),
    document("f47 a guid of 1 MB", lambda: rss(*NEWS, Item("g" * MIB, "a")), entries=3),
    document("f48 NUL in a title", with_title("a\0b"), entries=3),
    document("f49 control characters", with_title("".join(map(chr, range(1, 32))) + "x"), entries=3),
    document("f50 half a surrogate", with_title("a &#xD800; b"), entries=3),
    document("f51 a number beyond Unicode", with_title("a &#x110000; b"), entries=3),
    document(
        "f51 a backslash in an entity",
        with_item("<guid>x</guid><title>&b;</title>", "<!DOCTYPE rss [<!ENTITY b 'a\\1\\g'>]>"),
        entries=3,
    ),
    document("f52 Latin-1 that says UTF-8", lambda: _declared("utf-8").decode().encode("cp1252"), entries=3),
    document("f53 UTF-8 that says UTF-16", lambda: _declared("utf-16"), entries=3),
    document("f54 UTF-7", lambda: _declared("utf-7", Item("x", "+ADw-script+AD4-")), entries=3),
    document("f55 a byte order mark", lambda: b"\xef\xbb\xbf" + _declared("utf-8"), entries=3),
    document("f55 two byte order marks", lambda: b"\xef\xbb\xbf" * 2 + _declared("utf-8"), entries=3),
    document(
        "f56 mixed encodings",
        lambda: rss(*NEWS, _SPANISH, Item("q", "QQ")).replace(b"QQ", "mañana".encode("latin-1")),
        entries=4,
    ),
    *(
        document(f"{number} the date {date}", partial(rss, *NEWS, Item("x", "a", date=date)), entries=3)
        for number, date in (
            ("f57", "32 Foo 20x6"),
            ("f58", "0000-00-00 00:00:00"),
            ("f59", "9999-12-31T23:59:60-12:00"),
            ("f60", "Fri, 01 May 2099 00:00:00 GMT"),
            ("f61", "Thu, 01 Jan 1970 00:00:00 GMT"),
        )
    ),
    document("f63 a guid twice", lambda: rss(HARBOUR, STRIKE, HARBOUR), entries=2, says="repeats the id"),
    document("f68 neither guid nor link", lambda: rss(*NEWS, Item(title="Pier closed")), entries=3),
    *(
        document(f"f73 a link {link[:5]}", partial(rss, *NEWS, Item("x", "a", link)), entries=3)
        for link in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x")
    ),
    document(
        "f74 tricks with xml:base",
        lambda: atom(*NEWS, inside='<entry xml:base="javascript:"><id>x</id><link href="//[bad"/></entry>'),
        entries=3,
    ),
    *(
        document(f"{number} {what}", partial(rss, *NEWS, Item("x", title)), entries=3)
        for number, what, title in (
            ("f75", "a script in a title", "<script>alert(1)</script>Pier"),
            ("f75", "onerror in a title", "Pier <img src=x onerror=alert(1)>"),
            ("f75", "SVG in a title", "<svg/onload=alert(1)>Pier"),
            ("f75", "MathML in a title", "<math><mi>Pier</mi></math>"),
            ("f76", "HTML escaped twice", "&lt;script&gt;alert(1)&lt;/script&gt;Pier"),
            ("f77", "a header in a title", "Pier\r\nBcc: all@harbour.example"),
            ("f78", "text that turns round", "Pier \u202egnp.exe\u2066"),
            ("f79", "zero width and piles", "P\u200bi\ufeffer" + "\u0301" * 300),
            ("f80", "an encoded word", "=?utf-8?Q?Pier?="),
            ("f81", "words that chats obey", "@everyone <!channel> [x](http://evil.example) /quit"),
        )
    ),
    *(
        document(f"f82 {what}", partial(bytes, body), reason=NOT_A_FEED, says=says)
        for what, body, says in (
            ("OPML", b'<?xml version="1.0"?><opml version="2.0"/>', "an OPML list of feeds"),
            ("a table", b"date;title;link\n1;a;b\n", "a table (CSV)"),
            ("a PDF", b"%PDF-1.7 ...", "a PDF"),
            ("a picture", b"\x89PNG\r\n\x1a\n", "a PNG image"),
            ("a tar", b"news.txt" + b"\0" * 249 + b"ustar\x0000", "a tar archive"),
        )
    ),
    document(
        "f82 a JSON Feed",
        lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"a"},{"id":2}]}',
    ),
]


def _million() -> bytes:
    """Write as many items as a document that is still taken can hold, the good ones first."""
    return rss(*NEWS, inside="<item/>" * 1_000_000)


HEAVY = [
    Hostile("f08 silence after half a body", lambda: hang(unsized(b"<rss>")), FetchFailure.TIMEOUT),
    Hostile(
        "f09 a byte every second", lambda: drip(unsized(b"<rss>"), b"x", pause=1.0), FetchFailure.TIMEOUT
    ),
    Hostile(
        "f10 a header every second",
        lambda: drip(b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n", pause=1.0),
        FetchFailure.TIMEOUT,
    ),
    Hostile("f14 a chunk that never comes", lambda: hang(_CHUNKED), FetchFailure.TIMEOUT),
    Hostile("f30 a handshake that hangs", hang, FetchFailure.TIMEOUT, scheme="https"),
    document(
        "f41 two million nested elements", lambda: _nested(2_300_000), reason=NOT_A_FEED, says="to read"
    ),
    document(
        "f42 40,000 attributes and a fault",
        lambda: rss(*NEWS, inside=f"<item {_attributes(40_000)}><title>x<br></title></item>"),
        reason=NOT_A_FEED,
        says="to read",
    ),
    document(
        "f43 300,000 attributes and a fault",
        lambda: rss(*NEWS, inside=f"<item {_attributes(300_000)}><title>x<br></title></item>"),
        reason=NOT_A_FEED,
        says="to read",
    ),
    document("f45 a million items", _million, says="more than are read at once"),
    document("f46 a title of 15 MB", with_title("x", 15 * MIB), entries=3),
    document(
        "f46 15 MB of bare ampersands",
        with_title("& ", 15 * MIB // 2),
        reason=NOT_A_FEED,
        says="to read",
    ),
    document(
        "f82 five million lists in a JSON Feed",
        lambda: b'{"version":"https://jsonfeed.org/version/1","items":[' + b"[]," * 5_000_000 + b'{"id":1}]}',
        reason=NOT_A_FEED,
        says="to read",
    ),
]

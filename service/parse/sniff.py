"""What kind of document an answer is, told from its own bytes: servers name types wrongly.

Answers "json" or "xml" for what may be a feed, and raises NotAFeed with one plain reason and
the mend for everything that cannot be one. It does not promise that "xml" is a feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from service.errors import NotAFeed, WebPage
from service.text import clip, plain_text

if TYPE_CHECKING:
    from typing import NoReturn

_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "gzip-compressed data inside the answer"),
    (b"BZh", "bzip2-compressed data"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"{\\rtf", "a rich text document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x7fELF", "a program"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio file"),
    (b"RIFF", "a sound, film or image file"),
    (b"SQLite format 3", "a database"),
)
_TAR_OFFSET, _TAR_MAGIC = 257, b"ustar"

_WEB = frozenset({"html", "head", "body"})
FRAGMENTS = frozenset(
    {"a", "b", "br", "center", "div", "font", "form", "h1", "h2", "i", "img"}
    | {"link", "meta", "p", "pre", "script", "span", "style", "table", "title"}
)
_OTHER_XML = {
    "opml": "an OPML list of feeds",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "svg": "an SVG image",
    "error": "an XML error message",
    "opensearchdescription": "a search description",
    "kml": "a map file",
    "envelope": "a SOAP message",
}
_FIRST_TAG = re.compile(
    r"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)*+<([A-Za-z_][\w.:-]*)",
    re.DOTALL | re.IGNORECASE,
)
_FEED_TAG = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_WEB_DOCTYPE = re.compile(r"(?:\s|<!--.*?-->)*+<!DOCTYPE\s+html", re.DOTALL | re.IGNORECASE)
_WEB_TAG = re.compile(r"<(?:html|head|body)[\s>]", re.IGNORECASE)
_PAGE_TITLE = re.compile(r"<title[^>]*>(.{0,500}?)</title", re.DOTALL | re.IGNORECASE)
_LINK_TAG = re.compile(r"<link\s([^>]{0,2000})>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]{1,500})", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\s[^>]{0,500}type\s*=\s*[\"']?password", re.IGNORECASE)
_HEAD = 65_536
_WORDS_SHOWN = 60

_CHECK_ADDRESS = "Check the address in the feed pack."
_FIND_FEED = "Look for the feed's own address."


def refuse(what: str, mend: str = _CHECK_ADDRESS) -> NoReturn:
    """Raise NotAFeed for a kind of document that has a name."""
    message = f"this is {what}, not a feed"
    raise NotAFeed(message, mend=mend)


def check_bytes(body: bytes) -> None:
    """Refuse an empty answer and what shows itself in its first bytes as something else."""
    if not body.strip(b"\0 \t\r\n"):
        message = "empty answer"
        raise NotAFeed(message, mend="Nothing came back; if it stays so, check the address.")
    for magic, what in _MAGIC:
        if body.startswith(magic):
            refuse(what)
    if body[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC:
        refuse("a tar archive")


def kind_of(text: str) -> Literal["json", "xml"]:
    """Tell whether the text may be a JSON Feed or an XML feed; refuse what it cannot be."""
    if text.startswith(("{", "[")):
        return "json"
    first = _FIRST_TAG.match(text)
    if first is None:
        return _without_tag(text)
    name = first.group(1).rpartition(":")[2].lower()
    if name in _OTHER_XML:
        refuse(_OTHER_XML[name])
    if _WEB_DOCTYPE.match(text) or name in _WEB:
        refuse_page(text)
    if name in FRAGMENTS and not _FEED_TAG.search(text[:_HEAD]):
        refuse_page(text)
    return "xml"


def root_name(text: str) -> str:
    """Give the name of the first element with its prefix, "" when the text begins with none."""
    first = _FIRST_TAG.match(text)
    return first.group(1) if first else ""


def _without_tag(text: str) -> Literal["xml"]:
    head = text[:_HEAD]
    if _FEED_TAG.search(head):
        return "xml"
    if _WEB_TAG.search(head):
        refuse_page(text)
    if "\0" in head:
        refuse("binary data")
    if _is_table(head):
        refuse("a table (CSV)")
    words = clip(plain_text(head[:1_000]), _WORDS_SHOWN)
    refuse(f"a plain text answer (“{words}”)" if words else "a plain text answer")


def _is_table(head: str) -> bool:
    """Tell whether the first two lines hold the same number of separators, two at least."""
    lines = head.splitlines()[:2]
    counts = [{line.count(mark) for line in lines} for mark in ",;\t"]
    return len(lines) > 1 and any(len(found) == 1 and min(found) > 1 for found in counts)


def refuse_page(text: str) -> NoReturn:
    """Refuse a web page; name its title, and the feed it points to if it does."""
    head = text[:_HEAD]
    title = _PAGE_TITLE.search(head)
    words = clip(plain_text(title.group(1)), _WORDS_SHOWN) if title else ""
    feeds = (_HREF.search(tag) for tag in _LINK_TAG.findall(head) if _FEED_TYPE.search(tag))
    named = next((plain_text(href.group(1)) for href in feeds if href), "")
    mend = f"{_FIND_FEED} The page names this one: {named}" if named else _FIND_FEED
    kind = "a page for logging in" if _PASSWORD.search(text) else "a web page"
    message = f"this is {kind} (“{words}”), not a feed" if words else f"this is {kind}, not a feed"
    raise WebPage(message, mend=mend)

"""Where a site's feeds may be: what its page names, and the usual places. Pure; asks nobody.

What comes out are guesses, the best first: whether a feed stands at an address is for whoever asks there.
A page is a stranger's text, so it is looked at from front to back with expressions that never go back
over more than one tag, up to a limit, and never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from service.parse.encoding import decode
from service.text import clip, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_TITLE = 120
MOST_FOUND = 20
"""So many addresses of a page are given at most: the first ones."""


class Clue(StrEnum):
    """Why there may be a feed: the page says so, a link on it looks so, or feeds usually stand there."""

    NAMED = "named"
    LINKED = "linked"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Place:
    """An address where a feed may be. `title` is what the page calls it, empty where it has no name."""

    url: str
    clue: Clue
    title: str = ""


_LOOKED_AT = 1_000_000  # characters of a page
_MOST_TAGS = 5_000  # links of a page
_LONGEST_TAG = 4_000
_LONGEST_ADDRESS = 2_000
_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"}) | frozenset(
    {"application/rdf+xml", "application/xml", "text/xml"}
)
_USUAL = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml")

_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b[^<>]*+>.*?(?:</\1\s*+>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<(base|link|a)\s([^<>]*+)>([^<]{0,200})", re.IGNORECASE)
# The look behind keeps a long run of letters from being tried from each of them.
_ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
_LOOKS_LIKE_A_FEED = re.compile(
    r"(?:^|[/._?&=-])(?:rss2?|feeds?|atom|rdf)(?:$|[/._?&=-])|\.xml$", re.IGNORECASE
)
_IS_SOMETHING_ELSE = re.compile(r"sitemap|opensearch|xmlrpc|\.(?:html?|css|js|png|jpe?g|svg)$", re.IGNORECASE)
_OF_COMMENTS = re.compile(r"coment[aá]rio|comment|kommentar|commenti", re.IGNORECASE)


def find_feeds(body: bytes, url: str, content_type: str = "") -> tuple[Place, ...]:
    """Find what a page names as its feeds, and links that look like one; feeds of comments come last.

    Args:
        body: the page.
        url: where it came from: what relative addresses start from, unless the page says otherwise.
        content_type: the server's header; only its charset is used.
    """
    text = _UNREAD.sub(" ", decode(body, content_type).text[:_LOOKED_AT])
    found = (tag.groups() for tag in islice(_TAG.finditer(text), _MOST_TAGS))
    tags = [(name.lower(), _attributes(inside), after) for name, inside, after in found]
    base = next((one["href"] for name, one, _ in tags if name == "base" and "href" in one), "")
    start = _joined(url, base) or url
    named = (_place(start, one, Clue.NAMED) for name, one, _ in tags if name == "link" and _names_feed(one))
    linked = (
        _place(start, {"title": words, **one}, Clue.LINKED)
        for name, one, words in tags
        if name == "a" and _looks_like_a_feed(one.get("href", ""))
    )
    return tuple(_in_order((*named, *linked), url))[:MOST_FOUND]


def usual_places(url: str) -> tuple[Place, ...]:
    """Give the addresses at which sites usually have a feed; below a page that is no home page first."""
    parts = urlsplit(url)
    page = parts.path.strip("/")
    below = [f"/{page}/feed/"] if page and "." not in page.rpartition("/")[2] else []
    paths = [*below, *(f"/{name}" for name in _USUAL)]
    return tuple(Place(f"{parts.scheme}://{parts.netloc}{path}", Clue.USUAL) for path in paths)


def is_of_comments(url: str, title: str) -> bool:
    """Tell whether a feed seems to be of readers' comments, not of articles."""
    return _OF_COMMENTS.search(f"{urlsplit(url).path} {title}") is not None


def _attributes(inside: str) -> dict[str, str]:
    """Give the attributes of a tag, names in small letters; of two with one name the first holds."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(inside[:_LONGEST_TAG]):
        found.setdefault(name.lower(), unescape(double or single or bare).strip())
    return found


def _names_feed(link: dict[str, str]) -> bool:
    kinds = link.get("rel", "").lower().split()
    kind = link.get("type", "").partition(";")[0].strip().lower()
    return "feed" in kinds or ("alternate" in kinds and kind in _TYPES)


def _looks_like_a_feed(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    where = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return _LOOKS_LIKE_A_FEED.search(where) is not None and not _IS_SOMETHING_ELSE.search(parts.path)


def _place(start: str, tag: dict[str, str], clue: Clue) -> Place | None:
    url = _joined(start, tag.get("href", ""))
    return Place(url, clue, clip(plain_text(tag.get("title", "")), LONGEST_TITLE)) if url else None


def _joined(start: str, address: str) -> str:
    """Give a whole web address without its fragment, empty for what is none."""
    try:
        parts = urlsplit(urljoin(start, address.removeprefix("feed:")))
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        url = parts._replace(fragment="").geturl()
    except ValueError:
        return ""
    return url if address and is_usable and len(url) <= _LONGEST_ADDRESS and url.isprintable() else ""


def _in_order(places: Iterable[Place | None], page: str) -> Iterator[Place]:
    """Give each address once, not the page's own: named before linked, of this site first, comments last."""
    once: dict[str, Place] = {}
    for place in places:
        if place is not None and place.url != page:
            once.setdefault(place.url, place)
    host = urlsplit(page).hostname
    yield from sorted(
        once.values(),
        key=lambda one: (
            is_of_comments(one.url, one.title),
            one.clue is Clue.LINKED,
            urlsplit(one.url).hostname != host,
        ),
    )

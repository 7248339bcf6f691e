"""The fast path: RSS 2.0 and 0.9x, RDF (RSS 1.0) and Atom 1.0 that are well-formed XML.

It takes what it fully understands and raises NotStrict for everything else, so that a slower
parser takes over: a DTD, a fault in the XML, an unknown root, base64, no items where the text
has some. Elements are told apart by namespace, never by prefix, and without regard to case.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from service.parse.raw import RawEntry, RawFeed, RawLink, RawNode, both_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from xml.etree.ElementTree import Element

_PREFIXES = {
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/dc/elements/1.1": "dc:",
    "http://purl.org/dc/terms": "dcterms:",
    "http://purl.org/rss/1.0/modules/content": "content:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
}
_ROOTS = frozenset(
    {"rss", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF", "{http://www.w3.org/2005/Atom}feed"}
)
_FIELDS = {
    "item": "item", "entry": "item", "channel": "channel",
    "title": "title", "dc:title": "title", "media:title": "media_title",
    "guid": "guid", "id": "guid", "link": "link",
    "description": "summary", "summary": "summary", "dc:description": "summary",
    "content": "content", "content:encoded": "content", "xhtml:body": "content", "itunes:summary": "content",
    "media:description": "media_summary", "media:group": "media_group",
    "pubdate": "published", "published": "published", "issued": "published", "dcterms:issued": "published",
    "created": "created", "dcterms:created": "created",
    "updated": "updated", "modified": "updated", "dc:date": "updated", "dcterms:modified": "updated",
    "language": "language", "dc:language": "language",
    "author": "author", "dc:creator": "author", "itunes:author": "author",
    "ttl": "ttl", "skiphours": "skip_hours", "skipdays": "skip_days",
}  # fmt: skip
_BASE, _LANGUAGE = (f"{{http://www.w3.org/XML/1998/namespace}}{name}" for name in ("base", "lang"))
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DTD_HEAD = 4_096
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_TEXT_TYPES = re.compile(r"text|html|xhtml|plain|text/.*|.*[+/]xml", re.IGNORECASE)


class NotStrict(Exception):
    """The document is not for the fast path; the message says why, in plain words."""


def parse_strict(text: str) -> RawFeed:
    """Read a document.

    Raises:
        NotStrict: anything about it is not plainly understood.
    """
    if has_definitions(text):
        message = "it carries a document type definition"
        raise NotStrict(message)
    try:
        root = ET.fromstring(text)  # noqa: S314 - definitions and entities are refused above
    except ET.ParseError as error:
        message = f"not well-formed XML ({error})"
        raise NotStrict(message) from error
    if root.tag not in _ROOTS:
        message = f"its root <{_local(root.tag)}> is none of RSS, RDF and Atom 1.0"
        raise NotStrict(message)
    feed = _feed(root)
    if not feed.entries and _ITEM.search(text):
        message = "its items are not where they belong"
        raise NotStrict(message)
    return feed


def has_definitions(text: str) -> bool:
    """Tell whether a document may define entities of its own."""
    return _DTD.search(text, 0, _DTD_HEAD) is not None or text.startswith("<!", _end_of_prolog(text))


def _end_of_prolog(text: str) -> int:
    found = _PROLOG.match(text)
    return found.end() if found else 0


def _feed(root: Element) -> RawFeed:
    feed = RawFeed(base=root.get(_BASE, ""))
    feed.keep("language", root.get(_LANGUAGE))
    channels = [child for child in root if field_of(child.tag) == "channel"]
    for channel in channels:
        feed.base = _joined(feed.base, channel)
        feed.keep("language", channel.get(_LANGUAGE))
    children = [child for parent in (*channels, root) for child in parent]
    items = [child for child in children if field_of(child.tag) == "item"]
    _read(feed, children)
    read = both_ends(items)
    feed.entries = [_entry(item, feed.base) for item in read]
    feed.unread = len(items) - len(read)
    return feed


def _read(node: RawNode, children: Iterable[Element]) -> None:
    for child in children:
        name = field_of(child.tag)
        if name and name not in _PARTS:
            _HANDLERS.get(name, _keep)(node, child, name)


def _skip(node: RawNode, child: Element, name: str) -> None:
    texts: list[str] = getattr(node, name, [])
    texts += [(part.text or "").strip() for part in child]


def _entry(element: Element, base: str) -> RawEntry:
    entry = RawEntry(base=_joined(base, element))
    _read(entry, element)
    entry.keep("guid", element.get(_ABOUT))
    entry.keep("language", element.get(_LANGUAGE))
    return entry


@lru_cache(maxsize=2_048)
def field_of(tag: str) -> str:
    """Give our name for an element by its namespace and name, "" for one we have no use for."""
    namespace, _, local = tag.rpartition("}")
    prefix = _PREFIXES.get(namespace[1:].lower().rstrip("/#"), "other:") if namespace else ""
    return _FIELDS.get(prefix + local.lower(), "")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _joined(base: str, element: Element) -> str:
    own = element.get(_BASE)
    try:
        return urljoin(base, own) if own else base
    except ValueError:
        return base


def _keep(node: RawNode, child: Element, name: str) -> None:
    kind = child.get("type")
    if child.get("mode") == "base64" or (kind and not _TEXT_TYPES.fullmatch(kind)):
        message = f"its <{_local(child.tag)}> is encoded in base64"
        raise NotStrict(message)
    node.keep(name, markup(child))


def _guid(node: RawNode, child: Element, _name: str) -> None:
    node.values.pop("guid", None)  # of several the last one counts, as the loose parser has it
    node.keep("guid", markup(child))
    if isinstance(node, RawEntry):
        permalink = child.get("isPermaLink", child.get("ispermalink", "true"))
        node.guid_is_link = permalink.strip().lower() == "true"


def _link(node: RawNode, child: Element, _name: str) -> None:
    href = child.get("href") or markup(child)
    rel, kind = child.get("rel", "alternate").lower(), child.get("type", "").lower()
    node.links.append(RawLink(href.strip(), rel, kind, _joined(node.base, child)))


def _author(node: RawNode, child: Element, name: str) -> None:
    named = next((part.text for part in child if _local(part.tag).lower() == "name"), None)
    node.keep(name, named if named is not None else child.text)


def _media_group(node: RawNode, group: Element, _name: str) -> None:
    for child in group:
        name = field_of(child.tag)
        if name in {"media_title", "media_summary"}:
            _keep(node, child, name)


_HANDLERS: dict[str, Callable[[RawNode, Element, str], None]] = {
    "guid": _guid,
    "link": _link,
    "author": _author,
    "media_group": _media_group,
    "skip_hours": _skip,
    "skip_days": _skip,
}
_PARTS = frozenset({"item", "channel"})


def markup(element: Element) -> str:
    """Give what an element holds as markup: its text, or its children written out again.

    Text between children is escaped where the publisher says XHTML; elsewhere it is markup that
    was escaped once, with tags that were not. Walks with a list instead of calling itself: a
    hostile document nests 200,000 deep.
    """
    text = element.text or ""
    if not len(element):
        return text
    is_xhtml = "xhtml" in element.get("type", "") or "xhtml" in element.tag
    written = _escaped if is_xhtml else str
    pieces = [written(text)]
    waiting: list[Element | str] = list(reversed(element))
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
            continue
        name = _local(part.tag)
        pieces.append(f"<{name}>{written(part.text or '')}")
        waiting += [written(part.tail or ""), f"</{name}>", *reversed(part)]
    return "".join(pieces)


def _escaped(text: str) -> str:
    return escape(text, quote=False)

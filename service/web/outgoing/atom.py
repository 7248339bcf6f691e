"""Atom (RFC 4287): one entry an event, under an id that stays. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

if TYPE_CHECKING:
    from service.web.outgoing.items import Channel, Item

ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_BEFORE_ALL = datetime(2024, 11, 1, tzinfo=UTC)  # of a feed in which nothing has changed yet
register_namespace("", ATOM)


def write_atom(channel: Channel) -> bytes:
    """Write a feed."""
    feed = Element(f"{{{ATOM}}}feed")
    _add(feed, "id", channel.id)
    _add(feed, "title", channel.title)
    if channel.about:
        _add(feed, "subtitle", channel.about)
    _add(feed, "updated", when(channel.changed_at or _BEFORE_ALL))
    _link(feed, "self", channel.self_link, "application/atom+xml")
    _link(feed, "alternate", channel.page, "text/html")
    author = SubElement(feed, f"{{{ATOM}}}author")
    _add(author, "name", "Avizor")
    for item in channel.items:
        _entry(feed, item)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: Element, item: Item) -> None:
    entry = SubElement(feed, f"{{{ATOM}}}entry")
    _add(entry, "id", item.id)
    title = _add(entry, "title", item.title)
    if item.language:
        title.set(_LANG, item.language)
    _add(entry, "published", when(item.opened_at))
    _add(entry, "updated", when(item.changed_at))
    _link(entry, "alternate", item.link, "text/html")
    author = SubElement(entry, f"{{{ATOM}}}author")
    _add(author, "name", item.outlet or "Avizor")
    SubElement(entry, f"{{{ATOM}}}category", {"term": item.watchlist_id, "label": item.watchlist})
    if item.summary:
        _add(entry, "summary", item.summary)
    _add(entry, "content", item.text)


def _add(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, f"{{{ATOM}}}{name}")
    child.text = text
    return child


def _link(parent: Element, rel: str, href: str, kind: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": href, "type": kind})


def when(at: datetime) -> str:
    """Write a time as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

"""A feed of Atom held against RFC 4287: its grammar, what the grammar cannot say, and a reader of feeds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import feedparser

from tests.partners.relaxng import Grammar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"
GRAMMAR = Grammar(Path(__file__).parents[1] / "grammars" / "atom.rng")


def judge_atom(document: bytes) -> list[str]:
    """Give what is wrong with a feed."""
    if found := GRAMMAR.judge(document):
        return found
    feed = fromstring(document)  # noqa: S314 -- read by libxml2 just now, without a definition
    read = feedparser.parse(document)
    found = [f"feedparser complains: {read.bozo_exception}"] if read.bozo else []
    return [*found, *_rules(feed)]


def _rules(feed: Element) -> Iterator[str]:
    entries = feed.findall(f"{ATOM}entry")
    names = Counter(_text(one, "id") for one in entries)
    yield from (f"4.1.1: {times} entries are called {name}" for name, times in names.items() if times > 1)
    if not any(link.get("rel") == "self" for link in feed.iterfind(f"{ATOM}link")):
        yield "4.1.1: no link to itself"
    yield from _links(feed)
    for entry in entries:
        yield from _entry_rules(entry, feed)
        yield from _links(entry)


def _entry_rules(entry: Element, feed: Element) -> Iterator[str]:
    name = _text(entry, "id")
    if entry.find(f"{ATOM}author") is None and feed.find(f"{ATOM}author") is None:
        yield f"4.1.1: nobody is the author of {name}"
    if not _text(entry, "title").strip():
        yield f"4.2.14: {name} has no title"
    content = entry.find(f"{ATOM}content")
    if content is None and not any(link.get("rel", "alternate") == "alternate" for link in entry.iter()):
        yield f"4.1.2: {name} has neither content nor a link"
    published = entry.find(f"{ATOM}published")
    if published is not None and _time(published.text) > _time(_text(entry, "updated")):
        yield f"4.2.15: {name} changed before it was published"
    if _time(_text(entry, "updated")) > _time(_text(feed, "updated")):
        yield f"4.2.15: {name} changed after the feed did"
    for author in entry.findall(f"{ATOM}author"):
        if not _text(author, "name").strip():
            yield f"3.2.1: an author of {name} has no name"


def _links(parent: Element) -> Iterator[str]:
    links = parent.findall(f"{ATOM}link")
    kinds = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    yield from (f"4.1.1: {times} links of the kind {kind}" for kind, times in kinds.items() if times > 1)
    for link in links:
        parts = urlsplit(link.get("href", ""))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            yield f"4.2.7.1: {link.get('href')} leads nowhere"


def _text(parent: Element, name: str) -> str:
    return parent.findtext(f"{ATOM}{name}") or ""


def _time(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "")

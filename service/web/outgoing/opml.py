"""OPML 2.0: the feeds that are polled, by outlet, as other readers take them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from service.web.outgoing.items import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import FeedSource


def write_opml(sources: Iterable[FeedSource], title: str) -> bytes:
    """Write the feeds, each once, grouped by the first pack that names it."""
    opml = Element("opml", {"version": "2.0"})
    SubElement(SubElement(opml, "head"), "title").text = title
    body = SubElement(opml, "body")
    packs: dict[str, Element] = {}
    for one in sorted({source.url: source for source in sources}.values(), key=lambda source: source.outlet):
        pack = next(iter(one.packs), "")
        parent = body
        if pack:
            parent = packs.get(pack) or SubElement(body, "outline", {"text": clean(pack)})
            packs[pack] = parent
        name = clean(one.title or one.outlet or one.url)
        SubElement(parent, "outline", {"type": "rss", "text": name, "title": name, "xmlUrl": clean(one.url)})
    written: bytes = tostring(opml, encoding="utf-8", xml_declaration=True)
    return written

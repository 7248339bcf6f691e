"""OPML 2.0: the feeds that are polled, by outlet, as other readers take them. Pure.

What the format has no attribute for stands in a namespace of ours: a file taken in again loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from service.parse.opml import OURS
from service.web.outgoing.items import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import FeedSource

register_namespace("avizor", OURS)


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
        SubElement(parent, "outline", _attributes(one))
    written: bytes = tostring(opml, encoding="utf-8", xml_declaration=True)
    return written


def _attributes(one: FeedSource) -> dict[str, str]:
    name = clean(one.title or one.outlet or one.url)
    said = {
        "language": one.language,
        f"{{{OURS}}}outlet": one.outlet,
        f"{{{OURS}}}country": one.country,
        f"{{{OURS}}}group": one.group.value,
        f"{{{OURS}}}owner": one.owner,
    }
    always = {"type": "rss", "text": name, "title": name, "xmlUrl": clean(one.url)}
    return always | {key: clean(value) for key, value in said.items() if value}

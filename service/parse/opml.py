"""OPML: the feeds that another reader follows, as it writes them down. Pure.

XML by the rules of the strict path: a document type definition is refused, so that nothing in it can
be an entity. What is included from elsewhere is not fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from service.errors import NotAFeed
from service.parse.encoding import decode
from service.parse.strict import has_definitions
from service.text import clip, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

MOST_BYTES = 1024 * 1024
MOST_OUTLINES = 2_000
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000
_EXPORT = "Export the feeds of the other reader once more, as OPML."


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as the file names it."""

    url: str
    title: str


def read_opml(body: bytes, content_type: str = "") -> tuple[Outline, ...]:
    """Read the feeds of a file, in their order; an address that stands there twice is given twice.

    Raises:
        NotAFeed: it is no OPML, larger than 1 MB, carries definitions, or names no feed.
    """
    if len(body) > MOST_BYTES:
        message = "this file is larger than 1 MB"
        raise NotAFeed(message, mend="Split it, and take in the parts one after the other.")
    text = decode(body, content_type).text
    if has_definitions(text):
        message = "this file carries a document type definition"
        raise NotAFeed(message, mend="Take its lines with <!DOCTYPE and <!ENTITY out.")
    try:
        root = ET.fromstring(text)  # noqa: S314 -- definitions and entities are refused above
    except (ET.ParseError, ValueError) as fault:
        message = f"this is no OPML ({fault})"
        raise NotAFeed(message, mend=_EXPORT) from fault
    if root.tag.rpartition("}")[2].lower() != "opml":
        message = f"this is no OPML: it begins with <{clip(root.tag.rpartition('}')[2], 40)}>"
        raise NotAFeed(message, mend=_EXPORT)
    found = tuple(_outlines(root))
    if not found:
        message = "no feed stands in this file: no outline in it has an xmlUrl"
        raise NotAFeed(message, mend=_EXPORT)
    if len(found) > MOST_OUTLINES:
        message = f"{len(found):,} feeds stand in this file, and {MOST_OUTLINES:,} are the most"
        raise NotAFeed(message, mend="Split it, and take in the parts one after the other.")
    return found


def _outlines(root: Element) -> Iterator[Outline]:
    for element in root.iter():
        if element.tag.rpartition("}")[2].lower() == "outline":
            said = {name.lower(): value.strip() for name, value in element.attrib.items()}
            if url := said.get("xmlurl", ""):
                name = said.get("title") or said.get("text") or ""
                yield Outline(url[:_LONGEST_ADDRESS], clip(plain_text(name), _LONGEST_NAME))

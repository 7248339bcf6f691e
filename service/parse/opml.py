"""OPML: the feeds that another reader follows, as it writes them down. Pure.

XML by the rules of the strict path: a document type definition is refused, so that nothing in it can
be an entity. What is included from elsewhere is not fetched.

Beside address and name an outline may say more: its language, as OPML 2.0 has it, and what only our own
exports say, in attributes of a namespace of ours, as that format asks of who adds to it.
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
# Names what OPML has no attribute for; an address at which nothing needs to be found.
OURS = "urn:uuid:b35a6b0e-41a8-5b8e-9d43-6a1f0f9c2e57"
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000
_FACTS = ("outlet", "country", "group", "owner")
_EXPORT = "Export the feeds of the other reader once more, as OPML."


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed as the file names it; what it does not say is empty."""

    url: str
    title: str
    language: str = ""
    outlet: str = ""
    country: str = ""
    group: str = ""
    owner: str = ""


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
                ours = {fact: _line(said.get(f"{{{OURS}}}{fact}", "")) for fact in _FACTS}
                yield Outline(
                    url[:_LONGEST_ADDRESS],
                    # Other readers write markup into names; in ours a sign is a sign.
                    _line(name if any(ours.values()) else plain_text(name)),
                    _line(said.get("language", "")),
                    **ours,
                )


def _line(text: str) -> str:
    return clip(" ".join(text.split()), _LONGEST_NAME)

"""One repair of text that is almost XML, so that the strict parser can take it after all.

Outside CDATA and comments: bare `&` and bare `<` are escaped, named HTML entities and
characters that XML forbids are replaced; so are entities that the document itself defines as a few
plain words. Everywhere: control characters go. Around it: junk
before the first and after the last tag goes, a document cut in the middle loses its incomplete
last item, a DOCTYPE without definitions of its own goes. Nothing else is guessed: what is still
broken is left to the loose parser.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING

from service.parse.sniff import FRAGMENTS, root_name

if TYPE_CHECKING:
    from collections.abc import Iterable

ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_PLACES = re.compile(
    r"(?P<kept><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))"
    r"|&(?!(?:lt|gt|amp|quot|apos);)"
    r"(?:\#(?P<number>[xX][0-9a-fA-F]{1,30}|[0-9]{1,30});|(?P<name>[A-Za-z][A-Za-z0-9]{1,31});|(?P<ampersand>))"
    r"|(?P<less><(?![A-Za-z_:/!?]))",
    re.DOTALL,
)
_START = re.compile(r"<(?:\?xml\s|!DOCTYPE\s|(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>])", re.IGNORECASE)
_PLAIN_DOCTYPE = re.compile(r"\A((?:\s|<\?.*?\?>|<!--.*?-->)*+)<!DOCTYPE[^\[\]<>]*>", re.DOTALL)
_DEFINITION = re.compile(r"<!ENTITY\s+([A-Za-z][A-Za-z0-9]{1,31})\s+[\"']([^\"'&<%]{0,60})[\"']\s*>")
_HEAD = re.compile(r"<[A-Za-z_]")
_DECLARATION = re.compile(r"\A<\?xml\s[^<>]*>\s*")
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_CHANNEL = re.compile(r"<((?:[\w.-]+:)?channel)[\s>]")
_CHANNEL_END = re.compile(r"</(?:[\w.-]+:)?channel\s*>")

CUT = "the document is cut off; its incomplete last item was left out"
_MAX_PLACES = 100_000  # a fifth of a second; a document with more is not worth it

_SAID = {
    "control": "control characters",
    "number": "references to characters that XML forbids",
    "name": "named HTML entities",
    "ampersand": "bare “&” signs",
    "less": "bare “<” signs",
}


def without_illegal(text: str) -> str:
    """Drop the characters that XML forbids, lone surrogates among them."""
    return ILLEGAL.sub("", text)


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Give the repaired text and notes in plain words on what was done. Never raises."""
    notes: list[str] = []
    done: Counter[str] = Counter()
    defined = _defined(text)
    text, done["control"] = ILLEGAL.subn("", text)
    for step in (_without_junk_before, _without_doctype, _closed):
        text, note = step(text)
        notes += [note] if note else []
    text = _PLACES.sub(lambda place: _mended(place, done, defined), text, count=_MAX_PLACES)
    return text, (*notes, *_told(done))


def _told(done: Counter[str]) -> Iterable[str]:
    found = [f"{_SAID[what]} ({times})" for what, times in sorted(done.items()) if times]
    return [f"mended in the XML: {', '.join(found)}"] if found else []


def _defined(text: str) -> dict[str, str]:
    """Give the entities that a document defines before its first element as a few plain words."""
    first = _HEAD.search(text)
    head = text[: first.start()] if first else ""
    return dict(_DEFINITION.findall(head)) if "<!ENTITY" in head else {}


def _mended(place: re.Match[str], done: Counter[str], defined: dict[str, str]) -> str:
    what, text = place.lastgroup or "", place.group()
    if what == "kept":
        return text
    if what == "number":
        return _legal_reference(place["number"], text, done)
    done[what] += 1
    if what == "name":
        return html.escape(defined.get(place["name"]) or html.unescape(text))
    return html.escape(text)


def _legal_reference(digits: str, text: str, done: Counter[str]) -> str:
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    legal = code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0x10FFFF  # noqa: PLR2004 - XML 1.0, section 2.2
    if legal and not ILLEGAL.match(chr(code)):
        return text.replace("X", "x")
    done["number"] += 1
    return ""


def _without_junk_before(text: str) -> tuple[str, str]:
    first = root_name(text).lower()
    start = _START.search(text)
    if start is None or (first and first not in FRAGMENTS):
        return text, ""
    found = _DECLARATION.sub("", text[start.start() :], count=1)
    return found, "text before the XML was left out"


def _without_doctype(text: str) -> tuple[str, str]:
    """Cut a DOCTYPE that defines nothing; the note is not needed, nothing is lost by it."""
    return _PLAIN_DOCTYPE.sub(r"\1", text, count=1), ""


def _closed(text: str) -> tuple[str, str]:
    """End the text at its root's end tag, or after its last whole item with the end tags put in."""
    root = root_name(text)
    if not root:
        return text, ""
    end = f"</{root}>"
    at = text.rfind(f"</{root}")
    if at >= 0:
        rest = text[at:].partition(">")[2]
        junk = re.sub(r"<!--.*?-->", "", rest, flags=re.DOTALL).strip()
        return text[:at] + end, "text after the XML was left out" if junk else ""
    ends = list(_ITEM_END.finditer(text))
    if not ends:
        return text, ""
    whole = text[: ends[-1].end()]
    channel = _CHANNEL.search(whole)
    is_open = channel is not None and not _CHANNEL_END.search(whole)
    tail = f"</{channel[1]}>" if channel is not None and is_open else ""
    return whole + tail + end, CUT

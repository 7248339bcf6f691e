"""The last resort, and the only door to feedparser: documents that no repair brings back.

feedparser is slow and can be made to take minutes, so callers run this in a child process with
limits (`service.child`). It is driven without sanitising and without resolving: ids must
come out as they stand in the document, or an entry would change its identity with the parser.
"""

from __future__ import annotations

import io
import re
import xml.sax
from typing import TYPE_CHECKING, Any
from xml.sax import handler

from feedparser import api

from service.errors import NotAFeed
from service.parse.encoding import decode
from service.parse.finish import finish
from service.parse.raw import RawEntry, RawFeed, RawLink, both_ends
from service.parse.repair import repair
from service.parse.sniff import root_name

if TYPE_CHECKING:
    from service.domain import ParsedFeed

# feedparser "repairs" any text that happens to round-trip, for an encoding spelt "utf-8" only;
# service.parse.characters does that with more care.
_ENCODING = "utf8"
_NAMES = {
    "guid": ("id",),
    "title": ("title",),
    "summary": ("summary",),
    "media_summary": ("media_description",),
    "published": ("published",),
    "created": ("created",),
    "updated": ("updated",),
}
_THEIR_LISTS = frozenset(
    {"links", "authors", "contributors", "tags", "enclosures", "author_detail", "title_detail"}
)
_SKIP = re.compile(r"<skip(hours|days)[\s>].{0,2000}?</skip\1", re.IGNORECASE | re.DOTALL)
_SKIPPED = re.compile(r"<(?:hour|day)>\s*(\w+)\s*</", re.IGNORECASE)


class _Raw:
    """What is changed in feedparser's parsers: nothing is resolved, and the base is remembered."""

    baseuri: str
    push: Any  # these three come from feedparser's half of the class
    pop: Any
    _get_context: Any
    resolve_relative_uris = False
    sanitize_html = False

    def resolve_uri(self, uri: str) -> str:
        self._get_context().setdefault("base_in_force", self.baseuri)
        return uri

    def unknown_starttag(self, tag: str, attributes: Any) -> None:  # noqa: ANN401 - as each parser gives them
        super().unknown_starttag(_renamed(tag), attributes)  # type: ignore[misc] # of feedparser's half

    def unknown_endtag(self, tag: str) -> None:
        super().unknown_endtag(_renamed(tag))  # type: ignore[misc] # the same

    def _start_link(self, attributes: dict[str, str]) -> None:
        attributes["base_in_force"] = self.baseuri  # a link may have a base of its own
        super()._start_link(attributes)  # type: ignore[misc] # the same

    def _sync_author_detail(self, key: str = "author") -> None:
        """Leave authors as they stand: names are taken out of mail addresses in `finish`."""

    def _start_media_description(self, _attributes: dict[str, str]) -> None:
        self.push("media_description", 1)  # else it would overwrite <description>

    def _end_media_description(self) -> None:
        self.pop("media_description")


def _renamed(tag: str) -> str:
    """Give an element another name where feedparser keeps a list of its own under this one."""
    return f"x-{tag}" if tag.lower() in _THEIR_LISTS else tag


_Strict: Any = type("_Strict", (_Raw, api.StrictFeedParser), {})
_Loose: Any = type("_Loose", (_Raw, api.LooseFeedParser), {})


def parse_loose(body: bytes, content_type: str = "") -> ParsedFeed:
    """Read a document with feedparser; what it gives before it fails is kept.

    Raises:
        NotAFeed: nothing in the document looks like a feed, or feedparser fails on all of it.
    """
    text, notes = decode(body, content_type)
    text, mended = repair(text)
    parser = _run(text)
    if not parser.entries and not parser.version:
        raise NotAFeed(_reason(text), mend="Look for the feed's own address.")
    return finish(_raw_feed(parser, text), parser="loose", notes=(*notes, *mended))


def _reason(text: str) -> str:
    root = root_name(text)
    return f"this is XML with the root <{root[:80]}>, not a feed" if root else "nothing in this is a feed"


def _run(text: str) -> Any:  # noqa: ANN401 - feedparser has no types
    _, data, entities = api.replace_doctype(text.encode())
    strict = _Strict("", "", _ENCODING)
    if _is_read_by_sax(strict, data):
        return strict
    loose = _Loose("", "", _ENCODING, entities)
    _feed_all(loose, data.decode())
    return loose


def _is_read_by_sax(parser: Any, data: bytes) -> bool:  # noqa: ANN401 - feedparser has no types
    reader = xml.sax.make_parser()  # noqa: S317 - external entities are switched off in the next lines
    reader.setFeature(handler.feature_namespaces, True)
    reader.setFeature(handler.feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        reader.parse(source)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - feedparser raises all kinds on hostile input; its loose half is next
        return False
    return True


def _feed_all(parser: Any, text: str) -> None:  # noqa: ANN401 - feedparser has no types
    try:
        parser.feed(text)
    except MemoryError:
        raise
    except Exception as error:
        # feedparser raises all kinds on hostile input; the items before the one it broke at are good.
        del parser.entries[-1:]
        if not parser.entries:
            message = f"the document cannot be read ({type(error).__name__})"
            raise NotAFeed(message, mend="Tell the publisher that the feed is broken.") from error


def _raw_feed(parser: Any, text: str) -> RawFeed:  # noqa: ANN401 - feedparser has no types
    found = dict(parser.feeddata)
    feed = RawFeed(base=_string(found, "base_in_force"), links=_links(found))
    for name in ("title", "language", "ttl"):
        feed.keep(name, _string(found, name))
    for block in _SKIP.finditer(text):
        texts = feed.skip_hours if block[1].lower() == "hours" else feed.skip_days
        texts += _SKIPPED.findall(block[0])
    read = both_ends(parser.entries)
    feed.entries = [_raw_entry(dict(entry)) for entry in read]
    feed.unread = len(parser.entries) - len(read)
    return feed


def _raw_entry(found: dict[str, Any]) -> RawEntry:
    entry = RawEntry(base=_string(found, "base_in_force"), links=_links(found))
    entry.guid_is_link = bool(found.get("guidislink", True))
    for name, theirs in _NAMES.items():
        entry.keep(name, next((_string(found, key) for key in theirs), ""))
    for part in _parts(found.get("content")):
        entry.keep("content", _string(part, "value"))
    for person in _parts(found.get("authors")):
        entry.keep("author", _string(person, "name"))
    entry.keep("author", _string(found, "author"))
    entry.keep("language", _string(found, "language"))
    for detail in _parts([found.get("title_detail")]):
        entry.keep("language", _string(detail, "language"))
    return entry


def _links(found: dict[str, Any]) -> list[RawLink]:
    return [
        RawLink(
            _string(part, "href").strip(),
            _string(part, "rel"),
            _string(part, "type"),
            _string(part, "base_in_force"),
        )
        for part in _parts(found.get("links"))
    ]


def _parts(values: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - feedparser has no types
    """Give what is a dictionary of some values; what a document has put in their place is passed over."""
    return [dict(value) for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _string(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""

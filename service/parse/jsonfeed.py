"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/).

Values of a wrong type are passed over, item by item; numbers are taken as ids. Titles and
`content_text` are treated as markup, because many publishers put entities in them.
"""

from __future__ import annotations

import json
from typing import Any

from service.errors import NotAFeed
from service.parse.raw import RawEntry, RawFeed, RawLink, both_ends
from service.parse.repair import without_illegal

_HUBS = frozenset({"websub", "pubsubhubbub"})  # which has both names
_MEND = "Look for the feed's own address."


def parse_json(text: str) -> RawFeed:
    """Read a JSON Feed.

    Raises:
        NotAFeed: the text is no JSON, or JSON of another kind.
    """
    document = _load(text)
    if not isinstance(document, dict) or not _is_feed(document):
        message = "this is JSON data, not a JSON Feed"
        raise NotAFeed(message, mend=_MEND)
    items = [item for item in _list(document, "items") if isinstance(item, dict)]
    read = both_ends(items)
    feed = RawFeed(entries=[_entry(item) for item in read], unread=len(items) - len(read))
    for name, key in (("title", "title"), ("language", "language")):
        feed.keep(name, _text(document, key))
    feed.links = [RawLink(_text(document, "home_page_url")), RawLink(_text(document, "feed_url"), "self")]
    feed.links += [RawLink(url, "hub") for url in _hubs(document)]
    return feed


def _load(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"the JSON is broken ({error})"
        raise NotAFeed(message, mend="Wait for the publisher, or check the address.") from error


def _is_feed(document: dict[str, Any]) -> bool:
    version = _text(document, "version")
    return "jsonfeed.org/version/" in version or ("items" in document and "home_page_url" in document)


def _entry(item: dict[str, Any]) -> RawEntry:
    entry = RawEntry()
    entry.keep("guid", _text(item, "id"))
    entry.keep("title", _text(item, "title"))
    entry.keep("summary", _text(item, "summary"))
    entry.keep("content", _text(item, "content_html") or _text(item, "content_text"))
    entry.keep("published", _text(item, "date_published"))
    entry.keep("updated", _text(item, "date_modified"))
    entry.keep("language", _text(item, "language"))
    people = [*_list(item, "authors"), item.get("author")]
    for person in people:
        entry.keep("author", _text(person, "name") if isinstance(person, dict) else "")
    entry.links = [RawLink(_text(item, key)) for key in ("url", "external_url")]
    return entry


def _hubs(document: dict[str, Any]) -> list[str]:
    hubs = [hub for hub in _list(document, "hubs") if isinstance(hub, dict)]
    return [_text(hub, "url") for hub in hubs if _text(hub, "type").lower() in _HUBS]


def _list(holder: dict[str, Any], key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _text(holder: dict[str, Any], key: str) -> str:
    """Give a string, or a number as one; "" for anything else. Characters XML forbids go."""
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return without_illegal(str(value))

"""JSON Feed 1.1 (jsonfeed.org/version/1.1): the same items. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.web.outgoing.atom import when

if TYPE_CHECKING:
    from service.web.outgoing.items import Channel, Item


def write_json_feed(channel: Channel) -> dict[str, Any]:
    """Write a feed, ready for JSON."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.self_link,
        "authors": [{"name": "Avizor"}],
        "items": [_item(one) for one in channel.items],
    }
    return feed | ({"description": channel.about} if channel.about else {})


def _item(item: Item) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": item.id,
        "url": item.link,
        "title": item.title,
        "content_text": item.text,
        "date_published": when(item.opened_at),
        "date_modified": when(item.changed_at),
        "tags": [item.watchlist],
        "authors": [{"name": item.outlet or "Avizor"}],
    }
    if item.summary:
        made["summary"] = item.summary
    if item.language:
        made["language"] = item.language
    return made

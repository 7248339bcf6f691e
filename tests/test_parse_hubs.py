"""Which hub a document names, and what it calls itself: in RSS, Atom and JSON Feed, whoever reads it."""

from __future__ import annotations

import json

import pytest

from service.child import LimitedChild
from service.parse import parse_feed

HUB, SELF = "https://hub.example/", "https://port.example/feed?a=1&b=%20x"
_SELF = SELF.replace("&", "&amp;")
_ATOM = "xmlns:atom='http://www.w3.org/2005/Atom'"
_LINKS = f"<atom:link rel='self' href='{_SELF}'/><atom:link rel='hub' href='{HUB}'/>"
_ITEM = "<item><guid>a</guid><title>Port</title><link>/news/1</link></item>"
RSS = f"<rss version='2.0' {_ATOM}><channel><title>P</title>{_LINKS}{_ITEM}</channel></rss>"
ATOM = (
    f"<feed xmlns='http://www.w3.org/2005/Atom'>{_LINKS.replace('atom:', '')}"
    "<entry><id>a</id><title>Port</title></entry></feed>"
)
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "feed_url": SELF,
    "hubs": [7, {"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": HUB}],
    "items": [{"id": "a", "title": "Port", "url": "/news/1"}],
}


@pytest.mark.parametrize(
    "text",
    [
        RSS,
        ATOM,
        json.dumps(JSON),
        RSS.replace("<rss", "<!DOCTYPE rss [<!ENTITY x 'y'>]><rss"),
        RSS.replace("<title>P", "<title>P & Q"),
        ATOM.replace("rel='hub'", "rel='next HUB'"),
    ],
    ids=["rss", "atom", "json", "loose", "repaired", "two relations"],
)
def test_hub_and_topic_are_those_of_the_document_letter_for_letter(text: str) -> None:
    hints = parse_feed(text.encode()).hints
    assert (hints.hub, hints.topic) == (HUB, SELF)


@pytest.mark.parametrize(
    ("hub", "found"),
    [
        ("/hub", "https://base.example/hub"),
        ("javascript:alert(1)", ""),
        ("http://", ""),
        ("http://[broken", ""),
        ("https://hub.example/" + "x" * 3000, ""),
        ("https://hub.example/\u200e", ""),
    ],
)
def test_a_hub_that_is_no_web_address_is_none_and_relative_ones_are_resolved(hub: str, found: str) -> None:
    text = ATOM.replace(HUB, hub).replace("<feed", "<feed xml:base='https://base.example/'")
    assert parse_feed(text.encode()).hints.hub == found


def test_links_of_entries_are_resolved_against_the_feed_never_the_hub() -> None:
    alone = RSS.replace("rel='self'", "rel='via'").replace(_SELF, "")
    for text in (RSS, json.dumps(JSON)):
        assert parse_feed(text.encode()).entries[0].url == "https://port.example/news/1"
    assert parse_feed(alone.encode()).entries[0].url == ""


def test_the_links_of_an_entry_name_no_hub() -> None:
    inside = RSS.replace(_LINKS, "").replace("</item>", f"{_LINKS}</item>")
    hints = parse_feed(inside.encode()).hints
    assert (hints.hub, hints.topic) == ("", "")


def test_the_limited_child_tells_the_hub_too() -> None:
    with LimitedChild() as child:
        for text in (RSS, ATOM, json.dumps(JSON)):
            hints = child.parse(text.encode()).hints
            assert (hints.hub, hints.topic) == (HUB, SELF)

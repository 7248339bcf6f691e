"""Outgoing feeds of a whole newsroom, held against the documents that say what such feeds are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator

from service.parse.opml import read_opml
from service.store import Store
from service.wiring import sync_store
from tests.partners.atom_rules import judge_atom
from tests.partners.scene import serve
from tests.test_feeds_out import JSON_FEED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.partners.scene import Scene

pytestmark = pytest.mark.real

GOOD = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><id>urn:x:1</id><title>Uno</title>
<updated>2026-11-22T15:00:00Z</updated><link rel="self" href="https://a.example/f"/>
<author><name>A</name></author>
<entry><id>urn:x:2</id><title type="html">&lt;b&gt;Dos</title>
<published>2026-11-22T09:00:00-05:00</published>
<updated>2026-11-22T14:00:00Z</updated>
<link href="https://a.example/2"/><category term="x"/><content>Tres</content>
</entry></feed>"""
AGAIN = "<entry><id>urn:x:2</id><title>Dos</title><updated>2026-11-22T14:00:00Z</updated></entry>"
# What is broken, the rule of RFC 4287 it breaks, and what is said of it.
BROKEN = (
    ("<id>urn:x:2</id>", "", "failed to validate"),
    ("<id>urn:x:2</id>", "<id>urn:x:2</id><id>urn:x:3</id>", "failed to validate"),
    ("urn:x:2", "no address", "failed to validate"),
    ("<title>Uno</title>", "", "failed to validate"),
    ("<updated>2026-11-22T14:00:00Z</updated>", "", "failed to validate"),
    ("T14:00:00Z", " 14:00:00", "failed to validate"),
    ("T14:00:00Z", "T14:00:00", "failed to validate"),
    ("T14:00:00Z", "T25:00:00Z", "failed to validate"),
    ('term="x"', "", "failed to validate"),
    ('type="html"', 'type="markdown"', "failed to validate"),
    ('<link href="https://a.example/2"/>', "<link/>", "failed to validate"),
    ('<link href="https://a.example/2"/>', "<link href='https://a.example/a b'/>", "failed to validate"),
    ("<name>A</name>", "", "failed to validate"),
    ("<name>A</name>", "<name>A</name><email>nobody</email>", "failed to validate"),
    ("<content>", "<content src='https://a.example/2'>", "failed to validate"),
    ("<content>", "<kontent/><content>", "extra content: kontent"),
    ('xml:lang="es"', 'xml:lang="es es"', "Invalid attribute"),
    ('xml:lang="es"', 'lang="es"', "Invalid attribute"),
    ("Tres", "\x0b", "this is no XML"),
    ("</entry>", f"</entry>{AGAIN}", "2 entries are called urn:x:2"),
    ("<author><name>A</name></author>", "", "nobody is the author"),
    ("<name>A</name>", "<name>A</name><uri>javascript:x y</uri>", "failed to validate"),
    ("https://a.example/2", "javascript:x", "leads nowhere"),
    ("https://a.example/2", "/events/2", "leads nowhere"),
    ('rel="self"', 'rel="alternate"', "no link to itself"),
    ("<content>Tres</content>", "<link href='https://a.example/3'/>", "2 links of the kind"),
    ("T14:00:00Z", "T13:00:00Z", "changed before it was published"),
    ("T14:00:00Z", "T16:00:00Z", "changed after the feed did"),
    ("&lt;b&gt;Dos", " ", "has no title"),
)  # fmt: skip


def test_the_judge_of_atom_finds_what_the_specification_forbids() -> None:
    assert judge_atom(GOOD.encode()) == []
    for part, instead, said in BROKEN:
        assert GOOD.count(part) == 1, part
        found = judge_atom(GOOD.replace(part, instead).encode())
        assert any(said in one for one in found), (part, instead, found)


def test_every_feed_of_a_newsroom_is_as_its_specification_says(scene: Scene) -> None:
    with httpx.Client(base_url=scene.url, cookies={"avizor_session": scene.session}) as visits:
        lists = [one.id for one in scene.store.reading.list_watchlists()]
        counts = {}
        for path in ("", *(f"/watchlists/{one}" for one in lists)):
            for language in ("en", "es", "pt"):
                said = {"Accept-Language": language}
                atom = visits.get(f"{path}/events.atom", headers=said)
                assert judge_atom(atom.content) == [], path
                feed = json.loads(visits.get(f"{path}/events.json", headers=said).content)
                Draft202012Validator(JSON_FEED).validate(feed)
                calendar = Calendar.from_ical(visits.get(f"{path}/dates.ics", headers=said).content)
                assert not [fault for one in calendar.walk() for fault in one.errors], path
                counts[path] = atom.content.count(b"<entry>")
                assert len(feed["items"]) == counts[path]
        assert len(lists) > 3
        assert max(counts.values()) == 50
        assert len(read_opml(visits.get("/sources.opml").content)) == len(scene.store.feeds.list_all())


def test_feeds_without_events_and_at_other_addresses_are_valid_too(scene: Scene, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/empty.db")
    sync_store(store, scene.files, [], scene.now)
    names = ("/events", *(f"/watchlists/{one.id}/events" for one in scene.files.watchlists))
    for base in ("", "https://alerts.example/under/here"):
        with serve(replace(scene.view(), store=store, access=None, base_url=base)) as url:
            for name in names:
                atom = httpx.get(f"{url}{name}.atom").content
                assert judge_atom(atom) == [], name
                assert b"<entry>" not in atom
                Draft202012Validator(JSON_FEED).validate(httpx.get(f"{url}{name}.json").json())
        with serve(replace(scene.view(), access=None, base_url=base)) as url:
            assert judge_atom(httpx.get(f"{url}/events.atom").content) == []
    store.close()

"""Outgoing feeds: Atom, JSON Feed, calendars and OPML are read back by the programs that read such things."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from jsonschema import Draft202012Validator

from service.domain import FeedSource
from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.store import Scope
from service.watchlists import KnownDate, load_watchlist
from service.web import Access, Health, View
from service.web.outgoing.atom import ATOM, write_atom
from service.web.outgoing.dates import write_calendar
from service.web.outgoing.items import Channel, Item, clean
from service.web.outgoing.json_feed import write_json_feed
from service.web.outgoing.opml import write_opml
from tests.partners.newsroom import LEASE, NOW, open_filled
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = "https://news.example"
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
_AUTHORS = {
    "type": "array",
    "items": {"type": "object", "minProperties": 1, "properties": {"name": {"type": "string"}}},
}
# Made from the words of the specification, version 1.1.
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string"},
        "home_page_url": {"type": "string", "pattern": "^https?://"},
        "feed_url": {"type": "string", "pattern": "^https?://"},
        "description": {"type": "string"},
        "authors": _AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "url": {"type": "string", "pattern": "^https?://"},
                    "title": {"type": "string"},
                    "content_text": {"type": "string"},
                    "summary": {"type": "string"},
                    "date_published": _DATE,
                    "date_modified": _DATE,
                    "authors": _AUTHORS,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "language": {"type": "string", "pattern": "^[A-Za-z0-9-]+$"},
                },
            },
        },
    },
}


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    store, _ = open_filled(tmp_path)
    yield View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        base_url=BASE,
        public_host="news.example",
    )
    store.close()


def test_atom_is_read_back_without_a_fault(view: View) -> None:
    answer = Visits(view).get("/watchlists/chancay-port/events.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.content)
    assert not read.bozo
    assert (read.version, read.feed.title) == ("atom10", "Chancay Port · Avizor")
    ids = [entry.id for entry in read.entries]
    assert len(set(ids)) == len(ids) == 4
    entry = next(one for one in read.entries if "Juez devuelve" in one.title)
    assert entry.link.startswith(f"{BASE}/events/")
    assert entry.id.startswith("urn:uuid:")
    assert entry.title_detail.language == "es"
    assert "4 outlets, 3 independent" in entry.content[0].value
    assert "line 9 of chancay-port.yaml: puerto de Chancay" in entry.content[0].value
    assert entry.published_parsed <= entry.updated_parsed
    needed = {f"{{{ATOM}}}{name}" for name in ("id", "title", "updated")}
    feed = fromstring(answer.content)  # noqa: S314 -- we wrote it
    for element in (feed, *feed.findall(f"{{{ATOM}}}entry")):
        assert needed <= {child.tag for child in element}


@pytest.mark.slow
def test_an_entry_keeps_its_id_at_whatever_address_it_is_read(view: View) -> None:
    here, there = (Visits(replace(view, base_url=base)) for base in ("", "https://other.example"))
    for path in ("/events.atom", "/watchlists/chancay-port/events.atom"):
        one, two = (feedparser.parse(visits.get(path).content) for visits in (here, there))
        assert (one.feed.id, [entry.id for entry in one.entries]) == (
            two.feed.id,
            [entry.id for entry in two.entries],
        )


def test_an_event_that_got_another_title_has_changed(view: View) -> None:
    before = feedparser.parse(Visits(view).get("/watchlists/chancay-port/events.atom").content)
    event_id = before.entries[0].link.rpartition("/")[2]
    now = NOW + timedelta(hours=1)
    shift = Shift(view.store, Desk(lambda *_: [], {}, Roll({})), lambda: now, "w", LEASE)
    Correcting(shift, "ana").rename(event_id, "El nuevo título")
    after = feedparser.parse(Visits(view).get("/watchlists/chancay-port/events.atom").content)
    assert after.entries[0].title == "El nuevo título"
    assert after.entries[0].updated > before.entries[0].updated
    assert after.feed.updated == after.entries[0].updated


def test_json_feed_fits_its_specification(view: View) -> None:
    answer = Visits(view).get("/events.json")
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    feed = json.loads(answer.content)
    Draft202012Validator(JSON_FEED).validate(feed)
    assert len(feed["items"]) > 5


@pytest.mark.slow
def test_a_reader_that_has_it_is_told_so(view: View) -> None:
    visits = Visits(view)
    for path in ("/events.atom", "/events.json", "/sources.opml", "/dates.ics"):
        tag = visits.get(path).headers["etag"]
        again = visits.get(path, {"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b""), path
        for held in ("*", f'W/{tag}, "other"'):
            assert visits.get(path, {"If-None-Match": held}).status_code == 304
        changed = visits.get(path, {"If-None-Match": '"other"'})
        assert changed.status_code == 200
        assert "Accept-Language" in changed.headers["vary"]
    assert visits.get("/watchlists/nothing/events.atom").status_code == 404


@pytest.mark.slow
def test_what_is_due_and_events_stand_in_a_calendar(view: View, tmp_path: Path) -> None:
    (tmp_path / "chancay-port.yaml").write_text("title: Port\nmatch:\n  any: [puerto]\n")
    due = (
        KnownDate(date(2026, 12, 1), "The board meets; members, guests"),
        KnownDate(date(2027, 6, 1), "ñ" * 200),
    )
    watchlist = replace(load_watchlist(tmp_path / "chancay-port.yaml", tmp_path), dates=due)
    answer = Visits(replace(view, watchlists=lambda: (watchlist,))).get("/watchlists/chancay-port/dates.ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    days = [one for one in events if str(one["SUMMARY"]) in {known.what for known in due}]
    assert [one.decoded("DTSTART") for one in days] == [known.on for known in due]
    assert len(events) == 6
    assert len({str(one["UID"]) for one in events}) == 6
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_opml_holds_every_feed_once_and_round_trips() -> None:
    sources = [
        FeedSource("https://a.example/f?x=1&y=2", "Ñandú <b>", "Alba", packs=("peru",)),
        FeedSource("https://b.example/f", "", "Cima"),
        FeedSource("https://a.example/f?x=1&y=2", "Ñandú <b>", "Alba", packs=("peru",)),
    ]
    read = fromstring(write_opml(sources, "Avizor"))  # noqa: S314 -- we wrote it
    assert read.attrib == {"version": "2.0"}
    assert [(one.get("text"), one.get("xmlUrl")) for one in read.iter("outline") if one.get("xmlUrl")] == [
        ("Ñandú <b>", "https://a.example/f?x=1&y=2"),
        ("Cima", "https://b.example/f"),
    ]


@pytest.mark.slow
def test_where_visitors_sign_in_a_token_in_the_address_opens_a_feed(view: View) -> None:
    guarded = replace(view, access=Access("a-secret-of-the-operator"))
    accounts, visits = view.store.accounts, Visits(guarded)
    tokens = {scope: accounts.add_token(scope.value, [scope], NOW) for scope in Scope}
    for path in ("/events.atom", "/watchlists/chancay-port/events.json", "/dates.ics", "/sources.opml"):
        assert visits.get(path).status_code == 401
        statuses = [visits.get(f"{path}?token={tokens[scope]}").status_code for scope in Scope]
        assert statuses == [200, 200, 200, 401]
    assert "no-store" in visits.get("/sign-in").headers["cache-control"]
    assert (
        visits.get(f"/events.atom?token={tokens[Scope.FEEDS]}").headers["cache-control"].startswith("private")
    )


TEXT = st.text(max_size=60)
ITEMS = st.builds(
    Item,
    id=st.just("e1"),
    link=st.just(f"{BASE}/events/e1"),
    title=TEXT.map(clean),
    language=st.sampled_from(["", "es", "zh-CN"]),
    outlet=TEXT.map(clean),
    watchlist_id=st.just("port"),
    watchlist=TEXT.map(clean),
    opened_at=st.just(NOW),
    changed_at=st.just(NOW),
    summary=TEXT.map(clean),
    text=TEXT.map(clean),
)


@settings(deadline=None)
@given(ITEMS)
def test_any_words_of_a_feed_are_words_in_every_document(item: Item) -> None:
    channel = Channel("urn:x:1", "Avizor", "", f"{BASE}/events.atom", f"{BASE}/", (item,))
    entry = fromstring(write_atom(channel)).find(f"{{{ATOM}}}entry")  # noqa: S314 -- we wrote it
    assert entry is not None
    written = item.title.replace("\r\n", "\n").replace("\r", "\n")
    assert (entry.findtext(f"{{{ATOM}}}title") or "").replace("\r\n", "\n").replace("\r", "\n") == written
    feed = json.loads(json.dumps(write_json_feed(channel)))
    Draft202012Validator(JSON_FEED).validate(feed)
    assert feed["items"][0]["title"] == item.title
    [event] = Calendar.from_ical(write_calendar("Avizor", [], [item])).walk("VEVENT")
    assert str(event["UID"]).endswith("@avizor")


@given(st.text(alphabet=st.characters(codec=None)))
def test_what_no_document_may_hold_is_left_out(text: str) -> None:
    kept = clean(text)
    fromstring(f"<a>{kept.replace('&', '').replace('<', '')}</a>".encode())  # noqa: S314 -- that is the question
    assert set(kept) <= set(text)


def test_no_title_shows_something_else_than_it_says() -> None:
    assert clean("Puerto \u202egnp.exe\u202c \u200bde \x0bChancay") == "Puerto gnp.exe de Chancay"

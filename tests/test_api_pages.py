"""What a page shows stands in the API: each page has its operations, and what it says is in their answers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from service.store import Scope
from service.watchlists import add_term
from service.web import Access, View, create_app
from service.web.looked import COOKIE
from tests.partners.page_reader import PageReader, numbers_in
from tests.partners.scene import NOW, SECRET, Scene
from tests.partners.scene_news import RULING
from tests.partners.site_map import DATA, MACHINES, PAGES, SPOTS, routes_of
from tests.partners.visits import Visits, app_of, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT = re.compile(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)")
_FIXED = {"editor": ("90",)}  # days, as the page says in a sentence
_PART = re.compile(r", |; |: | and |…")
_FIELD = re.compile(r"\{(\w+)\}")
_SHOWN = [
    *("today", "watchlists", "watchlist", "watchlist-quiet", "editor", "mutes", "channels", "subscribers"),
    *("routes", "event", "event-languages", "event-muted", "search-found", "search-narrowed"),
    *("search-nearly", "sources", "deliveries", "deliveries-narrowed", "source", "source-ailing"),
    *("delivery", "tokens"),
]


class Newsroom:
    """The newsroom of the scene, as its own operator opens it: without signing in."""

    def __init__(self, scene: Scene) -> None:
        """Open it."""
        self.scene = scene
        self.view: View = replace(scene.view(), access=None)
        self.visits = Visits(self.view)

    def page(self, path: str) -> PageReader:
        """Read a page."""
        answer = self.visits.get(path, {"Accept-Language": "en"})
        assert answer.status_code == 200, path
        return PageReader(answer.text)

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:  # noqa: ANN401 -- JSON
        """Ask the API."""
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        answer = asked(app_of(self.view), method, f"/api/v1{path}", content=content, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def data(self, route: str, path: str) -> list[Any]:
        """Give the answers of all operations of a page."""
        operations = DATA[route]
        assert not isinstance(operations, str)
        fields = _fields(route, path) | {"query": urlsplit(path).query}
        found: list[Any] = []
        for operation in operations:
            if "{delivery_id}" in operation and "delivery_id" not in fields:
                found += [self.ask(f"/deliveries/{one['id']}") for one in found[-1]["items"]]
            elif operation.startswith("POST "):
                body = {"text": found[0]["text"]}
                found.append(self.ask(operation.removeprefix("POST ").format(**fields), "POST", body))
            else:
                found.append(self.ask(operation.format(**fields)))
        return found


def _fields(route: str, path: str) -> dict[str, str]:
    pattern = _FIELD.sub(r"(?P<\1>[^/]+)", route)
    match = re.fullmatch(pattern, urlsplit(path).path)
    assert match, (route, path)
    return match.groupdict()


@pytest.fixture(scope="module")
def newsroom(scene: Scene) -> Newsroom:
    scene.store.accounts.add_token("grafana", [Scope.METRICS, Scope.READ], NOW)
    return Newsroom(scene)


def _leaves(data: object) -> Iterator[object]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)
    elif data is not None:
        yield data


def _times(data: object) -> set[str]:
    found = set()
    for leaf in _leaves(data):
        if isinstance(leaf, str) and _AT.fullmatch(leaf):
            at = datetime.fromisoformat(leaf).astimezone(UTC)
            found.add(f"{at:%Y-%m-%dT%H:%M:%SZ}")
    return found


def _numbers(data: object) -> Iterator[str]:
    """Give the numbers of data as a page writes them, and the sums of lists of them."""
    if isinstance(data, dict):
        for value in data.values():
            yield from _numbers(value)
    elif isinstance(data, list):
        if data and all(isinstance(one, int) for one in data):
            yield str(sum(data))
        for value in data:
            yield from _numbers(value)
    elif isinstance(data, int | float):
        yield from (str(data), str(round(data, 1)), str(round(data)))


def _stands(words: str, whole: str) -> bool:
    """Tell whether words stand in a text as they are, or each part of a list, or one thing beside another."""
    if words in whole or all(part in whole for part in _PART.split(words)):
        return True
    pairs = (words.partition(" ")[::2],)
    return any(one in whole and other in whole for one, other in pairs)


def test_each_page_has_its_data_or_a_reason_why_not() -> None:
    assert set(DATA) == set(PAGES)
    assert all(DATA.values())


@pytest.mark.slow
def test_what_is_named_as_the_data_of_a_page_is_there(newsroom: Newsroom) -> None:
    assert set(routes_of(create_app(newsroom.scene.view()).routes)) == {*PAGES, *MACHINES}
    paths = newsroom.ask("/openapi.json")["paths"]
    served = {(method.upper(), _FIELD.sub("{}", path)) for path, does in paths.items() for method in does}
    for operations in DATA.values():
        for operation in operations if isinstance(operations, tuple) else ():
            method, _, path = operation.rpartition(" ")
            assert (method or "GET", _FIELD.sub("{}", path.partition("?")[0])) in served, operation


@pytest.mark.slow
@pytest.mark.parametrize("name", _SHOWN)
def test_what_a_page_shows_stands_in_its_data(newsroom: Newsroom, name: str) -> None:
    route = next(route for route, spots in PAGES.items() if name in spots)
    path = SPOTS[name].path(newsroom.scene)
    page, data = newsroom.page(path), newsroom.data(route, path)
    said = [" ".join(leaf.split()) for leaf in _leaves(data) if isinstance(leaf, str)]
    whole = "\n".join(said)
    assert [one for one in page.words if not _stands(one, whole)] == []
    assert set(page.times) - _times(data) == set()
    numbers = {*_numbers(data), *_FIXED.get(name, ())}
    numbers |= {one for leaf in said if not _AT.fullmatch(leaf) for one in numbers_in(leaf)}
    assert [one for one in page.numbers if one not in numbers] == []


@pytest.mark.slow
@pytest.mark.parametrize("days", [7, 30, 90, 365])
def test_the_numbers_of_a_timeline_are_those_of_its_table(newsroom: Newsroom, days: int) -> None:
    page = newsroom.page(f"/watchlists/chancay-port?days={days}")
    found = newsroom.ask(f"/watchlists/chancay-port/timeline?days={days}")
    shown = [
        [
            one["day"],
            f"{one['reports']}",
            f"{one['new_events']}",
            "; ".join(note["words"] for note in one["notes"]),
        ]
        for one in reversed(found["days"])
        if one["reports"] or one["notes"]
    ]
    assert len(found["days"]) == days
    assert [row for row in page.rows if re.fullmatch(r"\d{4}-\d\d-\d\d", row[0])] == shown
    assert len(shown) > 3
    kinds = {note["kind"] for one in found["days"] for note in one["notes"]}
    assert kinds >= ({"event", "spike"} if days > 30 else set())


@pytest.mark.slow
def test_the_terms_of_a_watchlist_are_those_of_its_table(newsroom: Newsroom) -> None:
    rows = [row for row in newsroom.page("/watchlists/chancay-port").rows if len(row) == 7]
    found = newsroom.ask("/watchlists/chancay-port/terms")
    assert [(row[0], row[1], row[4], row[5]) for row in rows] == [
        (" ".join(one["term"].split()), f"{one['line']}", f"{one['useful']}", f"{one['noise']}")
        for one in found
    ]
    assert [row[2] for row in rows] == [
        f"{one['hits']}" if one["hits"] else "none in this time" for one in found
    ]
    said = ["–" if one["precision"] is None else f"{one['precision']} %" for one in found]
    assert [row[6] for row in rows] == said
    assert {one["hits"] > 0 for one in found} == {True, False}
    assert any(said != "–" for said in said)


@pytest.mark.slow
def test_events_of_today_stand_in_the_order_of_the_page_and_say_what_is_new_since(newsroom: Newsroom) -> None:
    since = NOW - timedelta(hours=30)
    newsroom.visits.cookies.set(COOKIE, f"{int(since.timestamp())}.{int(NOW.timestamp())}")
    text = newsroom.visits.get("/", {"Accept-Language": "en"}).text
    newsroom.visits.cookies.clear()
    found = newsroom.ask(f"/today?since={since:%Y-%m-%dT%H:%M:%SZ}")
    events = [one for part in found["watchlists"] for one in part["events"]]
    linked = re.findall(r'<h3><a href="/events/([\w-]+)"', text)
    assert [one["id"] for one in events] == linked
    assert [part["watchlist"]["id"] for part in found["watchlists"]] == re.findall(
        r'"watchlist-([\w-]+)"><a', text
    )
    assert [one["news"] for one in events if one["news"]] == re.findall(r'<span class="new">([\w ]+)<', text)
    assert {"new", None} <= {one["news"] for one in events}
    assert newsroom.ask("/today")["since"] == "2026-11-21T14:40:00Z"
    assert newsroom.ask("/today?since=2020-01-01T00:00:00Z")["since"] == "2026-11-08T14:40:00Z"


@pytest.mark.slow
def test_a_draft_is_judged_as_in_the_editor_and_nothing_is_saved(newsroom: Newsroom) -> None:
    kept = newsroom.ask("/watchlists/chancay-port/text")
    assert kept["is_in_force"]
    text, _ = add_term(kept["text"], kept["places"][0]["name"], "feria")
    headline = "Feria del puerto de Chancay"
    body = {"text": text, "headline": headline}
    draft = newsroom.ask("/watchlists/chancay-port/draft", "POST", body)
    page = newsroom.visits.post("/watchlists/chancay-port/draft", text=text, headline=headline).text
    shown = PageReader(page)
    whole = "\n".join(str(leaf) for leaf in _leaves(draft))
    assert [one for one in shown.words if not _stands(" ".join(one.split()), whole)] == []
    assert f"<dd>+{draft['tried']['gained_number']}</dd>" in page
    assert draft["explained"]["matches"]
    assert [one["text"].strip() for one in draft["changes"]] == ["- feria"]
    assert all(one["is_right"] for one in draft["examples"])
    broken = newsroom.ask("/watchlists/chancay-port/draft", "POST", {"text": "match: [", "headline": "x"})
    assert broken["tried"] is broken["explained"] is None
    assert broken["problems"][0]["message"]
    assert newsroom.ask("/watchlists/chancay-port/text") == kept


@pytest.mark.slow
def test_who_is_told_is_named_in_the_data_to_who_sees_it_on_the_page(newsroom: Newsroom) -> None:
    scene = newsroom.scene
    view = replace(scene.view(), access=Access(SECRET, anonymous=True))
    event = f"/events/{scene.event_of(RULING)}"
    seen = {}
    for role in ("", "READER", "EDITOR", "OPERATOR"):
        visits = Visits(view)
        if role:
            secret = scene.store.accounts.add_person(f"one-{role}", role, NOW)
            visits.post("/sign-in", name=f"one-{role}", secret=secret)
        asked_for = (
            "/mutes",
            "/tokens",
            f"/routes?event={event[8:]}",
            "/watchlists/chancay-port/text",
            "/today",
        )
        told = visits.get(f"/api/v1{event}").json()["event"]["told"]
        assert any(one["whom"] for one in told) == (role in {"EDITOR", "OPERATOR"})
        assert ("news-desk" in visits.get(event).text) == any(one["whom"] for one in told)
        of_pages = [
            visits.get(path.replace("/text", "/edit").replace("/today", "/")).status_code
            for path in asked_for
        ]
        of_data = [visits.get(f"/api/v1{path}").status_code for path in asked_for]
        assert [status == 200 for status in of_data] == [status == 200 for status in of_pages]
        seen[role] = of_data
    assert seen == {
        "": [401, 401, 401, 401, 200],
        "READER": [403, 403, 403, 403, 200],
        "EDITOR": [200, 403, 403, 200, 200],
        "OPERATOR": [200] * 5,
    }


@pytest.mark.slow
def test_a_draft_is_judged_for_a_token_that_may_write_alone(newsroom: Newsroom) -> None:
    view, accounts = (
        replace(newsroom.scene.view(), access=Access(SECRET, anonymous=True)),
        newsroom.scene.store.accounts,
    )
    path, content = "/api/v1/watchlists/chancay-port/draft", json.dumps({"text": "title: x"})
    statuses = {}
    for scope in Scope:
        token = accounts.add_token(f"drafts {scope}", [scope], NOW)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        statuses[scope.value] = asked(
            app_of(view), "POST", path, content=content, headers=headers
        ).status_code
    assert statuses == {"read": 403, "write": 200, "feeds": 403, "metrics": 403}
    headers = {"Content-Type": "application/json"}
    assert asked(app_of(view), "POST", path, content=content, headers=headers).status_code == 401
    tokens = Newsroom(newsroom.scene).ask("/tokens")
    assert "drafts write" in {one["name"] for one in tokens}
    assert set(tokens[0]) == {"name", "scopes", "watchlists", "made_at", "used_at"}


@pytest.mark.slow
def test_versions_come_page_by_page(newsroom: Newsroom) -> None:
    path, text = "/watchlists/chancay-port", newsroom.ask("/watchlists/chancay-port/text")["text"]
    kept = newsroom.scene.store.versions
    in_force = kept.list_versions("chancay-port.yaml")[0]
    for number in range(3):
        version = replace(in_force, version=f"v{number}", text=f"{text}# {number}\n")
        kept.put_in_force([version], now=NOW + timedelta(minutes=number))
    page = newsroom.ask(f"{path}/versions?limit=2")
    assert [one["text"] for one in page["items"][0]["changes"]] == ["# 1", "# 2"]
    further = newsroom.ask(f"{path}/versions?limit=2&cursor={page['next']}")
    found = [one["version"] for one in (*page["items"], *further["items"])]
    assert found == ["v2", "v1", "v0", in_force.version]
    assert further["next"] is None

"""The API: what it says, who may ask, what it does, and how it refuses."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from service.domain import Channel, ChannelKind, Subscription
from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.store import Scope
from service.web import Access, Health, View
from tests.partners.newsroom import LEASE, NOW, add_spikes, open_filled, source
from tests.partners.visits import Visits, app_of, asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from httpx import Response

SECRET = "a-secret-of-the-operator"


class _Program:
    """A program that asks the API."""

    def __init__(self, view: View, events: dict[str, str]) -> None:
        self.view = view
        self.events = events
        self.headers: dict[str, str] = {}

    def ask(self, path: str, status: int = 200, **query: object) -> Any:  # noqa: ANN401 -- JSON
        answer = self.send("GET", path, params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 -- passes on what it gets
    ) -> Response:
        content = None if body is None else json.dumps(body)
        said = {"Content-Type": "application/json"} if body is not None else {}
        return asked(
            app_of(self.view),
            method,
            f"/api/v1{path}",
            headers=said | self.headers | dict(headers or {}),
            content=content,
            **more,
        )


def _written(cursor: str) -> str:
    return base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[_Program]:
    store, events = open_filled(tmp_path)
    add_spikes(store, events)
    shift = Shift(store, Desk(lambda *_: [], {}, Roll({})), lambda: NOW, "w", LEASE)
    view = View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        correct=lambda by: Correcting(shift, by),
        public_host="news.example",
    )
    yield _Program(view, events)
    store.close()


@pytest.mark.slow
def test_it_says_what_the_pages_say(program: _Program) -> None:
    assert {one["id"] for one in program.ask("/watchlists")} >= {"chancay-port", "amazon-rail"}
    page = program.ask("/events", watchlist="chancay-port")
    ruling = next(one for one in page["items"] if one["id"] == program.events["ruling"])
    assert (ruling["outlets"], ruling["independent"], ruling["reports"]) == (4, 3, 4)
    whole = program.ask(f"/events/{ruling['id']}")
    assert whole["event"] == ruling
    assert [one["term"] for one in whole["reports"][0]["evidence"]][:1] == ["puerto de Chancay"]
    assert len(program.ask("/sources")) == 12
    assert {one["state"] for one in program.ask("/deliveries", state="failed")["items"]} == {"failed"}
    assert any(one["target"] == "l…@example.org" for one in program.ask("/deliveries")["items"])
    assert "example.org" in json.dumps(program.ask("/deliveries"))
    assert "lucia.prado" not in json.dumps(program.ask("/deliveries"))
    assert len(program.ask("/spikes")["items"]) > 2


def test_an_event_says_who_repeats_whom(program: _Program) -> None:
    whole = program.ask(f"/events/{program.events['ruling']}")
    origins = whole["origins"]
    assert len(origins) == whole["event"]["independent"] == 3
    [heir] = [heir for one in origins for heir in one["heirs"]]
    told = {one["entry_id"]: one for one in whole["reports"]}
    assert sorted([heir["entry_id"], *(one["entry_id"] for one in origins)]) == sorted(told)
    assert heir["bond"] in {"text", "agency", "owner"}
    lag = datetime.fromisoformat(told[heir["entry_id"]]["published_at"]) - datetime.fromisoformat(
        told[heir["behind"]]["published_at"]
    )
    assert lag.total_seconds() == heir["lag_seconds"] > 0


def test_the_reports_of_an_event_come_in_parts(program: _Program) -> None:
    path = f"/events/{program.events['ruling']}"
    whole, part = program.ask(path), program.ask(path, limit=3)
    further = program.ask(path, limit=3, cursor=part["next"])
    assert part["reports"] + further["reports"] == whole["reports"]
    assert (whole["next"], further["next"]) == (None, None)
    assert part["origins"] == further["origins"] == whole["origins"]
    assert whole["reports"][0]["lag_seconds"] == 0
    assert whole["citation"]["url"] == f"http://127.0.0.1{path}"
    assert len(whole["citation"]["sha256"]) == 64


@pytest.mark.slow
def test_a_watchlist_says_what_it_found_when_by_whom_and_by_which_terms(program: _Program) -> None:
    found = program.ask("/watchlists/chancay-port", days=365)
    assert found["watchlist"]["title"] == "Chancay Port"
    reports = sum(one["reports"] for one in found["days"])
    assert reports == sum(one["reports"] for one in found["coverage"]["outlet"]) > 5
    assert {one["name"] for one in found["coverage"]["language"]} >= {"es"}
    assert program.ask("/watchlists/chancay-port", days=1)["days"] != found["days"]
    program.ask("/watchlists/nothing", 404)


def test_a_source_says_what_it_brought_and_which_watchlists_matched_it(program: _Program) -> None:
    listed = program.ask("/sources")
    whole = [program.ask(f"/sources/{one['id']}", days=90) for one in listed]
    brought = [one.pop("brought") for one in listed]
    assert [one["source"] for one in whole] == listed
    assert sum(one["entries"] for one in brought) >= sum(one["matched"] for one in brought) > 0
    best = max(whole, key=lambda one: sum(one["matched"].values()))
    assert sum(one["reports"] for one in best["days"]) >= best["matched"]["chancay-port"] > 0
    events = {event for one in whole for entry in one["entries"] for event in entry["events"]}
    assert events <= {one["id"] for one in program.ask("/events", limit=200)["items"]}
    assert events
    program.ask("/sources/0123456789ab", 404)


@pytest.mark.slow
def test_a_key_in_a_feed_s_address_is_shown_to_who_may_edit_alone(program: _Program) -> None:
    keyed = replace(source("Keyed"), url="https://keyed.example/rss?token=s3cr3t")
    feeds = program.view.store.feeds
    known = [feed.source for feed in feeds.list_all()]
    feeds.sync([*known, keyed], first_poll_at=lambda _: NOW)
    assert "s3cr3t" in json.dumps(program.ask("/sources"))
    assert "s3cr3t" in asked(app_of(program.view), "GET", "/sources.opml").text
    program.view = replace(program.view, access=Access(SECRET, anonymous=True))
    assert "https://keyed.example/rss?token=…" in {one["url"] for one in program.ask("/sources")}
    opml = asked(app_of(program.view), "GET", "/sources.opml").text
    assert "keyed.example" not in opml
    assert opml.count("<outline") > 5
    of_feeds = program.view.store.accounts.add_token("rss", [Scope.FEEDS], NOW)
    for token in ("garbage", of_feeds):
        made_up = asked(app_of(program.view), "GET", f"/sources.opml?token={token}")
        assert (made_up.status_code, "keyed.example" in made_up.text) == (200, False), "anybody may read"
    token = program.view.store.accounts.add_token("reader", [Scope.FEEDS, Scope.READ], NOW)
    program.headers = {"Authorization": f"Bearer {token}"}
    assert "s3cr3t" in json.dumps(program.ask("/sources"))
    assert "s3cr3t" in asked(app_of(program.view), "GET", f"/sources.opml?token={token}").text


@pytest.mark.slow
def test_channels_and_subscribers_are_data_for_operators(program: _Program) -> None:
    channels = {
        "desk": Channel("desk", ChannelKind.MAIL, ("ana.luz@example.org",), timezone="America/Lima"),
        "room": Channel("room", ChannelKind.CHAT, ("",), "json://secret.example", trouble="ROOM is not set"),
    }
    roll = Roll(channels, (Subscription("a", "desk", frozenset({"chancay-port"})),))
    program.view = replace(program.view, roll=lambda: roll)
    desk, room = program.ask("/channels")
    assert (desk["targets"], desk["gets"]) == (["a…@example.org"], ["chancay-port: at once"])
    assert (room["kind"], room["trouble"]) == ("chat", "ROOM is not set")
    assert "secret.example" not in json.dumps([desk, room])
    assert program.ask("/subscribers")["items"] == []
    accounts = program.view.store.accounts
    secret = accounts.add_person("eva", "EDITOR", NOW)
    visits = Visits(replace(program.view, access=Access(SECRET)))
    visits.post("/sign-in", name="eva", secret=secret)
    assert [visits.get(f"/api/v1/{path}").status_code for path in ("channels", "subscribers")] == [403, 403]


@pytest.mark.slow
def test_deliveries_are_asked_for_by_channel_and_reason_and_are_kept_by_nobody(program: _Program) -> None:
    every = program.ask("/deliveries")["items"]
    one = every[0]
    asked_for = program.ask("/deliveries", channel=one["channel_id"], reason=one["reason"])["items"]
    assert asked_for == [
        each for each in every if (each["channel_id"], each["reason"]) == (one["channel_id"], one["reason"])
    ]
    assert program.ask("/deliveries", channel="nobody")["items"] == []
    assert program.ask("/deliveries", 422, reason="whim")["status"] == 422
    answer, head = program.send("GET", "/deliveries"), program.send("HEAD", "/deliveries")
    assert answer.headers["cache-control"] == "private, no-store"
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == answer.headers["content-type"] == "application/json"


def test_a_delivery_says_how_each_try_ended(program: _Program) -> None:
    failed = program.ask("/deliveries", state="failed")["items"][0]
    whole = program.ask(f"/deliveries/{failed['id']}")
    assert whole["delivery"] == failed
    assert [one["number"] for one in whole["attempts"]] == list(range(1, failed["attempts"] + 1))
    program.ask("/deliveries/nothing", 404)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/events", "/deliveries", "/spikes"])
def test_pages_of_a_list_follow_each_other_without_gap_or_repeat(program: _Program, path: str) -> None:
    page = program.ask(path, limit=2)
    found = [one["id"] for one in page["items"]]
    while page["next"]:
        page = program.ask(path, limit=2, cursor=page["next"])
        found += [one["id"] for one in page["items"]]
    assert found == [one["id"] for one in program.ask(path, limit=200)["items"]]
    assert len(set(found)) == len(found) > 2


@pytest.mark.slow
def test_the_archive_is_searched_in_the_language_of_watchlists(program: _Program) -> None:
    page = program.ask("/search", q="puerto NEAR/3 Chancay", limit=2)
    assert len(page["items"]) == 2
    further = program.ask("/search", q="puerto NEAR/3 Chancay", limit=2, cursor=page["next"])
    assert not {one["entry_id"] for one in page["items"]} & {one["entry_id"] for one in further["items"]}
    problem = program.ask("/search", 422, q="puerto NEAR Chancay")
    assert "NEAR" in problem["detail"]


@pytest.mark.slow
def test_without_words_a_search_lists_all_that_a_watchlist_matched(program: _Program) -> None:
    matched = next(one["matches"] for one in program.ask("/watchlists") if one["id"] == "chancay-port")
    listed = program.ask("/search", watchlist="chancay-port", limit=100)["items"]
    assert (len(listed), {event for one in listed for event in one["events"]} > set()) == (matched, True)
    assert len(program.ask("/search", limit=100)["items"]) > matched
    assert program.ask("/search", q="", watchlist="chancay-port", limit=100)["items"] == listed


@pytest.mark.slow
def test_a_search_is_narrowed_as_on_its_page(program: _Program) -> None:
    every = program.ask("/search", q="puerto*", limit=100)["items"]
    one = next(each for each in every if each["country"] == "CL")
    for asked_for in (
        {"country": "CL"},
        {"outlet": one["outlet"]},
        {"since": one["seen_at"][:10]},
        {"group": "independent", "language": "es"},
    ):
        found = program.ask("/search", q="puerto*", limit=100, **asked_for)["items"]
        assert 0 < len(found) < len(every), asked_for
    of_port = program.ask("/search", q="puerto*", limit=100, watchlist="chancay-port")["items"]
    assert [each["entry_id"] for each in of_port] == [each["entry_id"] for each in every if each["events"]]
    assert {each["country"] for each in program.ask("/search", q="puerto*", country="cl")["items"]} == {"CL"}
    assert program.ask("/search", q="puerto*", watchlist="none-such")["items"] == []
    turned = program.ask("/search", 422, q="puerto", since="2026-11-22", until="2026-11-20")
    assert "until" in turned["detail"]
    program.ask("/search", 422, q="puerto", since="yesterday")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/events/nothing", 404, "there is no event nothing"),
        ("/events/%20", 422, "path.event_id"),
        ("/events?limit=0", 422, "query.limit"),
        ("/events?cursor=zzz", 422, "query.cursor"),
        ("/events?cursor=MjAyNi0xMS0yMiBh", 422, "query.cursor"),
        (f"/events?cursor={_written('0001-01-01T00:00:00+14:00 a')}", 422, "query.cursor"),
        (f"/deliveries?cursor={_written(f'2026-11-22T00:00:00+00:00 {chr(0)}')}", 422, "query.cursor"),
        ("/events?watchlist=%00", 422, "query.watchlist"),
        ("/deliveries?event=%00", 422, "query.event"),
        ("/deliveries?state=lost", 422, "query.state"),
        ("/nothing", 404, ""),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_says_why(
    program: _Program, path: str, status: int, said: str
) -> None:
    answer = program.send("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]
    assert answer.json()["status"] == status


@pytest.mark.slow
def test_events_are_corrected(program: _Program) -> None:
    ruling, weekly = program.events["ruling"], program.events["weekly"]
    named = program.send("POST", f"/events/{ruling}/rename", {"title": "El fallo"}).json()
    assert named["event"]["title"] == "El fallo"
    merged = program.send("POST", f"/events/{ruling}/merge", {"event_id": weekly}).json()
    assert merged["event"]["reports"] == 5
    moved = [one["entry_id"] for one in merged["reports"] if "escala semanal" in one["title"]]
    split = program.send("POST", f"/events/{ruling}/split", {"entries": moved}).json()
    assert split["event"]["id"] not in {ruling, weekly}
    same = program.send("POST", f"/events/{ruling}/merge", {"event_id": ruling})
    assert (same.status_code, "one event already" in same.json()["detail"]) == (409, True)


def test_silence_is_kept_and_ended(program: _Program) -> None:
    made = program.send("POST", "/mutes", {"watchlist_id": "chancay-port", "hours": 2})
    assert (made.status_code, made.json()["is_for_all"]) == (201, True)
    assert [one["number"] for one in program.ask("/mutes")] == [made.json()["number"]]
    path = f"/mutes/{made.json()['number']}"
    assert [program.send("DELETE", path).status_code for _ in range(2)] == [204, 404]
    for wish in (
        {"hours": 2},
        {"watchlist_id": "a", "event_id": "b", "hours": 2},
        {"watchlist_id": "a", "hours": 0},
    ):
        assert program.send("POST", "/mutes", wish).status_code == 422
    assert program.send("POST", "/mutes", {"watchlist_id": "nothing", "hours": 1}).status_code == 404
    assert program.send("POST", "/mutes", {"event_id": "nothing", "hours": 1}).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_form_of_another_site_can_do_nothing(program: _Program, kind: str) -> None:
    path, body = f"/events/{program.events['ruling']}/rename", {"title": "x"}
    assert program.send("POST", path, body, {"Content-Type": kind}).status_code == 415
    assert program.ask(f"/events/{program.events['ruling']}")["event"]["title"] != "x"


def test_bad_json_is_told_from_a_bad_value(program: _Program) -> None:
    path = f"/api/v1/events/{program.events['ruling']}/rename"
    app, headers = app_of(program.view), {"Content-Type": "application/json"}
    assert asked(app, "POST", path, headers=headers, content="{").status_code == 400
    for title in ("", "\0", "\ud800"):
        assert program.send("POST", path.removeprefix("/api/v1"), {"title": title}).status_code == 422
    assert program.send("POST", path.removeprefix("/api/v1"), {"title": "x", "more": 1}).status_code == 422


@pytest.mark.slow
def test_where_visitors_sign_in_a_token_says_what_a_program_may_do(program: _Program) -> None:
    accounts, path = program.view.store.accounts, f"/events/{program.events['ruling']}/rename"
    program.view = replace(program.view, access=Access(SECRET))
    assert program.send("GET", "/events").status_code == 401
    statuses = {}
    for scope in Scope:
        token = accounts.add_token(scope.value, [scope], NOW)
        program.headers = {"Authorization": f"Bearer {token}"}
        statuses[scope.value] = (
            program.send("GET", "/events").status_code,
            program.send("POST", path, {"title": scope.value}).status_code,
        )
    assert statuses == {"read": (200, 403), "write": (200, 200), "feeds": (403, 403), "metrics": (403, 403)}
    program.headers = {"Authorization": "Bearer nothing"}
    assert program.send("GET", "/events").status_code == 401
    view = program.view.store.reading.get_event(program.events["ruling"])
    assert [act.by for act in view.acts] == ["the token write"]


@pytest.mark.slow
def test_who_may_not_see_a_page_may_not_ask_for_its_data(program: _Program) -> None:
    program.view = replace(program.view, access=Access(SECRET, anonymous=True))
    for path in ("/deliveries", "/deliveries/x", "/mutes"):
        assert program.send("GET", path).status_code == 401
    assert program.send("GET", "/events").status_code == 200
    accounts = program.view.store.accounts
    statuses = {}
    for role in ("reader", "editor"):
        visits = Visits(program.view)
        visits.post("/sign-in", name=role, secret=accounts.add_person(role, role.upper(), NOW))
        statuses[role] = [visits.get(f"/api/v1{path}").status_code for path in ("/events", "/deliveries")]
    assert statuses == {"reader": [200, 403], "editor": [200, 200]}


def test_more_than_a_request_needs_is_refused_before_it_is_kept(program: _Program) -> None:
    path = f"/events/{program.events['ruling']}/rename"
    answer = program.send("POST", path, {"title": "x" * 1_000_000})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.slow
def test_a_fault_of_ours_is_a_problem_too(program: _Program) -> None:
    def stopped() -> datetime:
        raise OSError(f"{SECRET}: the clock has stopped")

    program.view = replace(program.view, clock=stopped)
    answer = program.send("GET", "/mutes")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert SECRET not in answer.text


@pytest.mark.slow
def test_its_document_describes_it_and_no_page(program: _Program) -> None:
    document = program.ask("/openapi.json")
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "/events/{event_id}/merge" in document["paths"]
    pages = ("/subscribe/", "/leave", "/watchlists/new", "/sources/add")
    assert not [path for path in document["paths"] if path.startswith(pages) or path == "/subscribe"]

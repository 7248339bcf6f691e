"""The page of tokens: an operator makes one, sees it once, and takes it away."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service.store import Scope, Store
from service.web import Access, Health, View
from tests.partners.newsroom import NOW, WATCHLISTS
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW)
    store.close()


@pytest.mark.slow
def test_a_token_is_made_shown_once_used_and_removed(view: View) -> None:
    visits, accounts = Visits(view), view.store.accounts
    assert "There is no token yet." in visits.get("/tokens").text
    answer = visits.post("/tokens", name=" Grafana ", scope=["metrics", "read", "everything"])
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    shown = re.search(r'<code class="secret" tabindex="0">(.+?)</code>', answer.text)
    assert shown
    token = accounts.find_token(shown[1], NOW)
    assert token
    assert token.scopes == {Scope.METRICS, Scope.READ}
    page = visits.get("/tokens").text
    assert shown[1] not in page
    assert "<bdi>Grafana</bdi>" in page
    assert visits.post("/tokens/remove", name="Grafana").status_code == 303
    assert accounts.find_token(shown[1], NOW) is None
    assert visits.post("/tokens/remove", name="Grafana").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [
        ("board", ["read"], "no other token has"),
        ("", ["read"], "no other token has"),
        ("a\x07b", ["read"], "no other token has"),
        ("x" * 101, ["read"], "no other token has"),
        ("new", [], "Tick what it may do."),
        ("new", ["everything"], "Tick what it may do."),
    ],
)
def test_a_token_that_cannot_be_is_not_made_and_the_page_says_why(
    view: View, name: str, scopes: list[str], said: str
) -> None:
    view.store.accounts.add_token("board", [Scope.FEEDS], NOW)
    answer = Visits(view).post("/tokens", name=name, scope=scopes)
    assert answer.status_code in {400, 409}
    assert said in answer.text
    assert [one.name for one in view.store.accounts.list_tokens()] == ["board"]


@pytest.mark.slow
def test_the_page_speaks_the_language_of_its_visitor(view: View) -> None:
    view.store.accounts.add_token("board", [Scope.FEEDS], NOW)
    assert "Último uso" in Visits(view).get("/tokens?language=es").text
    assert "leer canales privados" in Visits(view).get("/tokens?language=es").text
    assert "ler feeds privados" in Visits(view).get("/tokens?language=pt").text


@pytest.mark.slow
def test_a_token_for_one_watchlist_opens_its_feeds_alone(view: View) -> None:
    accounts = view.store.accounts
    view.store.sync_watchlists(WATCHLISTS, now=NOW)
    ticked = ["chancay-port", "no-such-list"]
    refused = Visits(view).post("/tokens", name="partner", watchlist=ticked, scope=["feeds", "read"])
    assert refused.status_code == 400
    assert "can only read private feeds" in refused.text
    assert 'value="chancay-port" checked' in refused.text
    page = Visits(view).post("/tokens", name="partner", watchlist=ticked, scope=["feeds"]).text
    assert "feeds: <bdi>Chancay Port</bdi>" in page
    [made] = accounts.list_tokens()
    assert made.watchlists == {"chancay-port"}
    secret = re.findall(r'<code class="secret" tabindex="0">(.+?)</code>', page)[0]
    assert f"http://127.0.0.1/watchlists/chancay-port/events.atom?token={secret}</code>" in page
    visits = Visits(replace(view, access=Access("a-secret-of-the-operator")))
    own, others = "/watchlists/chancay-port", ("", "/watchlists/amazon-rail", "/watchlists/nothing")
    for name in ("events.atom", "events.json", "dates.ics"):
        assert visits.get(f"{own}/{name}?token={secret}").status_code == 200
        assert {visits.get(f"{one}/{name}?token={secret}").status_code for one in others} == {403}
    answer = visits.get(f"/sources.opml?token={secret}")
    assert (answer.status_code, "chancay-port" in answer.text) == (403, True)
    assert visits.get("/api/v1/events", {"Authorization": f"Bearer {secret}"}).status_code == 403

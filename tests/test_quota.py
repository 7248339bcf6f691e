"""One visitor can ask for so much in a minute, and takes nothing from the others."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import service.web
from service.store import Scope, Store
from service.web import Access, Health, View
from service.web.quota import POINTS, Cost, Quota, TooMuch
from tests.partners.newsroom import NOW
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "a-secret-of-the-operator"
HOUSE = "https://news.example"


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    access = Access(SECRET, is_secure=True, anonymous=True, points=3 * Cost.QUESTION)
    yield View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        public_host="news.example",
        access=access,
    )
    store.close()


def _signed_in(view: View, name: str) -> Visits:
    visits = Visits(view, HOUSE)
    assert visits.post("/sign-in", name=name, secret=SECRET).status_code == 303
    return visits


def test_who_asks_for_more_than_the_quota_is_told_when_to_come_back_and_others_are_served(view: View) -> None:
    ana, eva = _signed_in(view, "ana"), _signed_in(view, "eva")
    assert [ana.get("/search?q=puerto").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ana.get("/", {"Accept-Language": "es"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "Vuelva a intentarlo en un minuto" in refused.text
    assert [visits.get("/search?q=puerto").status_code for visits in (eva, Visits(view, HOUSE))] == [200, 200]


def test_who_has_not_signed_in_shares_the_quota_of_their_place(view: View) -> None:
    found = [Visits(view, HOUSE).get("/search?q=puerto").status_code for _ in range(4)]
    assert found == [200, 200, 200, 429]
    assert _signed_in(view, "ana").get("/").status_code == 200


@pytest.mark.slow
def test_a_program_has_a_quota_by_its_token_and_is_told_so_as_a_problem(view: View) -> None:
    shown = [{"Authorization": f"Bearer {_token(view, name)}"} for name in ("desk", "archive")]
    visits = Visits(view, HOUSE)
    answers = [visits.get("/api/v1/sources", shown[0]) for _ in range(9 + 1)]
    assert [one.status_code for one in answers] == 9 * [200] + [429]
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert visits.get("/api/v1/sources", shown[1]).status_code == 200


def test_feeds_count_too(view: View) -> None:
    address = f"/events.atom?token={_token(view, 'reader', Scope.FEEDS)}"
    strict = replace(view, access=Access(SECRET, points=2))
    assert [Visits(strict).get(address).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.slow
def test_guesses_at_tokens_end_and_a_good_token_goes_on_from_the_same_place(view: View) -> None:
    wide = replace(view, access=Access(SECRET, points=3 * Cost.GUESS))
    visits, wrong = Visits(wide), {"Authorization": "Bearer avz_nobody"}
    assert [visits.get("/api/v1/sources", wrong).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert visits.get("/events.json?token=avz_nobody").status_code == 429
    good = {"Authorization": f"Bearer {_token(view, 'desk')}"}
    assert visits.get("/api/v1/sources", good).status_code == 200


def test_where_nobody_signs_in_nothing_is_counted(view: View) -> None:
    visits = Visits(replace(view, access=None))
    assert {visits.get("/search?q=puerto").status_code for _ in range(5)} == {200}


def test_a_quota_lets_through_just_its_points_and_counts_nothing_that_it_refuses() -> None:
    quota = Quota(10)
    for _ in range(9):
        quota.charge("ana", Cost.PAGE)
    for _ in range(3):
        with pytest.raises(TooMuch) as refused:
            quota.charge("ana", Cost.QUESTION)
        assert 1 <= refused.value.seconds <= 60
    quota.charge("ana", Cost.PAGE)
    with pytest.raises(TooMuch):
        quota.charge("ana", Cost.PAGE)
    quota.charge("eva", Cost.QUESTION)


def test_nobody_reaches_the_quota_by_typing() -> None:
    pages = Path(service.web.__file__).parent / "templates"
    pauses = [
        int(ms) for page in pages.glob("*.html") for ms in re.findall(r"delay:(\d+)ms", page.read_text())
    ]
    assert len(pauses) > 1, "the pages that ask as one types"
    assert 60_000 / min(pauses) * Cost.QUESTION < POINTS


def _token(view: View, name: str, scope: Scope = Scope.READ) -> str:
    return view.store.accounts.add_token(name, [scope], NOW)

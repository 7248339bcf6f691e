"""The API asked by what is made of its own OpenAPI document: it answers as it says, and never breaks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.domain import Channel, ChannelKind, Subscription
from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.store import Scope
from service.watchlists import load_watchlist
from service.web import Access, Health, View
from service.wiring import Drafts
from tests.partners.newsroom import LEASE, NOW, add_spikes, fill
from tests.partners.scene import SHIPPED, serve

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import APIOperation

    from service.store import Store

pytestmark = pytest.mark.slow


SECRET = "a-secret-of-the-operator"
EXAMPLES = 25
_JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def view(opened_store: Store) -> View:
    """Give what the pages look at where nobody has to sign in, as on one's own machine."""
    store = opened_store
    add_spikes(store, fill(store))
    shift = Shift(store, Desk(lambda *_: [], {}, Roll({})), lambda: NOW, "w", LEASE)
    watchlists = [load_watchlist(SHIPPED / "chancay-port.yaml", SHIPPED)]
    channel = Channel("desk", ChannelKind.MAIL, ("ana.luz@example.org",), timezone="America/Lima")
    roll = Roll({"desk": channel}, (Subscription("a", "desk"),))
    return View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        correct=lambda by: Correcting(shift, by),
        watchlists=lambda: watchlists,
        drafts=Drafts(SHIPPED, store, lambda: watchlists, lambda: NOW),
        roll=lambda: roll,
    )


def _operations(url: str) -> list[APIOperation[Any, Any, Any, Any]]:
    described = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    named = {f"{one.method.upper()} {one.path}" for one in operations}
    assert named >= {"GET /today", "POST /watchlists/{watchlist_id}/draft", "GET /routes", "GET /tokens"}
    return operations


def _ask_all(url: str, headers: dict[str, str], examples: int = EXAMPLES) -> Counter[int]:
    """Ask every operation; gives how often each status was answered."""
    answered: Counter[int] = Counter()
    for operation in _operations(url):

        @settings(
            max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(operation.as_strategy())
        def ask(case: Case[Any]) -> None:
            # Whether a cursor was given here, or an expression is one, no document can say.
            answer = case.call_and_validate(excluded_checks=[positive_data_acceptance], headers=headers)
            answered[answer.status_code] += 1

        ask()
    return answered


def test_without_accounts_the_api_answers_as_its_document_says(view: View) -> None:
    assert view.access is None
    with serve(view) as url:
        answered = _ask_all(url, {})
    assert answered[200] > 50
    assert not {401, 403, 429, 500} & set(answered)


def test_with_accounts_the_api_answers_as_its_document_says(view: View) -> None:
    token = view.store.accounts.add_token("program", [Scope.READ, Scope.WRITE], NOW)
    with serve(replace(view, access=Access(SECRET, points=10**6))) as url:
        answered = _ask_all(url, {"Authorization": f"Bearer {token}"})
    assert answered[200] > 50
    assert not {401, 403, 429, 500} & set(answered)


def test_with_accounts_whoever_shows_nothing_or_too_little_is_refused_as_the_document_says(
    view: View,
) -> None:
    token = view.store.accounts.add_token("feeds", [Scope.FEEDS], NOW)
    with serve(replace(view, access=Access(SECRET, points=10**6))) as url:
        nothing = _ask_all(url, _JSON, 5)
        too_little = _ask_all(url, {"Authorization": f"Bearer {token}"} | _JSON, 5)
    assert nothing[401] > 10
    assert too_little[403] > 10
    assert set(nothing) <= {401, 404, 405, 422}
    assert set(too_little) <= {403, 404, 405, 422}

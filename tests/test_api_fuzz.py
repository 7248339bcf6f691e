"""The API asked by what is made of its own OpenAPI document: it answers as it says, and never breaks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.domain import Channel, ChannelKind, Subscription
from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.watchlists import load_watchlist
from service.web import Health, View, create_app
from service.wiring import Drafts
from tests.partners.newsroom import LEASE, NOW, add_spikes, fill
from tests.partners.ports import HOST, wait_until
from tests.partners.scene import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

    from service.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def described(opened_store: Store) -> Iterator[BaseSchema]:
    store = opened_store
    add_spikes(store, fill(store))
    shift = Shift(store, Desk(lambda *_: [], {}, Roll({})), lambda: NOW, "w", LEASE)
    watchlists = [load_watchlist(SHIPPED / "chancay-port.yaml", SHIPPED)]
    channel = Channel("desk", ChannelKind.MAIL, ("ana.luz@example.org",), timezone="America/Lima")
    roll = Roll({"desk": channel}, (Subscription("a", "desk"),))
    view = View(
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
    server = uvicorn.Server(uvicorn.Config(create_app(view), host=HOST, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, "the API")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield schemathesis.openapi.from_url(f"http://{HOST}:{port}/api/v1/openapi.json")
    server.should_exit = True
    thread.join()


def test_the_api_answers_as_its_document_says(described: BaseSchema) -> None:
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    named = {f"{one.method.upper()} {one.path}" for one in operations}
    assert named >= {"GET /today", "POST /watchlists/{watchlist_id}/draft", "GET /routes", "GET /tokens"}
    for operation in operations:

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(operation.as_strategy())
        def ask(case: Case[Any]) -> None:
            # Whether a cursor was given here, or an expression is one, no document can say.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        ask()

"""Events of very many reports, or told to very many readers: what is shown, and that nothing is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from httpx import ASGITransport, AsyncClient

from service import loop
from service.domain import DeliveryState
from service.store import Store, Telling
from service.store.tellings import sum_tellings, tellings_of
from service.web import Health, View, create_app
from service.web.present import event_card
from service.web.times import Local
from tests.partners.newsroom import BROKEN, NOW, REFUSED, SENT, Newsroom, Written, source

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
REPORTS, READERS = 320, 60


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('large') / 'avizor.db'}")
    room = Newsroom(store)
    room.open_feeds(*(source(f"Outlet {number}") for number in range(REPORTS)))
    event_id = room.news(
        "chancay-port",
        *(
            Written(
                f"Outlet {number}", "Un tren choca en Chancay", at=NOW - timedelta(minutes=REPORTS - number)
            )
            for number in range(REPORTS)
        ),
    )
    room.plan(event_id, *(f"reader{number}@example.org" for number in range(READERS)))
    room.send(SENT)
    room.plan(event_id, "late@example.org", channel="other")
    room.send(REFUSED)
    room.plan(event_id, "broken@example.org", channel="third")
    room.send(BROKEN, retry_at=NOW + timedelta(minutes=9))
    yield store, event_id
    store.close()


def get(store: Store, path: str) -> str:
    app = create_app(View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW))

    async def ask() -> str:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            answer = await client.get(path)
            assert answer.status_code == 200
            return answer.text

    return loop.run(ask())


def test_the_reports_of_an_event_come_in_parts_that_are_the_whole(large: tuple[Store, str]) -> None:
    store, event_id = large
    outlets: list[str] = []
    for part in (1, 2, 3, 4):
        page = get(store, f"/events/{event_id}?part={part}")
        assert ">320 reports</h2>" in page
        assert f'<a href="?part={part}" aria-current="page">' in page
        outlets += re.findall(r'<li>\s*<p class="meta"><b><bdi>(Outlet \d+)</bdi>', page)
    assert outlets == [f"Outlet {number}" for number in range(REPORTS)]


def test_of_very_many_deliveries_the_first_are_shown_and_the_others_counted(large: tuple[Store, str]) -> None:
    store, event_id = large
    page = get(store, f"/events/{event_id}")
    assert page.count('<section class="delivery">') == 20
    assert f"and {READERS + 2 - 20} more" in page
    assert f"({READERS} addresses)" in page


def test_sums_of_the_database_are_those_of_the_deliveries(large: tuple[Store, str]) -> None:
    store, event_id = large
    whole = store.reading.get_event(event_id)
    with store._database.read() as session:
        sums = sum_tellings(session, {event_id: event_id})[event_id]
    assert set(sums) == set(tellings_of(whole.deliveries))
    assert sorted(one.number for one in sums) == [1, 1, READERS]
    assert isinstance(sums[0], Telling)


def test_a_list_has_the_earliest_and_the_latest_of_a_large_event_and_says_at_least(
    large: tuple[Store, str],
) -> None:
    store, event_id = large
    [view] = store.reading.list_events(watchlist_id="chancay-port", brief=True)
    assert view.event.id == event_id
    assert (len(view.reports), view.left_out, view.deliveries) == (300, REPORTS - 300, ())
    assert (view.outlets[0], view.outlets[-1]) == ("Outlet 0", f"Outlet {REPORTS - 1}")
    assert event_card(view, Local(NOW, ZoneInfo("America/Lima"))).outlets.startswith("at least 300 outlets, ")
    [whole] = store.reading.list_events(watchlist_id="chancay-port")
    assert (len(whole.reports), whole.left_out, len(whole.deliveries)) == (REPORTS, 0, READERS + 2)


def test_the_newest_deliveries_of_a_state_are_found_however_rare_it_is(large: tuple[Store, str]) -> None:
    store, _ = large
    failed = [one.target for one in store.reading.list_deliveries(states=[DeliveryState.FAILED])]
    assert failed == ["late@example.org"]
    some = store.reading.list_deliveries(states=[DeliveryState.DELIVERED], limit=5)
    assert [one.id for one in some] == [
        one.id for one in store.reading.list_deliveries(states=[DeliveryState.DELIVERED], limit=100)[:5]
    ]

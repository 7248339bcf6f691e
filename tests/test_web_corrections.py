"""The forms of an event's page, as a browser sends them, and as nobody else may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from httpx import ASGITransport, AsyncClient

from service import loop
from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.web import Health, View, create_app
from tests.partners.newsroom import LEASE, NOW, open_filled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response

    from service.store import Store

OURS = {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Page:
    """A browser before a store with a week of news, whose events have short names."""

    store: Store
    events: dict[str, str]
    view: View

    def get(self, path: str) -> str:
        """Give a page."""
        return self.ask("GET", path).text

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: object) -> Response:
        """Send a form."""
        return self.ask("POST", path, headers or OURS, fields)

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        fields: dict[str, object] | None = None,
    ) -> Response:
        """Ask the application without a socket."""
        return loop.run(self._ask(method, path, headers, fields))

    async def _ask(
        self, method: str, path: str, headers: dict[str, str] | None, fields: dict[str, object] | None
    ) -> Response:
        transport = ASGITransport(create_app(self.view))
        async with AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, path, headers=headers, data=fields)

    def event(self, name: str) -> str:
        """Give the address of an event's page."""
        return f"/events/{self.events[name]}"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    store, events = open_filled(tmp_path)
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
    yield Page(store, events, view)
    store.close()


@pytest.mark.slow
def test_the_forms_rename_merge_and_split_an_event_and_lead_back_to_its_page(page: Page) -> None:
    ruling, weekly = page.event("ruling"), page.event("weekly")
    shown = page.get(ruling)
    assert "Correct this event" in shown
    answer = page.post(f"{ruling}/rename", title="El fallo")
    assert (answer.status_code, answer.headers["location"]) == (303, ruling)
    assert "El fallo" in page.get(ruling)
    assert page.post(f"{ruling}/merge", other=page.events["weekly"]).headers["location"] == ruling
    view = page.store.reading.get_event(page.events["weekly"])
    assert (view.event.id, view.event.title, len(view.reports)) == (page.events["ruling"], "El fallo", 5)
    moved = [str(one.entry.id) for one in view.reports if "escala semanal" in one.entry.title]
    split = page.post(f"{ruling}/split", entry=[*moved, "x"])
    assert split.status_code == 303
    assert split.headers["location"] not in {ruling, weekly}
    assert "by somebody on the page" in page.get(ruling)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example", "Sec-Fetch-Site": "same-origin"}, 421),
        ({"Host": "127.0.0.1:8080", "Origin": "https://evil.example"}, 403),
        ({"Host": "127.0.0.1:8080"}, 403),
        ({"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080"}, 303),
        ({"Host": "news.example", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Host": "localhost", "Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_is_taken_from_a_page_of_ours_only(page: Page, headers: dict[str, str], status: int) -> None:
    answer = page.post(f"{page.event('ruling')}/rename", headers, title="El fallo")
    assert answer.status_code == status


@pytest.mark.slow
def test_what_cannot_be_done_is_said_on_a_page(page: Page) -> None:
    ruling = page.event("ruling")
    assert page.post("/events/nowhere/merge", other="nobody").status_code == 404
    same = page.post(f"{ruling}/merge", other=page.events["ruling"])
    assert (same.status_code, "one event already" in same.text) == (409, True)
    assert page.post(f"{ruling}/rename").status_code == 409
    assert page.post(f"{ruling}/rename", title="x" * 70_000).status_code == 413


@pytest.mark.slow
def test_pages_that_can_only_be_read_show_no_forms_and_take_none(page: Page) -> None:
    view = View(page.store, lambda: (), lambda: Health(ok=True, checks={}), "UTC", lambda: NOW)
    reading = Page(page.store, page.events, view)
    assert "Correct this event" not in reading.get(page.event("ruling"))
    assert reading.post(f"{page.event('ruling')}/rename").status_code == 404

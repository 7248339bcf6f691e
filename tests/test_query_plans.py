"""No page reads a large table from end to end: the plan of every statement that it sends is looked at."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event

from service.web import Health, View, create_app
from tests.partners.newsroom import NOW, add_spikes, open_filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.store import Store

SMALL = {
    "alembic_version", "feed", "feed_access", "file_version", "grouping", "host", "house", "indexed_day",
    "mute", "push", "reader", "refusing_target", "sqlite_master", "subscription", "suppression",
    "watchlist", "worker",
}  # fmt: skip
"""Tables that stay small however long the service runs, or that hold a row a day."""

# A full-text table is always "scanned"; with M it is by the words that are asked for.
_SCAN = re.compile(r"\bSCAN (?:TABLE )?(\w+)(?! VIRTUAL TABLE INDEX \d+:M)\b")
# The first rows in the order of an index: read as far as the limit, not to the end.
_FIRST_OF = re.compile(r"FROM (\w+) ORDER BY [^()]+ LIMIT")
PAGES = [
    "/", "/sources", "/deliveries", "/deliveries?show=failed", "/deliveries?show=waiting", "/subscribe",
    "/deliveries?watchlist=chancay-port&reason=update", "/subscribers", "/channels", "/routes?event={event}",
    "/api/v1/events", "/api/v1/watchlists/chancay-port", "/api/v1/deliveries", "/api/v1/spikes",
    "/watchlists", "/watchlists/chancay-port?page=2",
    "/watchlists/chancay-port", "/health", "/metrics", "/events/{event}", "/search", "/search?q=Chancay",
    "/search?q=Chancay+AND+NOT+puerto&country=PE&outlet=El+Norte+Chico", "/search?q=NOT+Chancay",
    "/search?q=forms:puerto+NEAR/5+(megap*+OR+钱凯)", "/search?watchlist=chancay-port",
    "/search?q=Chancay&watchlist=chancay-port", "/search?watchlist=-", "/search?watchlist=*",
    "/search?since=2026-11-20&until=2026-11-22", "/search?q=Chancay+AND+zeppelin",
    "/search.csv?q=Chancay", "/search.json",
]  # fmt: skip


class Plans:
    """Notes the plan of every statement that a store sends."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[tuple[str, str]] = []
        self._is_asking = False

    def note(self, connection: Any, _cursor: object, statement: str, asked: Any, *_: object) -> None:  # noqa: ANN401 -- the library's own
        """Ask for the plan of a statement that is about to be sent."""
        if self._is_asking or not statement.lstrip().upper().startswith(("SELECT", "WITH")):
            return
        self._is_asking = True
        try:
            explained = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", asked)
            self.found += [(row[3], statement) for row in explained]
        finally:
            self._is_asking = False

    def scans(self) -> list[str]:
        """Give what is read from end to end though it is large."""
        return [
            f"{plan}: {' '.join(statement.split())[:300]}"
            for plan, statement in self.found
            if (scanned := _SCAN.search(plan)) and not _is_small(scanned[1], plan, statement)
        ]


def _is_small(table: str, plan: str, statement: str) -> bool:
    if table in SMALL or table == "CONSTANT" or table.startswith("anon_"):  # a part is looked at by itself
        return True
    first = _FIRST_OF.findall(" ".join(statement.split()))
    return "USING INDEX" in plan and table in first


@contextmanager
def noted(store: Store) -> Iterator[Plans]:
    plans = Plans()
    engine = store._database._engine
    event.listen(engine, "before_cursor_execute", plans.note)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", plans.note)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    store, events = open_filled(tmp_path_factory.mktemp("plans"))
    add_spikes(store, events)
    yield store, events["ruling"]
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_no_page_reads_a_large_table_from_end_to_end(filled: tuple[Store, str], path: str) -> None:
    store, event_id = filled
    app = create_app(View(store, lambda: (), lambda: Health(ok=True, checks={}), "America/Lima", lambda: NOW))

    async def ask() -> int:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            return (await client.get(path.format(event=event_id))).status_code

    with noted(store) as plans:
        assert asyncio.run(ask()) == 200
    assert plans.found or path == "/health"
    assert plans.scans() == []


@pytest.mark.slow
def test_the_terms_of_a_watchlist_are_counted_without_reading_all_matches(filled: tuple[Store, str]) -> None:
    store, _ = filled
    with noted(store) as plans:
        store.timeline.count_terms("chancay-port", NOW - timedelta(days=30), {"1": {9: 9}})
    assert plans.found
    assert plans.scans() == []


def test_what_failed_and_nobody_was_told_of_is_found_by_its_state(filled: tuple[Store, str]) -> None:
    store, _ = filled
    with noted(store) as plans:
        store.undelivered.list_untold(500)
        store.undelivered.was_told_since(NOW)
    assert [plan for plan, _ in plans.found if "INDEX" in plan] == [
        "SEARCH delivery USING INDEX ix_delivery_due (state=?)",
        "SEARCH delivery USING INDEX ix_delivery_created (created_at>?)",
    ]


def test_a_scan_is_seen(filled: tuple[Store, str]) -> None:
    store, _ = filled
    with noted(store) as plans, store._database.read() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM entry WHERE title LIKE '%a%'").all()
    assert [scan.partition(":")[0] for scan in plans.scans()] == ["SCAN entry"]

"""No page reads a large table from end to end: the plan of every statement that it sends is looked at.

On SQLite as it would be run, on PostgreSQL with the reading of whole tables made as dear as can be: what is
still read so has no index that would serve it, however few rows lie in the table of a test.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import SQLModel

from service.pipeline import Correcting
from service.store import Store
from tests.partners.desk import Desk
from tests.partners.newsroom import NOW, add_spikes, open_filled
from tests.partners.scene import open_scene
from tests.partners.scene_news import RULING
from tests.partners.site_map import MACHINES, PAGES, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.partners.scene import Scene

SMALL = {
    "alembic_version", "api_token", "feed", "feed_access", "file_version", "grouping", "host", "house",
    "indexed_day", "mute", "person", "push", "reader", "refusing_target", "sqlite_master", "subscription",
    "suppression", "watchlist", "worker",
}  # fmt: skip
"""Tables that stay small however long the service runs, or that hold a row a day."""

# A full-text table is always "scanned"; with M it is by the words that are asked for.
_SCAN = re.compile(r"\bSCAN (?:TABLE )?(\w+)(?! VIRTUAL TABLE INDEX \d+:M)\b")
# The first rows in the order of an index: read as far as the limit, not to the end.
_FIRST_OF = re.compile(r"FROM (\w+) ORDER BY [^()]+ LIMIT")
_DEAR = ("seqscan", "hashjoin", "mergejoin")  # what reads a whole table where an index would do
MORE = [
    "/deliveries?show=failed", "/deliveries?show=waiting", "/deliveries?channel=news-desk",
    "/deliveries?watchlist=chancay-port&reason=update", "/routes?event={event}",
    "/watchlists/chancay-port?page=2",
    "/search?q=Chancay+AND+NOT+puerto&country=PE&outlet=El+Norte+Chico", "/search?q=NOT+Chancay",
    "/search?q=forms:puerto+NEAR/5+(megap*+OR+钱凯)", "/search?watchlist=chancay-port",
    "/search?q=Chancay&watchlist=chancay-port", "/search?watchlist=-", "/search?watchlist=*",
    "/search?since=2026-11-20&until=2026-11-22", "/search?q=Chancay+AND+zeppelin",
    "/api/v1/events?watchlist=chancay-port", "/api/v1/events/{event}", "/api/v1/watchlists/chancay-port",
    "/api/v1/watchlists/chancay-port/timeline?days=365", "/api/v1/watchlists/chancay-port/terms",
    "/api/v1/watchlists/chancay-port/versions", "/api/v1/watchlists/chancay-port/coverage",
    "/api/v1/watchlists/chancay-port/text", "/api/v1/routes?event={event}",
    "/api/v1/deliveries?channel=news-desk", "/api/v1/deliveries?event={event}", "/api/v1/search?q=Chancay",
]  # fmt: skip
# Indexes of the few rows that something is to be done with: to read such a one whole is what it is for.
OF_A_PART = {
    one.name
    for table in SQLModel.metadata.tables.values()
    for one in table.indexes
    if one.dialect_options["postgresql"]["where"] is not None
}
WANTING = {"/routes"}  # one of several parameters must be there: it is among the others


class Plans:
    """Notes the plan of every statement that a store sends."""

    def __init__(self) -> None:
        """Begin with none."""
        self.found: list[tuple[str, str]] = []
        self.scans: list[str] = []
        self._is_asking = False

    def note(self, connection: Any, _cursor: object, statement: str, asked: Any, *_: object) -> None:  # noqa: ANN401 -- the library's own
        """Ask for the plan of a statement that is about to be sent."""
        if self._is_asking or not statement.lstrip().upper().startswith(("SELECT", "WITH")):
            return
        self._is_asking = True
        try:
            cursor = connection.connection.cursor()
            look = self._look_at_sqlite if connection.dialect.name == "sqlite" else self._look_at_postgresql
            look(cursor, statement, asked)
        finally:
            self._is_asking = False

    def _look_at_sqlite(self, cursor: Any, statement: str, asked: Any) -> None:  # noqa: ANN401 -- the same
        for *_, plan in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", asked):
            self.found.append((plan, statement))
            if (scanned := _SCAN.search(plan)) and not _is_small(scanned[1], plan, statement):
                self._add(plan, statement)

    def _look_at_postgresql(self, cursor: Any, statement: str, asked: Any) -> None:  # noqa: ANN401 -- the same
        for kind in _DEAR:
            cursor.execute(f"SET enable_{kind} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", asked)
        [[[explained]]] = cursor.fetchall()
        for kind in _DEAR:
            cursor.execute(f"RESET enable_{kind}")
        for plan, is_limited in _nodes(explained["Plan"]):
            table = plan.get("Relation Name", "")
            self.found.append((f"{plan['Node Type']} {table}", statement))
            is_whole = plan["Node Type"] == "Seq Scan" or (
                plan["Node Type"] in {"Index Scan", "Index Only Scan"}
                and "Index Cond" not in plan
                and plan["Index Name"] not in OF_A_PART
                and not is_limited
            )
            if is_whole and table not in SMALL:
                self._add(f"{plan['Node Type']} {table}", statement)

    def _add(self, plan: str, statement: str) -> None:
        self.scans.append(f"{plan}: {' '.join(statement.split())[:300]}")


def _nodes(plan: dict[str, Any], *, is_limited: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    """Give the parts of a plan of PostgreSQL, each with whether a limit above it stops its reading.

    A sort or a count reads all that is below it, whatever limit stands above.
    """
    yield plan, is_limited
    reads_all = plan["Node Type"] in {"Sort", "Aggregate", "Hash", "WindowAgg", "Materialize"}
    for part in plan.get("Plans", ()):
        below = plan["Node Type"] == "Limit" or (is_limited and not reads_all)
        yield from _nodes(part, is_limited=below)


def _is_small(table: str, plan: str, statement: str) -> bool:
    if table in SMALL or table == "CONSTANT" or table.startswith("anon_"):  # a part is looked at by itself
        return True
    first = _FIRST_OF.findall(" ".join(statement.split()))
    return "USING INDEX" in plan and table in first


def _forget_counts(store: Store) -> None:
    """Have PostgreSQL plan as for tables it never counted; now and then it knows how small they are."""
    with store._database.write() as session:
        run = session.connection().exec_driver_sql
        for name in SQLModel.metadata.tables:
            run("SELECT pg_clear_relation_stats('public', %s::text)", (name,))
        names = [*SQLModel.metadata.tables]
        run("DELETE FROM pg_statistic WHERE starelid = ANY(%s::regclass[])", (names,))


@contextmanager
def noted(store: Store) -> Iterator[Plans]:
    plans = Plans()
    engine = store._database._engine
    if not store._database.is_sqlite:
        _forget_counts(store)
    event.listen(engine, "before_cursor_execute", plans.note)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", plans.note)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give a newsroom that is served, on SQLite and on PostgreSQL."""
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres_with_tables").lend())
        made = tmp_path_factory.getbasetemp() / "scene-made"
        folder = tmp_path_factory.mktemp("plans")
        yield stack.enter_context(open_scene(folder, made, database=url))


def _spots(scene: Scene) -> Iterator[tuple[str, Spot]]:
    for spots in (*PAGES.values(), *MACHINES.values()):
        yield from spots.items()
    answer = httpx.get(f"{scene.url}/api/v1/openapi.json", cookies={"avizor_session": scene.session}).json()
    for path, operations in answer["paths"].items():
        asked = operations.get("get", {}).get("parameters", ())
        if "get" in operations and path not in WANTING and not any(one["required"] for one in asked):
            yield f"API {path}", Spot(lambda _, path=path: f"/api/v1{path}")  # type: ignore[misc]
    ruling = scene.event_of(RULING)
    for path in MORE:
        yield path, Spot(lambda _, path=path: path.format(event=ruling))  # type: ignore[misc]


@pytest.mark.slow
def test_nothing_that_can_be_opened_reads_a_large_table_from_end_to_end(served: Scene) -> None:
    whole: dict[str, list[str]] = {}
    noticed = 0
    with httpx.Client(base_url=served.url, cookies={"avizor_session": served.session}) as client:
        for name, spot in _spots(served):
            path = spot.path(served)
            with noted(served.store) as plans:
                status = client.get(path).status_code
            assert status == spot.status, (name, path)
            noticed += bool(plans.found)
            if plans.scans:
                whole[name] = plans.scans
    assert noticed > 60  # that few need no database: /health, forms
    assert whole == {}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store, events = open_filled(tmp_path_factory.mktemp("plans"))
    add_spikes(store, events)
    yield store
    store.close()


@pytest.mark.slow
def test_the_terms_of_a_watchlist_are_counted_without_reading_all_matches(filled: Store) -> None:
    with noted(filled) as plans:
        filled.timeline.count_terms("chancay-port", NOW - timedelta(days=30), {"1": {9: 9}})
    assert plans.found
    assert plans.scans == []


def test_what_failed_and_nobody_was_told_of_is_found_by_its_state(filled: Store) -> None:
    with noted(filled) as plans:
        filled.undelivered.list_untold(500)
        filled.undelivered.was_told_since(NOW)
    assert [plan for plan, _ in plans.found if "INDEX" in plan] == [
        "SEARCH delivery USING INDEX ix_delivery_due (state=?)",
        "SEARCH delivery USING INDEX ix_delivery_created (created_at>?)",
    ]


def test_what_polls_find_and_tell_reads_no_large_table_nor_all_that_a_feed_ever_brought(
    tmp_path: Path,
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    desk = Desk(tmp_path, store)
    with noted(store) as plans:
        desk.say("Alba", "Huelga en el puerto", "Otra cosa del puerto")
        desk.wake()
        desk.deliver()
        desk.say("Boreal", "Huelga en el puerto", "Sigue la huelga en el puerto")
        desk.edit("Alba", "Huelga en el puerto", "Huelga de hambre en el puerto")
        desk.show("Alba", ["Otra cosa del puerto"])
        desk.show_nothing_new("Alba")
        desk.wake(later=timedelta(hours=1))
        desk.deliver()
        Correcting(desk.shift, "eva").merge(*[one.event.id for one in desk.events][:2])
    of_a_feed = [(plan, words) for plan, words in plans.found if re.search(r"entry .*\(feed_id=\?\)$", plan)]
    store.close()
    assert [words for _, words in of_a_feed if "LIMIT" not in words] == []
    assert any("ix_entry_missing" in plan for plan, _ in plans.found)
    assert [scan[:200] for scan in plans.scans] == []


@pytest.mark.slow
def test_a_scan_is_seen(served: Scene) -> None:
    with noted(served.store) as plans, served.store._database.read() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM entry WHERE summary = 'a'").all()
    assert [scan.partition(":")[0] in {"SCAN entry", "Seq Scan entry"} for scan in plans.scans] == [True]

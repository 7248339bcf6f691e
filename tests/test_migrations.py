"""A database of an older Avizor is brought up with all that is in it, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

import service.store
from service.domain import HeldReason
from service.store import Store
from service.store.engine import NEWEST

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OF_0001 = """
INSERT INTO feed (
    id, url, host, title, outlet, country, language, "group", owner, packs, active, status, etag,
    last_modified, validators_url, body_hash, failures, quiet_polls, trouble, moved_to, next_poll_at,
    lease_until, lease_by
) VALUES (
    1, 'https://d.example/f', 'd.example', 'D', 'Diario', 'PE', 'es', 'wire', '', '[]', true, 'healthy',
    '', '', '', '', 0, 0, '', '', '2026-03-01 12:00:00.000000', '2026-03-01 12:00:00.000000', ''
);
INSERT INTO entry (
    id, feed_id, key, url, canonical_url, title, title_print, summary, language, author, first_seen_at,
    from_baseline
) VALUES (
    7, 1, 'k', 'https://d.example/n', 'https://d.example/n', 'El puerto', 'p', '', 'es', '',
    '2026-03-01 12:00:00.000000', false
);
INSERT INTO event (id, watchlist_id, title, opened_at, last_report_at, reports)
VALUES ('e1', 'port', 'El puerto', '2026-03-01 12:00:00.000000', '2026-03-01 12:00:00.000000', 1);
INSERT INTO match (
    id, entry_id, watchlist_id, version, evidence, event_id, kind, join_reason, held, matched_at
) VALUES (1, 7, 'port', 'v1', '[]', 'e1', 'opened', 'none', 'stale', '2026-03-01 12:00:00.000000');
INSERT INTO watchlist (id, title, about, version, loaded_at, active)
VALUES ('port', 'Port', '', 'v1', '2026-03-01 12:00:00.000000', true)
"""


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(service.store.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.mark.slow
@pytest.mark.promise("P21", size="a database of the first version")
def test_a_database_of_0001_keeps_its_data_and_matches_nothing_anew_that_did_not_change(
    empty_database_url: str,
) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        _upgrade(connection, "0001")
        for statement in OF_0001.split(";"):
            connection.execute(text(statement))
    engine.dispose()
    store = Store(empty_database_url)
    view = store.reading.get_event("e1")
    assert [(one.entry.id, one.held, one.version, one.commit) for one in view.reports] == [
        (7, HeldReason.STALE, "v1", "")
    ]
    assert [entry.id for entry in store.archive.iter_entries(AT)] == [7]
    assert store.versions.list_in_force() == []
    store.sync_watchlists([("port", "Port", "", "v1")], now=AT)
    assert store.versions.list_rematches_due() == {}
    store.sync_watchlists([("port", "Port", "", "v2")], now=AT)
    assert store.versions.list_rematches_due() == {"port": "v2"}
    indexes = {str(one["name"]) for one in inspect(store._database._engine).get_indexes("entry")}
    assert {"ix_entry_seen", "ix_entry_address"} <= indexes
    store.close()


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the full-text table, which each engine makes in its own way."""
    return not (kind == "table" and (name or "").startswith("entry_words"))


# SQLite does not tell what an index of an expression is made of; PostgreSQL's is compared.
_unread = pytest.mark.filterwarnings("ignore:.*expression-based index")
_COMPARED = {"compare_type": False, "include_name": _is_ours}


@_unread
@pytest.mark.slow
def test_the_migrations_make_exactly_the_tables_of_the_code(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        _upgrade(connection, "head")
        context = MigrationContext.configure(connection, opts=_COMPARED)
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


@_unread
@pytest.mark.slow
def test_a_store_on_an_empty_database_has_the_migrations_make_its_tables(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    with store._database.read() as session:
        context = MigrationContext.configure(session.connection(), opts=_COMPARED)
        assert context.get_current_revision() == NEWEST
        assert compare_metadata(context, SQLModel.metadata) == []
    store.close()


def test_the_newest_schema_is_known_without_asking_for_the_migrations() -> None:
    assert ScriptDirectory(str(Path(service.store.__file__).parent / "migrations")).get_heads() == [NEWEST]

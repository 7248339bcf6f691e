"""The newest schema, made once by the migrations and copied from then on.

Only a few tests are about how a database comes to have its tables; all others would spend a tenth of a second
each on asking Alembic for the same ones.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg
from psycopg import sql

from service.store import Store, migrating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from tests.partners.postgres import PostgresServer

real_upgrade = migrating.upgrade

_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    " AND tablename NOT IN ('house', 'alembic_version')"
)
_HOUSE = (
    "SELECT 'schema', version_num FROM alembic_version UNION ALL SELECT name, value FROM house ORDER BY 1"
)
_BEGIN_ANEW = (
    "SELECT setval(format('public.%I', sequencename)::regclass, start_value, false) FROM pg_sequences"
)
_MOST_EMPTIED = 1_000  # rows: their places are kept until PostgreSQL cleans up, and make a database slow


class Copies:
    """Stands where the migrations do: an empty SQLite database gets what they made of the first one."""

    def __init__(self) -> None:
        """Begin with nothing made."""
        self._statements: tuple[str, ...] = ()

    def upgrade(self, connection: Connection) -> None:
        """Copy into an empty SQLite database; have the migrations upgrade any other."""
        if connection.dialect.name != "sqlite" or _statements(connection):
            real_upgrade(connection)
            return
        if not self._statements:
            real_upgrade(connection)
            self._statements = _statements(connection)
            return
        for statement in self._statements:
            connection.exec_driver_sql(statement)


def _statements(connection: Connection) -> tuple[str, ...]:
    """Give what makes the tables and indexes, names their version, and what migrations put into them."""
    made = connection.exec_driver_sql(
        # What a full-text table keeps its index in comes with it.
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'entry\\_words\\_%' ESCAPE '\\' ORDER BY rowid"
    )
    tables = tuple(str(statement) for (statement,) in made)
    if not tables:
        return ()
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    house = connection.exec_driver_sql("SELECT name, value FROM house").all()
    rows = [("alembic_version", (version,)), *(("house", tuple(row)) for row in house)]
    return (*tables, *(f"INSERT INTO {table} VALUES {_values(row)}" for table, row in rows))  # noqa: S608 -- of our own migrations


def _values(row: tuple[str, ...]) -> str:
    return f"({', '.join(repr(value) for value in row)})"


@contextmanager
def copied_schemas() -> Iterator[None]:
    """Have new SQLite databases of this process get a copy of the schema."""
    with patch.object(migrating, "upgrade", Copies().upgrade):
        yield


class LentDatabases:
    """Databases of PostgreSQL with the newest schema, emptied and lent again: quicker than new ones."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        """Begin with none to lend; each that is missing is a copy of `template`."""
        self._server = server
        self._template = template
        self._idle: list[str] = []
        with psycopg.connect(server.plain_url(template)) as connection:
            self._house = _house_of(connection)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Give the URL of a database that has nothing in it and is the borrower's alone."""
        name = self._idle.pop() if self._idle else self._server.new_database(self._template)
        try:
            yield self._server.url(name)
        finally:
            if self._is_as_new(name):
                self._idle.append(name)
            else:
                self._server.drop_database(name)

    def _is_as_new(self, name: str) -> bool:
        """Empty a database; False where that takes long, or somebody has not left it."""
        with psycopg.connect(self._server.plain_url(name)) as connection:
            others = connection.execute(_OTHERS).fetchone()
            if others != (0,) or _house_of(connection) != self._house:
                return False
            connection.execute("SET session_replication_role = replica")  # no look at what refers to a row
            tables = [table for (table,) in connection.execute(_TABLES)]
            empty = sql.SQL("DELETE FROM {}")
            emptied = sum(
                connection.execute(empty.format(sql.Identifier(table))).rowcount for table in tables
            )
            connection.execute(_BEGIN_ANEW)
            return emptied <= _MOST_EMPTIED


def _house_of(connection: psycopg.Connection) -> list[tuple[str, ...]]:
    return connection.execute(_HOUSE).fetchall()


@contextmanager
def lent_databases(server: PostgresServer) -> Iterator[LentDatabases]:
    """Give databases with the newest schema, which the migrations made once."""
    with server.database() as url:
        Store(url).close()
        yield LentDatabases(server, url.rpartition("/")[2])

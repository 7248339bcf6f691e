"""The newest schema, made once by the migrations and copied from then on.

Only a few tests are about how a database comes to have its tables; all others would spend a tenth of a second
each on asking Alembic for the same ones.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from service.store import Store, migrating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

    from tests.partners.postgres import PostgresServer

real_upgrade = migrating.upgrade


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


@contextmanager
def postgres_template(server: PostgresServer) -> Iterator[str]:
    """Give the name of a database with the newest schema and nothing in it, of which others are copies."""
    with server.database() as url:
        Store(url).close()
        yield url.rpartition("/")[2]

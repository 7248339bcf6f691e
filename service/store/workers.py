"""Which processes are at work on this database, and when each was last seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select

from service.store.engine import as_unreachable
from service.store.tables import WorkerRow

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.engine import Database

_FORGOTTEN = timedelta(days=1)


class Workers:
    """What can be asked and said about processes."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def beat(self, name: str, role: str, now: datetime) -> None:
        """Note that a process is at work; those not seen for a day are forgotten."""
        with self._database.write() as session:
            session.merge(WorkerRow(name=name, role=role, seen_at=now))
            session.exec(delete(WorkerRow).where(col(WorkerRow.seen_at) < now - _FORGOTTEN))

    def leave(self, name: str) -> None:
        """Note that a process has ended its work.

        Raises:
            StoreUnreachable: the database cannot be written now.
        """
        with as_unreachable(), self._database.write() as session:
            session.exec(delete(WorkerRow).where(col(WorkerRow.name) == name))

    def list_roles(self, since: datetime) -> list[str]:
        """List the roles of the processes that were seen since then, each once."""
        with self._database.read() as session:
            roles = select(WorkerRow.role).where(col(WorkerRow.seen_at) >= since).distinct()
            return sorted(session.exec(roles))

"""How often somebody may try to sign in: from one place, and from all together.

Attempts are counted before they are looked at, so that many at one time are many; those that were right are
taken off again. They stand in the database, so that several processes, and a start anew, count as one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, delete

from service.store.account_tables import AttemptRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from service.store.engine import Database

FORGOTTEN_AFTER = timedelta(hours=1)
_EVERYWHERE = ""
_FREE, _LONGEST = 5, timedelta(minutes=15)
# So many together are an attack. Who has not been wrong themselves is let try all the same: else whoever
# attacks would keep out those who know a secret.
_FREE_EVERYWHERE, _LONGEST_EVERYWHERE = 100, timedelta(seconds=10)
_DOUBLINGS = 20  # more than any pause has


class Attempts:
    """The count of attempts to sign in."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def begin(self, place: str, now: datetime) -> timedelta:
        """Count an attempt from a place, by its keyed hash; gives how long to wait first, if at all."""
        with self._database.write(serialised=True) as session:
            session.exec(delete(AttemptRow).where(col(AttemptRow.last_at) <= now - FORGOTTEN_AFTER))
            rows = here, everywhere = _rows(session, place, now)
            until = max(here.until_at, everywhere.until_at) if here.failures else here.until_at
            wait = until - now
            if wait > timedelta(0):
                return wait
            for row in rows:
                row.failures += 1
                row.until_at, row.last_at = now + _pause(row), now
                session.add(row)
            return timedelta(0)

    def forgive(self, place: str, now: datetime) -> None:
        """Take back the last attempt: it was right."""
        with self._database.write(serialised=True) as session:
            for row in _rows(session, place, now):
                row.failures, row.until_at = max(row.failures - 1, 0), now
                session.add(row)


def _rows(session: Session, place: str, now: datetime) -> tuple[AttemptRow, AttemptRow]:
    """Give the count of a place, and that of all."""
    here, everywhere = (
        session.get(AttemptRow, name) or AttemptRow(place=name, until_at=now, last_at=now)
        for name in (place, _EVERYWHERE)
    )
    return here, everywhere


def _pause(row: AttemptRow) -> timedelta:
    free, longest = (_FREE, _LONGEST) if row.place else (_FREE_EVERYWHERE, _LONGEST_EVERYWHERE)
    if row.failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(row.failures - free, _DOUBLINGS)), longest)

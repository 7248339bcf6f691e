"""The rows of feeds, many at once: of a batch they are read together, changed by its polls, written together.

Nearly every poll answers "304, not modified" and changes the same few columns of one row: it has to be cheap.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from service.store.bulk import write_rows
from service.store.tables import FEED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlmodel import Session


@dataclass(slots=True)
class PolledRow:
    """What polls read and change in the row of a feed. What they only write is None until they do."""

    id: int
    url: str
    host: str
    status: str
    etag: str
    last_modified: str
    validators_url: str
    document_hints: str
    body_hash: str
    baseline_at: datetime | None
    failures: int
    quiet_polls: int
    trouble: str
    fresh_seconds: int | None
    moved_to: str
    moved_at: datetime | None
    moved_visits: int
    failing_since: datetime | None
    failure: str
    ailments: str
    hurry: int
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_entry_at: datetime | None = None


_NAMES = tuple(PolledRow.__slots__)
_READ = _NAMES[: _NAMES.index("next_poll_at")]
_THESE = select(*(FEED.c[name] for name in _READ)).where(FEED.c.id.in_(bindparam("ids", expanding=True)))
_WRITE = update(FEED).where(FEED.c.id == bindparam("number"))
_UNWRITTEN = (None,) * (len(_NAMES) - len(_READ))


def update_feeds(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Change columns of feeds, those of which the same columns change all at once."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for number, values in changes.items():
        alike[tuple(values)].append({"number": number, **values})
    for names, rows in alike.items():
        if names:
            write_rows(connection, _WRITE, rows)


class PolledRows:
    """The rows of a batch."""

    def __init__(self, session: Session) -> None:
        """Take the session of the batch."""
        self._session = session
        self._rows: dict[int, PolledRow] = {}
        self._written: dict[int, Sequence[Any]] = {}

    def read(self, numbers: Iterable[int]) -> None:
        """Read the rows of these feeds."""
        for values in self._session.connection().execute(_THESE, {"ids": [*numbers]}).all():
            row = PolledRow(*values)
            self._rows[row.id] = row
            self._written[row.id] = (*values, *_UNWRITTEN)

    def get(self, number: int) -> PolledRow:
        """Give the row of a feed, to be changed."""
        if number not in self._rows:
            self.read([number])
        return self._rows[number]

    def write(self) -> Connection:
        """Write what has changed since the rows were read or last written, and nothing else.

        Gives the connection, on which all of it is seen.
        """
        connection = self._session.connection()
        update_feeds(connection, {row.id: self._changed(row) for row in self._rows.values()})
        return connection

    def _changed(self, row: PolledRow) -> dict[str, Any]:
        values = [getattr(row, name) for name in _NAMES]
        before, self._written[row.id] = self._written[row.id], values
        return {name: now for name, now, was in zip(_NAMES, values, before, strict=True) if now != was}

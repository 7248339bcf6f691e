"""The versions of the files that people write: which are in force, which were, and what is to be rematched.

What is in force here was in order when it was put in force; what was overwritten in the editor need not have
been. Reads no file and judges none.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from service.domain import FileVersion
from service.store.tables import FileVersionRow, WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlmodel.sql.expression import SelectOfScalar

    from service.store.engine import Database


class Versions:
    """What can be asked and said about versions of files."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def put_in_force(self, versions: Iterable[FileVersion], *, now: datetime) -> None:
        """Keep these versions, and note that they, and no others, are in force."""
        wanted = {(one.file, one.version): one for one in versions}
        with self._database.write(serialised=True) as session:
            in_force = select(FileVersionRow).where(col(FileVersionRow.in_force).is_(True))
            for row in session.exec(in_force):
                if wanted.pop((row.file, row.version), None) is None:
                    row.in_force = False
            for one in wanted.values():
                row = session.exec(_this(one.file, one.version)).first() or _row(one, now)
                row.in_force, row.loaded_at = True, now
                session.add(row)

    def keep(self, version: FileVersion, *, now: datetime) -> None:
        """Keep a version that is about to be overwritten, though it may never have been in force."""
        with self._database.write(serialised=True) as session:
            if session.exec(_this(version.file, version.version)).first() is None:
                session.add(_row(version, now))

    def list_in_force(self) -> list[FileVersion]:
        """List the versions that are in force, by file."""
        statement = select(FileVersionRow).where(col(FileVersionRow.in_force).is_(True))
        with self._database.read() as session:
            return [_version(row) for row in session.exec(statement.order_by(col(FileVersionRow.file)))]

    def list_versions(self, file: str) -> list[FileVersion]:
        """List the versions of a file that were in force or overwritten here, the last one first."""
        statement = (
            select(FileVersionRow)
            .where(col(FileVersionRow.file) == file)
            .order_by(col(FileVersionRow.loaded_at).desc(), col(FileVersionRow.id).desc())
        )
        with self._database.read() as session:
            return [_version(row) for row in session.exec(statement)]

    def note_commit(self, version: FileVersion, commit: str) -> None:
        """Note the commit that wrote a version; the first one known stays."""
        statement = (
            update(FileVersionRow)
            .where(
                col(FileVersionRow.file) == version.file,
                col(FileVersionRow.version) == version.version,
                col(FileVersionRow.commit) == "",
            )
            .values(commit=commit)
        )
        with self._database.write() as session:
            session.exec(statement)

    def list_rematches_due(self) -> dict[str, str]:
        """Give the watchlists in force that are to be matched against stored entries, with their versions."""
        statement = select(WatchlistRow).where(
            col(WatchlistRow.active).is_(True), col(WatchlistRow.rematch_due).is_(True)
        )
        with self._database.read() as session:
            return {row.id: row.version for row in session.exec(statement)}

    def record_rematch(self, versions: Sequence[tuple[str, str]]) -> None:
        """Note that these versions, by watchlist, have been matched; a version changed since stays due."""
        with self._database.write() as session:
            for watchlist_id, version in versions:
                session.exec(
                    update(WatchlistRow)
                    .where(col(WatchlistRow.id) == watchlist_id, col(WatchlistRow.version) == version)
                    .values(rematch_due=False)
                )


def _this(file: str, version: str) -> SelectOfScalar[FileVersionRow]:
    return select(FileVersionRow).where(
        col(FileVersionRow.file) == file, col(FileVersionRow.version) == version
    )


def _row(version: FileVersion, now: datetime) -> FileVersionRow:
    return FileVersionRow(
        file=version.file,
        version=version.version,
        text=version.text,
        shared=json.dumps(version.shared, ensure_ascii=False),
        first_loaded_at=now,
        loaded_at=now,
        in_force=False,
    )


def _version(row: FileVersionRow) -> FileVersion:
    return FileVersion(
        file=row.file,
        version=row.version,
        text=row.text,
        shared=tuple((name, text) for name, text in json.loads(row.shared)),
        commit=row.commit,
        first_loaded_at=row.first_loaded_at,
        loaded_at=row.loaded_at,
    )

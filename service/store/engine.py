"""Opening the database: the same promises on SQLite and on PostgreSQL.

SQLite runs in WAL with synchronous=FULL (a returned commit survives power loss), foreign keys on,
and every writing transaction takes its lock when it begins, so that none fails half-way. One
process holds one SQLite file, for life: a lock on a file beside the database says who.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session, SQLModel

from service.errors import SettingsError, StoreLocked, StoreUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import URL, Connection, Engine

BUSY_TIMEOUT_MS = 30_000
_OF_THE_PLACE = (
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY),
    *(sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN),
)
_NO_ROOM = "It is asked again at its usual pace. Look whether the disk has room and the database answers."
NEWEST = "0019"  # of the migrations
WRITER_LOCK = 0x4156495A  # "AVIZ": one number that all Avizor processes of one PostgreSQL database share
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
)


class Database:
    """An open database: `read` and `write` give sessions; `write` commits when its block ends well.

    With `exclusive`, a SQLite file is locked for this process first: `StoreLocked` names the
    holder. PostgreSQL is shared by leases and needs no such lock.
    """

    def __init__(self, url: str, *, exclusive: bool = False) -> None:
        """Open, lock if asked to, and migrate to the newest schema."""
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: int | None = None
        if self.is_sqlite and self.url.database:
            path = Path(self.url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            if exclusive:
                self._lock = _hold(path)
        self._engine = _engine(self.url, sqlite=self.is_sqlite)
        self._writer = self._engine.execution_options(avizor_write=True)
        try:
            with self._writer.begin() as connection:
                self._take_turn(connection)
                migrate(connection)
        except OperationalError as fault:
            self.close()
            raise _unreachable(self.url, fault) from None  # the library's message may hold the whole address
        except DatabaseError as fault:
            self.close()
            if self.is_sqlite and "not a database" in str(fault.orig):
                raise _unreadable(self.url) from None
            raise
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for queries; whatever it changes is dropped."""
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self, *, serialised: bool = False) -> Iterator[Session]:
        """Give a session whose changes are committed together, or not at all.

        `serialised` lets one such block run at a time across all processes (SQLite does that anyway):
        for steps that read what they are about to add to, as grouping does.
        """
        with Session(self._writer) as session:
            if serialised:
                self.serialise(session)
            yield session
            session.commit()

    def close(self) -> None:
        """Close all connections and let go of the file."""
        self._engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def serialise(self, session: Session) -> None:
        """Wait until no other process is in such a part of a transaction; it ends with the transaction."""
        self._take_turn(session.connection())

    def _take_turn(self, connection: Connection) -> None:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


def reserve_ids(session: Session, table: type[SQLModel], count: int) -> Sequence[int]:
    """Give ids for `count` new rows of a table, to be used in this very transaction, which writes."""
    connection = session.connection()
    name = table.__tablename__
    if connection.dialect.name == "sqlite":
        # Nobody else writes before this transaction ends, and its session with it.
        highest = session.info.get(name)
        if highest is None:
            highest = connection.exec_driver_sql(f"SELECT max(id) FROM {name}").scalar() or 0  # noqa: S608 -- a name of ours
        session.info[name] = highest + count
        return range(highest + 1, highest + 1 + count)
    statement = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return [*connection.execute(statement, {"name": name, "count": count}).scalars()]


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except Exception as fault:
        # The library's message quotes the address, which may hold a password.
        raise SettingsError(
            "this is not a database address",
            resource="AVIZOR_DATABASE_URL",
            mend="Write sqlite:///data/avizor.db or postgresql+psycopg://user:password@host/name.",
        ) from fault
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = f"{parsed.get_backend_name()} is not a database Avizor knows"
        raise SettingsError(message, resource="AVIZOR_DATABASE_URL", mend="Use sqlite or postgresql.")
    return parsed


def _is_of_the_place(fault: BaseException | None) -> bool:
    """Tell whether a database cannot be written for its disk or its line, and not for what was asked."""
    code = getattr(fault, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _OF_THE_PLACE
    state = getattr(fault, "sqlstate", None)
    return state is None or state[:2] in {"08", "53"} or state[:3] == "57P"


@contextmanager
def as_unreachable() -> Iterator[None]:
    """Say of a database that cannot be written why, and what can be done."""
    try:
        yield
    except OperationalError as fault:
        if not _is_of_the_place(fault.orig):
            raise
        raise StoreUnreachable(_said(fault), mend=_NO_ROOM) from fault


def _said(fault: OperationalError) -> str:
    return " ".join(str(fault.orig).split())[:200]


def _unreachable(url: URL, fault: OperationalError) -> StoreUnreachable:
    words = _said(fault)
    if url.password:
        words = words.replace(str(url.password), "***")
    place = url.database if url.host is None else f"{url.host}:{url.port or 5432}"
    mend = "Check AVIZOR_DATABASE_URL, and that the database runs and the folder can be written."
    return StoreUnreachable(f"the database cannot be opened: {words}", resource=str(place), mend=mend)


def _unreadable(url: URL) -> StoreUnreachable:
    mend = "Put a copy of the database back, or move the file away: Avizor then begins a new one."
    return StoreUnreachable("this file is no database", resource=str(url.database), mend=mend)


def _engine(url: URL, *, sqlite: bool) -> Engine:
    if not sqlite:
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's own type
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("avizor_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _hold(database: Path) -> int:
    """Take the lock beside the database, or say which process has it."""
    path = database.with_name(database.name + ".lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        holder = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        message = f"process {holder} already runs Avizor on this database"
        mend = "Stop it first, or give this one another AVIZOR_DATA_DIR."
        raise StoreLocked(message, resource=database.name, mend=mend) from fault
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version, inside the caller's transaction.

    Raises `StoreTooNew` when the database was written by a newer Avizor; nothing is changed then.
    """
    if _revision(connection) != NEWEST:
        from service.store.migrating import upgrade

        upgrade(connection)


def _revision(connection: Connection) -> str:
    """Give the version of the schema, empty where there is none. Alembic takes long to be asked for it."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")

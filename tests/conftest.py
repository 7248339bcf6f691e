"""Partners that many tests share; each test gets its own database and its own mail folder."""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING
from unittest.mock import patch

import hypothesis
import pytest
import typer.testing
from sqlmodel import SQLModel

from service.store import Store, migrating
from service.store.word_index import empty_index
from tests.partners.browser import open_browser
from tests.partners.engines import shared_statements
from tests.partners.mailbox import MailServer
from tests.partners.postgres import PostgresServer
from tests.partners.schema import LentDatabases, copied_schemas, lent_databases, real_upgrade
from tests.partners.smtp_sink import SmtpSink
from tests.partners.synapse import SynapseServer
from tests.promises import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.partners.scene import Scene


# A busy machine is not a fault; and a build tries many examples, the same ones each time, so that it fails
# for a change.
IS_BUILD = bool(os.environ.get("CI"))
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    derandomize=IS_BUILD,
    max_examples=100 if IS_BUILD else 30,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Have a run with `PROMISES=1` note which promises it has shown."""
    if os.environ.get("PROMISES"):
        config.pluginmanager.register(Recorder(), "promises")


@pytest.fixture(scope="session", autouse=True)
def _databases_are_opened_quickly() -> Iterator[None]:
    """Make the schema by the migrations once, and compile each statement once."""
    with copied_schemas(), shared_statements():
        yield


@pytest.fixture(scope="session", autouse=True)
def _tests_are_no_garbage() -> Iterator[None]:
    """Have the garbage collector pass over the collected tests, which stay to the end."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def _commands_made_once() -> Iterator[None]:
    """Have Typer read the signatures of all commands once, not at each command a test types."""
    with patch.object(typer.testing, "_get_command", cache(typer.main.get_command)):
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for each test process; fast, not durable."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_server: PostgresServer) -> Iterator[LentDatabases]:
    """Databases of PostgreSQL with the newest schema, for one test after another."""
    with lent_databases(postgres_server) as databases:
        yield databases


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a database of PostgreSQL that is empty and this test's alone."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_with_tables: LentDatabases) -> Iterator[str]:
    """The URL of a database of PostgreSQL that is this test's alone and has tables with nothing in them."""
    with postgres_with_tables.lend() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn: what holds on one must hold on the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'avizor.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database of each kind in turn without a table, and the migrations to make them."""
    monkeypatch.setattr(migrating, "upgrade", real_upgrade)
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'avizor.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give one store for all tests of a file, on SQLite and on PostgreSQL."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'avizor.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres_with_tables").lend())
        store = Store(url)
        stack.callback(store.close)
        yield store


@pytest.fixture
def emptied_store(opened_store: Store) -> Store:
    """Give that store with nothing in it, quicker than a new one."""
    with opened_store._database.write() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name != "house":  # the key of links is made with the tables
                session.connection().execute(table.delete())
        empty_index(session)
    opened_store.words.known.clear()
    return opened_store


@pytest.fixture
def smtp_sink(tmp_path: Path) -> Iterator[SmtpSink]:
    """A mail server that keeps everything; its `mode` makes it fail."""
    with SmtpSink(tmp_path / "mail") as sink:
        yield sink


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """Postfix and Dovecot, for tests marked `real`; use a mailbox name of your own."""
    with MailServer(drop_repeats=True) as server:
        yield server


@pytest.fixture(scope="session")
def synapse() -> Iterator[SynapseServer]:
    """A Matrix server, for tests marked `real`; use room and user names of your own."""
    with SynapseServer() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser without a window, for tests marked `real`."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give a whole newsroom that is served, for the tests of a module; it is made once for a run."""
    from tests.partners.scene import open_scene  # the whole service, which few tests need

    made = tmp_path_factory.getbasetemp() / "scene-made"
    with open_scene(tmp_path_factory.mktemp("scene"), made) as opened:
        yield opened

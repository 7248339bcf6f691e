"""Bringing an older schema up to date. The only door to Alembic, opened when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.errors import StoreTooNew

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def upgrade(connection: Connection) -> None:
    """Upgrade to the newest schema, inside the caller's transaction; raises StoreTooNew."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        message = f"the database has schema {current}, which this version does not know"
        raise StoreTooNew(message, resource="database", mend="Run the newer Avizor that wrote it.")
    command.upgrade(config, "head")

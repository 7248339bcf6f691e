"""Alembic's entry: runs in the transaction that `service.store.engine.migrate` opened."""

from alembic import context
from sqlmodel import SQLModel

from service.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    user_module_prefix=f"{tables.__name__}.",
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()

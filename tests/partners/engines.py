"""Statements that are compiled once for all databases a test process opens.

SQLAlchemy keeps what it has compiled with each engine, which is right for a service that opens one. A test
opens its own database, anew for each command it types, and would compile the same statements each time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import create_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine


class _Engines:
    """Makes engines that share their dialect, and with it what was compiled for it."""

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def create(self, url: Any, **options: Any) -> Engine:  # noqa: ANN401 -- whatever the library takes
        """Make an engine as the library does, with the first one's dialect and compiled statements.

        A dialect learns of its server when it first reaches one; what has reached none is not shared.
        """
        engine = create_engine(url, **options)
        first = self._first.get(engine.dialect.name)
        if first is None or first.dialect.server_version_info is None:
            self._first[engine.dialect.name] = engine
            return engine
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
        return engine


@contextmanager
def shared_statements() -> Iterator[None]:
    """Have every database of this process use what was compiled for the first one of its kind."""
    with patch("service.store.engine.create_engine", _Engines().create):
        yield

"""Times in the store: UTC without a zone, so that SQLite and PostgreSQL hold the same value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, TypeDecorator
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, stored without its zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Have times written quickly where they are text."""
        return _WRITTEN if dialect.name == "sqlite" else dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the library's signature
        """Turn an aware time into plain UTC; a naive one is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"a time without a zone: {value!r}"
            raise ValueError(message)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the library's signature
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


class _Written(sqlite.DATETIME):
    """A time in SQLite: the text that the library writes, in a tenth of its time."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:  # noqa: ARG002 -- the same
        """Give what writes a time."""

        def write(value: datetime | None) -> str | None:
            return None if value is None else value.isoformat(" ", "microseconds")

        return write


_WRITTEN: TypeEngine[datetime] = _Written()  # type: ignore[no-untyped-call]  # the library is untyped here

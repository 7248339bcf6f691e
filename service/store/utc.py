"""Times in the store: UTC without a zone, so that SQLite and PostgreSQL hold the same value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, TypeDecorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, stored without its zone."""

    impl = DateTime
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | datetime | None]:
        """Give what writes a time: for SQLite the text that the library writes, in a tenth of its time."""
        return _as_text if dialect.name == "sqlite" else _plain

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the library's signature
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


def _plain(value: datetime | None) -> datetime | None:
    """Turn an aware time into plain UTC; a naive one is a fault of ours."""
    if value is None:
        return None
    if value.tzinfo is None:
        message = f"a time without a zone: {value!r}"
        raise ValueError(message)
    return value.astimezone(UTC).replace(tzinfo=None)


def _as_text(value: datetime | None) -> str | None:
    plain = _plain(value)
    return None if plain is None else plain.isoformat(" ", "microseconds")

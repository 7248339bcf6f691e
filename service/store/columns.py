"""Columns that tables are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlmodel import Field

from service.store.utc import UtcDateTime


def time_column(**options: Any) -> Any:  # noqa: ANN401 -- sqlmodel's Field is untyped in the same way
    """Give the column of a time, stored as `UtcDateTime` says."""
    return Field(sa_type=UtcDateTime, **options)


def text_column(default: str = "") -> Any:  # noqa: ANN401 -- the same
    """Give the column of a text of any length."""
    return Field(default=default, sa_type=Text)

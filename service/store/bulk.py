"""Many new rows of one table, handed to the driver as it takes them.

The library looks at each value of each row, which costs as much as SQLite takes to store it. What it does to
a value is known from its column, and is done here column by column.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Table


class _Statement(NamedTuple):
    """An insert as the driver knows it, and the columns in the order in which it takes their values.

    Beside the name of a column stands what the driver wants done to its values, if anything.
    """

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    takes_names: bool


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert one row or more, all of them with values for the same columns."""
    statement = _prepared(connection.dialect, table, tuple(rows[0]))
    names = [name for name, _ in statement.columns]
    columns = [
        [row[name] for row in rows] if turned is None else [turned(row[name]) for row in rows]
        for name, turned in statement.columns
    ]
    values = list(zip(*columns, strict=True))
    if statement.takes_names:
        connection.exec_driver_sql(statement.text, [dict(zip(names, one, strict=True)) for one in values])
    else:
        connection.exec_driver_sql(statement.text, values)


@lru_cache(maxsize=16)
def _prepared(dialect: Dialect, table: Table, names: tuple[str, ...]) -> _Statement:
    compiled = insert(table).compile(dialect=dialect, column_keys=names, for_executemany=True)
    order = compiled.positiontup or names
    wanted = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    return _Statement(str(compiled), tuple(zip(order, wanted, strict=True)), not compiled.positional)

"""One statement for many rows, handed to the driver as it takes them.

The library looks at each value of each row, which costs as much as SQLite takes to store it. What it does to
a value is known from its name, and is done here name by name.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Insert, Update


class _Prepared(NamedTuple):
    """A statement as the driver knows it, and the names of its values in the order in which it takes them.

    Beside a name stands what the driver wants done to its values, if anything.
    """

    text: str
    names: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    takes_names: bool


class Same(NamedTuple):
    """A value that all rows have in common."""

    value: Any


def write_rows(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update one row or more, all of them with values for the same columns and parameters.

    The statement is one that is made once: what is prepared for it is remembered.
    """
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    write_columns(connection, statement, len(rows), columns)


def write_columns(
    connection: Connection, statement: Insert | Update, count: int, columns: Mapping[str, Sequence[Any]]
) -> None:
    """Do what `write_rows` does with so many rows, given as columns, of which some may be the `Same`."""
    prepared = _prepared(connection.dialect, statement, tuple(columns))
    turned = (_turned(columns[name], turn, count) for name, turn in prepared.names)
    values = list(zip(*turned, strict=True))
    if prepared.takes_names:
        names = [name for name, _ in prepared.names]
        connection.exec_driver_sql(prepared.text, [dict(zip(names, one, strict=True)) for one in values])
    else:
        connection.exec_driver_sql(prepared.text, values)


def _turned(column: Sequence[Any], turn: Callable[[Any], Any] | None, count: int) -> Iterable[Any]:
    if isinstance(column, Same):
        return repeat(turn(column.value) if turn else column.value, count)
    return [turn(value) for value in column] if turn else column


@lru_cache(maxsize=64)
def _prepared(dialect: Dialect, statement: Insert | Update, names: tuple[str, ...]) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=names, for_executemany=True)
    order = compiled.positiontup or names
    turned = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    return _Prepared(str(compiled), tuple(zip(order, turned, strict=True)), not compiled.positional)

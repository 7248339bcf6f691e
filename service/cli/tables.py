"""Tables that stay readable: one line a row in a pipe, nothing cut in two on a narrow terminal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

_GAP = 2  # spaces between columns, and before what stands below a row
_READABLE = 24  # characters under which a column of words is of no use
# What a terminal would obey: control characters, and those that turn the direction of writing.
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)))


def clean(text: str) -> str:
    """Give a stranger's text without anything a terminal would obey."""
    return text.translate(_CONTROL)


def blank(text: str) -> str:
    """Give it with a space in place of each of those, so that places in the text stay what they are."""
    return text.translate(dict.fromkeys(_CONTROL, " "))


class Fit(Enum):
    """What may happen to a cell on a terminal that is too narrow: nothing, an ellipsis, more lines.

    BELOW stands below its row on every terminal: what is long by nature.
    """

    WHOLE = auto()
    CUT = auto()
    WRAP = auto()
    BELOW = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and how it gives way."""

    name: str
    fit: Fit = Fit.WHOLE
    right: bool = False


class Rows:
    """A table on its way to the reader; every cell is cleaned of what a terminal would obey."""

    def __init__(self, *columns: Column) -> None:
        """Take the columns."""
        self._columns = columns
        self._rows: list[list[Text]] = []

    def add(self, *cells: str | tuple[str, str]) -> None:
        """Add a row: a cell is its text, or its text and its style."""
        pairs = [(cell, "") if isinstance(cell, str) else cell for cell in cells]
        self._rows.append([Text(clean(text), style=style) for text, style in pairs])

    def print(self, console: Console) -> None:
        """Print: one line a row where it is no terminal; below each other where a terminal is narrow."""
        everything = range(len(self._columns))
        if not console.is_terminal:
            self._print_lines(console, everything, self._widths())
        elif self._fits(console.width):
            console.print(self._wide())
        else:
            self._print_narrow(console)

    def _widths(self) -> list[int]:
        texts = (
            [Text(column.name), *cells] for column, cells in zip(self._columns, self._cells(), strict=True)
        )
        return [max(text.cell_len for text in column) for column in texts]

    def _cells(self) -> list[list[Text]]:
        return [[row[number] for row in self._rows] for number in range(len(self._columns))]

    def _fits(self, width: int) -> bool:
        if any(column.fit is Fit.BELOW for column in self._columns):
            return False
        pairs = zip(self._columns, self._widths(), strict=True)
        least = (size if column.fit is Fit.WHOLE else min(size, _READABLE) for column, size in pairs)
        return sum(least) + _GAP * (len(self._columns) - 1) <= width

    def _wide(self) -> Table:
        made = Table(box=None, header_style="dim", pad_edge=False, padding=(0, _GAP, 0, 0))
        for column, size in zip(self._columns, self._widths(), strict=True):
            is_whole = column.fit is Fit.WHOLE
            least = size if is_whole else min(size, _READABLE)
            made.add_column(
                column.name,
                justify="right" if column.right else "left",
                no_wrap=is_whole,
                min_width=least,
                overflow="fold",
            )
        for row in self._rows:
            made.add_row(*map(_cut, self._columns, row))
        return made

    def _print_narrow(self, console: Console) -> None:
        """Print what must stay whole in one line, after the first column; the words below it."""
        inline = [n for n, column in enumerate(self._columns) if not n or column.fit is Fit.WHOLE]
        below = [n for n in range(len(self._columns)) if n not in inline]
        widths = self._widths()
        if self._columns[0].fit is not Fit.WHOLE:
            others = sum(widths[n] + _GAP for n in inline[1:])
            widths[0] = max(1, min(widths[0], console.width - others))
        self._print_lines(console, inline, widths, below)

    def _print_lines(
        self, console: Console, inline: Sequence[int], widths: Sequence[int], below: Sequence[int] = ()
    ) -> None:
        head = [Text(column.name, style="dim") for column in self._columns]
        console.print(self._line(head, inline, widths), soft_wrap=True)
        for row in self._rows:
            console.print(self._line(row, inline, widths), soft_wrap=True)
            for number in below:
                if row[number].plain:
                    console.print(Padding(_cut(self._columns[number], row[number]), (0, 0, 0, _GAP)))

    def _line(self, row: Sequence[Text], inline: Sequence[int], widths: Sequence[int]) -> Text:
        line = Text()
        for number in inline:
            cell, column = row[number].copy(), self._columns[number]
            cell.truncate(widths[number], overflow="ellipsis")
            space = " " * (widths[number] - cell.cell_len)
            line.append_text(Text.assemble(space, cell) if column.right else Text.assemble(cell, space))
            line.append(" " * _GAP)
        line.rstrip()
        return line


def _cut(column: Column, cell: Text) -> Text:
    """Let a cell of a column that is cut end in an ellipsis where it does not fit."""
    if column.fit is Fit.CUT:
        cell = cell.copy()
        cell.no_wrap, cell.overflow = True, "ellipsis"
    return cell

"""A query of another service in our language, with what cannot be carried over: `avizor import-query`.

The translation, or the watchlist file, goes to standard output; notes and refusals to standard error.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from service.cli import show
from service.cli.tables import clean
from service.dialects import NAMES
from service.errors import sentences
from service.watchlists import draft_watchlist

if TYPE_CHECKING:
    from service.dialects import Remark, Translation

_BEFORE, _SHOWN = 30, 80
_ONE_LINE = str.maketrans("\n\r\t", "   ")


def print_translation(found: Translation, watchlist_id: str, *, as_json: bool) -> None:
    """Print the expression, or the watchlist file of that id, and every remark with its place."""
    draft = _draft(found, watchlist_id) if watchlist_id and not found.refusals else ""
    if as_json:
        show.print_json(asdict(found) | {"watchlist": draft})
        return
    if found.expression:
        show.out.print(Text(draft.removesuffix("\n") or found.expression), soft_wrap=True)
    for remark in found.notes:
        _print(remark, found.query, ("note", "bold yellow"))
    for remark in found.refusals:
        _print(remark, found.query, ("no equivalent", "bold red"))


def _draft(found: Translation, watchlist_id: str) -> str:
    said = [f"Note: {sentences(note.message, note.mend)}" for note in found.notes]
    origin = f"From {NAMES[found.origin]}: {found.query}"
    return draft_watchlist(watchlist_id, found.items, [origin, *said])


def _print(remark: Remark, query: str, label: tuple[str, str]) -> None:
    """Print a remark, and under it the query around its place with a caret under each character."""
    first = 0 if len(query) <= _SHOWN else max(0, remark.start - _BEFORE)
    line = clean(query[first : first + _SHOWN].translate(_ONE_LINE))
    lead, marked = line[: remark.start - first], line[remark.start - first : remark.end - first]
    cut = "…" if first else ""
    carets = " " * cell_len(cut + lead) + "^" * max(1, cell_len(marked))
    said = clean(sentences(remark.message, remark.mend))
    show.err.print(Text.assemble("\n", label, " ", said), soft_wrap=True)
    show.err.print(Text.assemble("  ", cut, line, "\n  ", (carets, label[1])), soft_wrap=True)

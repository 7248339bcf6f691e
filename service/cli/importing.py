"""Queries of other services on the command line: `avizor import-query`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.cli import show
from service.dialects import DIALECTS, Remark, translate
from service.errors import ExpressionError
from service.match import is_positive, parse_expression

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILE = """\
title: {title}
# Translated from {service}: {query}
match:
  any:
    - {expression}
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """A translation, read back as a watchlist would read it; `expression` is empty if it was refused."""

    service: str
    query: str
    expression: str
    notes: tuple[Remark, ...]
    refusals: tuple[Remark, ...]


def import_one(query: str, service: str, *, watchlist_id: str, as_json: bool) -> bool:
    """Print what a query comes to, and tell whether all of it has an equivalent."""
    imported = read_back(query.strip(), service)
    if as_json:
        show.print_json(imported)
    elif imported.expression:
        show.print_line(_file(imported, watchlist_id) if watchlist_id else imported.expression)
    if not as_json:
        _print_remarks("note", imported.query, imported.notes)
        _print_remarks("no equivalent", imported.query, imported.refusals)
    return bool(imported.expression)


def read_back(query: str, service: str) -> Imported:
    """Translate a query and read the translation as a watchlist would; what is refused there is told here."""
    found = translate(DIALECTS[service], query)
    refusals = found.refusals
    if found.expression:
        refusals = _refusals(found.expression, len(query))
    expression = "" if refusals else found.expression
    return Imported(service, query, expression, found.notes, refusals)


def _refusals(expression: str, length: int) -> tuple[Remark, ...]:
    try:
        tree = parse_expression(expression)
    except ExpressionError as fault:
        return (Remark(0, length, f"{fault.message} {fault.mend}"),)
    if not is_positive(tree):
        message = f"{expression}: this only says what must not be there. Add a word that must."
        return (Remark(0, length, message),)
    return ()


def _file(imported: Imported, watchlist_id: str) -> str:
    quoted = "'" + imported.expression.replace("'", "''") + "'"
    title = watchlist_id.replace("-", " ").capitalize()
    query = " ".join(imported.query.split())
    return _FILE.format(title=title, service=imported.service, query=query, expression=quoted).rstrip()


def _print_remarks(name: str, query: str, remarks: Sequence[Remark]) -> None:
    """Print each remark under the place it is about."""
    one_line = " ".join(query.split()) == query
    for remark in remarks:
        if one_line and (remark.start, remark.end) != (0, len(query)):
            show.print_error_line(f"  {query}")
            show.print_error_line(f"  {' ' * remark.start}{'^' * (remark.end - remark.start)}")
        show.print_error_line(f"{name}: {remark.message}")

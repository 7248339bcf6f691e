"""Writes a tree of our language as text that reads back as the same tree.

A phrase stands in quotes only where it would otherwise be read, or noted, as something else: the
language's own lexer and notes are asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.errors import ExpressionError
from service.match import find_notes
from service.match.lexer import TokenKind, tokens
from service.match.tree import And, AtLeast, Fact, InField, Near, Not, NotNear, Or, Term

if TYPE_CHECKING:
    from service.match import Expression

_OR, _AND, _NEAR, _TIGHT = 1, 2, 3, 4


def write(part: Expression) -> str:
    """Write an expression. Terms carry their words as `text`."""
    return _write(part)[0]


def _write(part: Expression) -> tuple[str, int]:
    """Give the text and how tight its loosest operator binds."""
    match part:
        case Or():
            return " OR ".join(_within(inner, _NEAR) for inner in part.parts), _OR
        case And():
            return " AND ".join(_within(inner, _NEAR) for inner in part.parts), _AND
        case Near():
            operator = f"{'O' * part.ordered}NEAR/{part.distance}"
            return f"{_within(part.left, _TIGHT)} {operator} {_within(part.right, _TIGHT)}", _NEAR
        case NotNear():
            operator = f"NOT NEAR/{part.distance}"
            return f"{_within(part.left, _TIGHT)} {operator} {_within(part.right, _TIGHT)}", _NEAR
        case _:
            return _operand(part), _TIGHT


def _operand(part: Term | Not | AtLeast | InField | Fact) -> str:
    match part:
        case Not():
            return f"NOT {_within(part.part, _TIGHT)}"
        case AtLeast():
            return f"ATLEAST/{part.count} {_within(part.part, _TIGHT)}"
        case InField():
            return f"{part.where}:{_held(part.part)}"
        case Fact():
            return f"{part.kind}:{part.value}"
        case _:
            return _term(part)


def _within(part: Expression, least: int) -> str:
    text, strength = _write(part)
    return text if strength >= least else f"({text})"


def _held(part: Expression) -> str:
    """Write what a field holds: one word as it is, everything else in brackets."""
    text = write(part)
    return text if isinstance(part, Term) and " " not in text else f"({text})"


def _term(term: Term) -> str:
    spelling = "".join(f"{name}:" for name in sorted(term.spelling))
    if _is_plain(term.text) and not (spelling and " " in term.text):
        return f"{spelling}{term.text}"
    return f'{spelling}"{term.text}"'


def _is_plain(text: str) -> bool:
    """Tell whether words mean themselves without quotes."""
    try:
        found = tokens(text)
    except ExpressionError:
        return False
    return all(token.kind is TokenKind.WORDS for token in found[:-1]) and not find_notes(text)

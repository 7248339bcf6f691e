"""Which expressions have a place in a text, as NEAR and ATLEAST need, and in which fields it can lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import TextField
from service.match.lexer import TokenKind
from service.match.tree import And, AtLeast, InField, Near, Not, NotNear, Or, Term

if TYPE_CHECKING:
    from service.match.lexer import Token
    from service.match.tree import Expression

EVERYWHERE = frozenset(TextField)


def is_place(part: Expression) -> bool:
    """Tell whether an expression is something with a place in a text, as NEAR needs."""
    match part:
        case Term():
            return True
        case Near():
            return True
        case Or():
            return all(is_place(inner) for inner in part.parts)
        case InField():
            return is_place(part.part)
        case _:
            return False


def find_nowhere(part: Expression, fields: frozenset[TextField] = EVERYWHERE) -> Expression | None:
    """Give a part that no text can have, because its words are asked for in different fields; or None."""
    match part:
        case InField():
            inner = fields & {part.where}
            return find_nowhere(part.part, inner) if inner else part
        case Near() | NotNear():
            shared = _fields_of(part.left) & _fields_of(part.right)
            return part if isinstance(part, Near) and not fields & shared else None
        case And() | Or():
            return next((found for inner in part.parts if (found := find_nowhere(inner, fields))), None)
        case Not() | AtLeast():
            return find_nowhere(part.part, fields)
        case _:
            return None


def _fields_of(part: Expression) -> frozenset[TextField]:
    """Give the fields in which something with a place can stand."""
    match part:
        case InField():
            return _fields_of(part.part) & {part.where}
        case Or():
            return frozenset().union(*(_fields_of(inner) for inner in part.parts))
        case Near():
            return _fields_of(part.left) & _fields_of(part.right)
        case _:
            return EVERYWHERE


def mend_of_place(part: Expression, operator: Token) -> str:
    """Say what to write instead of a part that has no place, beside NEAR or after ATLEAST."""
    if operator.kind is TokenKind.ATLEAST:
        return (
            f"It counts words, phrases, brackets with OR inside, and NEARs: write {operator.value} A AND B."
        )
    if isinstance(part, Not):
        free = f"A NOT NEAR/{operator.number} B"
        return f"NOT binds first: write NOT (A {operator.value} B), or {free} for an A with no B near it."
    return (
        f"Its sides can be words, phrases, brackets with OR inside, and other NEARs: "
        f"write (A {operator.value} B) AND C."
    )

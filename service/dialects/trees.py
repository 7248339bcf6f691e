"""Builds the trees of our language out of the parts of a foreign query.

Every builder gives what means the same here, or raises NoEquivalent. What the tree of a NEAR can
hold is our language's own rule, asked of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from service.dialects.remarks import NoEquivalent
from service.domain import TextField
from service.errors import ExpressionError
from service.match.facts import build_fact
from service.match.places import is_place
from service.match.tree import And, AtLeast, InField, Near, Not, NotNear, Or, Term, WordKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.dialects.grammar import Token
    from service.dialects.remarks import Remarks
    from service.match import Expression

LARGEST = 9999
FORMS_MEND = "For a common word write forms: before it, as in forms:elección; never for a name."
_CHAIN = "In a chain of NEARs here, the third part stands before or after the first two, not between."
_CHAIN_MEND = "If between counts too, write (A NEAR/5 B) AND (C NEAR/5 (A OR B))."


def all_of(left: Expression, right: Expression, _token: Token, _remarks: Remarks) -> Expression:
    """Give both; a chain is one AND."""
    return And((*_parts(left, And), *_parts(right, And)))


def any_of(left: Expression, right: Expression, _token: Token, _remarks: Remarks) -> Expression:
    """Give either; a chain is one OR."""
    return Or((*_parts(left, Or), *_parts(right, Or)))


def _parts(part: Expression, kind: type[And | Or]) -> tuple[Expression, ...]:
    return part.parts if isinstance(part, kind) else (part,)


def denied(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
    """Give the contrary; a double one is none."""
    return part.part if isinstance(part, Not) else Not(part)


def all_but(left: Expression, right: Expression, token: Token, remarks: Remarks) -> Expression:
    """Give the left without the right."""
    return all_of(left, denied(right, token, remarks), token, remarks)


def near(distance: int, *, ordered: bool = False) -> Callable[..., Expression]:
    """Give the builder of a NEAR at this distance in word positions."""

    def build(left: Expression, right: Expression, token: Token, remarks: Remarks) -> Expression:
        _check(distance, left, right)
        if isinstance(left, Near) or isinstance(right, Near):
            remarks.note(token.start, token.end, _CHAIN, _CHAIN_MEND)
        return Near(left, right, distance, ordered)

    return build


def not_near(distance: int) -> Callable[..., Expression]:
    """Give the builder of a part that stands somewhere without the other near it."""

    def build(left: Expression, right: Expression, _token: Token, _remarks: Remarks) -> Expression:
        _check(distance, left, right)
        return NotNear(left, right, distance)

    return build


def _check(distance: int, *sides: Expression) -> None:
    if not 1 <= distance <= LARGEST:
        raise NoEquivalent(f"A distance here is 1 to {LARGEST} word positions.", "Write one within that.")
    if not all(is_place(side) for side in sides):
        message = "One side of it is not words, phrases or an OR of them, and NEAR here holds nothing else."
        raise NoEquivalent(message, "Nearest here: (A NEAR/5 B) AND (A NEAR/5 C), and NOT outside of it.")


def at_least(count: int) -> Callable[..., Expression]:
    """Give the builder of a part that stands so often."""

    def build(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
        if not 1 <= count <= LARGEST:
            raise NoEquivalent(f"A count here is 1 to {LARGEST}.", "Write a count within that.")
        if not is_place(part):
            message = "ATLEAST here counts words, phrases, an OR of them, or NEARs."
            raise NoEquivalent(message, "Nearest here: ATLEAST/3 A AND ATLEAST/3 B.")
        return AtLeast(count, part)

    return build


def in_title(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
    """Give the part within the headline."""
    return InField(TextField.TITLE, part)


def in_text(part: Expression, _token: Token, _remarks: Remarks) -> Expression:
    """Give the part within the summary or body."""
    return InField(TextField.TEXT, part)


def in_language(code_of: Callable[[str], str]) -> Callable[..., Expression]:
    """Give the builder of `lang:` out of words; `code_of` gives our code, or nothing."""

    def fact(term: Term) -> Expression:
        code = code_of(term.text.casefold())
        try:
            return build_fact(f"lang:{code or term.text}", 0)
        except ExpressionError as error:
            raise NoEquivalent(error.message, "Write a two-letter code, such as lang:es.") from None

    def build(part: Expression, token: Token, remarks: Remarks) -> Expression:
        built = with_terms(part, fact)
        message = "lang: goes by the language that the feed, or its entry, names."
        remarks.note(token.start, token.end, message)
        return built

    return build


def with_terms(part: Expression, change: Callable[[Term], Expression]) -> Expression:
    """Give AND, OR and NOT of terms with each term changed."""
    match part:
        case Term():
            return change(part)
        case And() | Or():
            return dataclasses.replace(part, parts=tuple(with_terms(inner, change) for inner in part.parts))
        case Not():
            return Not(with_terms(part.part, change))
        case _:
            message = "It can hold words, phrases, AND, OR and NOT here."
            raise NoEquivalent(message, "Write it before each word.")


def has_signs(term: Term) -> bool:
    """Tell whether a `*` or `?` stands in a term."""
    return any(word.kind is not WordKind.WHOLE for word in term.words)

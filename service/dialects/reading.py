"""Reads a query of any of the services: one Pratt parser, told by a dialect how operators bind.

What a token is differs from service to service, and is the business of their modules. A query that has
no single meaning, or a part without equivalent, is refused with its place; the rest is still read, so
that one reading names everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.dialects.query import Close, Every, Fact, Prefixed, Remarks, Some, Translation, Without, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.dialects.query import Node


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    PHRASE = "phrase"
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    AND_NOT = "AND NOT"
    NEAR = "NEAR"
    PREFIX = "prefix"
    FACT = "fact"
    LOST = "lost"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its place. `text` is what it comes to here; `number` the distance of a NEAR, in positions.

    LOST stands for something without equivalent, already refused, in the place of a word.
    """

    kind: Kind
    text: str
    start: int
    end: int
    number: int = 0


class Side(StrEnum):
    """What two operands without an operator between them mean."""

    PHRASE = "phrase"
    AND = "and"


@dataclass(frozen=True, slots=True)
class Dialect:
    """A service: how its text is cut into tokens, how its operators bind, what stands for no operator.

    `binding` gives a number for AND, OR, NOT, AND NOT and NEAR: the higher, the tighter.
    """

    name: str
    cut: Callable[[str, Remarks], list[Token]]
    binding: Mapping[Kind, float]
    side_by_side: Side
    smallest_near_first: bool = False


_OPERANDS = frozenset({Kind.WORD, Kind.PHRASE, Kind.OPEN, Kind.PREFIX, Kind.FACT, Kind.LOST})
_DEEPEST = 60


def translate(dialect: Dialect, text: str) -> Translation:
    """Read a query, and give what it comes to here."""
    remarks = Remarks()
    tokens = dialect.cut(text, remarks)
    node = _Reader(dialect, tokens, remarks).read()
    refusals = tuple(sorted(remarks.refusals, key=lambda one: one.start))
    expression = "" if refusals or node is None else node.write()[0]
    return Translation(expression, tuple(remarks.notes), refusals)


class _Stop(Exception):
    """The query cannot be read any further."""


class _Reader:
    def __init__(self, dialect: Dialect, tokens: list[Token], remarks: Remarks) -> None:
        end = tokens[-1].end if tokens else 0
        self._tokens = [*tokens, Token(Kind.END, "", end, end)]
        self._dialect = dialect
        self._remarks = remarks
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def read(self) -> Node | None:
        """Give the tree; None where the query cannot be read, which is then said."""
        try:
            if self._next.kind is Kind.END:
                self._stop(self._next, "The query is empty.")
            node = self._expression(0)
            if self._next.kind is not Kind.END:
                self._stop(self._next, "This bracket closes nothing.")
        except _Stop:
            return None
        return node

    def _stop(self, token: Token, message: str) -> None:
        self._remarks.refuse(token.start, max(token.end, token.start + 1), message)
        raise _Stop

    # ------------------------------------------------------------------------------------ operators

    def _expression(self, loosest: float) -> Node:
        left = self._operand()
        while (binding := self._binding()) > loosest:
            left = self._joined(left, binding)
        return left

    def _binding(self) -> float:
        token, binding = self._next, self._dialect.binding
        if self._is_beside(token):
            is_phrase = self._dialect.side_by_side is Side.PHRASE
            return binding[Kind.NEAR] + 0.9 if is_phrase else binding[Kind.AND]
        if token.kind is Kind.NEAR and self._dialect.smallest_near_first:
            return binding[Kind.NEAR] + 0.8 / token.number
        return binding.get(token.kind, 0)

    def _is_beside(self, token: Token) -> bool:
        """Tell whether an operand stands here without an operator; `-x` is one, where that excludes."""
        is_excluded = token.kind is Kind.NOT and self._dialect.side_by_side is Side.AND
        return token.kind in _OPERANDS or is_excluded

    def _joined(self, left: Node, binding: float) -> Node:
        token = self._next
        if self._is_beside(token):
            right = self._expression(binding)
            if self._dialect.side_by_side is Side.AND:
                return Every((left, right))
            return Close(left, right, "ONEAR", 1)
        self._take()
        right = self._expression(binding)
        match token.kind:
            case Kind.AND:
                return Every((left, right))
            case Kind.OR:
                return Some((left, right))
            case Kind.NEAR:
                return Close(left, right, token.text, token.number)
            case _:  # NOT between two parts, AND NOT
                return Every((left, Without(right)))

    # ------------------------------------------------------------------------------------- operands

    def _operand(self) -> Node:
        token = self._take()
        self._depth += 1
        if self._depth > _DEEPEST:
            self._stop(token, f"The query is more than {_DEEPEST} levels deep.")
        node = self._operand_of(token)
        self._depth -= 1
        return node

    def _operand_of(self, token: Token) -> Node:
        match token.kind:
            case Kind.WORD:
                return self._words(token)
            case Kind.PHRASE | Kind.LOST:
                return Words(token.text)
            case Kind.FACT:
                return Fact(token.text)
            case Kind.PREFIX:
                return Prefixed(token.text, self._operand())
            case Kind.NOT | Kind.AND_NOT:
                return Without(self._expression(self._dialect.binding[Kind.NOT]))
            case Kind.OPEN:
                return self._bracket(token)
        what = "at the end" if token.kind is Kind.END else f"before {token.text or token.kind}"
        self._stop(token, f"A word is missing {what}.")
        raise AssertionError  # pragma: no cover -- the line before does not return

    def _words(self, token: Token) -> Node:
        """Read words side by side, where that makes a phrase."""
        words = [token.text]
        while self._dialect.side_by_side is Side.PHRASE and self._next.kind is Kind.WORD:
            words.append(self._take().text)
        return Words(" ".join(words))

    def _bracket(self, opening: Token) -> Node:
        if self._next.kind is Kind.END:
            self._stop(opening, "This bracket is never closed.")
        node = self._expression(0)
        if self._take().kind is not Kind.CLOSE:
            self._stop(opening, "This bracket is never closed.")
        return node

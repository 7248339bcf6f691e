"""Reads an expression into a tree: a Pratt parser, one method for each place of the grammar.

    expression = operand, or expressions joined by NEAR/n (binds first), AND, OR (binds last)
    operand    = NOT operand | ATLEAST/n operand | prefix operand | ( expression ) | $name | phrase

Words side by side are a phrase. Whatever has no single meaning is refused with its offset and the
mend. Does not judge whether a whole rule is sensible: that is `check`.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

from service.domain import TextField
from service.errors import ExpressionError
from service.match.facts import build_fact
from service.match.lexer import FORMS, Token, TokenKind, plain, tokens
from service.match.places import is_place, mend_of_place
from service.match.prefixes import inflected, respelled
from service.match.terms import read_words
from service.match.tree import And, AtLeast, InField, Near, Not, NotNear, Or, Spelling, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.match.tree import Expression

_OR, _AND, _NEAR, _TIGHTEST = 1, 2, 3, 4
_BINDING = {
    TokenKind.OR: _OR,
    TokenKind.AND: _AND,
    TokenKind.NEAR: _NEAR,
    TokenKind.ONEAR: _NEAR,
}
_STRETCH = frozenset({TokenKind.WORDS, TokenKind.QUOTED})
_BEGINS_OPERAND = frozenset(
    {*_STRETCH, TokenKind.OPEN, TokenKind.PREFIX, TokenKind.FACT, TokenKind.NAMED, TokenKind.ATLEAST}
)
_IN_CAPITALS = {"and": "AND", "or": "OR", "not": "AND NOT", "near": "NEAR/10"}
_IN_CAPITALS |= {"y": "AND", "e": "AND", "o": "OR", "ou": "OR"}
_DEEPEST = 40
_OPERATOR_WORD = 'Write a word or phrase there. If {0} is meant as a word, put it in quotes: "{0}".'


FORMS_LANGUAGES = ("es", "en", "pt")
"""The languages of `forms:` where a watchlist names none."""


def parse_expression(
    text: str, terms: Mapping[str, Expression] | None = None, languages: Iterable[str] = ()
) -> Expression:
    """Read an expression; `terms` are the named building blocks that `$name` may stand for.

    `languages` are those whose inflections `forms:` knows; without any, Spanish, English and Portuguese.

    Raises:
        ExpressionError: it cannot be read. The message begins with the expression; `offset` counts
            characters from 0, `mend` says what to write instead.
    """
    try:
        return _Parser(text, terms or {}, tuple(languages) or FORMS_LANGUAGES).parse()
    except ExpressionError as error:
        message = f"{text.strip()}: {error.message}" if text.strip() else error.message
        raise ExpressionError(message, offset=error.offset, mend=error.mend) from None


class _Parser:
    """Holds the tokens and how far they are read."""

    def __init__(self, text: str, terms: Mapping[str, Expression], languages: tuple[str, ...]) -> None:
        self.text = text
        self.languages = languages
        self.plain = plain(text)
        self.terms = terms
        self.tokens = tokens(self.plain)
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def slice_from(self, start: int) -> str:
        """Give the text from an offset to the end of the last token taken."""
        return self.text[start : self.tokens[self.at - 1].end]

    def parse(self) -> Expression:
        if self.next.kind is TokenKind.END:
            raise _fault("The expression is empty.", self.next, "Write at least one word.")
        tree = self.expression(0)
        if self.next.kind is TokenKind.CLOSE:
            raise _closes_nothing(self.next)
        return tree

    # ------------------------------------------------------------------------------------ operators

    def expression(self, loosest: int) -> Expression:
        """Read operands joined by operators that bind tighter than `loosest`."""
        start, depth = self.next.start, self.depth
        left = self.operand()
        while self.binding() > loosest:
            left = self.joined(left, start)
        self.depth = depth  # a chain of NEARs ends here
        return left

    def binding(self) -> int:
        """Give how tight the next operator binds; 0 where the expression ends."""
        kind = self.next.kind
        if kind is TokenKind.NOT:
            return self.binding_of_not()
        if kind in _BEGINS_OPERAND:
            raise self.no_operator()
        return _BINDING.get(kind, 0)

    def binding_of_not(self) -> int:
        """Read NOT between operands: NOT NEAR/n is an operator, NOT alone lacks its AND."""
        after = self.tokens[self.at + 1]
        if after.kind is TokenKind.NEAR:
            return _NEAR
        if after.kind is TokenKind.ONEAR:
            raise _fault("NOT ONEAR is no operator.", self.next, f"Write NOT NEAR/{after.number}.")
        raise _fault("NOT stands between two parts without AND.", self.next, "Write AND NOT.")

    def joined(self, left: Expression, start: int) -> Expression:
        """Read the operator and what stands on its right."""
        operator = self.take()
        if operator.kind is TokenKind.AND:
            return And(self.chain(left, operator), text=self.slice_from(start))
        if operator.kind is TokenKind.OR:
            return Or(self.chain(left, operator), text=self.slice_from(start))
        return self.near(left, operator, start)

    def chain(self, left: Expression, operator: Token) -> tuple[Expression, ...]:
        """Read the other parts of A AND B AND C."""
        parts = [left, self.expression(_BINDING[operator.kind])]
        while self.next.kind is operator.kind:
            self.take()
            parts.append(self.expression(_BINDING[operator.kind]))
        return tuple(parts)

    def near(self, left: Expression, operator: Token, start: int) -> Expression:
        """Read the right side of NEAR, ONEAR or NOT NEAR and check both."""
        self.descend(operator)  # a chain of NEARs is a deep tree, too
        is_free = operator.kind is TokenKind.NOT
        if is_free:
            operator = self.take()
        right = self.expression(_NEAR)
        for side in (left, right):
            self.check_span(side, operator)
        text = self.slice_from(start)
        if is_free:
            return NotNear(left, right, operator.number, text=text)
        return Near(left, right, operator.number, operator.kind is TokenKind.ONEAR, text=text)

    def check_span(self, part: Expression, operator: Token) -> None:
        """Refuse operands that are no place in a text, such as `A AND B`."""
        if is_place(part):
            return
        raise _fault(f"{operator.kind} cannot hold {part.text}.", operator, mend_of_place(part, operator))

    def no_operator(self) -> ExpressionError:
        """Say that two operands stand side by side, which only words may."""
        before = self.tokens[self.at - 1]
        for small in (before, self.next):
            if small.kind is TokenKind.WORDS and small.value.lower() in _IN_CAPITALS:
                message = f'"{small.value}" is read as a word, not as an operator.'
                return _fault(message, small, f"Write {_IN_CAPITALS[small.value.lower()]} in capitals.")
        message = f"There is no operator between {before.value} and {self.text[self.next.start :][:20]}."
        mend = 'Write AND, OR or NEAR/10 between them; a phrase stands in one pair of "quotes".'
        return _fault(message, self.next, mend)

    # ------------------------------------------------------------------------------------- operands

    def operand(self) -> Expression:
        """Read what an operator can stand before or after."""
        token = self.next
        if token.kind in _STRETCH:
            return self.phrase()
        self.take()
        self.descend(token)
        tree = self.operand_of(token)
        self.depth -= 1
        return tree

    def operand_of(self, token: Token) -> Expression:
        """Read the operand that this token, already taken, begins."""
        match token.kind:
            case TokenKind.OPEN:
                return self.bracket(token)
            case TokenKind.NOT:
                return self.negation(token)
            case TokenKind.ATLEAST:
                return self.at_least(token)
            case TokenKind.PREFIX:
                return self.prefixed(token)
            case TokenKind.NAMED:
                return self.named(token)
            case TokenKind.FACT:
                return build_fact(token.value, token.start)
            case _:
                raise self.no_operand(token)

    def descend(self, token: Token) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            mend = "Split it into several items, or name its parts under terms:."
            raise _fault(f"The expression is more than {_DEEPEST} levels deep.", token, mend)

    def phrase(self) -> Term:
        """Read words and quotes side by side as one phrase."""
        start = self.next.start
        while self.next.kind in _STRETCH:
            self.take()
        patterns = read_words(self.plain[start : self.tokens[self.at - 1].end], start)
        return Term(patterns, text=self.slice_from(start))

    def bracket(self, opening: Token) -> Expression:
        if self.next.kind is TokenKind.CLOSE:
            raise _fault("The brackets are empty.", opening, "Write something in them, or remove them.")
        unclosed = _fault("This bracket is never closed.", opening, "Add the closing bracket.")
        if self.next.kind is TokenKind.END:
            raise unclosed
        inner = self.expression(0)
        if self.take().kind is TokenKind.END:
            raise unclosed
        if isinstance(inner, Term):
            return inner  # evidence shows a term without brackets
        return dataclasses.replace(inner, text=self.slice_from(opening.start))

    def negation(self, token: Token) -> Expression:
        part = self.operand()
        if isinstance(part, Not):
            return part.part  # keeps the evidence of what is denied twice
        return Not(part, text=self.slice_from(token.start))

    def at_least(self, token: Token) -> Expression:
        part = self.operand()
        self.check_span(part, token)
        return AtLeast(token.number, part, text=self.slice_from(token.start))

    def prefixed(self, token: Token) -> Expression:
        """Read `title:` and its kin, which hold for the word, phrase or bracket that follows."""
        if self.next.kind is TokenKind.NOT:
            mend = f"Write NOT {token.value}:word, or {token.value}:(A AND NOT B)."
            raise _fault(f"{token.value}: stands before NOT.", token, mend)
        part = self.operand()
        text = self.slice_from(token.start)
        if token.value in tuple(TextField):
            return InField(TextField(token.value), part, text=text)
        try:
            if token.value == FORMS:
                return dataclasses.replace(inflected(part, self.languages), text=text)
            return dataclasses.replace(respelled(part, Spelling(token.value)), text=text)
        except ExpressionError as error:
            raise _fault(error.message, token, error.mend) from None

    def named(self, token: Token) -> Expression:
        """Put a named building block in its place."""
        if token.value in self.terms:
            return self.terms[token.value]
        near = difflib.get_close_matches(token.value, self.terms, n=1)
        known = ", ".join(f"${name}" for name in sorted(self.terms)) or "none yet"
        mend = f"Did you mean ${near[0]}?" if near else f"Define it under terms:. Known: {known}."
        raise _fault(f"${token.value} is not defined.", token, mend)

    def no_operand(self, token: Token) -> ExpressionError:
        """Say what is missing where a part was expected and an operator or the end stands."""
        before = self.tokens[self.at - 2] if self.at > 1 else None
        if before is None and token.kind is TokenKind.CLOSE:
            return _closes_nothing(token)
        if before is None or before.kind is TokenKind.OPEN:
            return _fault(f"Nothing stands before {token.value}.", token, _OPERATOR_WORD.format(token.value))
        return _fault(f"Nothing stands after {before.value}.", before, _OPERATOR_WORD.format(before.value))


def _fault(message: str, token: Token, mend: str) -> ExpressionError:
    return ExpressionError(message, offset=token.start, mend=mend)


def _closes_nothing(token: Token) -> ExpressionError:
    return _fault("This bracket closes nothing.", token, "Remove it, or add the opening one.")

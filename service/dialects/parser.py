"""Reads a foreign query into a tree of our language: one Pratt parser for all services.

Goes on after what has no equivalent, so that everything refused is told at once; such a part is
None, and so is all that holds it. Ends where the query cannot be read at all.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from service.dialects.grammar import Infix, Kind, Lost
from service.dialects.remarks import NoEquivalent, Unreadable
from service.dialects.words import note_words
from service.errors import ExpressionError
from service.match.terms import read_words
from service.match.tree import Near, Term

if TYPE_CHECKING:
    from service.dialects.grammar import Grammar, Prefix, Token
    from service.dialects.remarks import Remarks
    from service.match import Expression

DEEPEST = 40
_ORS = frozenset({"or", "|"})
_STRETCH = (Kind.WORD, Kind.QUOTED)
_NO_MORE = Infix(-1, Lost("", ""))
_OR_FIRST = "OR was read before the operators beside it, as the service does; here the brackets say so."
_OR_FIRST_MEND = "Compare the brackets with what you meant."


class Parser:
    """Holds the tokens and how far they are read."""

    def __init__(self, grammar: Grammar, tokens: list[Token], remarks: Remarks) -> None:
        """Take the tokens of one query; what is to be said goes into `remarks`."""
        self.grammar = grammar
        self.tokens = tokens
        self.remarks = remarks
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.at]

    def comes(self, kind: Kind) -> bool:
        """Tell whether a token of this kind comes next."""
        return self.next.kind is kind

    def read(self) -> Expression | None:
        """Read the whole query; None where something in it has no equivalent.

        Raises:
            Unreadable: a bracket, a part or a quotation mark is missing, or it nests too deep.
        """
        if self.comes(Kind.END):
            raise _fault("The query is empty.", "Write at least one word.", self.next)
        tree = self.level()
        if not self.comes(Kind.END):
            raise _fault("This bracket closes nothing.", "Remove it, or add the opening one.", self.next)
        return tree

    def level(self) -> Expression | None:
        """Read what stands between two brackets, or the whole; tell if an OR was drawn together first."""
        first = self.at
        tree = self.expression(0)
        if self.grammar.or_first:
            self.note_or(self.tokens[first : self.at])
        return tree

    def note_or(self, tokens: list[Token]) -> None:
        """Note an OR that stands beside looser operators, outside of brackets."""
        outer = _outer(tokens)
        powers = {token.infix.power for token in outer if token.infix is not None}
        ors = [token for token in outer if token.infix is not None and token.text.lower() in _ORS]
        if ors and (len(powers) > 1 or self.has_implied(outer)):
            self.remarks.note(ors[0].start, ors[0].end, _OR_FIRST, _OR_FIRST_MEND)

    def has_implied(self, tokens: list[Token]) -> bool:
        """Tell whether two parts stand side by side that are not one phrase."""
        if self.grammar.is_phrase:
            return False
        ends = (*_STRETCH, Kind.CLOSE)
        return any(a.kind in ends and b.begins_operand for a, b in pairwise(tokens))

    # ------------------------------------------------------------------------------------ operators

    def expression(self, loosest: float) -> Expression | None:
        """Read parts joined by operators that bind tighter than `loosest`."""
        self.depth += 1
        if self.depth > DEEPEST:
            message = f"The query is more than {DEEPEST} levels deep."
            raise _fault(message, "Split it into several queries.", self.next)
        left, nears = self.operand(), 0
        while self.rule().power > loosest:
            left = self.joined(left, self.rule())
            nears = nears + 1 if isinstance(left, Near) else 0
            if nears > DEEPEST:
                raise _fault(f"More than {DEEPEST} NEARs in one chain.", "Split it.", self.next)
        self.depth -= 1
        return left

    def rule(self) -> Infix:
        """Give the operator that comes next, written or implied."""
        token = self.next
        if token.infix is not None:
            return token.infix
        return self.grammar.implied if token.begins_operand else _NO_MORE

    def joined(self, left: Expression | None, rule: Infix) -> Expression | None:
        """Read the operator and what stands on its right."""
        token = self.next
        if token.infix is not None:
            self.at += 1
        right = left if rule.is_postfix else self.expression(rule.power)
        if isinstance(rule.build, Lost) and (token.infix is not None or right is not None):
            self.remarks.refuse(token.start, token.end, rule.build.message, rule.build.mend)
            return None
        if isinstance(rule.build, Lost) or left is None or right is None:
            return None
        try:
            return rule.build(left, right, token, self.remarks)
        except NoEquivalent as lost:
            self.lost(token, lost)
            return None

    def lost(self, token: Token, lost: NoEquivalent) -> None:
        """Refuse what a token stands for."""
        self.remarks.refuse(token.start, token.end, lost.message, lost.mend)

    # ------------------------------------------------------------------------------------- operands

    def operand(self) -> Expression | None:
        """Read a phrase, a bracket, or a part with an operator before it."""
        token = self.next
        self.at += 1
        if token.kind in _STRETCH:
            return self.phrase(token)
        if token.kind is Kind.OPEN:
            return self.bracket(token)
        if token.prefix is not None:
            return self.prefixed(token, token.prefix)
        if token.lost is not None:
            self.remarks.refuse(token.start, token.end, token.lost.message, token.lost.mend)
            return None
        self.at -= 1
        raise self.no_operand(token)

    def phrase(self, token: Token) -> Expression | None:
        """Read a word or quotes, and where the service joins them, those beside it."""
        tokens = [token]
        while self.grammar.is_phrase and self.next.kind in _STRETCH:
            tokens.append(self.next)
            self.at += 1
        pieces = [self.piece(one) for one in tokens]
        text = " ".join(" ".join(piece for piece in pieces if piece is not None).split())
        if None in pieces:
            return None
        try:
            term = Term(read_words(text, 0), text=text)
        except ExpressionError as error:
            self.remarks.refuse(token.start, tokens[-1].end, error.message, error.mend)
            return None
        note_words(tokens, self.remarks)
        return term

    def piece(self, token: Token) -> str | None:
        """Give a word in our signs; None where its own have no equivalent."""
        try:
            return self.grammar.word(token, self.remarks).strip(",;: ")
        except NoEquivalent as lost:
            self.lost(token, lost)
            return None

    def bracket(self, opening: Token) -> Expression | None:
        """Read what stands in brackets."""
        if self.comes(Kind.CLOSE):
            raise _fault("The brackets are empty.", "Write something in them, or remove them.", opening)
        unclosed = _fault("This bracket is never closed.", "Add the closing bracket.", opening)
        if self.comes(Kind.END):
            raise unclosed
        inner = self.level()
        if self.comes(Kind.END):
            raise unclosed
        self.at += 1
        return inner

    def prefixed(self, token: Token, prefix: Prefix) -> Expression | None:
        """Read the part an operator stands before."""
        mark = self.remarks.mark()
        part = self.expression(prefix.power)
        if isinstance(prefix.build, Lost) or (prefix.holds_codes and part is not None):
            self.remarks.back_to(mark)
        if isinstance(prefix.build, Lost):
            self.remarks.refuse(token.start, token.end, prefix.build.message, prefix.build.mend)
            return None
        if part is None:
            return None
        try:
            return prefix.build(part, token, self.remarks)
        except NoEquivalent as lost:
            self.lost(token, lost)
            return None

    def no_operand(self, token: Token) -> Unreadable:
        """Say what is missing where a part was expected."""
        mend = "Write a word there; if the operator is meant as a word, put it in quotes."
        if self.at == 0 or self.tokens[self.at - 1].kind is Kind.OPEN:
            if token.kind is Kind.CLOSE:
                return _fault("This bracket closes nothing.", "Remove it, or add the opening one.", token)
            return _fault(f"Nothing stands before {token.text}.", mend, token)
        before = self.tokens[self.at - 1]
        return _fault(f"Nothing stands after {before.text}.", mend, before)


def _outer(tokens: list[Token]) -> list[Token]:
    """Leave out what stands in brackets, but not these."""
    depth, outer = 0, []
    for token in tokens:
        depth -= token.kind is Kind.CLOSE
        if depth == 0:
            outer.append(token)
        depth += token.kind is Kind.OPEN
    return outer


def _fault(message: str, mend: str, token: Token) -> Unreadable:
    return Unreadable(message, mend, token.start, token.end)

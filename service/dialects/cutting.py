"""Cuts queries into tokens by a list of patterns: what is common to the services, and tools for the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.dialects.reading import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.dialects.query import Remarks

    Make = Callable[[re.Match[str], Remarks], Token]
    Rule = tuple[re.Pattern[str], Make]

_PLAIN = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’", "'"), "\u00a0": " "})
_SPACE = re.compile(r"\s+")
_FEWEST_LETTERS = 3


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern of a whole word or sign, whatever its capitals."""
    return re.compile(text, re.IGNORECASE)


def word_operator(name: str, kind: Kind) -> Rule:
    """Give the rule of an operator written as a word."""
    return pattern(rf"{name}(?=[\s()\[\]\"]|$)"), lambda found, _: Token(kind, kind.value, *found.span())


def near(text: str, operator: str, *, between: bool = False, default: int = 0) -> Rule:
    """Give the rule of a proximity operator with its number in group 1.

    `between` says that the number counts the words between: one less than the positions apart.
    """

    def make(found: re.Match[str], _: Remarks) -> Token:
        number = int(found[1]) if found[1] else default
        return Token(Kind.NEAR, operator, *found.span(), max(1, number + between))

    return pattern(rf"{text}(?=[\s()\[\]\"]|$)"), make


def lost(text: str, message: str) -> Rule:
    """Give the rule of something without equivalent."""

    def make(found: re.Match[str], remarks: Remarks) -> Token:
        remarks.refuse(*found.span(), message)
        return Token(Kind.LOST, "x", *found.span())

    return pattern(text), make


def prefix(text: str, here: str, note: str = "") -> Rule:
    """Give the rule of something that holds for the part that follows."""

    def make(found: re.Match[str], remarks: Remarks) -> Token:
        if note:
            remarks.note(*found.span(), note)
        return Token(Kind.PREFIX, here, *found.span())

    return pattern(text), make


def phrase(found: re.Match[str], remarks: Remarks) -> Token:
    """Make a quoted phrase a token; one without a letter is refused."""
    if not any(char.isalnum() for char in found[1]):
        remarks.refuse(*found.span(), "There is no word in these quotes.")
        return Token(Kind.LOST, "x", *found.span())
    return Token(Kind.PHRASE, found[1], *found.span())


QUOTED: Rule = (
    re.compile(r'"([^"]*)"'),
    phrase,
)
BRACKETS: tuple[Rule, ...] = (
    (re.compile(r"[(\[]"), lambda found, _: Token(Kind.OPEN, "(", *found.span())),
    (re.compile(r"[)\]]"), lambda found, _: Token(Kind.CLOSE, ")", *found.span())),
)


def truncated(found: re.Match[str], remarks: Remarks, head: str, written: str) -> Token:
    """Make a word that stands for all that begin so; too short a beginning is refused."""
    if len(head) < _FEWEST_LETTERS:
        message = f"{found[0]} has only {len(head)} letters; here at least 3 must stand before the *."
        remarks.refuse(*found.span(), message)
        return Token(Kind.LOST, "x", *found.span())
    return Token(Kind.WORD, written, *found.span())


def word(found: re.Match[str], remarks: Remarks) -> Token:
    """Make a word a token; a sign that is none is refused."""
    text = found[0]
    if not any(char.isalnum() for char in text):
        remarks.refuse(*found.span(), f"{text} is no word, and no operator that is known here.")
        return Token(Kind.LOST, "x", *found.span())
    if text.lower() == "us":
        remarks.note(*found.span(), "us is the pronoun, too: for the country write case:US.")
    return Token(Kind.WORD, text, *found.span())


_OPEN_QUOTE = lost(r".", "This quotation mark is never closed.")


def cut(text: str, remarks: Remarks, rules: Sequence[Rule]) -> list[Token]:
    """Cut a text: at each place the first rule that fits makes the token."""
    plain = text.translate(_PLAIN)
    rules = (*rules, _OPEN_QUOTE)
    tokens: list[Token] = []
    at = 0
    while at < len(plain):
        space = _SPACE.match(plain, at)
        if space:
            at = space.end()
            continue
        found, make = next((found, make) for rule, make in rules if (found := rule.match(plain, at)))
        tokens.append(make(found, remarks))
        at = found.end()
    return tokens

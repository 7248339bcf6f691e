"""Notes what is right but may be meant otherwise: small operator words, commas and ! in a phrase.

All of them are words (or nothing) to the language, so a phrase made of them is searched as it
stands. Refuses nothing, and knows nothing of files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from service.match.lexer import Token, TokenKind, plain, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMALL_OPERATORS = frozenset({"and", "or", "not"})
_NEAR = "near"
_JOINING = {"y": "AND", "e": "AND", "o": "OR", "ou": "OR"}
_WANTED = {"AND": "both of them", "OR": "either of them", "NEAR/10": "the two near each other"}
_STRETCH = frozenset({TokenKind.WORDS, TokenKind.QUOTED})
_OUTSIDE = frozenset({TokenKind.AND, TokenKind.OR, TokenKind.NOT, TokenKind.END})
_QUOTED = re.compile(r'"[^"]*"')
_COMMA = re.compile(r"(?<!\d)[,;，、；]|[,;，、；](?!\d)")  # not that of 3,5
_LONGEST_NAME = 3
_TRUNCATED = re.compile(r"(?P<head>[^\W\d_]{3,})(?P<sign>[!$])\d?")  # how other systems write candidat*


@dataclass(frozen=True, slots=True)
class Note:
    """Something in an expression that is right but may be meant otherwise.

    `offset` counts from 0. `quoted` is the phrase it stands in, in quotes, which says that the phrase
    is meant; `whole` the expression with it.
    """

    offset: int
    message: str
    quoted: str
    whole: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words and quotes side by side; outside: in no bracket, prefix or NEAR, alone: all there is."""

    text: str
    tokens: tuple[Token, ...]
    is_outside: bool
    is_alone: bool

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def phrase(self) -> str:
        """Give the phrase on one line, without quotes in it."""
        return " ".join(plain(self.text)[self.start : self.end].replace('"', " ").split())

    def note(self, offset: int, message: str) -> Note:
        quoted = f'"{self.phrase}"'
        whole = f"{self.text[: self.start]}{quoted}{self.text[self.end :]}"
        return Note(offset, message, quoted, " ".join(whole.split()))

    def note_instead(self, offset: int, operator: str, parts: list[str]) -> Note:
        """Note that the phrase may be meant as its parts with an operator between them."""
        instead = " ".join(f" {operator} ".join(parts).split())
        instead = instead if self.is_alone else f"({instead})"
        return self.note(
            offset, f"read as the phrase “{self.phrase}”; for {_WANTED[operator]} write {instead}."
        )

    def beside(self, at: int) -> tuple[str, str]:
        """Give what stands left and right of a token of the stretch."""
        middle = self.tokens[at]
        return self.text[self.start : middle.start].strip(), self.text[middle.end : self.end].strip()


def find_notes(text: str, *, is_block: bool = False) -> list[Note]:
    """Say how small operator words and commas were read, for an expression that can be read.

    In an item of a named block (`is_block`) y, o, e and ou are left alone: names stand there.
    """
    return sorted(
        (note for stretch in _stretches(text) for note in _notes(stretch, is_block=is_block)),
        key=lambda note: note.offset,
    )


def _stretches(text: str) -> Iterator[_Stretch]:
    found = tokens(plain(text))
    depth, before = 0, TokenKind.END
    groups = [(key, list(group)) for key, group in groupby(found, key=lambda token: token.kind in _STRETCH)]
    for (is_stretch, group), (_, following) in zip(groups, [*groups[1:], (False, found[-1:])], strict=True):
        if is_stretch:
            is_outside = not depth and {before, following[0].kind} <= _OUTSIDE
            yield _Stretch(text, tuple(group), is_outside, len(group) == len(found) - 1)
        else:
            kinds = [token.kind for token in group]
            depth += kinds.count(TokenKind.OPEN) - kinds.count(TokenKind.CLOSE)
            before = kinds[-1]


def _notes(stretch: _Stretch, *, is_block: bool) -> Iterator[Note]:
    yield from _comma_notes(stretch)
    for at, token in enumerate(stretch.tokens):
        if token.kind is TokenKind.QUOTED:
            continue
        left, right = stretch.beside(at)
        if token.value in _SMALL_OPERATORS:
            message = f'"{token.value}" is read as a word; the operator is {token.value.upper()}.'
            yield stretch.note(token.start, message)
        elif (cut := _TRUNCATED.fullmatch(token.value)) and "¡" not in stretch.text:
            message = f"{cut['sign']} is punctuation here; for words that begin so write {cut['head']}*."
            yield stretch.note(token.start, message)
        elif not (left and right):
            continue
        elif token.value.lower() == _NEAR:
            yield stretch.note_instead(token.start, "NEAR/10", [left, right])
        elif _joins(token, left, right) and stretch.is_outside and not is_block:
            yield stretch.note_instead(token.start, _JOINING[token.value.lower()], [left, right])


def _joins(token: Token, left: str, right: str) -> bool:
    """Tell whether y, o, e or ou stands between two words or names, not in a longer phrase."""
    return token.value.lower() in _JOINING and _is_word_or_name(left) and _is_word_or_name(right)


def _is_word_or_name(text: str) -> bool:
    chunks = text.split()
    return len(chunks) == 1 or (len(chunks) <= _LONGEST_NAME and all(chunk[0].isupper() for chunk in chunks))


def _comma_notes(stretch: _Stretch) -> Iterator[Note]:
    """Note the first comma or semicolon between words; those inside quotes are meant."""
    text = stretch.text[stretch.start : stretch.end]
    masked = _QUOTED.sub(lambda quote: "x" * len(quote[0]), plain(text))
    places = [match.start() for match in _COMMA.finditer(masked)]
    cuts = pairwise([-1, *places, len(text)])
    parts = [text[left + 1 : right].strip() for left, right in cuts]
    words = [part for part in parts if any(char.isalnum() for char in part)]
    if len(words) > 1:
        yield stretch.note_instead(stretch.start + places[0], "OR", words)

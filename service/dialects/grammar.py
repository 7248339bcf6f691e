"""What the grammars of other services are made of: tokens that carry their own rules.

A dialect gives tokens; each token knows how tight it binds and what it builds, so that one parser
serves all of them. The trees are those of our own language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from service.dialects.remarks import Unreadable

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping

    from service.dialects.remarks import Remarks
    from service.match import Expression

    Rules = Mapping[str, Callable[[re.Match[str]], "Token"]]

TIGHTEST = 90.0
"""Binds to the one word, phrase or bracket that follows."""


class Kind(Enum):
    """What a token can be in the grammar, whatever its rules."""

    WORD = "word"
    QUOTED = "quoted"
    OPEN = "("
    CLOSE = ")"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class Lost:
    """What has no equivalent: what it means there, and the nearest thing here."""

    message: str
    mend: str


@dataclass(frozen=True, slots=True)
class Infix:
    """An operator between two parts, or behind one (`is_postfix`: the right side is the left again)."""

    power: float
    build: Callable[[Expression, Expression, Token, Remarks], Expression] | Lost
    is_postfix: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """An operator before a part that holds all that binds tighter than `power`.

    Of codes, nothing is said that holds for words.
    """

    power: float
    build: Callable[[Expression, Token, Remarks], Expression] | Lost
    holds_codes: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query: `text` is a word as written, or what stands between quotes.

    `lost` is a whole part without equivalent, such as a range of dates.
    """

    kind: Kind
    text: str
    start: int
    end: int
    infix: Infix | None = None
    prefix: Prefix | None = None
    lost: Lost | None = None

    @property
    def begins_operand(self) -> bool:
        """Tell whether a part of the query can begin here."""
        is_operand = self.kind in (Kind.WORD, Kind.QUOTED, Kind.OPEN)
        return is_operand or self.prefix is not None or self.lost is not None


@dataclass(frozen=True, slots=True)
class Grammar:
    """One service's grammar.

    `implied` is what stands between two parts without an operator; with `is_phrase`, words and
    quotes side by side are one phrase. `word` gives a word or quoted text in our signs. With
    `or_first`, OR binds tighter than AND, which is told where it shows.
    """

    tokens: Callable[[str, Remarks], list[Token]]
    word: Callable[[Token, Remarks], str]
    implied: Infix
    is_phrase: bool
    or_first: bool = False


def scan(text: str, pattern: re.Pattern[str], rules: Rules) -> Iterable[Token]:
    """Cut a query by a pattern whose named groups are the kinds of tokens; `rules` build those with rules.

    The groups `open`, `close`, `quoted` and `word` need none; `stray` is a quote that never closes.
    """
    for match in pattern.finditer(text):
        name = match.lastgroup or ""
        start, end = match.span()
        if name == "stray":
            message = "A quotation mark is opened and never closed."
            raise Unreadable(message, 'Add the closing ".', start, end)
        if name in rules:
            yield rules[name](match)
        else:
            yield Token(_PLAIN[name], match[name], start, end)
    yield Token(Kind.END, "", len(text), len(text))


_PLAIN = {"open": Kind.OPEN, "close": Kind.CLOSE, "quoted": Kind.QUOTED, "word": Kind.WORD}


def operator(
    match: re.Match[str],
    *,
    infix: Infix | None = None,
    prefix: Prefix | None = None,
    lost: Lost | None = None,
) -> Token:
    """Give the token of an operator, or of a part that is lost as a whole."""
    return Token(Kind.OPERATOR, match[0].strip(), *match.span(), infix, prefix, lost)

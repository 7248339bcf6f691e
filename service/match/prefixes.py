"""What `name:`, `case:`, `accents:`, `loose:` and `forms:` make of the part that follows them.

A word is either spelled in a certain way or stands for all its forms: both at once is refused.
Knows no places in the expression; the parser adds them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from service.errors import ExpressionError
from service.match.tree import And, AtLeast, InField, Near, Not, NotNear, Or, Spelling, Term, WordKind
from service.text import is_han, stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.match.tree import Expression, WordPattern

# Written small or large as the sentence has it: de la Espriella, De la Espriella.
_PARTICLES = frozenset(
    {
        *("de", "del", "la", "las", "los", "lo", "el", "y", "e", "i", "da", "das", "do", "dos", "di", "du"),
        *("des", "le", "van", "von", "der", "den", "zu", "bin", "ibn", "al", "the", "of", "and"),
    }
)
_EXACT = (Spelling.NAME, Spelling.CASE, Spelling.ACCENTS)


def respelled(part: Expression, spelling: Spelling) -> Expression:
    """Give the expression with all its terms asking for this spelling.

    Raises:
        ExpressionError: a term stands for all its forms, which have no one spelling.
    """

    def respell(term: Term) -> Term:
        if spelling in _EXACT and any(word.kind is WordKind.FORMS for word in term.words):
            raise _both(spelling)
        words = _with_particles(term.words) if spelling is Spelling.NAME else term.words
        return dataclasses.replace(term, words=words, spelling=term.spelling | {spelling})

    return _with_terms(part, respell)


def inflected(part: Expression, languages: Iterable[str]) -> Expression:
    """Give the expression with all words of its terms standing for their forms in these languages.

    Raises:
        ExpressionError: a term has a spelling of its own, or a word in it is a prefix or has wildcards.
    """
    languages = tuple(languages)

    def inflect(term: Term) -> Term:
        for spelling in _EXACT:
            if spelling in term.spelling:
                raise _both(spelling)
        return dataclasses.replace(term, words=tuple(_inflected(word, languages) for word in term.words))

    return _with_terms(part, inflect)


def _with_particles(words: tuple[WordPattern, ...]) -> tuple[WordPattern, ...]:
    """Mark the particles of a name, which has other words, too."""
    if all(word.folded in _PARTICLES for word in words):
        return words
    return tuple(dataclasses.replace(word, is_particle=word.folded in _PARTICLES) for word in words)


def _inflected(word: WordPattern, languages: tuple[str, ...]) -> WordPattern:
    if word.kind in (WordKind.PREFIX, WordKind.WILDCARD):
        written = word.raw + "*" * (word.kind is WordKind.PREFIX)
        message = f"forms: cannot hold {written}, which has a * or ? already."
        mend = f"Leave out forms:, or write the whole word instead of {written}."
        raise ExpressionError(message, offset=0, mend=mend)
    if is_han(word.folded) or not any(letter.isalpha() for letter in word.folded):
        return word  # it has no other form
    return dataclasses.replace(word, kind=WordKind.FORMS, stems=stems(word.raw, languages))


def _both(spelling: Spelling) -> ExpressionError:
    message = f"forms: and {spelling}: cannot hold for the same word."
    return ExpressionError(message, offset=0, mend=_MENDS[spelling])


_MENDS = {
    Spelling.NAME: "A name has no other forms: leave out forms:.",
    Spelling.CASE: "Leave out one of them; single forms in exact letters can be written with OR.",
    Spelling.ACCENTS: "Leave out one of them; single forms with their accents can be written with OR.",
}


def _with_terms(part: Expression, change: Callable[[Term], Term]) -> Expression:
    """Give the expression with each of its terms changed."""
    match part:
        case Term():
            return change(part)
        case And() | Or():
            return dataclasses.replace(part, parts=tuple(_with_terms(inner, change) for inner in part.parts))
        case Near() | NotNear():
            left, right = _with_terms(part.left, change), _with_terms(part.right, change)
            return dataclasses.replace(part, left=left, right=right)
        case Not() | AtLeast() | InField():
            return dataclasses.replace(part, part=_with_terms(part.part, change))
        case _:
            return part

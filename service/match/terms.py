"""Reads the words, quotes and wildcards of a phrase in an expression.

Words are cut exactly as the words of news are, so what an analyst copies from a headline is found
in it. Refuses prefixes that would match half the dictionary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.errors import ExpressionError
from service.match.tree import WordKind, WordPattern
from service.text import fold, is_han, normal, words

if TYPE_CHECKING:
    from collections.abc import Iterator

_FEWEST_LETTERS = 3
_WILD_CHUNK = re.compile(r"\S*[*?]\S*")
_WILD_PART = re.compile(r"(?:[^\W_]|[*?\u0300-\u036f\u3099\u309a])+")
_NOT_WORDS = re.compile(r'["#]')


def read_words(stretch: str, offset: int) -> tuple[WordPattern, ...]:
    """Read a stretch of words, quotes and wildcards as the words of one phrase.

    `offset` is where the stretch begins in its expression.

    Raises:
        ExpressionError: no word stands there, or a prefix is too short.
    """
    patterns = tuple(_patterns(_NOT_WORDS.sub(" ", stretch), offset))
    if not patterns:
        message = f"There is no word in {stretch}."
        raise ExpressionError(message, offset=offset, mend="Write at least one letter or digit.")
    return patterns


def _patterns(stretch: str, offset: int) -> Iterator[WordPattern]:
    """Give the words in their order; only chunks with a wildcard are read chunk by chunk."""
    at = 0
    for wild in _WILD_CHUNK.finditer(stretch):
        yield from _whole_words(stretch[at : wild.start()])
        for part in _WILD_PART.finditer(wild[0]):
            yield from _wild_words(normal(part[0]), offset + wild.start() + part.start())
        at = wild.end()
    yield from _whole_words(stretch[at:])


def _whole_words(text: str) -> Iterator[WordPattern]:
    for word in words(text):
        yield WordPattern(WordKind.WHOLE, normal(text[word.start : word.end]), word.folded)


def _wild_words(part: str, offset: int) -> Iterator[WordPattern]:
    """Read a run of letters in which wildcards may stand."""
    body = part.rstrip("*")
    if "*" in body or "?" in body:
        yield _wildcard(part, offset)
        return
    whole = list(_whole_words(body))
    if body == part:
        yield from whole
        return
    yield from whole[:-1]
    head = whole[-1].folded if whole else ""
    _refuse_short(head, part, offset)
    # A Han character is always a whole word, so nothing longer begins with it.
    yield whole[-1] if is_han(head) else WordPattern(WordKind.PREFIX, whole[-1].raw, head)


def _wildcard(part: str, offset: int) -> WordPattern:
    """Read `ch?ncay` and `neg*ción`; several stars in a row are one."""
    if any(is_han(char) for char in part):
        message = f"{part}: wildcards do not work between characters that are each a word."
        raise ExpressionError(message, offset=offset, mend="Write them as a phrase, or with NEAR/2.")
    if "*" in part:
        _refuse_short(part.partition("*")[0].replace("?", ""), part, offset)
    elif not part.strip("?"):
        mend = "Write at least one letter beside the ?."
        raise ExpressionError(f"{part} has no letter.", offset=offset, mend=mend)
    return WordPattern(WordKind.WILDCARD, re.sub(r"\*+", "*", part), re.sub(r"\*+", "*", fold(part)))


def _refuse_short(head: str, part: str, offset: int) -> None:
    """Refuse a `*` after less than three letters, or after less than one of those that are words."""
    if len(head) >= _FEWEST_LETTERS or (head and is_han(head[0])):
        return
    letters = {0: "no letter", 1: "only 1 letter"}.get(len(head), f"only {len(head)} letters")
    message = f"{part} has {letters} before the *."
    mend = "Write at least 3 letters before it (1 for Chinese or Japanese), or the whole words with OR."
    raise ExpressionError(message, offset=offset, mend=mend)

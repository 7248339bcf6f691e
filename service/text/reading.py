"""Cuts text into words: the one reading that watchlists and news share.

A word is a run of letters, marks and digits; every Han, Hiragana and Katakana character is one.
Dotted acronyms, grouped digits and decimals are one word each, an English 's is no part of a word.
Positions count words from 0, punctuation and sentence ends do not count. Does not stem and knows
no stop words. It runs for every entry: one compiled pattern, a memory of folded words, and one of the last
texts, because several parts of the service read each entry in turn.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from service.text.folding import fold, normal, normal_with_offsets

if TYPE_CHECKING:
    from collections.abc import Iterator

_HAN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
)
_HAN += "\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
# `re` does not count marks as parts of words; the ranges hold all blocks of scripts that write with them.
_MARKS = "".join(
    re.escape(chr(code))
    for first, last in ((0x300, 0x1DFF), (0x20D0, 0x20F0), (0xA66F, 0xABED), (0xFB1E, 0xFE2F))
    for code in range(first, last + 1)
    if unicodedata.category(chr(code)).startswith("M")
)
_QUOTES = "\u02bb\u02bc"  # apostrophes that count as letters elsewhere
_RUN = f"[^\\W_{_HAN}{_QUOTES}]+(?:[{_MARKS}]+[^\\W_{_HAN}{_QUOTES}]*)*"
_HAN_CHAR = re.compile(f"[{_HAN}]")
_LETTER = f"[^\\W\\d_{_HAN}{_QUOTES}]"
_TOKEN = re.compile(
    r"((?=[\w#])(?:"
    f"{_LETTER}(?={_LETTER}){_RUN}"  # most words, tried first
    f"|#[^\\W{_HAN}]+"  # a hashtag
    r"|(?=\d)(?<!\d[.,])(?:[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+(?:,\d+)?)|\d+[.,]\d+)"
    f"(?![.,]?\\d)[^\\W_{_HAN}]*"  # 1,000 1.000,50 3.5 and their unit
    f"|{_LETTER}\\.(?:(?:\\s?{_LETTER}\\.)+(?:{_LETTER}(?!\\w))?|{_LETTER}(?!\\w))"  # U.S. U.S J. D.
    f"|{_RUN}"
    f"|[{_HAN}][\u3099\u309a]*"
    r"))(?:['’ʼ][sS](?!\w))?"  # China’s: the rest is no word
)
_TAG_PARTS = re.compile(r"\d+|[^\W\d_]+")
# EE UU, JJ OO, DD HH: Spanish acronyms of plurals are written as two doubled letters.
_DOUBLED = frozenset(letter * 2 for letter in "abcdefghijklmnopqrstuvwxyz")
_DOUBLED_GAP = re.compile(r"\.?\s?")
_INITIAL_AT_END = re.compile(rf"(?<!\w){_LETTER}\.$")
_MOST_CHUNKS = 1 << 16
_LONGEST_CHUNK = 32  # text without spaces, such as Chinese, comes only once
_LAST_TEXTS = 512  # those of the entries of a long feed


Span = tuple[int, int]
"""The slice of a text that a word covers."""


class Word(NamedTuple):
    """A word of a text, folded for comparing; `start` and `end` are offsets in the original text."""

    folded: str
    start: int
    end: int


class Tag(NamedTuple):
    """A hashtag of several parts as one word: it covers the positions `first` to `last`."""

    folded: str
    first: int
    last: int


class Reading(NamedTuple):
    """A text as folded words, the index of each being its position, and its hashtags as one word each.

    `chunks` is what stands between its spaces, where its words are those of these; None where they are not,
    as with a hashtag or what may be an acronym with spaces in it.
    """

    folded: tuple[str, ...]
    tags: tuple[Tag, ...]
    chunks: list[str] | None


class _Token(NamedTuple):
    """A word as written, and its place in the normalised text."""

    raw: str
    start: int
    end: int


class _OddChunk(Exception):
    """What stands between these two spaces cannot be read alone."""


class _Chunks(dict[str, tuple[str, ...]]):
    """Remembers the words between two spaces, as news repeats itself.

    Hashtags, and what may be part of an acronym with spaces in it, cannot be read alone: asked for one of
    these it raises.
    """

    spans: dict[str, tuple[Span, ...]]
    _odd: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.spans = {}
        self._odd = set()

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if chunk in self._odd:
            raise _OddChunk
        clean = normal(chunk)
        found = tuple(fold(token.raw) for token in _parts(_tokens(clean)))
        if "#" in clean or _INITIAL_AT_END.search(clean) or not _DOUBLED.isdisjoint(found):
            if len(chunk) <= _LONGEST_CHUNK:
                self._odd.add(chunk)
            raise _OddChunk
        if len(chunk) <= _LONGEST_CHUNK:
            self[chunk] = found
        return found

    def remember_spans(self, chunk: str) -> tuple[Span, ...]:
        """Work out where the words of a chunk stand in it."""
        found = tuple((word.start, word.end) for word in words(chunk))
        if len(chunk) <= _LONGEST_CHUNK:
            self.spans[chunk] = found
        return found

    def is_full(self) -> bool:
        """Tell whether it is time to begin with an empty memory."""
        return len(self) + len(self._odd) >= _MOST_CHUNKS


# One element: a full memory is exchanged, not emptied, because another thread may be reading with it.
_MEMORY = [_Chunks()]


def is_han(char: str) -> bool:
    """Tell whether a character (Han, Hiragana, Katakana) is a word by itself."""
    return _HAN_CHAR.match(char) is not None


def words(text: str) -> list[Word]:
    """Cut a text into words with offsets. A word's index is its position.

    A hashtag gives its parts; `read` gives it as one word, too.
    """
    clean = normal(text)
    tokens = _parts(_tokens(clean))
    if clean == text:
        return [Word(fold(token.raw), token.start, token.end) for token in tokens]
    _, starts, ends = normal_with_offsets(text)
    return [Word(fold(token.raw), starts[token.start], ends[token.end - 1]) for token in tokens]


@lru_cache(maxsize=_LAST_TEXTS)
def read(text: str) -> Reading:
    """Cut a text into words without offsets, which is quick. Positions are those of `words`."""
    memory = _MEMORY[0]
    if memory.is_full():
        memory = _MEMORY[0] = _Chunks()
    chunks = text.split()
    try:
        return Reading(tuple(chain.from_iterable(map(memory.__getitem__, chunks))), (), chunks)
    except _OddChunk:
        tokens = _tokens(normal(text))
        return Reading(tuple(fold(token.raw) for token in _parts(tokens)), tuple(_tags(tokens)), None)


@lru_cache(maxsize=_LAST_TEXTS)
def vocabulary(*texts: str) -> frozenset[str]:
    """Give the different words of some texts, hashtags of several parts as one word each, too."""
    readings = [read(text) for text in texts]
    tags = [tag.folded for reading in readings for tag in reading.tags]
    return frozenset(chain(tags, *[reading.folded for reading in readings]))


def word_spans(text: str) -> list[Span]:
    """Give the slice of the text that each word covers, in the order of `read`, quicker than `words` does."""
    chunks = read(text).chunks
    if chunks is None:
        return [(word.start, word.end) for word in words(text)]
    memory = _MEMORY[0]
    spans: list[Span] = []
    at = 0
    for chunk in chunks:
        at = text.index(chunk, at)
        inner = memory.spans.get(chunk) or memory.remember_spans(chunk)
        spans += [(at + start, at + end) for start, end in inner]
        at += len(chunk)
    return spans


def _tokens(clean: str) -> list[_Token]:
    """Cut normalised text, hashtags still whole, doubled acronyms joined."""
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(clean):
        token = _Token(found[1], found.start(1), found.end(1))
        if tokens and _is_doubled_pair(tokens[-1], token, clean):
            first = tokens.pop()
            token = _Token(first.raw + token.raw, first.start, token.end)
        tokens.append(token)
    return tokens


def _is_doubled_pair(first: _Token, second: _Token, clean: str) -> bool:
    return (
        first.raw.casefold() in _DOUBLED
        and second.raw.casefold() in _DOUBLED
        and _DOUBLED_GAP.fullmatch(clean, first.end, second.start) is not None
    )


def _parts(tokens: list[_Token]) -> Iterator[_Token]:
    """Give the words in their order, hashtags cut into their parts."""
    for token in tokens:
        if token.raw[0] == "#":
            yield from _tag_parts(token)
        else:
            yield token


def _tags(tokens: list[_Token]) -> Iterator[Tag]:
    """Give the hashtags that have several parts, as one word each."""
    position = 0
    for token in tokens:
        count = sum(1 for _ in _parts([token]))
        if count > 1:
            yield Tag(fold(token.raw), position, position + count - 1)
        position += count


def _tag_parts(tag: _Token) -> Iterator[_Token]:
    """Cut a hashtag at underscores, digits and inner capitals: PuertoDeChancay, USChina, Copa2026."""
    for run in _TAG_PARTS.finditer(tag.raw):
        begin = run.start()
        for cut in [*_capital_cuts(tag.raw, run.start(), run.end()), run.end()]:
            yield _Token(tag.raw[begin:cut], tag.start + begin, tag.start + cut)
            begin = cut


def _capital_cuts(raw: str, start: int, end: int) -> Iterator[int]:
    """Give where a new part begins: a capital after a small letter, or the last of several capitals."""
    for at in range(start + 1, end):
        after_small = raw[at - 1].islower()
        before_small = at + 1 < end and raw[at + 1].islower()
        if raw[at].isupper() and (after_small or before_small):
            yield at

"""The stems by which the forms of a word know each other: elección and elecciones. The door to Snowball.

Stemmed first and folded after, because the stemmers read accents. A language without a stemmer, such
as Chinese, has the word itself.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from Stemmer import Stemmer

from service.text.folding import fold, normal
from service.text.plurals import bases, noun_apart
from service.text.reading import is_han, read, words

if TYPE_CHECKING:
    from collections.abc import Iterable

Stem = tuple[str, str]
"""A language and the stem of a word in it; the empty language has the word itself, folded."""

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_NO_FORMS = frozenset[tuple[str, str]]()
STEMMED = frozenset(_STEMMERS)
"""The languages whose inflected forms are known."""


def stems(raw: str, languages: Iterable[str]) -> frozenset[Stem]:
    """Give all stems of a word as written: two words are forms of each other if they share one."""
    word = fold(raw, keep_accents=True)
    itself = frozenset({("", fold(raw))})
    return itself.union(*(_stems(word, language) for language in languages if language in STEMMED))


def stems_in(text: str, languages: tuple[str, ...]) -> frozenset[Stem]:
    """Give the stems of all words of a text; chunks between spaces are remembered, as news repeats itself."""
    chunks = read(text).chunks
    if chunks is None:
        return frozenset().union(*(stems(piece, languages) for piece in _pieces(text)))
    return frozenset().union(*(_chunk_stems(chunk, languages) for chunk in chunks))


class Forms:
    """Collects the stems of the words of many texts that are not the word itself, each with the word, folded.

    What stands between spaces in several of them is looked at once.
    """

    def __init__(self, languages: tuple[str, ...]) -> None:
        """Begin without texts."""
        self._languages = languages
        self._chunks: set[str] = set()
        self._others: set[tuple[str, str]] = set()

    def add(self, text: str) -> None:
        """Take a text, best soon after it was read."""
        chunks = read(text).chunks
        if chunks is None:
            self._others.update(*(_forms(piece, self._languages) for piece in _pieces(text)))
        else:
            self._chunks.update(chunks)

    def found(self) -> set[tuple[str, str]]:
        """Give what was found in all texts so far."""
        return self._others.union(*(_chunk_forms(chunk, self._languages) for chunk in self._chunks))


def _forms(piece: str, languages: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    if is_han(piece[0]):
        return _NO_FORMS
    word = fold(piece)
    return frozenset((stem, word) for _, stem in stems(piece, languages) if stem != word) or _NO_FORMS


def _pieces(text: str) -> list[str]:
    """Give the words of a text as written, in normal form, hashtags as one word included."""
    found = words(text)
    slices = [(word.start, word.end) for word in found]
    slices += [(found[tag.first].start, found[tag.last].end) for tag in read(text).tags]
    return [normal(text[start:end]) for start, end in slices]


@lru_cache(maxsize=1 << 16)
def _chunk_stems(chunk: str, languages: tuple[str, ...]) -> frozenset[Stem]:
    pieces = (normal(chunk[word.start : word.end]) for word in words(chunk))
    return frozenset().union(*(stems(piece, languages) for piece in pieces))


@lru_cache(maxsize=1 << 16)
def _chunk_forms(chunk: str, languages: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    pieces = (normal(chunk[word.start : word.end]) for word in words(chunk))
    return frozenset().union(*(_forms(piece, languages) for piece in pieces)) or _NO_FORMS


@lru_cache(maxsize=1 << 16)
def _stems(word: str, language: str) -> frozenset[Stem]:
    apart = noun_apart(word, language)
    if apart:
        return frozenset({(language, f"{apart}!")})  # a sign that no stem has
    spelled = bases(word, language)
    return frozenset((language, fold(_stem(base, language))) for base in spelled)


_LOCK = Lock()  # a stemmer works for one caller at a time


def _stem(word: str, language: str) -> str:
    with _LOCK:
        return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=len(_STEMMERS))
def _stemmer(language: str) -> Stemmer:
    return Stemmer(_STEMMERS[language], 0)  # without its own memory: `_stems` has one

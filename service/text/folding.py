"""Folds characters: which differences of writing make no difference to a word.

Case, accents and compatibility forms are folded; ñ, й and the Japanese voicing marks are letters
of their own and stay. Composed and decomposed text (NFC, NFD) fold alike. Nothing is cut into
words here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Zero-width and bidi characters, soft hyphen, variation selectors: seen by nobody, so no part of a word.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
# NFKC turns these signs into letters, which would grow onto the word before them.
_SIGNS = re.compile("[\u2120\u2122]")
_ACCENTS = frozenset(
    chr(code)
    for first, last in ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF))
    for code in range(first, last + 1)
)
_OWN_LETTERS = frozenset({"n\u0303", "N\u0303", "\u0438\u0306", "\u0418\u0306"})  # ñ Ñ й Й
_UNDECOMPOSED = str.maketrans(
    {
        "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
        "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ı": "i", "ß": "ss", "ẞ": "SS",
        "ħ": "h", "Ħ": "H",
    }
)  # fmt: skip
# A number in groups of three with the other mark before its decimals, or a plain decimal.
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+(?:,\d+)?)(?!\d)")
_DECIMAL = re.compile(r"\d+[.,]\d")
_DOTS = re.compile(r"[.\s#_]")


def normal(text: str) -> str:
    """Give the text in NFKC without invisible characters. Its length may change."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _SIGNS.sub(" ", INVISIBLE.sub("", text)))


def normal_with_offsets(text: str) -> tuple[str, list[int], list[int]]:
    """Give `normal(text)`, and for each of its characters where it begins and ends in the text."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster, offsets in _clusters(text):
        piece = unicodedata.normalize("NFKC", cluster)
        pieces.append(piece)
        if piece == cluster:  # a mark that melts into nothing stands by itself, as in a text that is normal
            starts += offsets
            ends += [offset + 1 for offset in offsets]
        else:
            starts += [offsets[0]] * len(piece)
            ends += [offsets[-1] + 1] * len(piece)
    return "".join(pieces), starts, ends


def _clusters(text: str) -> list[tuple[str, list[int]]]:
    """Cut visible text into the shortest pieces that normalise each for itself, with where they stand."""
    clusters: list[tuple[str, list[int]]] = []
    for offset, written in enumerate(text):
        if INVISIBLE.match(written):
            continue
        char = _SIGNS.sub(" ", written)
        if clusters and _joins_previous(char):
            before, offsets = clusters.pop()
            clusters.append((before + char, [*offsets, offset]))
        else:
            clusters.append((char, [offset]))
    return clusters


@lru_cache(maxsize=4096)
def _joins_previous(char: str) -> bool:
    """Tell whether a character can melt into the one before it: a mark, or a Hangul vowel or final."""
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.category(first).startswith("M") or "\u1160" <= first <= "\u11ff"


@lru_cache(maxsize=1 << 16)
def fold(raw: str, *, keep_case: bool = False, keep_accents: bool = False) -> str:
    """Fold one word as it stands in normal text: acronym dots and digit groups go, too.

    `keep_case` and `keep_accents` leave out one half of the folding each, for terms that ask for
    exact spelling.
    """
    word = _plain_number(raw) if raw[0].isdigit() else _DOTS.sub("", raw)
    if not keep_case:
        word = word.casefold()
    if word.isascii():
        return word
    if not keep_accents:
        word = _without_accents(word.translate(_UNDECOMPOSED))
    return unicodedata.normalize("NFC", word)


def _plain_number(raw: str) -> str:
    """Write 1,000 and 1.000 as 1000, and 3,5 as 3.5; anything else stays."""
    grouped = _GROUPED.match(raw)
    if grouped:
        mark = "," if "," in raw[:4] else "."  # the first one groups
        return raw.replace(mark, "").replace(",", ".")
    return raw.replace(",", ".") if _DECIMAL.match(raw) else raw


def _without_accents(word: str) -> str:
    """Drop accents, keeping those that make a letter of its own."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", word):
        if char not in _ACCENTS or (kept and kept[-1] + char in _OWN_LETTERS):
            kept.append(char)
    return "".join(kept)

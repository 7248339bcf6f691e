"""Short names for texts: ids and fingerprints."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from service.text.reading import read

_HEX_DIGITS = 16  # 64 bits: two of a million things share one with a chance of 3 in 100 million


def digest(*parts: str) -> str:
    """Give a stable id of these strings: 16 hex digits of SHA-256.

    Each part goes in with its length, so that ("ab", "c") and ("a", "bc") differ.
    """
    return _named("".join([f"{len(part)}:{part}" for part in parts]))


def fingerprint(text: str) -> str:
    """Give the id of a text's folded words: equal for texts that differ in case, accents or signs only.

    It is the `digest` of them; empty for a text without words.
    """
    folded = read(text).folded
    return _named("".join(map(_with_its_length, folded))) if folded else ""


@lru_cache(maxsize=1 << 14)
def _with_its_length(word: str) -> str:
    return f"{len(word)}:{word}"


def _named(joined: str) -> str:
    return sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:_HEX_DIGITS]

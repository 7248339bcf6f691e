"""Short names for texts: ids and fingerprints."""

from __future__ import annotations

from hashlib import sha256

from service.text.reading import read

_HEX_DIGITS = 16  # 64 bits: two of a million things share one with a chance of 3 in 100 million


def digest(*parts: str) -> str:
    """Give a stable id of these strings: 16 hex digits of SHA-256.

    Each part goes in with its length, so that ("ab", "c") and ("a", "bc") differ.
    """
    joined = "".join([f"{len(part)}:{part}" for part in parts])
    return sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:_HEX_DIGITS]


def fingerprint(text: str) -> str:
    """Give the id of a text's folded words: equal for texts that differ in case, accents or signs only.

    Empty for a text without words.
    """
    folded = read(text).folded
    return digest(*folded) if folded else ""

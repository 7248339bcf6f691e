"""What was written down in English, by phrases that hold names and numbers, in a reader's language."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from service.wording.wording import Wording

_HOLE = re.compile(r"\{(\w+)\}")
_NUMBER = r"\d[\d,]{0,15}(?:\.\d{1,6})?(?:e\+\d\d)?"


class Phrasebook:
    """Knows phrases with holes, `{name}`; what stands in a hole stays, but for numbers and phrases.

    `numbers` are the holes in which nothing but a number stands: it is written as the language has it.
    `phrases_in` are those that may hold one of the phrases again. The first phrase that fits is taken.
    """

    def __init__(
        self, phrases: Sequence[str], *, numbers: Collection[str] = (), phrases_in: Collection[str] = ()
    ) -> None:
        """Take English texts of the catalogues."""
        self._phrases = phrases
        self._numbers = numbers
        self._phrases_in = phrases_in

    def say(self, text: str, wording: Wording) -> str:
        """Say a text that is one phrase, with a small or a capital letter first; nothing where it is none."""
        for phrase, pattern in self._patterns:
            if found := pattern.fullmatch(text):
                values = found.groupdict()
                return wording.say(
                    phrase, **{name: self._value(name, values[name], wording) for name in values}
                )
        return ""

    def _value(self, name: str, text: str, wording: Wording) -> str:
        if name in self._numbers:
            return wording.say_number(Decimal(text.replace(",", "")))
        return (name in self._phrases_in and self.say(text, wording)) or text

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(phrase, self._pattern_of(phrase)) for phrase in self._phrases]

    def _pattern_of(self, phrase: str) -> re.Pattern[str]:
        literal, *rest = _HOLE.split(phrase)
        parts = [f"(?i:{re.escape(literal[0])}){re.escape(literal[1:])}"] if literal else []
        for name, following in zip(rest[::2], rest[1::2], strict=True):
            parts.append(f"(?P<{name}>{_NUMBER if name in self._numbers else '.+'}){re.escape(following)}")
        return re.compile("".join(parts), re.DOTALL)

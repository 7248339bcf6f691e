"""What was written down in English, by phrases that hold names and numbers, in a reader's language."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from service.wording.wording import Wording

_HOLE = re.compile(r"\{(\w+)\}")
_NUMBER = r"\d[\d,]{0,15}(?:\.\d{1,6})?(?:e\+\d\d)?"
_MOST_COLONS = 20  # of a text in which a phrase may begin behind a colon


class Phrasebook:
    """Knows phrases with holes, `{name}`; what stands in a hole stays, but for numbers and phrases.

    `numbers` are the holes in which nothing but a number stands: it is written as the language has it.
    `phrases_in` are those that may hold one of the phrases again, or one of `parts`, which stand nowhere
    else. The first phrase that fits is taken, one that begins with a hole only where no other does. What a
    phrase is about may stand before it, as in `callao: this is no day`, and stays.
    """

    def __init__(
        self,
        phrases: Sequence[str],
        *,
        parts: Sequence[str] = (),
        numbers: Collection[str] = (),
        phrases_in: Collection[str] = (),
    ) -> None:
        """Take English texts of the catalogues."""
        self._phrases = phrases
        self._numbers = numbers
        self._phrases_in = phrases_in
        self._within = (
            Phrasebook((*parts, *phrases), numbers=numbers, phrases_in=phrases_in) if parts else self
        )
        self._patterns: dict[str, re.Pattern[str]] = {}

    def say(self, text: str, wording: Wording) -> str:
        """Say a text that is one phrase, with a small or a capital letter first; nothing where it is none."""
        if said := self._say_by_its_words(text, wording):
            return said
        at = -1
        for _ in range(_MOST_COLONS):
            at = text.find(": ", at + 1)
            if at < 0:
                break
            if said := self._say_by_its_words(text[at + 2 :], wording):
                return text[: at + 2] + said
        return self._say_one_of(self._with_a_hole_first, text, wording)

    def _say_by_its_words(self, text: str, wording: Wording) -> str:
        return self._say_one_of(self._with_words_first.get(text[:1].lower(), ()), text, wording)

    def _say_one_of(self, phrases: Iterable[tuple[str, str]], text: str, wording: Wording) -> str:
        folded = _with_small_first(text)
        for phrase, beginning in phrases:
            if folded.startswith(beginning) and (found := self._pattern(phrase).fullmatch(text)):
                values = found.groupdict()
                return wording.say(
                    phrase, **{name: self._value(name, values[name], wording) for name in values}
                )
        return ""

    def _value(self, name: str, text: str, wording: Wording) -> str:
        if name in self._numbers:
            return wording.say_number(Decimal(text.replace(",", "")))
        return (name in self._phrases_in and self._within.say(text, wording)) or text

    @cached_property
    def _with_words_first(self) -> dict[str, list[tuple[str, str]]]:
        """Give by its first letter each phrase that begins with words, with those: most texts fit none."""
        found: dict[str, list[tuple[str, str]]] = {}
        for phrase in self._phrases:
            if words := _with_small_first(_HOLE.split(phrase)[0]):
                found.setdefault(words[0], []).append((phrase, words))
        return found

    @cached_property
    def _with_a_hole_first(self) -> list[tuple[str, str]]:
        return [(phrase, "") for phrase in self._phrases if _HOLE.match(phrase)]

    def _pattern(self, phrase: str) -> re.Pattern[str]:
        if phrase not in self._patterns:
            self._patterns[phrase] = self._pattern_of(phrase)
        return self._patterns[phrase]

    def _pattern_of(self, phrase: str) -> re.Pattern[str]:
        literal, *rest = _HOLE.split(phrase)
        parts = [f"(?i:{re.escape(literal[0])}){re.escape(literal[1:])}"] if literal else []
        for name, following in zip(rest[::2], rest[1::2], strict=True):
            parts.append(f"(?P<{name}>{_NUMBER if name in self._numbers else '.+'}){re.escape(following)}")
        return re.compile("".join(parts), re.DOTALL)


def _with_small_first(text: str) -> str:
    return text[:1].lower() + text[1:]

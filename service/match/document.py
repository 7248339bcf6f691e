"""An entry as the matcher sees it: two fields of words with positions.

What is costly (places of all words, offsets in the original text) is worked out when first asked
for, because most entries match nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

from service.domain import TextField
from service.text import normal, read, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.domain import Entry

Span = tuple[int, int]
"""The first and the last position of an occurrence, both included."""


class View:
    """One field of an entry."""

    def __init__(self, where: TextField, text: str) -> None:
        """Cut the text into words; nothing else yet."""
        self.where = where
        self.text = text
        self.reading = read(text)

    @cached_property
    def places(self) -> dict[str, list[Span]]:
        """Where each word stands, hashtags as one word included."""
        places: dict[str, list[Span]] = {}
        for position, word in enumerate(self.reading.folded):
            places.setdefault(word, []).append((position, position))
        for tag in self.reading.tags:
            places[tag.folded] = sorted([*places.get(tag.folded, ()), (tag.first, tag.last)])
        return places

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.places)

    @cached_property
    def _words(self) -> list[tuple[str, int, int]]:
        return [*words(self.text)]

    def beginning_with(self, head: str) -> Iterator[str]:
        """Give the different words of the field that begin so."""
        for at in range(bisect_left(self._sorted, head), len(self._sorted)):
            if not self._sorted[at].startswith(head):
                return
            yield self._sorted[at]

    def offsets(self, span: Span) -> tuple[int, int]:
        """Give the slice of the original text that a span covers."""
        return self._words[span[0]][1], self._words[span[1]][2]

    def raw(self, span: Span) -> str:
        """Give a word as written, in normal form."""
        start, end = self.offsets(span)
        return normal(self.text[start:end])


class Document:
    """An entry with its fields; `only` narrows it to one of them."""

    def __init__(self, entry: Entry, views: tuple[View, ...]) -> None:
        """Take the views that expressions may look at."""
        self.entry = entry
        self.views = views

    @classmethod
    def of(cls, entry: Entry) -> Document:
        """Read the headline and the text of an entry."""
        return cls(entry, (View(TextField.TITLE, entry.title), View(TextField.TEXT, entry.summary)))

    def only(self, where: TextField) -> Document:
        """Give the same entry, looked at in one field."""
        return Document(self.entry, tuple(view for view in self.views if view.where is where))

    def vocabulary(self) -> set[str]:
        """Give the different words of all fields."""
        found: set[str] = set()
        for view in self.views:
            found.update(view.reading.folded)
            found.update(tag.folded for tag in view.reading.tags)
        return found

"""An entry as the matcher sees it: two fields of words with positions.

What is costly (places of all words, offsets in the original text) is worked out when first asked
for, because most entries match nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from service.domain import TextField
from service.text import normal, read, stems, stems_in, vocabulary, word_spans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from service.domain import Entry
    from service.text import Reading, Stem

HEAD = 3
"""The letters by which beginnings of words are filed: a prefix has at least three."""

Span = tuple[int, int]
"""The first and the last position of an occurrence, both included."""


class View:
    """One field of an entry."""

    def __init__(self, where: TextField, text: str) -> None:
        """Take the text."""
        self.where = where
        self.text = text

    @cached_property
    def reading(self) -> Reading:
        """The text cut into words."""
        return read(self.text)

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
    def _slices(self) -> list[Span]:
        return word_spans(self.text)

    def with_stem(self, stem: Stem) -> list[Span]:
        """Give where the words with this stem stand, sorted."""
        language, key = stem
        if not language:
            return self.places.get(key, [])
        if language not in self._stems:
            self._stems[language] = self._places_of_stems(language)
        return self._stems[language].get(key, [])

    @cached_property
    def _stems(self) -> dict[str, dict[str, list[Span]]]:
        """The places of stems in the languages that were asked for, by language and stem."""
        return {}

    def _places_of_stems(self, language: str) -> dict[str, list[Span]]:
        places: dict[str, list[Span]] = {}
        for span in sorted(chain.from_iterable(self.places.values())):
            for of, key in stems(self.raw(span), (language,)):
                if of:
                    places.setdefault(key, []).append(span)
        return places

    def beginning_with(self, head: str) -> Iterator[str]:
        """Give the different words of the field that begin so."""
        for at in range(bisect_left(self._sorted, head), len(self._sorted)):
            if not self._sorted[at].startswith(head):
                return
            yield self._sorted[at]

    def offsets(self, span: Span) -> tuple[int, int]:
        """Give the slice of the original text that a span covers."""
        return self._slices[span[0]][0], self._slices[span[1]][1]

    def raw(self, span: Span) -> str:
        """Give a word as written, in normal form."""
        start, end = self.offsets(span)
        return normal(self.text[start:end])


class Document:
    """An entry with its fields; `only` narrows it to one of them.

    `answers` remembers what was already asked, by the identity of the node: a named block of a
    watchlist stands in many of its items. It serves one reading of one entry, in which no node dies.
    """

    def __init__(self, entry: Entry, views: tuple[View, ...]) -> None:
        """Take the views that expressions may look at."""
        self.entry = entry
        self.views = views
        self.vocabulary = vocabulary(*[view.text for view in views])
        self.answers: dict[int, bool] = {}

    @classmethod
    def of(cls, entry: Entry) -> Document:
        """Read the headline and the text of an entry."""
        views = (View(TextField.TITLE, entry.title), View(TextField.TEXT, entry.summary))
        return cls(entry, views)

    @cached_property
    def has_tags(self) -> bool:
        """Whether some word is a hashtag of several parts."""
        return any(view.reading.tags for view in self.views)

    @cached_property
    def day(self) -> date:
        """The day (UTC) that periods are asked of."""
        return self.entry.happened_at.date()

    def only(self, where: TextField) -> Document:
        """Give the same entry, looked at in one field."""
        if where not in self._narrowed:
            views = tuple(view for view in self.views if view.where is where)
            self._narrowed[where] = Document(self.entry, views)
        return self._narrowed[where]

    def has_stem(self, wanted: frozenset[Stem], languages: tuple[str, ...]) -> bool:
        """Tell whether some word has one of these stems, which are of these languages."""
        return not wanted.isdisjoint(self.stems(languages))

    def stems(self, languages: tuple[str, ...]) -> frozenset[Stem]:
        """Give the stems of all words in some languages."""
        found = self._stems.get(languages)
        if found is None:
            parts = (stems_in(view.text, languages) for view in self.views)
            found = self._stems[languages] = frozenset(chain.from_iterable(parts))
        return found

    @cached_property
    def _stems(self) -> dict[tuple[str, ...], frozenset[Stem]]:
        return {}

    def has_beginning(self, head: str) -> bool:
        """Tell whether some word of the vocabulary begins so."""
        words = self._in_order
        at = bisect_left(words, head)
        return at < len(words) and words[at].startswith(head)

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.vocabulary)

    @cached_property
    def _narrowed(self) -> dict[TextField, Document]:
        return {}

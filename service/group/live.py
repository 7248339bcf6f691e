"""An event that reports may still join, as the sum of what its reports say."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.group.features import Features

KEPT_TERMS = 64
MOST_TERMS = 128
MOST_MENTIONED = 2_000


@dataclass(slots=True)
class LiveEvent:
    """The sum of its reports' vectors, and what the vetoes look at.

    `reports` are those whose words count: a round-up is no part of the sum. `first` and `last` are the times
    of its reports, in hours since 1970; `touched` counts the reports of the watchlist when one came last.
    `terms` is the sum, `square` its squared length. `keys` are the addresses and headlines of its reports;
    `posted` the words under which the index finds it. `meaning` is the sum of what an encoder made of its
    reports, empty without one.
    """

    id: str
    first: float
    last: float
    touched: int = 0
    reports: int = 0
    terms: dict[str, float] = field(default_factory=dict)
    square: float = 0.0
    names: Counter[str] = field(default_factory=Counter)
    mentioned: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    keys: dict[str, None] = field(default_factory=dict)
    posted: dict[str, None] = field(default_factory=dict)
    meaning: array[float] = field(default_factory=lambda: array("d"))
    meant: int = 0

    def likeness(self, vector: dict[str, float]) -> float:
        """Give the cosine of a vector of length 1 and the sum."""
        small, large = (vector, self.terms) if len(vector) < len(self.terms) else (self.terms, vector)
        shared = sum([small[word] * large[word] for word in filter(large.__contains__, small)])
        return shared / math.sqrt(self.square) if self.square else 0.0

    def gap(self, at: float) -> float:
        """Give the hours between a time and the nearest end of the event; 0 within it."""
        return max(at - self.last, self.first - at, 0.0)

    def shared_with(self, vector: dict[str, float], most: int) -> tuple[str, ...]:
        """Name the words that make a vector like the sum, the most telling first."""
        shares = {word: value * self.terms[word] for word, value in vector.items() if word in self.terms}
        return tuple(sorted(shares, key=lambda word: (-shares[word], word))[:most])

    def see(self, language: str, at: float) -> None:
        """Note that a report came, whatever it says."""
        self.first, self.last = min(self.first, at), max(self.last, at)
        self.languages.add(language)

    def add(self, vector: dict[str, float], features: Features) -> None:
        """Take in what a report says."""
        self.reports += 1
        self._add_terms(vector)
        self.names.update(features.names)
        self._mention(features.mentioned)
        self.years |= features.years

    def add_meaning(self, meaning: Sequence[float]) -> None:
        """Take in what an encoder made of a report."""
        self.meaning = array(
            "d", map(sum, zip(self.meaning, meaning, strict=True)) if self.meaning else meaning
        )
        self.meant += 1

    def take_over(self, other: LiveEvent) -> None:
        """Become the sum of both."""
        self._add_terms(other.terms)
        self.names.update(other.names)
        self._mention(other.mentioned)
        self.years |= other.years
        self.languages |= other.languages
        self.reports += other.reports
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.touched = max(self.touched, other.touched)
        if other.meaning:
            self.add_meaning(other.meaning)
            self.meant += other.meant - 1

    def _add_terms(self, terms: dict[str, float]) -> None:
        for word, value in terms.items():
            old = self.terms.get(word, 0.0)
            self.terms[word] = old + value
            self.square += value * (2.0 * old + value)
        if len(self.terms) > MOST_TERMS:
            by_word = sorted(self.terms)  # the order of those that weigh as much
            strongest = sorted(by_word, key=self.terms.__getitem__, reverse=True)[:KEPT_TERMS]
            self.terms = {word: self.terms[word] for word in strongest}
            self.square = sum([value * value for value in self.terms.values()])

    def _mention(self, names: Iterable[str]) -> None:
        if len(self.mentioned) < MOST_MENTIONED:
            self.mentioned.update(names)

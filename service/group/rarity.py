"""How rare a word is in a watchlist's news: the inverse document frequency, counted as the news comes in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRIOR = 200  # reports that are taken to have come before: else the first ones would weigh nothing
TOPIC_PRIOR = 100  # of these, how many held a word that the watchlist itself looks for
AGEING = 20_000  # reports after which all counts are halved, so that old news fade


@dataclass(slots=True)
class Rarity:
    """Counts reports and, by word, the reports that held it, each as much as the word weighs in it.

    So the words of headlines are taken to be more common than they are, and two reports have to share more
    than those to be alike: that keeps look-alike events apart. A word that the watchlist looks for is in most
    of its reports. On a young watchlist counts do not know that yet, so it is taken to have been in half of
    the `PRIOR` ones.
    """

    reports: int = 0
    since_aged: int = 0
    counts: dict[str, float] = field(default_factory=dict)
    topic: set[str] = field(default_factory=set)

    def add(self, weights: Mapping[str, float], topic: Iterable[str]) -> None:
        """Count one report, and learn which of its words the watchlist looks for."""
        self.reports += 1
        self.since_aged += 1
        for word, weight in weights.items():
            self.counts[word] = self.counts.get(word, 0.0) + weight
        self.topic.update(topic)
        if self.since_aged == AGEING:
            self._age()

    def of(self, word: str) -> float:
        """Give ln((N + 200) / (df + 1)), no less than 0 (Sparck Jones 1972, smoothed)."""
        held = self.counts.get(word, 0) + (TOPIC_PRIOR if word in self.topic else 0)
        return max(math.log((self.reports + PRIOR) / (held + 1)), 0.0)

    def vector(self, weights: dict[str, float]) -> dict[str, float]:
        """Weigh words by their rarity, the most telling first, and scale them to length 1.

        Empty where no word is telling.
        """
        found = {word: weight * self.of(word) for word, weight in weights.items()}
        length = math.sqrt(sum([value * value for value in found.values()]))
        telling = sorted(found, key=found.__getitem__, reverse=True)
        return {word: found[word] / length for word in telling if found[word] > 0.0} if length else {}

    def _age(self) -> None:
        self.since_aged = 0
        self.reports //= 2
        self.counts = {word: count // 2 for word, count in self.counts.items() if count > 1}

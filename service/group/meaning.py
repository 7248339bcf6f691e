"""A bridge between languages: how near two texts are in what a sentence encoder makes of them.

Everything on one watchlist is about one topic, so that its texts are all near each other. What they have in
common is therefore taken away: the mean of all of them, drawn towards nothing while there are few.
Without an encoder there is no bridge, and nothing else changes.
"""

from __future__ import annotations

import math
from array import array
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.group.live import LiveEvent

STRENGTH = 0.6  # of a perfect agreement in meaning, beside one of 1 in words
FLOOR = 0.1  # agreement in meaning that says nothing
MOST_CANDIDATES = 200  # events, the latest ones, that are looked at for each report
_PRIOR = 20  # reports of no meaning that are taken to have come before


class Bridge:
    """What all reports of a watchlist mean together."""

    def __init__(self, total: Sequence[float] = (), count: int = 0) -> None:
        """Take the sum of the meanings so far, and how many they are."""
        self.total = array("d", total)
        self.count = count

    def add(self, meaning: Sequence[float]) -> None:
        """Take one report in."""
        self.total = array("d", map(sum, zip(self.total, meaning, strict=True)) if self.total else meaning)
        self.count += 1

    def likenesses(self, meaning: Sequence[float], events: Sequence[LiveEvent]) -> dict[str, float]:
        """Give how like a report is to events by meaning alone, where that says something, by event."""
        mean = [value / (self.count + _PRIOR) for value in self.total] or [0.0] * len(meaning)
        mine, length = _centred(meaning, mean, 1)
        found = {}
        for event in events:
            other, other_length = _centred(event.meaning, mean, event.meant)
            nearness = (
                sum(map(mul, mine, other)) / (length * other_length) if length and other_length else 0.0
            )
            if nearness > FLOOR:
                found[event.id] = STRENGTH * (nearness - FLOOR) / (1.0 - FLOOR)
        return found


def _centred(sums: Sequence[float], mean: Sequence[float], count: int) -> tuple[list[float], float]:
    """Take `count` times the mean away from a sum; gives the rest and its length."""
    rest = [value - count * middle for value, middle in zip(sums, mean, strict=True)]
    return rest, math.sqrt(sum(map(mul, rest, rest)))

"""A bridge between languages: how near two texts are in what a sentence encoder makes of them.

Everything on one watchlist is about one topic, so that its texts are all near each other. What they have in
common is therefore taken away: the mean of all of them, drawn towards nothing while there are few.
Without an encoder there is no bridge, and nothing else changes.
"""

from __future__ import annotations

from array import array
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
        if not events:
            return {}
        import numpy as np  # there is no meaning without an encoder, which brings it

        mean = np.frombuffer(self.total) / (self.count + _PRIOR) if self.total else np.zeros(len(meaning))
        mine = np.asarray(meaning) - mean
        counts = np.array([event.meant for event in events], dtype=float)
        others = np.stack([np.frombuffer(event.meaning) for event in events]) - np.outer(counts, mean)
        # Not by matrix multiplication, whose last digit depends on how many rows there are.
        lengths = np.sqrt(np.einsum("ij,ij->i", others, others) * (mine * mine).sum())
        products = np.einsum("ij,j->i", others, mine)
        nearness = np.divide(products, lengths, out=np.zeros(len(events)), where=lengths > 0.0).tolist()
        return {
            event.id: STRENGTH * (near - FLOOR) / (1.0 - FLOOR)
            for event, near in zip(events, nearness, strict=True)
            if near > FLOOR
        }

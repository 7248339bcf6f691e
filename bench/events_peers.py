"""Simple ways to put reports into events, to see what the long one is worth."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from datasketch import MinHash, MinHashLSH

from service.group.features import features_of
from service.group.rarity import Rarity
from service.text import read

if TYPE_CHECKING:
    from collections.abc import Callable

    class Item(Protocol):
        """What the ways look at."""

        id: str
        title: str
        text: str
        language: str

    class Way(Protocol):
        """Puts reports into events, one after another."""

        def place(self, item: Item) -> str:
            """Give the event of a report."""


class Alone:
    """Every report is an event."""

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        return item.id


class SameHeadline:
    """Reports of one headline are an event."""

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        return " ".join(read(item.title).folded)


class SimHash:
    """The nearest earlier report by 64 bits (Charikar 2002), where at most `bits` differ."""

    def __init__(self, bits: int = 19) -> None:
        """Begin with no report."""
        self._bits = bits
        self._seen: list[tuple[int, str]] = []

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        mine = self._print(features_of(item.title, item.text, item.language).weights)
        near = min(self._seen, key=lambda one: (one[0] ^ mine).bit_count(), default=None)
        event = near[1] if near and (near[0] ^ mine).bit_count() <= self._bits else item.id
        self._seen.append((mine, event))
        return event

    @staticmethod
    def _print(words: dict[str, float]) -> int:
        sums = [0.0] * 64
        for word, weight in words.items():
            value = int.from_bytes(blake2b(word.encode(), digest_size=8).digest())
            for bit in range(64):
                sums[bit] += weight if value >> bit & 1 else -weight
        return sum(1 << bit for bit in range(64) if sums[bit] > 0)


class MinHashLsh:
    """The nearest earlier report by MinHash (Broder 1997) among those that LSH finds, by datasketch."""

    def __init__(self, least: float = 0.14) -> None:
        """Begin with no report."""
        self._least = least
        self._index = MinHashLSH(num_perm=128, params=(64, 2))
        self._seen: dict[str, tuple[MinHash, str]] = {}

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        mine = MinHash(num_perm=128)
        for word in features_of(item.title, item.text, item.language).weights:
            mine.update(word.encode())
        found = [self._seen[key] for key in self._index.query(mine)]
        near = max(found, key=lambda one: one[0].jaccard(mine), default=None)
        event = near[1] if near and near[0].jaccard(mine) >= self._least else item.id
        self._seen[item.id] = mine, event
        self._index.insert(item.id, mine)
        return event


class NearestByTfIdf:
    """The nearest earlier report by the cosine of TF-IDF, however old it is."""

    def __init__(self, least: float = 0.25) -> None:
        """Begin with no report."""
        self._least = least
        self._rarity = Rarity()
        self._seen: list[tuple[dict[str, float], str]] = []

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        weights = features_of(item.title, item.text, item.language).weights
        self._rarity.add(weights, ())
        mine = self._rarity.vector(weights)
        best, event = max(
            ((_cosine(mine, other), event) for other, event in self._seen), default=(0.0, item.id)
        )
        event = event if best >= self._least else item.id
        self._seen.append((mine, event))
        return event


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(value * other[word] for word, value in one.items() if word in other)


PEERS: dict[str, Callable[[], Way]] = {
    "every report alone": Alone,
    "same headline": SameHeadline,
    "SimHash, 19 bits": SimHash,
    "MinHash and LSH, 0.14": MinHashLsh,
    "nearest by TF-IDF, no fading": NearestByTfIdf,
}

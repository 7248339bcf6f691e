"""Finds the live events that a report may belong to, by words and by what identifies an article."""

from __future__ import annotations

import math
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.group.live import LiveEvent

POSTED = 24  # words of a report under which its event can be found
ASKED = 16  # words of a report that are looked up
CANDIDATES = 16
COMMON = 50  # events, or this share of them, from which on a word is too common to look up
COMMON_SHARE = 20
_ROUNDING = 1e-9  # more than sums of squares of a vector of length 1 can be wrong by


class Index:
    """The live events, by id, by word, and by address and headline."""

    def __init__(self) -> None:
        """Begin with no event."""
        self._events: dict[str, LiveEvent] = {}
        self._by_word: dict[str, dict[str, None]] = {}
        self._by_key: dict[str, str] = {}
        self._by_end: list[tuple[float, str]] = []  # a heap; an event may have had reports since

    def __len__(self) -> int:
        """Count the live events."""
        return len(self._events)

    def __iter__(self) -> Iterator[LiveEvent]:
        """Go through the live events, in the order in which they were opened."""
        return iter(self._events.values())

    def __contains__(self, event_id: str) -> bool:
        """Tell whether an event is live."""
        return event_id in self._events

    def __getitem__(self, event_id: str) -> LiveEvent:
        """Give a live event."""
        return self._events[event_id]

    def find_key(self, key: str) -> LiveEvent | None:
        """Find the event that has a report of this address or headline."""
        return self._events.get(self._by_key.get(key, ""))

    def find_like(self, vector: dict[str, float]) -> list[tuple[LiveEvent, float]]:
        """List the events that share telling words with a vector of length 1, those that share most first.

        The vector's words come in the order of their weight. Beside each event stands what its likeness can
        be at most: all that was looked up and not found in it is left out, all that was not looked up is
        taken to be shared (Cauchy and Schwarz). Weak words of an event, under which it is not posted, are
        not reckoned with.
        """
        asked = self._asked(vector)
        # Of two that share as much, the id decides: in which order words were posted is not remembered.
        best = sorted(_most_shared(asked), reverse=True)[:CANDIDATES]
        unknown = 1.0 - sum([square for _, square in asked])
        return [(self._events[event_id], math.sqrt(square + max(unknown, 0.0))) for square, event_id in best]

    def list_silent(self, since: float) -> list[LiveEvent]:
        """List the events that have no report of this time or later, without a look at all others."""
        met: dict[str, LiveEvent] = {}
        while self._by_end and self._by_end[0][0] < since:
            event = self._events.get(heappop(self._by_end)[1])
            if event:
                met[event.id] = event
        for event in met.values():
            heappush(self._by_end, (event.last, event.id))
        return [event for event in met.values() if event.last < since]

    def _asked(self, vector: dict[str, float]) -> list[tuple[dict[str, None], float]]:
        """Give the events under each of the strongest words that is not too common, and the word's square."""
        limit = max(COMMON, len(self._events) // COMMON_SHARE)
        nothing: dict[str, None] = {}
        looked_up = [
            (self._by_word.get(word, nothing), value * value) for word, value in islice(vector.items(), ASKED)
        ]
        return [one for one in looked_up if len(one[0]) <= limit]

    def post(self, event: LiveEvent, words: Iterable[str], keys: Iterable[str]) -> None:
        """Have an event found by these words, addresses and headlines from now on."""
        if event.id not in self._events:
            self._events[event.id] = event
            heappush(self._by_end, (event.last, event.id))
        for word in words:
            if word not in event.posted:
                event.posted[word] = None
                self._by_word.setdefault(word, {})[event.id] = None
        for key in keys:
            owner = self.find_key(key)
            if owner is not None and owner is not event:
                del owner.keys[key]
            event.keys[key] = None
            self._by_key[key] = event.id

    def drop(self, event: LiveEvent) -> None:
        """Have an event found no more."""
        del self._events[event.id]
        for word in event.posted:
            found = self._by_word[word]
            del found[event.id]
            if not found:
                del self._by_word[word]
        for key in event.keys:
            del self._by_key[key]


def _most_shared(asked: list[tuple[dict[str, None], float]]) -> list[tuple[float, str]]:
    """Add up what events share, for all that can be among the `CANDIDATES` that share most.

    Words come strongest first, and the weakest are those that most events have. Once so many events are
    known to share more than all words that are left come to, an event not met so far need not be looked at.
    """
    shared: dict[str, float] = {}
    known = shared.get
    left = sum([square for _, square in asked])
    least = 0.0  # what each of the best shares, or more
    for found, square in asked:
        if left + _ROUNDING < least:
            for event_id in found:
                if event_id in shared:
                    shared[event_id] += square
            continue
        for event_id in found:
            shared[event_id] = known(event_id, 0.0) + square
        left -= square
        least = least or (square if len(shared) >= CANDIDATES else 0.0)
    return [(value, event_id) for event_id, value in shared.items() if value >= least]

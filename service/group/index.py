"""Finds the live events that a report may belong to, by words and by what identifies an article."""

from __future__ import annotations

from heapq import nlargest
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


class Index:
    """The live events, by id, by word, and by address and headline."""

    def __init__(self) -> None:
        """Begin with no event."""
        self._events: dict[str, LiveEvent] = {}
        self._by_word: dict[str, dict[str, None]] = {}
        self._by_key: dict[str, str] = {}

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

    def find_like(self, vector: dict[str, float]) -> list[LiveEvent]:
        """List the events that share telling words with a vector, those that share most first.

        The vector's words come in the order of their weight.
        """
        limit = max(COMMON, len(self._events) // COMMON_SHARE)
        weights: dict[str, float] = {}
        known = weights.get
        for word, value in islice(vector.items(), ASKED):
            found = self._by_word.get(word, {})
            if len(found) <= limit:
                square = value * value
                for event_id in found:
                    weights[event_id] = known(event_id, 0.0) + square
        # Of two that share as much, the id decides: in which order words were posted is not remembered.
        best = nlargest(CANDIDATES, zip(weights.values(), weights, strict=True))
        return [self._events[event_id] for _, event_id in best]

    def post(self, event: LiveEvent, words: Iterable[str], keys: Iterable[str]) -> None:
        """Have an event found by these words, addresses and headlines from now on."""
        self._events[event.id] = event
        for word in words:
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

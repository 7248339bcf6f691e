"""What watchlists overlook: articles that one thing kept from matching, gathered by what was missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.match import Lack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Entry
    from service.match import NearMiss

TOO_COMMON, AT_LEAST = 0.005, 10
"""What is missing from more than this share of the entries, and more than this many, says too little."""
_SHOWN = 3


@dataclass(slots=True)
class Suggestion:
    """What was missing from entries that nearly matched a line of a watchlist, and some of them."""

    watchlist_id: str
    line: int
    lack: Lack
    missing: str
    present: str
    entries: int = 0
    examples: list[Entry] = field(default_factory=list)


class Overlooked:
    """Gathers near misses while entries are walked through."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[tuple[str, int, str], Suggestion] = {}
        self._walked = 0

    def walk(self, entries: int) -> None:
        """Note how many entries were looked at, near misses or not."""
        self._walked += entries

    def note(self, watchlist_id: str, entry: Entry, misses: Sequence[NearMiss]) -> None:
        """Note what kept an entry from matching."""
        for miss in misses:
            made = Suggestion(watchlist_id, miss.line, miss.lack, miss.missing, miss.present)
            kept = self._found.setdefault((watchlist_id, miss.line, miss.missing), made)
            kept.entries += 1
            if len(kept.examples) < _SHOWN and entry.title not in {one.title for one in kept.examples}:
                kept.examples.append(entry)

    def list_telling(self) -> list[Suggestion]:
        """List what says something, the most frequent first."""
        kept = telling(list(self._found.values()), max(AT_LEAST, int(TOO_COMMON * self._walked)))
        return sorted(kept, key=lambda one: (-one.entries, one.watchlist_id, one.line))


def telling(suggestions: Sequence[Suggestion], most: int) -> list[Suggestion]:
    """Keep what says something: of an item's parts, entries with the rare one and without the common one.

    An entry that has only the common part of an item (the country, without the port) nearly matches
    nothing. Where a line lacks several things, the one lacked most often leaves the common part there.
    """
    lines: dict[tuple[str, int], list[Suggestion]] = {}
    for one in suggestions:
        lines.setdefault((one.watchlist_id, one.line), []).append(one)
    kept = []
    for of_line in lines.values():
        largest = max(one.entries for one in of_line)
        kept += [
            one
            for one in of_line
            if one.entries <= most
            and (one.entries < largest or len(of_line) == 1 or one.lack is not Lack.WORDS)
        ]
    return kept

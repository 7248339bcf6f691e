"""Grouping and planning over the archive: what a reader would have been told. Nothing is stored.

The tool to judge a change of any constant: the stored matches are put into events anew, in the order in which
they came, and the alerts and updates that would have gone out are counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.domain import ChangeKind, EventChange, Updates
from service.group import Carried, Grouper, Reports, find_milestones
from service.notify import hold_reason, wants_update
from service.pipeline.grouping import meaning_of
from service.text import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Match, Milestone

    Encode = Callable[[str], Sequence[float]]


@dataclass(frozen=True, slots=True)
class ReplayedAlert:
    """An alert that would have gone out: of which report, and what the reader would have read."""

    at: datetime
    watchlist_id: str
    headline: str
    outlet: str
    is_update: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one watchlist.

    `suspects` are pairs of alerted events that say nearly the same, closer than a day: likely told twice.
    """

    watchlist_id: str
    matches: int
    events: int
    held: int
    alerts: tuple[ReplayedAlert, ...]
    updates: tuple[ReplayedAlert, ...]
    joined: Mapping[str, int]
    suspects: tuple[tuple[str, str], ...]


def replay_matches(
    watchlist_id: str, matches: Iterable[Match], updates: Updates, encode: Encode | None = None
) -> Replayed:
    """Group matches of one watchlist, oldest first, and plan for one reader who is told at once."""
    run = _Run(watchlist_id, updates, encode)
    for match in matches:
        run.take(match)
    return run.result()


class _Run:
    def __init__(self, watchlist_id: str, updates: Updates, encode: Encode | None) -> None:
        self._watchlist_id = watchlist_id
        self._updates = updates
        self._encode = encode
        self._grouper = Grouper()
        self._reports: dict[str, Reports] = {}
        self._told: set[str] = set()
        self._alerts: list[ReplayedAlert] = []
        self._reached: set[tuple[str, ChangeKind, str]] = set()
        self._later: list[ReplayedAlert] = []
        self._joined: Counter[str] = Counter()
        self._matches = 0
        self._held = 0

    def take(self, match: Match) -> None:
        self._matches += 1
        entry = match.entry
        placement = self._grouper.place(match, meaning_of(match, self._encode))
        self._joined[placement.reason.value] += 1
        earlier = self._reports.setdefault(placement.event_id, Reports())
        change = EventChange(
            match,
            placement.event_id,
            ChangeKind.OPENED if placement.is_new else ChangeKind.JOINED,
            held=hold_reason(entry),
            lineage=earlier.lineage_of(entry),
        )
        reached = self._fresh(find_milestones(change, earlier))
        earlier.add(Carried(entry, change.lineage))
        self._tell(change, reached)
        if placement.merge:
            self._merge(*placement.merge)

    def _fresh(self, milestones: Sequence[Milestone]) -> list[Milestone]:
        fresh = [one for one in milestones if (one.event_id, one.kind, one.detail) not in self._reached]
        self._reached.update((one.event_id, one.kind, one.detail) for one in fresh)
        return [one for one in fresh if wants_update(self._updates, one.kind)]

    def _tell(self, change: EventChange, reached: Sequence[Milestone]) -> None:
        entry = change.match.entry
        if change.held is not None:
            self._held += 1
            return
        alert = ReplayedAlert(entry.first_seen_at, self._watchlist_id, entry.title, entry.outlet)
        if change.event_id not in self._told:
            self._told.add(change.event_id)
            self._alerts.append(alert)
        elif reached:
            words = tuple(one.words for one in reached)
            self._later.append(replace(alert, is_update=True, words=words))

    def _merge(self, gone: str, kept: str) -> None:
        self._reports.setdefault(kept, Reports()).take_over(self._reports.pop(gone, Reports()))
        if gone in self._told:  # who was told of either knows of both
            self._told.add(kept)

    def result(self) -> Replayed:
        return Replayed(
            watchlist_id=self._watchlist_id,
            matches=self._matches,
            events=len(self._reports),
            held=self._held,
            alerts=tuple(self._alerts),
            updates=tuple(self._later),
            joined=dict(self._joined.most_common()),
            suspects=self._suspects(),
        )

    def _suspects(self) -> tuple[tuple[str, str], ...]:
        told = sorted(self._alerts, key=lambda one: one.at)
        return tuple(
            (one.headline, other.headline)
            for at, one in enumerate(told)
            for other in told[at + 1 : at + 1 + _LOOKED_AT]
            if (other.at - one.at).total_seconds() < _DAY and _alike(one.headline, other.headline)
        )


_LOOKED_AT = 30  # alerts after each that are compared with it
_DAY = 24 * 3600
_ALIKE = 0.4  # shared words of all words of both (Jaccard 1912)


def _alike(one: str, other: str) -> bool:
    mine, theirs = set(read(one).folded), set(read(other).folded)
    return len(mine & theirs) >= _ALIKE * len(mine | theirs) > 0

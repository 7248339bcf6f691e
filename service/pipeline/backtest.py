"""What a changed watchlist gains and loses over stored entries, and how many alerts a reader would have had.

Decides nothing that polling does not: the same matching, grouping and holding, run over entries in the order
in which they came, once with each version. Pure: entries are handed in page by page, and nothing is stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from service.group import Grouper
from service.notify import hold_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Protocol

    from service.domain import Entry, Feed, Match

    MatchEntry = Callable[[Entry, Feed], Sequence[Match]]

    class Side(Protocol):
        """One of the two versions: what it does with each page, and when it would have told."""

        @property
        def alerts(self) -> Sequence[datetime]:
            """When it would have told, in the order of the entries."""

        def take(self, page: Sequence[Entry], feeds: Mapping[int, Feed]) -> Mapping[int, Match]:
            """Give its matches on a page by entry."""


WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Share:
    """How many entries of one language or outlet matched before and after, were gained and were lost."""

    name: str
    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Week:
    """The alerts that a reader of everything, told at once, would have had in seven days from a time."""

    begins_at: datetime
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The comparison: `gained` and `lost` are matches in the order in which their entries came.

    `since` is when the first entry was seen, None where there was none. The mean of alerts per week takes a
    shorter time than a week for a week.
    """

    since: datetime | None
    until: datetime
    entries: int
    matched_before: int
    matched_after: int
    alerts_before: int
    alerts_after: int
    alerts_per_week_before: float
    alerts_per_week_after: float
    weeks: tuple[Week, ...]
    languages: tuple[Share, ...]
    outlets: tuple[Share, ...]
    gained: tuple[Match, ...]
    lost: tuple[Match, ...]


def run_backtest(
    pages: Iterable[Sequence[Entry]],
    feeds: Mapping[int, Feed],
    before: Side,
    after: Side,
    *,
    until: datetime,
) -> Backtest:
    """Match pages of entries, oldest first, with two versions of one watchlist.

    `feeds` are those of the entries by number. A version that is not there matches nothing; one that is
    compared with itself is tried once.
    """
    sides = before, after
    changes = _Changes()
    entries, since = 0, None
    for page in pages:
        since = since or page[0].first_seen_at
        entries += len(page)
        found = before.take(page, feeds)
        changes.add(found, found if after is before else after.take(page, feeds))
    begins = _weeks(since, until)
    told = [[_week_of(at, begins) for at in side.alerts] for side in sides]
    counts = [Counter(weeks) for weeks in told]
    span = max((until - since) / WEEK, 1.0) if since else 1.0
    return Backtest(
        since=since,
        until=until,
        entries=entries,
        matched_before=changes.before.total(),
        matched_after=changes.after.total(),
        alerts_before=len(sides[0].alerts),
        alerts_after=len(sides[1].alerts),
        alerts_per_week_before=round(len(sides[0].alerts) / span, 1),
        alerts_per_week_after=round(len(sides[1].alerts) / span, 1),
        weeks=tuple(Week(begin, *(count[begin] for count in counts)) for begin in begins),
        languages=changes.shares(lambda kind: kind[0]),
        outlets=changes.shares(lambda kind: kind[1]),
        gained=tuple(changes.gained),
        lost=tuple(changes.lost),
    )


def _weeks(since: datetime | None, until: datetime) -> list[datetime]:
    """Give the beginnings of the weeks, counted back from the end; the first one may be cut short.

    What came at the end itself, or later by a clock that was set back since, is of the last one.
    """
    if since is None:
        return []
    begins = [until - WEEK]
    while begins[-1] > since:
        begins.append(begins[-1] - WEEK)
    return begins[::-1]


def _week_of(at: datetime, begins: Sequence[datetime]) -> datetime:
    return next(begin for begin in reversed(begins) if begin <= at)


class AtWork:
    """A side that matches, groups and holds as polling does."""

    def __init__(self, match: MatchEntry) -> None:
        """Take what matches an entry of a feed."""
        self._match = match
        self._grouper = Grouper()
        self._told: set[str] = set()
        self.alerts: list[datetime] = []

    def take(self, page: Sequence[Entry], feeds: Mapping[int, Feed]) -> dict[int, Match]:
        """Match a page, put its matches into events, and note the alerts; gives the matches by entry."""
        found = {
            entry.id: match
            for entry in page
            if entry.feed_id in feeds
            for match in self._match(entry, feeds[entry.feed_id])
        }
        for match in found.values():
            event_id = self._grouper.place(match).event_id
            if hold_reason(match.entry) is None and event_id not in self._told:
                self._told.add(event_id)
                self.alerts.append(match.entry.first_seen_at)
        return found


_Kind = tuple[str, str]  # language and outlet


@dataclass(slots=True)
class _Changes:
    """What differs between the two versions, and how much does not."""

    before: Counter[_Kind] = field(default_factory=Counter)
    after: Counter[_Kind] = field(default_factory=Counter)
    gained: list[Match] = field(default_factory=list)
    lost: list[Match] = field(default_factory=list)

    def add(self, before: Mapping[int, Match], after: Mapping[int, Match]) -> None:
        """Add what the two versions matched of one page."""
        self.before.update(_kind(match) for match in before.values())
        self.after.update(_kind(match) for match in after.values())
        self.gained += [match for number, match in after.items() if number not in before]
        self.lost += [match for number, match in before.items() if number not in after]

    def shares(self, part: Callable[[_Kind], str]) -> tuple[Share, ...]:
        """Sum up by a part of the kind, what changed most first."""
        kinds = self.before, self.after, Counter(map(_kind, self.gained)), Counter(map(_kind, self.lost))
        sums: dict[str, list[int]] = {}
        for number, counts in enumerate(kinds):
            for kind, count in counts.items():
                sums.setdefault(part(kind), [0] * len(kinds))[number] += count
        shares = [Share(name, *numbers) for name, numbers in sums.items()]
        return tuple(sorted(shares, key=lambda one: (-one.gained - one.lost, -one.after, one.name)))


def _kind(match: Match) -> _Kind:
    return match.entry.language.partition("-")[0].lower(), match.entry.outlet

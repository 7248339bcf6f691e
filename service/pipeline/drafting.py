"""What a draft of a watchlist would have done with the stored articles, beside the version in force.

Of the articles of the last 90 days only those are read that one of the two could match, as the index of words
tells; the comparison itself is that of `backtest`. A draft that asks for next to everything is tried on the
newest articles, as many as one look takes. Changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from service.match.prefilter import need_of_rule, some
from service.pipeline.backtest import AtWork, run_backtest
from service.store import END, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from service.domain import Entry, Feed, Match
    from service.match import Rule
    from service.pipeline.backtest import Backtest, MatchEntry, Side
    from service.store import Place, Store

SPAN = timedelta(days=90)
MOST_READ = 12_000  # articles: some seconds' work at most
KEPT_FOR = timedelta(minutes=10)
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a watchlist: what it is known by, its rule, and how it matches an entry of a feed."""

    key: str
    rule: Rule
    match: MatchEntry


@dataclass(frozen=True, slots=True)
class Tried:
    """A draft beside the version in force: `since` is how far back was looked, `is_cut` that more was due."""

    result: Backtest
    since: datetime
    is_cut: bool


@dataclass(slots=True)
class _Noted:
    """A side of which is noted what it found; to be asked again where all its articles have been before."""

    side: Side
    found: dict[int, Match]

    @property
    def alerts(self) -> Sequence[datetime]:
        return self.side.alerts

    def take(self, page: Sequence[Entry], feeds: Mapping[int, Feed]) -> Mapping[int, Match]:
        found = self.side.take(page, feeds)
        self.found.update(found)
        return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What a version found before: `newest` is the last article that it could have matched then."""

    key: str
    newest: Sequence[Place]
    at: datetime
    found: Mapping[int, Match]
    alerts: Sequence[datetime]

    def take(self, page: Sequence[Entry], _: Mapping[int, Feed]) -> Mapping[int, Match]:
        return {entry.id: self.found[entry.id] for entry in page if entry.id in self.found}


class Drafting:
    """Compares drafts with what is in force, over the stored articles.

    Whoever writes has one draft after another tried beside the same version: what that found is kept for
    `KEPT_FOR`, until an article comes that it might match. What a publisher rewrites meanwhile is seen later.
    Not for more than one thread at a time.
    """

    def __init__(self, store: Store) -> None:
        """Take the archive."""
        self._store = store
        self._known: _Known | None = None

    def run(self, draft: Version, in_force: Version | None, now: datetime) -> Tried:
        """Try a draft; one that is the version in force is the same object."""
        rules = [one.rule for one in (draft, in_force) if one is not None]
        newest = self._newest(in_force, now)
        known = self._recall(in_force, newest, now)
        begins = (now if known is None else known.at) - SPAN
        wanted = Wanted(since=begins)
        places = self._store.searching.find_places(some(map(need_of_rule, rules)), wanted, END, MOST_READ + 1)
        is_cut = len(places) > MOST_READ
        kept = places[:MOST_READ]
        noted = _Noted(AtWork(_nothing if in_force is None else in_force.match), {})
        before = noted if known is None or is_cut else known
        result = run_backtest(
            _pages(self._store, kept[::-1], wanted),
            self._store.archive.feeds_by_id(),
            before,
            before if draft is in_force else AtWork(draft.match),
            until=now,
        )
        if before is noted and in_force is not None and not is_cut:
            self._known = _Known(in_force.key, newest, now, noted.found, noted.alerts)
        return Tried(result, kept[-1].at if is_cut else begins, is_cut)

    def _newest(self, in_force: Version | None, now: datetime) -> list[Place]:
        if in_force is None:
            return []
        need, wanted = need_of_rule(in_force.rule), Wanted(since=now - SPAN)
        return self._store.searching.find_places(need, wanted, END, 1)

    def _recall(self, in_force: Version | None, newest: Sequence[Place], now: datetime) -> _Known | None:
        known = self._known
        if known is None or in_force is None or (known.key, known.newest) != (in_force.key, newest):
            return None
        return known if known.at <= now < known.at + KEPT_FOR else None


def _pages(store: Store, places: Sequence[Place], wanted: Wanted) -> Iterator[list[Entry]]:
    for start in range(0, len(places), _PAGE):
        page = [entry for _, entry in store.searching.list_entries(places[start : start + _PAGE], wanted)]
        if page:
            yield sorted(page, key=lambda entry: (entry.first_seen_at, entry.id))


def _nothing(entry: Entry, feed: Feed) -> list[Match]:  # noqa: ARG001 -- the shape of a version
    return []

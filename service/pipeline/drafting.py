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
from service.pipeline.backtest import run_backtest
from service.store import END, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from service.domain import Entry, Feed, Match
    from service.match import Rule
    from service.pipeline.backtest import Backtest, MatchEntry
    from service.store import Place, Store

SPAN = timedelta(days=90)
MOST_READ = 12_000  # articles: some seconds' work at most
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a watchlist: its rule, and how it matches an entry of a feed."""

    rule: Rule
    match: MatchEntry


@dataclass(frozen=True, slots=True)
class Tried:
    """A draft beside the version in force: `since` is how far back was looked, `is_cut` that more was due."""

    result: Backtest
    since: datetime
    is_cut: bool


def try_draft(store: Store, draft: Version, in_force: Version | None, now: datetime) -> Tried:
    """Compare a draft with what is in force, over the stored articles."""
    rules = [one.rule for one in (draft, in_force) if one is not None]
    wanted = Wanted(since=now - SPAN)
    places = store.searching.find_places(some(map(need_of_rule, rules)), wanted, END, MOST_READ + 1)
    is_cut = len(places) > MOST_READ
    kept = places[:MOST_READ]
    since = kept[-1].at if is_cut and kept else now - SPAN
    result = run_backtest(
        _pages(store, kept[::-1], wanted),
        store.archive.feeds_by_id(),
        _nothing if in_force is None else in_force.match,
        draft.match,
        until=now,
    )
    return Tried(result, since, is_cut)


def _pages(store: Store, places: Sequence[Place], wanted: Wanted) -> Iterator[list[Entry]]:
    for start in range(0, len(places), _PAGE):
        page = [entry for _, entry in store.searching.list_entries(places[start : start + _PAGE], wanted)]
        if page:
            yield sorted(page, key=lambda entry: (entry.first_seen_at, entry.id))


def _nothing(entry: Entry, feed: Feed) -> list[Match]:  # noqa: ARG001 -- the shape of a version
    return []

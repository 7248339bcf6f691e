"""Matches to event changes, beside what the store knows of each watchlist's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.group import WINDOW, group_matches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import EventChange, Match
    from service.store import Batch


def group_new(batch: Batch, matches: Sequence[Match], *, no_earlier: datetime) -> list[EventChange]:
    """Put the matches that are not stored yet into events, watchlist by watchlist.

    History before `no_earlier`, less the window, is not searched: an older report opens an event of its own.
    """
    if not matches:
        return []
    batch.one_by_one()
    known = batch.watchlists_matched([match.entry for match in matches])
    fresh = [match for match in matches if (match.entry.id, match.watchlist_id) not in known]
    changes: list[EventChange] = []
    for watchlist_id in sorted({match.watchlist_id for match in fresh}):
        mine = [match for match in fresh if match.watchlist_id == watchlist_id]
        times = [match.entry.happened_at for match in mine]
        since = max(min(times), no_earlier) - WINDOW
        changes += group_matches(mine, batch.recent_reports(watchlist_id, since, max(times) + WINDOW))
    return changes

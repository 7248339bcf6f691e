"""Alerts that are only supposed: what the events or headlines would be that somebody asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import Entry
from service.errors import NotFound
from service.group import independent_groups
from service.match import Matcher
from service.notify import Supposed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.store import EventView
    from service.watchlists import Watchlist


def suppose_event(view: EventView, *, is_major: bool, outlets: int) -> Supposed:
    """Suppose that a stored event were new; with no `outlets` as large as it is by now."""
    return Supposed(
        view.event.watchlist_id,
        view.event.title,
        is_major=is_major or any(report.is_major for report in view.reports),
        outlets=outlets or len(independent_groups(report.carried for report in view.reports)),
        event_id=view.event.id,
    )


def suppose_headline(
    watchlists: Iterable[Watchlist],
    headline: str,
    watchlist_id: str,
    at: datetime,
    *,
    is_major: bool,
    outlets: int,
) -> tuple[Supposed, bool]:
    """Suppose a headline of a watchlist, and tell whether the watchlist matches it; raises NotFound."""
    known = {one.id: one for one in watchlists}
    if watchlist_id not in known:
        mend = f"Known: {', '.join(sorted(known))}."
        raise NotFound(f"there is no watchlist {watchlist_id}", mend=mend)
    found = Matcher([known[watchlist_id].query]).match(Entry.unstored(headline, at=at))
    is_major = is_major or any(one.major for one in found)
    return Supposed(watchlist_id, headline, is_major=is_major, outlets=outlets or 1), bool(found)

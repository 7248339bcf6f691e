"""What was read in the week that the pages look back on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.web.front import Week, count_answered, count_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Feed
    from service.store import Store
    from service.web.times import Local


def week_of(store: Store, local: Local, feeds: Sequence[Feed]) -> Week:
    """Ask the store what was read, at how many sources, since when."""
    first, began = store.counts.first_read_at(), local.week_begins_at
    return Week(
        entries=store.counts.count_since(began).entries,
        answered=count_answered(feeds),
        sources=count_sources(feeds),
        began_at=None if first is None else max(first, began),
    )

"""What the page of a source is made of, asked once for the page and for the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.errors import NotFound
from service.web import one_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Feed, HealthChange
    from service.store import FoundEntry, MatchedOften, Store, Yield
    from service.web.one_source import InFile
    from service.web.times import Local
    from service.web.view import View
    from service.websub import Push

_ENTRIES, _CHANGES = 20, 12
BROUGHT_DAYS = 30


@dataclass(frozen=True, slots=True)
class SourceData:
    """A source: where it stands in the files, what it brought in the last days, and how it did.

    `times` are those of its entries, `entries` and `changes` the last few.
    """

    feed: Feed
    push: Push | None
    in_files: Sequence[InFile]
    times: Sequence[datetime]
    matched: Sequence[MatchedOften]
    entries: Sequence[FoundEntry]
    changes: Sequence[HealthChange]


def list_sources(store: Store, local: Local) -> list[tuple[Feed, Push | None, Yield | None]]:
    """List the feeds that are polled, each with its subscription at a hub and what it has brought of late."""
    pushes, brought = store.pushes.by_feed(), store.yields.count(local.begin(BROUGHT_DAYS))
    return [(feed, pushes.get(feed.id), brought.get(feed.id)) for feed in store.feeds.list_all()]


def read_source(view: View, mark: str, local: Local, days: int = one_source.DAYS) -> SourceData:
    """Ask for everything that is said of a source; raises NotFound."""
    store = view.store
    feed = store.one_source.find(mark)
    if feed is None:
        raise NotFound("There is no such source. It may have been taken out of its pack.")
    since = local.begin(days)
    return SourceData(
        feed=feed,
        push=store.pushes.by_feed().get(feed.id),
        in_files=one_source.find_in_files(feed, store.versions.list_in_force()),
        times=store.one_source.list_times(feed.id, since),
        matched=store.one_source.count_matches(feed.id, since),
        entries=store.one_source.list_entries(feed.id, _ENTRIES),
        changes=store.one_source.list_changes(feed.id, _CHANGES),
    )

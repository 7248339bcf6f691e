"""Stored entries against changed watchlists: what they match now is shown as found later, and never told.

An entry found later joins or opens an event like any other report, but is held, whatever its age: so that a
fresh report of that event is told when it comes, as of an event that was known and never told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service import failpoints
from service.domain import HeldReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from service.domain import Entry, EventChange, Feed, Match
    from service.pipeline.shift import Shift

ARCHIVE = timedelta(days=30)  # how far back a changed watchlist looks


class Rematching:
    """Walks through the stored entries of the last 30 days. Done again, it finds nothing twice."""

    PAGE = 1_000  # entries read, matched and stored at a time

    def __init__(
        self,
        shift: Shift,
        versions: Mapping[str, str],
        match: Callable[[Entry, Feed], Sequence[Match]],
    ) -> None:
        """Take what is shared with polling, the changed watchlists with their versions, and their `match`."""
        self._shift = shift
        self._versions = versions
        self._match = match
        self._since = shift.clock() - ARCHIVE

    @property
    def names(self) -> str:
        """Name the changed watchlists."""
        return ", ".join(self._versions)

    def count(self) -> int:
        """Count the entries that `run` will walk through."""
        return self._shift.store.archive.count_entries(self._since)

    def run(
        self,
        on_page: Callable[[int], object] = lambda _: None,
        *,
        is_over: Callable[[], bool] = lambda: False,
    ) -> int | None:
        """Match, group and store page by page; gives how many matches were found, None when cut short.

        `on_page` is told how many entries are done. Polls are held up for the storing of a page, not for
        its matching. `is_over` is asked before anything is stored. Cut short, all of it is due again.
        """
        shift = self._shift
        feeds = shift.store.archive.feeds_by_id()
        found = 0
        for page in shift.store.archive.iter_pages(self._since, batch=self.PAGE):
            # An entry of a feed that came meanwhile was matched when it was polled.
            old = [entry for entry in page if entry.feed_id in feeds]
            matches = [one for entry in old for one in self._match(entry, feeds[entry.feed_id])]
            with shift.lock:
                if is_over():
                    return None
                found += self._store(matches) if matches else 0
            on_page(len(page))
        shift.store.versions.record_rematch(list(self._versions.items()))
        return found

    def _store(self, matches: Sequence[Match]) -> int:
        with self._shift.store.batch(self._shift.clock()) as batch:
            batch.one_by_one()
            # What was edited since the page was read has been matched by its poll.
            same = batch.unedited([match.entry for match in matches])
            still = [match for match in matches if match.entry.id in same]
            grouped = self._shift.grouping.group(
                batch, still, _found_later, one_language=self._shift.desk.one_language
            )
            failpoints.reach("rematched")
        self._shift.grouping.committed()
        failpoints.reach("rematch-committed")
        return len(grouped.changes)


def _found_later(changes: Iterable[EventChange]) -> list[EventChange]:
    return [replace(change, held=HeldReason.FOUND_LATER) for change in changes]

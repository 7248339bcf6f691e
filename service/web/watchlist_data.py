"""What the pages of watchlists are made of, asked once for the pages and for the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from service.errors import NotFound
from service.pipeline import Searching
from service.store import timeline as stored
from service.web import front, timeline
from service.web.drawing import count_in_parts
from service.web.moved_lines import moved_lines
from service.web.spikes import latest_spikes
from service.web.week import week_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import FileVersion, Spike
    from service.pipeline import Nearly
    from service.store import EventView, Seen, WatchlistSummary
    from service.watchlists import Watchlist
    from service.web.times import Local
    from service.web.view import View

_MONTH = 30
_SPIKES = 50
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Month:
    """A watchlist in a list: the events of this week, the reports of 30 days in as many parts, the last one.

    `last_at` is None where nothing was reported in that time.
    """

    summary: WatchlistSummary
    matched: int
    counts: Sequence[int]
    last_at: datetime | None


def list_months(view: View, local: Local) -> Iterable[Month]:
    """List the watchlists in force."""
    reading = view.store.reading
    matched, since = (
        reading.count_events_matched_since(local.week_begins_at),
        local.now - timedelta(days=_MONTH),
    )
    for one in reading.list_watchlists():
        times = [seen.at for seen in view.store.timeline.list_seen(one.id, since)]
        counts = count_in_parts((at for at in times if at >= since), since, local.now, _MONTH)
        yield Month(one, matched.get(one.id, 0), counts, max(times, default=None))


class OneWatchlist:
    """One watchlist, asked part by part. `file` is None where its file is not in force here."""

    def __init__(self, view: View, watchlist_id: str, local: Local) -> None:
        """Take the view and the name; raises NotFound."""
        self._view, self._store, self._local = view, view.store, local
        found = (one for one in self._store.reading.list_watchlists() if one.id == watchlist_id)
        summary = next(found, None)
        if summary is None:
            raise NotFound("There is no watchlist of this name in force.")
        self.id = watchlist_id
        self.summary: WatchlistSummary = summary
        self.file: Watchlist | None = next((one for one in view.watchlists() if one.id == watchlist_id), None)
        self._seen: dict[int, Sequence[Seen]] = {}

    @cached_property
    def versions(self) -> Sequence[FileVersion]:
        """Give the versions of its file that were in force or overwritten, the latest first."""
        return self._store.versions.list_versions(f"{self.id}.yaml")

    def volume(self, span: int) -> timeline.Volume:
        """Count what it found on each of the last days, with what stands out."""
        since, seen = self._local.begin(span), self._seen_in(span)
        marked = self._store.timeline.name_events(timeline.marked_events(seen, since))
        spikes = self._store.spikes.list_spikes(since=since, watchlist_id=self.id, limit=_SPIKES)
        return timeline.count_volume(seen, spikes, self.file, marked, span, self._local)

    def most_counted(self, span: int) -> int:
        """Give how many matches of the last days are counted, where there may be more; else 0."""
        most = stored.MOST_READ
        return most if len(self._seen_in(span)) >= most else 0

    def coverage(
        self, span: int, most: int | None = timeline.SHARES_SHOWN
    ) -> Mapping[str, Sequence[timeline.Share]]:
        """Count who reported in the last days, where and in which language."""
        return timeline.coverage(self._seen_in(span), self._local.begin(span), most)

    def terms(self, span: int) -> Sequence[timeline.TermRow]:
        """Tell what each term found in the last days, and the lines that found nothing."""
        lines: Mapping[str, Mapping[int, int]] | None = None
        if self.file is not None:
            lines = moved_lines(self.versions, self.file.source.text)
        since = self._local.begin(span)
        uses = self._store.timeline.count_terms(self.id, since, lines) if lines else []
        return timeline.term_rows(self.file, uses, self._store.feedback.by_term(self.id, lines), self._local)

    def spikes(self) -> Sequence[Spike]:
        """List its latest spikes."""
        return latest_spikes(self._store, [self.summary], watchlist_id=self.id)

    def events(self, limit: int, skip: int) -> Sequence[EventView]:
        """List its events, the one last reported on first."""
        return self._store.reading.list_events(watchlist_id=self.id, limit=limit, skip=skip, brief=True)

    def silence(self) -> str:
        """Say that nothing matched, and out of how much."""
        week = week_of(self._store, self._local, self._store.feeds.list_all())
        return front.silence(week, self._local)

    def nearest(self) -> Sequence[Nearly]:
        """List what nearly matched in the last 7 days, if nothing did."""
        since = self._local.begin(timeline.WEEK)
        if self.file is None or any(one.at >= since for one in self._seen_in(timeline.LEAST)):
            return ()
        return Searching(self._store).list_nearest(self.file.query, since, _NEAREST)

    def _seen_in(self, span: int) -> Sequence[Seen]:
        """Give what it found in the last days, and in the last `LEAST` in any case."""
        days = max(span, timeline.LEAST)
        if days not in self._seen:
            self._seen[days] = self._store.timeline.list_seen(self.id, self._local.begin(days))
        return self._seen[days]

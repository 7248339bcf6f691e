"""What watchlists overlook: stored entries one term short of matching, by the term: `avizor suggest`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.cli import show
from service.errors import NotFound
from service.match import Lack, Matcher
from service.wiring import follows, open_store, real_clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from service.config import Settings
    from service.domain import Entry
    from service.match import NearMiss
    from service.watchlists import Watchlist
    from service.wiring import Files

TOO_COMMON, AT_LEAST = 0.005, 10
"""What is missing from more than this share of the entries, and more than this many, says too little."""
_SHOWN = 3
_SAID = {
    Lack.WORDS: "none of {0}",
    Lack.DISTANCE: "too far apart for {0}",
    Lack.FIELD: "not where {0} asks for it",
    Lack.PERIOD: "published outside {0}",
}


@dataclass(slots=True)
class Suggestion:
    """What was missing from entries that nearly matched a line of a watchlist, and their headlines."""

    watchlist_id: str
    line: int
    lack: Lack
    missing: str
    present: str
    entries: int = 0
    headlines: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Say what was there and what was not."""
        return f"{self.present}, but {_SAID[self.lack].format(self.missing)}"


def suggest(settings: Settings, files: Files, watchlist_id: str, span: timedelta) -> list[Suggestion]:
    """Walk through the entries of the last days; what lacks most often comes first.

    Raises:
        NotFound: there is no such watchlist.
    """
    watchlists = _chosen(files.watchlists, watchlist_id)
    matcher = Matcher([watchlist.query for watchlist in watchlists])
    by_id = {watchlist.id: watchlist for watchlist in watchlists}
    found: dict[tuple[str, int, str], Suggestion] = {}
    since = real_clock() - span
    with open_store(settings, exclusive=False) as store:
        feeds = store.archive.feeds_by_id()
        total = store.archive.count_entries(since)
        with show.progress() as progress:
            bar = progress.add_task("reading", total=total)
            for page in store.archive.iter_pages(since, newest_first=True):
                for entry in page:
                    for query, misses in matcher.near_misses(entry):
                        feed = feeds.get(entry.feed_id)
                        if feed is not None and follows(by_id[query.watchlist_id], feed.source):
                            _note(found, query.watchlist_id, entry, misses)
                progress.advance(bar, len(page))
    kept = telling(list(found.values()), max(AT_LEAST, int(TOO_COMMON * total)))
    return sorted(kept, key=lambda one: (-one.entries, one.watchlist_id, one.line))


def telling(suggestions: Sequence[Suggestion], most: int) -> list[Suggestion]:
    """Keep what says something: of an item's parts, entries with the rare one and without the common one.

    An entry that has only the common part of an item (the country, without the port) nearly matches
    nothing. Where a line lacks several things, the one lacked most often leaves the common part there.
    """
    lines: dict[tuple[str, int], list[Suggestion]] = {}
    for one in suggestions:
        lines.setdefault((one.watchlist_id, one.line), []).append(one)
    kept = []
    for of_line in lines.values():
        largest = max(one.entries for one in of_line)
        kept += [
            one
            for one in of_line
            if one.entries <= most
            and (one.entries < largest or len(of_line) == 1 or one.lack is not Lack.WORDS)
        ]
    return kept


def _chosen(watchlists: Sequence[Watchlist], watchlist_id: str) -> list[Watchlist]:
    chosen = [one for one in watchlists if watchlist_id in ("", one.id)]
    if not chosen:
        known = ", ".join(one.id for one in watchlists) or "none"
        raise NotFound(f"there is no watchlist {watchlist_id}", mend=f"Known: {known}.")
    return chosen


def _note(
    found: dict[tuple[str, int, str], Suggestion],
    watchlist_id: str,
    entry: Entry,
    misses: Sequence[NearMiss],
) -> None:
    for miss in misses:
        made = Suggestion(watchlist_id, miss.line, miss.lack, miss.missing, miss.present)
        kept = found.setdefault((watchlist_id, miss.line, miss.missing), made)
        kept.entries += 1
        if len(kept.headlines) < _SHOWN and entry.title not in kept.headlines:
            kept.headlines.append(entry.title)


def print_suggestions(suggestions: Sequence[Suggestion], files: Files, limit: int) -> None:
    """Print each with its place in the file and some headlines."""
    if not suggestions:
        show.print_line("No stored article nearly matched.")
        return
    names = {watchlist.id: watchlist.file for watchlist in files.watchlists}
    for one in suggestions[:limit]:
        count = show.counted(one.entries, "article")
        show.print_line(f"{names[one.watchlist_id]}:{one.line}: {count} had {one.sentence}")
        for headline in one.headlines:
            show.print_line(f"    {headline}")
    show.print_shown(len(suggestions[:limit]), len(suggestions))

"""What watchlists overlook: stored entries one term short of matching, by the term: `avizor suggest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cli import show
from service.errors import NotFound
from service.match import Lack, Matcher
from service.pipeline import Overlooked
from service.wiring import follows, open_store, real_clock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from service.config import Settings
    from service.pipeline import Suggestion
    from service.watchlists import Watchlist
    from service.wiring import Files

_SAID = {
    Lack.WORDS: "none of {0}",
    Lack.DISTANCE: "too far apart for {0}",
    Lack.FIELD: "not where {0} asks for it",
    Lack.PERIOD: "published outside {0}",
}


def suggest(settings: Settings, files: Files, watchlist_id: str, span: timedelta) -> list[Suggestion]:
    """Walk through the entries of the last days; what lacks most often comes first.

    Raises:
        NotFound: there is no such watchlist.
    """
    watchlists = _chosen(files.watchlists, watchlist_id)
    matcher = Matcher([watchlist.query for watchlist in watchlists])
    by_id = {watchlist.id: watchlist for watchlist in watchlists}
    overlooked = Overlooked()
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
                            overlooked.note(query.watchlist_id, entry, misses)
                overlooked.walk(len(page))
                progress.advance(bar, len(page))
    return overlooked.list_telling()


def _sentence(one: Suggestion) -> str:
    """Say what was there and what was not."""
    return f"{one.present}, but {_SAID[one.lack].format(one.missing)}"


def _chosen(watchlists: Sequence[Watchlist], watchlist_id: str) -> list[Watchlist]:
    chosen = [one for one in watchlists if watchlist_id in ("", one.id)]
    if not chosen:
        known = ", ".join(one.id for one in watchlists) or "none"
        raise NotFound(f"there is no watchlist {watchlist_id}", mend=f"Known: {known}.")
    return chosen


def print_suggestions(suggestions: Sequence[Suggestion], files: Files, limit: int) -> None:
    """Print each with its place in the file and some headlines."""
    if not suggestions:
        show.print_line("No stored article nearly matched.")
        return
    names = {watchlist.id: watchlist.file for watchlist in files.watchlists}
    for one in suggestions[:limit]:
        count = show.counted(one.entries, "article")
        show.print_line(f"{names[one.watchlist_id]}:{one.line}: {count} had {_sentence(one)}")
        for entry in one.examples:
            show.print_line(f"    {entry.title}")
    show.print_shown(len(suggestions[:limit]), len(suggestions))

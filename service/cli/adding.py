"""A feed is found, shown and written into a pack: `avizor feeds add`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.cli import show
from service.cli.explaining import explain_entry, say_verdict
from service.errors import NotFound
from service.pipeline import find_site_feeds
from service.watchlists import FEEDS_FOLDER, FeedFacts, check_facts, find_feed, save
from service.wiring import facts_of_found, filled, find_caught, open_trials, plan_edits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.config import Environment, Settings
    from service.pipeline import FoundFeed
    from service.watchlists import Edit, FeedPlace, Watchlist
    from service.wiring import Caught, Files


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants added: an address, what is said of the feed, and where it shall stand."""

    address: str
    said: FeedFacts
    pack: str
    pick: int = 1
    watchlist: str = ""
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry that a watchlist would have matched, and by which lines of it."""

    watchlist: str
    title: str
    at: datetime
    why: str
    is_followed: bool


@dataclass(frozen=True, slots=True)
class Added:
    """Everything there is to say at the end; `there` is where the feed stood already, if it did."""

    wish: Wish
    found: Sequence[FoundFeed]
    taken: FoundFeed
    facts: FeedFacts
    pack: str
    there: FeedPlace | None
    edits: Sequence[Edit]
    matched: Sequence[Matched]
    chosen: Watchlist | None


async def add_feed_of(settings: Settings, environment: Environment, files: Files, wish: Wish) -> Added:
    """Find a feed, try it, and write it down unless it is there already.

    Raises:
        NotFound: there is no feed, no watchlist of that name, or no feed of that number.
        FileRefused: the pack or the watchlist cannot be changed; nothing is written.
        SettingsError: a fact is refused, or the folder cannot be written to.
    """
    chosen = find_named(files, wish.watchlist)
    check_facts(filled(wish.said, FeedFacts("https://site.example/", "title", "outlet")))
    async with open_trials(settings, environment.secret) as trials:
        with show.err.status("asking") as status:
            found = await find_site_feeds(
                trials, wish.address, lambda url: status.update(show.plain(f"asking {url}"))
            )
    taken = _picked(found, wish.pick)
    facts = facts_of_found(wish.said, taken, files.sources)
    folder = settings.watchlists / FEEDS_FOLDER
    there = find_feed(folder, facts.url, taken.trial.source.url)
    pack = there.pack if there else wish.pack
    edits = plan_edits(settings.watchlists, [] if there else [facts], pack, chosen)
    for edit in () if wish.is_dry else edits:
        save(edit)
    caught = find_caught(files.watchlists, taken, facts, pack, chosen)
    matched = [_matched(one) for one in caught]
    return Added(wish, found, taken, facts, pack, there, edits, matched, chosen)


def find_named(files: Files, watchlist_id: str) -> Watchlist | None:
    """Give the watchlist of an id, None for no id."""
    known = {one.id: one for one in files.watchlists}
    if watchlist_id and watchlist_id not in known:
        mend = f"Known and in order: {', '.join(sorted(known)) or 'none yet'}."
        raise NotFound(f"there is no watchlist {watchlist_id} in order", mend=mend)
    return known.get(watchlist_id)


def _picked(found: Sequence[FoundFeed], pick: int) -> FoundFeed:
    if pick > len(found):
        raise NotFound(
            f"there is no feed number {pick}: {show.counted(len(found), 'feed')} was found"
            if len(found) == 1
            else f"there is no feed number {pick}: {len(found)} feeds were found",
            resource="--pick",
            mend="Leave --pick out to see them.",
        )
    return found[pick - 1]


def _matched(caught: Caught) -> Matched:
    """Say why an entry would have matched."""
    query, entry = caught.watchlist.query, caught.entry
    why = say_verdict(query, explain_entry([query], entry)[0], entry)
    return Matched(caught.watchlist.title, entry.title, entry.happened_at, why, caught.is_followed)

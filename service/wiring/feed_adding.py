"""The pages' way to new feeds: a site is searched and tried, and what is chosen is written into a pack.

One search at a time for each visitor, few at once, each with a deadline: a slow site holds up nobody else.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from service import loop
from service.errors import FileRefused, NotFound, Problem, Refused
from service.pipeline import find_site_feeds
from service.watchlists import (
    FEEDS_FOLDER,
    FeedFacts,
    add_feeds,
    commit_file,
    follow_pack,
    is_id,
    list_faults,
    list_feed_places,
    load_watchlists,
    same_feed,
    save,
)
from service.wiring.feed_facts import facts_of_found, find_caught
from service.wiring.feed_import import find_facts, judge_opml
from service.wiring.parts import open_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from service.config import Settings
    from service.pipeline import FoundFeed
    from service.watchlists import Edit, FeedPlace, Watchlist
    from service.wiring.feed_facts import Caught
    from service.wiring.feed_import import Import
    from service.wiring.files import Files

SECONDS = 60.0
MOST_AT_ONCE = 3
USUAL_PACK = "my-feeds"
_LONGEST_ADDRESS = 2_000
_NOTHING = FeedFacts("", "", "")


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed that was found and tried: what would be written, what would have matched, where it stands."""

    found: FoundFeed
    facts: FeedFacts
    caught: tuple[Caught, ...]
    there: FeedPlace | None


@dataclass(frozen=True, slots=True)
class Written:
    """That so many more feeds stand in a pack now; `is_committed` unless git did not do it."""

    pack: str
    feeds: int
    is_committed: bool = True


def plan_edits(lists: Path, feeds: Sequence[FeedFacts], pack: str, chosen: Watchlist | None) -> list[Edit]:
    """Give the changes by which feeds stand in a pack and a watchlist follows it.

    Raises:
        FileRefused: the pack or the watchlist cannot be changed.
        SettingsError: a fact is refused.
    """
    edits = [add_feeds(lists / FEEDS_FOLDER, pack, feeds)] if feeds else []
    following = follow_pack(lists, chosen, pack) if chosen else None
    return [*edits, *([following] if following else [])]


class FeedAdding:
    """Finds feeds and writes them down, for visitors who may change files."""

    def __init__(
        self,
        settings: Settings,
        secret: Callable[[str], str],
        files: Callable[[], Files],
        seconds: float = SECONDS,
    ) -> None:
        """Take the settings (folder, address policy, name), what gives secrets, and what is in force."""
        self._settings = settings
        self._secret = secret
        self._files = files
        self._seconds = seconds
        self._searching: set[str] = set()
        self._lock = Lock()

    @property
    def lists(self) -> Path:
        """Give the folder of the watchlists."""
        return self._settings.watchlists

    @property
    def files(self) -> Files:
        """Give what is in force."""
        return self._files()

    def list_packs(self) -> list[str]:
        """Name the packs there are."""
        return sorted({pack for one in self._files().sources for pack in one.packs} | {USUAL_PACK})

    def find(self, address: str, by: str) -> list[Offer]:
        """Find and try the feeds of a site. Waits for the site, so it belongs into a thread.

        Raises:
            NotFound: the site does not answer, not in time, or has no feed; or it is no address.
            Refused: this visitor, or too many others, are searching already.
        """
        wanted = _checked(address)
        with self._turn(by):
            found = loop.run(self._search(wanted))
        files, places = self._files(), list_feed_places(self.lists / FEEDS_FOLDER)
        offers = []
        for one in found:
            facts = facts_of_found(_NOTHING, one, files.sources)
            there = places.get(same_feed(facts.url)) or places.get(same_feed(one.trial.source.url))
            pack = there.pack if there else USUAL_PACK
            offers.append(Offer(one, facts, tuple(find_caught(files.watchlists, one, facts, pack)), there))
        return offers

    async def _search(self, address: str) -> list[FoundFeed]:
        try:
            async with asyncio.timeout(self._seconds), open_trials(self._settings, self._secret) as trials:
                return await find_site_feeds(trials, address)
        except TimeoutError as fault:
            message = f"the site did not answer all questions within {self._seconds:.0f} s"
            mend = "Give the address of its feed itself, or try again later."
            raise NotFound(message, resource=address, mend=mend) from fault

    @contextmanager
    def _turn(self, by: str) -> Iterator[None]:
        with self._lock:
            if by in self._searching or len(self._searching) >= MOST_AT_ONCE:
                message = "a site is being searched already"
                raise Refused(message, mend="Wait for its answer, and try again.")
            self._searching.add(by)
        try:
            yield
        finally:
            with self._lock:
                self._searching.discard(by)

    def judge(self, opml: bytes, content_type: str = "") -> Import:
        """Say what of an OPML file is new. Raises NotAFeed."""
        return judge_opml(opml, self.lists, self._files().sources, content_type)

    def write_chosen(self, chosen: Iterable[FeedFacts], pack: str, watchlist_id: str, by: str) -> Written:
        """Write feeds of which the address is known, and perhaps more, as `write` does."""
        return self.write(find_facts(chosen, self._files().sources), pack, watchlist_id, by)

    def write(self, feeds: Sequence[FeedFacts], pack: str, watchlist_id: str, by: str) -> Written:
        """Write feeds into a pack, let a watchlist follow it, and commit where the folder is a checkout.

        Raises:
            FileRefused: a fact is refused, or a file cannot be changed; nothing is written then.
            Refused: a feed stands in a pack already, or the pack has no name.
            NotFound: there is no such watchlist in order.
            SettingsError: the folder cannot be written to.
        """
        if not is_id(pack):
            mend = "Write small letters, digits and hyphens, as in my-feeds."
            raise Refused("this is no name of a pack", mend=mend)
        with self._lock:
            edits = self._edits(feeds, pack, watchlist_id)
            for edit in edits:
                save(edit)
        commits = []
        for edit in edits:
            name = edit.path.relative_to(self.lists).as_posix()
            what = _in_words(len(feeds)) if edit.path.parent.name == FEEDS_FOLDER else f"follows {pack}"
            commits.append(commit_file(self.lists, name, f"{edit.path.stem}: {what}", by))
        return Written(pack, len(feeds), None not in commits)

    def _edits(self, feeds: Sequence[FeedFacts], pack: str, watchlist_id: str) -> list[Edit]:
        faults: list[Problem] = [fault for one in feeds for fault in list_faults(one)]
        if faults:
            raise FileRefused(faults)
        places = list_feed_places(self.lists / FEEDS_FOLDER)
        for one in feeds:
            there = places.get(same_feed(one.url))
            if there is not None:
                raise Refused(f"{one.url} stands in the pack {there.pack} already, line {there.line}")
        return plan_edits(self.lists, feeds, pack, self._named(watchlist_id))

    def _named(self, watchlist_id: str) -> Watchlist | None:
        """Give a watchlist as its file is now, None for no id: what was just saved is not in force yet."""
        lists = load_watchlists(self.lists).watchlists if watchlist_id else ()
        chosen = next((one for one in lists if one.id == watchlist_id), None)
        if watchlist_id and chosen is None:
            message = f"there is no watchlist {watchlist_id} in order"
            raise NotFound(message)
        return chosen

    def followers(self, pack: str) -> tuple[str, ...]:
        """Name the watchlists that follow a pack, by the files: what was just saved is not in force yet."""
        lists = load_watchlists(self.lists).watchlists
        return tuple(one.title for one in lists if not one.feeds or pack in one.feeds)


def _checked(address: str) -> str:
    """Give an address as somebody pasted it; what is no address is told before anybody is asked."""
    wanted = address.strip()
    if not wanted or len(wanted) > _LONGEST_ADDRESS or not wanted.isprintable() or " " in wanted:
        message = "this is no address of a site"
        raise NotFound(message, mend="Copy it from the browser, as in https://diario.example.")
    scheme, colon, _ = wanted.partition("://")
    if colon and scheme.lower() not in {"http", "https"}:
        raise NotFound("only http and https addresses can be asked", mend="Write https://…")
    return wanted


def _in_words(feeds: int) -> str:
    return "1 feed added" if feeds == 1 else f"{feeds} feeds added"

"""A feed is found, shown and written into a pack: `avizor feeds add`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.cli import show
from service.cli.explaining import explain_entry, say_verdict
from service.cli.searching import search
from service.domain import Entry, FeedGroup, FeedSource
from service.errors import NotFound
from service.match import LANGUAGES, Matcher
from service.text import clip
from service.watchlists import (
    FEEDS_FOLDER,
    FeedFacts,
    add_feed,
    check_facts,
    find_feed,
    follow_pack,
    save,
)
from service.wiring import follows, open_trials, real_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.cli.searching import FoundFeed
    from service.config import Environment, Settings
    from service.domain import ParsedEntry
    from service.watchlists import Edit, FeedPlace, Watchlist
    from service.wiring import Files

_LONGEST_NAME = 80
_BETWEEN = (" | ", " » ", " – ", " — ", " - ", " :: ")


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
    chosen = _named(files, wish.watchlist)
    check_facts(_filled(wish.said, FeedFacts("https://site.example/", "title", "outlet")))
    async with open_trials(settings, environment.secret) as trials:
        with show.err.status("asking") as status:
            found = await search(trials, wish.address, lambda url: status.update(show.plain(f"asking {url}")))
    taken = _picked(found, wish.pick)
    facts = _facts(wish.said, taken, files)
    folder = settings.watchlists / FEEDS_FOLDER
    there = find_feed(folder, facts.url, taken.trial.source.url)
    pack = there.pack if there else wish.pack
    edits = [] if there else [add_feed(folder, pack, facts)]
    following = follow_pack(settings.watchlists, chosen, pack) if chosen else None
    edits += [following] if following else []
    for edit in () if wish.is_dry else edits:
        save(edit)
    matched = find_matches(files.watchlists, taken, facts, pack, chosen)
    return Added(wish, found, taken, facts, pack, there, edits, matched, chosen)


def _named(files: Files, watchlist_id: str) -> Watchlist | None:
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


# ----------------------------------------------------------------------------------- facts of a feed


def _facts(said: FeedFacts, found: FoundFeed, files: Files) -> FeedFacts:
    """Give what is written: what was said, else what the packs know of the host, else the feed's own."""
    host = urlsplit(found.url).hostname or found.url
    name = clip(found.name, _LONGEST_NAME) or host
    language = found.feed.language.replace("_", "-").partition("-")[0].lower()
    own = FeedFacts(
        found.url,
        title=name,
        outlet=_first_part(name),
        language=language if language in LANGUAGES else "",
    )
    return _filled(said, _filled(_of_host(host, files.sources), own))


def _filled(said: FeedFacts, other: FeedFacts) -> FeedFacts:
    """Give facts, and in place of each that is missing that of others."""
    names = (one.name for one in fields(said))
    return FeedFacts(**{name: getattr(said, name) or getattr(other, name) for name in names})


def _of_host(host: str, sources: Iterable[FeedSource]) -> FeedFacts:
    """Give the facts on which all feeds of a host agree; a search service says nothing of a feed."""
    known: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        if urlsplit(source.url).hostname == host and source.group is not FeedGroup.SEARCH:
            for name in ("outlet", "country", "language", "group", "owner"):
                known[name].add(str(getattr(source, name)))
    agreed = {name: values.pop() for name, values in known.items() if len(values) == 1}
    if agreed.get("group") == FeedGroup.INDEPENDENT:
        del agreed["group"]  # what is meant where nothing stands
    return FeedFacts("", "", **{"outlet": "", **agreed})


def _first_part(name: str) -> str:
    """Give the outlet in a feed's title: `Harbour Post` of `Harbour Post - Politics`."""
    for mark in _BETWEEN:
        name = name.partition(mark)[0]
    return name.strip()


# --------------------------------------------------------------------------------- what would match


def find_matches(
    watchlists: Sequence[Watchlist], found: FoundFeed, facts: FeedFacts, pack: str, chosen: Watchlist | None
) -> list[Matched]:
    """Say which entries of a feed the watchlists would have matched, and why, the newest first.

    `chosen` is the watchlist that is to follow the pack from now on.
    """
    source = FeedSource(facts.url, facts.title, facts.outlet, packs=(pack,))
    followed = {one.id for one in watchlists if one is chosen or follows(one, source)}
    titles = {one.id: one.title for one in watchlists}
    matcher = Matcher([one.query for one in watchlists])
    matched = []
    for parsed in found.feed.entries:
        entry = _entry(parsed, facts)
        for query in matcher.matching(entry):
            why = say_verdict(query, explain_entry([query], entry)[0], entry)
            name = query.watchlist_id
            matched.append(Matched(titles[name], entry.title, entry.happened_at, why, name in followed))
    return sorted(matched, key=lambda one: one.at, reverse=True)


def _entry(parsed: ParsedEntry, facts: FeedFacts) -> Entry:
    entry = Entry.unstored(
        parsed.title,
        parsed.summary,
        at=parsed.published_at or real_clock(),
        language=parsed.language or facts.language,
        outlet=facts.outlet,
        country=facts.country,
        group=FeedGroup(facts.group) if facts.group else FeedGroup.INDEPENDENT,
    )
    return replace(entry, url=parsed.url, owner=facts.owner)

"""What is written of a feed that somebody adds, and what the watchlists would have matched of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import Entry, FeedGroup, FeedSource
from service.match import LANGUAGES, Matcher
from service.text import clip
from service.watchlists import FeedFacts
from service.wiring.base import real_clock
from service.wiring.files import follows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Match, ParsedEntry
    from service.pipeline import FoundFeed
    from service.watchlists import Watchlist

_LONGEST_NAME = 80
_BETWEEN = (" | ", " » ", " – ", " — ", " - ", " :: ")


@dataclass(frozen=True, slots=True)
class Caught:
    """An entry that a watchlist would have matched, and whether it follows the pack."""

    watchlist: Watchlist
    entry: Entry
    match: Match
    is_followed: bool


def facts_of_found(said: FeedFacts, found: FoundFeed, sources: Iterable[FeedSource]) -> FeedFacts:
    """Give what is written: what was said, else what the packs know of the host, else the feed's own."""
    language = found.feed.language.replace("_", "-").partition("-")[0].lower()
    return facts_of_named(said, found.url, found.name, language, sources)


def facts_of_named(
    said: FeedFacts, url: str, name: str, language: str, sources: Iterable[FeedSource]
) -> FeedFacts:
    """Give what is written of a feed that is only known by address and name."""
    host = host_of(url)
    name = clip(name, _LONGEST_NAME) or host
    own = FeedFacts(
        url,
        title=name,
        outlet=_first_part(name) or host,
        language=language if language in LANGUAGES else "",
    )
    return filled(said, filled(_of_host(host, sources), own))


def filled(said: FeedFacts, other: FeedFacts) -> FeedFacts:
    """Give facts, and in place of each that is missing that of others."""
    names = (one.name for one in fields(said))
    return FeedFacts(**{name: getattr(said, name) or getattr(other, name) for name in names})


def host_of(url: str) -> str:
    """Give the host of an address; of what is none, the whole."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _of_host(host: str, sources: Iterable[FeedSource]) -> FeedFacts:
    """Give the facts on which all feeds of a host agree; a search service says nothing of a feed."""
    known: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        if host_of(source.url) == host and source.group is not FeedGroup.SEARCH:
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


def find_caught(
    watchlists: Sequence[Watchlist],
    found: FoundFeed,
    facts: FeedFacts,
    pack: str,
    chosen: Watchlist | None = None,
) -> list[Caught]:
    """Say which entries of a feed the watchlists would have matched, the newest first.

    `chosen` is the watchlist that is to follow the pack from now on.
    """
    source = FeedSource(facts.url, facts.title, facts.outlet, packs=(pack,))
    followed = {one.id for one in watchlists if one is chosen or follows(one, source)}
    by_id = {one.id: one for one in watchlists}
    matcher = Matcher([one.query for one in watchlists])
    caught = []
    for parsed in found.feed.entries:
        entry = _entry(parsed, facts)
        for match in matcher.match(entry):
            name = match.watchlist_id
            caught.append(Caught(by_id[name], entry, match, name in followed))
    return sorted(caught, key=lambda one: one.entry.happened_at, reverse=True)


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

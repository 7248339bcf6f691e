"""A site is asked for its feeds, a bounded number of times: the page, what it names, the usual places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedSource, Fetched, FetchFailed, FetchFailure
from service.errors import NotFound
from service.parse.discover import Clue, find_feeds, is_of_comments, usual_places
from service.pipeline.trying import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.domain import ParsedFeed
    from service.parse.discover import Place
    from service.pipeline.trying import Trial, Trials

MOST_ASKED = 8
"""So many addresses of a site are asked at most, its page counted."""


_MENDS = {
    Verdict.BLOCKED: (
        "It lets no reader like this one in. Look in a browser for the address of its feed and give that, or "
        "write it into a pack yourself with what it wants to see: login, cookie or user_agent."
    ),
    Verdict.GONE: "Give the address of the site's first page: its feed is looked for from there.",
    Verdict.UNREACHABLE: "Check how it is spelt; if it opens in a browser of this machine, try again later.",
}
_SAID_BY_FETCH = frozenset({FetchFailure.REFUSED_ADDRESS, FetchFailure.INTERNAL})


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that answered. `feed` is what was read of it, `name` what the page or the feed calls it."""

    trial: Trial
    feed: ParsedFeed
    name: str

    @property
    def url(self) -> str:
        """Give the address to write down: the new one, where it has moved for good."""
        return self.trial.moved_to or self.trial.source.url

    @property
    def is_of_comments(self) -> bool:
        """Tell whether it seems to be of readers' comments."""
        return is_of_comments(self.url, self.name)


async def find_site_feeds(
    trials: Trials, address: str, on_asked: Callable[[str], object] = str
) -> list[FoundFeed]:
    """Give the feeds of a site, the best first; or the one that stands at the address itself.

    Raises:
        NotFound: the address does not answer, or nothing there and around it is a feed.
    """
    first = await _first(trials, address, on_asked)
    if first.feed is not None:
        return [FoundFeed(first, first.feed, first.feed.title)]
    page = first.answer
    if not isinstance(page, Fetched):
        raise NotFound(first.words.removesuffix("."), mend=_mend(first))
    places = find_feeds(page.body, page.url, page.content_type)
    found, asked = await _ask(trials, places, {first.source.url, page.url}, on_asked)
    if not found:
        found, asked = await _ask(trials, usual_places(page.url), asked, on_asked)
    if not found:
        raise _nothing_found(first, len(asked))
    return sorted(found, key=lambda one: (one.is_of_comments, one.trial.verdict is not Verdict.WORKS))


async def _first(trials: Trials, address: str, on_asked: Callable[[str], object]) -> Trial:
    """Ask the address; where it was given without https:// or http://, the one and then the other."""
    urls = [address] if "://" in address else [f"https://{address}", f"http://{address}"]
    asked: list[Trial] = []
    for url in urls:
        on_asked(url)
        asked.append(await trials.run(FeedSource(url, title=url, outlet=url)))
        if isinstance(asked[-1].answer, Fetched):
            return asked[-1]
    return asked[0]


def _mend(trial: Trial) -> str:
    """Say what to do about a site that does not answer, to somebody who has no pack yet to correct."""
    reason = trial.answer.reason if isinstance(trial.answer, FetchFailed) else None
    return _MENDS.get(trial.verdict, trial.mend) if reason not in _SAID_BY_FETCH else trial.mend


async def _ask(
    trials: Trials, places: Iterable[Place], before: set[str], on_asked: Callable[[str], object]
) -> tuple[list[FoundFeed], set[str]]:
    """Ask in turn, as one host gives one answer at a time; a usual place that has a feed is enough."""
    found: dict[str, FoundFeed] = {}
    asked = set(before)
    for place in places:
        if len(asked) >= MOST_ASKED or place.url in asked:
            continue
        asked.add(place.url)
        on_asked(place.url)
        trial = await trials.run(FeedSource(place.url, title=place.url, outlet=place.url))
        if trial.feed is not None:
            one = FoundFeed(trial, trial.feed, trial.feed.title or place.title)
            found.setdefault(one.url, one)
            if place.clue is Clue.USUAL:
                break
    return [*found.values()], asked


def _nothing_found(first: Trial, asked: int) -> NotFound:
    message = f"no feed was found there or at {asked - 1} addresses where one might be"
    host = urlsplit(first.source.url).hostname
    mend = (
        f"Look on {host} for a link named RSS or Feed and give that address; if it has none, "
        "a search feed can stand in for it, as in the pack search."
    )
    return NotFound(message, resource=first.source.url, mend=mend)

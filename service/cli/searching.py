"""A site is asked for its feeds, a bounded number of times: the page, what it names, the usual places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FeedSource, Fetched
from service.errors import NotFound
from service.parse.discover import Clue, find_feeds, is_of_comments, usual_places
from service.pipeline import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.domain import ParsedFeed
    from service.parse.discover import Place
    from service.pipeline import Trial, Trials

MOST_ASKED = 8
"""So many addresses of a site are asked at most, its page counted."""


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


async def search(trials: Trials, address: str, on_asked: Callable[[str], object]) -> list[FoundFeed]:
    """Give the feeds of a site, the best first; or the one that stands at the address itself.

    Raises:
        NotFound: the address does not answer, or nothing there and around it is a feed.
    """
    url = address if "://" in address else f"https://{address}"
    on_asked(url)
    first = await trials.run(FeedSource(url, title=url, outlet=url))
    if first.feed is not None:
        return [FoundFeed(first, first.feed, first.feed.title)]
    if not isinstance(first.answer, Fetched):
        raise NotFound(first.words.removesuffix("."), mend=first.mend)
    page = first.answer
    found, asked = await _ask(
        trials, find_feeds(page.body, page.url, page.content_type), {url, page.url}, on_asked
    )
    if not found:
        found, asked = await _ask(trials, usual_places(page.url), asked, on_asked)
    if not found:
        raise _nothing_found(first, len(asked))
    return sorted(found, key=lambda one: (one.is_of_comments, one.trial.verdict is not Verdict.WORKS))


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

"""A feed is asked once, outside of any schedule, and what came is judged: for `avizor feeds add` and `test`.

Nothing is stored, and no validator is sent, so the whole document comes.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import Feed, Fetched, FetchFailed, FetchFailure
from service.errors import NotAFeed
from service.parse import NeedsPatience
from service.pipeline.polling import is_heavy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from service.domain import FeedSource, FetchResult, ParsedFeed
    from service.pipeline.polling import Parse

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(days=30)
"""A feed whose newest entry is older than this is called stale."""


class Verdict(StrEnum):
    """How a feed did when it was tried. The first three answered with a feed."""

    WORKS = "works"
    EMPTY = "empty"
    STALE = "stale"
    BLOCKED = "blocked"
    GONE = "gone"
    NOT_A_FEED = "not a feed"
    UNREACHABLE = "unreachable"

    @property
    def is_feed(self) -> bool:
        """Tell whether the publisher answered with a feed."""
        return self in {Verdict.WORKS, Verdict.EMPTY, Verdict.STALE}


# What stands nowhere here is UNREACHABLE: it may pass.
_VERDICTS = {
    FetchFailure.FORBIDDEN: Verdict.BLOCKED,
    FetchFailure.THROTTLED: Verdict.BLOCKED,
    FetchFailure.NAME_UNSET: Verdict.BLOCKED,
    FetchFailure.GONE: Verdict.GONE,
    FetchFailure.NOT_FOUND: Verdict.GONE,
    FetchFailure.NOT_A_FEED: Verdict.NOT_A_FEED,
    FetchFailure.WEB_PAGE: Verdict.NOT_A_FEED,
    FetchFailure.TOO_LARGE: Verdict.NOT_A_FEED,
    FetchFailure.BAD_ENCODING: Verdict.NOT_A_FEED,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A feed that was tried: the answer, and what was read of it (None where nothing could be)."""

    source: FeedSource
    answer: FetchResult
    feed: ParsedFeed | None
    verdict: Verdict
    newest_at: datetime | None = None
    words: str = ""
    mend: str = ""

    @property
    def moved_to(self) -> str:
        """Give where permanent redirects lead, empty where there are none."""
        return "" if isinstance(self.answer, FetchFailed) else self.answer.moved_to

    @property
    def validators(self) -> tuple[str, ...]:
        """Name the validators that came with it: with none, it cannot be asked for changes only."""
        if isinstance(self.answer, FetchFailed):
            return ()
        pairs = (("ETag", self.answer.etag), ("Last-Modified", self.answer.last_modified))
        return tuple(name for name, value in pairs if value)


@dataclass(frozen=True, slots=True)
class Trials:
    """Tries feeds: `fetch`, `parse` and `patient` are those of polling."""

    fetch: Callable[[Feed, datetime], Awaitable[FetchResult]]
    parse: Parse
    patient: Parse
    clock: Callable[[], datetime]

    async def run(self, source: FeedSource) -> Trial:
        """Ask a feed now and judge what came; raises nothing for what a publisher does."""
        now = self.clock()
        answer = await self.fetch(Feed(0, source, now), now)
        if not isinstance(answer, Fetched):
            return _failed(source, answer)
        try:
            feed = await asyncio.to_thread(self._read, answer.body, answer.content_type)
        except NotAFeed as fault:
            return Trial(source, answer, None, Verdict.NOT_A_FEED, None, fault.message, fault.mend)
        except Exception as fault:  # the other feeds are not to pay for it
            log.exception("%s could not be read", source.url)
            words = f"Avizor could not read what it brought ({type(fault).__name__})."
            return Trial(source, answer, None, Verdict.NOT_A_FEED, None, words, "Please report it.")
        return judge_trial(source, answer, feed, now)

    def _read(self, body: bytes, content_type: str) -> ParsedFeed:
        """Read a document as polling does: with patience what is large, or what needs it."""
        if is_heavy(body):
            return self.patient(body, content_type)
        try:
            return self.parse(body, content_type)
        except NeedsPatience:
            return self.patient(body, content_type)


def judge_trial(source: FeedSource, answer: FetchResult, feed: ParsedFeed, now: datetime) -> Trial:
    """Judge a feed that could be read; one without any date cannot be called stale."""
    newest = max((entry.published_at for entry in feed.entries if entry.published_at), default=None)
    if not feed.entries:
        words = "It holds no entry: there may be none just now."
        return Trial(source, answer, feed, Verdict.EMPTY, newest, words)
    if newest is not None and now - newest > STALE_AFTER:
        words = f"Its newest entry is {(now - newest).days} days old."
        return Trial(source, answer, feed, Verdict.STALE, newest, words)
    return Trial(source, answer, feed, Verdict.WORKS, newest)


def _failed(source: FeedSource, answer: FetchResult) -> Trial:
    """Judge what brought nothing to read. Not Modified is one that cannot be: it was not asked for."""
    if isinstance(answer, FetchFailed):
        verdict = _VERDICTS.get(answer.reason, Verdict.UNREACHABLE)
        return Trial(source, answer, None, verdict, None, answer.words, answer.mend)
    return Trial(source, answer, None, Verdict.UNREACHABLE)

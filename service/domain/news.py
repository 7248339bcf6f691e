"""What feeds bring: entries, and what they match."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain.polls import FeedGroup, PublisherHints

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One item of a feed, as plain text.

    `key` is the item's identity within its feed, taken from the raw strings before anything is
    resolved or cleaned. `title` and `summary` hold no markup. `published_at` is None where
    the feed gives no date that can be believed.
    """

    key: str
    url: str
    title: str
    summary: str = ""
    published_at: datetime | None = None
    language: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A parsed document: newest cap applied, duplicates of one key dropped (first one kept).

    `is_cut` says that it broke off in the middle: there is more of it.
    """

    title: str
    entries: tuple[ParsedEntry, ...]
    language: str = ""
    parser: str = ""
    hints: PublisherHints = field(default_factory=PublisherHints)
    notes: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the store, with the facts of its feed that matching, grouping and alerts need."""

    id: int
    feed_id: int
    url: str
    canonical_url: str
    title: str
    summary: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    outlet: str = ""
    country: str = ""
    group: FeedGroup = FeedGroup.INDEPENDENT
    owner: str = ""
    from_baseline: bool = False

    @classmethod
    def unstored(
        cls,
        title: str,
        summary: str = "",
        *,
        at: datetime,
        language: str = "",
        outlet: str = "",
        country: str = "",
        group: FeedGroup = FeedGroup.INDEPENDENT,
    ) -> Entry:
        """Give a headline that stands in no store as an entry published at a time, to be matched."""
        return cls(
            id=0,
            feed_id=0,
            url="",
            canonical_url="",
            title=title,
            summary=summary,
            language=language,
            published_at=at,
            first_seen_at=at,
            outlet=outlet,
            country=country,
            group=group,
        )

    @property
    def happened_at(self) -> datetime:
        """The publisher's time where there is one that is not in the future, else when we saw it."""
        if self.published_at is None:
            return self.first_seen_at
        return min(self.published_at, self.first_seen_at)


class TextField(StrEnum):
    """Where in an entry a word stands: `title` is the headline, `text` the summary or body."""

    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an entry matched: a term of the watchlist and the span it covers in the original text.

    `start` and `end` are offsets (Python slice) in the entry's title or summary; `line` is the
    line of the watchlist file on which the item stands.
    """

    term: str
    field: TextField
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Match:
    """This entry fits this watchlist, in this version of it, because of this evidence.

    `major` is the evidence of the expressions that make an event a major one; empty where none holds.
    """

    entry: Entry
    watchlist_id: str
    version: str
    evidence: tuple[Evidence, ...]
    major: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A file that people write, as it was in one version that was in order.

    `file` is its name in the folder of watchlists. `shared` are the names and texts of the files of
    shared terms it used. `commit` is the git commit that wrote this version, empty where none is known.
    The times are those at which it was put in force first and last, None before it is stored.
    """

    file: str
    version: str
    text: str = field(repr=False)
    shared: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    commit: str = ""
    first_loaded_at: datetime | None = None
    loaded_at: datetime | None = None


class HeldReason(StrEnum):
    """Why something that matched is not told, or not yet.

    BASELINE: it stood in the feed before we first looked and is older than a day.
    STALE: it is new in the feed but was published long ago.
    FOUND_LATER: it was stored before its watchlist looked for it, and was found when the file was changed.
    DIGEST: the subscription asks for a digest, and its hour has not come.
    QUIET_HOURS: the reader does not want to be woken; it comes when the quiet hours end.
    BUDGET: the reader has had as many alerts today as they want at once; it comes with the next digest.
    COOLDOWN: another update of the same event went out shortly before.
    WINDOW: it waits a moment, so that the first alert counts the outlets that follow at once.
    INHIBITED: a major event of the same watchlist is being told; small ones come together later.
    OUTAGE: it was tried in vain, and comes together with the others now that the reader is reached again.
    MUTED: somebody muted the event or the watchlist.
    SAME_ARTICLE: one message tells of the same article for several watchlists.
    SAME_EVENT: its reader was told of what happened for another watchlist, by other articles.
    LEFT: the reader has unsubscribed.
    """

    BASELINE = "baseline"
    STALE = "stale"
    FOUND_LATER = "found-later"
    DIGEST = "digest"
    QUIET_HOURS = "quiet-hours"
    BUDGET = "budget"
    COOLDOWN = "cooldown"
    WINDOW = "window"
    INHIBITED = "inhibited"
    OUTAGE = "outage"
    MUTED = "muted"
    SAME_ARTICLE = "same-article"
    SAME_EVENT = "same-event"
    LEFT = "left"

"""Feeds and what comes of asking for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class FeedGroup(StrEnum):
    """What kind of voice stands behind a feed."""

    WIRE = "wire"
    INDEPENDENT = "independent"
    STATE_MEDIA = "state-media"
    GOVERNMENT = "government"
    THINK_TANK = "think-tank"
    SEARCH = "search"


class FeedStatus(StrEnum):
    """How a feed is doing: never polled, answering, failing, or gone for good (410)."""

    NEW = "new"
    HEALTHY = "healthy"
    FAILING = "failing"
    GONE = "gone"


class Ailment(StrEnum):
    """What a source suffers from.

    FAILING: it has not answered for three polls in a row, or not with a feed. BLOCKED: it does not let us
    in (401, 403, 429). WEB_PAGE: a page for people comes in place of the feed, as for logging in. GONE: it
    says so itself (410). MOVED: its address leads elsewhere for good. SILENT: it answers, but brings nothing
    new for longer than its own 99th percentile. GAP: no entry of a poll was in the one before, so that some
    may be missed. CLOCK_SKEW: its clock and ours differ. NO_VALIDATORS: it cannot be asked for changes only.
    """

    FAILING = "failing"
    BLOCKED = "blocked"
    WEB_PAGE = "web-page"
    GONE = "gone"
    MOVED = "moved"
    SILENT = "silent"
    GAP = "gap"
    CLOCK_SKEW = "clock-skew"
    NO_VALIDATORS = "no-validators"


@dataclass(frozen=True, slots=True)
class HealthChange:
    """An ailment of a feed that begins or is over, with words for the operator."""

    feed_id: int
    ailment: Ailment
    at: datetime
    words: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class FeedAccess:
    """What a feed wants to see, as its pack says it: secrets stand there as `${NAME}` only.

    `login` is user and password with a colon between; `proxy` an http address.
    """

    user_agent: str = ""
    login: str = ""
    cookie: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed as a feed pack describes it. `every` is the operator's own interval, if any."""

    url: str
    title: str
    outlet: str
    country: str = ""
    language: str = ""
    group: FeedGroup = FeedGroup.INDEPENDENT
    owner: str = ""
    every: timedelta | None = None
    packs: tuple[str, ...] = ()
    access: FeedAccess = FeedAccess()


@dataclass(frozen=True, slots=True)
class PublisherHints:
    """What a publisher asked of pollers: all durations from now, None or empty when not said.

    A `max_age` of zero says that the answer is not to be kept at all. `hub` tells of changes to `topic`.
    """

    max_age: timedelta | None = None
    retry_after: timedelta | None = None
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hub: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as the store knows it: what it is, and what the last polls left behind.

    `etag` and `last_modified` are the publisher's bytes, untouched; `validators_url` is the
    `Fetched.url` they came with (empty: the feed's own), the only address they are sent to.
    `baseline_at` is the time of the first good poll (None before it). `failures` counts failed polls
    in a row, `quiet_polls` good polls in a row that brought nothing new. `document_hints` are what the
    document last read asks of pollers: they hold over polls that bring no document; `fresh_for` is the
    max-age of the last good answer, which holds over a 304 that says none. `moved_to` is where permanent
    redirects lead: the address that is asked in place of the feed's own, since `moved_at`, with
    `moved_visits` good polls there. `failing_since` is the time of the first failed poll of those in a row.
    `ailments` have begun and are not over. `hurry` is how many times its interval is halved, because
    entries may have been missed. `pushed_until` is when the lease of its hub ends, `pushed_at` when that last
    told of something.
    """

    id: int
    source: FeedSource
    next_poll_at: datetime
    status: FeedStatus = FeedStatus.NEW
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    baseline_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    last_entry_at: datetime | None = None
    failures: int = 0
    quiet_polls: int = 0
    trouble: str = ""
    validators_url: str = ""
    document_hints: PublisherHints = PublisherHints()
    fresh_for: timedelta | None = None
    moved_to: str = ""
    moved_at: datetime | None = None
    moved_visits: int = 0
    failing_since: datetime | None = None
    ailments: tuple[HealthChange, ...] = ()
    hurry: int = 0
    pushed_until: datetime | None = None
    pushed_at: datetime | None = None


class FetchFailure(StrEnum):
    """Why a fetch failed.

    THROTTLED is a 429, OVERLOADED a 503. NAME_UNSET: nobody was asked, for want of a secret.
    NOT_STORED: the database could not be written; the feed has nothing to do with it.
    """

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    REDIRECT = "redirect"
    REFUSED_ADDRESS = "refused-address"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    GONE = "gone"
    THROTTLED = "throttled"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server-error"
    HTTP_ERROR = "http-error"
    NOT_A_FEED = "not-a-feed"
    WEB_PAGE = "web-page"
    NAME_UNSET = "name-unset"
    NOT_STORED = "not-stored"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A 200 with its body, inflated, within the size cap. `body_hash` is SHA-256 in hex.

    `moved_to` is where the permanent redirects at the beginning lead, empty where there are none.
    `clock_skew` is how far the server's clock is ahead of ours, where it shows it.
    """

    feed: Feed
    url: str
    body: bytes = field(repr=False)
    body_hash: str
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    hints: PublisherHints = PublisherHints()
    moved_to: str = ""
    clock_skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """A 304. Validators are empty where the answer carried none; then the stored ones stay."""

    feed: Feed
    etag: str = ""
    last_modified: str = ""
    hints: PublisherHints = PublisherHints()
    moved_to: str = ""
    clock_skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """A poll that brought no feed: the reason, the words for the operator, and the mend."""

    feed: Feed
    reason: FetchFailure
    words: str
    mend: str = ""
    hints: PublisherHints = PublisherHints()


FetchResult = Fetched | NotModified | FetchFailed

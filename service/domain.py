"""What Avizor talks about: one frozen type for each stage, named for what it knows.

Every `…_at` is an aware datetime in UTC. Ids of feeds and entries are numbers given by the store;
ids of events and deliveries are derived from what they stand for, so that doing a step twice
gives the same row and not a second one. The words are those of `docs/design.md`, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

# --------------------------------------------------------------------------------- feeds, polls


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

    A `max_age` of zero says that the answer is not to be kept at all.
    """

    max_age: timedelta | None = None
    retry_after: timedelta | None = None
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


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
    entries may have been missed.
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


class FetchFailure(StrEnum):
    """Why a fetch failed.

    THROTTLED is a 429, OVERLOADED a 503. NAME_UNSET: nobody was asked, for want of a secret.
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


# -------------------------------------------------------------------------------------- entries


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
    hints: PublisherHints = PublisherHints()
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


# ------------------------------------------------------------------------------------- matching


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
    """This entry fits this watchlist, in this version of it, because of this evidence."""

    entry: Entry
    watchlist_id: str
    version: str
    evidence: tuple[Evidence, ...]


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


# --------------------------------------------------------------------------------------- events


class ChangeKind(StrEnum):
    """What a match did to the events of its watchlist."""

    OPENED = "opened"
    JOINED = "joined"


class JoinReason(StrEnum):
    """Why a report was put into an event that was already there."""

    NONE = "none"
    SAME_ADDRESS = "same-address"
    SAME_HEADLINE = "same-headline"
    SIMILAR_HEADLINE = "similar-headline"


class HeldReason(StrEnum):
    """Why something that matched is not told, or not yet.

    BASELINE: it stood in the feed before we first looked and is older than a day.
    STALE: it is new in the feed but was published long ago.
    FOUND_LATER: it was stored before its watchlist looked for it, and was found when the file was changed.
    DIGEST: the subscription asks for a digest, and its hour has not come.
    """

    BASELINE = "baseline"
    STALE = "stale"
    FOUND_LATER = "found-later"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Event:
    """What several matches of one watchlist report. `title` is the headline that opened it."""

    id: str
    watchlist_id: str
    title: str
    opened_at: datetime
    last_report_at: datetime
    reports: int = 1


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report already in an event, as far as grouping looks at it."""

    event_id: str
    canonical_url: str
    title_words: tuple[str, ...]
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class EventChange:
    """One match and what it did: which event, opened or joined, why, and whether it may alert."""

    match: Match
    event_id: str
    kind: ChangeKind
    join_reason: JoinReason = JoinReason.NONE
    held: HeldReason | None = None


# ------------------------------------------------------------------- channels and subscriptions


class ChannelKind(StrEnum):
    """How a channel is reached: our own mail sender, or a chat service by its Apprise address."""

    MAIL = "mail"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Channel:
    """A named destination of the file of channels.

    `targets` are mail addresses, or one empty string for a chat. `address` is the chat's Apprise
    URL with secrets filled in: it is never shown, logged or stored. `trouble` says why the channel
    cannot be used now (an unset secret); its deliveries wait and are retried.
    """

    id: str
    kind: ChannelKind
    targets: tuple[str, ...]
    address: str = field(default="", repr=False)
    timezone: str = "UTC"
    trouble: str = ""


def recipient(channel_id: str, target: str) -> str:
    """Name who reads at the end of a delivery: a mail address is one reader, whatever channel names it."""
    return f"mail:{target.casefold()}" if target else f"chat:{channel_id}"


class Cadence(StrEnum):
    """When a subscription wants its alerts."""

    IMMEDIATE = "immediate"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which watchlists go to which channel, and when. No watchlists means all of them.

    `digest_hour` and `digest_minute` are local times of the channel's zone, used by DAILY.
    """

    id: str
    channel_id: str
    watchlists: frozenset[str] = frozenset()
    cadence: Cadence = Cadence.IMMEDIATE
    digest_hour: int = 7
    digest_minute: int = 0

    def wants(self, watchlist_id: str) -> bool:
        """Tell whether alerts of this watchlist belong to the subscription."""
        return not self.watchlists or watchlist_id in self.watchlists


# ----------------------------------------------------------------------------------- deliveries


class NotifyReason(StrEnum):
    """Why a notification is sent.

    NEW_EVENT: the first report of an event. FRESH_REPORT: a fresh report of an event that was
    known, but of which this subscription was never told. DIGEST: the hour of a digest. TEST:
    somebody asked for a test message. SOURCE_HEALTH: sources are in trouble, or well again.
    """

    NEW_EVENT = "new-event"
    FRESH_REPORT = "fresh-report"
    DIGEST = "digest"
    TEST = "test"
    SOURCE_HEALTH = "source-health"


class DeliveryState(StrEnum):
    """Where a delivery stands.

    HELD waits for its digest; PENDING waits to be sent; CLAIMED is with a worker; SENDING has
    reached the step after which a broken line leaves the outcome unknown; AMBIGUOUS broke there
    and will be repeated under the same Message-ID; DELIVERED, FAILED and EXPIRED are final;
    COVERED was told as part of a digest.
    """

    HELD = "held"
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    AMBIGUOUS = "ambiguous"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Notification:
    """A rendered message: `text` says all that `html` says, links included."""

    title: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery that shall exist. `id` derives from subscription, target and what is told."""

    id: str
    subscription_id: str
    channel_id: str
    target: str
    reason: NotifyReason
    event_id: str
    watchlist_id: str
    entry_id: int
    due_at: datetime
    cadence: Cadence = Cadence.IMMEDIATE
    held: HeldReason | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the store holds it, with the message as it will go out, whatever happens.

    `attempts` counts sends that were started. `words` is what the other side last said.
    """

    id: str
    subscription_id: str
    channel_id: str
    target: str
    reason: NotifyReason
    event_id: str
    watchlist_id: str
    state: DeliveryState
    message_id: str
    notification: Notification
    created_at: datetime
    due_at: datetime
    held: HeldReason | None = None
    attempts: int = 0
    delivered_at: datetime | None = None
    words: str = ""


class SendOutcome(StrEnum):
    """How a send ended. AMBIGUOUS: the line broke after the message was handed over."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome, the step it was reached at (`connect`, `rcpt`, `data` …) and the other side's words."""

    outcome: SendOutcome
    phase: str = ""
    code: int = 0
    words: str = ""
    retry_after: timedelta | None = None

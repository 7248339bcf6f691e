"""The tables. Nothing outside `service.store` sees them.

Times are stored as `UtcDateTime` says.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.store.utc import UtcDateTime

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _time(**options: Any) -> Any:  # noqa: ANN401 -- sqlmodel's Field is untyped in the same way
    return Field(sa_type=UtcDateTime, **options)


def _text(default: str = "") -> Any:  # noqa: ANN401 -- the same
    return Field(default=default, sa_type=Text)


class FeedRow(SQLModel, table=True):
    """A feed: what the pack says, and what the last polls left behind."""

    __tablename__ = "feed"
    __table_args__ = (Index("ix_feed_host_due", "host", "next_poll_at"),)

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(sa_type=Text, unique=True)
    host: str = Field(default="", sa_type=Text)
    title: str = _text()
    outlet: str = _text()
    country: str = ""
    language: str = ""
    group: str = "independent"
    owner: str = _text()
    every_seconds: int | None = None
    packs: str = _text("[]")
    access: str = _text("{}")
    active: bool = True
    status: str = "new"
    etag: str = _text()
    last_modified: str = _text()
    validators_url: str = _text()
    document_hints: str = _text("{}")
    body_hash: str = ""
    baseline_at: datetime | None = _time(default=None)
    last_polled_at: datetime | None = _time(default=None)
    last_success_at: datetime | None = _time(default=None)
    last_entry_at: datetime | None = _time(default=None)
    failures: int = 0
    quiet_polls: int = 0
    trouble: str = _text()
    fresh_seconds: int | None = None
    moved_to: str = _text()
    moved_at: datetime | None = _time(default=None)
    moved_visits: int = 0
    failing_since: datetime | None = _time(default=None)
    failure: str = ""
    ailments: str = _text("[]")
    hurry: int = 0
    pushed_until: datetime | None = _time(default=None)
    pushed_at: datetime | None = _time(default=None)
    next_poll_at: datetime = _time(index=True)


class HostRow(SQLModel, table=True):
    """A host with feeds: when the first of them is due, who is asking it now, or asked it last.

    One process at a time asks a host, which is why leases are of hosts. From `free_at` on, when the pause
    after a request is over, others than the last one may ask it, too.
    """

    __tablename__ = "host"

    name: str = Field(sa_type=Text, primary_key=True)
    next_poll_at: datetime = _time(index=True)
    last_polled_at: datetime = _time(default=BEGINNING, index=True)
    lease_until: datetime = _time(default=BEGINNING)
    lease_by: str = ""
    free_at: datetime = _time(default=BEGINNING)


class PushRow(SQLModel, table=True):
    """A feed's subscription at its hub, to be looked at from `due_at` on; until then nobody asks the hub."""

    __tablename__ = "push"

    feed_id: int = Field(primary_key=True, foreign_key="feed.id")
    hub: str = _text()
    topic: str = _text()
    callback: str = _text()
    token: str = Field(sa_type=Text, unique=True)
    secret: str = _text()
    state: str = ""
    due_at: datetime = _time(index=True)
    asked_at: datetime = _time()
    attempts: int = 0
    until_at: datetime | None = _time(default=None)
    words: str = _text()
    pushes: int = 0
    refused: int = 0
    unannounced: int = 0


class WorkerRow(SQLModel, table=True):
    """A process at work, and when it was last seen."""

    __tablename__ = "worker"

    name: str = Field(sa_type=Text, primary_key=True)
    role: str
    seen_at: datetime = _time()


class EntryRow(SQLModel, table=True):
    """An entry of a feed. `key` is its identity in the feed; the other two recognise a re-keyed one."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("feed_id", "key"),
        Index("ix_entry_feed_address", "feed_id", "canonical_url"),
        Index("ix_entry_feed_headline", "feed_id", "title_print"),
        Index("ix_entry_address", "canonical_url"),
        Index("ix_entry_seen", "first_seen_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    key: str = Field(sa_type=Text)
    url: str = _text()
    canonical_url: str = _text()
    title: str = _text()
    title_print: str = ""
    summary: str = _text()
    language: str = ""
    author: str = _text()
    published_at: datetime | None = _time(default=None)
    first_seen_at: datetime = _time()
    from_baseline: bool = False


class HealthRow(SQLModel, table=True):
    """That an ailment of a feed began or was over, and when the operator was told."""

    __tablename__ = "health_change"

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", index=True)
    ailment: str
    is_over: bool = False
    at: datetime = _time(index=True)
    words: str = _text()
    told_at: datetime | None = _time(default=None)


class EarlierRow(SQLModel, table=True):
    """The words of an entry until its headline was edited."""

    __tablename__ = "earlier_words"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    title: str = _text()
    summary: str = _text()
    until_at: datetime = _time()


class WatchlistRow(SQLModel, table=True):
    """A watchlist as last loaded, so that pages and alerts can name it.

    `rematch_due` stays set until the stored entries have been matched against the version in force.
    """

    __tablename__ = "watchlist"

    id: str = Field(primary_key=True)
    title: str = _text()
    about: str = _text()
    version: str = ""
    loaded_at: datetime = _time()
    active: bool = True
    rematch_due: bool = False


class FileVersionRow(SQLModel, table=True):
    """A version of a file that was in order, whole, so that it can be put in force again.

    A match names the version of its watchlist; the commit that wrote it stands here.
    """

    __tablename__ = "file_version"
    __table_args__ = (UniqueConstraint("file", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    file: str = _text()
    version: str = ""
    text: str = _text()
    shared: str = _text("[]")
    commit: str = ""
    first_loaded_at: datetime = _time()
    loaded_at: datetime = _time()
    in_force: bool = True


class EventRow(SQLModel, table=True):
    """An event of one watchlist. One that was merged into another has no reports any more."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_recent", "watchlist_id", "last_report_at"),)

    id: str = Field(primary_key=True)
    watchlist_id: str = Field(index=True)
    title: str = _text()
    named_by: str = ""
    opened_at: datetime = _time()
    last_report_at: datetime = _time(index=True)
    reports: int = 1
    merged_into: str = Field(default="", index=True)


class MatchRow(SQLModel, table=True):
    """A match, and what it did to the events: together they are one event change.

    `placed_in` is the event that it was put into when it came; `event_id` follows merges and splits.
    `copy_of` is the entry whose words it repeats, `credit` the news agency that it names as its source.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("entry_id", "watchlist_id"),
        Index("ix_match_placed", "watchlist_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    watchlist_id: str = Field(index=True)
    version: str = ""
    evidence: str = _text("[]")
    major: str = _text("[]")
    event_id: str = Field(foreign_key="event.id", index=True)
    placed_in: str = ""
    kind: str = "opened"
    join_reason: str = "none"
    join_words: str = _text("[]")
    copy_of: int = 0
    credit: str = ""
    held: str | None = None
    matched_at: datetime = _time(index=True)


class MilestoneRow(SQLModel, table=True):
    """Something about an event that readers may be told after its first report; said once."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("event_id", "kind", "detail"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    entry_id: int = 0
    kind: str
    detail: str = _text()
    words: str = _text()
    held: str | None = None
    at: datetime = _time(index=True)


class ActRow(SQLModel, table=True):
    """An act upon events: two merged, one split or renamed, by a person or by grouping itself.

    `after_match` is the last match of the watchlist that came before it: the order of both is what grouping
    depends on.
    """

    __tablename__ = "event_act"

    id: int | None = Field(default=None, primary_key=True)
    watchlist_id: str = Field(index=True)
    kind: str
    event_id: str = Field(index=True)
    other_id: str = Field(default="", index=True)
    entries: str = _text("[]")
    words: str = _text()
    by: str = ""
    after_match: int = 0
    at: datetime = _time()


class GroupingRow(SQLModel, table=True):
    """What grouping knows of a watchlist's events, up to a match and an act."""

    __tablename__ = "grouping"

    watchlist_id: str = Field(primary_key=True)
    match_id: int = 0
    act_id: int = 0
    state: bytes = b""


class SpikeRow(SQLModel, table=True):
    """A spike that was found; `causes` are the events behind it in JSON."""

    __tablename__ = "spike"
    __table_args__ = (Index("ix_spike_watchlist", "watchlist_id", "at"),)

    id: str = Field(primary_key=True)
    watchlist_id: str
    event_id: str = ""
    at: datetime = _time(index=True)
    until_at: datetime = _time()
    reports: int
    outlets: int
    usual: float
    events: int
    causes: str = _text("[]")
    expected: str = _text()
    found_at: datetime = _time()


class SubscriptionRow(SQLModel, table=True):
    """A subscription in force from one match (exclusive) to another (inclusive): the audit counts by it."""

    __tablename__ = "subscription"

    id: int | None = Field(default=None, primary_key=True)
    subscription_id: str = Field(index=True)
    channel_id: str = ""
    targets: str = _text("[]")
    watchlists: str = _text("[]")
    cadence: str = "immediate"
    since_at: datetime = _time()
    since_match: int = 0
    until_match: int | None = None


class DeliveryRow(SQLModel, table=True):
    """One notification to one target: the outbox and the ledger in one."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "state", "due_at"),)

    id: str = Field(primary_key=True)
    subscription_id: str = Field(default="", index=True)
    channel_id: str = ""
    target: str = _text()
    cadence: str = "immediate"
    reason: str = ""
    event_id: str = Field(default="", index=True)
    watchlist_id: str = ""
    entry_id: int = 0
    state: str = "pending"
    held: str | None = None
    message_id: str = _text()
    title: str = _text()
    text: str = _text()
    html: str = _text()
    created_at: datetime = _time()
    due_at: datetime = _time()
    lease_until: datetime = _time(default=BEGINNING)
    lease_by: str = ""
    attempts: int = 0
    delivered_at: datetime | None = _time(default=None)
    words: str = _text()
    covered_by: str = Field(default="", index=True)


class AttemptRow(SQLModel, table=True):
    """One started send of a delivery and how it ended; an open end means the process died in it."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id", index=True)
    number: int
    started_at: datetime = _time()
    ended_at: datetime | None = _time(default=None)
    outcome: str = ""
    phase: str = ""
    code: int = 0
    words: str = _text()


# As tables, for what is read and written too often for an object each.
FEED = SQLModel.metadata.tables["feed"]
HOST = SQLModel.metadata.tables["host"]

"""The tables. Nothing outside `service.store` sees them.

Times are stored as `UtcDateTime` says.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.store.columns import text_column, time_column

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# What lies less than this in the future was written by another process, whose clock is a little ahead or who
# looked at it after we looked at ours. Only what lies further off tells of a clock that was set back.
CLOCKS_DIFFER = timedelta(minutes=1)


class FeedRow(SQLModel, table=True):
    """A feed: what the pack says, and what the last polls left behind."""

    __tablename__ = "feed"
    __table_args__ = (Index("ix_feed_host_due", "host", "next_poll_at"),)

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(sa_type=Text, unique=True)
    host: str = Field(default="", sa_type=Text)
    title: str = text_column()
    outlet: str = text_column()
    country: str = ""
    language: str = ""
    group: str = "independent"
    owner: str = text_column()
    every_seconds: int | None = None
    packs: str = text_column("[]")
    access: str = text_column("{}")
    active: bool = True
    status: str = "new"
    etag: str = text_column()
    last_modified: str = text_column()
    validators_url: str = text_column()
    document_hints: str = text_column("{}")
    body_hash: str = ""
    baseline_at: datetime | None = time_column(default=None)
    last_polled_at: datetime | None = time_column(default=None)
    last_success_at: datetime | None = time_column(default=None)
    last_entry_at: datetime | None = time_column(default=None)
    failures: int = 0
    quiet_polls: int = 0
    trouble: str = text_column()
    fresh_seconds: int | None = None
    moved_to: str = text_column()
    moved_at: datetime | None = time_column(default=None)
    moved_visits: int = 0
    failing_since: datetime | None = time_column(default=None)
    failure: str = ""
    ailments: str = text_column("[]")
    hurry: int = 0
    pushed_until: datetime | None = time_column(default=None)
    pushed_at: datetime | None = time_column(default=None)
    next_poll_at: datetime = time_column(index=True)


class HostRow(SQLModel, table=True):
    """A host with feeds: when the first of them is due, who is asking it now, or asked it last.

    One process at a time asks a host, which is why leases are of hosts. From `free_at` on, when the pause
    after a request is over, others than the last one may ask it, too.
    """

    __tablename__ = "host"

    name: str = Field(sa_type=Text, primary_key=True)
    next_poll_at: datetime = time_column(index=True)
    last_polled_at: datetime = time_column(default=BEGINNING, index=True)
    lease_until: datetime = time_column(default=BEGINNING)
    lease_by: str = ""
    free_at: datetime = time_column(default=BEGINNING)


class PushRow(SQLModel, table=True):
    """A feed's subscription at its hub, to be looked at from `due_at` on; until then nobody asks the hub."""

    __tablename__ = "push"

    feed_id: int = Field(primary_key=True, foreign_key="feed.id")
    hub: str = text_column()
    topic: str = text_column()
    callback: str = text_column()
    token: str = Field(sa_type=Text, unique=True)
    secret: str = text_column()
    state: str = ""
    due_at: datetime = time_column(index=True)
    asked_at: datetime = time_column()
    attempts: int = 0
    until_at: datetime | None = time_column(default=None)
    words: str = text_column()
    pushes: int = 0
    refused: int = 0
    unannounced: int = 0


class WorkerRow(SQLModel, table=True):
    """A process at work, and when it was last seen."""

    __tablename__ = "worker"

    name: str = Field(sa_type=Text, primary_key=True)
    role: str
    seen_at: datetime = time_column()


class EntryRow(SQLModel, table=True):
    """An entry of a feed. `key` is its identity in the feed; the other two recognise a re-keyed one.

    `missing_since` is set while it is not in the feed's document although older ones are. `place` is where it
    stands in the index of words; None for one that is not indexed yet.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("feed_id", "key"),
        Index("ix_entry_feed_address", "feed_id", "canonical_url"),
        Index("ix_entry_feed_headline", "feed_id", "title_print"),
        Index("ix_entry_feed_seen", "feed_id", "first_seen_at", "id"),
        Index("ix_entry_address", "canonical_url"),
        Index("ix_entry_seen", "first_seen_at", "id"),
        Index("ix_entry_place", "place", unique=True),
        Index(
            "ix_entry_unplaced",
            "id",
            sqlite_where=text("place IS NULL"),
            postgresql_where=text("place IS NULL"),
        ),
        Index(
            "ix_entry_missing",
            "missing_since",
            sqlite_where=text("missing_since IS NOT NULL"),
            postgresql_where=text("missing_since IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    key: str = Field(sa_type=Text)
    url: str = text_column()
    canonical_url: str = text_column()
    title: str = text_column()
    title_print: str = ""
    summary: str = text_column()
    language: str = ""
    author: str = text_column()
    published_at: datetime | None = time_column(default=None)
    first_seen_at: datetime = time_column()
    from_baseline: bool = False
    missing_since: datetime | None = time_column(default=None)
    place: int | None = Field(default=None, sa_type=BigInteger)


class HealthRow(SQLModel, table=True):
    """That an ailment of a feed began or was over, and when the operator was told."""

    __tablename__ = "health_change"

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", index=True)
    ailment: str
    is_over: bool = False
    at: datetime = time_column(index=True)
    words: str = text_column()
    told_at: datetime | None = time_column(default=None)


class EarlierRow(SQLModel, table=True):
    """The words of an entry until its headline was edited."""

    __tablename__ = "earlier_words"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    title: str = text_column()
    summary: str = text_column()
    until_at: datetime = time_column()


class WatchlistRow(SQLModel, table=True):
    """A watchlist as last loaded, so that pages and alerts can name it.

    `rematch_due` stays set until the stored entries have been matched against the version in force.
    """

    __tablename__ = "watchlist"

    id: str = Field(primary_key=True)
    title: str = text_column()
    about: str = text_column()
    version: str = ""
    loaded_at: datetime = time_column()
    active: bool = True
    rematch_due: bool = False


class FileVersionRow(SQLModel, table=True):
    """A version of a file, whole, so that it can be put in force again: one that was in force or overwritten.

    A match names the version of its watchlist; the commit that wrote it stands here.
    """

    __tablename__ = "file_version"
    __table_args__ = (UniqueConstraint("file", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    file: str = text_column()
    version: str = ""
    text: str = text_column()
    shared: str = text_column("[]")
    commit: str = ""
    first_loaded_at: datetime = time_column()
    loaded_at: datetime = time_column()
    in_force: bool = True


class EventRow(SQLModel, table=True):
    """An event of one watchlist. One that was merged into another has no reports any more."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_recent", "watchlist_id", "last_report_at"),
        Index("ix_event_standing", "watchlist_id", "merged_into"),
    )

    id: str = Field(primary_key=True)
    watchlist_id: str = Field(index=True)
    title: str = text_column()
    named_by: str = ""
    opened_at: datetime = time_column()
    last_report_at: datetime = time_column(index=True)
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
        Index("ix_match_recent", "watchlist_id", "matched_at", "event_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    watchlist_id: str = Field(index=True)
    version: str = ""
    evidence: str = text_column("[]")
    major: str = text_column("[]")
    event_id: str = Field(foreign_key="event.id", index=True)
    placed_in: str = ""
    kind: str = "opened"
    join_reason: str = "none"
    join_words: str = text_column("[]")
    copy_of: int = 0
    credit: str = ""
    held: str | None = None
    matched_at: datetime = time_column(index=True)


class MilestoneRow(SQLModel, table=True):
    """Something about an event that readers may be told after its first report; said once."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("event_id", "kind", "detail"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    entry_id: int = 0
    kind: str
    detail: str = text_column()
    words: str = text_column()
    held: str | None = None
    at: datetime = time_column(index=True)


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
    entries: str = text_column("[]")
    words: str = text_column()
    by: str = ""
    after_match: int = 0
    at: datetime = time_column()


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
    at: datetime = time_column(index=True)
    until_at: datetime = time_column()
    reports: int
    outlets: int
    usual: float
    events: int
    causes: str = text_column("[]")
    expected: str = text_column()
    found_at: datetime = time_column()


# As tables, for what is read and written too often for an object each.
FEED = SQLModel.metadata.tables["feed"]
HOST = SQLModel.metadata.tables["host"]
ENTRY = SQLModel.metadata.tables["entry"]
MATCH = SQLModel.metadata.tables["match"]
EARLIER = SQLModel.metadata.tables["earlier_words"]

"""The tables of what is told to whom: subscriptions, deliveries, attempts, targets that refuse."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the library reads it from the annotations

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.store.columns import text_column, time_column
from service.store.tables import BEGINNING


class SubscriptionRow(SQLModel, table=True):
    """A subscription in force from one match (exclusive) to another (inclusive): the audit counts by it.

    `by_reader` says that its reader made it, and not the file of channels.
    """

    __tablename__ = "subscription"

    id: int | None = Field(default=None, primary_key=True)
    subscription_id: str = Field(index=True)
    channel_id: str = ""
    targets: str = text_column("[]")
    watchlists: str = text_column("[]")
    cadence: str = "immediate"
    since_at: datetime = time_column()
    by_reader: bool = False
    since_match: int = 0
    until_match: int | None = None


class DeliveryRow(SQLModel, table=True):
    """One notification to one target: the outbox and the ledger in one.

    `message` names the row of its words, which other deliveries may share; empty where it has none yet.
    `is_reported` tells of one that ended without success that the operator knows.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "state", "due_at"),
        Index("ix_delivery_created", "created_at"),
        Index("ix_delivery_event", "event_id", "state", "due_at"),
        Index("ix_delivery_channel", "channel_id", "created_at"),
        Index("ix_delivery_target", text("lower(target)")),
    )

    id: str = Field(primary_key=True)
    subscription_id: str = Field(default="", index=True)
    channel_id: str = ""
    target: str = text_column()
    cadence: str = "immediate"
    reason: str = ""
    event_id: str = ""
    watchlist_id: str = ""
    entry_id: int = 0
    state: str = "pending"
    held: str | None = None
    message_id: str = text_column()
    title: str = text_column()
    message: str = text_column()
    in_reply_to: str = text_column()
    is_major: bool = False
    created_at: datetime = time_column()
    due_at: datetime = time_column()
    lease_until: datetime = time_column(default=BEGINNING)
    lease_by: str = ""
    attempts: int = 0
    delivered_at: datetime | None = time_column(default=None)
    words: str = text_column()
    covered_by: str = Field(default="", index=True)
    is_reported: bool = False


class AttemptRow(SQLModel, table=True):
    """One started send of a delivery and how it ended; an open end means the process died in it."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key="delivery.id", index=True)
    number: int
    started_at: datetime = time_column()
    ended_at: datetime | None = time_column(default=None)
    outcome: str = ""
    phase: str = ""
    code: int = 0
    words: str = text_column()


class RefusingRow(SQLModel, table=True):
    """A target that refused what was sent there last: how often, and until when it is left alone.

    `name` is that of the reader at its end, `since_at` when it first refused. Gone once it takes a message.
    """

    __tablename__ = "refusing_target"

    name: str = Field(sa_type=Text, primary_key=True)
    channel_id: str = ""
    target: str = text_column()
    refusals: int = 0
    since_at: datetime = time_column()
    until_at: datetime | None = time_column(default=None)
    told_at: datetime | None = time_column(default=None)
    words: str = text_column()


# As tables, for what is read and written too often for an object each.
DELIVERY = SQLModel.metadata.tables["delivery"]
ATTEMPT = SQLModel.metadata.tables["attempt"]
REFUSING = SQLModel.metadata.tables["refusing_target"]

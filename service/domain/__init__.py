"""What Avizor talks about: one frozen type for each stage, named for what it knows.

Every `…_at` is an aware datetime in UTC. Ids of feeds and entries are numbers given by the store;
ids of events and deliveries are derived from what they stand for, so that doing a step twice
gives the same row and not a second one. The words are those of `docs/design.md`, section 3.
"""

from __future__ import annotations

from service.domain.events import (
    Act,
    ActKind,
    ChangeKind,
    Event,
    EventChange,
    JoinReason,
    Lineage,
    Milestone,
    Updates,
)
from service.domain.news import (
    Entry,
    Evidence,
    FileVersion,
    HeldReason,
    Match,
    ParsedEntry,
    ParsedFeed,
    TextField,
)
from service.domain.polls import (
    Ailment,
    Feed,
    FeedAccess,
    FeedGroup,
    FeedSource,
    FeedStatus,
    Fetched,
    FetchFailed,
    FetchFailure,
    FetchResult,
    HealthChange,
    NotModified,
    PublisherHints,
)
from service.domain.spikes import Cause, Spike
from service.domain.telling import (
    Cadence,
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Notification,
    NotifyReason,
    PlannedDelivery,
    SendOutcome,
    SendResult,
    Subscription,
    recipient,
)

__all__ = [
    "Act",
    "ActKind",
    "Ailment",
    "Cadence",
    "Cause",
    "ChangeKind",
    "Channel",
    "ChannelKind",
    "Delivery",
    "DeliveryState",
    "Entry",
    "Event",
    "EventChange",
    "Evidence",
    "Feed",
    "FeedAccess",
    "FeedGroup",
    "FeedSource",
    "FeedStatus",
    "FetchFailed",
    "FetchFailure",
    "FetchResult",
    "Fetched",
    "FileVersion",
    "HealthChange",
    "HeldReason",
    "JoinReason",
    "Lineage",
    "Match",
    "Milestone",
    "NotModified",
    "Notification",
    "NotifyReason",
    "ParsedEntry",
    "ParsedFeed",
    "PlannedDelivery",
    "PublisherHints",
    "SendOutcome",
    "SendResult",
    "Spike",
    "Subscription",
    "TextField",
    "Updates",
    "recipient",
]

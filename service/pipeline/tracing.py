"""Where an article was stopped on its way to an alert: one stage, from what the store knows. Pure.

The stages are those of the pipeline, in its order; the first one that the article did not pass is the
answer. Nothing is asked of the network: whether a feed holds the article today is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from service.domain import DeliveryState, FeedStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Delivery, Entry, Feed
    from service.store import EventView, StoredMatch


_REFUSED = {DeliveryState.FAILED, DeliveryState.EXPIRED}


class Stage(StrEnum):
    """The step at which an article was stopped; TOLD is the end of the way."""

    NO_FEED = "no-feed"
    NEVER_POLLED = "never-polled"
    FEED_FAILING = "feed-failing"
    NOT_IN_FEED = "not-in-feed"
    NOT_FOLLOWED = "not-followed"
    NO_MATCH = "no-match"
    HELD = "held"
    NOBODY_SUBSCRIBED = "nobody-subscribed"
    EVENT_ALREADY_TOLD = "event-already-told"
    WAITING = "waiting"
    NOT_SENT = "not-sent"
    NOT_DELIVERED = "not-delivered"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Trace:
    """What the store knows of an article and one watchlist.

    `feeds` are those polled at the article's host, `entries` the article as it was read, first first;
    `is_followed` tells whether the watchlist follows one of the feeds it came through.
    """

    feeds: Sequence[Feed]
    entries: Sequence[Entry]
    is_followed: bool = False
    match: StoredMatch | None = None
    event: EventView | None = None


def find_stage(trace: Trace) -> Stage:
    """Give the stage at which an article was stopped for a watchlist."""
    if not trace.entries:
        return _before_reading(trace.feeds)
    if trace.match is None:
        return Stage.NO_MATCH if trace.is_followed else Stage.NOT_FOLLOWED
    if trace.event is None or not trace.event.deliveries:
        return Stage.NOBODY_SUBSCRIBED if trace.match.held is None else Stage.HELD
    return _of_deliveries(trace.match, trace.event.deliveries)


def _before_reading(feeds: Sequence[Feed]) -> Stage:
    if not feeds:
        return Stage.NO_FEED
    if all(feed.last_polled_at is None for feed in feeds):
        return Stage.NEVER_POLLED
    if all(feed.status in (FeedStatus.FAILING, FeedStatus.GONE) for feed in feeds):
        return Stage.FEED_FAILING
    return Stage.NOT_IN_FEED


def _of_deliveries(match: StoredMatch, deliveries: Sequence[Delivery]) -> Stage:
    delivered = [one for one in deliveries if one.delivered_at is not None]
    if delivered:
        is_before = all(one.created_at < match.matched_at for one in delivered)
        return Stage.EVENT_ALREADY_TOLD if is_before else Stage.TOLD
    states = {one.state for one in deliveries}
    if states - {*_REFUSED, DeliveryState.CANCELLED}:
        return Stage.WAITING
    return Stage.NOT_DELIVERED if states & _REFUSED else Stage.NOT_SENT

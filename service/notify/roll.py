"""Who is told what now: the readers that the files name, and those who subscribed by themselves. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.domain import Cadence, Channel, ChannelKind, recipient
from service.hours import next_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from service.domain import Subscription
    from service.signup import Subscriber

LETTERS = "letters"  # the channel of what goes to an address of nobody's, or not yet anybody's


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is told what now: the channels by id, and the subscriptions that lead to them."""

    channels: Mapping[str, Channel]
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom a subscription leads to: the channel, and the address in it."""

    subscription: Subscription
    channel: Channel
    target: str

    @property
    def name(self) -> str:
        """Name the reader, whatever channel leads there."""
        return recipient(self.channel.id, self.target)

    def had_hour_since(self, since: datetime, now: datetime) -> bool:
        """Tell whether a time of the subscription's digests has come since a time."""
        return next_time(self.subscription.timetable, self.channel.timezone, since) <= now

    def is_due_at(self, now: datetime) -> datetime:
        """Give when the subscription wants what happened now: at once, or with its next digest."""
        one = self.subscription
        if one.cadence is Cadence.IMMEDIATE:
            return now
        return next_time(one.timetable, self.channel.timezone, now)


def list_digest_readers(roll: Roll) -> list[Reader]:
    """List who gets digests, once for each subscription."""
    return [
        Reader(one, roll.channels[one.channel_id], target)
        for one in roll.subscriptions
        if one.cadence is Cadence.DIGEST
        for target in roll.channels[one.channel_id].targets
    ]


def list_readers(watchlist_id: str, roll: Roll) -> list[Reader]:
    """List who is to be told of a watchlist, those who are told at once before those with a digest."""
    wanting = [one for one in roll.subscriptions if one.wants(watchlist_id)]
    return [
        Reader(one, roll.channels[one.channel_id], target)
        for one in sorted(wanting, key=lambda one: one.cadence is Cadence.DIGEST)
        for target in roll.channels[one.channel_id].targets
    ]


def call_roll(
    roll: Roll,
    subscribers: Iterable[Subscriber],
    suppressed: Collection[str],
    subject: Callable[[str], str],
    asked: Iterable[Subscriber] = (),
) -> Roll:
    """Give the roll of the files with the readers who subscribed, and without those who left.

    `suppressed` are the keyed hashes of those who left, as `subject` makes them of readers' names. To chats
    that are `asked` for a channel leads, for their code, and no subscription.
    """
    channels = {one.id: _without(one, suppressed, subject) for one in roll.channels.values()}
    channels[LETTERS] = Channel(LETTERS, ChannelKind.MAIL, ())
    subscriptions = list(roll.subscriptions)
    channels |= {one.channel.id: one.channel for one in asked}
    for one in subscribers:
        channels[one.channel.id] = one.channel
        subscriptions.append(one.subscription)
    return Roll(channels, tuple(subscriptions))


def _without(channel: Channel, suppressed: Collection[str], subject: Callable[[str], str]) -> Channel:
    if not suppressed or channel.kind is not ChannelKind.MAIL:
        return channel
    stay = [one for one in channel.targets if subject(recipient(channel.id, one)) not in suppressed]
    return replace(channel, targets=tuple(stay))

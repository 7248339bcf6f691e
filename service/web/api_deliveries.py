"""What the API says of deliveries, and of those who get them. Times are ISO 8601 in UTC. Pure."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING

from service.domain import ChannelKind  # noqa: TC001 -- the framework reads it from the annotations
from service.text import partly_hidden
from service.web.api_models import Said
from service.web.ledger import attempt_row
from service.web.phrases import hide_addresses

if TYPE_CHECKING:
    from service.domain import Delivery
    from service.signup import Subscriber
    from service.store import Attempt
    from service.web.times import Local


class PausedOut(Said):
    """A target that refuses, and is left alone until a time."""

    target: str
    words: str
    since_at: datetime
    until_at: datetime


class ChannelOut(Said):
    """A channel of the files: where it leads (mail addresses partly hidden) and what goes there.

    `trouble` says why it cannot be used, `paused` until when which target is left alone, and its words.
    """

    id: str
    kind: ChannelKind
    targets: list[str]
    timezone: str
    gets: list[str]
    trouble: str
    paused: list[PausedOut]


class SubscriberOut(Said):
    """A reader who subscribed: a mail address partly hidden, or the name of a chat.

    `refused` has the words with which the mailbox or chat refuses, where it does.
    """

    id: str
    channel_id: str
    kind: str
    name: str
    asked_at: datetime
    confirmed_at: datetime | None
    watchlists: list[str]
    when: str
    timezone: str
    language: str
    refused: str

    @classmethod
    def of(cls, one: Subscriber, refused: str) -> SubscriberOut:
        """Say one."""
        return cls(
            id=one.id,
            channel_id=one.channel.id,
            kind=one.kind,
            name=partly_hidden(one.address) if one.is_mail else one.label,
            asked_at=one.asked_at,
            confirmed_at=one.confirmed_at,
            watchlists=list(one.wishes.watchlists),
            when=one.wishes.when,
            timezone=one.wishes.timezone,
            language=one.wishes.language,
            refused=refused,
        )


class SubscriberPage(Said):
    """Readers, who asked last first. `next` is the `cursor` of those that follow, or null.

    There are so many `readers` in all, and so many addresses have `left`.
    """

    items: list[SubscriberOut]
    next: str | None
    readers: int
    left: int


class DeliveryOut(Said):
    """What was told to whom, and the last words of the other side. Mail addresses are shown partly."""

    id: str
    channel_id: str
    target: str
    state: str
    reason: str
    held: str | None
    event_id: str
    watchlist_id: str
    title: str
    attempts: int
    words: str
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None

    @classmethod
    def of(cls, one: Delivery) -> DeliveryOut:
        """Say one."""
        return cls(
            id=one.id,
            channel_id=one.channel_id,
            target=partly_hidden(one.target),
            state=one.state.value,
            reason=one.reason.value,
            held=None if one.held is None else one.held.value,
            event_id=one.event_id,
            watchlist_id=one.watchlist_id,
            title=one.notification.title,
            attempts=one.attempts,
            words=hide_addresses(one.words),
            created_at=one.created_at,
            due_at=one.due_at,
            delivered_at=one.delivered_at,
        )


class DeliveryPage(Said):
    """Deliveries, the latest planned first. `next` is the `cursor` of those that follow, or null.

    Of a page that asks for few among very many there can be less than `limit`, even none, and yet a `next`.
    `counts` are those of all deliveries, by state.
    """

    items: list[DeliveryOut]
    next: str | None
    counts: dict[str, int]


class AttemptOut(Said):
    """A try to deliver: how it ended, in which phase, with which code (0: none) and words of the other side.

    One without an end is under way, or its process died in it. `said` puts it all into a sentence.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    phase: str
    code: int
    words: str
    said: str

    @classmethod
    def of(cls, one: Attempt, local: Local) -> AttemptOut:
        """Say one."""
        return cls(
            number=one.number,
            started_at=one.started_at,
            ended_at=one.ended_at,
            outcome=one.outcome,
            phase=one.phase,
            code=one.code,
            words=partly_hidden(one.words),
            said=attempt_row(one, local).words,
        )


class WholeDelivery(Said):
    """A delivery with its attempts, the first one first, and the message.

    In the place of a link that only its reader may follow stands `…`, and letters, which are nothing but such
    a link, are empty. `may_send_again` tells whether an operator can have it tried once more.
    """

    delivery: DeliveryOut
    text: str
    may_send_again: bool
    attempts: list[AttemptOut]

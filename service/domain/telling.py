"""Whom to tell, and what was told: channels, subscriptions, deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from service.domain.events import Updates
    from service.domain.news import HeldReason


class ChannelKind(StrEnum):
    """How a channel is reached: by mail, as a chat by its Apprise address, as a program by POST."""

    MAIL = "mail"
    CHAT = "chat"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Channel:
    """A named destination of the file of channels.

    `targets` are mail addresses, or one empty string for a chat or a program. `address` is the chat's Apprise
    URL, or the web address that a program listens at, with secrets filled in, and `keys` are what is posted
    there is signed with: they are never shown, logged or stored. `trouble` says why the channel
    cannot be used now (an unset secret); its deliveries wait and are retried. `language` is that of the
    messages. A channel `by_reader` was added on our pages, by whoever can open them; `confirmed_at` is when
    its reader confirmed it.
    """

    id: str
    kind: ChannelKind
    targets: tuple[str, ...]
    address: str = field(default="", repr=False)
    timezone: str = "UTC"
    trouble: str = ""
    language: str = "en"
    confirmed_at: datetime | None = None
    by_reader: bool = False
    keys: tuple[bytes, ...] = field(default=(), repr=False)


def recipient(channel_id: str, target: str) -> str:
    """Name who reads at the end of a delivery: a mail address is one reader, whatever channel names it."""
    return f"mail:{target.casefold()}" if target else f"chat:{channel_id}"


class Cadence(StrEnum):
    """When a subscription wants its alerts: as they come, or together at hours of its choice."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"


EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Timetable:
    """Local times of the week: `minutes` after midnight, on `days` (0 is Monday)."""

    minutes: tuple[int, ...] = (7 * 60,)
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one local time to another, in minutes after midnight; over midnight where the end is not later."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which watchlists go to which channel, and when. No watchlists means all of them.

    `timetable` has the times of digests, in the channel's zone; what an immediate subscription holds back for
    a later digest comes then, too. A major event breaks `quiet` where `wakes_for_major`. `budget` is how many
    alerts come at once within 24 hours (0: any). `updates` is None where each watchlist says it.
    """

    id: str
    channel_id: str
    watchlists: frozenset[str] = frozenset()
    cadence: Cadence = Cadence.IMMEDIATE
    timetable: Timetable = Timetable()
    quiet: QuietHours | None = None
    wakes_for_major: bool = True
    budget: int = 0
    updates: Updates | None = None

    def wants(self, watchlist_id: str) -> bool:
        """Tell whether alerts of this watchlist belong to the subscription."""
        return not self.watchlists or watchlist_id in self.watchlists


class NotifyReason(StrEnum):
    """Why a notification is sent.

    NEW_EVENT: the first report of an event. FRESH_REPORT: a fresh report of an event that was
    known, but of which this subscription was never told. UPDATE: an event that was told has reached a
    milestone. DIGEST: the hour of a digest. TEST: somebody asked for a test message. SOURCE_HEALTH:
    sources are in trouble, or well again. SPIKE: far more reports than usual came within an hour.
    CONFIRMATION: somebody subscribed this address and is to confirm it. ACCESS: a reader asked for a link
    to change their alerts. CHANNEL_HEALTH: a channel refuses, or takes alerts again. UNDELIVERED: messages to
    others ended without success.
    """

    NEW_EVENT = "new-event"
    FRESH_REPORT = "fresh-report"
    UPDATE = "update"
    DIGEST = "digest"
    TEST = "test"
    SOURCE_HEALTH = "source-health"
    SPIKE = "spike"
    CONFIRMATION = "confirmation"
    ACCESS = "access"
    CHANNEL_HEALTH = "channel-health"
    UNDELIVERED = "undelivered"

    @property
    def is_letter(self) -> bool:
        """Tell whether it is a letter to one person, whose link lets in whoever has it."""
        return self in {NotifyReason.CONFIRMATION, NotifyReason.ACCESS}


class DeliveryState(StrEnum):
    """Where a delivery stands.

    HELD waits for its digest; PENDING waits to be sent; CLAIMED is with a worker; SENDING has
    reached the step after which a broken line leaves the outcome unknown; AMBIGUOUS broke there
    and will be repeated under the same Message-ID; DELIVERED, FAILED and EXPIRED are final;
    COVERED was told as part of another message. CANCELLED is final and will not be sent; the reason it is
    held for says why.
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
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Notification:
    """A rendered message: `text` says all that `html` says, links included.

    `data` is what a program gets besides, a JSON object; empty for people, and where there is no more to say.
    """

    title: str
    text: str
    html: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A delivery that shall exist. `id` derives from subscription, target and what is told.

    `weight` is the number of independent outlets so far. `covered_by` is the delivery whose message tells of
    this one too. `in_reply_to` is the Message-ID of the mail that told of the event first.
    """

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
    is_major: bool = False
    weight: int = 1
    covered_by: str = ""
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the store holds it, with the message as it will go out, whatever happens.

    `attempts` counts sends that were started. `words` is what the other side last said. `leave_url` is the
    address at which its reader can unsubscribe, where there is one; known when it is sent.
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
    entry_id: int = 0
    in_reply_to: str = ""
    leave_url: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """That a reader was told something at once: of which event and watchlist, when, whether it was major.

    `is_held` tells that it was an update that waited for its turn, and goes out, or went, at that time.
    """

    event_id: str
    watchlist_id: str
    at: datetime
    is_major: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence about an event or about all of a watchlist, until a time.

    For the reader behind `subject`, a keyed hash, or for all where it is empty. `by` is whose wish it is.
    """

    subject: str
    event_id: str
    watchlist_id: str
    until_at: datetime
    by: str

    def is_about(self, subject: str, event_id: str, watchlist_id: str) -> bool:
        """Tell whether a reader is not to be told of an event of a watchlist."""
        mine = self.subject in {"", subject}
        return mine and (self.event_id == event_id if self.event_id else self.watchlist_id == watchlist_id)


class SendOutcome(StrEnum):
    """How a send ended. AMBIGUOUS: the line broke after the message was handed over."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of posting a document to a web address.

    `status` is that of the answer, 0 where there was none; then `was_sent` tells whether the document had
    gone out, so that nobody knows what became of it. `words` are what was said, or what went wrong.
    """

    status: int = 0
    words: str = ""
    retry_after: timedelta | None = None
    was_sent: bool = False


NOT_BEGUN = "lease"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome, the step it was reached at (`connect`, `rcpt`, `data` …) and the other side's words."""

    outcome: SendOutcome
    phase: str = ""
    code: int = 0
    words: str = ""
    retry_after: timedelta | None = None

    @property
    def was_not_begun(self) -> bool:
        """Tell whether nothing went out, because the delivery was not surely the sender's to send."""
        return self.phase == NOT_BEGUN

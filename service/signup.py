"""What a reader asks for on our pages, and how much of that is let in. Pure.

Fields of a form become wishes, which are plain words as people write them, and wishes a subscription. The
limits keep the service from being used against strangers: a mailbox gets one letter a day, whoever asks for
it however often; a mailbox is counted once, however its address is written.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from service.domain import Cadence, Channel, ChannelKind, Subscription, Timetable, Updates, recipient
from service.hours import IMMEDIATE, MOST_A_DAY, OVER_BUDGET, read_quiet, read_when, write_when
from service.text import address_fault, digest
from service.wording import LANGUAGES, later

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

CONSENT = "2026-11"  # names the words that are confirmed; a change of them gets another name

BETWEEN_LETTERS = timedelta(hours=24)
HOUR = timedelta(hours=1)
LETTERS_TO_A_DOMAIN = 50  # an hour; large mail providers have as many readers as all others together
LETTERS_IN_ALL = 300  # an hour
FORMS_FROM_ONE_PLACE = 10  # an hour
REQUEST_EXPIRES = timedelta(hours=24)
CONFIRM_WITHIN = timedelta(days=7)
CHANGE_WITHIN = timedelta(days=30)  # after that, a link of a message asks for a new one
CODE_WITHIN = timedelta(hours=1)
CODE_TRIES = 5  # of a million codes

_ONE_OF_THE_LIST = later("Pick one of the list.")
_READER = "reader-"  # what the ids of their channels begin with
_SHOWN = 60  # characters of what somebody sent that no form of ours sends
# What is wrong with an address, and the mend, as a form says it: by what `address_fault` says of a file.
_OF_ADDRESSES = {
    "a mail address has exactly one @.": (
        later("A mail address has exactly one @."),
        later("Write one address, like ana@example.org."),
    ),
    "a mail address has at most 254 characters.": (
        later("A mail address has at most 254 characters."),
        later("Write the address alone."),
    ),
    "the domain has letters outside ASCII.": (
        later("The part behind the @ has letters that mail servers do not all take."),
        later("Write it in its xn-- form."),
    ),
    "this is no plain mail address.": (
        later("This is no plain mail address."),
        later("Write it like ana@example.org, without a name or brackets."),
    ),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a reader asks for, in the words of the file of channels; no watchlists means all of them."""

    watchlists: tuple[str, ...] = ()
    when: str = IMMEDIATE
    timezone: str = "UTC"
    language: str = "en"
    quiet: str = ""
    wake: str = "major"
    budget: int = 0
    together: str = write_when(Cadence.DIGEST, OVER_BUDGET)
    updates: str = ""

    def as_values(self) -> dict[str, Any]:
        """Give them as JSON can hold them."""
        return asdict(self) | {"watchlists": list(self.watchlists)}

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> Wishes:
        """Give the wishes that `as_values` wrote."""
        return cls(**{**values, "watchlists": tuple(values["watchlists"])})

    def subscription(self, identity: str, channel_id: str) -> Subscription:
        """Give the subscription that they ask for."""
        cadence, timetable = read_when(self.when) or (Cadence.IMMEDIATE, Timetable())
        is_digest = cadence is Cadence.DIGEST
        _, together = read_when(self.together) or (Cadence.DIGEST, Timetable())
        return Subscription(
            identity,
            channel_id,
            frozenset(self.watchlists),
            cadence=cadence,
            timetable=timetable if is_digest else together,
            quiet=None if is_digest else read_quiet(self.quiet),
            wakes_for_major=self.wake == "major",
            budget=0 if is_digest else self.budget,
            updates=Updates(self.updates) if self.updates else None,
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, and the mend: English texts, to be said in the reader's language.

    `given` fills the field of that name in the message: what was sent.
    """

    field: str
    message: str
    mend: str
    given: str = ""


def read_wishes(
    fields: Mapping[str, Sequence[str]], watchlists: Collection[str]
) -> tuple[Wishes, tuple[Fault, ...]]:
    """Read the fields of a form; what is wrong is named, and left at its default.

    `watchlists` are the ids of those that can be asked for.
    """
    reading = _Reading(fields)
    chosen = tuple(one for one in dict.fromkeys(fields.get("watchlists", ())) if one in watchlists)
    if not chosen:
        reading.fault("watchlists", later("No watchlist is picked."), later("Pick one at least."))
    wishes = Wishes(
        watchlists=chosen,
        when=reading.when(),
        timezone=reading.one_of("timezone", timezones(), "UTC"),
        language=reading.one_of("language", LANGUAGES, "en"),
        quiet=reading.quiet(),
        wake=reading.one_of("wake", ("major", "nothing"), "major"),
        budget=reading.budget(),
        together=reading.together(),
        updates=reading.one_of("updates", ("", *Updates), ""),
    )
    return wishes, tuple(reading.faults)


def read_address(fields: Mapping[str, Sequence[str]]) -> tuple[str, tuple[Fault, ...]]:
    """Read the mail address of a form."""
    address = next(iter(fields.get("address", ())), "").strip()
    if not address:
        fault = later("No mail address is given."), later("Write one address, like ana@example.org.")
        return "", (Fault("address", *fault),)
    found = address_fault(address)
    return address, (Fault("address", *_OF_ADDRESSES[found[0]]),) if found else ()


@cache
def timezones() -> frozenset[str]:
    """Give the names of the time zones that there are; the library looks for them only once."""
    return frozenset(available_timezones())


class _Reading:
    """One form, and what is wrong with it."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields
        self.faults: list[Fault] = []

    def fault(self, field: str, message: str, mend: str, given: str = "") -> None:
        self.faults.append(Fault(field, message, mend, given))

    def one(self, name: str) -> str:
        return " ".join(next(iter(self._fields.get(name, ())), "").split())

    def one_of(self, name: str, known: Collection[str], default: str) -> str:
        given = self.one(name)
        if given in known:
            return given
        if given:
            self.fault(name, later("{given} cannot be picked here."), _ONE_OF_THE_LIST, given[:_SHOWN])
        return default

    def when(self) -> str:
        """Give when alerts come: at once, or the words of days and hours that stand in two fields."""
        days = self.one("days") or IMMEDIATE
        if days == IMMEDIATE:
            return IMMEDIATE
        written = f"{days} {self.one('hours') or '07:00'}".lower()
        if read_when(written) is None:
            self.fault("hours", later("These are no hours."), later("Write one or more, like 07:00 18:00."))
            return IMMEDIATE
        return written

    def together(self) -> str:
        """Give when what is over the budget comes: each day at the hours of a field."""
        hours = self.one("together")
        written = f"daily {hours}" if hours else write_when(Cadence.DIGEST, OVER_BUDGET)
        if read_when(written) is None:
            self.fault(
                "together", later("These are no hours."), later("Write one or more, like 07:00 18:00.")
            )
            return write_when(Cadence.DIGEST, OVER_BUDGET)
        return written

    def quiet(self) -> str:
        written = self.one("quiet")
        if written and read_quiet(written) is None:
            self.fault("quiet", later("These are no quiet hours."), later("Write them like 22:00-07:00."))
            return ""
        return written

    def budget(self) -> int:
        written = self.one("budget")
        if not written:
            return 0
        if written.isascii() and written.isdecimal() and len(written) <= len(str(MOST_A_DAY)):
            return min(int(written), MOST_A_DAY)
        self.fault(
            "budget", later("This is no number of alerts a day."), later("Write one like 8, or nothing.")
        )
        return 0


def mailbox_of(address: str) -> tuple[str, str]:
    """Give the mailbox of an address as limits count it, and its domain.

    Case, what stands after a plus, and dots make no other mailbox with large providers. No two addresses
    are taken for one anywhere else.
    """
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}", domain


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters sent: when the last one to this mailbox, how many within the hour to its domain, in all."""

    last_at: datetime | None
    to_domain: int
    in_all: int

    def is_recent(self, now: datetime) -> bool:
        """Tell whether the mailbox has had its letter of these 24 hours."""
        return self.last_at is not None and now - self.last_at < BETWEEN_LETTERS


class Admission(StrEnum):
    """What becomes of a request: it gets its letter, waits for it, or is forgotten."""

    WRITE = "write"
    LATER = "later"
    NEVER = "never"


def admit(letters: Letters, asked_at: datetime, now: datetime) -> Admission:
    """Say whether a request gets its letter now, later, or never."""
    if letters.is_recent(now) or now - asked_at > REQUEST_EXPIRES:
        return Admission.NEVER
    busy = letters.to_domain >= LETTERS_TO_A_DOMAIN or letters.in_all >= LETTERS_IN_ALL
    return Admission.LATER if busy else Admission.WRITE


def chat_name(reader_id: str) -> str:
    """Name who reads in the chat of a reader, as `recipient` does."""
    return recipient(f"{_READER}{reader_id}", "")


def is_of_reader(channel_id: str) -> bool:
    """Tell whether a channel is that of somebody who subscribed."""
    return channel_id.startswith(_READER)


def reader_id_of(channel_id: str) -> str:
    """Give the id of the reader whose channel it is."""
    return channel_id.removeprefix(_READER)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader who subscribed: who they are, what they asked for, and when they confirmed it (None: not yet).

    `address` is a mail address, or the address of a chat, which is a secret; `label` names the chat. The `id`
    of a chat that is not confirmed yet names who asked, else the chat.
    """

    id: str
    subject: str
    address: str = field(repr=False)
    wishes: Wishes
    asked_at: datetime
    confirmed_at: datetime | None = None
    kind: str = "mail"
    label: str = ""

    @property
    def expires_at(self) -> datetime:
        """Give until when what they asked for can be confirmed."""
        return self.asked_at + (CONFIRM_WITHIN if self.is_mail else CODE_WITHIN)

    @property
    def is_mail(self) -> bool:
        """Tell whether they are reached by mail, not in a chat."""
        return self.kind == ChannelKind.MAIL

    def is_old(self, link_at: datetime, now: datetime) -> bool:
        """Tell whether a link changes nothing now. That of a chat always does: no mail brings another."""
        return self.is_mail and now - link_at > CHANGE_WITHIN

    @property
    def channel(self) -> Channel:
        """Give the channel that leads to them alone."""
        is_mail = self.is_mail
        return Channel(
            f"{_READER}{self.id}",
            ChannelKind.MAIL if is_mail else ChannelKind.CHAT,
            (self.address if is_mail else "",),
            "" if is_mail else self.address,
            self.wishes.timezone,
            language=self.wishes.language,
            confirmed_at=self.confirmed_at,
            by_reader=True,
        )

    @property
    def subscription(self) -> Subscription:
        """Give what they asked for; its name changes with what it says, so that the audit can tell."""
        name = digest("reader", self.id, *map(str, self.wishes.as_values().values()))
        return self.wishes.subscription(name, self.channel.id)

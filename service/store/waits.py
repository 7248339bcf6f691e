"""What is due and not sent now: what is passed over, and what is put off until a time, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlmodel import col, func

from service.store.delivery_tables import DeliveryRow
from service.store.known import chunks
from service.store.tables import CLOCKS_DIFFER
from service.store.targets import WAITING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

_IS_MAIL = col(DeliveryRow.target) != ""


@dataclass(frozen=True, slots=True)
class Avoid:
    """What is not claimed though it is due: deliveries, chats by their channel, addresses, or all mail."""

    ids: Collection[str] = ()
    channels: Collection[str] = ()
    addresses: Collection[str] = ()
    mail: bool = False

    def conditions(self) -> list[Any]:
        """Give the conditions of a delivery not to be avoided."""
        found: list[Any] = [col(DeliveryRow.id).not_in(self.ids)] if self.ids else []
        if self.channels:
            found.append(_IS_MAIL | col(DeliveryRow.channel_id).not_in(self.channels))
        if self.addresses:
            found.append(func.lower(DeliveryRow.target).not_in([one.lower() for one in self.addresses]))
        return [*found, ~_IS_MAIL] if self.mail else found


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when something waits, and why; `paused` names the target that is paused until then, if one is.

    `at_end` is what is said in place of that once it has waited for too long.
    """

    until: datetime
    words: str
    paused: str = ""
    at_end: str = ""


@dataclass(frozen=True)
class Waits:
    """What waits as a whole: what leads to chats, by channel, to addresses, or all mail."""

    chats: Mapping[str, Wait] = field(default_factory=dict)
    addresses: Mapping[str, Wait] = field(default_factory=dict)
    mail: Wait | None = None

    def of(self, channel_id: str, target: str) -> Wait | None:
        """Give what a delivery waits for; None where it need not."""
        if not target:
            return self.chats.get(channel_id)
        return self.mail or self._by_small_letters.get(target.lower())

    @cached_property
    def _by_small_letters(self) -> Mapping[str, Wait]:
        return {name.lower(): wait for name, wait in self.addresses.items()}

    def conditions(self) -> Iterator[Any]:
        """Give conditions of a delivery to wait, each short enough for one statement."""
        for some in chunks(list(self.chats)):
            yield ~_IS_MAIL & col(DeliveryRow.channel_id).in_(some)
        if self.mail is not None:
            yield _IS_MAIL
            return
        # SQLite knows small letters of ASCII alone, so that an address is looked for as it is written, too.
        for some in chunks(list(self.addresses)):
            small = func.lower(DeliveryRow.target).in_([one.lower() for one in some])
            yield small | col(DeliveryRow.target).in_(some)


NOTHING = Avoid()


def is_waiting(now: datetime) -> Any:  # noqa: ANN401 -- the library's type of a condition
    """Give the condition of a delivery to be due and in nobody's hands."""
    is_time = (col(DeliveryRow.due_at) <= now) | (col(DeliveryRow.created_at) > now + CLOCKS_DIFFER)
    return col(DeliveryRow.state).in_(WAITING) & is_time

"""For whom a message is made: the reader's zone, language and links, and why the reader gets it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.notify.clock import Clock
from service.wording import Wording, wording_for

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """Addresses of our own pages, made for one reader and one message; an empty one is left out."""

    change: str = ""
    leave: str = ""
    mute: str = ""
    useful: str = ""
    noise: str = ""


@dataclass(frozen=True, slots=True)
class ReaderView:
    """What a message needs to know of its reader.

    `confirmed_at` is when a reader confirmed by a click; others are reached by the channel of a file,
    `channel_id`. Without either a message does not say why it comes. A zone that is not known is UTC, a
    language that we do not speak is English; without `base_url` nothing links to our pages. `is_program`
    where nobody reads it.
    """

    timezone: str = "UTC"
    language: str = "en"
    base_url: str = ""
    channel_id: str = ""
    confirmed_at: datetime | None = None
    links: ReaderLinks = ReaderLinks()
    is_program: bool = False

    @property
    def wording(self) -> Wording:
        """Give the wording of the reader's language."""
        return wording_for(self.language)

    @property
    def clock(self) -> Clock:
        """Give a clock that says times where the reader is, in the reader's language."""
        return Clock(self.timezone, self.wording)

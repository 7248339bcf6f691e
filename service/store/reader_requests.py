"""Forms that readers sent, as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.signup import Wishes

if TYPE_CHECKING:
    from datetime import datetime

    from service.store.reader_tables import RequestRow


@dataclass(frozen=True, slots=True)
class AskedChat:
    """What a form for a chat has besides: `label` names it, `asked` whoever asked on the page of its code."""

    label: str
    asked: str


@dataclass(frozen=True, slots=True)
class Request:
    """A form that waits to be looked at: `subscribe`, `access` for a new link to change alerts, or `chat`."""

    id: int
    kind: str
    address: str = field(repr=False)
    wishes: Wishes
    at: datetime
    chat: AskedChat = AskedChat("", "")


@dataclass(frozen=True, slots=True)
class Offered:
    """A watchlist that can be subscribed to."""

    id: str
    title: str
    about: str


def to_request(row: RequestRow) -> Request:
    """Turn a row into the form it stands for."""
    wishes = Wishes.of_values(json.loads(row.wishes))
    return Request(row.id or 0, row.kind, row.address, wishes, row.at, AskedChat(row.label, row.asked))

"""What of the ledger is asked for: a part, a watchlist, a reason, a channel, an event; the way on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from service.domain import NotifyReason
from service.store import WantedDeliveries
from service.web.ledger import LedgerPart, ledger_parts
from service.web.places import read_place, write_place
from service.web.telling import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FIELDS = ("show", "watchlist", "reason", "channel", "event")
_MOST_TYPED = 100


@dataclass(frozen=True, slots=True)
class AskedLedger:
    """The form as it was sent; what cannot be chosen asks for all."""

    typed: Mapping[str, str]
    parts: tuple[LedgerPart, ...]
    part: LedgerPart
    after: tuple[datetime, str] | None

    @property
    def wanted(self) -> WantedDeliveries:
        """Give what is asked of the store."""
        reason = self.typed["reason"]
        return WantedDeliveries(
            self.part.states,
            reason=NotifyReason(reason) if reason else None,
            watchlist_id=self.typed["watchlist"],
            channel_id=self.typed["channel"],
            event_id=self.typed["event"],
        )

    @property
    def is_narrowed(self) -> bool:
        """Tell whether more is asked than for a part of the ledger."""
        return any(self.typed[name] for name in FIELDS[1:])

    def address(self, part: LedgerPart | None = None, after: tuple[datetime, str] | None = None) -> str:
        """Give the address of another part, or of what follows, of the same deliveries."""
        fields = {**self.typed, "show": (part or self.part).name}
        fields["after"] = write_place(*after) if after else ""
        said = urlencode({name: value for name, value in fields.items() if value})
        return f"/deliveries?{said}" if said else "/deliveries"


def read_ledger_form(sent: Mapping[str, str], counts: Mapping[str, int]) -> AskedLedger:
    """Read what was sent."""
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    typed = {name: text if _is_name(text) else "" for name, text in typed.items()}
    if typed["reason"] not in set(REASONS):
        typed["reason"] = ""
    parts = ledger_parts(counts)
    part = next((one for one in parts if one.name == typed["show"]), parts[0])
    return AskedLedger(typed, parts, part, read_place(sent.get("after", "")[: 2 * _MOST_TYPED]))


def _is_name(text: str) -> bool:
    return len(text) <= _MOST_TYPED and text.isprintable()

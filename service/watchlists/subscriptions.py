"""The subscriptions of the file of channels: which watchlists go to which channel, and when.

Reads and checks them; whether a channel itself can be used is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Cadence, Subscription
from service.text import digest
from service.watchlists.keys import SUBSCRIPTION, SUBSCRIPTION_REQUIRED
from service.watchlists.nodes import Listing, Mapping, Node, Text
from service.watchlists.reader import name_mend

if TYPE_CHECKING:
    from service.watchlists.reader import Reader

ALL = "all"
DAILY = re.compile(r"daily\s+([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class SubscriptionReader:
    """Reads the subscriptions of one file."""

    reader: Reader
    channels: frozenset[str]
    watchlists: frozenset[str]

    def read(self, items: tuple[Node, ...]) -> tuple[Subscription, ...]:
        """Give the subscriptions that can be kept, each once."""
        kept: dict[str, Subscription] = {}
        for node in items:
            mapping = self.reader.mapping(node, "a subscription")
            subscription = self._subscription(mapping) if mapping else None
            if subscription is None:
                continue
            if subscription.id in kept:
                self.reader.refuse(node, "this subscription stands twice.", "Delete one.", "subscriptions")
            kept.setdefault(subscription.id, subscription)
        return tuple(kept.values())

    def _subscription(self, mapping: Mapping) -> Subscription | None:
        self.reader.check_keys(mapping, SUBSCRIPTION, required=SUBSCRIPTION_REQUIRED)
        channel = self._channel(mapping.get("to"))
        written = self._watchlists(mapping.get("watchlists"))
        when = self._when(mapping.get("when"))
        if channel is None or written is None or when is None:
            return None
        known = frozenset(written) & self.watchlists
        if written and not known:
            return None  # an empty set would mean all of them
        cadence, hour, minute = when
        said = f"{cadence} {hour:02}:{minute:02}" if cadence is Cadence.DAILY else str(cadence)
        # The id stands for what is written: a watchlist that vanishes for a while changes nothing.
        identity = digest("subscription", channel, *(sorted(written) or [ALL]), said)
        return Subscription(identity, channel, known, cadence, hour, minute)

    def _channel(self, node: Node | None) -> str | None:
        name = self.reader.word(node, "to")
        if name is None or node is None or name in self.channels:
            return name
        mend = name_mend(name, self.channels, none="Describe it under channels: first.")
        self.reader.refuse(node, f"the channel {name} is unknown.", mend, "to")
        return None

    def _watchlists(self, node: Node | None) -> tuple[str, ...] | None:
        """Give the ids as written, none for `all`; None where no id can be read."""
        if isinstance(node, Text) and node.value == ALL:
            return ()
        found = self.reader.texts(node, "watchlists")
        for item, name in found:
            if name not in self.watchlists:
                mend = name_mend(name, self.watchlists, none="Write watchlists: all.")
                self.reader.refuse(item, f"the watchlist {name} is unknown.", mend, "watchlists")
        if isinstance(node, Listing) and not node.items:
            self.reader.refuse(
                node, "the list of watchlists is empty.", "Write all, or their ids.", "watchlists"
            )
        return tuple(name for _, name in found) or None

    def _when(self, node: Node | None) -> tuple[Cadence, int, int] | None:
        immediate = (Cadence.IMMEDIATE, 7, 0)
        if node is None:
            return immediate
        written = self.reader.word(node, "when")
        if written is None:
            return None
        if written == Cadence.IMMEDIATE:
            return immediate
        match = DAILY.fullmatch(written)
        if match:
            return Cadence.DAILY, int(match[1]), int(match[2])
        self.reader.refuse(
            node, f"{written}: this is no time to send.", "Write immediate, or daily 07:00.", "when"
        )
        return None

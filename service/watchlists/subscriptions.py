"""The subscriptions of the file of channels: which watchlists go to which channel, and when.

Reads and checks them; whether a channel itself can be used is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Cadence, QuietHours, Subscription, Timetable, Updates
from service.hours import IMMEDIATE, MOST_A_DAY, OVER_BUDGET, read_quiet, read_when, write_when
from service.text import digest
from service.watchlists.keys import SUBSCRIPTION, SUBSCRIPTION_REQUIRED
from service.watchlists.nodes import Listing, Mapping, Node, Text
from service.watchlists.reader import name_mend

if TYPE_CHECKING:
    from service.watchlists.reader import Reader

ALL = "all"
WAKE = ("major", "nothing")
DIGITS = re.compile(r"[0-9]{1,4}")
OF_ALERTS_AT_ONCE = ("quiet", "wake", "budget", "together")
OPTIONS = (*OF_ALERTS_AT_ONCE, "updates")
NEEDS = {"wake": "quiet", "together": "budget"}


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
        options = self._options(mapping)
        if channel is None or written is None or when is None or options is None:
            return None
        known = frozenset(written) & self.watchlists
        if written and not known:
            return None  # an empty set would mean all of them
        # The id stands for what is written: a watchlist that vanishes for a while changes nothing.
        said = (write_when(*when), *options.said)
        identity = digest("subscription", channel, *(sorted(written) or [ALL]), *said)
        return options.subscription(identity, channel, known, when)

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

    def _when(self, node: Node | None) -> tuple[Cadence, Timetable] | None:
        if node is None:
            return Cadence.IMMEDIATE, OVER_BUDGET
        written = self.reader.word(node, "when")
        if written is None:
            return None
        found = read_when(written)
        if found is None:
            mend = "Write immediate, daily 07:00, weekdays 07:00 18:00 or weekly monday 07:00."
            self.reader.refuse(node, f"{written}: this is no time to send.", mend, "when")
            return None
        return found if found[0] is Cadence.DIGEST else (Cadence.IMMEDIATE, OVER_BUDGET)

    def _options(self, mapping: Mapping) -> _Options | None:
        """Read what stands beside `when`; None where something of it is refused."""
        before = len(self.reader.problems)
        choices = [str(one) for one in Updates]
        options = _Options(
            quiet=self._quiet(mapping.get("quiet")),
            wakes=self.reader.choice(mapping.get("wake"), "wake", WAKE) != "nothing",
            budget=self._budget(mapping.get("budget")),
            together=self._together(mapping.get("together")),
            updates=self.reader.choice(mapping.get("updates"), "updates", choices),
            said=tuple(f"{key} {mapping.word(key)}" for key in OPTIONS if mapping.get(key) is not None),
        )
        self._check_places(mapping)
        return options if len(self.reader.problems) == before else None

    def _check_places(self, mapping: Mapping) -> None:
        """Refuse options of alerts at once beside a digest, and those that nothing makes use of."""
        is_digest = mapping.word("when") not in {"", IMMEDIATE}
        for key in OF_ALERTS_AT_ONCE:
            node, needed = mapping.get(key), NEEDS.get(key)
            if node is None:
                continue
            if is_digest:
                mend = f"Delete `{key}`, or write `when: immediate`."
                self.reader.refuse(node, f"{key} belongs to alerts at once, and this is a digest.", mend, key)
            elif needed and mapping.get(needed) is None:
                mend = f"Write `{needed}: …` too, or delete `{key}`."
                self.reader.refuse(node, f"{key} means nothing without {needed}.", mend, key)

    def _quiet(self, node: Node | None) -> QuietHours | None:
        written = self.reader.word(node, "quiet")
        if node is None or written is None:
            return None
        quiet = read_quiet(written)
        if quiet is None:
            mend = "Write them like 22:00-07:00."
            self.reader.refuse(node, f"{written}: these are no quiet hours.", mend, "quiet")
        return quiet

    def _budget(self, node: Node | None) -> int:
        written = self.reader.word(node, "budget")
        if node is None or written is None:
            return 0
        if DIGITS.fullmatch(written) and 1 <= int(written) <= MOST_A_DAY:
            return int(written)
        mend = f"Write a number from 1 to {MOST_A_DAY:,}, like 8."
        self.reader.refuse(node, f"{written}: this is no number of alerts a day.", mend, "budget")
        return 0

    def _together(self, node: Node | None) -> Timetable | None:
        written = self.reader.word(node, "together")
        if node is None or written is None:
            return None
        found = read_when(written)
        if found is not None and found[0] is Cadence.DIGEST:
            return found[1]
        mend = "Write it like daily 18:00."
        self.reader.refuse(node, f"{written}: this is no time for a digest.", mend, "together")
        return None


@dataclass(frozen=True, slots=True)
class _Options:
    """What stands beside `when`; `said` is what is written."""

    quiet: QuietHours | None
    wakes: bool
    budget: int
    together: Timetable | None
    updates: str | None
    said: tuple[str, ...]

    def subscription(
        self, identity: str, channel: str, watchlists: frozenset[str], when: tuple[Cadence, Timetable]
    ) -> Subscription:
        """Put a subscription together."""
        return Subscription(
            identity,
            channel,
            watchlists,
            cadence=when[0],
            timetable=self.together or when[1],
            quiet=self.quiet,
            wakes_for_major=self.wakes,
            budget=self.budget,
            updates=Updates(self.updates) if self.updates else None,
        )

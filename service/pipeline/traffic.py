"""Which due deliveries may go out now: by the lines they take, and by the targets that are paused."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

from service.circuit import OPEN_WORDS, Lines, Way, given_up_words, is_reached, paused_words
from service.domain import ChannelKind, SendOutcome, recipient
from service.notify import server_of
from service.store import Avoid, Wait, Waits
from service.text import partly_hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from service.domain import Delivery, SendResult
    from service.notify import Roll
    from service.store import Due, Paused

_MAIL = "mail"  # all mail takes the one line to the mail server


@dataclass(frozen=True, slots=True)
class Going:
    """A delivery under way: where it goes, and since when."""

    delivery: Delivery
    way: Way
    begun_at: datetime


@dataclass(slots=True)
class Traffic:
    """What this process has under way; thread-safe, since sends end while others are chosen."""

    lines: Lines
    going: dict[str, Going] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)
    _is_back: bool = False
    _roll: Roll | None = None
    _chats: dict[str, str] = field(default_factory=dict)
    _probed: Collection[str] = ()
    _chosen: dict[str, Way] = field(default_factory=dict)

    def take_back(self) -> bool:
        """Tell once that a line or a target is well again which was not."""
        with self._lock:
            is_back, self._is_back = self._is_back, False
        return is_back

    def look(self, roll: Roll, paused: Sequence[Paused], now: datetime) -> None:
        """Take who is told what now, and which targets are paused."""
        if roll is not self._roll:
            chats = (one for one in roll.channels.values() if one.kind is not ChannelKind.MAIL)
            self._chats = {one.id: server_of(one.address) for one in chats}
            self._roll = roll
        self._probed = {one.name for one in paused if one.until_at <= now}

    def closed(self, now: datetime) -> Waits:
        """Give what waits for servers that are not reached."""
        with self._lock:
            lines = {
                line: Wait(until, OPEN_WORDS, at_end=given_up_words(self.lines.said_by(line)))
                for line, until in self.lines.list_open(now)
            }
        chats = {channel: lines[line] for channel, line in self._chats.items() if line in lines}
        return Waits(chats, mail=lines.get(_MAIL))

    def list_under_way(self) -> list[Going]:
        """List what is being sent."""
        with self._lock:
            return list(self.going.values())

    def avoid(self, under_way: Sequence[Going], now: datetime) -> Avoid:
        """Say what need not be looked at beside what was under way, since nothing of it may begin now."""
        with self._lock:
            full = {line for line in {_MAIL, *self._chats.values()} if self.lines.is_full(line, now)}
        return Avoid(
            ids=[one.delivery.id for one in under_way],
            channels={
                *(one.delivery.channel_id for one in under_way if not one.delivery.target),
                *(channel for channel, line in self._chats.items() if line in full),
            },
            addresses=[one.delivery.target for one in under_way if one.delivery.target and one.way.target],
            mail=_MAIL in full,
        )

    def choose(self, waiting: Sequence[Due], now: datetime) -> Collection[str]:
        """Choose what goes out now; each that is chosen takes its place at once."""
        with self._lock:
            self._chosen = {}
            for one in waiting:
                way = self._way(one)
                if self.lines.may_begin(way, now):
                    self.lines.begin(way)
                    self._chosen[one.id] = way
            return tuple(self._chosen)

    def start(self, claimed: Sequence[Delivery], now: datetime) -> None:
        """Note what was claimed of what was chosen, and give back the places of the rest."""
        with self._lock:
            for delivery in claimed:
                self.going[delivery.id] = Going(delivery, self._chosen.pop(delivery.id), now)
            for way in self._chosen.values():
                self._leave(way, None, now, now)
            self._chosen = {}

    def end(self, delivery_id: str, result: SendResult | None, now: datetime) -> None:
        """Note how a send ended; without a result nothing is learned from it."""
        with self._lock:
            one = self.going.pop(delivery_id)
            self._leave(one.way, result, one.begun_at, now)
            name = recipient(one.delivery.channel_id, one.delivery.target)
            is_sent = result is not None and result.outcome is SendOutcome.SENT
            self._is_back |= is_sent and name in self._probed

    def _leave(self, way: Way, result: SendResult | None, begun_at: datetime, now: datetime) -> None:
        reached = is_reached(result) if result else None
        is_back = self.lines.end(
            way,
            reached=reached,
            begun_at=begun_at,
            now=now,
            jitter=random.random(),
            said=partly_hidden(result.words) if result else "",  # it is shown beside others' messages
        )
        self._is_back |= is_back

    def _way(self, one: Due) -> Way:
        """Give the way of a delivery; an address takes one message at a time while it is looked at again."""
        if not one.target:
            return Way(self._chats.get(one.channel_id, ""), recipient(one.channel_id, ""))
        name = recipient(one.channel_id, one.target)
        return Way(_MAIL, name if name in self._probed else "")


def paused_waits(paused: Sequence[Paused], now: datetime) -> Waits:
    """Give what waits for targets that refuse: chats and addresses."""
    chats: dict[str, Wait] = {}
    addresses: dict[str, Wait] = {}
    for one in paused:
        if one.until_at > now:
            wait = Wait(one.until_at, paused_words(one.words), one.name, one.words)
            (addresses if one.target else chats)[one.target or one.channel_id] = wait
    return Waits(chats, addresses)

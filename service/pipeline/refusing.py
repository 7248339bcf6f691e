"""Targets that refuse, told to the operator: each once, and not all at one time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import NotifyReason, PlannedDelivery, recipient
from service.notify import ReaderView, render_refused
from service.text import digest, partly_hidden

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Channel
    from service.pipeline.shift import Shift
    from service.store import Paused

WITHIN = timedelta(hours=1)
MOST = 10  # targets told of within that time: where a server refuses all its readers, the first ones say it


class Refusing:
    """Makes the operator's messages about targets that are paused; they go out through the outbox."""

    def __init__(self, shift: Shift) -> None:
        """Take what is shared with delivering."""
        self._shift = shift

    def make_letters(self) -> int:
        """Store the messages that are due to the operator's channels; gives how many."""
        shift, now = self._shift, self._shift.clock()
        channels = shift.roll().channels
        readers = [
            (channels[name], target) for name in shift.desk.operators for target in channels[name].targets
        ]
        count = 0
        for paused in shift.store.targets.list_untold(now - WITHIN, MOST) if readers else ():
            others = [one for one in readers if recipient(one[0].id, one[1]) != paused.name]
            name, words = self._named(paused)
            letters = [
                shift.ready(
                    _plan(paused, channel, target, now),
                    render_refused(
                        name,
                        words,
                        paused.since_at,
                        ReaderView(channel.timezone, channel.language, shift.base_url),
                    ),
                )
                for channel, target in others
            ]
            shift.store.targets.save_letters(paused, letters, now=now)
            count += len(letters)
        return count

    def _named(self, paused: Paused) -> tuple[str, str]:
        """Give the target's name and its words; of readers who subscribed by themselves no whole address."""
        if not paused.target:
            return paused.channel_id, paused.words
        if paused.target in self._in_files():
            return paused.target, paused.words
        return partly_hidden(paused.target), partly_hidden(paused.words)

    def _in_files(self) -> set[str]:
        return {target for channel in self._shift.desk.roll.channels.values() for target in channel.targets}


def _plan(paused: Paused, channel: Channel, target: str, now: datetime) -> PlannedDelivery:
    since = paused.since_at.isoformat()
    return PlannedDelivery(
        id=digest("channel-health", digest(paused.name), since, recipient(channel.id, target)),
        subscription_id="",
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.CHANNEL_HEALTH,
        event_id="",
        watchlist_id="",
        entry_id=0,
        due_at=now,
    )

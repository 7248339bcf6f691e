"""Messages that could not be delivered, told to the operator: together, and not all at one time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import NotifyReason, PlannedDelivery, recipient
from service.notify import ReaderView, Unsent, render_undelivered
from service.text import digest, partly_hidden

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Channel, Delivery
    from service.pipeline.shift import Shift

APART = timedelta(hours=1)
MOST = 500  # told of by one message; it names the first of them


class Undelivered:
    """Makes the operator's messages about them; they go out through the outbox."""

    def __init__(self, shift: Shift) -> None:
        """Take what is shared with delivering."""
        self._shift = shift

    def make_letters(self) -> int:
        """Store the messages that are due to the operator's channels; gives how many.

        Nobody is told through what did not work: a target of the operator's own is not told of itself.
        """
        shift, now = self._shift, self._shift.clock()
        channels, store = shift.roll().channels, shift.store.undelivered
        readers = [
            (channels[name], target) for name in shift.desk.operators for target in channels[name].targets
        ]
        ended = store.list_untold(MOST) if readers else []
        if not ended or store.was_told_since(now - APART):
            return 0
        letters = [
            shift.ready(
                _plan(theirs, channel, target, now),
                render_undelivered(
                    [_unsent(one) for one in theirs],
                    ReaderView(channel.timezone, channel.language, shift.base_url),
                ),
            )
            for channel, target in readers
            if (theirs := _for_reader(ended, channel, target))
        ]
        is_done = store.save_letters(letters, [one.id for one in ended], now=now)
        return len(letters) if is_done else 0


def _for_reader(ended: Sequence[Delivery], channel: Channel, target: str) -> list[Delivery]:
    name = recipient(channel.id, target)
    return [one for one in ended if recipient(one.channel_id, one.target) != name]


def _unsent(one: Delivery) -> Unsent:
    """Say what did not come; an address is never shown whole, so that none has to be erased here later."""
    return Unsent(
        one.notification.title, partly_hidden(one.target) or one.channel_id, partly_hidden(one.words)
    )


def _plan(ended: Sequence[Delivery], channel: Channel, target: str, now: datetime) -> PlannedDelivery:
    return PlannedDelivery(
        id=digest("undelivered", recipient(channel.id, target), *(one.id for one in ended)),
        subscription_id="",
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.UNDELIVERED,
        event_id="",
        watchlist_id="",
        entry_id=0,
        due_at=now,
    )

"""A test message to one channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import Delivery, DeliveryState, NotifyReason
from service.errors import NotFound
from service.notify import message_id, render_test
from service.text import digest
from service.wiring.base import real_clock
from service.wiring.parts import make_sender

if TYPE_CHECKING:
    from service.config import Settings
    from service.domain import Channel, SendResult
    from service.wiring.files import Files


def send_to(settings: Settings, files: Files, channel_id: str) -> list[tuple[str, SendResult]]:
    """Send one test message to each target of a channel; raises NotFound when there is no such channel."""
    channels = {channel.id: channel for channel in files.channels}
    channel = channels.get(channel_id)
    if channel is None:
        known = ", ".join(sorted(channels)) or "none yet: see channels.yaml, or set AVIZOR_ALERT_TO"
        raise NotFound(f"there is no channel {channel_id}", mend=f"Known channels: {known}.")
    sender = make_sender(settings)
    return [
        (target, sender.send(channel, _delivery(channel, target, sender.domain), before_data=lambda: True))
        for target in channel.targets
    ]


def _delivery(channel: Channel, target: str, domain: str) -> Delivery:
    now = real_clock()
    delivery_id = digest("test", channel.id, target, now.isoformat())
    return Delivery(
        id=delivery_id,
        subscription_id="",
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.TEST,
        event_id="",
        watchlist_id="",
        state=DeliveryState.CLAIMED,
        message_id=message_id(delivery_id, domain),
        notification=render_test(channel.id, channel.language),
        created_at=now,
        due_at=now,
    )

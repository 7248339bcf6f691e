"""Sending to real servers: a Matrix room and a mailbox hold what the reader gets, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from service.domain import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Notification,
    NotifyReason,
    SendOutcome,
)
from service.notify import Sender
from tests.partners.ports import HOST

if TYPE_CHECKING:
    from tests.partners.synapse import SynapseServer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.real


def _send(address: str, number: int) -> SendOutcome:
    delivery = Delivery(
        id=f"d{number}",
        subscription_id="s",
        channel_id="room",
        target="",
        reason=NotifyReason.NEW_EVENT,
        event_id="e",
        watchlist_id="puerto",
        state=DeliveryState.CLAIMED,
        message_id=f"<d{number}@avizor.example>",
        notification=Notification(f"[Puerto] Aviso {number}", "Texto @room\nhttps://news.example/1\n"),
        created_at=NOW,
        due_at=NOW,
    )
    channel = Channel("room", ChannelKind.CHAT, ("",), address=address)
    return Sender(None).send(channel, delivery, before_data=lambda: True).outcome


def test_a_delivery_that_is_tried_again_stands_in_the_room_once(synapse: SynapseServer) -> None:
    bot, ana = synapse.register("sendbot", "s3cret"), synapse.register("sendana", "s3cret")
    room = synapse.create_room(ana, bot, alias="avisos")
    address = f"matrix://{bot.token}@{HOST}:{synapse.port}/%23avisos:chat.example"
    outcomes = [_send(address, number) for number in (1, 1, 2, 1, 3)]
    assert outcomes == [SendOutcome.SENT] * 5
    texts = synapse.messages(ana, room)
    assert [text.splitlines()[0] for text in texts] == [f"# [Puerto] Aviso {number}" for number in (1, 2, 3)]
    assert "@room" not in texts[0]


def test_a_room_that_is_not_there_is_not_made_and_a_wrong_token_makes_no_account(
    synapse: SynapseServer,
) -> None:
    bot = synapse.register("lostbot", "s3cret")
    host = f"{HOST}:{synapse.port}"
    assert _send(f"matrix://{bot.token}@{host}/%23nowhere:chat.example", 1) is SendOutcome.PERMANENT
    assert _send(f"matrix://{bot.token}@{host}/%23nowhere:chat.example", 1) is SendOutcome.PERMANENT
    assert _send(f"matrix://syt_wrong@{host}/%23avisos:chat.example", 2) is SendOutcome.PERMANENT

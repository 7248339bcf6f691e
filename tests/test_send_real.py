"""Sending to real servers: a Matrix room and a mailbox hold what the reader gets, and nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

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
from service.fetch import AddressPolicy
from service.notify import MailServer, Sender, build_chat_address
from tests.partners.mailbox import PASSWORD
from tests.partners.ports import HOST

if TYPE_CHECKING:
    from service.domain import SendResult
    from tests.partners.mailbox import MailServer as Mailboxes
    from tests.partners.synapse import SynapseServer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.real


def _send(sender: Sender, channel: Channel, number: int) -> SendResult:
    delivery = Delivery(
        id=f"d{number}",
        subscription_id="s",
        channel_id=channel.id,
        target=channel.targets[0],
        reason=NotifyReason.NEW_EVENT,
        event_id="e",
        watchlist_id="puerto",
        state=DeliveryState.CLAIMED,
        message_id=f"<d{number}@avizor.example>",
        notification=Notification(f"[Puerto] Aviso {number}", "Texto @room\n.\nFin\n", "<p>Texto</p>"),
        created_at=NOW,
        due_at=NOW,
    )
    return sender.send(channel, delivery, before_data=lambda: True)


def _chat(address: str, number: int) -> SendOutcome:
    return _send(Sender(None), Channel("room", ChannelKind.CHAT, ("",), address=address), number).outcome


@pytest.mark.promise("P2", size="3 alerts in 5 tries, Synapse")
def test_a_delivery_that_is_tried_again_stands_in_the_room_once(synapse: SynapseServer) -> None:
    bot, ana = synapse.register("sendbot", "s3cret"), synapse.register("sendana", "s3cret")
    room = synapse.create_room(ana, bot, alias="avisos")
    address = f"matrix://{bot.token}@{HOST}:{synapse.port}/%23avisos:chat.example"
    outcomes = [_chat(address, number) for number in (1, 1, 2, 1, 3)]
    assert outcomes == [SendOutcome.SENT] * 5
    texts = synapse.messages(ana, room)
    assert [text.splitlines()[0] for text in texts] == [f"# [Puerto] Aviso {number}" for number in (1, 2, 3)]
    assert "@room" not in texts[0]


def test_a_room_that_is_not_there_is_not_made_and_a_wrong_token_makes_no_account(
    synapse: SynapseServer,
) -> None:
    bot = synapse.register("lostbot", "s3cret")
    host = f"{HOST}:{synapse.port}"
    assert _chat(f"matrix://{bot.token}@{host}/%23nowhere:chat.example", 1) is SendOutcome.PERMANENT
    assert _chat(f"matrix://{bot.token}@{host}/%23nowhere:chat.example", 1) is SendOutcome.PERMANENT
    assert _chat(f"matrix://syt_wrong@{host}/%23avisos:chat.example", 2) is SendOutcome.PERMANENT


@pytest.mark.parametrize("by_id", [False, True], ids=["address", "id"])
def test_a_room_that_a_reader_names_gets_what_the_service_s_own_account_sends(
    synapse: SynapseServer, *, by_id: bool
) -> None:
    name = f"reader{by_id:d}"
    bot, ana = synapse.register(f"{name}bot", "s3cret"), synapse.register(f"{name}ana", "s3cret")
    room = synapse.create_room(ana, bot, alias=name, version="12" if by_id else "10")
    of_the_operator = {"matrix_server": synapse.url, "matrix_token": bot.token}
    written = room if by_id else f"#{name}:chat.example"
    address = build_chat_address("matrix", {"room": written}, bot=of_the_operator)
    sender = Sender(None, bot=of_the_operator, is_allowed=AddressPolicy(allow=(HOST,)).is_allowed)
    theirs = Channel("reader-1", ChannelKind.CHAT, ("",), address=address.url, by_reader=True)
    assert [_send(sender, theirs, number).outcome for number in (1, 1)] == [SendOutcome.SENT] * 2
    assert len(synapse.messages(ana, room)) == 1


def test_mail_goes_through_starttls_and_login_and_a_repeat_is_dropped_by_the_mailbox(
    mail_server: Mailboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.certificate))
    reader = "sendreader@dest.example"
    url = f"smtp://{quote(reader, safe='')}:{PASSWORD}@{HOST}:{mail_server.smtp_port}?security=starttls"
    sender = Sender(MailServer.parse(url), mail_from="Avizor <alerts@avizor.example>")
    desk = Channel("desk", ChannelKind.MAIL, (reader,))
    results = [_send(sender, desk, number) for number in (1, 1, 2)]
    assert [result.outcome for result in results] == [SendOutcome.SENT] * 3, results
    assert all("queued as" in result.words for result in results)
    mail_server.wait_until_handed_over()
    kept = mail_server.wait_for(reader, 2)
    assert [message["Message-ID"] for message in kept] == ["<d1@avizor.example>", "<d2@avizor.example>"]
    body = kept[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Texto @room\n.\nFin\n"

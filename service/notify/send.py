"""Sending: the only door to Apprise. Takes a stored delivery, gives the outcome, never raises.

Blocks until the other side has answered or the time for a step is over, so it is called in worker
threads, any number at once: each message to a chat has an Apprise object of its own (one object keeps its
number of a Matrix transaction and pauses between messages). Decides nothing about repeats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import formataddr
from typing import TYPE_CHECKING

from service.domain import ChannelKind, NotifyReason, SendOutcome, SendResult
from service.errors import SettingsError
from service.failpoints import reach
from service.notify.chatkinds import chosen_server, with_bot
from service.notify.late import judged, send_chat, send_mail
from service.notify.mailserver import SETTING
from service.notify.message import (
    APP_NAME,
    MailHead,
    NotAMailAddress,
    build_message,
    list_label,
    mail_address,
    sender_address,
)
from service.notify.outcome import secret_parts, tokens_in, waiting
from service.notify.smtp import LeaseLost, MailJob, lease_lost
from service.notify.webhook import read_answer, write_request, written_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from service.domain import Channel, Delivery, Posted
    from service.notify.mailserver import MailServer
    from service.notify.pinned import Judge
    from service.notify.sessions import Sessions

SENDER_SETTING = "AVIZOR_MAIL_FROM"
_CLOSED_SERVER = (
    "The chat's server does not exist, or its name leads to where this service does not connect for "
    "readers: into a private network, or to another port than those of the web."
)
_OF_NO_LIST = frozenset(  # and sorted with none
    {
        *(NotifyReason.TEST, NotifyReason.SOURCE_HEALTH, NotifyReason.CHANNEL_HEALTH),
        *(NotifyReason.UNDELIVERED, NotifyReason.CONFIRMATION, NotifyReason.ACCESS),
    }
)


@dataclass(frozen=True, slots=True)
class Programs:
    """How programs are reached: what posts a document to an address under headers, and the clock."""

    post: Callable[[str, bytes, Mapping[str, str]], Posted]
    clock: Callable[[], datetime]


def check_sender(text: str) -> str:
    """Give the sender as `Name <address>`; empty when the text is empty.

    Raises:
        SettingsError: the text is not one mail address with or without a name.
    """
    if not text.strip():
        return ""
    try:
        name, address = sender_address(text)
    except NotAMailAddress:
        raise _no_sender("it is not one mail address.") from None
    return formataddr((name or APP_NAME, address))


def _no_sender(message: str) -> SettingsError:
    mend = "Write it as Avizor <alerts@your-domain.example>."
    return SettingsError(message, resource=SENDER_SETTING, mend=mend)


def _nowhere(host: str, port: int, lookup: object = None) -> bool:  # noqa: ARG001 -- the shape of a judge
    return False


class Sender:
    """Sends deliveries by mail through `server` and to chats; thread-safe.

    `mail_from` is `Name <address>` as readers see it; `bounce` is where servers report what they could
    not deliver, the sender's address when empty. `domain` is that of the sender's address, or
    `localhost` without one. With `sessions`, those with the mail server are kept there for the next message,
    and whoever gave them ends them; without, each message has its own. `is_allowed` says of host and port
    of a server that a reader chose whether they may be connected to; it is asked at every send, and of what
    the name leads to when the connection is made. `bot` is what the service posts with to chats of
    readers, `programs` how it posts to programs.

    Raises:
        SettingsError: an address is none, or there is a server and no address to send from.
    """

    def __init__(
        self,
        server: MailServer | None,
        *,
        mail_from: str = "",
        bounce: str = "",
        sessions: Sessions | None = None,
        is_allowed: Judge = _nowhere,
        bot: Mapping[str, str] | None = None,
        programs: Programs | None = None,
    ) -> None:
        """Check the addresses; opens no connection."""
        self._server = server
        self._sessions = sessions
        self._is_allowed = is_allowed
        self._bot = bot or {}
        self._programs = programs
        self._mail_from = check_sender(mail_from)
        if server is not None and not self._mail_from:
            raise _no_sender("there is a mail server, but no address to send from.")
        address = sender_address(self._mail_from)[1] if self._mail_from else ""
        self._bounce = sender_address(check_sender(bounce))[1] if bounce else address
        self.domain = address.rpartition("@")[2] or "localhost"

    def send(self, channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
        """Send one delivery once. What the other side says is kept without secrets of channel or message.

        `before_data` is asked right before the message is handed over; when it says False or
        raises `LeaseLost`, nothing is sent.
        """
        try:
            return self._send(channel, delivery, before_data)
        except LeaseLost:
            return lease_lost()
        except SettingsError as fault:
            return waiting(str(fault))
        except Exception as fault:  # noqa: BLE001 -- a worker that dies here would leave all behind it unsent
            words = f"The send failed inside Avizor ({type(fault).__name__})."
            return SendResult(SendOutcome.TEMPORARY, phase="internal", words=words)

    def _send(self, channel: Channel, delivery: Delivery, before_data: Callable[[], bool]) -> SendResult:
        if channel.trouble:
            return waiting(channel.trouble)
        if channel.kind is ChannelKind.WEBHOOK:
            return self._post_to(channel, delivery, before_data)
        if channel.kind is ChannelKind.CHAT:
            return self._send_chat(channel, delivery, before_data)
        if self._server is None:
            return waiting(f"No mail server is configured. Set {SETTING}.")
        return self._send_mail(self._server, delivery, before_data)

    def _post_to(self, channel: Channel, delivery: Delivery, before_data: Callable[[], bool]) -> SendResult:
        """Post to a program, signed anew at each try, since receivers refuse what is old."""
        if self._programs is None:
            return waiting("Nothing is posted to programs here.")
        if not before_data():
            raise LeaseLost
        reach("before-data")
        body, headers = write_request(delivery, channel.keys, self._programs.clock())
        answer = self._programs.post(channel.address, body, headers)
        reach("after-dot")
        secrets = _secrets_in(delivery) | secret_parts(channel.address) | written_keys(channel.keys)
        return read_answer(answer, secrets)

    def _send_chat(self, channel: Channel, delivery: Delivery, before_data: Callable[[], bool]) -> SendResult:
        """Send to a chat; if a reader chose its server, only where readers may lead us."""
        if channel.by_reader:
            channel = replace(channel, address=with_bot(channel.address, self._bot))
        secrets = _secrets_in(delivery) | secret_parts(channel.address)
        chosen = chosen_server(channel.address) if channel.by_reader else None
        if chosen is None:
            return send_chat(channel, delivery, before_data, secrets)
        if not self._is_allowed(*chosen):
            return waiting(_CLOSED_SERVER)
        with judged(self._is_allowed) as judgement:
            result = send_chat(channel, delivery, before_data, secrets)
        return waiting(_CLOSED_SERVER) if judgement.is_refused else result

    def _send_mail(
        self, server: MailServer, delivery: Delivery, before_data: Callable[[], bool]
    ) -> SendResult:
        try:
            to = mail_address(delivery.target)
        except NotAMailAddress:
            words = "The recipient is not one mail address. Check the channel's targets."
            return SendResult(SendOutcome.PERMANENT, phase="address", words=words)
        head = MailHead(
            sender=self._mail_from,
            to=to,
            message_id=delivery.message_id,
            date=delivery.created_at,
            list_id=self._list_id(delivery),
            leave_url=delivery.leave_url,
            in_reply_to=delivery.in_reply_to,
        )
        message = build_message(delivery.notification, head)
        secrets = _secrets_in(delivery) | ({server.password} if server.password else set())
        job = MailJob(server, message, self._bounce, to, before_data, secrets, self._sessions)
        return send_mail(job)

    def _list_id(self, delivery: Delivery) -> str:
        return "" if delivery.reason in _OF_NO_LIST else list_label(delivery.watchlist_id, self.domain)


def _secrets_in(delivery: Delivery) -> set[str]:
    secrets = tokens_in(delivery.notification.text) | tokens_in(delivery.notification.html)
    return secrets - {delivery.target, *delivery.target.split("@")}

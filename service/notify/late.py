"""What sends by Apprise, loaded when it is first asked for.

With what it brings it takes some twenty megabytes and a fifth of a second, which a service that only polls,
or a command that only reads, has no use for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractContextManager

    from service.domain import Channel, Delivery, SendResult
    from service.notify.pinned import Judge, Judgement
    from service.notify.smtp import MailJob


def check_chat_address(address: str) -> str:
    """Tell what is wrong with the address of a chat, in words without the address; empty when nothing is."""
    from service.notify import chat

    return chat.check_chat_address(address)


def send_chat(
    channel: Channel, delivery: Delivery, before_data: Callable[[], bool], secrets: Collection[str]
) -> SendResult:
    """Send a delivery to its chat, as `chat` does it."""
    from service.notify import chat

    return chat.send_chat(channel, delivery, before_data, secrets)


def judged(judge: Judge) -> AbstractContextManager[Judgement]:
    """Have connections of chats judged, as `pinned` does it."""
    from service.notify import pinned

    return pinned.judged(judge)


def send_mail(job: MailJob) -> SendResult:
    """Send one message by mail, as `mail` does it."""
    from service.notify import door, mail

    door.prepare_apprise()
    return mail.send_mail(job, door.asset())

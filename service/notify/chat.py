"""Chats: which addresses we take, and one message to one of them, by an Apprise object of its own.

An Apprise address is code with our rights: it can read files, switch off the check of certificates, send
twice. So only known kinds are taken, and no option that does any of that.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, TypeGuard

from apprise import Apprise
from apprise.plugins import url_to_dict
from apprise.plugins.matrix import NotifyMatrix
from apprise.plugins.matrix.base import MatrixWebhookMode

from service.domain import SendOutcome, SendResult
from service.failpoints import reach
from service.notify.chatstyle import STYLES, scheme_of, write_chat
from service.notify.door import asset, prepare_apprise
from service.notify.outcome import LogLine, classify, waiting
from service.notify.smtp import LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from apprise import NotifyBase

    from service.domain import Channel, Delivery

# Options that read or write files, that send twice or call a failure a success, that leave TLS unchecked,
# follow to other hosts or wait for long, and that let text format.
REFUSED_OPTIONS = frozenset(
    {
        *("attach", "keyfile", "subfile", "template", "store"),
        *("overflow", "retry", "wait", "optional"),
        *("verify", "redirect", "cto", "rto"),
        *("emojis", "format"),
    }
)
_CONNECT_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 15.0
_PATIENCE_S = 15.0
_TRANSACTION_LENGTH = 32


def check_chat_address(address: str) -> str:
    """Tell what is wrong with the address of a chat, in words without the address; empty when nothing is."""
    prepare_apprise()
    scheme = scheme_of(address)
    if scheme not in STYLES:
        kind = f"{scheme!r}" if scheme.isalpha() else "without a name"
        return f"This kind of chat ({kind}) is not known. Known are {', '.join(sorted(STYLES))}."
    options = _options(address)
    refused = sorted(REFUSED_OPTIONS & options)
    if refused:
        return f"The option {refused[0]} is not allowed in the address of a chat. Take it out."
    plugin = Apprise.instantiate(address, asset=asset())
    if plugin is None:
        return (
            f"This is no complete address of the kind {scheme}. Compare it with Apprise's page on {scheme}."
        )
    if len(plugin) > 1:
        return "This address names several destinations. Write one channel for each."
    if _is_matrix_room(plugin) and plugin.user:
        return (
            "A Matrix address takes an access token, no user and password. "
            f"Write {scheme}://TOKEN@host/%23room:host."
        )
    return ""


def _options(address: str) -> set[str]:
    parsed = url_to_dict(address) or {}  # type: ignore[no-untyped-call] # Apprise annotates only in part
    return {str(name).lower() for name in parsed.get("qsd", {})}


def send_chat(
    channel: Channel, delivery: Delivery, before_data: Callable[[], bool], secrets: Collection[str]
) -> SendResult:
    """Send a delivery to its chat; `secrets` are taken out of what comes back.

    Raises:
        LeaseLost: `before_data` said that the delivery is no longer ours; nothing was sent.
    """
    trouble = check_chat_address(channel.address)
    plugin = None if trouble else Apprise.instantiate(channel.address, asset=asset())
    if plugin is None:
        return waiting(trouble)
    style = STYLES[scheme_of(channel.address)]
    title, body = write_chat(delivery.notification, style)
    _tame(plugin, delivery.id)
    if not before_data():
        raise LeaseLost
    reach("before-data")
    apprise = Apprise(asset=asset())
    apprise.add(plugin)
    answer = apprise.notify(body=body, title=title, body_format=style.body_format, log_level=logging.DEBUG)
    reach("after-dot")
    if answer:
        return SendResult(SendOutcome.SENT, phase="answer", words="The chat service took the message.")
    return classify([LogLine(entry.level, entry.message) for entry in answer.logs()], secrets)


def _tame(plugin: NotifyBase, delivery_id: str) -> None:
    plugin.socket_connect_timeout = _CONNECT_TIMEOUT_S
    plugin.socket_read_timeout = _ANSWER_TIMEOUT_S
    wait_as_asked = plugin.throttle

    def throttle(last_io: object = None, wait: float | None = None) -> None:
        # A service may ask for an hour; a worker that slept so long would lose its lease.
        if wait is not None and wait > _PATIENCE_S:
            raise _TooLong(wait)
        wait_as_asked(last_io, wait)  # type: ignore[no-untyped-call] # see above

    plugin.throttle = throttle  # type: ignore[method-assign] # the plugins call it on the object
    if _is_matrix_room(plugin):
        # The same transaction for every try of a delivery: the server drops a repeat. Encrypting would
        # register a new device for each message. A room that is not there is a wrong address, and
        # not to be made: nobody would be in it.
        plugin.access_token = plugin.password
        plugin.e2ee = False
        plugin._room_create = lambda _: None  # type: ignore[method-assign] # noqa: SLF001 -- no option for it
        transaction = hashlib.sha256(delivery_id.encode()).hexdigest()[:_TRANSACTION_LENGTH]
        plugin.transaction_id = transaction  # type: ignore[assignment] # any text will do in a path


def _is_matrix_room(plugin: NotifyBase) -> TypeGuard[NotifyMatrix]:
    return isinstance(plugin, NotifyMatrix) and plugin.mode == MatrixWebhookMode.DISABLED


class _TooLong(Exception):
    """The service asks to wait for longer than a worker may; its text is what `classify` looks for."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f'"retry_after": {seconds:.3f}')

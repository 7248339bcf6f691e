"""Notification to mail: headers, text and HTML, made so that no server can stumble over it. Pure.

The bytes depend on nothing but the arguments: a repeat of a delivery is the same message to the
byte, and carries the same Message-ID, by which mailboxes know a repeat.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from service.notify.clean import clean_line, clean_text

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Notification

APP_NAME = "Avizor"
SUBJECT_LIMIT = 200
NAME_LIMIT = 60
_ADDRESS_LIMIT = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"\x00-\x20\x7f]+@[^\s@,;:<>()\[\]\\\"/\x00-\x20\x7f]+")
_MESSAGE_ID = re.compile(r"[^\x21-\x7e]|[<>]")
_LABEL = re.compile(r"[^a-z0-9]+")


class _MailPolicy(EmailPolicy):
    """The library's rules for mail, with subjects that keep their spaces.

    Where a long subject is folded, the library encodes it word by word; a reader leaves out what stands
    between two encoded words (RFC 2047, 6.2), so that spaces are lost. Encoded whole, they are part of it.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Give a header as it goes out."""
        if name != "Subject" or value.isascii() or self.utf8:
            return super().fold_binary(name, value)
        folded = Header(str(value), "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {folded}\r\n".encode("ascii")


_ASCII = _MailPolicy(linesep="\r\n")
_UTF8 = _MailPolicy(linesep="\r\n", utf8=True)


class NotAMailAddress(ValueError):
    """A text that is no single mail address; it would be a second header or recipient to a server."""


def mail_address(text: str) -> str:
    """Give the address as servers want it, a name of other letters in the domain as IDNA.

    Local parts in quotes and domains in brackets are not taken.

    Raises:
        NotAMailAddress: the text is not exactly one address.
    """
    local, _, domain = text.rpartition("@")
    if not _ADDRESS.fullmatch(text) or len(text) > _ADDRESS_LIMIT or ".." in local or local[0] == ".":
        raise NotAMailAddress
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise NotAMailAddress from None


def sender_address(text: str) -> tuple[str, str]:
    """Split `Avizor <alerts@example.org>` into a cleaned name and the address.

    Raises:
        NotAMailAddress: there is no single ASCII address in it.
    """
    name, address = parseaddr(text)
    if not address.isascii():
        raise NotAMailAddress
    return clean_line(name, NAME_LIMIT), mail_address(address)


def message_id(delivery_id: str, domain: str) -> str:
    """Give the Message-ID of a delivery, the same at every try."""
    return f"<{delivery_id}.avizor@{domain}>"


def list_label(watchlist_id: str, domain: str) -> str:
    """Give the List-Id (RFC 2919) of a watchlist's alerts; a digest has one of its own."""
    label = _LABEL.sub("-", watchlist_id.lower()).strip("-")[:60] or "digest"
    return f"<{label}.avizor.{domain}>"


@dataclass(frozen=True, slots=True)
class MailHead:
    """What stands in the head of a mail besides its subject.

    `sender` is `Name <address>`, `message_id` is used as it is but for brackets that are missing. With a
    `leave_url` it can be unsubscribed from (RFC 2369), by one click of the mail program where the address is
    one of https (RFC 8058). `in_reply_to` is the Message-ID of the mail under which it is shown.
    """

    sender: str
    to: str
    message_id: str
    date: datetime
    list_id: str = ""
    leave_url: str = ""
    in_reply_to: str = ""


def build_message(notification: Notification, head: MailHead) -> EmailMessage:
    """Build the mail. Whatever a feed wrote is cleaned, never refused.

    Raises:
        NotAMailAddress: sender or recipient is not exactly one address.
    """
    name, from_address = sender_address(head.sender)
    to_address = mail_address(head.to)
    message = EmailMessage(policy=_ASCII if to_address.isascii() else _UTF8)
    message["From"] = _header_address(from_address, name)
    message["To"] = _header_address(to_address)
    message["Subject"] = clean_line(notification.title, SUBJECT_LIMIT) or "(no headline)"
    message["Date"] = format_datetime(head.date)
    message["Message-ID"] = f"<{_MESSAGE_ID.sub('', head.message_id)}>"
    if head.in_reply_to:
        message["In-Reply-To"] = message["References"] = f"<{_MESSAGE_ID.sub('', head.in_reply_to)}>"
    if head.list_id:
        message["List-Id"] = head.list_id
    if head.leave_url:
        message["List-Unsubscribe"] = f"<{head.leave_url}>"
        if head.leave_url.startswith("https://"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_body(notification.text), charset="utf-8", cte="quoted-printable")
    if notification.html:
        message.add_alternative(
            _body(notification.html), subtype="html", charset="utf-8", cte="quoted-printable"
        )
        message.set_boundary(_boundary(head.message_id))
    return message


def _header_address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)


def _boundary(message_id: str) -> str:
    # The library would draw one by lot; "=_" can stand in no quoted-printable text (RFC 2045, 6.7).
    return "=_" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:32]


def _body(text: str) -> str:
    return clean_text(text) + "\n"

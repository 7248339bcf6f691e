"""What every mail must be to the programs on its way: checked by the library's strictest reading."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from service.domain import Ailment, Cause, HealthChange, NotifyReason, Spike
from service.notify import (
    Ailing,
    FileChange,
    MailHead,
    NearMiss,
    Receipt,
    Trouble,
    Unsent,
    build_message,
    render_access,
    render_alert,
    render_confirmation,
    render_digest,
    render_refused,
    render_report,
    render_spike,
    render_test,
    render_undelivered,
)
from tests.partners.messages import ANA, NOW, make_alert, make_entry, make_item

if TYPE_CHECKING:
    from service.domain import Notification
    from service.notify import ReaderView

LONGEST_LINE = 998  # RFC 5322, 2.1.1, without its end
SENDER = "Avizor <alerts@avizor.example>"
READER = "ana@desk.example"
LEAVE = "https://alerts.example/leave/Zr8kQ2mVx0d4nB7t"
RECEIPT = Receipt(
    since_at=NOW - timedelta(hours=24),
    articles=1204,
    matched=3,
    healthy=17,
    troubled=(Trouble("Boletín", "the server answered 403 Forbidden", NOW - timedelta(days=2)),),
    near=(NearMiss("Old Port", "Puerto sin dueño", "Diario 9", "https://diario9.example/n", "es", "Cosmo"),),
    changes=(FileChange("Lithium", "added: “salar”", NOW - timedelta(hours=3)),),
)
_ABOUT_NO_WATCHLIST = {"confirmation", "access", "test", "source-health", "channel-health", "undelivered"}


class _Shown(HTMLParser):
    """Collects what stands outside of links and heads, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str] = []
        self._passed_over = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._passed_over += tag in {"a", "head"}
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._passed_over -= tag in {"a", "head"}
        self.words += " "

    def handle_data(self, data: str) -> None:
        if not self._passed_over:
            self.words += data


def letters(view: ReaderView = ANA) -> dict[str, Notification]:
    """Give a message of each kind that goes to readers by mail."""
    asked = ["Old Port", "Lithium"]
    several = (make_entry(1), make_entry(2, title="Otra voz", outlet="Radio Litoral", language="pt"))
    news = ("3 independent outlets carry it now", "31 dead, before 12")
    items = [make_item(1, reports=several), make_item(3, "Lithium")]
    return {
        "confirmation": render_confirmation(READER, asked, "https://alerts.example/confirm/Zr8k", view, NOW),
        "access": render_access(READER, "https://alerts.example/r/Zr8k", view),
        "alert": render_alert(make_alert(reports=several), view),
        "update": render_alert(make_alert(reason=NotifyReason.UPDATE, news=news), view),
        "digest": render_digest(items, view, now=NOW + timedelta(hours=2), receipt=RECEIPT),
    }


def other_letters(view: ReaderView = ANA, said: str = "El puerto de Chancay") -> dict[str, Notification]:
    """Give a message of each other kind, made of a text: of a spike, to operators, and to try a channel."""
    cause = Cause("e1", said, 11, 8, "es", f"https://diario.example/{said}", said)
    spike = Spike("s", "port", "", NOW - timedelta(hours=1), NOW, 14, 9, 0.4, 7, (cause,))
    changes = [HealthChange(1, ailment, NOW, said) for ailment in Ailment]
    changes += [replace(one, feed_id=2, is_over=True) for one in changes]
    return {
        "spike": render_spike(spike, said, view, NOW),
        "channel-health": render_refused(said, f"550 5.1.1 {said}", NOW, view),
        "undelivered": render_undelivered([Unsent(said, said, said)] * 12, view),
        "source-health": render_report([Ailing(said, one) for one in changes], view),
        "test": render_test(said, view.language),
    }


def mail_of(notification: Notification, kind: str = "alert") -> bytes:
    """Give the mail as it is handed to a server, with the head that its kind has."""
    is_of_list = kind not in _ABOUT_NO_WATCHLIST
    head = MailHead(
        sender=SENDER,
        to=READER,
        message_id="<6b1f0c.avizor@avizor.example>",
        date=datetime.now(UTC),
        list_id="<old-port.avizor.avizor.example>" if is_of_list else "",
        leave_url=LEAVE if is_of_list else "",
    )
    return build_message(notification, head).as_bytes()


def check_mail(raw: bytes) -> EmailMessage:
    """Read a mail strictly and refuse what a server, a filter or a mail program could stumble over."""
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert not [line for line in lines if b"\r" in line or b"\n" in line], "an end of line that is half one"
    assert max(map(len, lines)) <= LONGEST_LINE
    message = email.message_from_bytes(raw, policy=email.policy.strict)  # raises at the first defect
    assert isinstance(message, EmailMessage)
    assert parsedate_to_datetime(str(message["Date"])).tzinfo is not None
    assert re.fullmatch(r"<[^<>\s]+@[^<>\s]+>", str(message["Message-ID"]))
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
        assert len(message.get_all(name, [])) == 1, name
    assert [part.defects for part in message.walk() if part.defects] == []
    _check_text_says_it_all(f"{message['Subject']}\n{_part(message, 'plain')}", _part(message, "html"))
    return message


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    assert part.get_content_charset() == "utf-8"
    return str(part.get_content())


def _check_text_says_it_all(text: str, html: str) -> None:
    shown = _Shown()
    shown.feed(html)
    shown.close()
    assert [link for link in shown.links if link not in text] == []
    assert _words(shown.words) - _words(text) == set(), "said in HTML alone"


def _words(said: str) -> set[str]:
    return set(re.findall(r"\w+", said.casefold()))

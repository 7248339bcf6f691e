"""Messages made of what a feed may write to do harm: each payload in every field that a message shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import Cause, Evidence, NotifyReason, Spike, TextField
from service.notify import Alert, render_alert, render_digest, render_spike
from tests.partners.messages import ANA, NOW, make_alert, make_entry, make_item
from tests.partners.payloads import LINKS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.domain import Entry, Notification

PAYLOADS = (*TEXTS, *LINKS)


def _entry(number: int, text: str) -> Entry:
    said = f"Huelga en el puerto {text}"
    link = LINKS[number % len(LINKS)]
    return make_entry(title=said, summary=f"{text} {said}. {text}", outlet=text, country=text, url=link)


def _alert(number: int, text: str) -> Alert:
    entry = _entry(number, text)
    found = (Evidence(text, TextField.TITLE, 0, len(entry.title), 9), Evidence(text, TextField.TEXT, 0, 9, 9))
    return make_alert(entry=entry, reports=(entry, make_entry(2)), evidence=found)


def alerts_of_payloads() -> Iterator[Alert]:
    """Give an alert of each payload."""
    return (_alert(number, text) for number, text in enumerate(PAYLOADS))


def letters_of(number: int, text: str) -> dict[str, Notification]:
    """Give a message of each kind that tells of news, made of a text."""
    alert, entry = _alert(number, text), _entry(number, text)
    update = replace(alert, reason=NotifyReason.UPDATE, news=(text, f"now {text}"))
    item = make_item(1, reports=(entry, make_entry(2)), news=(text,))
    item = replace(item, event=replace(item.event, title=entry.title))
    cause = Cause("e1", entry.title, 11, 8, text[:20], entry.url, entry.outlet)
    spike = Spike("s", "port", "", NOW - timedelta(hours=1), NOW, 14, 9, 0.4, 7, (cause, cause))
    return {
        "alert": render_alert(alert, ANA),
        "update": render_alert(update, ANA),
        "digest": render_digest([item, item], ANA, now=NOW + timedelta(hours=2)),
        "spike": render_spike(spike, "Old Port", ANA, NOW),
    }

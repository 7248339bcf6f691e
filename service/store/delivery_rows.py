"""Deliveries to rows and back; the words of a message stand in a row of their own.

A message that goes to ten thousand readers is stored once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from service.domain import (
    Delivery,
    DeliveryState,
    HeldReason,
    Notification,
    NotifyReason,
    PlannedDelivery,
)
from service.store.delivery_tables import DeliveryRow
from service.store.known import chunks
from service.store.reader_tables import MessageRow
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


# Why one message tells of several deliveries: what is held so is named in it where it is made later on.
TOLD_ALONG = (HeldReason.SAME_ARTICLE.value, HeldReason.SAME_EVENT.value)


@dataclass(frozen=True, slots=True)
class RenderedDelivery:
    """A planned delivery with the message as it will go out."""

    planned: PlannedDelivery
    notification: Notification
    message_id: str


def to_delivery(row: DeliveryRow, message: MessageRow | None = None) -> Delivery:
    """Turn a row into the delivery it stands for; without the row of its words it has only its title."""
    return Delivery(
        id=row.id,
        subscription_id=row.subscription_id,
        channel_id=row.channel_id,
        target=row.target,
        reason=NotifyReason(row.reason),
        event_id=row.event_id,
        watchlist_id=row.watchlist_id,
        state=DeliveryState(row.state),
        message_id=row.message_id,
        notification=Notification(row.title, message.text, message.html, message.data)
        if message
        else Notification(row.title, ""),
        created_at=row.created_at,
        due_at=row.due_at,
        held=None if row.held is None else HeldReason(row.held),
        attempts=row.attempts,
        delivered_at=row.delivered_at,
        words=row.words,
        entry_id=row.entry_id,
        in_reply_to=row.in_reply_to,
    )


def _state(planned: PlannedDelivery) -> DeliveryState:
    if planned.covered_by:
        return DeliveryState.COVERED
    if planned.held is HeldReason.MUTED:
        return DeliveryState.CANCELLED
    return DeliveryState.PENDING if planned.held is None else DeliveryState.HELD


def message_row(one: RenderedDelivery) -> MessageRow:
    """Turn the words of a rendered delivery into their row, named by what they say."""
    said = one.notification
    words = (said.text, said.html, said.data) if said.data else (said.text, said.html)
    return MessageRow(id=digest("message", *words), text=said.text, html=said.html, data=said.data)


def delivery_row(one: RenderedDelivery, now: datetime) -> DeliveryRow:
    """Turn a rendered delivery into its row: due, held until later, or not to be sent.

    Where it has no words yet, it gets them when it is no longer held.
    """
    planned = one.planned
    return DeliveryRow(
        id=planned.id,
        subscription_id=planned.subscription_id,
        channel_id=planned.channel_id,
        target=planned.target,
        cadence=planned.cadence.value,
        reason=planned.reason.value,
        event_id=planned.event_id,
        watchlist_id=planned.watchlist_id,
        entry_id=planned.entry_id,
        state=_state(planned).value,
        held=planned.held.value if planned.held else None,
        message_id=one.message_id,
        title=one.notification.title,
        message=message_row(one).id if one.notification.text else "",
        in_reply_to=planned.in_reply_to,
        is_major=planned.is_major,
        created_at=now,
        due_at=planned.due_at,
        covered_by=planned.covered_by,
    )


def save_words(session: Session, rendered: Iterable[RenderedDelivery]) -> None:
    """Store the words of deliveries, those that several share once."""
    words = {row.id: row for row in (message_row(one) for one in rendered if one.notification.text)}
    for ids in chunks(list(words)):
        for known in session.exec(select(MessageRow.id).where(col(MessageRow.id).in_(ids))).all():
            del words[known]
    session.add_all(words.values())


def save_rendered(session: Session, rendered: Iterable[RenderedDelivery], now: datetime) -> None:
    """Store deliveries with their words."""
    found = list(rendered)
    save_words(session, found)
    session.add_all(delivery_row(one, now) for one in found)
    session.flush()

"""What becomes of a reader's address when they leave: it is in no row any more, and the figures stay right.

In its place stands a name made of the keyed hash, the same everywhere, so that the audit still finds that
those who were to be told were told.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sqlmodel import Session, col, delete, func, select

from service.domain import DeliveryState, HeldReason, NotifyReason, recipient
from service.store.reader_tables import MessageRow, ReaderRow, RequestRow
from service.store.tables import AttemptRow, DeliveryRow, MatchRow, SubscriptionRow
from service.store.targets import forget_address

if TYPE_CHECKING:
    from datetime import datetime

    from service.tokens import Signer, Token

LETTERS = (NotifyReason.CONFIRMATION.value, NotifyReason.ACCESS.value)
_SENDING = DeliveryState.SENDING.value
_OPEN = (
    DeliveryState.HELD.value,
    DeliveryState.PENDING.value,
    DeliveryState.CLAIMED.value,
    DeliveryState.AMBIGUOUS.value,
)


def find_address(session: Session, token: Token, reader: ReaderRow | None, signer: Signer) -> str:
    """Give the mail address behind a token: the reader's, or that of its delivery; else empty."""
    if reader is not None:
        return reader.address if reader.kind == "mail" else ""
    row = session.get(DeliveryRow, token.about)
    if row is None or signer.subject(recipient(row.channel_id, row.target)) != token.subject:
        return ""
    return row.target


def cancel_channel(session: Session, channel_id: str) -> None:
    """Cancel what is on its way to the chat of a reader."""
    for row in session.exec(select(DeliveryRow).where(col(DeliveryRow.channel_id) == channel_id)).all():
        _cancel(row)


def erase_address(session: Session, address: str, subject: str, now: datetime) -> None:
    """Cancel what is on its way to an address, and put a name in its place everywhere."""
    name = f"left-{subject}"
    session.flush()
    _erase_letters(session, address)
    forget_address(session, address)
    mine = select(DeliveryRow).where(func.lower(DeliveryRow.target) == address.lower())
    for row in session.exec(mine).all():
        _cancel(row)
        row.target, row.words = name, _without(row.words, address)
        for attempt in session.exec(select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id)).all():
            attempt.words = _without(attempt.words, address)
    _erase_subscriptions(session, address, name, now)
    session.exec(delete(RequestRow).where(func.lower(RequestRow.address) == address.lower()))


def _cancel(row: DeliveryRow) -> None:
    is_unsent = row.state == DeliveryState.COVERED.value and row.delivered_at is None
    if row.state in _OPEN or is_unsent:
        row.state, row.held, row.lease_by = DeliveryState.CANCELLED.value, HeldReason.LEFT.value, ""
    elif row.state == _SENDING:
        row.held = HeldReason.LEFT.value  # it is being handed over this very moment, and not repeated


def _erase_letters(session: Session, address: str) -> None:
    letters = select(DeliveryRow).where(
        col(DeliveryRow.reason).in_(LETTERS), func.lower(DeliveryRow.target) == address.lower()
    )
    for row in session.exec(letters).all():
        session.exec(delete(AttemptRow).where(col(AttemptRow.delivery_id) == row.id))
        session.exec(delete(MessageRow).where(col(MessageRow.id) == row.message))
        session.delete(row)


def _erase_subscriptions(session: Session, address: str, name: str, now: datetime) -> None:
    """End the subscriptions that name an address, and let those with other readers go on without it."""
    last = session.exec(select(func.max(MatchRow.id))).one() or 0
    naming = select(SubscriptionRow).where(
        func.lower(SubscriptionRow.targets).contains(address.lower(), autoescape=True)
    )
    for row in session.exec(naming).all():
        targets: list[str] = json.loads(row.targets)
        others = [one for one in targets if one.casefold() != address.casefold()]
        if len(others) == len(targets):
            continue
        if row.until_match is None and not row.by_reader:
            row.until_match = last
            session.add(_without_reader(row, others, now))
        row.targets = json.dumps([*others, name])


def _without_reader(row: SubscriptionRow, targets: list[str], now: datetime) -> SubscriptionRow:
    return SubscriptionRow(
        subscription_id=row.subscription_id,
        channel_id=row.channel_id,
        cadence=row.cadence,
        targets=json.dumps(targets),
        watchlists=row.watchlists,
        since_at=now,
        since_match=row.until_match or 0,
    )


def _without(words: str, address: str) -> str:
    return re.sub(re.escape(address), "…", words, flags=re.IGNORECASE)

"""What becomes of a reader's address when they leave: it is in no row any more, and the figures stay right.

In its place stands a name made of the keyed hash, the same everywhere, so that the audit still finds that
those who were to be told were told. Who gives the address again is known by it: no event is told twice.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING

from sqlmodel import Session, col, delete, func, select, update

from service.domain import ChannelKind, DeliveryState, HeldReason, NotifyReason, recipient
from service.store.delivery_tables import AttemptRow, DeliveryRow, SubscriptionRow
from service.store.reader_rows import to_subscriber
from service.store.reader_tables import MessageRow, ReaderRow, RequestRow
from service.store.tables import MatchRow
from service.store.targets import forget_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlmodel.sql.expression import SelectOfScalar

    from service.tokens import Signer, Token

_LEFT = "left-"  # begins the name that stands in the place of an address
_LETTERS = tuple(reason.value for reason in NotifyReason if reason.is_letter)
_SENDING = DeliveryState.SENDING.value
_OPEN = (
    DeliveryState.HELD.value,
    DeliveryState.PENDING.value,
    DeliveryState.CLAIMED.value,
    DeliveryState.AMBIGUOUS.value,
)


def find_address(session: Session, token: Token, asked: Sequence[ReaderRow], signer: Signer) -> str:
    """Give the mail address behind a token: of who asked for messages, or of its delivery; else empty."""
    if asked:
        return asked[0].address if asked[0].kind == ChannelKind.MAIL else ""
    row = session.get(DeliveryRow, token.about)
    if row is None or signer.subject(recipient(row.channel_id, row.target)) != token.subject:
        return ""
    return row.target


def is_readers_own() -> ColumnElement[bool]:
    """Give the condition of a delivery that its reader, who has not left, would still get."""
    return ~col(DeliveryRow.target).startswith(_LEFT, autoescape=True)


def is_of_a_room(session: Session, token: Token) -> bool:
    """Tell whether a token came with a message to a chat."""
    row = session.get(DeliveryRow, token.about)
    return row is not None and not row.target


def cancel_channel(session: Session, reader: ReaderRow) -> None:
    """Cancel what is on its way to the chat of a reader."""
    channel_id = to_subscriber(reader).channel.id
    mine = select(DeliveryRow).where(col(DeliveryRow.channel_id) == channel_id)
    for row in session.exec(_locked(mine)).all():
        _cancel(row)


def erase_letters(session: Session, asked: ReaderRow) -> None:
    """Erase the address of somebody who never confirmed from the letters that asked for it."""
    letters = select(DeliveryRow).where(
        col(DeliveryRow.reason).in_(_LETTERS), func.lower(DeliveryRow.target) == asked.address.lower()
    )
    for row in session.exec(letters).all():
        _erase_row(session, row, asked.address, asked.subject)


def erase_address(session: Session, address: str, subject: str, now: datetime) -> None:
    """Cancel what is on its way to an address, and put a name in its place everywhere."""
    session.flush()
    forget_address(session, address)
    mine = select(DeliveryRow).where(func.lower(DeliveryRow.target) == address.lower())
    for row in session.exec(_locked(mine)).all():
        _cancel(row)
        _erase_row(session, row, address, subject)
    _erase_from_reports(session, address)
    _erase_subscriptions(session, address, _name(subject), now)
    session.exec(delete(RequestRow).where(func.lower(RequestRow.address) == address.lower()))


def _locked(statement: SelectOfScalar[DeliveryRow]) -> SelectOfScalar[DeliveryRow]:
    """Have no worker change a delivery between our look at it and our change."""
    return statement.order_by(col(DeliveryRow.id)).with_for_update()


def restore_address(session: Session, address: str, subject: str) -> None:
    """Put an address that its reader has given again in the place of its name."""
    name = _name(subject)
    session.exec(update(DeliveryRow).where(col(DeliveryRow.target) == name).values(target=address))
    naming = select(SubscriptionRow).where(col(SubscriptionRow.targets).contains(name, autoescape=True))
    for row in session.exec(naming).all():
        row.targets = json.dumps([address if one == name else one for one in json.loads(row.targets)])


def _cancel(row: DeliveryRow) -> None:
    is_unsent = row.state == DeliveryState.COVERED.value and row.delivered_at is None
    if row.state in _OPEN or is_unsent:
        row.state, row.held, row.lease_by = DeliveryState.CANCELLED.value, HeldReason.LEFT.value, ""
    elif row.state == _SENDING:
        row.held = HeldReason.LEFT.value  # it is being handed over this very moment, and not repeated


def _name(subject: str) -> str:
    return f"{_LEFT}{subject}"


def _erase_row(session: Session, row: DeliveryRow, address: str, subject: str) -> None:
    """Put the name in the place of an address; the words of a letter go, they name it too."""
    row.target, row.words = _name(subject), without_address(row.words, address)
    for attempt in session.exec(select(AttemptRow).where(col(AttemptRow.delivery_id) == row.id)).all():
        attempt.words = without_address(attempt.words, address)
    if row.reason in _LETTERS:
        session.exec(delete(MessageRow).where(col(MessageRow.id) == row.message))
        row.message = ""


def _erase_from_reports(session: Session, address: str) -> None:
    """Take an address out of what the operator was told of it."""
    told = select(DeliveryRow).where(
        col(DeliveryRow.reason) == NotifyReason.CHANNEL_HEALTH.value,
        func.lower(DeliveryRow.title).contains(address.lower(), autoescape=True),
    )
    for row in session.exec(told).all():
        row.title = without_address(row.title, address)
        message = session.get(MessageRow, row.message)
        if message is not None:
            message.text, message.html = (
                without_address(message.text, address),
                without_address(message.html, address),
            )


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


def without_address(words: str, address: str) -> str:
    """Put a sign in the place of an address, as it is or as it stands in HTML."""
    forms = "|".join(re.escape(form) for form in (escape(address), address))
    return re.sub(forms, "…", words, flags=re.IGNORECASE)

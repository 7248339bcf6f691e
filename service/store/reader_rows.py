"""Readers to rows and back, and what is noted with each change of them, for planning and the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from service.signup import Subscriber, Wishes
from service.store.delivery_tables import SubscriptionRow
from service.store.reader_tables import HouseRow, ReaderRow
from service.store.tables import MatchRow

if TYPE_CHECKING:
    from datetime import datetime

_VERSION = "version-of-readers"


def readers_version(session: Session) -> int:
    """Give the number of the last change of who is told what, as a transaction sees it."""
    row = session.get(HouseRow, _VERSION)
    return int(row.value) if row else 0


def to_subscriber(row: ReaderRow) -> Subscriber:
    """Turn a row into the reader it stands for."""
    return Subscriber(
        id=row.id,
        subject=row.subject,
        address=row.address,
        wishes=Wishes.of_values(json.loads(row.wishes)),
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
        kind=row.kind,
        label=row.label,
    )


def reader_row(one: Subscriber) -> ReaderRow:
    """Turn a reader who is to confirm into their row."""
    return ReaderRow(
        id=one.id,
        subject=one.subject,
        kind=one.kind,
        address=one.address,
        label=one.label,
        wishes=json.dumps(one.wishes.as_values()),
        asked_at=one.asked_at,
    )


def find_active(session: Session, subject: str) -> ReaderRow | None:
    """Give the row of the reader who confirmed and stands behind a subject."""
    statement = select(ReaderRow).where(
        col(ReaderRow.subject) == subject, col(ReaderRow.confirmed_at).is_not(None)
    )
    return session.exec(statement).first()


def begin_subscription(session: Session, subscriber: Subscriber, now: datetime) -> None:
    """Note from when on a reader is to be told."""
    one, channel = subscriber.subscription, subscriber.channel
    session.add(
        SubscriptionRow(
            subscription_id=one.id,
            channel_id=channel.id,
            cadence=one.cadence.value,
            targets=json.dumps(list(channel.targets)),
            watchlists=json.dumps(sorted(one.watchlists)),
            since_at=now,
            by_reader=True,
            since_match=_last_match(session),
        )
    )


def end_subscription(session: Session, subscriber: Subscriber) -> None:
    """Note until when a reader was to be told."""
    statement = select(SubscriptionRow).where(
        col(SubscriptionRow.channel_id) == subscriber.channel.id, col(SubscriptionRow.until_match).is_(None)
    )
    for row in session.exec(statement).all():
        row.until_match = _last_match(session)


def _last_match(session: Session) -> int:
    return session.exec(select(func.max(MatchRow.id))).one() or 0


def raise_version(session: Session) -> None:
    """Say to others that they must look anew."""
    row = session.get(HouseRow, _VERSION) or HouseRow(name=_VERSION, value="0")
    row.value = str(int(row.value) + 1)
    session.add(row)

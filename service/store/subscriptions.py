"""Which subscriptions of the files are in force from which match to which: the audit counts against them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from service.domain import Cadence
from service.store.delivery_tables import SubscriptionRow
from service.store.tables import MatchRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.domain import Channel, Subscription
    from service.store.engine import Database


class Subscriptions:
    """What can be said about subscriptions of the files."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def sync(
        self, subscriptions: Iterable[Subscription], channels: Iterable[Channel], *, now: datetime
    ) -> None:
        """Note which subscriptions of the files are in force from now on: the audit counts against them.

        Of readers who left, the channels must be free already.
        """
        targets = {channel.id: sorted(channel.targets) for channel in channels}
        wanted = {_terms(one, targets.get(one.channel_id, [])): one for one in subscriptions}
        with self._database.write(serialised=True) as session:
            last = session.exec(select(func.max(MatchRow.id))).one() or 0
            open_rows = session.exec(
                select(SubscriptionRow).where(
                    col(SubscriptionRow.until_match).is_(None), col(SubscriptionRow.by_reader).is_(False)
                )
            )
            for row in open_rows.all():
                terms = (row.subscription_id, row.channel_id, row.cadence, row.targets, row.watchlists)
                if wanted.pop(terms, None) is None:
                    row.until_match = last
            session.add_all(_subscription_row(terms, now, last) for terms in wanted)


_Terms = tuple[str, str, str, str, str]


def _terms(one: Subscription, targets: list[str]) -> _Terms:
    watchlists = json.dumps(sorted(one.watchlists))
    return one.id, one.channel_id, one.cadence.value, json.dumps(targets), watchlists


def _subscription_row(terms: _Terms, now: datetime, last_match: int) -> SubscriptionRow:
    subscription_id, channel_id, cadence, targets, watchlists = terms
    return SubscriptionRow(
        subscription_id=subscription_id,
        channel_id=channel_id,
        cadence=Cadence(cadence).value,
        targets=targets,
        watchlists=watchlists,
        since_at=now,
        since_match=last_match,
    )

"""The audit: proves from the ledger that nothing that should have been told is missing or doubled.

It does not trust the plan. It takes the matches that were free to alert, the subscriptions that
were in force when they were made, and looks for the delivery each pair must have. The four
words are those of Jepsen's queue checker: lost, duplicated, unexpected, recovered.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from service.domain import ActKind, NotifyReason, recipient
from service.store.delivery_tables import AttemptRow, DeliveryRow, SubscriptionRow
from service.store.tables import ActRow, EventRow, MatchRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from sqlmodel import Session

    from service.store.engine import Database


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the audit found. `lost` and `duplicated` name what they are about, one line each.

    `expected` counts pairs of event and reader that must have a delivery. `unexpected` are
    deliveries of an event for which no alert was due. `recovered` were delivered after an attempt that
    did not succeed; `waiting` are stored and not yet delivered.
    """

    expected: int
    delivered: int
    waiting: int
    failed: int
    recovered: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    unexpected: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is lost, doubled or without a cause."""
        return not (self.lost or self.duplicated or self.unexpected)


_WAITING = ("held", "pending", "claimed", "sending", "ambiguous")
_Told = tuple[str, str]  # event, reader


class Audit:
    """The one question of this room."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def run(self) -> AuditReport:
        """Read the whole ledger and judge it."""
        with self._database.read() as session:
            matches = session.exec(select(MatchRow).where(col(MatchRow.held).is_(None))).all()
            subscriptions = session.exec(select(SubscriptionRow)).all()
            deliveries = session.exec(select(DeliveryRow).where(col(DeliveryRow.event_id) != "")).all()
            others = session.exec(select(DeliveryRow).where(col(DeliveryRow.event_id) == "")).all()
            attempts = session.exec(select(AttemptRow)).all()
            kin = _Kin(session)
        expected = {pair for match in matches for pair in _expected(match, subscriptions)}
        first = [row for row in deliveries if row.reason != NotifyReason.UPDATE.value]
        told = Counter((row.event_id, recipient(row.channel_id, row.target)) for row in first)
        found = {(kin.now(event_id), reader) for event_id, reader in told}
        updated = {(kin.now(row.event_id), recipient(row.channel_id, row.target)) for row in deliveries}
        states = Counter(row.state for row in (*deliveries, *others))
        sent = Counter(attempt.delivery_id for attempt in attempts if attempt.outcome == "sent")
        twice = [f"delivery {key}: handed over {count} times" for key, count in sent.items() if count > 1]
        recovered = [row for row in (*deliveries, *others) if row.state == "delivered" and row.attempts > 1]
        told_in_digest = sum(1 for row in deliveries if row.state == "covered" and row.delivered_at)
        return AuditReport(
            expected=len(expected),
            delivered=states["delivered"] + told_in_digest,
            waiting=sum(states[state] for state in _WAITING) + states["covered"] - told_in_digest,
            failed=states["failed"] + states["expired"],
            recovered=len(recovered),
            lost=tuple(_line(pair) for pair in sorted(expected - found) if not kin.was_told(pair, found)),
            duplicated=tuple(_line(pair) for pair, count in told.items() if count > 1) + tuple(twice),
            unexpected=tuple(_line(pair) for pair in sorted((found | updated) - expected)),
        )


class _Kin:
    """Which events became part of which, and of which they were split off."""

    def __init__(self, session: Session) -> None:
        merged = select(EventRow.id, EventRow.merged_into).where(col(EventRow.merged_into) != "")
        self._merged = dict(session.exec(merged).all())
        splits = select(ActRow.other_id, ActRow.event_id).where(col(ActRow.kind) == ActKind.SPLIT.value)
        self._split_from = dict(session.exec(splits).all())

    def now(self, event_id: str) -> str:
        """Give the event that an event has become."""
        return self._merged.get(event_id, event_id)

    def was_told(self, pair: _Told, found: AbstractSet[_Told]) -> bool:
        """Tell whether a reader was told of an event while it was still part of another one."""
        event_id, reader = pair
        while event_id in self._split_from:
            event_id = self._split_from[event_id]
            if (self.now(event_id), reader) in found:
                return True
        return False


def _expected(match: MatchRow, subscriptions: Sequence[SubscriptionRow]) -> list[_Told]:
    return [
        (match.event_id, recipient(row.channel_id, target))
        for row in subscriptions
        if _in_force(row, match) and _wants(row, match)
        for target in json.loads(row.targets)
    ]


def _in_force(row: SubscriptionRow, match: MatchRow) -> bool:
    # Counted in matches, not in time: a clock that jumps, or a run with a time of its own, changes nothing.
    number = match.id or 0
    return row.since_match < number and (row.until_match is None or number <= row.until_match)


def _wants(row: SubscriptionRow, match: MatchRow) -> bool:
    watchlists = json.loads(row.watchlists)
    return not watchlists or match.watchlist_id in watchlists


def _line(pair: _Told) -> str:
    event_id, reader = pair
    return f"event {event_id} to {reader}"

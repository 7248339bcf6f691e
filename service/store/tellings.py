"""The deliveries of events summed up: how many went which way.

Ten thousand readers of one event are a few sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from service.domain import DeliveryState, HeldReason
from service.store.delivery_tables import DeliveryRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from service.domain import Delivery

_WITH_WORDS = (
    DeliveryState.PENDING,
    DeliveryState.AMBIGUOUS,
    DeliveryState.FAILED,
    DeliveryState.EXPIRED,
)
"""States of which is said what the other side said, and how often it was tried."""


@dataclass(frozen=True, slots=True)
class Telling:
    """So many deliveries of an event that went one way: their state, channel and why they were held.

    `due_at` and `delivered_at` are those of the first one; so are `attempts` and `words`, of the channel that
    was due first in its state.
    """

    state: DeliveryState
    channel_id: str
    held: HeldReason | None
    number: int
    delivered: int
    due_at: datetime
    delivered_at: datetime | None
    attempts: int = 0
    words: str = ""


def tellings_of(deliveries: Iterable[Delivery]) -> tuple[Telling, ...]:
    """Sum up deliveries that are at hand."""
    found: dict[tuple[DeliveryState, str, HeldReason | None], list[Delivery]] = {}
    for one in deliveries:
        found.setdefault((one.state, one.channel_id, one.held), []).append(one)
    return tuple(_telling(group) for group in found.values())


def _telling(group: Sequence[Delivery]) -> Telling:
    first = min(group, key=lambda one: one.due_at)
    delivered = [one.delivered_at for one in group if one.delivered_at is not None]
    said = (first.attempts, first.words) if first.state in _WITH_WORDS else ()
    sums = len(group), len(delivered), first.due_at, min(delivered, default=None)
    return Telling(first.state, first.channel_id, first.held, *sums, *said)


def sum_tellings(session: Session, roots: Mapping[str, str]) -> dict[str, list[Telling]]:
    """Sum up the deliveries of events, each under the event that it now belongs to."""
    first = func.min(DeliveryRow.created_at), func.min(DeliveryRow.id)
    told_at = col(DeliveryRow.delivered_at)
    statement = (
        select(col(DeliveryRow.event_id), DeliveryRow.state, DeliveryRow.channel_id, DeliveryRow.held)
        .add_columns(func.count(), func.count(told_at), func.min(DeliveryRow.due_at), func.min(told_at))
        .where(col(DeliveryRow.event_id).in_(list(roots)))
        .group_by(col(DeliveryRow.event_id), DeliveryRow.state, DeliveryRow.channel_id, col(DeliveryRow.held))
        .order_by(*first)
    )
    found: dict[str, list[Telling]] = {}
    for event_id, state, channel_id, held, *sums in session.connection().execute(statement):
        reason = None if held is None else HeldReason(held)
        one = Telling(DeliveryState(state), channel_id, reason, *sums)
        found.setdefault(roots[event_id], []).append(one)
    return {root: [*_with_words(session, root, roots, tellings)] for root, tellings in found.items()}


def _with_words(
    session: Session, root: str, roots: Mapping[str, str], sums: Sequence[Telling]
) -> Iterable[Telling]:
    """Add what the other side said to the one that was due first in each state."""
    ids = [event_id for event_id, into in roots.items() if into == root]
    for one in sums:
        alike = [other.due_at for other in sums if other.state is one.state]
        if one.state not in _WITH_WORDS or one.due_at != min(alike):
            yield one
            continue
        statement = (
            select(DeliveryRow)
            .where(col(DeliveryRow.event_id).in_(ids), DeliveryRow.state == one.state.value)
            .where(DeliveryRow.channel_id == one.channel_id)
            .order_by(col(DeliveryRow.due_at), col(DeliveryRow.id))
            .limit(1)
        )
        first = session.exec(statement).first()
        yield one if first is None else replace(one, attempts=first.attempts, words=first.words)

"""The ledger of deliveries read page by page, whatever is asked for and however much there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from service.domain import DeliveryState
from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import DeliveryRow
from service.store.rows import listed_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlmodel.sql.expression import SelectOfScalar

    from service.domain import Delivery, HeldReason, NotifyReason

Passed = tuple[datetime, str]
"""When a delivery was planned, and its id: where a list stands."""

MOST_LOOKED_AT = 20_000  # for one page


@dataclass(frozen=True, slots=True)
class WantedDeliveries:
    """Which deliveries are asked for; what is empty asks for all."""

    states: Sequence[DeliveryState] = ()
    reason: NotifyReason | None = None
    held: HeldReason | None = None
    event_id: str = ""
    target: str = ""
    channel_id: str = ""
    watchlist_id: str = ""

    def conditions(self, row: type[DeliveryRow] = DeliveryRow) -> Iterator[Any]:
        """Give the conditions on a row."""
        if self.states and {*self.states} != {*DeliveryState}:
            yield col(row.state).in_([state.value for state in self.states])
        if self.target:
            yield func.lower(row.target) == self.target.lower()
        for column, value in (
            (row.reason, self.reason),
            (row.held, self.held),
            (row.event_id, self.event_id),
            (row.channel_id, self.channel_id),
            (row.watchlist_id, self.watchlist_id),
        ):
            if value:
                yield col(column) == str(value)


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Deliveries, the newest first, and where to go on; None at the end.

    A page can have fewer than were asked for, even none, and yet go on: it looks at so many at most.
    """

    deliveries: tuple[Delivery, ...]
    further: Passed | None


def page_of(session: Session, wanted: WantedDeliveries, limit: int, after: Passed | None) -> DeliveryPage:
    """Give the page that follows `after`."""
    latest, conditions = _latest(after), list(wanted.conditions())
    if not conditions or wanted.event_id:  # an index leads to just these
        return _page(session.exec(latest.where(*conditions).limit(limit + 1)).all(), limit, None)
    one = aliased(DeliveryRow, latest.limit(MOST_LOOKED_AT).subquery())
    order = col(one.created_at).desc(), col(one.id)
    found = session.exec(select(one).where(*wanted.conditions(one)).order_by(*order).limit(limit + 1)).all()
    end = session.exec(latest.offset(MOST_LOOKED_AT - 1).limit(1)).first() if len(found) <= limit else None
    if end is not None and wanted == WantedDeliveries(wanted.states):  # a rare state, which has an index
        return _page(session.exec(latest.where(*conditions).limit(limit + 1)).all(), limit, None)
    return _page(found, limit, end)


def _latest(after: Passed | None) -> SelectOfScalar[DeliveryRow]:
    latest = select(DeliveryRow).order_by(col(DeliveryRow.created_at).desc(), col(DeliveryRow.id))
    if after is None:
        return latest
    # The first condition alone an index can follow.
    at = col(DeliveryRow.created_at)
    return latest.where(at <= after[0], listed_after(at, col(DeliveryRow.id), after))


def _page(found: Sequence[DeliveryRow], limit: int, end: DeliveryRow | None) -> DeliveryPage:
    last = found[limit - 1] if len(found) > limit else end
    return DeliveryPage(
        tuple(to_delivery(row) for row in found[:limit]),
        None if last is None else (last.created_at, last.id),
    )

"""What was told of events, to whom and when, as the transaction that is about to tell more sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlmodel import col, or_, select

from service.domain import Cadence, DeliveryState, HeldReason, NotifyReason, Said, recipient
from service.store.delivery_tables import DELIVERY, DeliveryRow
from service.store.known import chunks
from service.store.mutes import list_mutes
from service.store.reader_rows import readers_version
from service.store.tables import EventRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Mute, PlannedDelivery

# Sent, alone or with others, or on its way; what is held for a moment goes out by itself.
_IS_TOLD = or_(
    col(DeliveryRow.state).in_(
        [
            state.value
            for state in (
                DeliveryState.PENDING,
                DeliveryState.CLAIMED,
                DeliveryState.SENDING,
                DeliveryState.AMBIGUOUS,
                DeliveryState.DELIVERED,
                DeliveryState.COVERED,
            )
        ]
    ),
    (col(DeliveryRow.state) == DeliveryState.HELD.value) & (col(DeliveryRow.held) == HeldReason.WINDOW.value),
)
_TOLD_SOON = (HeldReason.WINDOW.value, HeldReason.COOLDOWN.value)  # by themselves, in a moment


class ToldLedger:
    """What the steps of planning ask of the ledger."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Take the open session of a batch and its time."""
        self._session = session
        self._now = now

    def readers_version(self) -> int:
        """Give the number of the last change of who is told what."""
        return readers_version(self._session)

    def list_mutes(self) -> list[Mute]:
        """List the mutes in force."""
        return [mute for _, mute in list_mutes(self._session, self._now)]

    def by_reader(self, event_ids: Iterable[str]) -> dict[str, dict[str, set[str]]]:
        """Give by event, and by reader, the ids of deliveries that tell of it, or of one merged into it."""
        wanted = list(event_ids)
        roots = self._family(wanted)
        found: dict[str, dict[str, set[str]]] = {root: {} for root in roots.values()}
        columns = (DeliveryRow.event_id, DeliveryRow.channel_id, DeliveryRow.target, DeliveryRow.id)
        for ids in chunks(list(roots)):
            for event_id, channel, target, number in self._session.exec(
                select(*columns).where(col(DeliveryRow.event_id).in_(ids))
            ):
                reader = recipient(channel, target)
                found[roots[event_id]].setdefault(reader, set()).add(number)
        return {event_id: found[roots[event_id]] for event_id in wanted}

    def untold(self, planned: Sequence[PlannedDelivery]) -> list[PlannedDelivery]:
        """Keep the first alerts of events that their readers have not been told of, by whatever way."""
        told = self.by_reader({one.event_id for one in planned})
        return [one for one in planned if recipient(one.channel_id, one.target) not in told[one.event_id]]

    def told_before(self, planned: Sequence[PlannedDelivery]) -> list[PlannedDelivery]:
        """Keep the updates whose readers have been told of the event, and not of this."""
        told = self.by_reader({one.event_id for one in planned})
        readers = ((one, told[one.event_id].get(recipient(one.channel_id, one.target))) for one in planned)
        return [one for one, deliveries in readers if deliveries and one.id not in deliveries]

    def known(
        self, planned: Sequence[PlannedDelivery], carried: Mapping[int, Collection[str]]
    ) -> list[PlannedDelivery]:
        """Hold back first alerts whose readers know of what happened, by an event of another watchlist.

        `carried` has by article the events that it belongs to. A delivery that was sent, or goes out by
        itself in a moment, tells of the others too; what waits for a digest does not.
        """
        others = {
            one.id: sorted({*carried.get(one.entry_id, ())} - {one.event_id})
            for one in planned
            if one.reason is not NotifyReason.UPDATE
        }
        tellers = self._tellers({event for events in others.values() for event in events})
        found = []
        for one in planned:
            reader = recipient(one.channel_id, one.target)
            known = [tellers.get((event, reader)) for event in others.get(one.id, ())]
            teller = next((number for number in known if number), None)
            held = replace(one, held=HeldReason.SAME_EVENT, covered_by=teller) if teller else one
            found.append(held)
        return found

    def _tellers(self, event_ids: Iterable[str]) -> dict[tuple[str, str], str]:
        """Give by event and reader the delivery that told, or is about to tell, of an event."""
        roots = self._family(event_ids)
        found: dict[tuple[str, str], str] = {}
        for ids in chunks(list(roots)):
            statement = (
                select(DeliveryRow)
                .where(col(DeliveryRow.event_id).in_(ids), _IS_TOLD)
                .order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
            )
            for row in self._session.exec(statement):
                key = (roots[row.event_id], recipient(row.channel_id, row.target))
                found.setdefault(key, row.covered_by or row.id)
        return found

    def close_known(self, paced: Sequence[PlannedDelivery]) -> None:
        """Note when those were told that are held back since what tells of them was sent before."""
        teller = DELIVERY.alias()
        told_at = select(teller.c.delivered_at).where(teller.c.id == DELIVERY.c.covered_by).scalar_subquery()
        for ids in chunks([one.id for one in paced if one.held is HeldReason.SAME_EVENT]):
            mine = DELIVERY.update().where(DELIVERY.c.id.in_(ids))
            self._session.connection().execute(mine.values(delivered_at=told_at))

    def first_mails(self, planned: Sequence[PlannedDelivery]) -> dict[str, str]:
        """Give by update the Message-ID of the message that told its reader of the event first."""
        roots = self._family({one.event_id for one in planned})
        first: dict[tuple[str, str], DeliveryRow] = {}
        for ids in chunks(list(roots)):
            statement = (
                select(DeliveryRow)
                .where(col(DeliveryRow.event_id).in_(ids))
                .order_by(col(DeliveryRow.created_at), col(DeliveryRow.id))
            )
            for row in self._session.exec(statement):
                first.setdefault((roots[row.event_id], recipient(row.channel_id, row.target)), row)
        covering = {row.covered_by for row in first.values() if row.covered_by}
        covers: dict[str, str] = {}
        for ids in chunks(list(covering)):
            named = select(DeliveryRow.id, DeliveryRow.message_id).where(col(DeliveryRow.id).in_(ids))
            covers |= dict(self._session.exec(named).all())
        mails = {key: covers.get(row.covered_by, row.message_id) for key, row in first.items()}
        return {
            one.id: mails.get((roots[one.event_id], recipient(one.channel_id, one.target)), "")
            for one in planned
        }

    def said_lately(self, planned: Sequence[PlannedDelivery], since: datetime) -> dict[str, list[Said]]:
        """Give by reader what was told at once since a time, as far as it has a bearing on these plans.

        That is: what is major, what is of the same events, and all that a subscription was told.
        """
        events = {one.event_id for one in planned}
        wanted = {one.subscription_id for one in planned}
        statement = select(DeliveryRow).where(
            col(DeliveryRow.created_at) > since,
            col(DeliveryRow.cadence) == Cadence.IMMEDIATE.value,
            col(DeliveryRow.event_id) != "",
            or_(col(DeliveryRow.held).is_(None), col(DeliveryRow.held).in_(_TOLD_SOON)),
        )
        said: dict[str, list[Said]] = {}
        for row in self._session.exec(statement):
            if row.is_major or row.event_id in events or row.subscription_id in wanted:
                is_held = row.held == HeldReason.COOLDOWN.value
                at = row.due_at if is_held else row.created_at
                one = Said(row.event_id, row.watchlist_id, at, row.is_major, is_held)
                said.setdefault(recipient(row.channel_id, row.target), []).append(one)
        return said

    def absorb(self, paced: Sequence[PlannedDelivery]) -> list[PlannedDelivery]:
        """Let the first alert of an event, where it still waits for more outlets, tell what else there is."""
        updates = [one for one in paced if one.reason is NotifyReason.UPDATE]
        held = self._held_of(updates)
        absorbed = []
        for one in paced:
            waiting = held.get((one.event_id, recipient(one.channel_id, one.target)), ())
            first = next((row for row in waiting if row.held == HeldReason.WINDOW.value), None)
            if one.reason is NotifyReason.UPDATE and first is not None:
                absorbed.append(replace(one, held=HeldReason.WINDOW, covered_by=first.id))
            else:
                absorbed.append(one)
        return absorbed

    def cover_held(self, paced: Sequence[PlannedDelivery]) -> None:
        """Let an update that goes out at once stand for what is held of its event for the same reader."""
        at_once = [one for one in paced if one.reason is NotifyReason.UPDATE and one.held is None]
        held = self._held_of(at_once)
        for one in at_once:
            for row in held.get((one.event_id, recipient(one.channel_id, one.target)), ()):
                row.state, row.covered_by = DeliveryState.COVERED.value, one.id
        self._session.flush()

    def _held_of(self, planned: Sequence[PlannedDelivery]) -> dict[tuple[str, str], list[DeliveryRow]]:
        """Give by event and reader what is held of it for a moment, not for a digest they asked for."""
        roots = self._family({one.event_id for one in planned})
        found: dict[tuple[str, str], list[DeliveryRow]] = {}
        for ids in chunks(list(roots)):
            statement = select(DeliveryRow).where(
                col(DeliveryRow.event_id).in_(ids),
                col(DeliveryRow.state) == DeliveryState.HELD.value,
                col(DeliveryRow.cadence) == Cadence.IMMEDIATE.value,
            )
            for row in self._session.exec(statement):
                key = (roots[row.event_id], recipient(row.channel_id, row.target))
                found.setdefault(key, []).append(row)
        return found

    def _family(self, event_ids: Iterable[str]) -> dict[str, str]:
        """Give events and those merged into them, each with the one it is now."""
        wanted = list(event_ids)
        roots = {event_id: event_id for event_id in wanted}
        for ids in chunks(wanted):
            statement = select(EventRow.id, EventRow.merged_into).where(col(EventRow.merged_into).in_(ids))
            roots |= dict(self._session.exec(statement).all())
        return roots

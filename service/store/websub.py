"""Subscriptions at hubs in the store: whose turn it is, who asks, and what hubs and polls make of them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, and_, col, delete, or_, select, update

from service.schedule import SLOW_DOWN, poll_after_push, poll_without_push
from service.store.hosts import note_due
from service.store.rows import to_feed, to_hints
from service.store.tables import FeedRow, PushRow
from service.websub import Push, PushState, take_poll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from service.domain import Feed, PublisherHints
    from service.store.engine import Database
    from service.store.feed_rows import PolledRow

    Step = Callable[[Push], Push | None]

_COLUMNS = tuple(one.name for one in fields(Push))
_SLOWED = tuple(reason.value for reason in SLOW_DOWN)
_COUNTERS = frozenset({"pushes", "refused"})  # which hubs move while a step is planned
_NAMES_A_HUB = and_(
    *(col(FeedRow.document_hints).contains(f'"{name}": ', autoescape=True) for name in ("hub", "topic"))
)


class Pushes:
    """What can be asked and said about subscriptions at hubs."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_due(self, now: datetime, callbacks: str) -> list[tuple[Feed, Push | None, bool]]:
        """List what may need a request: feeds with their subscriptions, and whether they are polled.

        Those that name a hub and have none; and those that are due, of feeds that are no longer polled, or
        with an address that does not begin with `callbacks`.
        """
        is_new = col(FeedRow.active).is_(True) & _NAMES_A_HUB & col(PushRow.feed_id).is_(None)
        has_moved = ~col(PushRow.callback).startswith(callbacks, autoescape=True)
        needs_a_look = or_(col(PushRow.due_at) <= now, col(FeedRow.active).is_(False), has_moved)
        statement = (
            select(FeedRow, PushRow)
            .join(PushRow, col(PushRow.feed_id) == col(FeedRow.id), isouter=True)
            .where(or_(is_new, col(PushRow.feed_id).is_not(None) & needs_a_look))
            .order_by(col(PushRow.due_at), col(FeedRow.id))
        )
        with self._database.read() as session:
            return [(to_feed(feed), _found(push), feed.active) for feed, push in session.exec(statement)]

    def claim(self, before: Push | None, after: Push) -> bool:
        """Put a step in force unless another process was faster; only who gets True may ask the hub."""
        with self._database.write() as session:
            if before is None:
                try:
                    session.connection().execute(insert(PushRow).values(_values(after)))
                except IntegrityError:
                    session.rollback()
                    return False
                return True
            as_seen = (col(PushRow.feed_id) == before.feed_id) & (col(PushRow.due_at) == before.due_at)
            values = {name: value for name, value in _values(after).items() if name not in _COUNTERS}
            is_over = after.state is PushState.ENDED
            step = delete(PushRow) if is_over else update(PushRow).values(values)
            is_mine = session.connection().execute(step.where(as_seen)).rowcount == 1
            if is_mine:
                _note_lease(session, after)
            return is_mine

    def change(self, feed_id: int, step: Step) -> Push | None:
        """Change a subscription by a step from what it is now; gives what it became, None if nothing."""
        with self._database.write() as session:
            row = session.exec(select(PushRow).where(PushRow.feed_id == feed_id).with_for_update()).first()
            return None if row is None else _take(session, row, step)

    def find(self, token: str) -> Push | None:
        """Find the subscription whose callback ends with a token."""
        with self._database.read() as session:
            row = session.exec(select(PushRow).where(PushRow.token == token)).first()
            return _found(row)

    def by_feed(self) -> Mapping[int, Push]:
        """Give all subscriptions by the number of their feed."""
        with self._database.read() as session:
            return {row.feed_id: to_push(row) for row in session.exec(select(PushRow))}

    def record_push(self, feed_id: int, now: datetime) -> None:
        """Note that a hub told of a change: its feed is due, if neither it nor its host is to be spared."""
        with self._database.write() as session:
            counted = update(PushRow).where(col(PushRow.feed_id) == feed_id)
            session.exec(counted.values(pushes=col(PushRow.pushes) + 1))
            row = session.exec(select(FeedRow).where(FeedRow.id == feed_id).with_for_update()).one()
            row.pushed_at = now
            if row.active and not _is_slowed(session, row):
                row.next_poll_at = poll_after_push(to_feed(row), now)
                note_due(session, {row.host})

    def record_refusal(self, feed_id: int) -> int:
        """Count a push that was not signed as agreed; gives how many there were."""
        with self._database.write() as session:
            mine = col(PushRow.feed_id) == feed_id
            session.exec(update(PushRow).where(mine).values(refused=col(PushRow.refused) + 1))
            return session.exec(select(PushRow.refused).where(mine)).first() or 0


# -------------------------------------------------------------------------- within a batch of polls


def note_offer(session: Session, row: PolledRow, hints: PublisherHints, now: datetime) -> None:
    """Have a subscription looked at where its feed names another hub, or none any more."""
    before = to_hints(row.document_hints)
    if before.hub and (before.hub, before.topic) != (hints.hub, hints.topic):
        mine = col(PushRow.feed_id) == row.id
        session.exec(update(PushRow).where(mine).values(due_at=now))


def judge_poll(session: Session, feed: Feed, new: int, now: datetime) -> Push | None:
    """Note what a good poll says of a subscription; gives what it became, None where nothing changed."""
    row = session.get(PushRow, feed.id)
    return None if row is None else _take(session, row, lambda push: take_poll(push, feed, new=new, now=now))


def told_meanwhile(session: Session, feeds: Mapping[int, Feed]) -> list[FeedRow]:
    """Give the feeds whose hub told of a change after they were claimed; their rows are read anew."""
    statement = select(FeedRow.id, FeedRow.pushed_at).where(col(FeedRow.id).in_(feeds))
    late = [number for number, at in session.exec(statement) if at != feeds[number or 0].pushed_at]
    anew = select(FeedRow).where(col(FeedRow.id).in_(late)).execution_options(populate_existing=True)
    return [*session.exec(anew)] if late else []


# ------------------------------------------------------------------------------------------- rows


def to_push(row: PushRow) -> Push:
    """Turn a row into the subscription it stands for."""
    return Push(**{**{name: getattr(row, name) for name in _COLUMNS}, "state": PushState(row.state)})


def _found(row: PushRow | None) -> Push | None:
    return None if row is None else to_push(row)


def _values(push: Push) -> dict[str, Any]:
    return {**{name: getattr(push, name) for name in _COLUMNS}, "state": push.state.value}


def _take(session: Session, row: PushRow, step: Step) -> Push | None:
    push = step(to_push(row))
    if push is None:
        return None
    if push.state is PushState.ENDED:
        session.delete(row)
    else:
        for name, value in _values(push).items():
            setattr(row, name, value)
    _note_lease(session, push)
    return push


def _note_lease(session: Session, push: Push) -> None:
    """Let the feed know how long its hub will push; one whose lease is over returns to its pace."""
    row = session.get_one(FeedRow, push.feed_id)
    until = None if push.state is PushState.ENDED else push.until_at
    if row.pushed_until is not None and until is None and row.active:
        row.next_poll_at = poll_without_push(to_feed(row))
        note_due(session, {row.host})
    row.pushed_until = until


def _is_slowed(session: Session, row: FeedRow) -> bool:
    """Tell whether a feed of this host was told to slow down."""
    slowed = select(FeedRow.id).where(FeedRow.host == row.host, col(FeedRow.failure).in_(_SLOWED))
    return session.exec(slowed).first() is not None

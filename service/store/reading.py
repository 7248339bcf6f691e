"""What pages and commands read: every question has a name, none changes anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from service.errors import NotFound
from service.store.delivery_pages import DeliveryPage, Passed, WantedDeliveries, page_of
from service.store.delivery_rows import to_delivery
from service.store.delivery_tables import AttemptRow, DeliveryRow
from service.store.event_rows import list_matches
from service.store.event_views import EventView, event_views
from service.store.reader_tables import MessageRow
from service.store.rows import listed_after, to_entry, to_feed
from service.store.tables import EntryRow, EventRow, FeedRow, MatchRow, WatchlistRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlmodel.sql.expression import SelectOfScalar

    from service.domain import Delivery, DeliveryState, Entry, HeldReason, Match, NotifyReason
    from service.store.engine import Database


_PAGE = 1_000
_BRIEFLY = {"most_reports": 300, "most_told": 0}  # of each event in a list
_NAMED = 3
_LATEST_LOOKED_AT = 2_000


# Each watchlist is counted in its own part of an index: no table is read from end to end.
_EVENTS_OF_IT = (
    select(func.count())
    .select_from(EventRow)
    .where(col(EventRow.watchlist_id) == col(WatchlistRow.id), col(EventRow.merged_into) == "")
    .scalar_subquery()
)
_MATCHES_OF_IT = (
    select(func.count())
    .select_from(MatchRow)
    .where(col(MatchRow.watchlist_id) == col(WatchlistRow.id))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class WatchlistSummary:
    """A watchlist with what it has found."""

    id: str
    title: str
    about: str
    events: int
    matches: int


@dataclass(frozen=True, slots=True)
class WatchlistTitle:
    """What a watchlist is called."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One started send; `outcome` is empty when the process ended in it."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    phase: str
    code: int
    words: str


class Reading:
    """Queries for pages and commands."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_watchlists(self) -> list[WatchlistSummary]:
        """List the watchlists in force, by title, with counts."""
        with self._database.read() as session:
            rows = session.exec(
                select(WatchlistRow, _EVENTS_OF_IT, _MATCHES_OF_IT)
                .where(col(WatchlistRow.active).is_(True))
                .order_by(WatchlistRow.title)
            ).all()
        return [
            WatchlistSummary(row.id, row.title, row.about, events, matches) for row, events, matches in rows
        ]

    def list_titles(self) -> list[WatchlistTitle]:
        """List the watchlists in force, by title, without counting what they found."""
        statement = (
            select(WatchlistRow).where(col(WatchlistRow.active).is_(True)).order_by(WatchlistRow.title)
        )
        with self._database.read() as session:
            return [WatchlistTitle(row.id, row.title) for row in session.exec(statement)]

    def list_events(
        self,
        *,
        watchlist_id: str = "",
        limit: int = 50,
        skip: int = 0,
        brief: bool = False,
        after: tuple[datetime, str] | None = None,
    ) -> list[EventView]:
        """List events after some, the one last reported on first, of one watchlist or of all.

        Where `brief`, deliveries come summed up, and of a very large one the earliest and latest reports.
        `after` is the last report's time and the id of the event after which the list goes on.
        """
        statement = _latest(watchlist_id).offset(skip).limit(limit)
        if after is not None:
            statement = statement.where(listed_after(col(EventRow.last_report_at), col(EventRow.id), after))
        with self._database.read() as session:
            return event_views(session, session.exec(statement).all(), **(_BRIEFLY if brief else {}))

    def list_events_matched_since(
        self, watchlist_ids: Sequence[str], since: datetime, *, limit: int = 50
    ) -> dict[str, list[EventView]]:
        """List the events of each watchlist that were matched since a time, briefly as `list_events` does.

        Of one that has none, the event last reported on stands alone.
        """
        with self._database.read() as session:
            rows = [
                row
                for watchlist_id in watchlist_ids
                for row in session.exec(_matched_since(watchlist_id, since).limit(limit)).all()
                or session.exec(_latest(watchlist_id).limit(1)).all()
            ]
            views = event_views(session, rows, **_BRIEFLY)
        found: dict[str, list[EventView]] = {watchlist_id: [] for watchlist_id in watchlist_ids}
        for view in views:
            found[view.event.watchlist_id].append(view)
        return found

    def count_events_matched_since(self, since: datetime) -> dict[str, int]:
        """Count the events matched since a time, by watchlist; those without one are left out."""
        # Counted here: to group, SQLite would read every match there ever was in the order of the watchlists.
        statement = select(MatchRow.watchlist_id, MatchRow.event_id).where(col(MatchRow.matched_at) >= since)
        with self._database.read() as session:
            return Counter(watchlist_id for watchlist_id, _ in set(session.exec(statement).all()))

    def get_event(self, event_id: str, *, most_told: int | None = None) -> EventView:
        """Give one event, or the one that it was merged into; raises NotFound.

        With `most_told`, only so many of its deliveries come by themselves, beside the sums of all.
        """
        with self._database.read() as session:
            row = session.get(EventRow, event_id)
            if row is not None and row.merged_into:
                row = session.get(EventRow, row.merged_into)
            if row is None:
                raise NotFound(f"there is no event {event_id}", mend="`avizor events` lists them.")
            return event_views(session, [row], most_told=most_told)[0]

    def find_event(self, beginning: str) -> EventView:
        """Give the one event whose id begins so; raises NotFound where there is none, or another one."""
        begins = col(EventRow.id).startswith(beginning, autoescape=True)
        with self._database.read() as session:
            found = session.exec(select(EventRow.id).where(begins).order_by(EventRow.id).limit(_NAMED)).all()
        if len(found) > 1 and beginning not in found:
            raise NotFound(f"several events begin with {beginning}", mend=f"Write more: {', '.join(found)}.")
        return self.get_event(found[0] if len(found) == 1 else beginning)

    def iter_matches(self, watchlist_id: str, since: datetime) -> Iterator[Match]:
        """Give the matches of a watchlist of entries seen since a time, in the order in which they came."""
        last = 0
        while True:
            with self._database.read() as session:
                page = list_matches(session, watchlist_id, last, _PAGE, since)
            for number, match in page:
                last = number
                yield match
            if len(page) < _PAGE:
                return

    def get_entry(self, entry_id: int) -> Entry:
        """Give one entry; raises NotFound."""
        with self._database.read() as session:
            found = session.exec(
                select(EntryRow, FeedRow)
                .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
                .where(col(EntryRow.id) == entry_id)
            ).first()
        if found is None:
            raise NotFound(f"there is no entry {entry_id}", mend="`avizor events --json` shows entry ids.")
        return to_entry(found[0], to_feed(found[1]).source)

    def list_deliveries(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        reason: NotifyReason | None = None,
        held: HeldReason | None = None,
        event_id: str = "",
        target: str = "",
        channel_id: str = "",
        limit: int = 100,
    ) -> list[Delivery]:
        """List deliveries, the newest first: of some states, of an event, to an address … or all."""
        wanted = WantedDeliveries(states, reason, held, event_id, target, channel_id)
        order = col(DeliveryRow.created_at).desc(), col(DeliveryRow.id)
        statement = select(DeliveryRow).order_by(*order)
        with self._database.read() as session:
            if states:
                # Of a common state, the newest are among the newest of all: else all of them would be sorted.
                latest = statement.limit(_LATEST_LOOKED_AT).subquery()
                one = aliased(DeliveryRow, latest)
                ids = session.exec(
                    select(one.id)
                    .where(*wanted.conditions(one))
                    .order_by(col(one.created_at).desc(), col(one.id))
                    .limit(limit)
                ).all()
                if len(ids) == limit:
                    statement, wanted = statement.where(col(DeliveryRow.id).in_(ids)), WantedDeliveries()
            found = session.exec(statement.where(*wanted.conditions()).limit(limit))
            return [to_delivery(row) for row in found]

    def page_deliveries(
        self, wanted: WantedDeliveries, *, limit: int, after: Passed | None = None
    ) -> DeliveryPage:
        """Give a page of deliveries, the newest first, those after the one that `after` says."""
        with self._database.read() as session:
            return page_of(session, wanted, limit, after)

    def count_listed(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        reason: NotifyReason | None = None,
        held: HeldReason | None = None,
        target: str = "",
        since: datetime | None = None,
    ) -> int:
        """Count the deliveries that `list_deliveries` would list without a limit, those since a time."""
        conditions = [*WantedDeliveries(states, reason, held, target=target).conditions()]
        if since is not None:
            conditions.append(col(DeliveryRow.created_at) >= since)
        with self._database.read() as session:
            return session.exec(select(func.count()).select_from(DeliveryRow).where(*conditions)).one()

    def get_delivery(self, delivery_id: str) -> Delivery:
        """Give one delivery with the words of its message; raises NotFound."""
        with self._database.read() as session:
            row = session.get(DeliveryRow, delivery_id)
            if row is None:
                raise NotFound("There is no such message any more.")
            return to_delivery(row, session.get(MessageRow, row.message))

    def list_attempts(self, delivery_id: str) -> list[Attempt]:
        """List the attempts of a delivery, the first one first."""
        statement = (
            select(AttemptRow)
            .where(col(AttemptRow.delivery_id) == delivery_id)
            .order_by(col(AttemptRow.number))
        )
        with self._database.read() as session:
            return [
                Attempt(row.number, row.started_at, row.ended_at, row.outcome, row.phase, row.code, row.words)
                for row in session.exec(statement)
            ]


def _latest(watchlist_id: str) -> SelectOfScalar[EventRow]:
    """Ask for the events of a watchlist, or of all, the one last reported on first."""
    statement = select(EventRow).where(col(EventRow.merged_into) == "")
    if watchlist_id:
        statement = statement.where(col(EventRow.watchlist_id) == watchlist_id)
    return statement.order_by(col(EventRow.last_report_at).desc(), col(EventRow.id))


def _matched_since(watchlist_id: str, since: datetime) -> SelectOfScalar[EventRow]:
    """Ask for the events of a watchlist that were matched since a time, in the same order."""
    matched = select(MatchRow.event_id).where(
        col(MatchRow.watchlist_id) == watchlist_id, col(MatchRow.matched_at) >= since
    )
    statement = select(EventRow).where(col(EventRow.id).in_(matched))
    return statement.order_by(col(EventRow.last_report_at).desc(), col(EventRow.id))

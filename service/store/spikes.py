"""Spikes, and the stored matches they are found in.

Nothing of the search itself is stored: what is usual is reckoned anew from the matches, so that a restart, or
another process, finds the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlmodel import col, func, select

from service.bursts import CountedReport
from service.domain import Cause, Spike
from service.store.delivery_rows import RenderedDelivery, save_rendered
from service.store.rows import listed_after, to_entry, to_feed
from service.store.tables import EntryRow, EventRow, FeedRow, FileVersionRow, MatchRow, SpikeRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from service.domain import Entry
    from service.store.engine import Database

_COUNTED: list[Any] = [  # some thousand rows are read: no more of each than is needed
    *(EntryRow.id, EntryRow.published_at, EntryRow.first_seen_at, MatchRow.copy_of),
    *(FeedRow.outlet, FeedRow.url, MatchRow.event_id),
]


class Spikes:
    """What can be asked and said about spikes. Matches that were held for whatever reason count nowhere."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def list_busy(self, since: datetime, least: int) -> list[str]:
        """Name the watchlists that were matched by entries of at least so many feeds since a time."""
        feeds = func.count(func.distinct(EntryRow.feed_id))
        statement = (
            select(MatchRow.watchlist_id)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .where(col(MatchRow.matched_at) >= since, col(MatchRow.held).is_(None))
            .group_by(MatchRow.watchlist_id)
            .having(feeds >= least)
            .order_by(MatchRow.watchlist_id)
        )
        with self._database.read() as session:
            return list(session.exec(statement))

    def first_in_force(self, watchlist_id: str) -> datetime | None:
        """Give the time since which a watchlist is followed, in whatever version; None if it is not known."""
        statement = select(func.min(FileVersionRow.first_loaded_at)).where(
            col(FileVersionRow.file) == f"{watchlist_id}.yaml"
        )
        with self._database.read() as session:
            return session.exec(statement).one()

    def list_reports(self, watchlist_id: str, since: datetime) -> list[CountedReport]:
        """List what counts of a watchlist since a time, in the order of the reports.

        What repeats another report of its event is one with it.
        """
        statement = (
            select(*_COUNTED)
            .select_from(MatchRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(
                col(MatchRow.watchlist_id) == watchlist_id,
                col(MatchRow.held).is_(None),
                col(MatchRow.matched_at) >= since,
            )
        )
        with self._database.read() as session:
            found = [
                CountedReport(
                    number,
                    min(published or seen, seen),
                    outlet or url,
                    event_id=event_id,
                    copy=str(copied or number),
                )
                for number, published, seen, copied, outlet, url, event_id in session.exec(statement)
            ]
        return sorted((one for one in found if one.at >= since), key=lambda one: (one.at, one.id))

    def events_opened(self, event_ids: Collection[str]) -> dict[str, datetime]:
        """Give the times at which events were first reported, by id."""
        statement = select(EventRow.id, EventRow.opened_at).where(col(EventRow.id).in_(event_ids))
        with self._database.read() as session:
            return dict(session.exec(statement).all())

    def list_entries(self, entry_ids: Collection[int]) -> list[Entry]:
        """List entries by number, the first report first."""
        statement = (
            select(EntryRow, FeedRow)
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(col(EntryRow.id).in_(entry_ids))
        )
        with self._database.read() as session:
            found = [to_entry(row, to_feed(feed).source) for row, feed in session.exec(statement)]
        return sorted(found, key=lambda entry: (entry.happened_at, entry.id))

    def list_spikes(
        self,
        *,
        since: datetime | None = None,
        watchlist_id: str = "",
        limit: int = 50,
        after: tuple[datetime, str] | None = None,
    ) -> list[Spike]:
        """List spikes, the latest first, of one watchlist or of all, those that began since a time or all.

        `after` are the beginning and the id of the spike after which the list goes on.
        """
        statement = select(SpikeRow).order_by(col(SpikeRow.at).desc(), col(SpikeRow.id)).limit(limit)
        if since is not None:
            statement = statement.where(col(SpikeRow.at) >= since)
        if watchlist_id:
            statement = statement.where(col(SpikeRow.watchlist_id) == watchlist_id)
        if after is not None:
            statement = statement.where(listed_after(col(SpikeRow.at), col(SpikeRow.id), after))
        with self._database.read() as session:
            return [_to_spike(row) for row in session.exec(statement)]

    def count(self, watchlist_id: str = "") -> int:
        """Count the spikes of one watchlist, or of all."""
        statement = select(func.count()).select_from(SpikeRow)
        if watchlist_id:
            statement = statement.where(col(SpikeRow.watchlist_id) == watchlist_id)
        with self._database.read() as session:
            return session.exec(statement).one()

    def save(
        self,
        spike: Spike,
        deliveries: Iterable[RenderedDelivery],
        *,
        known: Collection[str],
        since: datetime,
        now: datetime,
    ) -> bool:
        """Store a spike and what is to be told of it, together; tells whether that was done.

        Nothing happens when its watchlist has a spike since that time that is not among the `known` ones:
        another process was faster.
        """
        others = select(SpikeRow.id).where(
            col(SpikeRow.watchlist_id) == spike.watchlist_id,
            col(SpikeRow.at) >= since,
            col(SpikeRow.id).not_in(known),
        )
        with self._database.write(serialised=True) as session:
            if session.exec(others).first() is not None:
                return False
            session.add(_spike_row(spike, now))
            save_rendered(session, deliveries, now)
            return True


def _spike_row(spike: Spike, now: datetime) -> SpikeRow:
    return SpikeRow(
        id=spike.id,
        watchlist_id=spike.watchlist_id,
        event_id=spike.event_id,
        at=spike.at,
        until_at=spike.until_at,
        reports=spike.reports,
        outlets=spike.outlets,
        usual=spike.usual,
        events=spike.events,
        causes=json.dumps([asdict(one) for one in spike.causes], ensure_ascii=False),
        expected=spike.expected,
        found_at=now,
    )


def _to_spike(row: SpikeRow) -> Spike:
    return Spike(
        id=row.id,
        watchlist_id=row.watchlist_id,
        event_id=row.event_id,
        at=row.at,
        until_at=row.until_at,
        reports=row.reports,
        outlets=row.outlets,
        usual=row.usual,
        events=row.events,
        causes=tuple(Cause(**one) for one in json.loads(row.causes)),
        expected=row.expected,
    )

"""One transaction for a batch of polled feeds: entries, matches, events, deliveries, validators.

Either all of it is in the database afterwards or nothing. What must be said is thus stored with
what happened, and an answer of "304, not modified" can never stand beside entries that were lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlmodel import col, select

from service.domain import (
    ChangeKind,
    Entry,
    FetchFailed,
    KnownReport,
)
from service.group import headline_words
from service.schedule import poll_after_push
from service.store.engine import reserve_ids
from service.store.hosts import note_due, release_hosts
from service.store.known import Item, Known, chunks
from service.store.polled import hold_host, record_failure, record_health, record_move, record_success
from service.store.rows import (
    RenderedDelivery,
    delivery_row,
    entry_of,
    evidence_json,
    happened_at,
    hints_json,
    to_entry,
    to_feed,
)
from service.store.tables import DeliveryRow, EarlierRow, EntryRow, EventRow, FeedRow, MatchRow
from service.store.websub import judge_poll, note_offer, told_meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import (
        EventChange,
        Feed,
        FetchResult,
        HealthChange,
        Match,
        ParsedEntry,
        PlannedDelivery,
        PublisherHints,
    )
    from service.store.engine import Database
    from service.websub import Push

_ENTRIES_LOOKED_AT = 300  # to say how often a feed usually brings something
_MOST_EARLIER = 20  # headlines kept of one entry


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a parsed feed brought: new entries, and known ones whose words were edited."""

    new: tuple[Entry, ...]
    edited: tuple[Entry, ...]


class Batch:
    """The steps of one transaction, in the order in which the pipeline takes them."""

    def __init__(self, session: Session, now: datetime, database: Database) -> None:
        """Take the open session of a database and the time that this batch goes by."""
        self._session = session
        self._database = database
        self._now = now
        self._feeds: dict[int, FeedRow] = {}
        self._asked: set[str] = set()
        self._polled: dict[int, Feed] = {}
        self._joined: set[str] = set()

    def look_up(self, feeds: Sequence[Feed]) -> None:
        """Read what is known of feeds that are about to be recorded, all at once."""
        statement = select(FeedRow).where(col(FeedRow.id).in_([feed.id for feed in feeds]))
        self._feeds = {row.id or 0: row for row in self._session.exec(statement)}

    def one_by_one(self) -> None:
        """Have the rest of this batch to itself, whatever other processes record: grouping needs it.

        Everything before it is about feeds that nobody else holds a lease of.
        """
        self._database.serialise(self._session)

    def finish(self) -> None:
        """End the leases of the hosts that were asked; nothing else is left to do."""
        live = {number: feed for number, feed in self._polled.items() if feed.pushed_until is not None}
        for row in told_meanwhile(self._session, live) if live else ():
            row.next_poll_at = poll_after_push(to_feed(row), self._now)
        if self._asked:
            release_hosts(self._session, self._asked, polled_at=self._now)
            note_due(self._session, self._joined - self._asked)

    def keep_unseen(self, feed: Feed, entries: Sequence[ParsedEntry]) -> Unseen:
        """Store what is new in a feed, recognise what is not, and note edited words.

        An entry is known by its key; failing that by two of address, headline and date, if the stored
        one no longer stands in the feed under its own key and no other entry of the feed has the same
        address: then the publisher has given it a new key. Where more than half of a known feed looks
        new, one of address and headline is enough, if most of what looks new is found that way: then the
        publisher has given new keys to everything.
        """
        if not entries:
            return Unseen((), ())
        items = [Item.of(entry) for entry in entries]
        known = Known(self._session, feed, items)
        new, edited = [], []
        for item, row in known.find_all(items, is_first=feed.baseline_at is None):
            if row is None:
                new.append(self._new_entry(feed, item))
            else:
                row.key = item.parsed.key
                if self._edit(row, item):
                    edited.append(row)
        if edited:
            self.one_by_one()  # a search of the archive has seen either the old words or the new ones
        self._session.flush()
        return Unseen(
            tuple(entry_of(values, feed.source) for values in self._insert(new)),
            tuple(to_entry(row, feed.source) for row in edited),
        )

    def _insert(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Insert entries in one statement, and give each its id."""
        if not entries:
            return []
        # Ids that are known before need not be asked back row by row, which costs as much as the rest.
        ids = reserve_ids(self._session, EntryRow, len(entries))
        rows = [{**values, "id": number} for number, values in zip(ids, entries, strict=True)]
        self._session.connection().execute(insert(EntryRow), rows)
        return rows

    def watchlists_matched(self, entries: Iterable[Entry]) -> set[tuple[int, str]]:
        """Tell which of these entries already match which watchlists, as pairs of ids."""
        statement = select(MatchRow.entry_id, MatchRow.watchlist_id)
        return {
            (entry_id, watchlist_id)
            for ids in chunks([entry.id for entry in entries])
            for entry_id, watchlist_id in self._session.exec(statement.where(col(MatchRow.entry_id).in_(ids)))
        }

    def refresh_evidence(self, edited: Sequence[Entry], matches: Iterable[Match]) -> None:
        """Give matches of edited entries the evidence of the new words; none where they match no more.

        A match stays a match: what was told was told. Only the marked words follow the edit.
        """
        found = {(match.entry.id, match.watchlist_id): match.evidence for match in matches}
        for ids in chunks([entry.id for entry in edited]):
            for row in self._session.exec(select(MatchRow).where(col(MatchRow.entry_id).in_(ids))):
                row.evidence = evidence_json(found.get((row.entry_id, row.watchlist_id), ()))

    def unedited(self, entries: Iterable[Entry]) -> set[int]:
        """Tell which of these entries, by number, are stored with the words they have here."""
        read = {entry.id: (entry.title, entry.summary) for entry in entries}
        statement = select(EntryRow.id, EntryRow.title, EntryRow.summary)
        return {
            number
            for ids in chunks(list(read))
            for number, *words in self._session.exec(statement.where(col(EntryRow.id).in_(ids)))
            if number is not None and read[number] == tuple(words)
        }

    def recent_reports(
        self, watchlist_id: str, since: datetime, until: datetime | None = None
    ) -> list[KnownReport]:
        """List the reports of the events of a watchlist that were reported on from `since` to `until`.

        All reports of such an event are listed; without `until` those of the latest events, too.
        """
        statement = (
            select(MatchRow.event_id, EntryRow)
            .join(EntryRow, col(EntryRow.id) == col(MatchRow.entry_id))
            .join(EventRow, col(EventRow.id) == col(MatchRow.event_id))
            .where(col(EventRow.watchlist_id) == watchlist_id, col(EventRow.last_report_at) >= since)
            .order_by(col(MatchRow.id))
        )
        if until is not None:
            statement = statement.where(col(EventRow.opened_at) <= until)
        return [
            KnownReport(event_id, row.canonical_url, headline_words(row.title), happened_at(row))
            for event_id, row in self._session.exec(statement)
        ]

    def save_changes(self, changes: Sequence[EventChange]) -> None:
        """Store matches and what they did to the events."""
        opened = [change for change in changes if change.kind is ChangeKind.OPENED]
        self._session.add_all(_new_event(change) for change in opened)
        self._session.flush()
        for change in changes:
            if change.kind is ChangeKind.JOINED:
                event = self._session.get_one(EventRow, change.event_id)
                event.reports += 1
                # A report that is found late may be the earliest: an event spans the times of its reports.
                event.opened_at = min(event.opened_at, change.match.entry.happened_at)
                event.last_report_at = max(event.last_report_at, change.match.entry.happened_at)
            self._session.add(self._new_match(change))
        self._session.flush()

    def untold(self, planned: Sequence[PlannedDelivery]) -> list[PlannedDelivery]:
        """Keep the deliveries that do not exist yet: what was said once is not said again."""
        existing = {
            found
            for ids in chunks([one.id for one in planned])
            for found in self._session.exec(select(DeliveryRow.id).where(col(DeliveryRow.id).in_(ids)))
        }
        return [one for one in planned if one.id not in existing]

    def reports_of(self, event_id: str) -> list[Entry]:
        """List the entries of an event, the first report first."""
        statement = (
            select(EntryRow, FeedRow)
            .join(MatchRow, col(MatchRow.entry_id) == col(EntryRow.id))
            .join(FeedRow, col(FeedRow.id) == col(EntryRow.feed_id))
            .where(col(MatchRow.event_id) == event_id)
        )
        entries = [to_entry(row, to_feed(feed).source) for row, feed in self._session.exec(statement)]
        return sorted(entries, key=lambda entry: (entry.happened_at, entry.id))

    def save_deliveries(self, deliveries: Iterable[RenderedDelivery]) -> None:
        """Store deliveries with their messages; from the commit on they will be sent."""
        self._session.add_all(delivery_row(one, self._now) for one in deliveries)
        self._session.flush()

    def record_poll(
        self,
        result: FetchResult,
        *,
        next_poll_at: datetime,
        new_entries: int = 0,
        document_hints: PublisherHints | None = None,
        changes: Sequence[HealthChange] = (),
        hurry: int = 0,
    ) -> None:
        """Store what a poll left behind; the lease of its host ends with the batch.

        Validators are written at a 200 that was a feed, merged at a 304, untouched by errors.
        `document_hints` are those of the document, where one was read; else the stored ones stay. `changes`
        are what begins to ail the feed and what is over.
        """
        row = self._feeds.get(result.feed.id) or self._session.get_one(FeedRow, result.feed.id)
        row.last_polled_at = self._now
        row.next_poll_at = next_poll_at
        self._asked.add(row.host)
        self._polled[result.feed.id] = result.feed
        row.hurry = hurry
        record_health(self._session, row, changes)
        if document_hints is not None:
            note_offer(self._session, row, document_hints, self._now)
            row.document_hints = hints_json(document_hints)
        if isinstance(result, FetchFailed):
            record_failure(row, result, self._now)
            hold_host(self._session, row, result, self._now)
        else:
            record_success(row, result, self._now, new_entries)
            record_move(self._session, row, result, self._now)
        self._joined.add(row.host)

    def judge_push(self, feed: Feed, new_entries: int) -> Push | None:
        """Note what a good poll says of the feed's subscription at its hub; gives it where that changed."""
        return None if feed.pushed_until is None else judge_poll(self._session, feed, new_entries, self._now)

    def entry_times(self, feed: Feed) -> list[datetime]:
        """List the times of the latest entries of a feed, the newest first."""
        statement = select(EntryRow).where(EntryRow.feed_id == feed.id).order_by(col(EntryRow.id).desc())
        rows = self._session.exec(statement.limit(_ENTRIES_LOOKED_AT))
        return sorted((happened_at(row) for row in rows), reverse=True)

    def _new_entry(self, feed: Feed, item: Item) -> dict[str, Any]:
        parsed = item.parsed
        return {
            "feed_id": feed.id,
            "key": parsed.key,
            "url": parsed.url,
            "canonical_url": item.address,
            "title": parsed.title,
            "title_print": item.headline,
            "summary": parsed.summary,
            "language": parsed.language or feed.source.language,
            "author": parsed.author,
            "published_at": parsed.published_at,
            "first_seen_at": self._now,
            "from_baseline": feed.baseline_at is None,
        }

    def _edit(self, row: EntryRow, item: Item) -> bool:
        """Take over edited words; tell whether there were any. A headline that was edited away is kept."""
        parsed = item.parsed
        if (row.title, row.summary) == (parsed.title, parsed.summary):
            return False
        if row.title != parsed.title:
            self._keep_words(row)
        row.title, row.summary = parsed.title, parsed.summary
        row.title_print = item.headline
        return True

    def _keep_words(self, row: EntryRow) -> None:
        """Keep words that are about to be edited away; of an entry that is edited without end, the first."""
        kept = self._session.exec(select(EarlierRow.title).where(EarlierRow.entry_id == row.id)).all()
        if row.title not in kept and len(kept) < _MOST_EARLIER:
            self._session.add(
                EarlierRow(entry_id=row.id or 0, title=row.title, summary=row.summary, until_at=self._now)
            )

    def _new_match(self, change: EventChange) -> MatchRow:
        match = change.match
        return MatchRow(
            entry_id=match.entry.id,
            watchlist_id=match.watchlist_id,
            version=match.version,
            evidence=evidence_json(match.evidence),
            event_id=change.event_id,
            kind=change.kind.value,
            join_reason=change.join_reason.value,
            held=None if change.held is None else change.held.value,
            matched_at=self._now,
        )


def _new_event(change: EventChange) -> EventRow:
    entry = change.match.entry
    return EventRow(
        id=change.event_id,
        watchlist_id=change.match.watchlist_id,
        title=entry.title,
        opened_at=entry.happened_at,
        last_report_at=entry.happened_at,
    )

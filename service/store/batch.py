"""One transaction for a batch of polled feeds: entries, matches, events, deliveries, validators.

Either all of it is in the database afterwards or nothing. What must be said is thus stored with
what happened, and an answer of "304, not modified" can never stand beside entries that were lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

from sqlalchemy import insert
from sqlmodel import col, select

from service.domain import Entry, FetchFailed
from service.schedule import poll_after_push
from service.store.bulk import Same, write_columns
from service.store.delivery_rows import RenderedDelivery, save_rendered
from service.store.edits import Edits, changes_of
from service.store.engine import reserve_ids
from service.store.events import EventLedger
from service.store.feed_rows import PolledRows
from service.store.hosts import note_due, release_hosts
from service.store.known import Item, Known, chunks, latest_times, without_entries
from service.store.missing import MissingEntries
from service.store.polled import hold_host, record_failure, record_health, record_move, record_success
from service.store.rows import evidence_json, happened_at, hints_json, to_feed
from service.store.tables import ENTRY, EntryRow, MatchRow
from service.store.told import ToldLedger
from service.store.websub import judge_poll, note_offer, told_meanwhile
from service.store.word_index import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import (
        Feed,
        FetchResult,
        HealthChange,
        Match,
        ParsedEntry,
        PublisherHints,
    )
    from service.store.engine import Database
    from service.store.known import StoredEntry
    from service.store.word_index import Words, WordWriter
    from service.websub import Push

_INSERT = insert(ENTRY)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a parsed feed brought: new entries, and known ones whose words were edited."""

    new: tuple[Entry, ...]
    edited: tuple[Entry, ...]


class Batch:
    """The steps of one transaction, in the order in which the pipeline takes them.

    `events` are those of grouping, `told` those of planning.
    """

    def __init__(self, session: Session, now: datetime, database: Database, words: WordWriter) -> None:
        """Take the open session of a database, the time to go by, and what writes the index of words."""
        self._session = session
        self._database = database
        self._now = now
        self._rows = PolledRows(session)
        self._without_entries: set[int] = set()
        self._asked: set[str] = set()
        self._polled: dict[int, Feed] = {}
        self._polled_well: set[int] = set()
        self._joined: set[str] = set()
        self._words = words
        self._stored: list[Words] = []
        self._edits = Edits(session, now)
        self._missing = MissingEntries(session, now)
        self.events = EventLedger(session, now)
        self.told = ToldLedger(session, now)

    def look_up(self, feeds: Sequence[Feed]) -> None:
        """Read what is known of feeds that are about to be recorded, all at once."""
        self._rows.read(feed.id for feed in feeds)
        self._missing.look_up(feed.id for feed in feeds)
        new = [feed.id for feed in feeds if feed.baseline_at is None]
        self._without_entries = without_entries(self._session, new) if new else set()

    def one_by_one(self) -> None:
        """Have the rest of this batch to itself, whatever other processes record: grouping needs it.

        Everything before it is about feeds that nobody else holds a lease of.
        """
        self._database.serialise(self._session)

    def finish(self) -> None:
        """Write what the polls left behind, and end the leases of the hosts that were asked."""
        self._session.flush()
        self._words.add(self._session, self._stored)
        self._edits.index(self._words)
        self._rows.write()
        live = {number: feed for number, feed in self._polled.items() if feed.pushed_until is not None}
        for row in told_meanwhile(self._session, live) if live else ():
            row.next_poll_at = poll_after_push(to_feed(row), self._now)
        if self._asked:
            release_hosts(self._session, self._asked, polled_at=self._now)
            note_due(self._session, self._joined - self._asked)

    def keep_unseen(self, feed: Feed, entries: Sequence[ParsedEntry], *, is_whole: bool = True) -> Unseen:
        """Store what is new in a feed, recognise what is not, and note edited words.

        An entry is known by its key; failing that by two of address, headline and date, if the stored
        one no longer stands in the feed under its own key and no other entry of the feed has the same
        address: then the publisher has given it a new key. Where more than half of a known feed looks
        new, one of address and headline is enough, if most of what looks new is found that way: then the
        publisher has given new keys to everything.

        Where the document `is_whole`, what should still stand in it and does not is noted.
        """
        if not entries:
            return Unseen((), ())
        new: list[Item] = []
        standing: list[StoredEntry] = []
        changed: list[tuple[StoredEntry, dict[str, str]]] = []
        for item, row in self._recognised(feed, [Item(entry) for entry in entries]):
            if row is None:
                new.append(item)
                continue
            standing.append(row)
            if changes := changes_of(row, item):
                changed.append((row, changes))
        edited = self._write(feed, changed)
        inserted = self._insert(feed, new) if new else []
        if is_whole and standing and self._missing.is_of_interest(feed):
            times = {row.id: happened_at(row.published_at, row.first_seen_at) for row in standing}
            self._missing.note(feed, times | {entry.id: entry.happened_at for entry in inserted})
        return Unseen(tuple(inserted), edited)

    def list_withdrawn(self) -> list[int]:
        """List the entries that feeds which answered well have taken out, some time ago."""
        return self._missing.list_withdrawn(list(self._polled_well)) if self._polled_well else []

    def _recognised(self, feed: Feed, items: Sequence[Item]) -> Iterable[tuple[Item, StoredEntry | None]]:
        """Pair each entry of a document with the stored one that it is, None where it is new."""
        if feed.id in self._without_entries:
            return zip(items, repeat(None))
        return Known(self._session, feed, items).find_all(items, is_first=feed.baseline_at is None)

    def _write(self, feed: Feed, changed: Sequence[tuple[StoredEntry, dict[str, str]]]) -> tuple[Entry, ...]:
        """Write new keys and edited words of stored entries; gives those whose words were edited."""
        if any("title" in changes for _, changes in changed):
            self.one_by_one()  # a search of the archive has seen either the old words or the new ones
        written = [(self._edits.write(row, changes, feed.source), changes) for row, changes in changed]
        return tuple(entry for entry, changes in written if "title" in changes)

    def _insert(self, feed: Feed, items: Sequence[Item]) -> list[Entry]:
        """Insert new entries of a feed in one statement, each under a number of its own."""
        self._without_entries.discard(feed.id)
        # Ids that are known before need not be asked back row by row, which costs as much as the rest.
        ids = reserve_ids(self._session, EntryRow, len(items))
        entries = [self._new_entry(feed, item, number) for number, item in zip(ids, items, strict=True)]
        places = [place_of(one.id, one.published_at, self._now) for one in entries]
        columns = {
            "id": ids,
            "feed_id": Same(feed.id),
            "key": [item.parsed.key for item in items],
            "url": [one.url for one in entries],
            "canonical_url": [one.canonical_url for one in entries],
            "title": [one.title for one in entries],
            "title_print": [item.headline for item in items],
            "summary": [one.summary for one in entries],
            "language": [one.language for one in entries],
            "author": [item.parsed.author for item in items],
            "published_at": [one.published_at for one in entries],
            "first_seen_at": Same(self._now),
            "from_baseline": Same(feed.baseline_at is None),
            "place": places,
        }
        write_columns(self._session.connection(), _INSERT, len(entries), columns)
        self._stored += [
            self._words.read(place, one.feed_id, one.language, one.title, one.summary)
            for place, one in zip(places, entries, strict=True)
        ]
        return entries

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

    def save_deliveries(self, deliveries: Iterable[RenderedDelivery]) -> None:
        """Store deliveries with their messages; from the commit on they will be sent."""
        save_rendered(self._session, deliveries, self._now)

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
        row = self._rows.get(result.feed.id)
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
            hold_host(self._rows, row, result, self._now)
        else:
            record_success(row, result, self._now, new_entries)
            self._polled_well.add(result.feed.id)
            record_move(self._rows, row, result, self._now)
        self._joined.add(row.host)

    def judge_push(self, feed: Feed, new_entries: int) -> Push | None:
        """Note what a good poll says of the feed's subscription at its hub; gives it where that changed."""
        return None if feed.pushed_until is None else judge_poll(self._session, feed, new_entries, self._now)

    def entry_times(self, feed: Feed) -> list[datetime]:
        """List the times of the latest entries of a feed, the newest first."""
        return sorted(latest_times(self._session, feed).values(), reverse=True)

    def _new_entry(self, feed: Feed, item: Item, number: int) -> Entry:
        parsed, source = item.parsed, feed.source
        return Entry(
            id=number,
            feed_id=feed.id,
            url=parsed.url,
            canonical_url=item.address,
            title=parsed.title,
            summary=parsed.summary,
            language=parsed.language or source.language,
            published_at=parsed.published_at,
            first_seen_at=self._now,
            outlet=source.outlet,
            country=source.country,
            group=source.group,
            owner=source.owner,
            from_baseline=feed.baseline_at is None,
        )

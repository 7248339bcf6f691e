"""The index of words: which entries hold which words, written in the transaction that stores the entries.

`entry_words` is a full-text table of SQLite (FTS5 without the text) and of PostgreSQL (tsvector, GIN). What
stands in it are our own folded words (`match.prefilter`), so that both engines find what the matcher finds.
An entry is known there by its `place`: the minute it counts for and its number in one integer, so that the
newest come first by the key alone, and days are ranges of it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from service.match.prefilter import indexed_facts, indexed_form, indexed_forms, indexed_words
from service.store.rows import happened_at
from service.store.tables import EntryRow
from service.store.word_tables import INDEXED_DAY, WORD_FORM, IndexedDayRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from service.store.engine import Database

ID_BITS = 31
ID_MASK = (1 << ID_BITS) - 1
_A_DAY = 24 * 60 << ID_BITS  # of places
_MOST_FORMS = 1 << 17  # remembered; that of a word that is known already need not be written again
# As the drivers take them: a row costs the library more than it costs SQLite.
_INSERT = {
    "sqlite": "INSERT INTO entry_words (rowid, words) VALUES (:place, :words)",
    "postgresql": (
        "INSERT INTO entry_words (place, words)"
        " VALUES (%(place)s, array_to_tsvector(CAST(%(words)s AS text[])))"
    ),
}
_FORGET = {
    "sqlite": "INSERT INTO entry_words (entry_words, rowid, words) VALUES ('delete', :place, :words)",
    "postgresql": "DELETE FROM entry_words WHERE place = %(place)s",
}
_EMPTY = {
    "sqlite": text("INSERT INTO entry_words (entry_words) VALUES ('delete-all')"),
    "postgresql": text("DELETE FROM entry_words"),
}

_COLUMNS = [
    getattr(EntryRow, name)
    for name in ("id", "published_at", "first_seen_at", "feed_id", "language", "title", "summary")
]
_UNPLACED = select(*_COLUMNS).where(col(EntryRow.place).is_(None)).order_by(col(EntryRow.id).desc())
_PLACED = update(EntryRow).where(col(EntryRow.id) == bindparam("number")).values(place=bindparam("at"))


class Words(NamedTuple):
    """What the index is told of an entry: its place, and the words it is found by."""

    place: int
    found_by: AbstractSet[str]

    @classmethod
    def of(cls, place: int, feed_id: int, language: str, title: str, summary: str) -> Words:
        """Read the texts of an entry that has a place."""
        return cls(place, indexed_words(title, summary) | indexed_facts(feed_id, language))


def place_at(at: datetime) -> int:
    """Give the place before which everything older than a time stands."""
    return max(0, int(at.timestamp() // 60)) << ID_BITS


def time_of(place: int) -> datetime:
    """Give the minute of a place."""
    return datetime.fromtimestamp((place >> ID_BITS) * 60, UTC)


def place_of(entry_id: int, published_at: datetime | None, first_seen_at: datetime) -> int:
    """Give the place of an entry."""
    return place_at(happened_at(published_at, first_seen_at)) | entry_id


class WordIndex:
    """The index of an open database. Remembers which forms of words are stored."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database
        self.known: set[tuple[str, str]] = set()

    def writer(self) -> WordWriter:
        """Give what writes the index within one transaction."""
        return WordWriter(self, is_sqlite=self._database.is_sqlite)

    def index_some(self, most: int) -> int:
        """Index stored entries that are not yet, the newest first; gives how many."""
        writer = self.writer()
        with self._database.write(serialised=True) as session:
            found = [writer.read(place_of(*row[:3]), *row[3:]) for row in session.exec(_UNPLACED.limit(most))]
            if found:
                session.connection().execute(
                    _PLACED, [{"number": one.place & ID_MASK, "at": one.place} for one in found]
                )
                writer.add(session, found)
        writer.committed()
        return len(found)

    def count(self) -> tuple[int, int]:
        """Count the entries that are indexed, and those that are not yet."""
        with self._database.read() as session:
            done = session.exec(select(func.sum(IndexedDayRow.entries))).one() or 0
            left = session.exec(
                select(func.count()).select_from(EntryRow).where(col(EntryRow.place).is_(None))
            ).one()
        return int(done), left


class WordWriter:
    """Writes the index within one transaction; whoever commits that says so to `committed`."""

    def __init__(self, index: WordIndex, *, is_sqlite: bool) -> None:
        """Begin with nothing written."""
        self._index = index
        self._is_sqlite = is_sqlite
        self._forms = indexed_forms()
        self._fresh: set[tuple[str, str]] = set()

    def read(self, place: int, feed_id: int, language: str, title: str, summary: str) -> Words:
        """Read an entry that is to be indexed; the forms of its words are written with whatever is next."""
        words = Words.of(place, feed_id, language, title, summary)
        self._forms.add(title)
        self._forms.add(summary)
        return words

    def add(self, session: Session, entries: Sequence[Words]) -> None:
        """Index entries that stand in no index yet, in the transaction that stores them."""
        if not entries:
            return
        in_order = sorted(entries, key=_place)  # or each step back is a segment of its own
        self._write(session, _INSERT, in_order)
        self._add_forms(session)
        self._count(session, Counter(one.place // _A_DAY for one in in_order))

    def replace(self, session: Session, before: Sequence[Words], after: Sequence[Words]) -> None:
        """Index entries anew whose words were edited."""
        if before:
            self._write(session, _FORGET, sorted(before, key=_place))
            self._write(session, _INSERT, sorted(after, key=_place))
            self._add_forms(session)

    def committed(self) -> None:
        """Remember what was written: the transaction is committed."""
        if len(self._index.known) > _MOST_FORMS:
            self._index.known = set()
        self._index.known |= self._fresh

    def _write(self, session: Session, how: Mapping[str, str], entries: Iterable[Words]) -> None:
        told = " ".join if self._is_sqlite else list
        session.connection().exec_driver_sql(
            how["sqlite" if self._is_sqlite else "postgresql"],
            [{"place": place, "words": told(found_by)} for place, found_by in entries],
        )

    def _add_forms(self, session: Session) -> None:
        new = self._forms.found() - self._index.known - self._fresh
        told = sorted({(stem, word) for stem, word in map(indexed_form, new) if stem and word})
        if told:
            insert = sqlite.insert if self._is_sqlite else postgresql.insert
            statement = insert(WORD_FORM).on_conflict_do_nothing()
            session.connection().execute(statement, [{"stem": stem, "word": word} for stem, word in told])
        self._fresh |= new
        self._forms = indexed_forms()

    def _count(self, session: Session, days: Counter[int]) -> None:
        """Add to the counts of days, in their order: two processes must not wait for each other."""
        insert = (sqlite.insert if self._is_sqlite else postgresql.insert)(INDEXED_DAY)
        statement = insert.on_conflict_do_update(
            index_elements=["day"], set_={"entries": INDEXED_DAY.c.entries + insert.excluded.entries}
        )
        rows = [
            {"day": time_of(day * _A_DAY).date().isoformat(), "entries": count}
            for day, count in sorted(days.items())
        ]
        session.connection().execute(statement, rows)


def empty_index(session: Session) -> None:
    """Take every word out of the index."""
    name = session.connection().dialect.name
    session.connection().execute(_EMPTY[name])
    session.connection().execute(WORD_FORM.delete())
    session.connection().execute(INDEXED_DAY.delete())


def _place(one: Words) -> int:
    return one.place

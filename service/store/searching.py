"""What the index of words finds: places of entries that may hold what is asked for, the newest first.

Gives candidates; the matcher decides. Every question has a bound, so that page 100 costs what page 1 does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from service.domain import FeedGroup, FeedSource
from service.match import fact_holds
from service.match.prefilter import Beginning, Every, Form, OfFeed, Some, Word, feed_word
from service.store.known import chunks
from service.store.rows import ENTRY_COLUMNS, entry_of
from service.store.sources import sources_of
from service.store.tables import EntryRow, EventRow, FeedRow, MatchRow, WatchlistRow
from service.store.word_index import ID_BITS, ID_MASK, place_at, time_of
from service.store.word_tables import IndexedDayRow, WordFormRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from service.domain import Entry
    from service.match.prefilter import Need
    from service.store.engine import Database


class Place(int):
    """Where an entry stands: the newer it is, the higher."""

    @property
    def at(self) -> datetime:
        """The minute it counts for."""
        return time_of(self)


END = Place(1 << 62)
"""Before it stands everything."""
_DAY_OF_PLACES = 24 * 60 << ID_BITS
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MOST_WORDS = 400  # that one part of a need may stand for; of more, nothing is told
_COLUMNS = [getattr(EntryRow, name) for name in ENTRY_COLUMNS]
_SQLITE = text(
    "SELECT rowid FROM entry_words WHERE entry_words MATCH :asked"
    " AND rowid < :before AND rowid >= :after ORDER BY rowid DESC LIMIT :most"
)
_POSTGRESQL = text(
    "SELECT place FROM entry_words WHERE words @@ CAST(:asked AS tsquery)"
    " AND place < :before AND place >= :after ORDER BY place DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked at, whatever their words.

    `matched` None takes all, True those that some watchlist matched, False those that none did;
    `watchlist_id` those that it matched. `since` is included, `until` not.
    """

    matched: bool | None = None
    watchlist_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InEvent:
    """An event that an entry is a report of."""

    event_id: str
    title: str
    watchlist_id: str
    watchlist: str


class Searching:
    """Questions to the index of words."""

    def __init__(self, database: Database) -> None:
        """Take the open database."""
        self._database = database

    def find_places(self, need: Need | None, wanted: Wanted, before: Place, most: int) -> list[Place]:
        """Give the newest places before one where what is needed may be held; of no need, any place."""
        bounds = {"before": _upper(wanted, before), "after": _lower(wanted), "most": most}
        with self._database.read() as session:
            asked = None if need is None else _Asker(session, is_sqlite=self._database.is_sqlite).ask(need)
            if asked is not None:
                statement = _SQLITE if self._database.is_sqlite else _POSTGRESQL
                found = session.connection().execute(statement, {"asked": asked, **bounds}).scalars()
                return [Place(place) for place in found]
            place = col(EntryRow.place)
            walk = select(EntryRow.place).where(place < bounds["before"], place >= bounds["after"])
            if wanted.watchlist_id:
                walk = walk.join(MatchRow, col(MatchRow.entry_id) == col(EntryRow.id))
                walk = walk.where(col(MatchRow.watchlist_id) == wanted.watchlist_id)
            return [Place(one or 0) for one in session.exec(walk.order_by(place.desc()).limit(most))]

    def list_entries(self, places: Sequence[Place], wanted: Wanted) -> list[tuple[Place, Entry]]:
        """Give the entries at these places, in their order, without those that are not wanted."""
        found: dict[int, dict[str, Any]] = {}
        with self._database.read() as session:
            for ids in chunks([place & ID_MASK for place in places]):
                statement = select(*_COLUMNS).where(col(EntryRow.id).in_(ids), *_conditions(wanted))
                rows = (dict(zip(ENTRY_COLUMNS, row, strict=True)) for row in session.exec(statement))
                found.update((row["id"], row) for row in rows)
            sources = sources_of(session, (row["feed_id"] for row in found.values()))
        return [
            (place, entry_of(row, sources[row["feed_id"]]))
            for place in places
            if (row := found.get(place & ID_MASK)) is not None
        ]

    def list_events(self, entry_ids: Iterable[int]) -> dict[int, list[InEvent]]:
        """Name the events that entries are reports of, by entry."""
        statement = (
            select(MatchRow.entry_id, EventRow, WatchlistRow)
            .join(EventRow, col(EventRow.id) == col(MatchRow.event_id))
            .join(WatchlistRow, col(WatchlistRow.id) == col(EventRow.watchlist_id))
            .order_by(col(MatchRow.id))
        )
        found: dict[int, list[InEvent]] = {}
        with self._database.read() as session:
            for ids in chunks(list(entry_ids)):
                for entry_id, event, watchlist in session.exec(
                    statement.where(col(MatchRow.entry_id).in_(ids))
                ):
                    one = InEvent(event.id, event.title, watchlist.id, watchlist.title)
                    found.setdefault(entry_id, []).append(one)
        return found

    def count_entries(self, wanted: Wanted) -> int:
        """Count the indexed entries of the time that is wanted: days by sums, what is left one by one."""
        lower, upper = _lower(wanted), _upper(wanted, END)
        # Whole days of UTC, the last one excluded.
        first, last = -(-lower // _DAY_OF_PLACES), upper // _DAY_OF_PLACES
        if first > last:
            ends = [(lower, upper)]
        else:
            ends = [(lower, first * _DAY_OF_PLACES), (last * _DAY_OF_PLACES, upper)]
        days, place = col(IndexedDayRow.day), col(EntryRow.place)
        whole = select(func.sum(IndexedDayRow.entries)).where(days >= _day(first), days < _day(last))
        with self._database.read() as session:
            counted = int(session.exec(whole).one() or 0) if first < last else 0
            for begin, end in ends:
                if begin < end:
                    some = select(func.count()).select_from(EntryRow).where(place >= begin, place < end)
                    counted += session.exec(some).one()
            return counted

    def list_choices(self) -> tuple[list[str], list[str], list[str]]:
        """Give the outlets, countries and languages of the feeds there are, for the fields of a form."""
        statement = select(FeedRow.outlet, FeedRow.country, FeedRow.language).distinct()
        with self._database.read() as session:
            rows = session.exec(statement).all()
        outlets, countries, languages = (sorted({row[at] for row in rows if row[at]}) for at in range(3))
        return outlets, countries, languages


def _day(number: int) -> str:
    """Give a day by how many there were since 1970."""
    return date.fromordinal(_FIRST_DAY + number).isoformat()


def _upper(wanted: Wanted, before: Place) -> int:
    return before if wanted.until is None else min(before, place_at(wanted.until))


def _lower(wanted: Wanted) -> int:
    return 0 if wanted.since is None else place_at(wanted.since)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    matched = select(MatchRow.id).where(col(MatchRow.entry_id) == col(EntryRow.id))
    if wanted.watchlist_id:
        yield matched.where(col(MatchRow.watchlist_id) == wanted.watchlist_id).exists()
    elif wanted.matched is not None:
        yield matched.exists() if wanted.matched else ~matched.exists()


class _Asker:
    """Writes a need in the language of the full-text table; None where that would not tell anything."""

    def __init__(self, session: Session, *, is_sqlite: bool) -> None:
        self._session = session
        self._and, self._or = (" AND ", " OR ") if is_sqlite else (" & ", " | ")
        self._is_sqlite = is_sqlite

    def ask(self, need: Need) -> str | None:
        match need:
            case Word(word):
                return self._quoted(word)
            case Beginning(head):
                return f"{self._quoted(head)} *" if self._is_sqlite else f"{self._quoted(head)}:*"
            case Form(stem):
                words = select(WordFormRow.word).where(col(WordFormRow.stem) == stem)
                return self._some(self._session.exec(words.limit(_MOST_WORDS + 1)).all())
            case OfFeed():
                return self._some([feed_word(feed_id) for feed_id in self._feeds(need)])
            case Every(parts):
                known = [asked for part in parts if (asked := self.ask(part)) is not None]
                return f"({self._and.join(known)})" if known else None
            case Some(parts):
                options = [asked for part in parts if (asked := self.ask(part)) is not None]
                return f"({self._or.join(options)})" if len(options) == len(parts) else None

    def _some(self, words: Sequence[str]) -> str | None:
        """Ask for one of these; of none there is an entry nowhere, of too many nothing is told."""
        if len(words) > _MOST_WORDS:
            return None
        return f"({self._or.join(self._quoted(word) for word in words or ['feed.0'])})"

    def _feeds(self, need: OfFeed) -> list[int]:
        facts = select(col(FeedRow.id), FeedRow.outlet, FeedRow.country, FeedRow.group)
        return [
            feed_id or 0
            for feed_id, outlet, country, group in self._session.exec(facts)
            if fact_holds(need.fact, FeedSource("", "", outlet, country=country, group=FeedGroup(group)))
        ]

    def _quoted(self, word: str) -> str:
        """Quote a word; the index has none with a quote or a backslash in it."""
        return f'"{word}"' if self._is_sqlite else f"'{word}'"

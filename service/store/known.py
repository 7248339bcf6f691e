"""Which stored entries those of a document are: by key, or where a publisher gave new ones, by more."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import bindparam, exists, select

from service.store.rows import happened_at
from service.store.tables import ENTRY, FEED
from service.text import canonical_url, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select
    from sqlmodel import Session

    from service.domain import Feed, ParsedEntry

_T = TypeVar("_T")
_ENOUGH_TO_TELL = 4  # entries of a document from which on it can be told that all of it was given new keys
_CHUNK = 500  # values in one IN list; SQLite takes 32,766, the planner prefers fewer


class StoredEntry(NamedTuple):
    """What is read of a stored entry to tell whether one of a document is the same, and what is new of it."""

    id: int
    feed_id: int
    key: str
    url: str
    canonical_url: str
    title: str
    title_print: str
    summary: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    from_baseline: bool


_OF_FEED = select(*(ENTRY.c[name] for name in StoredEntry._fields)).where(
    ENTRY.c.feed_id == bindparam("feed")
)
_BY_KEY, _BY_ADDRESS, _BY_HEADLINE = (
    _OF_FEED.where(column.in_(bindparam("values", expanding=True)))
    for column in (ENTRY.c.key, ENTRY.c.canonical_url, ENTRY.c.title_print)
)
_LATEST = (
    select(ENTRY.c.id, ENTRY.c.published_at, ENTRY.c.first_seen_at)
    .where(ENTRY.c.feed_id == bindparam("feed"))
    .order_by(ENTRY.c.first_seen_at.desc(), ENTRY.c.id.desc())
    .limit(300)
)
_WITHOUT_ENTRIES = select(FEED.c.id).where(
    FEED.c.id.in_(bindparam("ids", expanding=True)), ~exists().where(ENTRY.c.feed_id == FEED.c.id)
)


def chunks(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    """Cut values into lists short enough for one IN."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


class Item:
    """A parsed entry with what it is recognised by beside its key: worked out once, where it is needed."""

    __slots__ = ("_address", "_headline", "parsed")

    def __init__(self, parsed: ParsedEntry) -> None:
        """Take the entry."""
        self.parsed = parsed
        self._address: str | None = None
        self._headline: str | None = None

    @property
    def address(self) -> str:
        """Its address, written the one way."""
        if self._address is None:
            self._address = canonical_url(self.parsed.url)
        return self._address

    @property
    def headline(self) -> str:
        """The print of its headline."""
        if self._headline is None:
            self._headline = fingerprint(self.parsed.title)
        return self._headline


def without_entries(session: Session, feed_ids: Sequence[int]) -> set[int]:
    """Tell which of these feeds have no entry yet: nothing is to be looked for in them."""
    return set(session.connection().execute(_WITHOUT_ENTRIES, {"ids": feed_ids}).scalars())


def latest_times(session: Session, feed: Feed) -> dict[int, datetime]:
    """Give the times that the latest entries of a feed count for, by number; a document holds fewer."""
    rows = session.connection().execute(_LATEST, {"feed": feed.id}).all()
    return {number: happened_at(published_at, seen_at) for number, published_at, seen_at in rows}


class Known:
    """The stored entries of a feed that a document may mean."""

    def __init__(self, session: Session, feed: Feed, items: Sequence[Item]) -> None:
        """Read what may be meant; nothing is paired yet."""
        connection = session.connection()
        keys = {item.parsed.key for item in items}
        self._by_key = {row.key: row for row in _stored(connection, feed, _BY_KEY, sorted(keys))}
        unknown = [item for item in items if item.parsed.key not in self._by_key]
        others = _candidates(connection, feed, unknown)
        orphans = [row for row in others if row.key not in keys]
        self._by_address = {row.canonical_url: row for row in orphans if row.canonical_url}
        self._by_headline = {(row.title_print, row.published_at): row for row in orphans if row.title_print}
        titles = Counter(row.title_print for row in orphans)
        self._by_title = {row.title_print: row for row in orphans if titles[row.title_print] == 1}
        # What no stored entry might be the same as needs no second look.
        addresses = Counter(item.address for item in items) if orphans else {}
        self._shared = {address for address, count in addresses.items() if count > 1}
        self._taken: set[int] = set()

    def find_all(self, items: Sequence[Item], *, is_first: bool) -> Iterable[tuple[Item, StoredEntry | None]]:
        """Pair each entry of a document with the stored one that it is, None where it is new."""
        rows = [self._find(item) for item in items]
        unknown = [number for number, row in enumerate(rows) if row is None]
        if not is_first and len(items) >= _ENOUGH_TO_TELL and len(unknown) > len(items) / 2:
            for number, row in self._all_rekeyed([(number, items[number]) for number in unknown]):
                rows[number] = row
        return zip(items, rows, strict=True)

    def _all_rekeyed(self, unknown: Sequence[tuple[int, Item]]) -> list[tuple[int, StoredEntry]]:
        """Find the stored entries of a feed whose every key is new, or nothing if that is not the case."""
        headlines = Counter(item.headline for _, item in unknown)
        found = []
        for number, item in unknown:
            row = None if item.address in self._shared else self._by_address.get(item.address)
            if row is None and headlines[item.headline] == 1:
                row = self._by_title.get(item.headline)
            if row is not None and row.id not in self._taken:
                self._taken.add(row.id)
                found.append((number, row))
        return found if len(found) > len(unknown) / 2 else []

    def _find(self, item: Item) -> StoredEntry | None:
        row = self._by_key.get(item.parsed.key)
        if row is not None:
            return row
        row = self._rekeyed(item)
        if row is None or row.id in self._taken:
            return None
        self._taken.add(row.id)
        return row

    def _rekeyed(self, item: Item) -> StoredEntry | None:
        published_at = item.parsed.published_at
        row = None if item.address in self._shared else self._by_address.get(item.address)
        # Some pages carry one piece of news after another under one address: another headline of another
        # time is another entry, even there.
        if row is not None and (item.headline == row.title_print or published_at == row.published_at):
            return row
        return None if published_at is None else self._by_headline.get((item.headline, published_at))


def _candidates(connection: Connection, feed: Feed, unknown: Sequence[Item]) -> Iterable[StoredEntry]:
    """Give the stored entries of a feed that have an address or a headline of these."""
    addresses = [item.address for item in unknown if item.address]
    headlines = [item.headline for item in unknown if item.headline]
    found = {row.id: row for row in _stored(connection, feed, _BY_ADDRESS, addresses)}
    found.update({row.id: row for row in _stored(connection, feed, _BY_HEADLINE, headlines)})
    return found.values()


def _stored(
    connection: Connection, feed: Feed, statement: Select[Any], values: Sequence[str]
) -> Iterator[StoredEntry]:
    for chunk in chunks(values):
        rows = connection.execute(statement, {"feed": feed.id, "values": chunk})
        yield from map(StoredEntry._make, rows.all())

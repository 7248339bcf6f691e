"""Which stored entries those of a document are: by key, or where a publisher gave new ones, by more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy
from sqlalchemy import exists
from sqlmodel import col, select

from service.store.tables import ENTRY, FEED, EntryRow
from service.text import canonical_url, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlmodel import Session

    from service.domain import Feed, ParsedEntry

_T = TypeVar("_T")
_ENOUGH_TO_TELL = 4  # entries of a document from which on it can be told that all of it was given new keys
_CHUNK = 500  # values in one IN list; SQLite takes 32,766, the planner prefers fewer


def chunks(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    """Cut values into lists short enough for one IN."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


@dataclass(frozen=True, slots=True)
class Item:
    """A parsed entry with what it is recognised by, computed once."""

    parsed: ParsedEntry
    address: str
    headline: str

    @classmethod
    def of(cls, parsed: ParsedEntry) -> Item:
        """Work out what an entry is recognised by."""
        return cls(parsed, canonical_url(parsed.url), fingerprint(parsed.title))


def without_entries(session: Session, feed_ids: Sequence[int]) -> set[int]:
    """Tell which of these feeds have no entry yet: nothing is to be looked for in them."""
    has_entries = exists().where(ENTRY.c.feed_id == FEED.c.id)
    statement = sqlalchemy.select(FEED.c.id).where(FEED.c.id.in_(feed_ids), ~has_entries)
    return set(session.connection().execute(statement).scalars())


class Known:
    """The stored entries of a feed that a document may mean."""

    def __init__(self, session: Session, feed: Feed, items: Sequence[Item]) -> None:
        """Read what may be meant; nothing is paired yet."""
        keys = {item.parsed.key for item in items}
        self._by_key = {row.key: row for row in _stored(session, feed, EntryRow.key, sorted(keys))}
        unknown = [item for item in items if item.parsed.key not in self._by_key]
        others = _candidates(session, feed, unknown)
        orphans = [row for row in others if row.key not in keys]
        self._by_address = {row.canonical_url: row for row in orphans if row.canonical_url}
        self._by_headline = {(row.title_print, row.published_at): row for row in orphans if row.title_print}
        titles = Counter(row.title_print for row in orphans)
        self._by_title = {row.title_print: row for row in orphans if titles[row.title_print] == 1}
        addresses = Counter(item.address for item in items)
        self._shared = {address for address, count in addresses.items() if count > 1}
        self._taken: set[int] = set()

    def find_all(self, items: Sequence[Item], *, is_first: bool) -> Iterable[tuple[Item, EntryRow | None]]:
        """Pair each entry of a document with the stored one that it is, None where it is new."""
        rows = [self._find(item) for item in items]
        unknown = [number for number, row in enumerate(rows) if row is None]
        if not is_first and len(items) >= _ENOUGH_TO_TELL and len(unknown) > len(items) / 2:
            for number, row in self._all_rekeyed([(number, items[number]) for number in unknown]):
                rows[number] = row
        return zip(items, rows, strict=True)

    def _all_rekeyed(self, unknown: Sequence[tuple[int, Item]]) -> list[tuple[int, EntryRow]]:
        """Find the stored entries of a feed whose every key is new, or nothing if that is not the case."""
        headlines = Counter(item.headline for _, item in unknown)
        found = []
        for number, item in unknown:
            row = None if item.address in self._shared else self._by_address.get(item.address)
            if row is None and headlines[item.headline] == 1:
                row = self._by_title.get(item.headline)
            if row is not None and id(row) not in self._taken:
                self._taken.add(id(row))
                found.append((number, row))
        return found if len(found) > len(unknown) / 2 else []

    def _find(self, item: Item) -> EntryRow | None:
        row = self._by_key.get(item.parsed.key)
        if row is not None:
            return row
        row = self._rekeyed(item)
        if row is None or id(row) in self._taken:
            return None
        self._taken.add(id(row))
        return row

    def _rekeyed(self, item: Item) -> EntryRow | None:
        published_at = item.parsed.published_at
        row = None if item.address in self._shared else self._by_address.get(item.address)
        # Some pages carry one piece of news after another under one address: another headline of another
        # time is another entry, even there.
        if row is not None and (item.headline == row.title_print or published_at == row.published_at):
            return row
        return None if published_at is None else self._by_headline.get((item.headline, published_at))


def _candidates(session: Session, feed: Feed, unknown: Sequence[Item]) -> Iterable[EntryRow]:
    """Give the stored entries of a feed that have an address or a headline of these."""
    addresses = [item.address for item in unknown if item.address]
    headlines = [item.headline for item in unknown if item.headline]
    found = {row.id: row for row in _stored(session, feed, EntryRow.canonical_url, addresses)}
    found.update({row.id: row for row in _stored(session, feed, EntryRow.title_print, headlines)})
    return found.values()


def _stored(session: Session, feed: Feed, column: object, values: Sequence[str]) -> Iterator[EntryRow]:
    for chunk in chunks(values):
        statement = select(EntryRow).where(EntryRow.feed_id == feed.id, col(column).in_(chunk))
        yield from session.exec(statement)

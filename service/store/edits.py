"""Entries of one batch whose words were edited: row, index of words and earlier headlines follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from service.store.known import chunks
from service.store.rows import entry_of
from service.store.tables import EARLIER, ENTRY
from service.store.word_index import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Entry, FeedSource
    from service.store.known import Item, StoredEntry
    from service.store.word_index import WordWriter

_MOST_EARLIER = 20  # headlines kept of one entry
_CHANGE = update(ENTRY).where(ENTRY.c.id == bindparam("number"))
_KEPT = select(EARLIER.c.title).where(EARLIER.c.entry_id == bindparam("number"))
_PLACE = select(ENTRY.c.id, ENTRY.c.place).where(ENTRY.c.place.is_not(None))


def changes_of(row: StoredEntry, item: Item) -> dict[str, str]:
    """Give what is to be written of a stored entry that stands in a document, mostly nothing."""
    parsed = item.parsed
    changes = {} if row.key == parsed.key else {"key": parsed.key}
    if (row.title, row.summary) != (parsed.title, parsed.summary):
        changes |= {"title": parsed.title, "summary": parsed.summary, "title_print": item.headline}
    return changes


class Edits:
    """What was edited in one batch."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Begin with nothing edited."""
        self._session = session
        self._now = now
        self._before: dict[int, Entry] = {}
        self._after: dict[int, Entry] = {}

    def write(self, row: StoredEntry, changes: Mapping[str, str], source: FeedSource) -> Entry:
        """Write what has changed of a stored entry; gives it as it is then.

        A headline that was edited away is kept; of an entry that is edited without end, the first.
        """
        connection = self._session.connection()
        stored = row._asdict()
        before, after = entry_of(stored, source), entry_of({**stored, **changes}, source)
        if before.title != after.title:
            kept = connection.execute(_KEPT, {"number": before.id}).scalars().all()
            if before.title not in kept and len(kept) < _MOST_EARLIER:
                earlier = {"entry_id": before.id, "title": before.title, "summary": before.summary}
                connection.execute(insert(EARLIER), {**earlier, "until_at": self._now})
        connection.execute(_CHANGE.values(changes), {"number": before.id})
        if before != after:
            self._before.setdefault(before.id, before)
            self._after[before.id] = after
        return after

    def index(self, writer: WordWriter) -> None:
        """Have the edited entries found by their new words; those that are not indexed yet will be later."""
        connection = self._session.connection()
        places = {
            number: place
            for ids in chunks(list(self._after))
            # Asked now: another process may have indexed it since it was read.
            for number, place in connection.execute(_PLACE.where(ENTRY.c.id.in_(ids)))
        }
        before = [Words.of(*_told(place, self._before[number])) for number, place in places.items()]
        after = [writer.read(*_told(place, self._after[number])) for number, place in places.items()]
        writer.replace(self._session, before, after)


def _told(place: int, entry: Entry) -> tuple[int, int, str, str, str]:
    return place, entry.feed_id, entry.language, entry.title, entry.summary

"""Entries that have gone from their feeds although they should still be there: noted, and told after a while.

Only those that matched lately are looked at, and of a feed whose document was read just now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from service.domain import FeedGroup
from service.group import TOLD_WITHIN, WITHDRAWN_AFTER, is_missing
from service.store.known import latest_times
from service.store.tables import ENTRY, MATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlmodel import Session

    from service.domain import Feed

# A feed has ever more entries, so these are found by the few that are missing or matched lately: a sum is
# nothing that an index of feeds can be asked for.
_OF_THESE = (ENTRY.c.feed_id + 0).in_(bindparam("feeds", expanding=True))
_MISSING = select(ENTRY.c.id).where(
    _OF_THESE,
    ENTRY.c.missing_since.is_not(None),
    ENTRY.c.missing_since <= bindparam("until"),
    ENTRY.c.missing_since >= bindparam("since"),
)
_MATCHED = (
    select(ENTRY.c.feed_id, ENTRY.c.id, ENTRY.c.missing_since)
    .join(MATCH, MATCH.c.entry_id == ENTRY.c.id)
    .where(_OF_THESE, MATCH.c.matched_at >= bindparam("since"))
)


class MissingEntries:
    """What is missing from the feeds of one batch."""

    def __init__(self, session: Session, now: datetime) -> None:
        """Take the open session."""
        self._session = session
        self._now = now
        self._feeds: tuple[int, ...] = ()
        self._matched: dict[int, dict[int, datetime | None]] | None = None

    def look_up(self, feed_ids: Iterable[int]) -> None:
        """Name the feeds of the batch; they are asked for together when the first document is there."""
        self._feeds = tuple(feed_ids)

    def is_of_interest(self, feed: Feed) -> bool:
        """Tell whether a feed has entries that matched lately; a search shows something else each time."""
        return feed.source.group is not FeedGroup.SEARCH and feed.id in self._of_late()

    def note(self, feed: Feed, standing: Mapping[int, datetime]) -> None:
        """Note which of the entries that matched lately are missing from a document, and which are back."""
        matched = self._of_late()[feed.id]
        gone = [entry_id for entry_id in matched if entry_id not in standing]
        known = latest_times(self._session, feed) if gone else {}
        missing = {one for one in gone if one in known and is_missing(one, known, standing)}
        self._mark([one for one in missing if matched[one] is None], self._now)
        self._mark([one for one, since in matched.items() if since and one not in missing], None)

    def list_withdrawn(self, feed_ids: Sequence[int]) -> list[int]:
        """List the entries of feeds that have been missing long enough to be told."""
        now = self._now
        during = {"since": now - TOLD_WITHIN - WITHDRAWN_AFTER, "until": now - WITHDRAWN_AFTER}
        found = self._session.connection().execute(_MISSING, {"feeds": feed_ids, **during})
        return list(found.scalars())

    def _of_late(self) -> dict[int, dict[int, datetime | None]]:
        if self._matched is None:
            self._matched = {}
            asked = {"feeds": self._feeds, "since": self._now - TOLD_WITHIN}
            for feed_id, entry_id, since in self._session.connection().execute(_MATCHED, asked):
                self._matched.setdefault(feed_id, {})[entry_id] = since
        return self._matched

    def _mark(self, entry_ids: Sequence[int], since: datetime | None) -> None:
        if entry_ids:
            changed = update(ENTRY).where(ENTRY.c.id.in_(entry_ids)).values(missing_since=since)
            self._session.connection().execute(changed)

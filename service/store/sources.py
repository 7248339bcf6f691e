"""What entries take from their feeds: outlet, country, group, owner, without all the rest of a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from service.domain import FeedGroup, FeedSource
from service.store.known import chunks
from service.store.tables import FeedRow

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = ("id", "url", "title", "outlet", "country", "language", "group", "owner")
_COLUMNS = [getattr(FeedRow, name) for name in _NAMES]
_GROUPS = {group.value: group for group in FeedGroup}


def sources_of(session: Session, feed_ids: Iterable[int]) -> dict[int, FeedSource]:
    """Give what some feeds say of themselves, by their numbers."""
    statement = select(*_COLUMNS)
    found: dict[int, FeedSource] = {}
    for ids in chunks(sorted(set(feed_ids))):
        for row in session.exec(statement.where(col(FeedRow.id).in_(ids))):
            values = dict(zip(_NAMES, row, strict=True))
            number, group = values.pop("id"), values.pop("group")
            found[number] = FeedSource(**values, group=_GROUPS[group])
    return found

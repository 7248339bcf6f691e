"""What polling and delivering share: the store, the clock, what is in force, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from service.notify import message_id
from service.pipeline.grouping import Grouping
from service.pipeline.readership import Readership
from service.store import RenderedDelivery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime

    from service.domain import (
        Entry,
        Feed,
        FeedSource,
        Match,
        Notification,
        PlannedDelivery,
        Updates,
    )
    from service.match import NearMiss
    from service.notify import Roll
    from service.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """What is in force: how entries are matched, what watchlists are called, who is told.

    `match` gives the matches of an entry of a feed, `titles` the watchlists' titles by id. `roll` is who the
    files say is told what; readers who subscribed come to it. `operators` names
    the channels that are told how the sources are doing. `updates` says by watchlist what is told of an event
    after its first report; the news of the watchlists in `one_language` are all in one; those of each happen
    in the countries of `homes`. `dates` are the days
    on which something is due, by watchlist. `follows` says whether a watchlist looks at a feed, `near_misses`
    what kept an entry from matching which.
    """

    match: Callable[[Entry, Feed], list[Match]]
    titles: Mapping[str, str]
    roll: Roll
    operators: Sequence[str] = ()
    updates: Mapping[str, Updates] = field(default_factory=dict)
    one_language: Collection[str] = ()
    homes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dates: Mapping[str, Sequence[tuple[date, str]]] = field(default_factory=dict)
    follows: Callable[[str, FeedSource], bool] = lambda watchlist_id, source: True  # noqa: ARG005 -- named in calls
    near_misses: Callable[[Entry], list[tuple[str, list[NearMiss]]]] = lambda entry: []  # noqa: ARG005 -- the same


@dataclass(slots=True)
class Shift:
    """One process at work: `worker` names it in leases, `desk` is replaced when the files change.

    `clock` gives the time; nothing here or below asks the system for it. `lock` is held while polls are
    recorded, and while the desk is changed together with what the store knows of it. `grouping` remembers the
    events between batches. A first alert waits for `window`, so that it counts the outlets that follow.
    """

    store: Store
    desk: Desk
    clock: Callable[[], datetime]
    worker: str
    lease: timedelta
    base_url: str = ""
    mail_domain: str = "localhost"
    lock: Lock = field(default_factory=Lock)
    grouping: Grouping = field(default_factory=Grouping)
    window: timedelta = timedelta(0)
    readership: Readership = field(init=False)

    def __post_init__(self) -> None:
        """Know the readers of this store."""
        self.readership = Readership(self.store, self.base_url)

    def roll(self, version: int | None = None) -> Roll:
        """Give who is told what; `version` of the readers where a transaction has looked it up."""
        return self.readership.call(self.desk.roll, version)

    def title_of(self, watchlist_id: str) -> str:
        """Give a watchlist's title; its id when the watchlist is gone."""
        return self.desk.titles.get(watchlist_id, watchlist_id)

    def ready(self, planned: PlannedDelivery, notification: Notification) -> RenderedDelivery:
        """Put a plan and its message together, under the Message-ID it keeps for life."""
        return RenderedDelivery(planned, notification, message_id(planned.id, self.mail_domain))

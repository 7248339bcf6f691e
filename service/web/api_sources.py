"""The sources of the API: all of them, and one with how it is polled and what it brought."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as FromPath

from service.store import Scope, mark_of
from service.text import hide_keys_in
from service.web import one_source, sources
from service.web.api_gate import PROBLEMS, asked_by, may_see_keys, needing
from service.web.api_models import ID, DayOut, Said, time_of, time_or_none
from service.web.source_data import list_sources, read_source

if TYPE_CHECKING:
    from service.domain import Feed, HealthChange
    from service.store import FoundEntry, Yield
    from service.web.desk import Desk
    from service.web.one_source import Polled
    from service.web.source_data import SourceData
    from service.web.times import Local
    from service.websub import Push


class AilingOut(Said):
    """What ails a source that answers, or should be known of it, and since when."""

    words: str
    since_at: datetime


class SourceOut(Said):
    """A feed, and how it is doing. `id` names it under `/sources/`.

    In the place of what looks like a key in `url` stands `…`, and of a file nothing, for those who may not
    see it. `state` says how it does, `wrong` what is wrong and what to do, never with a key. It is
    `in_trouble` where it needs a look, since it last answered well (null: it never did). `trouble` is what
    went wrong last. `hub` says how it is pushed, if it is.
    """

    id: str
    url: str
    outlet: str
    title: str
    country: str
    language: str
    group: str
    packs: list[str]
    status: str
    state: str
    in_trouble: bool
    in_trouble_since: datetime | None
    trouble: str
    wrong: str
    failures: int
    ailments: list[AilingOut]
    hub: str
    hub_until: datetime | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_entry_at: datetime | None
    next_poll_at: datetime

    @classmethod
    def of(cls, feed: Feed, push: Push | None, local: Local, *, with_keys: bool) -> SourceOut:
        """Say one."""
        source, row, is_troubled = (
            feed.source,
            sources.source_row(feed, local, push),
            sources.is_in_trouble(feed),
        )
        return cls(
            id=mark_of(source.url),
            url=source.url if with_keys else one_source.shown_address(feed),
            outlet=source.outlet,
            title=source.title,
            country=source.country,
            language=source.language,
            group=source.group.value,
            packs=list(source.packs),
            status=feed.status.value,
            state=row.status,
            in_trouble=is_troubled,
            in_trouble_since=sources.trouble_since(feed) if is_troubled else None,
            trouble=feed.trouble if with_keys else hide_keys_in(feed.trouble),
            wrong=row.trouble if is_troubled else "",
            failures=feed.failures,
            ailments=[AilingOut(words=one.words, since_at=time_of(one.since)) for one in row.ailments],
            hub=row.pushed,
            hub_until=time_or_none(row.pushed_until),
            last_polled_at=feed.last_polled_at,
            last_success_at=feed.last_success_at,
            last_entry_at=feed.last_entry_at,
            next_poll_at=feed.next_poll_at,
        )


class BroughtOut(Said):
    """What a feed has brought since a time: new entries, how many a day, how many some watchlist matched.

    `since_at` is its first poll, where that was later: what it held then was not new. `a_day` is null where
    that was less than a day ago.
    """

    since_at: datetime
    entries: int
    a_day: float | None
    matched: int

    @classmethod
    def of(cls, one: Yield, now: datetime) -> BroughtOut:
        """Say it."""
        return cls(since_at=one.since, entries=one.entries, a_day=one.a_day(now), matched=one.matched)


class SourceRowOut(SourceOut):
    """A feed with what it has brought in the last 30 days; null where it was never read."""

    brought: BroughtOut | None


class SourceEventOut(Said):
    """An event that an entry is a report of."""

    id: str
    title: str


class SourceEntryOut(Said):
    """An entry of a feed, and the events that it is a report of."""

    title: str
    url: str
    language: str
    at: datetime
    events: list[str]
    in_events: list[SourceEventOut]

    @classmethod
    def of(cls, one: FoundEntry) -> SourceEntryOut:
        """Say one."""
        return cls(
            title=one.title,
            url=one.url,
            language=one.language,
            at=one.at,
            events=[event_id for event_id, _ in one.events],
            in_events=[SourceEventOut(id=event_id, title=title) for event_id, title in one.events],
        )


class PollingOut(Said):
    """How a source is polled: seconds between the last poll and the next, why it is so, what it is asked by.

    It `is_over` where nobody asks it any more. `moved_to` is where it said it moved for good, keys hidden.
    """

    is_over: bool
    pause_seconds: int | None
    why: list[str]
    asked_by: list[str]
    moved_to: str
    moved_at: datetime | None

    @classmethod
    def of(cls, one: Polled) -> PollingOut:
        """Say it."""
        return cls(
            is_over=one.is_over,
            pause_seconds=None if one.between is None else round(one.between.total_seconds()),
            why=list(one.why),
            asked_by=list(one.asked_by),
            moved_to=one.moved_to,
            moved_at=time_or_none(one.moved_at),
        )


class InFileOut(Said):
    """Where a source stands: its pack, the file, and the line (0 where it is not known)."""

    pack: str
    file: str
    line: int


class MatchedOut(Said):
    """How many entries of a source a watchlist matched."""

    watchlist_id: str
    title: str
    entries: int


class HealthOut(Said):
    """That something began to ail a source, or was over."""

    ailment: str
    is_over: bool
    words: str
    at: datetime

    @classmethod
    def of(cls, one: HealthChange) -> HealthOut:
        """Say it."""
        return cls(ailment=one.ailment.value, is_over=one.is_over, words=hide_keys_in(one.words), at=one.at)


class WholeSource(Said):
    """A feed with what it brought of late: entries a day, how many a watchlist matched, and the last ones.

    Days without an entry are left out; `sentence` sums them up, and where `is_cut`, only the latest entries
    are counted. `matches` names the watchlists of `matched`. `health` has the last changes.
    """

    source: SourceOut
    polling: PollingOut
    files: list[InFileOut]
    days: list[DayOut]
    sentence: str
    is_cut: bool
    matched: dict[str, int]
    matches: list[MatchedOut]
    entries: list[SourceEntryOut]
    health: list[HealthOut]

    @classmethod
    def of(cls, found: SourceData, span: int, local: Local, *, with_keys: bool) -> WholeSource:
        """Say one, by its entries of so many days."""
        days = one_source.count_days(found.times, local, span)
        return cls(
            source=SourceOut.of(found.feed, found.push, local, with_keys=with_keys),
            polling=PollingOut.of(one_source.polled(found.feed, local)),
            files=[InFileOut.same(one) for one in found.in_files],
            days=[
                DayOut(day=date.fromisoformat(day.iso), reports=day.entries)
                for day in days.days
                if day.entries
            ],
            sentence=days.sentence,
            is_cut=days.is_cut,
            matched={one.watchlist_id: one.entries for one in found.matched},
            matches=[MatchedOut.same(one) for one in found.matched],
            entries=[SourceEntryOut.of(one) for one in found.entries],
            health=[HealthOut.of(one) for one in found.changes],
        )


class ApiSources:
    """What can be asked of sources."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter(responses=PROBLEMS, dependencies=needing(self._desk, Scope.READ))
        router.add_api_route("/sources", self.sources, methods=["GET"])
        router.add_api_route("/sources/{source_id}", self.source, methods=["GET"])
        return router

    def sources(self, request: Request) -> list[SourceRowOut]:
        """List the feeds that are polled, with what each has brought of late."""
        local, with_keys = asked_by(self._desk, request), may_see_keys(self._desk, request)
        return [
            SourceRowOut(
                **dict(SourceOut.of(feed, push, local, with_keys=with_keys)),
                brought=None if brought is None else BroughtOut.of(brought, local.now),
            )
            for feed, push, brought in list_sources(self._desk.view.store, local)
        ]

    def source(
        self,
        source_id: Annotated[str, FromPath(pattern=ID)],
        request: Request,
        days: Annotated[int, Query(ge=1, le=90)] = one_source.DAYS,
    ) -> WholeSource:
        """Give one feed with how it is polled, what it brought in the last days, and its last entries."""
        local, with_keys = asked_by(self._desk, request), may_see_keys(self._desk, request)
        found = read_source(self._desk.view, source_id, local, days)
        return WholeSource.of(found, days, local, with_keys=with_keys)

"""The watchlists of the API: all of them, and one with its timeline, coverage, terms and versions."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as FromPath
from pydantic import Field
from starlette.exceptions import HTTPException

from service.store import Scope
from service.web import timeline
from service.web.api_events import SpikeOut
from service.web.api_gate import PROBLEMS, asked_by, needing
from service.web.api_models import ID, DayOut, Said, WatchlistOut, time_or_none
from service.web.api_search import NearlyOut
from service.web.watchlist_data import OneWatchlist, list_months

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.web.desk import Desk
    from service.web.timeline import Changed, CountedDay, Share, TermRow
    from service.web.watchlist_data import Month

_Name = Annotated[str, FromPath(pattern=ID)]
_Days = Annotated[int, Query(ge=1, le=365, description="How many days, of which today is the last.")]
_MONTH = 30


class WatchlistRowOut(WatchlistOut):
    """A watchlist with its events of this week, its reports of 30 days in as many parts, and the last one."""

    events_this_week: int
    reports_of_30_days: list[int]
    last_report_at: datetime | None

    @classmethod
    def row(cls, one: Month) -> WatchlistRowOut:
        """Say one."""
        return cls(
            **dict(WatchlistOut.same(one.summary)),
            events_this_week=one.matched,
            reports_of_30_days=list(one.counts),
            last_report_at=one.last_at,
        )


class ShareOut(Said):
    """An outlet, a country or a language: its reports, and in how many events it was the first."""

    name: str
    reports: int
    first: int


class TermOut(Said):
    """A term of a line: how many reports it let in, when last, and what readers said of their alerts.

    A line that let nothing in has no hits. `precision` is what of a hundred alerts was useful, null where
    nobody said.
    """

    term: str
    line: int
    hits: int
    last_at: datetime | None
    useful: int
    noise: int
    precision: int | None

    @classmethod
    def of(cls, one: TermRow) -> TermOut:
        """Say one."""
        return cls(
            term=one.term,
            line=one.line,
            hits=one.hits,
            last_at=time_or_none(one.last),
            useful=one.useful,
            noise=one.noise,
            precision=one.precision,
        )


class KnownDateOut(Said):
    """A known date of a watchlist."""

    on: date
    what: str
    is_over: bool


class WholeWatchlist(Said):
    """A watchlist, and what it found of late; `coverage` is by `outlet`, `country` and `language`.

    Days without a report are left out. Its events are those of `/events?watchlist=`. `dates` are its known
    dates, those to come first; `spikes` its latest few. `silence` says out of how much nothing matched, where
    there is no event. Where `is_cut`, only the latest matches are counted.
    """

    watchlist: WatchlistOut
    is_cut: bool
    days: list[DayOut]
    coverage: dict[str, list[ShareOut]]
    terms: list[TermOut]
    dates: list[KnownDateOut]
    spikes: list[SpikeOut]
    silence: str
    nearest: list[NearlyOut] = Field(description="What nearly matched in the last 7 days, where nothing did.")


class NoteOut(Said):
    """What stands out on a day: an `event` that several outlets carry, a `spike`, or a known `date`."""

    kind: str
    words: str
    event_id: str


class TimelineDayOut(Said):
    """A day of the service's time zone: its reports, the events that were new on it, and what stands out."""

    day: date
    reports: int
    new_events: int
    notes: list[NoteOut]

    @classmethod
    def of(cls, one: CountedDay) -> TimelineDayOut:
        """Say one."""
        return cls(
            day=one.on,
            reports=one.reports,
            new_events=one.events,
            notes=[NoteOut(kind=note.kind, words=note.words, event_id=note.event_id) for note in one.notes],
        )


class TimelineOut(Said):
    """How much a watchlist found on each of the last days, the first one first, and the most on any.

    Where `is_cut`, only the latest matches are counted: of the first days, some may be missing.
    """

    sentence: str
    is_cut: bool
    most: int
    days: list[TimelineDayOut]


class CoverageOut(Said):
    """Who reports what a watchlist finds, where and in which language, the most first.

    Where `is_cut`, only the latest matches are counted.
    """

    is_cut: bool
    outlets: list[ShareOut]
    countries: list[ShareOut]
    languages: list[ShareOut]


class ChangeOut(Said):
    """A line that a version took away (`-`) or added (`+`)."""

    sign: str
    text: str


class VersionOut(Said):
    """A version of the file, in force once or overwritten: since when, its commit, what it changed.

    Of very many changed lines there are the first. The first version that is known has none.
    """

    version: str
    commit: str
    first_loaded_at: datetime | None
    loaded_at: datetime | None
    changes: list[ChangeOut]

    @classmethod
    def of(cls, one: Changed) -> VersionOut:
        """Say one."""
        version, changes = one
        return cls(
            version=version.version,
            commit=version.commit,
            first_loaded_at=version.first_loaded_at,
            loaded_at=version.loaded_at,
            changes=[ChangeOut(sign=sign, text=text) for sign, text in changes],
        )


class VersionPage(Said):
    """Versions, the latest first. `next` is the `cursor` of those that follow, or null."""

    items: list[VersionOut]
    next: str | None


class ApiWatchlists:
    """What can be asked of watchlists."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter(responses=PROBLEMS, dependencies=needing(self._desk, Scope.READ))
        one = "/watchlists/{watchlist_id}"
        for path, ask in (
            ("/watchlists", self.watchlists),
            (one, self.watchlist),
            (f"{one}/timeline", self.volume),
            (f"{one}/coverage", self.coverage),
            (f"{one}/terms", self.terms),
            (f"{one}/versions", self.versions),
        ):
            router.add_api_route(path, ask, methods=["GET"])
        return router

    def watchlists(self, request: Request) -> list[WatchlistRowOut]:
        """List the watchlists in force."""
        local = asked_by(self._desk, request)
        return [WatchlistRowOut.row(one) for one in list_months(self._desk.view, local)]

    def watchlist(self, watchlist_id: _Name, request: Request, days: _Days = _MONTH) -> WholeWatchlist:
        """Give one watchlist with what it found in the last days: how much a day, by whom, by which terms."""
        local = asked_by(self._desk, request)
        one = OneWatchlist(self._desk.view, watchlist_id, local)
        return WholeWatchlist(
            watchlist=WatchlistOut.same(one.summary),
            is_cut=one.most_counted(days) > 0,
            days=[DayOut(day=day.on, reports=day.reports) for day in one.volume(days).days if day.reports],
            coverage={name: _shares(shares) for name, shares in one.coverage(days, None).items()},
            terms=[TermOut.of(row) for row in one.terms(days)],
            dates=[
                KnownDateOut(on=row.on, what=row.what, is_over=row.is_over)
                for row in timeline.date_rows(one.file, local)
            ],
            spikes=[SpikeOut.of(spike) for spike in one.spikes()],
            silence="" if one.summary.events else one.silence(),
            nearest=[NearlyOut.of(near, local) for near in one.nearest()],
        )

    def volume(self, watchlist_id: _Name, request: Request, days: _Days = timeline.USUAL) -> TimelineOut:
        """Give each of the last days: reports, new events, large events, spikes and known dates."""
        one = self._one(watchlist_id, request)
        volume = one.volume(days)
        return TimelineOut(
            sentence=volume.sentence,
            is_cut=one.most_counted(days) > 0,
            most=volume.most,
            days=[TimelineDayOut.of(day) for day in volume.days],
        )

    def coverage(
        self,
        watchlist_id: _Name,
        request: Request,
        days: _Days = timeline.USUAL,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> CoverageOut:
        """Give who reported in the last days, where and in which language, and how often first."""
        one = self._one(watchlist_id, request)
        shares: Mapping[str, Sequence[Share]] = one.coverage(days, limit)
        return CoverageOut(
            is_cut=one.most_counted(days) > 0,
            outlets=_shares(shares["outlet"]),
            countries=_shares(shares["country"]),
            languages=_shares(shares["language"]),
        )

    def terms(self, watchlist_id: _Name, request: Request, days: _Days = timeline.USUAL) -> list[TermOut]:
        """List the terms in the order of the lines: what each found, and lines that found nothing."""
        return [TermOut.of(row) for row in self._one(watchlist_id, request).terms(days)]

    def versions(
        self,
        watchlist_id: _Name,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=100)] = timeline.VERSIONS,
        cursor: Annotated[str, Query(max_length=200)] = "",
    ) -> VersionPage:
        """List the versions of the file, in force once or overwritten, each with what it changed."""
        versions = self._one(watchlist_id, request).versions
        begin = next((place for place, one in enumerate(versions, 1) if one.version == cursor), 0)
        if cursor and not begin:
            raise HTTPException(422, "query.cursor: it is not one that was given here")
        shown = timeline.changed_versions(versions, begin, limit)
        has_more = len(versions) > begin + limit
        return VersionPage(
            items=[VersionOut.of(one) for one in shown],
            next=shown[-1][0].version if shown and has_more else None,
        )

    def _one(self, watchlist_id: str, request: Request) -> OneWatchlist:
        return OneWatchlist(self._desk.view, watchlist_id, asked_by(self._desk, request))


def _shares(shares: Sequence[Share]) -> list[ShareOut]:
    return [ShareOut(name=one.name, reports=one.reports, first=one.first) for one in shares]

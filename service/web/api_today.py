"""What is new since a moment, and what needs a look: the front page as data. Times are ISO 8601 in UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime  # noqa: TC002 -- the same

from service.errors import Severity  # noqa: TC001 -- the same
from service.store import Scope
from service.web import front
from service.web.api_events import EventOut, SpikeOut
from service.web.api_gate import PROBLEMS, asked_by, needing
from service.web.api_models import Said, WatchlistOut
from service.web.front import News  # noqa: TC001 -- the same
from service.web.ledger import ledger_parts
from service.web.looked import reach
from service.web.today_data import read_today

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.store import EventView
    from service.web.desk import Desk
    from service.web.front import Section, Week
    from service.web.times import Local
    from service.web.today_data import TodayData


class NewsOut(Said):
    """What came since: events opened, those too old to be told, those found later, and changed ones.

    `articles` counts all that was read.
    """

    new_events: int
    too_old: int
    found_later: int
    changes: int
    articles: int


class WeekOut(Said):
    """What was read this week, at how many of the outlets, since when (null: nothing was read yet)."""

    articles: int
    sources: int
    answered: int
    since: datetime | None

    @classmethod
    def of(cls, one: Week) -> WeekOut:
        """Say one."""
        return cls(articles=one.entries, sources=one.sources, answered=one.answered, since=one.began_at)


class VolumeOut(Said):
    """The reports of the last 72 hours at most, in equal parts between two times."""

    since: datetime
    until: datetime
    reports: list[int]


class FreshEventOut(EventOut):
    """An event of the week: what it is to who last looked `since`, and when its reports came.

    `news` is null where nothing of it is new, or no `since` was asked for; `volume` where there are few
    reports.
    """

    news: News | None
    volume: VolumeOut | None

    @classmethod
    def shown(cls, view: EventView, local: Local, looked: datetime | None) -> FreshEventOut:
        """Say one."""
        said, volume = EventOut.of(view, local), front.count_volume(view, local.now)
        return cls(
            **dict(said),
            news=front.news_of(view, looked),
            volume=None if volume is None else VolumeOut(since=volume[0], until=local.now, reports=volume[1]),
        )


class SectionOut(Said):
    """A watchlist with its weightiest events of the week, or what is said of its silence.

    `events_this_week` counts all of them. Of a silent one, `last_event` is the latest.
    """

    watchlist: WatchlistOut
    events_this_week: int
    events: list[FreshEventOut]
    silence: str
    last_event: FreshEventOut | None


class TroubleOut(Said):
    """A trouble, and who has it: an outlet, with since when, or a number of feeds."""

    who: str
    since: str
    words: str


class SourcesOut(Said):
    """How the sources are doing, in feeds. `more` counts those in trouble that are not among the named."""

    healthy: int
    unread: int
    in_trouble: int
    troubles: list[TroubleOut]
    more: int


class DueOut(Said):
    """A day on which something of a watchlist is due."""

    on: date
    what: str
    watchlist_id: str


class HeldOut(Said):
    """How many deliveries are held for a reason, and when the first of them is due."""

    reason: str
    deliveries: int
    due_at: datetime


class AlertsOut(Said):
    """Deliveries: given up this week, waiting to be sent, and delivered."""

    failed_this_week: int
    waiting: int
    delivered: int


class ProblemOut(Said):
    """Something wrong in a file: where, what, and what to do; lines and columns count from 1."""

    file: str
    line: int
    column: int
    key: str
    message: str
    mend: str
    severity: Severity


class TodayOut(Said):
    """What is new since a moment, by watchlist, and what needs a look."""

    since: datetime
    news: NewsOut
    week: WeekOut
    spikes: list[SpikeOut]
    watchlists: list[SectionOut]
    sources: SourcesOut
    dates: list[DueOut]
    held: list[HeldOut]
    alerts: AlertsOut
    problems: list[ProblemOut]

    @classmethod
    def of(cls, found: TodayData, local: Local) -> TodayOut:
        """Say it."""
        panel, number = front.sources_panel(found.feeds, local), _count_parts(found)
        return cls(
            since=found.since,
            news=NewsOut(
                new_events=found.opened.fresh,
                too_old=found.opened.held,
                found_later=found.opened.found_later,
                changes=found.changes,
                articles=found.entries,
            ),
            week=WeekOut.of(found.week),
            spikes=[SpikeOut.of(one) for one in found.spikes],
            watchlists=list(_sections(found, local)),
            sources=SourcesOut(
                healthy=panel.healthy,
                unread=panel.unread,
                in_trouble=panel.troubles,
                troubles=[
                    TroubleOut(who=one.who, since=one.since, words=one.words) for one in panel.troubled
                ],
                more=panel.more,
            ),
            dates=[
                DueOut(on=date.fromisoformat(one.iso), what=one.what, watchlist_id=one.watchlist_id)
                for one in front.due_dates(found.files, local)
            ],
            held=[
                HeldOut(reason=one.reason.value, deliveries=one.number, due_at=one.due_at)
                for one in found.held
            ],
            alerts=AlertsOut(
                failed_this_week=found.failed, waiting=number["waiting"], delivered=number["delivered"]
            ),
            problems=[ProblemOut.same(one) for one in found.problems],
        )


def _count_parts(found: TodayData) -> dict[str, int]:
    return {part.name: part.count for part in ledger_parts(found.deliveries)}


def _sections(found: TodayData, local: Local) -> Iterable[SectionOut]:
    summaries = {one.id: one for one in found.watchlists}
    for section in found.sections(local):
        views = front.shown_events(found.views[section.id], local.now)
        events = [FreshEventOut.shown(view, local, found.looked) for view in views]
        matched = found.matched.get(section.id, 0)
        yield SectionOut(
            watchlist=WatchlistOut.same(summaries[section.id]),
            events_this_week=matched,
            events=events if matched else [],
            silence=_say_silence(section),
            last_event=events[0] if events and not matched else None,
        )


def _say_silence(section: Section) -> str:
    said: Sequence[str] = [one for one in (section.silence, section.receipt) if one]
    return ". ".join(said)


class ApiToday:
    """The front page of the API."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the address."""
        router = APIRouter(responses=PROBLEMS)
        needed = needing(self._desk, Scope.READ)
        router.add_api_route("/today", self.today, methods=["GET"], dependencies=needed)
        return router

    def today(
        self,
        request: Request,
        since: Annotated[
            AwareDatetime | None,
            Query(description="When you last looked, two weeks ago at most; without it, a day ago."),
        ] = None,
    ) -> TodayOut:
        """Say what is new since a moment, by watchlist and weight, and what needs a look."""
        local = asked_by(self._desk, request)
        looked = None if since is None else reach(since, local.now)
        return TodayOut.of(read_today(self._desk.view, local, looked), local)

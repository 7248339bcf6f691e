"""What the API can be asked: the data of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi import Path as FromPath
from starlette.exceptions import HTTPException

from service.domain import (  # noqa: TC001 -- the framework reads them from the annotations
    DeliveryState,
    NotifyReason,
)
from service.match import parse_expression
from service.pipeline import Searching
from service.store import END, Place, Scope, WantedDeliveries
from service.web import api_deliveries as of_deliveries
from service.web import api_events as of_events
from service.web import api_models as out
from service.web.api_gate import PROBLEMS, asked_by, needing
from service.web.api_search import HitPage
from service.web.api_whole_event import WholeEvent
from service.web.channel_pages import channel_rows
from service.web.citing import cite
from service.web.delivery_pages import shown_text
from service.web.muting import OVER_SHOWN, titles_of
from service.web.phrases import hide_addresses
from service.web.places import read_place, write_place
from service.web.quota import Cost
from service.web.search_form import read_form
from service.web.subscriber_pages import refusal
from service.web.times import Local
from service.web.visitor import Role

if TYPE_CHECKING:
    from datetime import datetime

    from service.web.desk import Desk

EventId = Annotated[str, FromPath(pattern=out.ID)]
MOST_REPORTS = 5_000  # of one answer
_Limit = Annotated[int, Query(ge=1, le=200)]
_Cursor = Annotated[str, Query(max_length=200)]
_Name = Annotated[str, Query(pattern=out.ID_OR_NONE)]


def _after(cursor: str) -> tuple[datetime, str] | None:
    place = read_place(cursor) if cursor else None
    if cursor and place is None:
        raise HTTPException(422, "query.cursor: it is not one that was given here")
    return place


class Reading:
    """What can be asked."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._store = desk.view.store
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses; what needs a role is the same as on the pages."""
        router = APIRouter(responses=PROBLEMS)
        for path, ask, role in (
            ("/events", self.events, Role.READER),
            ("/events/{event_id}", self.event, Role.READER),
            ("/search", self.search, Role.READER),
            ("/spikes", self.spikes, Role.READER),
            ("/deliveries", self.deliveries, Role.EDITOR),
            ("/deliveries/{delivery_id}", self.delivery, Role.EDITOR),
            ("/mutes", self.mutes, Role.EDITOR),
            ("/mutes/over", self.mutes_over, Role.EDITOR),
            ("/channels", self.channels, Role.OPERATOR),
            ("/subscribers", self.subscribers, Role.OPERATOR),
        ):
            cost = Cost.QUESTION if ask == self.search else Cost.PAGE
            needed = needing(self._desk, Scope.READ, role, cost)
            router.add_api_route(path, ask, methods=["GET"], dependencies=needed)
        return router

    @property
    def _local(self) -> Local:
        return Local(self._desk.view.clock(), ZoneInfo(self._desk.view.timezone))

    def events(
        self, request: Request, watchlist: _Name = "", limit: _Limit = 50, cursor: _Cursor = ""
    ) -> of_events.EventPage:
        """List events, the one last reported on first, of one watchlist or of all."""
        local = asked_by(self._desk, request)
        views = self._store.reading.list_events(
            watchlist_id=watchlist, limit=limit + 1, after=_after(cursor), brief=True
        )
        last = views[limit - 1].event if len(views) > limit else None
        return of_events.EventPage(
            items=[of_events.EventOut.of(view, local) for view in views[:limit] if view.reports],
            next=None if last is None else write_place(last.last_report_at, last.id),
        )

    def event(
        self,
        event_id: EventId,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MOST_REPORTS, description="Of reports.")] = MOST_REPORTS,
        cursor: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    ) -> WholeEvent:
        """Give one event with its reports, who of them repeats whom, how it spread, and how to cite it.

        Of an event that was merged into another, that one is given.
        """
        view = self._store.reading.get_event(event_id, most_told=0)
        titles = {one.id: one.title for one in self._store.reading.list_titles()}
        watchlist = titles.get(view.event.watchlist_id, view.event.watchlist_id)
        local = asked_by(self._desk, request)
        citation = cite(view, self._desk.base_url(request), local.now)
        return WholeEvent.of(view, watchlist, slice(cursor, cursor + limit), citation, local)

    def search(self, asked: Annotated[out.SearchIn, Query()], request: Request) -> HitPage:
        """Search all stored articles, the newest first."""
        if asked.q.strip():
            parse_expression(asked.q)  # what is wrong with it is said as it is
        form = read_form(asked.as_form(), self._local)
        if form.question is None:
            raise HTTPException(422, "query.until: it is before query.since")
        before = END if asked.cursor is None else Place(asked.cursor)
        found, (_, waiting) = (
            Searching(self._store).ask(form.question, before, asked.limit),
            self._store.words.count(),
        )
        return HitPage.of(found, waiting, asked_by(self._desk, request), is_first=before == END)

    def channels(self) -> list[of_deliveries.ChannelOut]:
        """List the channels of the files."""
        english = Local(self._desk.view.clock(), ZoneInfo("UTC"))
        roll, paused = self._desk.view.roll(), self._store.targets.list_paused()
        return [
            of_deliveries.ChannelOut(
                id=row.id,
                kind=roll.channels[row.id].kind,
                targets=list(row.targets),
                timezone=row.timezone,
                gets=list(row.gets),
                trouble=row.trouble,
                paused=[
                    of_deliveries.PausedOut(
                        target=hide_addresses(one.target),
                        words=hide_addresses(one.words),
                        since_at=one.since_at,
                        until_at=one.until_at,
                    )
                    for one in paused
                    if one.name in {name for name, _, _ in row.paused}
                ],
            )
            for row in channel_rows(roll, paused, english)
        ]

    def subscribers(self, limit: _Limit = 50, cursor: _Cursor = "") -> of_deliveries.SubscriberPage:
        """List the readers who subscribed, who asked last first."""
        found = self._store.readers.list_page(limit + 1, _after(cursor))
        last = found[limit - 1] if len(found) > limit else None
        paused = {one.name: one for one in self._store.targets.list_paused()}
        return of_deliveries.SubscriberPage(
            items=[
                of_deliveries.SubscriberOut.of(one, hide_addresses(refusal(one, paused)))
                for one in found[:limit]
            ],
            next=None if last is None else write_place(last.asked_at, last.id),
            readers=self._store.readers.count_all(),
            left=self._store.readers.count_left(),
        )

    def deliveries(
        self,
        state: DeliveryState | None = None,
        event: _Name = "",
        watchlist: _Name = "",
        channel: _Name = "",
        reason: NotifyReason | None = None,
        limit: _Limit = 50,
        cursor: _Cursor = "",
    ) -> of_deliveries.DeliveryPage:
        """List what was or will be told, the latest planned first."""
        states = () if state is None else (state,)
        wanted = WantedDeliveries(
            states, reason=reason, event_id=event, channel_id=channel, watchlist_id=watchlist
        )
        page = self._store.reading.page_deliveries(wanted, limit=limit, after=_after(cursor))
        return of_deliveries.DeliveryPage(
            items=[of_deliveries.DeliveryOut.of(one) for one in page.deliveries],
            next=None if page.further is None else write_place(*page.further),
            counts=self._store.counts.count_deliveries(),
        )

    def delivery(self, delivery_id: EventId, request: Request) -> of_deliveries.WholeDelivery:
        """Give one delivery with its message, its attempts, and what the other side said at each."""
        reading = self._store.reading
        delivery, local = reading.get_delivery(delivery_id), asked_by(self._desk, request)
        return of_deliveries.WholeDelivery(
            delivery=of_deliveries.DeliveryOut.of(delivery),
            text=shown_text(delivery, self._store),
            may_send_again=self._store.deliveries.may_send_again(delivery_id),
            attempts=[of_deliveries.AttemptOut.of(one, local) for one in reading.list_attempts(delivery_id)],
        )

    def spikes(self, watchlist: _Name = "", limit: _Limit = 50, cursor: _Cursor = "") -> of_events.SpikePage:
        """List spikes, the latest first."""
        found = self._store.spikes.list_spikes(watchlist_id=watchlist, limit=limit + 1, after=_after(cursor))
        last = found[limit - 1] if len(found) > limit else None
        return of_events.SpikePage(
            items=[of_events.SpikeOut.of(one) for one in found[:limit]],
            next=None if last is None else write_place(last.at, last.id),
        )

    def mutes(self) -> list[out.MuteOut]:
        """List the mutes in force, the one that ends first at the top."""
        active = self._store.mutes.list_active(self._desk.view.clock())
        titles = titles_of(self._store, (mute for _, mute in active))
        return [out.MuteOut.of(number, mute, titles) for number, mute in active]

    def mutes_over(self, limit: Annotated[int, Query(ge=1, le=200)] = OVER_SHOWN) -> list[out.MuteOut]:
        """List the last mutes that are over, the one that ended last at the top."""
        over = self._store.mutes.list_over(self._desk.view.clock(), limit)
        titles = titles_of(self._store, over)
        return [out.MuteOut.of(0, mute, titles) for mute in over]

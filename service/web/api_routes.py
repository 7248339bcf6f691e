"""Who would be told of something supposed, and which tokens there are: for operators."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from service.notify import Outcome
from service.store import Scope
from service.text import partly_hidden
from service.web.api_gate import PROBLEMS, asked_by, needing
from service.web.api_models import ID_OR_NONE, Said
from service.web.route_data import MOST_OUTLETS, MOST_TYPED, READERS_SHOWN, read_routes
from service.web.route_pages import route_row
from service.web.visitor import Role

if TYPE_CHECKING:
    from service.notify import Route
    from service.store import ApiToken
    from service.web.desk import Desk
    from service.web.route_data import RouteData
    from service.web.times import Local


class RouteIn(BaseModel):
    """An event as if it were new, or a headline of a watchlist; when, and how large it would be.

    A time without a zone is one of the service's; without any it is now. Without `outlets` an event is as
    large as it is.
    """

    model_config = ConfigDict(extra="forbid")

    event: str = Field("", pattern=ID_OR_NONE)
    headline: str = Field("", max_length=MOST_TYPED)
    watchlist: str = Field("", pattern=ID_OR_NONE)
    at: str = Field("", max_length=40, description="ISO 8601, like 2026-12-24T03:00.")
    outlets: int | None = Field(None, ge=1, le=MOST_OUTLETS, description="Independent ones.")
    major: bool = False

    def as_form(self) -> dict[str, str]:
        """Give it as the form of the page sends it."""
        return {
            "event": self.event,
            "headline": self.headline.strip(),
            "watchlist": self.watchlist,
            "at": self.at.strip(),
            "outlets": "" if self.outlets is None else str(self.outlets),
            "major": "1" if self.major else "",
        }


class RouteOut(Said):
    """What would become of the alert for one reader: a mail address partly hidden, or empty for a chat.

    `due_at` is null where nothing would be sent; `held` says what holds it back. `by` is the subscription and
    `why` the reason, in words.
    """

    channel_id: str
    reader: str
    outcome: Outcome
    due_at: datetime | None
    timezone: str
    held: str | None
    breaks_quiet: bool
    by: str
    why: str

    @classmethod
    def of(cls, one: Route, local: Local) -> RouteOut:
        """Say one."""
        row = route_row(one, local)
        return cls(
            channel_id=one.channel.id,
            reader=partly_hidden(one.reader.target),
            outcome=one.outcome,
            due_at=one.due_at,
            timezone=one.channel.timezone,
            held=None if one.held is None else one.held.value,
            breaks_quiet=one.wakes,
            by=row.subscription,
            why=row.why,
        )


class RoutesOut(Said):
    """Who would be told of what is supposed; `more` counts readers that are not listed, `told` those at once.

    `matches` is false where the watchlist does not match the headline: this is as if it did.
    """

    title: str
    watchlist_id: str
    at: datetime
    is_major: bool
    outlets: int
    matches: bool
    told: int
    items: list[RouteOut]
    more: int


class TokenOut(Said):
    """A token by which a program asks, without its secret."""

    name: str
    scopes: list[Scope]
    watchlists: list[str] = Field(description="Those whose feeds it may read; none where it may read all.")
    made_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, one: ApiToken) -> TokenOut:
        """Say one."""
        return cls(
            name=one.name,
            scopes=sorted(one.scopes),
            watchlists=sorted(one.watchlists),
            made_at=one.at,
            used_at=one.used_at,
        )


class ApiRoutes:
    """What operators can ask beside the ledger."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses."""
        needed = needing(self._desk, Scope.READ, Role.OPERATOR)
        router = APIRouter(responses=PROBLEMS, dependencies=needed)
        router.add_api_route("/routes", self.routes, methods=["GET"])
        router.add_api_route("/tokens", self.tokens, methods=["GET"])
        return router

    def routes(self, asked: Annotated[RouteIn, Query()], request: Request) -> RoutesOut:
        """Say who would be told of an event or a headline at some time, when and why. Nobody is told."""
        local = asked_by(self._desk, request)
        found = read_routes(self._desk.view, asked.as_form(), local)
        for name, fault in found.faults.items():
            raise HTTPException(422, f"query.{name}: {fault}")
        return _say(found, local)

    def tokens(self) -> list[TokenOut]:
        """List the tokens, by name, without their secrets."""
        return [TokenOut.of(one) for one in self._desk.view.store.accounts.list_tokens()]


def _say(found: RouteData, local: Local) -> RoutesOut:
    supposed, at = found.supposed, found.at
    if supposed is None or at is None:
        raise HTTPException(422, "query: name an event or a headline")
    return RoutesOut(
        title=supposed.title,
        watchlist_id=supposed.watchlist_id,
        at=at,
        is_major=supposed.is_major,
        outlets=supposed.outlets,
        matches=found.matches,
        told=sum(one.outcome is Outcome.AT_ONCE for one in found.found),
        items=[RouteOut.of(one, local) for one in found.found[:READERS_SHOWN]],
        more=max(len(found.found) - READERS_SHOWN, 0),
    )

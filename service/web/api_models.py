"""What the API says of watchlists and mutes, and what it is told. Times are ISO 8601 in UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from service.domain import FeedGroup  # noqa: TC001 -- the same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.domain import Mute
    from service.web.times import Moment

ID = r"^[A-Za-z0-9_-]{1,100}$"
ID_OR_NONE = r"^[A-Za-z0-9_-]{0,100}$"
Id = Annotated[str, Field(pattern=ID)]


class Said(BaseModel):
    """What the API says, as OpenAPI describes it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    @classmethod
    def same(cls, one: object) -> Self:
        """Say something whose parts have the same names."""
        return cls.model_validate(one)


def time_of(shown: Moment) -> datetime:
    """Give the time that a page shows."""
    return datetime.fromisoformat(shown.iso)


def time_or_none(shown: Moment | None) -> datetime | None:
    """Give a time that a page shows, or not."""
    return None if shown is None else time_of(shown)


class Problem(Said):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str = ""


class WatchlistOut(Said):
    """A watchlist in force."""

    id: str
    title: str
    about: str
    events: int
    matches: int


class DayOut(Said):
    """A day of the service's time zone, and how many reports came then; days without one are left out."""

    day: date
    reports: int


class MuteOut(Said):
    """Silence about an event or a watchlist, whose title is given, for all readers or for one.

    Where it is over, its number is 0.
    """

    number: int
    event_id: str
    watchlist_id: str
    title: str
    is_for_all: bool
    until_at: datetime
    by: str

    @classmethod
    def of(cls, number: int, mute: Mute, titles: Mapping[str, str]) -> MuteOut:
        """Say one; `titles` are those of events and watchlists, by id."""
        return cls(
            number=number,
            event_id=mute.event_id,
            watchlist_id=mute.watchlist_id,
            title=titles.get(mute.event_id or mute.watchlist_id, ""),
            is_for_all=not mute.subject,
            until_at=mute.until_at,
            by=mute.by,
        )


class MuteIn(BaseModel):
    """Silence about one event or one watchlist, for all readers, for so many hours."""

    model_config = ConfigDict(extra="forbid")

    event_id: Id | None = None
    watchlist_id: Id | None = None
    hours: int = Field(ge=1, le=24 * 90)


class TitleIn(BaseModel):
    """Another title for an event."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


class OtherIn(BaseModel):
    """The event whose reports are to become part of this one."""

    model_config = ConfigDict(extra="forbid")

    event_id: Id


class EntriesIn(BaseModel):
    """The reports, by the numbers of their entries, that are an event of their own."""

    model_config = ConfigDict(extra="forbid")

    entries: Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=1_000)]


class SearchIn(BaseModel):
    """What is searched for, in the language of watchlists, and what narrows it; without words, all is listed.

    `watchlist` is the id of one, `*` for what any of them matched, `-` for what none did. Days are those of
    the service's time zone; `until` is included.
    """

    q: str = Field("", max_length=2_000, description="In the language of watchlists.")
    watchlist: str = Field("", pattern=r"^([A-Za-z0-9_-]{0,100}|\*)$")
    outlet: str = Field("", max_length=200)
    country: str = Field("", pattern=r"^[A-Za-z]{0,2}$")
    language: str = Field("", pattern=r"^[A-Za-z]{0,3}$")
    group: FeedGroup | None = None
    since: date | None = None
    until: date | None = None
    limit: int = Field(30, ge=1, le=100)
    cursor: int | None = Field(None, ge=0, lt=2**62)

    def as_form(self) -> dict[str, str]:
        """Give it as the form of the page Search sends it."""
        said = self.model_dump(exclude_none=True, exclude={"limit", "cursor", "language"}, mode="json")
        return {name: str(value) for name, value in said.items()} | {"language_of": self.language}

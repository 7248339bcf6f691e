"""What the API says of a search. Times are ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING

from service.pipeline import Hit
from service.web.api_events import EvidenceOut
from service.web.api_models import Said
from service.web.search_pages import say_lack, summary_of

if TYPE_CHECKING:
    from service.pipeline import Found, Nearly
    from service.store import InEvent
    from service.web.times import Local


class InEventOut(Said):
    """An event that an article is a report of, and its watchlist."""

    id: str
    title: str
    watchlist_id: str
    watchlist: str

    @classmethod
    def of(cls, one: InEvent) -> InEventOut:
        """Say one."""
        return cls(id=one.event_id, title=one.title, watchlist_id=one.watchlist_id, watchlist=one.watchlist)


class HitOut(Said):
    """An article that was found, with the events it is a report of. It counts for `at`."""

    entry_id: int
    outlet: str
    country: str
    language: str
    title: str
    summary: str
    url: str
    seen_at: datetime
    at: datetime
    events: list[str]
    in_events: list[InEventOut]
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, hit: Hit) -> HitOut:
        """Say one."""
        return cls(
            entry_id=hit.entry.id,
            outlet=hit.entry.outlet,
            country=hit.entry.country,
            language=hit.entry.language,
            title=hit.entry.title,
            summary=hit.entry.summary,
            url=hit.entry.url,
            seen_at=hit.entry.first_seen_at,
            at=hit.entry.happened_at,
            events=[one.event_id for one in hit.events],
            in_events=[InEventOut.of(one) for one in hit.events],
            evidence=[EvidenceOut.of(one) for one in hit.evidence],
        )


class NearlyOut(Said):
    """The newest article that one thing kept from being found: what it has, and what it lacks."""

    article: HitOut
    lack: str
    present: str
    missing: str
    words: str

    @classmethod
    def of(cls, one: Nearly, local: Local) -> NearlyOut:
        """Say it."""
        return cls(
            article=HitOut.of(Hit(one.entry)),
            lack=one.miss.lack.value,
            present=one.miss.present,
            missing=one.miss.missing,
            words=say_lack(one, local),
        )


class HitPage(Said):
    """Articles that were found, the newest first. `is_cut` says that the search stopped at its bound.

    It looked back until `reached_at` then. `among` counts the articles that it is about, `summary` says both
    in words. `nearly` is given where none was found at all. `waiting` articles cannot be searched yet.
    """

    items: list[HitOut]
    next: str | None
    is_cut: bool
    reached_at: datetime | None
    among: int
    summary: str
    nearly: NearlyOut | None
    waiting: int

    @classmethod
    def of(cls, found: Found, waiting: int, local: Local, *, is_first: bool) -> HitPage:
        """Say one."""
        return cls(
            items=[HitOut.of(hit) for hit in found.hits],
            next=None if found.further is None else str(int(found.further)),
            is_cut=found.is_cut,
            reached_at=found.reached,
            among=found.among,
            summary=summary_of(found, local, is_first=is_first),
            nearly=None if found.nearly is None else NearlyOut.of(found.nearly, local),
            waiting=waiting,
        )

"""The search of the archive: the page, and everything found as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from service.domain import TextField
from service.marking import excerpt, mark, spans_in
from service.match import Lack
from service.pipeline import Hit, Searching
from service.store import END
from service.web.phrases import language_tag, safe_link
from service.web.present import LEAD_LIMIT, Text
from service.web.quota import Cost
from service.web.search_export import csv_lines, json_lines
from service.web.search_form import ANY, GROUPS, NONE, read_form
from service.web.times import moment
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service.pipeline import Found, Nearly
    from service.store import InEvent
    from service.web.desk import Desk
    from service.web.search_form import Asked
    from service.web.times import Local, Moment

_BAD = 400
_NO_HEADLINE = later("(no headline)")
_LACKS = {
    Lack.WORDS: later("It lacks {missing}."),
    Lack.DISTANCE: later("The words are not near enough: {missing}."),
    Lack.FIELD: later("The words do not stand there: {missing}."),
    Lack.PERIOD: later("It is not of these days: {missing}."),
}


@dataclass(frozen=True, slots=True)
class HitRow:
    """An article that was found, as the page shows it."""

    headline: Text
    link: str
    outlet: str
    country: str
    at: Moment
    lead: Text | None
    events: tuple[InEvent, ...]


class SearchPages:
    """The search over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view
        self._searching = Searching(desk.view.store)

    def router(self) -> APIRouter:
        """Name the addresses."""
        router = APIRouter()
        self._desk.show(router, "/search", self.search, cost=Cost.QUESTION)
        self._desk.show(router, "/search.csv", self.as_csv, cost=Cost.WHOLE)
        self._desk.show(router, "/search.json", self.as_json, cost=Cost.WHOLE)
        return router

    def search(self, request: Request) -> HTMLResponse:
        """Show the form, and a page of what is found."""
        local = self._desk.local(request)
        return self._page(request, local, read_form(request.query_params, local))

    def as_csv(self, request: Request) -> Response:
        """Give everything that is found as a file for spreadsheets."""
        local = self._desk.local(request)
        asked = read_form(request.query_params, local)
        if asked.question is None:
            return self._page(request, local, asked, _BAD)
        lines = csv_lines(self._searching.walk(asked.question))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=_as_file("csv"))

    def as_json(self, request: Request) -> Response:
        """Give everything that is found as JSON."""
        local = self._desk.local(request)
        asked = read_form(request.query_params, local)
        if asked.question is None:
            return self._page(request, local, asked, _BAD)
        lines = json_lines(asked.typed["q"], self._searching.walk(asked.question))
        return StreamingResponse(lines, media_type="application/json", headers=_as_file("json"))

    def _page(self, request: Request, local: Local, asked: Asked, status: int = 200) -> HTMLResponse:
        store = self._view.store
        found = None if asked.question is None else self._searching.ask(asked.question, asked.before)
        outlets, countries, languages = store.searching.list_choices()
        done, left = store.words.count()
        return self._desk.page(
            request,
            "search.html",
            status=status,
            local=local,
            asked=asked,
            is_first=asked.before == END,
            found=found,
            hits=[] if found is None else [hit_row(hit, local) for hit in found.hits],
            summary="" if found is None else summary_of(found, local, is_first=asked.before == END),
            nearly=nearly_row(found.nearly, local) if found is not None and found.nearly else None,
            further=""
            if found is None or found.further is None
            else _address(asked, str(int(found.further))),
            same=_address(asked),
            reached=None if found is None or found.reached is None else moment(found.reached, local),
            done=done,
            left=left,
            watchlists=[(one.id, one.title) for one in store.reading.list_titles()],
            outlets=outlets,
            countries=countries,
            tongues=sorted({language_tag(one).partition("-")[0].lower() for one in languages} - {""}),
            groups=[(group.value, local.words.say(words)) for group, words in GROUPS.items()],
            any_watchlist=ANY,
            no_watchlist=NONE,
        )


def hit_row(hit: Hit, local: Local) -> HitRow:
    """Tell of an article, its found words marked."""
    entry, language = hit.entry, language_tag(hit.entry.language)
    title = entry.title or local.words.say(_NO_HEADLINE)
    spans = spans_in(hit.evidence, TextField.TITLE) if entry.title else []
    lead = excerpt(entry.summary, spans_in(hit.evidence, TextField.TEXT), LEAD_LIMIT)
    return HitRow(
        headline=Text(mark(title, spans), language),
        link=safe_link(entry.url),
        outlet=entry.outlet,
        country=entry.country,
        at=moment(entry.happened_at, local),
        lead=Text(lead, language) if entry.summary else None,
        events=hit.events,
    )


def nearly_row(nearly: Nearly, local: Local) -> tuple[HitRow, str]:
    """Tell of an article that nearly fits, and what it lacks."""
    return hit_row(Hit(nearly.entry), local), say_lack(nearly, local)


def say_lack(nearly: Nearly, local: Local) -> str:
    """Say what kept an article from being found."""
    return local.words.say(_LACKS[nearly.miss.lack], missing=nearly.miss.missing)


def summary_of(found: Found, local: Local, *, is_first: bool) -> str:
    """Say how much was found, of how much that was looked through."""
    words, shown = local.words, len(found.hits)
    if found.is_cut:
        return words.count(shown, "{number} article found so far", "{number} articles found so far")
    if not is_first:
        return _said_of_others(found, local)
    if not found.among:
        return words.say("No article can be searched yet.")
    among = words.count(found.among, "{number} article", "{number} articles")
    if not shown:
        return words.say("None, of {articles} looked through.", articles=among)
    if found.further is None:
        return words.count(
            shown,
            "{number} article found, of {articles} looked through",
            "{number} articles found, of {articles} looked through",
            articles=among,
        )
    return words.count(
        shown,
        "the newest {number} article found, of {articles}",
        "the newest {number} articles found, of {articles}",
        articles=among,
    )


def _said_of_others(found: Found, local: Local) -> str:
    shown = len(found.hits)
    if found.further is None:
        return local.words.count(shown, "the last {number} article", "the last {number} articles")
    return local.words.count(shown, "{number} older article", "{number} older articles")


def _address(asked: Asked, before: str = "") -> str:
    """Give the question as the end of an address."""
    fields: Mapping[str, str] = {**asked.typed, "before": before}
    return urlencode({name: value for name, value in fields.items() if value})


def _as_file(kind: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="articles.{kind}"',
        "Cache-Control": "no-cache",
    }

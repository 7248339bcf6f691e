"""Sources are added on a page: the address of a site is pasted, its feeds are tried, one is written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import AvizorError
from service.parse.opml import MOST_BYTES as MOST_OPML
from service.watchlists import is_id
from service.web.forms import one_of, place_of
from service.web.new_sources import (
    choice_of,
    imported,
    list_groups,
    offered_again,
    read_choice,
    read_chosen,
    read_pack_name,
    say_fault,
)
from service.web.present import SOMEBODY
from service.web.quota import Cost
from service.web.uploads import bytes_of
from service.web.visitor import Role
from service.wiring import USUAL_PACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.new_sources import Choice, Imported
    from service.wiring import FeedAdding, Written

_SEE_OTHER, _REFUSED = 303, 422
_LONGEST = 2_000
_MOST_UPLOADED = MOST_OPML + 64 * 1024  # the file, and what stands around it in a form
_MOST_CHOSEN = 8 * 1024 * 1024
_NOT_COMMITTED = "no"
_PASTED = "text/xml; charset=utf-8"  # whatever the text says of itself: it came in a form


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands on the page: what was typed, what was found there, or what was written just now."""

    address: str = ""
    fault: str = ""
    choices: Sequence[Choice] = ()
    is_refused: bool = False
    saved: str = ""
    feeds: int = 1
    is_committed: bool = True
    opml_fault: str = ""
    pasted: str = ""
    imported: Imported | None = None


class AddingSources:
    """The page that adds sources, over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses; none where files cannot be changed."""
        router, adding, desk = APIRouter(), self._desk.view.adding, self._desk
        if adding is not None:
            self._adding: FeedAdding = adding
            desk.show(router, "/sources/add", self.ask, Role.EDITOR)
            desk.take(router, "/sources/add", self.find, Role.EDITOR, cost=Cost.WHOLE)
            desk.take(router, "/sources/add/save", self.save, Role.EDITOR)
            path = "/sources/add/opml"
            desk.take(router, path, self.judge, Role.EDITOR, most=_MOST_UPLOADED, has_files=True)
            desk.take(router, f"{path}/save", self.take_in, Role.EDITOR, most=_MOST_CHOSEN)
        return router

    def ask(self, request: Request, saved: str = "", feeds: int = 0, git: str = "") -> HTMLResponse:
        """Ask for the address of a site; or say what was written just now."""
        shown = _Shown(
            saved=saved if is_id(saved) else "",
            feeds=min(max(feeds, 0), 9_999),
            is_committed=git != _NOT_COMMITTED,
        )
        return self._page(request, shown)

    def find(self, request: Request, fields: Fields) -> Response:
        """Find and try the feeds of a site, and offer them."""
        local, address = self._desk.local(request), one_of(fields, "address").strip()
        try:
            offers = self._adding.find(address, self._visitor(request))
        except AvizorError as fault:
            return self._page(request, _Shown(address[:_LONGEST], self._say(fault, request)), _REFUSED)
        choices = [choice_of(one, USUAL_PACK, local) for one in offers]
        return self._page(request, _Shown(address, choices=choices))

    def save(self, request: Request, fields: Fields) -> Response:
        """Write a feed into a pack."""
        choice = read_choice(fields)
        try:
            written = self._adding.write([choice.facts], choice.pack, choice.watchlist, self._name(request))
        except AvizorError as fault:
            refused = replace(choice, note=self._say(fault, request))
            return self._page(request, _Shown(choices=[refused], is_refused=True), _REFUSED)
        return _done(written)

    # ------------------------------------------------------------------------------------------ OPML

    def judge(self, request: Request, fields: Fields) -> Response:
        """Say what of an OPML file is new, and offer that."""
        pasted, kind = one_of(fields, "text").strip(), ""
        body = bytes_of(fields, "file")
        if not body.strip() and pasted:
            body, kind = bytes_of({"text": [pasted]}, "text"), _PASTED
        try:
            judged = self._adding.judge(body, kind)
        except AvizorError as fault:
            shown = pasted.encode("utf-8", "replace").decode()
            return self._page(request, _Shown(opml_fault=self._say(fault, request), pasted=shown), _REFUSED)
        return self._page(request, _Shown(imported=imported(judged, self._desk.local(request))))

    def take_in(self, request: Request, fields: Fields) -> Response:
        """Write the feeds that were chosen into a pack."""
        chosen, pack = read_chosen(fields), read_pack_name(fields)
        if not chosen:
            fault = self._desk.local(request).words.say("No feed was chosen: tick one at least.")
            return self._page(request, _Shown(imported=offered_again(fields, fault)), _REFUSED)
        try:
            watchlist, by = one_of(fields, "watchlist"), self._name(request)
            written = self._adding.write_chosen(chosen, pack, watchlist, by)
        except AvizorError as fault:
            again = offered_again(fields, self._say(fault, request))
            return self._page(request, _Shown(imported=again), _REFUSED)
        return _done(written)

    def _say(self, fault: AvizorError, request: Request) -> str:
        return say_fault(fault, self._desk.local(request).words)

    def _page(self, request: Request, shown: _Shown, status: int = 200) -> HTMLResponse:
        local = self._desk.local(request)
        followers = self._adding.followers(shown.saved) if shown.saved else ()
        titles = [(one.id, one.title) for one in self._adding.files.watchlists]
        return self._desk.page(
            request,
            "source-add.html",
            status=status,
            local=local,
            shown=shown,
            followed=local.words.say_list(followers) if followers else "",
            packs=self._adding.list_packs(),
            watchlists=titles,
            groups=list_groups(local),
        )

    def _visitor(self, request: Request) -> str:
        """Give who searches, as limits count it."""
        return self._desk.visitor(request).name or place_of(request)

    def _name(self, request: Request) -> str:
        return self._desk.visitor(request).name or SOMEBODY


def _done(written: Written) -> Response:
    git = "" if written.is_committed else f"&git={_NOT_COMMITTED}"
    address = f"/sources/add?saved={written.pack}&feeds={written.feeds}{git}"
    return RedirectResponse(address, status_code=_SEE_OTHER)

"""The editor of a watchlist: its text, and beside it what the text would have done.

Everything works as a plain form; with scripts, what is said of the draft follows what is typed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.errors import AvizorError, FileRefused, NotFound
from service.watchlists import add_term, draft_watchlist, is_id, list_term_places
from service.web.draft_data import as_in_file, read_draft_data
from service.web.forms import one_of
from service.web.judgement import judgement, say_explained, verdicts
from service.web.present import SOMEBODY
from service.web.quota import Cost
from service.web.visitor import Role
from service.wording import later, retell

if TYPE_CHECKING:
    from service.errors import Problem
    from service.web.desk import Desk
    from service.web.forms import Fields
    from service.web.judgement import Judgement, Verdicts
    from service.web.times import Local
    from service.wiring import Drafts

MOST_BYTES = 1024 * 1024  # of a form: each letter may take nine bytes there
_SEE_OTHER, _REFUSED, _CONFLICT = 303, 422, 409
_PAGE = "/watchlists/{watchlist_id}"
_IN_FORCE, _UNCOMMITTED = "1", "uncommitted"
_SAVED = {
    _IN_FORCE: later("Saved. It is in force within two seconds."),
    _UNCOMMITTED: later(
        "Saved, and in force within two seconds; but git did not commit it. "
        "Whoever keeps the checkout of the watchlists has to see why."
    ),
}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What stands in the editor: the text, the print of the file it was made of, and what is said above it.

    `other` is the file as it is now, where that is another one.
    """

    text: str
    base: str = ""
    headline: str = ""
    line: int = 0
    said: str = ""
    fault: str = ""
    other: str = ""


class _Judged(TypedDict):
    """What the part of the page beside the text shows."""

    watchlist_id: str
    problems: tuple[Problem, ...]
    judged: Judgement
    verdicts: tuple[Verdicts, ...]
    headline: str
    explained: tuple[str, ...]


class Editing:
    """The editor over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses; none where files cannot be changed."""
        router, drafts, desk = APIRouter(), self._desk.view.drafts, self._desk
        if drafts is not None:
            self._drafts: Drafts = drafts
            desk.show(router, "/watchlists/new", self.ask_new, Role.EDITOR)
            desk.take(router, "/watchlists/new", self.begin, Role.EDITOR)
            desk.show(router, f"{_PAGE}/edit", self.edit, Role.EDITOR)
            for name, act in (("draft", self.judge), ("add", self.add), ("save", self.save)):
                path = f"{_PAGE}/{name}"
                desk.take(router, path, act, Role.EDITOR, cost=Cost.QUESTION, most=MOST_BYTES)
        return router

    # ------------------------------------------------------------------------------------- a new one

    def ask_new(self, request: Request) -> HTMLResponse:
        """Ask what a new watchlist is called, and what it looks for."""
        return self._desk.page(request, "watchlist-new.html", name="", terms="", fault="")

    def begin(self, request: Request, fields: Fields) -> Response:
        """Write a first text, and open it in the editor; nothing is kept before it is saved."""
        words = self._desk.local(request).words
        name, terms = one_of(fields, "name").strip().lower().replace(" ", "-"), one_of(fields, "terms")
        fault = ""
        if not is_id(name):
            fault = words.say("Write a short name of small letters, digits and hyphens, like chancay-port.")
        elif self._drafts.read(name) is not None:
            fault = words.say("There is a watchlist of this name already.")
        elif not terms.strip():
            fault = words.say("Write what an article must say, one on each line.")
        if fault:
            return self._desk.page(
                request, "watchlist-new.html", status=_REFUSED, name=name, terms=terms, fault=fault
            )
        text = draft_watchlist(name, (line for line in terms.splitlines() if line.strip()))
        return self._page(request, name, _Sheet(text))

    # -------------------------------------------------------------------------------------- the text

    def edit(self, watchlist_id: str, request: Request, line: int = 0, saved: str = "") -> HTMLResponse:
        """Show the text of a watchlist, and what it does."""
        kept = self._drafts.read(watchlist_id)
        if kept is None:
            raise NotFound("There is no watchlist of this name.")
        words = self._desk.local(request).words
        said = words.say(_SAVED.get(saved, _SAVED[_IN_FORCE])) if saved else ""
        return self._page(request, watchlist_id, _Sheet(kept.text, kept.print, line=line, said=said))

    def judge(self, request: Request, fields: Fields) -> Response:
        """Say what a draft does: the part of the page alone for a script, else the whole page."""
        watchlist_id, sheet = request.path_params["watchlist_id"], _sheet(fields)
        if request.headers.get("hx-request") != "true":
            return self._page(request, watchlist_id, sheet)
        local = self._desk.local(request)
        shown = self._judged(local, watchlist_id, sheet)
        return self._desk.page(request, "judgement.html", local=local, **shown)

    def add(self, request: Request, fields: Fields) -> Response:
        """Put one more term into a draft, and show what it would have caught."""
        sheet = _sheet(fields)
        try:
            text, line = add_term(sheet.text, one_of(fields, "place"), one_of(fields, "term"))
            sheet = replace(sheet, text=text, line=line)
        except FileRefused as refused:
            words = self._desk.local(request).words
            sheet = replace(sheet, fault=retell(refused.problems[0].message, words))
        return self._page(request, request.path_params["watchlist_id"], sheet)

    def save(self, request: Request, fields: Fields) -> Response:
        """Make a draft the file."""
        watchlist_id, sheet = request.path_params["watchlist_id"], _sheet(fields)
        by = self._desk.visitor(request).name or SOMEBODY
        try:
            done = self._drafts.save(watchlist_id, sheet.text, base=sheet.base, by=by)
        except FileRefused:
            return self._not_saved(request, watchlist_id, sheet)
        except AvizorError as fault:
            said = retell(str(fault), self._desk.local(request).words)
            return self._page(request, watchlist_id, replace(sheet, fault=said), _CONFLICT)
        how = _UNCOMMITTED if done.commit is None else _IN_FORCE
        return RedirectResponse(f"/watchlists/{watchlist_id}/edit?saved={how}", status_code=_SEE_OTHER)

    def _not_saved(self, request: Request, watchlist_id: str, sheet: _Sheet) -> HTMLResponse:
        """Say why a draft was not saved; where the file is another one by now, show both."""
        words, kept = self._desk.local(request).words, self._drafts.read(watchlist_id)
        if kept is None or kept.print == sheet.base:
            fault = words.say("Not saved: mend what stands below first.")
            return self._page(request, watchlist_id, replace(sheet, fault=fault), _REFUSED)
        fault = words.say(
            "Not saved: somebody else has changed the file meanwhile. Their text stands below yours; "
            "take over what you need from it, and save again."
        )
        both = replace(sheet, base=kept.print, fault=fault, other=kept.text)
        return self._page(request, watchlist_id, both, _CONFLICT)

    def _page(self, request: Request, watchlist_id: str, sheet: _Sheet, status: int = 200) -> HTMLResponse:
        local, in_force = self._desk.local(request), self._drafts.find_in_force(watchlist_id)
        return self._desk.page(
            request,
            "editor.html",
            status=status,
            local=local,
            sheet=sheet,
            title=in_force.title if in_force is not None else watchlist_id,
            places=list_term_places(sheet.text),
            **self._judged(local, watchlist_id, sheet),
        )

    def _judged(self, local: Local, watchlist_id: str, sheet: _Sheet) -> _Judged:
        store = self._desk.view.store
        found = read_draft_data(store, self._drafts, watchlist_id, sheet.text, sheet.headline)
        explained = found.explained
        return {
            "watchlist_id": watchlist_id,
            "problems": found.judged.problems,
            "judged": judgement(found.judged, local, before=found.before, text=found.text),
            "verdicts": verdicts(found.feedback, local.words),
            "headline": sheet.headline,
            "explained": say_explained(explained, local.words) if explained is not None else (),
        }


def _sheet(fields: Fields) -> _Sheet:
    return _Sheet(
        as_in_file(one_of(fields, "text")),
        one_of(fields, "base"),
        headline=one_of(fields, "headline").strip(),
    )

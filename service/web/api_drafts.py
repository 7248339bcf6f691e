"""The editor's data: the text of a watchlist, and what a draft of it would have done. Saves nothing."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter
from fastapi import Path as FromPath
from pydantic import BaseModel, ConfigDict, Field

from service.errors import NotFound
from service.match import Lack  # noqa: TC001 -- the same
from service.store import Scope
from service.watchlists import MOST_CHARACTERS, list_term_places
from service.web.api_gate import PROBLEMS, needing
from service.web.api_models import ID, Said
from service.web.api_today import ProblemOut
from service.web.draft_data import as_in_file, read_draft_data
from service.web.judgement import list_changes, say_example, say_explained
from service.web.quota import Cost
from service.web.visitor import Role
from service.wording import wording_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Match
    from service.pipeline import Tried
    from service.watchlists import TriedExample
    from service.web.desk import Desk
    from service.web.draft_data import DraftData
    from service.wiring import Drafts, Explained

_Name = Annotated[str, FromPath(pattern=ID)]
_LISTED = 50  # articles gained, and lost
_ENGLISH = wording_for("en")


class DraftIn(BaseModel):
    """The whole text of a watchlist as it might be, and a headline to try it on."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    headline: Annotated[str, Field(max_length=500)] = ""


class PlaceOut(Said):
    """A list of a watchlist that a term can be added to, and its line."""

    name: str
    line: int


class TextOut(Said):
    """The text of a watchlist as its file has it, and the print by which it is known to be unchanged.

    `is_in_force` tells whether just this text is in force; `places` are the lists a term can be added to.
    """

    id: str
    title: str
    text: str
    print: str
    is_in_force: bool
    places: list[PlaceOut]


class DraftArticleOut(Said):
    """An article that a draft gains or loses, and the lines that decide."""

    entry_id: int
    title: str
    url: str
    outlet: str
    language: str
    at: datetime
    lines: list[int]

    @classmethod
    def of(cls, one: Match) -> DraftArticleOut:
        """Say one."""
        entry = one.entry
        return cls(
            entry_id=entry.id,
            title=entry.title,
            url=entry.url,
            outlet=entry.outlet,
            language=entry.language,
            at=entry.happened_at,
            lines=sorted({evidence.line for evidence in one.evidence}),
        )


class WeekOfAlertsOut(Said):
    """The alerts that a reader of everything would have had in the seven days from a time."""

    begins_at: datetime
    before: int
    after: int


class TriedOut(Said):
    """What a draft would have matched since a time, beside the version in force.

    Where `is_cut` it asks for so much that only the newest articles were looked at. `gained` and `lost` have
    the latest of as many as the numbers say.
    """

    since: datetime
    is_cut: bool
    matched_before: int
    matched_after: int
    alerts_per_week_before: float
    alerts_per_week_after: float
    weeks: list[WeekOfAlertsOut]
    gained_number: int
    gained: list[DraftArticleOut]
    lost_number: int
    lost: list[DraftArticleOut]

    @classmethod
    def of(cls, tried: Tried) -> TriedOut:
        """Say it."""
        result = tried.result
        return cls(
            since=tried.since,
            is_cut=tried.is_cut,
            matched_before=result.matched_before,
            matched_after=result.matched_after,
            alerts_per_week_before=result.alerts_per_week_before,
            alerts_per_week_after=result.alerts_per_week_after,
            weeks=[
                WeekOfAlertsOut(begins_at=one.begins_at, before=one.before, after=one.after)
                for one in result.weeks
            ],
            gained_number=len(result.gained),
            gained=_latest(result.gained),
            lost_number=len(result.lost),
            lost=_latest(result.lost),
        )


def _latest(matches: Sequence[Match]) -> list[DraftArticleOut]:
    return [DraftArticleOut.of(one) for one in matches[: -_LISTED - 1 : -1]]


class ExampleOut(Said):
    """An example of a draft: whether it goes as it should, and the line that decided (0: none did)."""

    title: str
    text: str
    language: str
    should_match: bool
    is_right: bool
    line: int
    words: str

    @classmethod
    def of(cls, one: TriedExample) -> ExampleOut:
        """Say one."""
        return cls(
            title=one.example.title,
            text=one.example.text,
            language=one.example.language,
            should_match=one.example.should_match,
            is_right=one.is_right,
            line=one.line,
            words=say_example(one, _ENGLISH),
        )


class VerdictsOut(Said):
    """How often readers called alerts of a term useful, and noise; on which line it stands, 0 for nowhere."""

    term: str
    line: int
    useful: int
    noise: int


class MissOut(Said):
    """A line that nearly matched: what it lacks, and what was there."""

    line: int
    lack: Lack
    present: str
    missing: str


class ExplainedOut(Said):
    """What a draft does with a headline: the lines that match it, or those that nearly do; in words too."""

    headline: str
    matches: bool
    lines: list[int]
    misses: list[MissOut]
    words: list[str]

    @classmethod
    def of(cls, one: Explained) -> ExplainedOut:
        """Say it."""
        evidence = one.match.evidence if one.match is not None else ()
        return cls(
            headline=one.headline,
            matches=one.match is not None,
            lines=sorted({each.line for each in evidence}),
            misses=[MissOut.same(miss) for miss in one.misses],
            words=list(say_explained(one, _ENGLISH)),
        )


class DraftChangeOut(Said):
    """A line that the draft takes away (`−`) from what is in force or adds (`+`) to it."""

    sign: str
    text: str


class DraftOut(Said):
    """How a draft does. `tried` is null where it cannot be read: the problems say why.

    `changes` are the lines that differ from what is in force, the first of very many. `explained` is null
    where no headline was given or the draft cannot be read.
    """

    problems: list[ProblemOut]
    is_as_in_force: bool
    tried: TriedOut | None
    examples: list[ExampleOut]
    verdicts: list[VerdictsOut]
    changes: list[DraftChangeOut]
    explained: ExplainedOut | None

    @classmethod
    def of(cls, found: DraftData) -> DraftOut:
        """Say it."""
        judged = found.judged
        return cls(
            problems=[ProblemOut.same(one) for one in judged.problems],
            is_as_in_force=judged.is_as_in_force,
            tried=None if judged.tried is None else TriedOut.of(judged.tried),
            examples=[ExampleOut.of(one) for one in judged.examples],
            verdicts=[VerdictsOut.same(one) for one in found.feedback],
            changes=[
                DraftChangeOut(sign=one.sign, text=one.text) for one in list_changes(found.before, found.text)
            ],
            explained=None if found.explained is None else ExplainedOut.of(found.explained),
        )


class ApiDrafts:
    """What can be asked of drafts; nothing where files cannot be changed."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Name the addresses."""
        router, drafts = APIRouter(responses=PROBLEMS), self._desk.view.drafts
        if drafts is not None:
            self._drafts: Drafts = drafts
            one, desk = "/watchlists/{watchlist_id}", self._desk
            may_read = needing(desk, Scope.READ, Role.EDITOR)
            router.add_api_route(f"{one}/text", self.text, methods=["GET"], dependencies=may_read)
            may_edit = needing(desk, Scope.WRITE, Role.EDITOR, Cost.QUESTION)
            router.add_api_route(f"{one}/draft", self.judge, methods=["POST"], dependencies=may_edit)
        return router

    def text(self, watchlist_id: _Name) -> TextOut:
        """Give the text of a watchlist as its file has it."""
        kept = self._drafts.read(watchlist_id)
        if kept is None:
            raise NotFound("There is no watchlist of this name.")
        in_force = self._drafts.find_in_force(watchlist_id)
        return TextOut(
            id=watchlist_id,
            title=in_force.title if in_force is not None else "",
            text=kept.text,
            print=kept.print,
            is_in_force=in_force is not None and in_force.source.text == kept.text,
            places=[PlaceOut(name=one.name, line=one.line) for one in list_term_places(kept.text)],
        )

    def judge(self, watchlist_id: _Name, draft: DraftIn) -> DraftOut:
        """Say what is wrong with a draft, and what it would have found in 90 days. Saves nothing."""
        text, headline = as_in_file(draft.text), draft.headline.strip()
        store = self._desk.view.store
        return DraftOut.of(read_draft_data(store, self._drafts, watchlist_id, text, headline))

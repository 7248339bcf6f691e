"""One event as the API says it: reports, who repeats whom, how it spread, its history, how to cite it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING

from service.web.api_events import EventOut, ReportOut
from service.web.api_models import Said, time_of
from service.web.insight import read_insight
from service.web.present import say_act

if TYPE_CHECKING:
    from service.domain import Act
    from service.group import Heir
    from service.store import EventView
    from service.web.citing import Citation
    from service.web.spread import Spread
    from service.web.times import Local
    from service.web.tongues import Tongue


class HeirOut(Said):
    """A report that goes back to another: `bond` (text, agency, owner) ties it to the entry `behind`."""

    entry_id: int
    bond: str
    behind: int
    lag_seconds: int

    @classmethod
    def of(cls, one: Heir) -> HeirOut:
        """Say one."""
        return cls(
            entry_id=one.report.entry.id,
            bond=one.bond.value,
            behind=one.behind.id,
            lag_seconds=round(one.lag.total_seconds()),
        )


class OriginOut(Said):
    """An independent report, and those that go back to it, the earliest first."""

    entry_id: int
    heirs: list[HeirOut]


class StepOut(Said):
    """The reports up to a time, the independent ones among them, and what changed since the step before."""

    until: datetime
    reports: int
    independent: int
    changes: list[str]


class SpreadOut(Said):
    """How an event spread, in a sentence and in steps; steps without news are left out."""

    sentence: str
    steps: list[StepOut]

    @classmethod
    def of(cls, one: Spread) -> SpreadOut:
        """Say it."""
        return cls(
            sentence=one.sentence,
            steps=[
                StepOut(
                    until=time_of(step.at),
                    reports=step.reports,
                    independent=step.independent,
                    changes=list(step.notes),
                )
                for step in one.steps
                if step.is_news
            ],
        )


class TongueOut(Said):
    """An event in one language: its reports, the first of them, and the headline most bear after that.

    `usual_title` is empty where no other headline stands more than once; `usual_times` counts it.
    """

    language: str
    reports: int
    outlets: int
    first_title: str
    first_url: str
    first_outlet: str
    first_at: datetime
    lag_seconds: int
    usual_title: str
    usual_times: int

    @classmethod
    def of(cls, one: Tongue) -> TongueOut:
        """Say one."""
        return cls(
            language=one.code,
            reports=one.entries,
            outlets=one.outlets,
            first_title=one.headline.plain,
            first_url=one.link,
            first_outlet=one.outlet,
            first_at=time_of(one.at),
            lag_seconds=round(one.behind.total_seconds()),
            usual_title=one.usual.plain if one.usual is not None else "",
            usual_times=one.times,
        )


class ActOut(Said):
    """What was done to an event: `merge`, `split` or `rename`, by whom, with which event and entries.

    `said` says it in a sentence; `title` is the one that was given, if any.
    """

    kind: str
    by: str
    at: datetime | None
    other_id: str
    entries: list[int]
    title: str
    said: str

    @classmethod
    def of(cls, one: Act, local: Local) -> ActOut:
        """Say one."""
        return cls(
            kind=one.kind.value,
            by=one.by,
            at=one.at,
            other_id=one.other_id,
            entries=list(one.entries),
            title=one.words,
            said=say_act(one, local.words),
        )


class CitationOut(Said):
    """An event as a source: its permanent address, when it was looked at, and a print of what it said.

    The print is the SHA-256 of its reports, one on each line as address, tab, headline, in their order here.
    """

    id: str
    title: str
    url: str
    outlets: list[str]
    retrieved_at: datetime
    sha256: str
    note: str

    @classmethod
    def of(cls, one: Citation) -> CitationOut:
        """Say it."""
        return cls(
            id=one.key,
            title=one.title,
            url=one.url,
            outlets=list(one.outlets),
            retrieved_at=one.seen_at,
            sha256=one.print,
            note=one.note,
        )


class WholeEvent(Said):
    """An event with its reports, the first one first, and who repeats whom: each report stands there once.

    Of very many reports `next` is the `cursor` of those that follow, or null. `descent` says who repeats whom
    in a sentence. `spread` is null where there are few reports; `languages` has those that most report in,
    where there are several, `more_languages` says what is not there. What was told of it,
    `/deliveries?event=` lists.
    """

    event: EventOut
    watchlist: str
    reports: list[ReportOut]
    next: str | None
    origins: list[OriginOut]
    descent: str
    spread: SpreadOut | None
    languages: list[TongueOut]
    more_languages: str
    history: list[ActOut]
    citation: CitationOut

    @classmethod
    def of(cls, view: EventView, watchlist: str, part: slice, citation: Citation, local: Local) -> WholeEvent:
        """Say one of a watchlist that is called so, with a part of its reports."""
        seen, first = read_insight(view, local), view.reports[0]
        has_more = len(view.reports) > part.stop
        return cls(
            event=EventOut.of(view, local),
            watchlist=watchlist,
            reports=[ReportOut.of(one, first) for one in view.reports[part]],
            next=str(part.stop) if has_more else None,
            origins=[
                OriginOut(entry_id=one.report.entry.id, heirs=[HeirOut.of(heir) for heir in one.heirs])
                for one in seen.origins
            ],
            descent=seen.descent.sentence if seen.descent is not None else "",
            spread=None if seen.spread is None else SpreadOut.of(seen.spread),
            languages=[TongueOut.of(one) for one in seen.tongues.columns] if seen.tongues else [],
            more_languages=seen.tongues.more if seen.tongues else "",
            history=[ActOut.of(one, local) for one in view.acts],
            citation=CitationOut.of(citation),
        )

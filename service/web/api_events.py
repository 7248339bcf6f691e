"""What the API says of events, reports and spikes. Times are ISO 8601 in UTC. Pure."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING

from service.group import independent_groups, trace_origins
from service.web.api_models import Said

if TYPE_CHECKING:
    from service.domain import Evidence, Spike
    from service.group import Heir
    from service.store import EventView, Report


class EvidenceOut(Said):
    """A term that let an article in: in which field, between which characters, by which line of the file."""

    term: str
    field: str
    start: int
    end: int
    line: int

    @classmethod
    def of(cls, one: Evidence) -> EvidenceOut:
        """Say one."""
        return cls(term=one.term, field=one.field.value, start=one.start, end=one.end, line=one.line)


class ReportOut(Said):
    """A report of an event. `repeats` is the entry whose words it repeats, 0 where they are its own."""

    entry_id: int
    outlet: str
    country: str
    language: str
    title: str
    summary: str
    url: str
    published_at: datetime | None
    seen_at: datetime
    joined: str
    held: str | None
    repeats: int
    agency: str
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, one: Report) -> ReportOut:
        """Say one."""
        entry = one.entry
        return cls(
            entry_id=entry.id,
            outlet=entry.outlet,
            country=entry.country,
            language=entry.language,
            title=entry.title,
            summary=entry.summary,
            url=entry.url,
            published_at=entry.published_at,
            seen_at=entry.first_seen_at,
            joined=one.join_reason.value,
            held=None if one.held is None else one.held.value,
            repeats=one.lineage.copy_of,
            agency=one.lineage.credit,
            evidence=[EvidenceOut.of(evidence) for evidence in one.evidence],
        )


class MilestoneOut(Said):
    """Something that happened to an event after its first report."""

    kind: str
    words: str
    entry_id: int
    at: datetime


class EventOut(Said):
    """An event. Where `is_cut`, `outlets` and `independent` are at least so many."""

    id: str
    watchlist_id: str
    title: str
    opened_at: datetime
    last_report_at: datetime
    reports: int
    outlets: int
    independent: int
    is_cut: bool
    milestones: list[MilestoneOut]

    @classmethod
    def of(cls, view: EventView) -> EventOut:
        """Say one."""
        event = view.event
        return cls(
            id=event.id,
            watchlist_id=event.watchlist_id,
            title=event.title,
            opened_at=event.opened_at,
            last_report_at=event.last_report_at,
            reports=len(view.reports) + view.left_out,
            is_cut=view.left_out > 0,
            outlets=len(view.outlets),
            independent=len(independent_groups(report.carried for report in view.reports)),
            milestones=[
                MilestoneOut(kind=one.kind.value, words=one.words, entry_id=one.entry_id, at=one.at)
                for one in view.milestones
            ],
        )


class EventPage(Said):
    """Events, the one last reported on first. `next` is the `cursor` of those that follow, or null."""

    items: list[EventOut]
    next: str | None


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


class WholeEvent(Said):
    """An event with its reports, the first one first, and who repeats whom: each report stands there once."""

    event: EventOut
    reports: list[ReportOut]
    origins: list[OriginOut]

    @classmethod
    def of(cls, view: EventView) -> WholeEvent:
        """Say one."""
        return cls(
            event=EventOut.of(view),
            reports=[ReportOut.of(one) for one in view.reports],
            origins=[
                OriginOut(entry_id=one.report.entry.id, heirs=[HeirOut.of(heir) for heir in one.heirs])
                for one in trace_origins(report.carried for report in view.reports)
            ],
        )


class HitOut(Said):
    """An article that was found, with the events it is a report of."""

    entry_id: int
    outlet: str
    country: str
    language: str
    title: str
    summary: str
    url: str
    seen_at: datetime
    events: list[str]
    evidence: list[EvidenceOut]


class HitPage(Said):
    """Articles that were found, the newest first. `is_cut` says that the search stopped at its bound."""

    items: list[HitOut]
    next: str | None
    is_cut: bool


class SpikeOut(Said):
    """Far more reports than usual within an hour."""

    id: str
    watchlist_id: str
    began_at: datetime
    until_at: datetime
    reports: int
    outlets: int
    usual: float
    expected: str
    events: list[str]

    @classmethod
    def of(cls, one: Spike) -> SpikeOut:
        """Say one."""
        return cls(
            id=one.id,
            watchlist_id=one.watchlist_id,
            began_at=one.at,
            until_at=one.until_at,
            reports=one.reports,
            outlets=one.outlets,
            usual=one.usual,
            expected=one.expected,
            events=[cause.event_id for cause in one.causes],
        )


class SpikePage(Said):
    """Spikes, the latest first. `next` is the `cursor` of those that follow, or null."""

    items: list[SpikeOut]
    next: str | None

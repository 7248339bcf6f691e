"""What the API says of events, reports and spikes. Times are ISO 8601 in UTC. Pure."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING

from service.group import independent_groups
from service.web.api_models import Said, time_or_none
from service.web.present import count_countries, event_card

if TYPE_CHECKING:
    from service.domain import Evidence, Spike
    from service.store import EventView, Report
    from service.web.present import Why
    from service.web.telling import Told
    from service.web.times import Local


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
    """A report of an event.

    It counts for `at`, and came `lag_seconds` after the first one. `repeats` is the entry whose words it
    repeats, 0 where they are its own; `agency` the news agency that it names. `joined` says why it is in this
    event, `shared_words` which words it has in common with it, `held` why it may not alert by itself.
    `earlier` are headlines that its publisher edited away. It was matched by a `version` of the watchlist,
    which a git `commit` wrote, where that is known.
    """

    entry_id: int
    outlet: str
    country: str
    language: str
    group: str
    title: str
    earlier: list[str]
    summary: str
    url: str
    published_at: datetime | None
    seen_at: datetime
    at: datetime
    lag_seconds: int
    joined: str
    shared_words: list[str]
    held: str | None
    repeats: int
    agency: str
    is_major: bool
    version: str
    commit: str
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, one: Report, first: Report) -> ReportOut:
        """Say one of an event that began with the first."""
        entry = one.entry
        return cls(
            entry_id=entry.id,
            outlet=entry.outlet,
            country=entry.country,
            language=entry.language,
            group=entry.group.value,
            title=entry.title,
            earlier=list(one.earlier),
            summary=entry.summary,
            url=entry.url,
            published_at=entry.published_at,
            seen_at=entry.first_seen_at,
            at=entry.happened_at,
            lag_seconds=round((entry.happened_at - first.entry.happened_at).total_seconds()),
            joined=one.join_reason.value,
            shared_words=list(one.join_words),
            held=None if one.held is None else one.held.value,
            repeats=one.lineage.copy_of,
            agency=one.lineage.credit,
            is_major=one.is_major,
            version=one.version,
            commit=one.commit,
            evidence=[EvidenceOut.of(evidence) for evidence in one.evidence],
        )


class MilestoneOut(Said):
    """Something that happened to an event after its first report."""

    kind: str
    words: str
    entry_id: int
    at: datetime


class FirstOut(Said):
    """The first report of an event."""

    entry_id: int
    outlet: str
    at: datetime


class LeadOut(Said):
    """What a report says of an event in short, cut around the words it was found by."""

    outlet: str
    language: str
    text: str


class WhyOut(Said):
    """A line of the watchlist that let an event in: its terms, and where they stand in the article."""

    line: int
    terms: list[str]
    where: str

    @classmethod
    def of(cls, one: Why) -> WhyOut:
        """Say one."""
        return cls(line=one.number, terms=list(one.found), where=one.where)


class ToldOut(Said):
    """One way in which readers were told or not, in words around a time; who, for those who may know."""

    words: str
    at: datetime | None
    whom: str

    @classmethod
    def of(cls, one: Told) -> ToldOut:
        """Say one."""
        return cls(words=one.before, at=time_or_none(one.at), whom=one.after)


class EventOut(Said):
    """An event. Where `is_cut`, `outlets` and `independent` are at least so many.

    `countries` count its outlets by country. `why` names the first lines of the watchlist that let in the
    report whose headline it has; `more_lines` counts the others.
    """

    id: str
    watchlist_id: str
    title: str
    language: str
    opened_at: datetime
    last_report_at: datetime
    first: FirstOut
    reports: int
    outlets: int
    independent: int
    is_cut: bool
    countries: dict[str, int]
    languages: list[str]
    lead: LeadOut | None
    why: list[WhyOut]
    more_lines: int
    told: list[ToldOut]
    milestones: list[MilestoneOut]

    @classmethod
    def of(cls, view: EventView, local: Local) -> EventOut:
        """Say one, as its card on a page does."""
        event, card = view.event, event_card(view, local)
        first = view.reports[0].entry
        return cls(
            id=event.id,
            watchlist_id=event.watchlist_id,
            title=event.title,
            language=card.headline.language,
            opened_at=event.opened_at,
            last_report_at=event.last_report_at,
            first=FirstOut(entry_id=first.id, outlet=first.outlet, at=first.happened_at),
            countries=count_countries(view),
            languages=card.languages.split(),
            lead=None
            if card.lead is None
            else LeadOut(
                outlet=card.lead_outlet or card.first_outlet,
                language=card.lead.language,
                text=card.lead.plain,
            ),
            why=[WhyOut.of(one) for one in card.why],
            more_lines=card.why_more,
            told=[ToldOut.of(one) for one in card.told],
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


class CauseOut(Said):
    """An event behind a spike, and how many of its reports were of it."""

    event_id: str
    title: str
    language: str
    reports: int


class SpikeOut(Said):
    """Far more reports than usual within an hour.

    `causes` are the events that most of the reports were of, `events` their ids. `all_events` counts all.
    """

    id: str
    watchlist_id: str
    began_at: datetime
    until_at: datetime
    reports: int
    outlets: int
    usual: float
    expected: str
    events: list[str]
    all_events: int
    causes: list[CauseOut]

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
            all_events=one.events,
            causes=[
                CauseOut(
                    event_id=cause.event_id,
                    title=cause.headline,
                    language=cause.language,
                    reports=cause.reports,
                )
                for cause in one.causes
            ],
        )


class SpikePage(Said):
    """Spikes, the latest first. `next` is the `cursor` of those that follow, or null."""

    items: list[SpikeOut]
    next: str | None

"""What the API says, as OpenAPI describes it. Times are ISO 8601 in UTC. Pure."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 -- the framework reads them from the annotations
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.group import independent_groups, trace_origins
from service.store import mark_of
from service.text import hide_keys, hide_keys_in, partly_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import Delivery, Evidence, Feed, Mute, Spike
    from service.group import Heir
    from service.signup import Subscriber
    from service.store import Attempt, EventView, FoundEntry, Report, TermFeedback, TermUse, WatchlistSummary

ID = r"^[A-Za-z0-9_-]{1,100}$"
ID_OR_NONE = r"^[A-Za-z0-9_-]{0,100}$"
Id = Annotated[str, Field(pattern=ID)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Problem(_Said):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str = ""


class WatchlistOut(_Said):
    """A watchlist in force."""

    id: str
    title: str
    about: str
    events: int
    matches: int

    @classmethod
    def of(cls, one: WatchlistSummary) -> WatchlistOut:
        """Say one."""
        return cls(id=one.id, title=one.title, about=one.about, events=one.events, matches=one.matches)


class DayOut(_Said):
    """A day of the service's time zone, and how many reports came then; days without one are left out."""

    day: date
    reports: int


class ShareOut(_Said):
    """An outlet, a country or a language: its reports, and in how many events it was the first."""

    name: str
    reports: int
    first: int


class TermOut(_Said):
    """A term of a line: how many reports it let in, when last, and what readers said of their alerts."""

    term: str
    line: int
    hits: int
    last_at: datetime | None
    useful: int
    noise: int


def terms_of(uses: Iterable[TermUse], feedback: Iterable[TermFeedback]) -> list[TermOut]:
    """Put use and feedback together, in the order of the lines."""
    used = {(one.line, one.term): one for one in uses}
    said = {(one.line, one.term): one for one in feedback}
    found = []
    for key in sorted({*used, *said}):
        use, words = used.get(key), said.get(key)
        found.append(
            TermOut(
                term=key[1],
                line=key[0],
                hits=use.hits if use else 0,
                last_at=use.last_at if use else None,
                useful=words.useful if words else 0,
                noise=words.noise if words else 0,
            )
        )
    return found


class WholeWatchlist(_Said):
    """A watchlist, and what it found of late; `coverage` is by `outlet`, `country` and `language`."""

    watchlist: WatchlistOut
    days: list[DayOut]
    coverage: dict[str, list[ShareOut]]
    terms: list[TermOut]


class EvidenceOut(_Said):
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


class ReportOut(_Said):
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


class MilestoneOut(_Said):
    """Something that happened to an event after its first report."""

    kind: str
    words: str
    entry_id: int
    at: datetime


class EventOut(_Said):
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


class EventPage(_Said):
    """Events, the one last reported on first. `next` is the `cursor` of those that follow, or null."""

    items: list[EventOut]
    next: str | None


class HeirOut(_Said):
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


class OriginOut(_Said):
    """An independent report, and those that go back to it, the earliest first."""

    entry_id: int
    heirs: list[HeirOut]


class WholeEvent(_Said):
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


class HitOut(_Said):
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


class HitPage(_Said):
    """Articles that were found, the newest first. `is_cut` says that the search stopped at its bound."""

    items: list[HitOut]
    next: str | None
    is_cut: bool


class SourceOut(_Said):
    """A feed, and how it is doing. `id` names it under `/sources/`.

    In the place of what looks like a key in `url` stands `…`, for those who may not see it.
    """

    id: str
    url: str
    outlet: str
    country: str
    language: str
    group: str
    packs: list[str]
    status: str
    trouble: str
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_entry_at: datetime | None
    next_poll_at: datetime

    @classmethod
    def of(cls, feed: Feed, *, with_keys: bool) -> SourceOut:
        """Say one."""
        source = feed.source
        return cls(
            id=mark_of(source.url),
            url=source.url if with_keys else hide_keys(source.url),
            outlet=source.outlet,
            country=source.country,
            language=source.language,
            group=source.group.value,
            packs=list(source.packs),
            status=feed.status.value,
            trouble=feed.trouble if with_keys else hide_keys_in(feed.trouble),
            last_polled_at=feed.last_polled_at,
            last_success_at=feed.last_success_at,
            last_entry_at=feed.last_entry_at,
            next_poll_at=feed.next_poll_at,
        )


class SourceEntryOut(_Said):
    """An entry of a feed, and the events that it is a report of."""

    title: str
    url: str
    language: str
    at: datetime
    events: list[str]

    @classmethod
    def of(cls, one: FoundEntry) -> SourceEntryOut:
        """Say one."""
        events = [event_id for event_id, _ in one.events]
        return cls(title=one.title, url=one.url, language=one.language, at=one.at, events=events)


class WholeSource(_Said):
    """A feed with what it brought of late: entries a day, how many a watchlist matched, and the last ones."""

    source: SourceOut
    days: list[DayOut]
    matched: dict[str, int]
    entries: list[SourceEntryOut]


class PausedOut(_Said):
    """A target that refuses, and is left alone until a time."""

    target: str
    words: str
    since_at: datetime
    until_at: datetime


class ChannelOut(_Said):
    """A channel of the files: where it leads (mail addresses partly hidden) and what goes there.

    `trouble` says why it cannot be used, `paused` until when which target is left alone, and its words.
    """

    id: str
    kind: str
    targets: list[str]
    timezone: str
    gets: list[str]
    trouble: str
    paused: list[PausedOut]


class SubscriberOut(_Said):
    """A reader who subscribed: a mail address partly hidden, or the name of a chat."""

    id: str
    kind: str
    name: str
    asked_at: datetime
    confirmed_at: datetime | None
    watchlists: list[str]
    when: str
    timezone: str
    language: str

    @classmethod
    def of(cls, one: Subscriber) -> SubscriberOut:
        """Say one."""
        return cls(
            id=one.id,
            kind=one.kind,
            name=partly_hidden(one.address) if one.is_mail else one.label,
            asked_at=one.asked_at,
            confirmed_at=one.confirmed_at,
            watchlists=list(one.wishes.watchlists),
            when=one.wishes.when,
            timezone=one.wishes.timezone,
            language=one.wishes.language,
        )


class SubscriberPage(_Said):
    """Readers, who asked last first. `next` is the `cursor` of those that follow, or null."""

    items: list[SubscriberOut]
    next: str | None


class DeliveryOut(_Said):
    """What was told to whom. Mail addresses are shown partly."""

    id: str
    channel_id: str
    target: str
    state: str
    reason: str
    held: str | None
    event_id: str
    watchlist_id: str
    title: str
    attempts: int
    created_at: datetime
    due_at: datetime
    delivered_at: datetime | None

    @classmethod
    def of(cls, one: Delivery) -> DeliveryOut:
        """Say one."""
        return cls(
            id=one.id,
            channel_id=one.channel_id,
            target=partly_hidden(one.target),
            state=one.state.value,
            reason=one.reason.value,
            held=None if one.held is None else one.held.value,
            event_id=one.event_id,
            watchlist_id=one.watchlist_id,
            title=one.notification.title,
            attempts=one.attempts,
            created_at=one.created_at,
            due_at=one.due_at,
            delivered_at=one.delivered_at,
        )


class DeliveryPage(_Said):
    """Deliveries, the latest planned first. `next` is the `cursor` of those that follow, or null.

    Of a page that asks for few among very many there can be less than `limit`, even none, and yet a `next`.
    """

    items: list[DeliveryOut]
    next: str | None


class AttemptOut(_Said):
    """A try to deliver: how it ended, in which phase, with which code (0: none) and words of the other side.

    One without an end is under way, or its process died in it.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    phase: str
    code: int
    words: str

    @classmethod
    def of(cls, one: Attempt) -> AttemptOut:
        """Say one."""
        return cls(
            number=one.number,
            started_at=one.started_at,
            ended_at=one.ended_at,
            outcome=one.outcome,
            phase=one.phase,
            code=one.code,
            words=partly_hidden(one.words),
        )


class WholeDelivery(_Said):
    """A delivery with its attempts, the first one first."""

    delivery: DeliveryOut
    attempts: list[AttemptOut]


class SpikeOut(_Said):
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


class SpikePage(_Said):
    """Spikes, the latest first. `next` is the `cursor` of those that follow, or null."""

    items: list[SpikeOut]
    next: str | None


class MuteOut(_Said):
    """Silence about an event or a watchlist, for all readers or for one."""

    number: int
    event_id: str
    watchlist_id: str
    is_for_all: bool
    until_at: datetime
    by: str

    @classmethod
    def of(cls, number: int, mute: Mute) -> MuteOut:
        """Say one."""
        return cls(
            number=number,
            event_id=mute.event_id,
            watchlist_id=mute.watchlist_id,
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

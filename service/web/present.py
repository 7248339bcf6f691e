"""From what the store gives to what a template shows. Pure: the time and the zone come in as `Local`.

A template only lays out: which words are marked, which sentence is said, which links are safe and
what counts as trouble is decided here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from service.domain import ActKind, JoinReason, TextField
from service.group import independent_groups
from service.marking import excerpt, mark, spans_in, written_form
from service.notify.holding import HELD
from service.notify.news import say_milestone
from service.web.phrases import (
    GROUPS,
    countries,
    language_tag,
    languages,
    safe_link,
)
from service.web.telling import JOINED, Told, tell
from service.web.times import lag, moment, since
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.domain import Act, Entry, Evidence
    from service.marking import Piece
    from service.store import EventView, Report
    from service.web.times import Local, Moment
    from service.wording import Wording

LEAD_LIMIT = 260  # characters of a summary on a front page
REPORT_LIMIT = 900  # the same on the page of one event
_LINES_SHOWN = 3
_ECHO = 40  # a summary that is the headline and this little more says nothing new


@dataclass(frozen=True, slots=True)
class Text:
    """Words a feed wrote, in pieces, with the language they are in (empty when not known)."""

    pieces: tuple[Piece, ...]
    language: str

    @property
    def plain(self) -> str:
        """Give the words without marks."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Why:
    """A line of a watchlist that let a report in: `line 9 of chancay-port.yaml`, its terms, where.

    The file is named at the first line only; `number` is that of the line, `found` are the terms one by one.
    """

    line: str
    terms: str
    where: str
    number: int
    found: tuple[str, ...] = ()


SOMEBODY = later("somebody on the page")  # who corrected an event where nobody is asked for a name
_NOBODY = frozenset({SOMEBODY})
_DONE = {
    ActKind.MERGE: later("another event was merged into this one by {who}"),
    ActKind.SPLIT: later("reports were split off into an event of their own by {who}"),
    ActKind.RENAME: later("named by {who}"),
}


@dataclass(frozen=True, slots=True)
class EventCard:
    """An event as the front page tells it. `lead_outlet` is named when the first reporter is another."""

    id: str
    headline: Text
    outlets: str
    countries: str
    languages: str
    first_outlet: str
    first_at: Moment
    lead: Text | None
    lead_outlet: str
    why: tuple[Why, ...]
    why_more: int
    told: tuple[Told, ...]
    watchlist_id: str


def event_card(view: EventView, local: Local) -> EventCard:
    """Tell an event in short."""
    first, opener = view.reports[0], _opener(view)
    lead = _lead_report(view)
    why, more = why_here(opener.evidence, view.event.watchlist_id, local.words)
    return EventCard(
        id=view.event.id,
        headline=_headline(view, opener, local.words),
        outlets=_outlets(view, local.words),
        countries=countries(_country_by_outlet(view).values(), local.words),
        languages=languages(report.entry.language for report in view.reports),
        first_outlet=first.entry.outlet,
        first_at=moment(first.entry.happened_at, local),
        lead=None if lead is None else _summary(lead, LEAD_LIMIT),
        lead_outlet="" if lead is None or lead is first else lead.entry.outlet,
        why=why,
        why_more=more,
        told=tell(view, local),
        watchlist_id=view.event.watchlist_id,
    )


def _outlets(view: EventView, words: Wording) -> str:
    outlets = words.count(len(view.outlets), "{number} outlet", "{number} outlets")
    if len(view.outlets) == 1:
        return outlets
    origins = len(independent_groups(report.carried for report in view.reports))
    independent = words.count(origins, "{number} independent", "{number} independent")
    said = f"{outlets}, {independent}"
    return words.say("at least {outlets}", outlets=said) if view.left_out else said


def why_here(evidence: Sequence[Evidence], watchlist_id: str, words: Wording) -> tuple[tuple[Why, ...], int]:
    """Name the lines of the watchlist that let a report in, and how many more there are."""
    by_line: dict[int, list[Evidence]] = {}
    for one in evidence:
        by_line.setdefault(one.line, []).append(one)
    lines = [
        Why(
            line=words.say("line {line}", line=line)
            if number
            else words.say("line {line} of {file}", line=line, file=f"{watchlist_id}.yaml"),
            terms=words.say_list(list(dict.fromkeys(one.term for one in found))),
            where=_where(found, words),
            number=line,
            found=tuple(dict.fromkeys(one.term for one in found)),
        )
        for number, (line, found) in enumerate(sorted(by_line.items()))
    ]
    return tuple(lines[:_LINES_SHOWN]), max(0, len(lines) - _LINES_SHOWN)


def _where(found: Sequence[Evidence], words: Wording) -> str:
    fields = {one.field for one in found}
    if fields >= {TextField.TITLE, TextField.TEXT}:
        return words.say("in the title and the text")
    return words.say("in the title") if TextField.TITLE in fields else words.say("in the text")


def _opener(view: EventView) -> Report:
    """Give the report whose headline the event carries, else the one that opened it."""
    named = (one for one in view.reports if one.entry.title == view.event.title)
    opened = (one for one in view.reports if one.join_reason is JoinReason.NONE)
    return next(chain(named, opened), view.reports[0])


def _headline(view: EventView, opener: Report, words: Wording) -> Text:
    # Offsets count in the words that matched; after an edit the headline kept is no longer those.
    unchanged = opener.entry.title == view.event.title
    spans = spans_in(opener.evidence, TextField.TITLE) if unchanged else []
    title = view.event.title or words.say("(no headline)")
    return Text(mark(title, spans), language_tag(opener.entry.language))


def _lead_report(view: EventView) -> Report | None:
    telling = [report for report in view.reports if _says_more(report.entry)]
    in_text = (report for report in telling if spans_in(report.evidence, TextField.TEXT))
    return next(in_text, next(iter(telling), None))


def _says_more(entry: Entry) -> bool:
    title, summary = entry.title.casefold(), entry.summary.casefold()
    is_echo = summary.startswith(title) and len(summary) <= len(title) + _ECHO
    return bool(summary) and not is_echo


def _summary(report: Report, limit: int) -> Text:
    pieces = excerpt(report.entry.summary, spans_in(report.evidence, TextField.TEXT), limit)
    return Text(pieces, language_tag(report.entry.language))


def count_countries(view: EventView) -> dict[str, int]:
    """Count the outlets of an event by country, the most first."""
    return dict(Counter(code for code in _country_by_outlet(view).values() if code).most_common())


def _country_by_outlet(view: EventView) -> dict[str, str]:
    return {report.entry.outlet: report.entry.country for report in view.reports}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report of an event: who, when, how long after the first, why it is here, why it was held.

    `source` says whose words these are, where they are not its own; `earlier` are headlines that were edited
    away.
    """

    headline: Text
    link: str
    outlet: str
    country: str
    group: str
    at: Moment
    is_dated: bool
    lag: str
    joined: str
    source: str
    held: str
    summary: Text | None
    why: tuple[Why, ...]
    why_more: int
    earlier: tuple[str, ...]


def report_row(report: Report, view: EventView, local: Local) -> ReportRow:
    """Tell one report of an event."""
    entry, first = report.entry, view.reports[0]
    why, more = why_here(report.evidence, view.event.watchlist_id, local.words)
    title = mark(entry.title or local.words.say("(no headline)"), spans_in(report.evidence, TextField.TITLE))
    return ReportRow(
        headline=Text(title, language_tag(entry.language)),
        link=safe_link(entry.url),
        outlet=entry.outlet,
        country=entry.country,
        group=local.words.say(GROUPS[entry.group]),
        at=moment(entry.happened_at, local),
        is_dated=entry.published_at is not None,
        lag=local.words.say("first")
        if report is first
        else lag(entry.happened_at - first.entry.happened_at, local.words),
        joined=_joined(report, local.words),
        source=_source(report, view, local.words),
        held=_held_words(report, local.words),
        summary=_summary(report, REPORT_LIMIT) if _says_more(entry) else None,
        why=why,
        why_more=more,
        earlier=report.earlier,
    )


def _joined(report: Report, words: Wording) -> str:
    """Say why a report belongs to the event, with the words it shares, as they stand in it."""
    shared = [
        word
        for word in (
            written_form(f"{report.entry.title} {report.entry.summary}", folded)
            for folded in report.join_words
        )
        if word
    ]
    said = words.say(JOINED[report.join_reason])
    has_words = shared and report.join_reason is JoinReason.SHARED_WORDS
    return f"{said} ({words.say_list(shared)})" if has_words else said


def _source(report: Report, view: EventView, words: Wording) -> str:
    copy_of, credit = report.lineage.copy_of, report.lineage.credit
    originals = (one.entry.outlet for one in view.reports if one.entry.id == copy_of)
    copied = next(originals, "") if copy_of else ""
    parts = (
        words.say("repeats {outlet}", outlet=copied) if copied else "",
        words.say("from the agency {name}", name=credit) if credit else "",
    )
    return ", ".join(part for part in parts if part)


def _held_words(report: Report, words: Wording) -> str:
    if report.held is None:
        return ""
    return words.say("may not alert by itself: {why}", why=words.say(HELD[report.held]))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Something that happened to an event after its first report; the number is that in a drawing."""

    at: Moment
    words: str
    number: int = 0
    event_id: str = ""  # of what was split off


def changes_of(view: EventView, local: Local, numbers: Mapping[int, int] | None = None) -> list[ChangeRow]:
    """Tell an event's milestones, and what was done to it, in the order of time.

    `numbers` are those of milestones in a drawing, by their place in the event.
    """
    words, drawn = local.words, numbers or {}
    reached = [
        (one.at, say_milestone(one.words, words), drawn.get(place, 0), "")
        for place, one in enumerate(view.milestones)
    ]
    done = [
        (act.at, say_act(act, words), 0, act.other_id if act.kind is ActKind.SPLIT else "")
        for act in view.acts
        if act.at is not None
    ]
    return [
        ChangeRow(moment(at, local), said, number, event_id)
        for at, said, number, event_id in sorted(reached + done)
    ]


def say_act(act: Act, words: Wording) -> str:
    """Say what somebody did to an event, and what the other event, or this one from then on, is called."""
    said = words.say(_DONE[act.kind], who=_who(act.by, words))
    title = act.other_title or act.words
    return words.say("{what}: {title}", what=said, title=title) if title else said


def _who(by: str, words: Wording) -> str:
    return words.say(by) if by in _NOBODY else by


def still_watching(entries: int, sources: int, began_at: datetime | None, local: Local) -> str:
    """Say that nothing matched, and out of how much: silence with a receipt."""
    words = local.words
    many = words.count(sources, "{number} source", "{number} sources")
    if began_at is None:
        return words.say("Watching since just now: {sources} to read, no article yet", sources=many)
    begun = since(began_at, local)
    if not entries:
        return words.say("Still watching: no article was read since {time}", time=begun)
    return words.say(
        "Still watching: {articles} from {sources} since {time}, none matched",
        articles=words.count(entries, "{number} article", "{number} articles"),
        sources=many,
        time=begun,
    )

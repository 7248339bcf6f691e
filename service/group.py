"""Matches to events, by the simplest honest rule: near-identical reports are one event.

A report joins an event of its watchlist when, within `WINDOW` of that event's latest report, one of
the event's reports has the same address, the same headline, or a headline whose words overlap by
at least `SIMILAR` (shared words divided by all words of both, Jaccard 1912) with at least
`SHARED_WORDS` words in common. Otherwise it opens an event. The same event told in quite other
words, or in another language, is not recognised by this rule and becomes an event of its own.

Pure: what is known comes in, what changes goes out, in the order of the reports' times, so that the
order in which a feed lists its entries makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import ChangeKind, EventChange, JoinReason, KnownReport
from service.text import digest, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from service.domain import Match

WINDOW = timedelta(hours=72)
SIMILAR = 0.5
SHARED_WORDS = 4
_SHORT = 3  # words of up to three letters are mostly articles and prepositions


def group_matches(matches: Iterable[Match], known: Sequence[KnownReport]) -> list[EventChange]:
    """Put each match into an event of its watchlist, or open one for it.

    `known` are the reports of that watchlist's events; all matches must be of one watchlist.
    Each match counts for those after it.
    """
    reports = list(known)
    changes = []
    for match in sorted(matches, key=lambda one: (one.entry.happened_at, one.entry.id)):
        report = describe_report(match)
        found = _find(report, reports)
        if found is None:
            changes.append(EventChange(match, report.event_id, ChangeKind.OPENED))
        else:
            report = KnownReport(found.event_id, report.canonical_url, report.title_words, report.reported_at)
            changes.append(EventChange(match, found.event_id, ChangeKind.JOINED, found.reason))
        reports.append(report)
    return changes


def describe_report(match: Match) -> KnownReport:
    """Give what grouping looks at in a match, under the id of the event it would open."""
    event_id = digest("event", match.watchlist_id, str(match.entry.id))
    return KnownReport(
        event_id=event_id,
        canonical_url=match.entry.canonical_url,
        title_words=headline_words(match.entry.title),
        reported_at=match.entry.happened_at,
    )


def headline_words(title: str) -> tuple[str, ...]:
    """Give the headline's words as they are compared: folded, in order."""
    return tuple(word.folded for word in words(title))


@dataclass(frozen=True, slots=True)
class _Found:
    event_id: str
    reason: JoinReason


def _find(report: KnownReport, reports: Sequence[KnownReport]) -> _Found | None:
    latest = _latest_by_event(reports)
    best: tuple[float, _Found] | None = None
    for other in reports:
        if abs(report.reported_at - latest[other.event_id]) > WINDOW:
            continue
        score, reason = _likeness(report, other)
        if reason is not JoinReason.NONE and (best is None or score > best[0]):
            best = (score, _Found(other.event_id, reason))
    return None if best is None else best[1]


def _latest_by_event(reports: Sequence[KnownReport]) -> dict[str, datetime]:
    latest: dict[str, datetime] = {}
    for report in reports:
        at = latest.get(report.event_id)
        if at is None or report.reported_at > at:
            latest[report.event_id] = report.reported_at
    return latest


def _likeness(one: KnownReport, other: KnownReport) -> tuple[float, JoinReason]:
    if one.canonical_url and one.canonical_url == other.canonical_url:
        return 3.0, JoinReason.SAME_ADDRESS
    if one.title_words and one.title_words == other.title_words:
        return 2.0, JoinReason.SAME_HEADLINE
    mine, theirs = _telling(one.title_words), _telling(other.title_words)
    shared = len(mine & theirs)
    if shared < SHARED_WORDS:
        return 0.0, JoinReason.NONE
    overlap = shared / len(mine | theirs)
    return overlap, JoinReason.SIMILAR_HEADLINE if overlap >= SIMILAR else JoinReason.NONE


def _telling(title_words: Sequence[str]) -> set[str]:
    return {word for word in title_words if len(word) > _SHORT or not word.isascii() or word.isdigit()}

"""Matches to events, by the simplest honest rule: near-identical reports are one event.

A report joins an event of its watchlist when, within `WINDOW` of it or of that event's latest report,
one of the event's reports has the same address, the same headline, or a headline whose words overlap by
at least `SIMILAR` (shared words divided by all words of both, Jaccard 1912) with at least
`SHARED_WORDS` words in common. Otherwise it opens an event. The same event told in quite other
words, or in another language, is not recognised by this rule and becomes an event of its own.

Pure: what is known comes in, what changes goes out, in the order of the reports' times, so that the
order in which a feed lists its entries makes no difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import ChangeKind, EventChange, JoinReason, KnownReport
from service.text import digest, read

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
    board = _Board(known)
    changes = []
    for match in sorted(matches, key=lambda one: (one.entry.happened_at, one.entry.id)):
        report = describe_report(match)
        found = board.find(report)
        if found is None:
            changes.append(EventChange(match, report.event_id, ChangeKind.OPENED))
        else:
            report = replace(report, event_id=found.event_id)
            changes.append(EventChange(match, found.event_id, ChangeKind.JOINED, found.reason))
        board.add(report)
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
    return tuple(read(title).folded)


@dataclass(frozen=True, slots=True)
class _Found:
    event_id: str
    reason: JoinReason


class _Board:
    """The reports so far, by what they can be recognised by."""

    def __init__(self, reports: Iterable[KnownReport]) -> None:
        self._reports: list[KnownReport] = []
        self._latest: dict[str, datetime] = {}
        self._by_address: dict[str, list[int]] = defaultdict(list)
        self._by_headline: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._sizes: list[int] = []
        for report in reports:
            self.add(report)

    def add(self, report: KnownReport) -> None:
        number = len(self._reports)
        self._reports.append(report)
        self._latest[report.event_id] = max(
            self._latest.get(report.event_id, report.reported_at), report.reported_at
        )
        telling = _telling(report.title_words)
        self._sizes.append(len(telling))
        for word in telling:
            self._by_word[word].append(number)
        if report.canonical_url:
            self._by_address[report.canonical_url].append(number)
        if report.title_words:
            self._by_headline[report.title_words].append(number)

    def find(self, report: KnownReport) -> _Found | None:
        """Find the event of the report most like this one; the earlier one where two are alike."""
        return (
            self._first(report, self._by_address.get(report.canonical_url, ()), JoinReason.SAME_ADDRESS)
            or self._first(report, self._by_headline.get(report.title_words, ()), JoinReason.SAME_HEADLINE)
            or self._first(report, self._similar(report), JoinReason.SIMILAR_HEADLINE)
        )

    def _first(self, report: KnownReport, numbers: Iterable[int], reason: JoinReason) -> _Found | None:
        others = (self._reports[number] for number in numbers)
        return next(
            (_Found(other.event_id, reason) for other in others if self._is_recent(report, other)), None
        )

    def _is_recent(self, report: KnownReport, other: KnownReport) -> bool:
        """Tell whether the two reports, or the report and the last one of the event, are close in time."""
        at = report.reported_at
        distance = min(abs(at - other.reported_at), abs(at - self._latest[other.event_id]))
        return distance <= WINDOW

    def _similar(self, report: KnownReport) -> list[int]:
        """Give the reports whose headlines overlap enough, the one that overlaps most first."""
        mine = _telling(report.title_words)
        shared = Counter(number for word in mine for number in self._by_word.get(word, ()))
        likeness = {
            number: count / (len(mine) + self._sizes[number] - count)
            for number, count in shared.items()
            if count >= SHARED_WORDS
        }
        alike = [number for number, overlap in likeness.items() if overlap >= SIMILAR]
        return sorted(alike, key=lambda number: (-likeness[number], number))


def _telling(title_words: Sequence[str]) -> set[str]:
    return {word for word in title_words if len(word) > _SHORT or not word.isascii() or word.isdigit()}

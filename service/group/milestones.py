"""What is worth telling of an event after its first report, and why.

Each is said once in an event: the store keeps what was said. Pure: the event's reports come in as they stand.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import ChangeKind, FeedGroup, Milestone
from service.group.copies import Carried
from service.group.figures import figures_in, has_changed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.domain import Entry, EventChange
    from service.group.reports import Reports

CORROBORATED = (3, 10, 25)  # independent outlets
REVIVED_AFTER = timedelta(hours=72)


def find_milestones(change: EventChange, earlier: Reports) -> list[Milestone]:
    """Say what a report means for the event it joined, beside the reports that were there before.

    Those that were said before are among them.
    """
    entry = change.match.entry
    if earlier.latest is None:
        return []
    found = [
        *_joined(change),
        *_corroborated(change, earlier),
        *_official(change, earlier),
        *_major(change),
        *_numbers(entry, earlier),
        *_revived(entry, earlier.latest),
    ]
    return [
        Milestone(change.event_id, change.match.watchlist_id, kind, detail, words, entry.id, change.held)
        for kind, detail, words in found
    ]


_Found = tuple[ChangeKind, str, str]


def _joined(change: EventChange) -> Iterator[_Found]:
    """Say that one more carries it; a report that only repeats another is no news in itself."""
    entry = change.match.entry
    if not change.lineage.copy_of:
        yield ChangeKind.JOINED, str(entry.id), f"{entry.outlet or entry.url} reports it too"


def _corroborated(change: EventChange, earlier: Reports) -> Iterator[_Found]:
    before, now = earlier.outlets, earlier.outlets_with(Carried(change.match.entry, change.lineage))
    for number in CORROBORATED:
        if before < number <= now:
            yield ChangeKind.CORROBORATED, str(number), f"{number} independent outlets carry it now"


def _official(change: EventChange, earlier: Reports) -> Iterator[_Found]:
    entry = change.match.entry
    if entry.group is FeedGroup.GOVERNMENT and not earlier.is_official:
        yield ChangeKind.OFFICIAL, "", f"the first official source: {entry.outlet or entry.url}"


def _major(change: EventChange) -> Iterator[_Found]:
    entry = change.match.entry
    for one in change.match.major[:1]:
        text = entry.title if one.field.value == "title" else entry.summary
        yield ChangeKind.MAJOR, "", f"a major development: “{text[one.start : one.end]}”"


def _numbers(entry: Entry, earlier: Reports) -> Iterator[_Found]:
    known = earlier.figures
    for label, value in figures_in(entry.title, entry.summary).items():
        if label in known and has_changed(label, known[label], value):
            yield ChangeKind.NUMBER, f"{label} {value:g}", _said(label, known[label], value)


def _revived(entry: Entry, latest: datetime) -> Iterator[_Found]:
    silence = entry.happened_at - latest
    if silence >= REVIVED_AFTER:
        words = f"reported on again after {silence // timedelta(days=1)} days of silence"
        yield ChangeKind.REVIVED, entry.happened_at.date().isoformat(), words


def _said(label: str, before: float, now: float) -> str:
    if label.startswith("% of "):
        return f"{label[5:]}: {now:,g} %, before {before:,g} %"
    return f"{now:,.0f} {label}, before {before:,.0f}"

"""What several matches report together, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain.news import HeldReason, Match


class ChangeKind(StrEnum):
    """What happened to an event.

    OPENED: its first report. JOINED: one more. CORROBORATED: independent outlets have become 3, 10 or 25.
    OFFICIAL: the first report by a government or court. MAJOR: a `major` expression of the watchlist holds.
    NUMBER: a count it is known by, such as a death toll, has changed. REVIVED: a report after 72 hours of
    silence. MERGED: another event turned out to be this one. CORRECTED: a headline that was told was changed
    in substance.
    """

    OPENED = "opened"
    JOINED = "joined"
    CORROBORATED = "corroborated"
    OFFICIAL = "official"
    MAJOR = "major"
    NUMBER = "number"
    REVIVED = "revived"
    MERGED = "merged"
    CORRECTED = "corrected"


class JoinReason(StrEnum):
    """Why a report was put into an event that was already there.

    BY_HAND: a person moved it there.
    """

    NONE = "none"
    SAME_ADDRESS = "same-address"
    SAME_HEADLINE = "same-headline"
    SHARED_WORDS = "shared-words"
    SAME_MEANING = "same-meaning"
    BY_HAND = "by-hand"


class Updates(StrEnum):
    """What a reader is told of an event after its first report."""

    NONE = "none"
    MILESTONES = "milestones"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Event:
    """What several matches of one watchlist report. `title` is the headline that says it best.

    `named_by` is who gave it another title, empty where nobody did.
    """

    id: str
    watchlist_id: str
    title: str
    opened_at: datetime
    last_report_at: datetime
    reports: int = 1
    named_by: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a report's words come from: the entry it repeats (0: none), the news agency it names."""

    copy_of: int = 0
    credit: str = ""


@dataclass(frozen=True, slots=True)
class EventChange:
    """One match and what it did: which event, opened or joined, why, and whether it may alert.

    `join_words` are words it shares with the event, folded. `merge` names an
    event that turned out to be another one, and that one.
    """

    match: Match
    event_id: str
    kind: ChangeKind
    join_reason: JoinReason = JoinReason.NONE
    held: HeldReason | None = None
    join_words: tuple[str, ...] = ()
    merge: tuple[str, str] | None = None
    lineage: Lineage = Lineage()


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something about an event that readers may be told after its first report.

    `detail` makes it one of its kind in its event (`3` outlets, `dead 31`); `words` say it to a reader.
    """

    event_id: str
    watchlist_id: str
    kind: ChangeKind
    detail: str
    words: str
    entry_id: int = 0
    held: HeldReason | None = None


class ActKind(StrEnum):
    """What somebody did to events: one merged into another, reports split off, another title given."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"


@dataclass(frozen=True, slots=True)
class Act:
    """An act upon events, kept. `other_id` is the event merged away or split off, `entries` what moved.

    `by` names who did it; `avizor` where grouping itself did. `words` are the title that was given. What the
    other event is called is known where acts are read to be shown.
    """

    kind: ActKind
    watchlist_id: str
    event_id: str
    other_id: str = ""
    entries: tuple[int, ...] = ()
    words: str = ""
    by: str = ""
    at: datetime | None = None
    other_title: str = ""

"""Puts the reports of one watchlist into events, one after another, as they come.

The design is single-pass clustering of a stream by weighted centroids (Allan, Papka and Lavrenko 1998), with
the constants that were measured best across sets at one setting: words weighed by rarity, an event being the
sum of its reports; a report joins the event it is most like, if the cosine, fading with the time since the
event's last report, reaches `JOIN` and nothing vetoes it; else it opens one. `make bench-events` prints what
that achieves.

What is decided depends on the reports and their order alone, not on how they were batched, on the clock or on
restarts: `absorb` repeats what was decided before, and `state.py` writes down all there is to know.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING

from service.domain import JoinReason
from service.group.features import features_of
from service.group.index import POSTED, Index
from service.group.kinds import ArticleKind, kind_of
from service.group.live import LiveEvent
from service.group.meaning import MOST_CANDIDATES, Bridge
from service.group.rarity import Rarity
from service.group.vetoes import are_rivals, is_vetoed
from service.text import digest, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Match
    from service.group.features import Features

JOIN = 0.16
FADING_HOURS = 96.0  # in which likeness falls to 1/e
ENDS_AFTER = FADING_HOURS * math.log(1 / JOIN)  # hours after which nothing can be like it enough
MERGE = 0.6  # cosine from which on two events are one
MERGE_HOURS = 72.0
_KEPT_REPORTS = 1_000  # an old event stays open while reports as old are still coming in
_CLOSED_EVERY = 64  # reports
_SHORT_HEADLINE = 4  # words; "Última hora" is the headline of many things
_SAID_WORDS = 4
_TWO = 2  # reports, then every fourth: when it is asked whether another event is the same


@dataclass(frozen=True, slots=True)
class Placement:
    """Which event a report belongs to, and why. `words` are those it shares with it, folded.

    `merge` names an event that turned out to be another one after all, and that one.
    """

    event_id: str
    reason: JoinReason = JoinReason.NONE
    words: tuple[str, ...] = ()
    merge: tuple[str, str] | None = None

    @property
    def is_new(self) -> bool:
        """Tell whether the report opened the event."""
        return self.reason is JoinReason.NONE


@dataclass(frozen=True, slots=True)
class _Report:
    """A match as it is compared."""

    match: Match
    kind: ArticleKind
    features: Features
    vector: dict[str, float]
    language: str
    at: float
    keys: tuple[str, ...]
    meaning: Sequence[float]


class Grouper:
    """The events of one watchlist that reports can still join."""

    def __init__(self) -> None:
        """Begin with no report."""
        self.rarity = Rarity()
        self.bridge = Bridge()
        self.index = Index()
        self.placed = 0
        self.clock = -math.inf
        self.apart: set[frozenset[str]] = set()

    def place(self, match: Match, meaning: Sequence[float] = ()) -> Placement:
        """Put a match into the event it reports, or open one for it."""
        report = self._read(match, meaning)
        event, placement = self._find(report)
        self._take(event, report)
        rival = self._find_same(event) if event.reports == _TWO or event.reports % 4 == 0 else None
        if rival is None:
            return placement
        kept, gone = (event, rival) if event.reports >= rival.reports else (rival, event)
        self.merge(gone.id, kept.id)
        return replace(placement, merge=(gone.id, kept.id))

    def absorb(self, match: Match, event_id: str, meaning: Sequence[float] = ()) -> None:
        """Take in a match whose event was decided before."""
        report = self._read(match, meaning)
        event = self.index[event_id] if event_id in self.index else LiveEvent(event_id, report.at, report.at)
        self._take(event, report)

    def merge(self, gone_id: str, kept_id: str) -> None:
        """Make one event of two; nothing happens where one is not live any more."""
        if gone_id not in self.index or kept_id not in self.index:
            return
        gone, kept = self.index[gone_id], self.index[kept_id]
        self.index.drop(gone)
        kept.take_over(gone)
        self.index.post(kept, gone.posted, gone.keys)
        self.apart = {
            frozenset(kept_id if one == gone_id else one for one in pair) for pair in self.apart
        } - {frozenset({kept_id})}

    def rebuild(self, event_id: str, matches: Iterable[tuple[Match, Sequence[float]]]) -> None:
        """Make an event anew of the reports that are left in it, or moved to it, in their order."""
        reports = [self._compare(match, meaning) for match, meaning in matches]
        if event_id in self.index:
            self.index.drop(self.index[event_id])
        event: LiveEvent | None = None
        for report in reports:
            event = event or LiveEvent(event_id, report.at, report.at)
            self._fill(event, report)

    def keep_apart(self, one: str, other: str) -> None:
        """Never merge these two by itself."""
        self.apart.add(frozenset({one, other}))

    # --------------------------------------------------------------------------- reading a report

    def _read(self, match: Match, meaning: Sequence[float]) -> _Report:
        """Count a report in, close what is over, and give it as it is compared."""
        report = self._compare(match, meaning, is_new=True)
        if meaning:
            self.bridge.add(meaning)
        self.placed += 1
        self.clock = max(self.clock, report.at)
        self._close_old()
        return report

    def _compare(self, match: Match, meaning: Sequence[float], *, is_new: bool = False) -> _Report:
        entry = match.entry
        features = features_of(entry.title, entry.summary, entry.language)
        if is_new:
            self.rarity.add(features.weights, _topic_of(match))
        return _Report(
            match=match,
            kind=kind_of(entry.title, entry.url),
            features=features,
            vector=self.rarity.vector(features.weights),
            language=entry.language[:2].lower(),
            at=entry.happened_at.timestamp() / 3600,
            keys=_keys(match),
            meaning=meaning,
        )

    def _close_old(self) -> None:
        """Forget events that nothing can join: long over, and not touched by reports that come late."""
        if self.placed % _CLOSED_EVERY:
            return
        silent = self.index.list_silent(self.clock - ENDS_AFTER)
        over = [event for event in silent if self.placed - event.touched > _KEPT_REPORTS]
        for event in over:
            self.index.drop(event)
        gone = {event.id for event in over}
        self.apart = {pair for pair in self.apart if not pair & gone}

    # --------------------------------------------------------------------------- finding its event

    def _find(self, report: _Report) -> tuple[LiveEvent, Placement]:
        found = self._find_same_article(report) or self._find_like(report)
        if found:
            return found
        event_id = digest("event", report.match.watchlist_id, str(report.match.entry.id))
        return LiveEvent(event_id, report.at, report.at), Placement(event_id)

    def _find_same_article(self, report: _Report) -> tuple[LiveEvent, Placement] | None:
        for key, reason in zip(report.keys, (JoinReason.SAME_ADDRESS, JoinReason.SAME_HEADLINE), strict=True):
            event = self.index.find_key(key) if key else None
            if event and event.gap(report.at) <= ENDS_AFTER:
                return event, Placement(event.id, reason)
        return None

    def _find_like(self, report: _Report) -> tuple[LiveEvent, Placement] | None:
        bridged = self._bridged(report)
        candidates = {event.id: (event, most) for event, most in self.index.find_like(report.vector)}
        candidates |= {event_id: (self.index[event_id], 1.0) for event_id in bridged}
        best: LiveEvent | None = None
        best_score, best_reason = 0.0, JoinReason.NONE
        for event, most in candidates.values():
            fading = math.exp(-event.gap(report.at) / FADING_HOURS)
            if most * fading < JOIN or most * fading <= best_score:
                continue
            by_words, by_meaning = event.likeness(report.vector), bridged.get(event.id, 0.0)
            likeness = max(by_words, by_meaning)
            score = likeness * fading
            if score < JOIN or score <= best_score:
                continue
            if not is_vetoed(event, report.features, report.language, likeness, self.rarity.of):
                best, best_score = event, score
                best_reason = JoinReason.SAME_MEANING if by_meaning > by_words else JoinReason.SHARED_WORDS
        if best is None:
            return None
        return best, Placement(best.id, best_reason, best.shared_with(report.vector, _SAID_WORDS))

    def _bridged(self, report: _Report) -> dict[str, float]:
        """Give how like it is by meaning to events that have no report in its language."""
        if not report.meaning:
            return {}
        foreign = [event for event in self.index if event.meaning and report.language not in event.languages]
        latest = nlargest(MOST_CANDIDATES, foreign, key=lambda event: (event.last, event.id))
        return self.bridge.likenesses(report.meaning, latest)

    def _take(self, event: LiveEvent, report: _Report) -> None:
        event.touched = self.placed
        self._fill(event, report)

    def _fill(self, event: LiveEvent, report: _Report) -> None:
        event.see(report.language, report.at)
        is_news = report.kind is ArticleKind.NEWS
        if is_news:
            event.add(report.vector, report.features)
            if report.meaning:
                event.add_meaning(report.meaning)
        self.index.post(event, islice(report.vector, POSTED) if is_news else (), filter(None, report.keys))

    def _find_same(self, event: LiveEvent) -> LiveEvent | None:
        """Find an event that turned out to be the same one."""
        length = math.sqrt(event.square)
        ranked = sorted(event.terms, key=event.terms.__getitem__, reverse=True)
        vector = {word: event.terms[word] / length for word in ranked}
        for other, most in self.index.find_like(vector):
            if most < MERGE or other is event or frozenset({event.id, other.id}) in self.apart:
                continue
            is_near = max(event.first - other.last, other.first - event.last) <= MERGE_HOURS
            if is_near and other.likeness(vector) >= MERGE and not are_rivals(event, other, self.rarity.of):
                return other
        return None


def _topic_of(match: Match) -> set[str]:
    """Give the words that made a report match: those of the topic, which tell no event from another."""
    entry = match.entry
    texts = {"title": entry.title, "text": entry.summary}
    return {
        word for one in match.evidence for word in read(texts[one.field.value][one.start : one.end]).folded
    }


def _keys(match: Match) -> tuple[str, str]:
    """Give what says that two articles are one: the address, and a headline that is long enough."""
    words = read(match.entry.title).folded
    return match.entry.canonical_url, " ".join(words) if len(words) >= _SHORT_HEADLINE else ""

"""Which report says best what happened: the one that is most like all the others."""

from __future__ import annotations

import math
from bisect import insort
from functools import cached_property
from typing import TYPE_CHECKING

from service.group.features import features_of
from service.group.kinds import ArticleKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from service.domain import Entry

_MOST = 60  # reports that are looked at, the first ones
_FEWEST = 3  # of two, none is more central


class Headlines:
    """The first reports of an event, of which one says best what happened.

    Nearness is the cosine of its weighted words and the sum of all; news go before opinion and round-ups. Of
    two equal ones it is the earlier; of fewer than three, the first.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._first: list[_Ranked] = []
        self._best: Entry | None = None

    def add(self, entry: Entry) -> None:
        """Take in a report; only the earliest ones count."""
        self._keep(_Ranked(entry))

    def take_over(self, other: Headlines) -> None:
        """Take in those of another event."""
        for one in other._first:
            self._keep(one)

    def central_report(self) -> Entry:
        """Give the report whose words are nearest to those of all; raises ValueError where there is none."""
        if self._best is None:
            self._best = self._find()
        return self._best

    def _keep(self, one: _Ranked) -> None:
        if len(self._first) == _MOST and one.rank > self._first[-1].rank:
            return
        insort(self._first, one, key=_rank)
        del self._first[_MOST:]
        self._best = None

    def _find(self) -> Entry:
        news = [one for one in self._first if one.is_news] or self._first
        if len(news) < _FEWEST:
            return min(news, key=_rank).entry
        total: dict[str, float] = {}
        for one in news:
            for word, weight in one.weights.items():
                total[word] = total.get(word, 0.0) + weight
        return max(news, key=lambda one: _cosine(one.weights, total)).entry  # of equal ones, the first


class _Ranked:
    """A report where it stands among the others; it is read when there is something to compare it with."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.rank = (entry.happened_at, entry.id)

    @cached_property
    def is_news(self) -> bool:
        return kind_of(self.entry.title, self.entry.url) is ArticleKind.NEWS

    @cached_property
    def weights(self) -> dict[str, float]:
        entry = self.entry
        return features_of(entry.title, entry.summary, entry.language).weights


def central_report(reports: Iterable[Entry]) -> Entry:
    """Give the report of these whose words are nearest to those of all; raises ValueError without reports."""
    headlines = Headlines()
    for entry in reports:
        headlines.add(entry)
    return headlines.central_report()


def _rank(one: _Ranked) -> tuple[datetime, int]:
    return one.rank


def _cosine(vector: dict[str, float], total: dict[str, float]) -> float:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return sum(weight * total[word] for word, weight in vector.items()) / length if length else 0.0

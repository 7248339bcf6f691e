"""Which report says best what happened: the one that is most like all the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from service.group.features import features_of
from service.group.kinds import ArticleKind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Entry

_MOST = 60  # reports that are looked at, the first ones
_FEWEST = 3  # of two, none is more central


def central_report(reports: Sequence[Entry]) -> Entry:
    """Give the report whose words are nearest to those of all, news before opinion and round-ups.

    Nearness is the cosine of its weighted words and the sum of all. Of two equal ones, the earlier; of fewer
    than three, the first. Raises ValueError without reports.
    """
    ordered = sorted(reports, key=lambda entry: (entry.happened_at, entry.id))[:_MOST]
    news = [entry for entry in ordered if kind_of(entry.title, entry.url) is ArticleKind.NEWS] or ordered
    if len(news) < _FEWEST:
        return min(news, key=ordered.index)
    vectors = [features_of(entry.title, entry.summary, entry.language).weights for entry in news]
    total: dict[str, float] = {}
    for vector in vectors:
        for word, weight in vector.items():
            total[word] = total.get(word, 0.0) + weight
    best = max(range(len(news)), key=lambda at: (_cosine(vectors[at], total), -at))
    return news[best]


def _cosine(vector: dict[str, float], total: dict[str, float]) -> float:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return sum(weight * total[word] for word, weight in vector.items()) / length if length else 0.0

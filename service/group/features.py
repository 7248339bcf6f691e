"""What grouping looks at in a report: its weighted words, its names, the years it gives.

The weights are those that research on such streams found to hold across sets: a word of the headline counts
twice, one of the text once, half as much again where it is written as a name; repeated words count by their
logarithm (Salton and Buckley 1988). Of the text the first `TEXT_WORDS` telling words count. Words are not
stemmed: endings help to tell languages apart. Chinese and Japanese come in pairs of neighbouring characters.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from service.group.stopwords import stop_words
from service.text import is_han, normal, read, word_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADLINE_WEIGHT = 2.0
NAME_WEIGHT = 1.5
TEXT_WORDS = 60
LEAD_CHARS = 400  # names and years are taken from headline and lead
READ_CHARS = 2_500  # of the text, for what else is named in it
_TITLE_CASE = 0.6  # where more of the words begin with a capital, capitals name nobody
_YEAR = re.compile(r"(?:19[5-9]|20[0-4])\d")


@dataclass(frozen=True, slots=True)
class Features:
    """A report as grouping sees it. `weights` are by word, not yet weighed by how rare a word is.

    `names` stand in headline and lead, `mentioned` anywhere in what was read; all are folded words.
    """

    weights: dict[str, float]
    names: frozenset[str]
    mentioned: frozenset[str]
    years: frozenset[str]


class _Said(NamedTuple):
    """A word as it stands in its field, `start` being its offset."""

    folded: str
    start: int
    is_name: bool
    is_capital: bool


def features_of(title: str, text: str, language: str) -> Features:
    """Read a headline and the text under it."""
    ignored = stop_words(language)
    head = list(_said(title, ignored))
    body = list(_said(text[:READ_CHARS], ignored))
    weights = _weights(head, body[:TEXT_WORDS])
    near = head + [word for word in body if word.start < LEAD_CHARS]
    return Features(
        weights={word: 1.0 + math.log(weight) for word, weight in weights.items()},
        names=frozenset(word.folded for word in near if word.is_name),
        mentioned=frozenset(word.folded for word in head + body if word.is_capital),
        years=frozenset(word.folded for word in near if _YEAR.fullmatch(word.folded)),
    )


def _weights(head: Iterable[_Said], body: Iterable[_Said]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for words, base in ((head, HEADLINE_WEIGHT), (body, 1.0)):
        for word in words:
            weight = base * NAME_WEIGHT if word.is_name else base
            weights[word.folded] = weights.get(word.folded, 0.0) + weight
    return weights


def _said(field: str, ignored: frozenset[str]) -> Iterator[_Said]:
    """Give the telling words of a field in their order."""
    clean = normal(field)
    folded, spans = read(clean).folded, word_spans(clean)
    capitals = [clean[start].isupper() for start, _ in spans]
    is_title_case = sum(capitals) > _TITLE_CASE * len(capitals)
    for at, (word, (start, end)) in enumerate(zip(folded, spans, strict=True)):
        if len(word) > 1 or word.isdigit():
            if word not in ignored:
                is_name = capitals[at] and at > 0 and not is_title_case
                yield _Said(word, start, is_name, capitals[at])
        elif is_han(word) and at + 1 < len(spans) and spans[at + 1][0] == end and is_han(folded[at + 1][0]):
            yield _Said(word + folded[at + 1], start, is_name=False, is_capital=False)

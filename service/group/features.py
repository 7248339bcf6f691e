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

from service.group.stopwords import stop_words
from service.text import is_han, normal, read, word_spans

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


# A word as it stands in its field: folded, where it begins, whether it is a name, whether it has a capital.
_Said = tuple[str, int, bool, bool]


def features_of(title: str, text: str, language: str) -> Features:
    """Read a headline and the text under it."""
    ignored = stop_words(language)
    head = _said(title, ignored)
    body = _said(text[:READ_CHARS], ignored)
    weights = _weights(head, body[:TEXT_WORDS])
    near = head + [one for one in body if one[1] < LEAD_CHARS]
    return Features(
        weights={word: 1.0 + math.log(weight) for word, weight in weights.items()},
        names=frozenset([word for word, _, is_name, _ in near if is_name]),
        mentioned=frozenset([word for said in (head, body) for word, _, _, is_capital in said if is_capital]),
        years=frozenset([word for word, _, _, _ in near if word[0] in "12" and _YEAR.fullmatch(word)]),
    )


def _weights(head: list[_Said], body: list[_Said]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for said, base in ((head, HEADLINE_WEIGHT), (body, 1.0)):
        named = base * NAME_WEIGHT
        for word, _, is_name, _ in said:
            weights[word] = weights.get(word, 0.0) + (named if is_name else base)
    return weights


def _said(field: str, ignored: frozenset[str]) -> list[_Said]:
    """Give the telling words of a field in their order."""
    clean = normal(field)
    folded, spans = read(clean).folded, word_spans(clean)
    capitals = [clean[start].isupper() for start, _ in spans]
    is_title_case = sum(capitals) > _TITLE_CASE * len(capitals)
    said: list[_Said] = []
    for at, word in enumerate(folded):
        if word in ignored:
            continue
        start, end = spans[at]
        if len(word) > 1 or word.isdigit():
            is_name = capitals[at] and at > 0 and not is_title_case
            said.append((word, start, is_name, capitals[at]))
        elif is_han(word) and at + 1 < len(spans) and spans[at + 1][0] == end and is_han(folded[at + 1][0]):
            said.append((word + folded[at + 1], start, False, False))
    return said

"""The counts an event is known by: the dead, the injured, the missing, the detained, and shares of votes.

Read from headline and lead. A count is the number beside its word (`31 muertos`, `at least 31 killed`, `mata
a 31`); a share is a percentage beside a name in the headline. A number may stand for something else in a
sentence that this does not understand; what is told of it names the report, so that a reader can judge.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER = r"(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:\s+(mil|thousand))?"
_SCALE = {"mil": 1_000, "thousand": 1_000}
_WORDS = {
    "dead": r"muert[oa]s|fallecid[oa]s|asesinad[oa]s|víctimas (?:mortales|fatales)|mort[oe]s|mortas"
    r"|vítimas fatais|dead|deaths|killed|died|deceased|死亡|遇难",
    "injured": r"herid[oa]s|lesionad[oa]s|ferid[oa]s|injured|wounded|受伤",
    "missing": r"desaparecid[oa]s|missing|失踪",
    "detained": r"detenid[oa]s|arrestad[oa]s|capturad[oa]s|pres[oa]s|detid[oa]s|arrested|detained|被捕",
}
_BETWEEN = (
    r"(?:\s+(?:people|persons?|personas|pessoas|de|los|las|os|as|more|más|mais|were|are|have been|han sido"
    r"|foram)){0,3}\s*"
)
_BEFORE = {
    label: re.compile(rf"(?<![\d.,]){_NUMBER}{_BETWEEN}\b(?:{words})\b", re.IGNORECASE)
    for label, words in _WORDS.items()
}
_KILLS = re.compile(
    r"\b(?:mat(?:a|an|ó|aron|ou|aram)|kills?|killed|killing|deja|dejan|leaves|deixam?)\s+"
    r"(?:a\s+|al menos\s+|at least\s+"
    rf"|pelo menos\s+|más de\s+|mais de\s+|more than\s+){{0,2}}{_NUMBER}(?!\s*(?:herid|ferid|injur|wound|%))",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b([^\W\d_]{3,})(?:\W+[^\W\d_]+){0,3}?\W+(\d{1,2}(?:[.,]\d{1,2})?)\s?(?:%|por ciento|por cento|percent)"
)
_DIGIT = re.compile(r"\d")
_LEAD = 300


def figures_in(title: str, text: str) -> Mapping[str, float]:
    """Give the counts by what they count, the largest of each; shares as `% of` and the name."""
    return _read(title, text[:_LEAD])


@lru_cache(maxsize=64)  # a report is asked when it is judged, and when it is taken in
def _read(title: str, lead: str) -> Mapping[str, float]:
    said = f"{title}. {lead}"
    if not _DIGIT.search(said):
        return {}
    found: dict[str, float] = {}
    for label, pattern in _BEFORE.items():
        numbers = [_value(*one) for one in pattern.findall(said)]
        if numbers:
            found[label] = max(numbers)
    kills = [_value(*one) for one in _KILLS.findall(said)]
    if kills and "dead" not in found:
        found["dead"] = max(kills)
    for name, share in _SHARE.findall(title):
        if name[0].isupper():
            found[f"% of {name}"] = float(share.replace(",", "."))
    return found


def has_changed(label: str, before: float, now: float) -> bool:
    """Tell whether a count is told anew: a share by 2 points, others when they have grown by a quarter.

    Counts that fall are corrections of some outlet, or another count.
    """
    if label.startswith("%"):
        return abs(now - before) >= 2.0  # noqa: PLR2004 -- points
    return now >= max(before * 1.25, before + 1)


def _value(number: str, scale: str) -> float:
    return float(re.sub(r"[.,\s]", "", number)) * _SCALE.get(scale.lower(), 1)

"""Whether what was told was taken back: a headline changed in substance, or a report gone from its feed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.group.features import features_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TOLD_WITHIN = timedelta(hours=48)  # after an alert, in which a change of what it said is told
WITHDRAWN_AFTER = timedelta(minutes=30)  # of which one old copy of a document is not the cause
_STILL_OLDER = 3  # entries; fewer may be pinned ones beside what is new
_MOST_MISSING = 10  # one entry in so many; where more are missing, a feed shows a choice of what is new
_SAME = 0.5  # telling words in both, of all of both (Jaccard 1912), from which on it is a matter of wording


def is_correction(before: str, after: str, language: str) -> bool:
    """Tell whether a headline says something else: other numbers, other names, or mostly other words.

    Case, accents and punctuation make no difference.
    """
    one, other = features_of(before, "", language), features_of(after, "", language)
    words, others = set(one.weights), set(other.weights)
    if not words or not others:
        return words != others
    if {word for word in words if word[0].isdigit()} != {word for word in others if word[0].isdigit()}:
        return True
    has_other_names = bool(one.names - other.mentioned and other.names - one.mentioned)
    return has_other_names or len(words & others) < _SAME * len(words | others)


def is_missing(entry_id: int, known: Mapping[int, datetime], standing: Mapping[int, datetime]) -> bool:
    """Tell whether an entry is not in a document of its feed, although it is not its turn to go.

    `known` are the latest entries of the feed, `standing` those of the document, by id with their times.
    Feeds let the oldest go: at least three older entries must be left, and of what came after those hardly
    anything else may be missing, or the feed is none that holds all that is new.
    """
    left = sorted(at for at in standing.values() if at < known[entry_id])
    if entry_id in standing or len(left) < _STILL_OLDER:
        return False
    expected = [one for one, at in known.items() if at > left[_STILL_OLDER - 1]]
    missing = sum(one not in standing for one in expected)
    return missing <= max(1, len(expected) // _MOST_MISSING)

"""Whether a headline was changed in substance, or only in its wording."""

from __future__ import annotations

from datetime import timedelta

from service.group.features import features_of

TOLD_WITHIN = timedelta(hours=48)  # after an alert, in which a change of what it said is told
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

"""What keeps two look-alike events apart: reports that conflict in the year or in whom and where they name.

Two attacks, two polls, two rulings in one week are told in the same words; a threshold cannot separate them,
what they contradict each other in can. A veto asks for a conflict on both sides: what the report names is not
in the event, and what the event is about is not in the report. The more alike they are otherwise, the
stronger the conflict has to be. Measured on pairs of deliberately similar events (`make bench-events`).
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from collections.abc import Set as AbstractSet

    from service.group.features import Features
    from service.group.live import LiveEvent

OTHER_YEARS = 0.35  # likeness below which two sets of years without a common one keep apart
OTHER_NAMES = 0.25  # the same where most names differ
NO_COMMON_NAME = 0.5  # the same where all do
_FOREIGN = 0.6  # share of the report's names, by rarity, that the event does not know
_MISSING = 0.5  # share of the event's main names that the report does not mention
_ALL = 0.9


def is_vetoed(
    event: LiveEvent, features: Features, language: str, likeness: float, rarity: Callable[[str], float]
) -> bool:
    """Tell whether a report conflicts with an event that it would join by likeness.

    Names are compared within one language only: Londres is London.
    """
    if likeness < OTHER_YEARS and are_other_years(event.years, features.years):
        return True
    if likeness >= NO_COMMON_NAME or language not in event.languages:
        return False
    foreign = _share(features.names, event.mentioned, rarity)
    if foreign < _FOREIGN:
        return False
    missing = _share(main_names(event), features.mentioned, rarity)
    if foreign >= _ALL and missing >= _ALL:
        return True
    return missing >= _MISSING and likeness < OTHER_NAMES


def are_rivals(one: LiveEvent, other: LiveEvent, rarity: Callable[[str], float]) -> bool:
    """Tell whether two events are kept from being merged."""
    if are_other_years(one.years, other.years):
        return True
    if not one.languages & other.languages:
        return False
    return (
        _share(main_names(one), other.mentioned, rarity) >= _FOREIGN
        and _share(main_names(other), one.mentioned, rarity) >= _FOREIGN
    )


def are_other_years(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    """Tell whether both name years, and none that the other names."""
    return bool(one and other) and not one & other


def main_names(event: LiveEvent) -> list[str]:
    """Give the names that at least half of an event's reports have in headline or lead."""
    return [name for name, count in event.names.items() if 2 * count >= event.reports]


def _share(names: Collection[str], known: AbstractSet[str], rarity: Callable[[str], float]) -> float:
    """Give the share of the names, by rarity, that are not known; 0 without names."""
    # Sets have no order, and a plain sum would depend on it in its last digit.
    total = fsum(map(rarity, names))
    return fsum(rarity(name) for name in names if name not in known) / total if total else 0.0

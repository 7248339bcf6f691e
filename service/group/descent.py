"""Who repeats whom in an event: each independent report, and below it all that go back to it.

What counts as independent is said by `copies`, so that there are as many origins here as are counted there.
Below an origin stand the others in order of time, side by side: who copies a copy, copies the first. Of what
is shared with whom, the nearest to words is said: the text, then the agency, then the owner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from service.group.copies import Carried, independent_groups, origins_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from service.domain import Entry

_KEPT = 2  # reports of each name: another one than the report itself is among them


class Bond(StrEnum):
    """What ties a report to an earlier one: its text, a news agency that both name, their owner or outlet."""

    TEXT = "text"
    AGENCY = "agency"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Heir:
    """A report that is not independent: `lag` after its origin, tied to `behind`, which need not be that."""

    report: Carried
    bond: Bond
    behind: Entry
    lag: timedelta


@dataclass(frozen=True, slots=True)
class Origin:
    """An independent report, and those that go back to it, the earliest first; `more` are not here."""

    report: Carried
    heirs: tuple[Heir, ...]
    more: int = 0

    @property
    def size(self) -> int:
        """Count its reports, itself among them."""
        return 1 + len(self.heirs) + self.more


@dataclass(frozen=True, slots=True)
class Abridged:
    """The origins of an event as far as one reads them, and how many more there are."""

    origins: tuple[Origin, ...]
    more: int


def trace_origins(reports: Iterable[Carried]) -> tuple[Origin, ...]:
    """Put each report below the one it goes back to, whatever the order; the earliest origin comes first.

    Each stands in it exactly once, whatever is said to be a copy of what.
    """
    by_id = {one.entry.id: one for one in reports}
    groups = independent_groups(by_id.values())
    return tuple(_origin([by_id[entry.id] for entry in group]) for group in groups)


def abridge(origins: Sequence[Origin], *, most: int, most_heirs: int) -> Abridged:
    """Keep those origins that most reports go back to, with the first of these; the order stays."""
    largest = sorted(range(len(origins)), key=lambda place: (-origins[place].size, place))
    kept = sorted(largest[:most])
    return Abridged(
        tuple(_shortened(origins[place], most_heirs) for place in kept),
        len(origins) - len(kept),
    )


def _shortened(origin: Origin, most: int) -> Origin:
    return replace(origin, heirs=origin.heirs[:most], more=origin.more + len(origin.heirs[most:]))


def _origin(group: Sequence[Carried]) -> Origin:
    first, *others = sorted(group, key=_order)
    if not others:
        return Origin(first, ())
    named = [(one, origins_of(one)) for one in (first, *others)]
    holders: dict[str, list[Carried]] = {}
    for one, names in named:
        for name in names:
            known = holders.setdefault(name, [])
            if len(known) < _KEPT:
                known.append(one)
    return Origin(first, tuple(_heir(one, names, first, holders) for one, names in named[1:]))


def _heir(
    one: Carried, names: Sequence[str], first: Carried, holders: Mapping[str, Sequence[Carried]]
) -> Heir:
    """Say what ties a report to another one of its origin: to an earlier one where there is one.

    Names come the nearest to words first, and the earliest holder of each comes first.
    """
    shared = [(name, other) for name in names for other in holders[name] if other is not one]
    mine = _order(one)
    name, behind = next((tie for tie in shared if _order(tie[1]) < mine), shared[0])
    return Heir(
        one, Bond(name.partition(" ")[0]), behind.entry, one.entry.happened_at - first.entry.happened_at
    )


def _order(one: Carried) -> tuple[datetime, int]:
    return one.entry.happened_at, one.entry.id

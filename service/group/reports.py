"""The reports of one event as a new one is held against them: what they say together, and not each of them.

Holding a report against a thousand earlier ones takes no longer than against ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain import FeedGroup, Lineage
from service.group.copies import Carried, Originals, Origins, credit_of
from service.group.figures import figures_in
from service.group.headline import Headlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from service.domain import Entry

_OWN_SIZE = 20


class Reports:
    """What the reports of an event say together, in the order in which they came."""

    def __init__(self, carried: Iterable[Carried] = ()) -> None:
        """Take in reports."""
        self.count = 0
        self.latest: datetime | None = None
        self.is_official = False
        self.figures: dict[str, float] = {}
        self._originals = Originals()
        self._origins = Origins()
        self._headlines = Headlines()
        for one in carried:
            self.add(one)

    @property
    def size(self) -> int:
        """How much memory it takes, by and large, in that of a shingle."""
        return _OWN_SIZE + self.count + self._originals.size

    @property
    def outlets(self) -> int:
        """How many independent outlets carry it."""
        return self._origins.count

    def outlets_with(self, one: Carried) -> int:
        """Count them as if one more had come."""
        return self._origins.count_with(one)

    def central_report(self) -> Entry:
        """Give the report that says best what happened; raises ValueError where there is none."""
        return self._headlines.central_report()

    def lineage_of(self, entry: Entry) -> Lineage:
        """Say which of them a report repeats that is not among them, and which agency it names."""
        return Lineage(self._originals.find(entry), credit_of(entry))

    def add(self, one: Carried) -> None:
        """Take in a report."""
        entry = one.entry
        self.count += 1
        self._see(entry.happened_at, figures_in(entry.title, entry.summary))
        self.is_official |= entry.group is FeedGroup.GOVERNMENT
        self._originals.add(one)
        self._origins.add(one)
        self._headlines.add(entry)

    def take_over(self, other: Reports) -> None:
        """Take in those of another event, after all that are here."""
        self.count += other.count
        if other.latest is not None:
            self._see(other.latest, other.figures)
        self.is_official |= other.is_official
        self._originals.take_over(other._originals)
        self._origins.take_over(other._origins)
        self._headlines.take_over(other._headlines)

    def _see(self, at: datetime, figures: Mapping[str, float]) -> None:
        self.latest = at if self.latest is None else max(self.latest, at)
        for label, value in figures.items():
            self.figures[label] = max(value, self.figures.get(label, value))

"""Who copies whom, and how many stand on their own feet.

A text repeats another where at least half of its shingles, runs of five words, are in the other one
(containment, Broder 1997), counted exactly. Independent is what neither repeats,
nor names the same news agency as its source, nor belongs to the same owner. Opinion needs no source of its
own and does not count.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import FeedGroup, Lineage
from service.text import fold, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.domain import Entry

SHINGLE = 5  # words
REPEATED = 0.5  # share of a text's shingles that another one has
_FEWEST = 6  # shingles; shorter texts are compared by their headlines
_LONG_HEADLINE = 6  # words; a shorter headline may be found twice by chance
_ENDS = 160  # characters at either end of a text, where agencies are named
_AGENCIES = (
    "EFE", "AFP", "Reuters", "AP", "Associated Press", "Xinhua", "Europa Press", "ANSA", "DPA", "Bloomberg",
    "Lusa", "Sputnik", "TASS", "Andina", "Agencia Andina", "Télam", "Colprensa", "Prensa Latina", "Notimex",
    "Agência Brasil", "Agencia Brasil", "Estadão Conteúdo", "Folhapress", "Anadolu", "Kyodo", "新华社",
    "中新社",
)  # fmt: skip
_SAME_AGENCY = {"associated press": "ap", "agencia andina": "andina", "新华社": "xinhua"}
_NAMES = "|".join(sorted(map(re.escape, _AGENCIES), key=len, reverse=True))
_CREDIT = re.compile(
    rf"\((?:(?i:con información de|com informações de|with)\s+)?({_NAMES})\)"
    rf"|(?:^|[\s/])({_NAMES})\s?(?:\.-|\.–|\.—|-{{2}}|–|—|电)"
    r"|(?i:con información de|com informações d[ae]|with (?:reporting by|information from)"
    r"|(?:fuente|fonte|source):)"
    rf"\s*({_NAMES})\b"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A report with where its words come from."""

    entry: Entry
    lineage: Lineage


class Originals:
    """The reports of an event that repeat no other, by what a copy of them would hold.

    Of their texts only the hashes of the shingles are kept.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._ids: list[int] = []
        self._sizes: list[int] = []
        self._by_headline: dict[tuple[str, ...], int] = {}
        self._by_shingle: dict[int, int] = {}
        self._others: dict[int, list[int]] = {}  # the few shingles that stand in several

    @property
    def size(self) -> int:
        """How much is kept: shingles."""
        return len(self._by_shingle)

    def add(self, one: Carried) -> None:
        """Take in a report; what repeats another is compared by that one."""
        if one.lineage.copy_of:
            return
        shingles = _shingles(one.entry)
        self._take(one.entry.id, len(shingles), filter(None, [_headline(one.entry)]), shingles)

    def take_over(self, other: Originals) -> None:
        """Take in the originals of another event, after all that are here."""
        headlines: list[list[tuple[str, ...]]] = [[] for _ in other._ids]
        shingles: list[list[int]] = [[] for _ in other._ids]
        for headline, at in other._by_headline.items():
            headlines[at].append(headline)
        for shingle, at in other._by_shingle.items():
            for each in (at, *other._others.get(shingle, ())):
                shingles[each].append(shingle)
        for each in zip(other._ids, other._sizes, headlines, shingles, strict=True):
            self._take(*each)

    def find(self, entry: Entry) -> int:
        """Give the first that a report repeats, by its id; 0 where it repeats none."""
        repeated = [self._by_headline.get(_headline(entry), len(self._ids))]
        mine = _shingles(entry)
        if len(mine) >= _FEWEST:
            for at, shared in self._sharing(mine).items():
                if self._sizes[at] >= _FEWEST and shared >= REPEATED * min(len(mine), self._sizes[at]):
                    repeated.append(at)
        first = min(repeated)
        return self._ids[first] if first < len(self._ids) else 0

    def _take(
        self, entry_id: int, size: int, headlines: Iterable[tuple[str, ...]], shingles: Iterable[int]
    ) -> None:
        at = len(self._ids)
        self._ids.append(entry_id)
        self._sizes.append(size)
        for headline in headlines:
            self._by_headline.setdefault(headline, at)
        for shingle in shingles:
            if self._by_shingle.setdefault(shingle, at) != at:
                self._others.setdefault(shingle, []).append(at)

    def _sharing(self, shingles: set[int]) -> Counter[int]:
        """Count the shingles that each shares, of those that share any."""
        known = self._by_shingle.keys() & shingles
        shared = Counter(map(self._by_shingle.__getitem__, known))
        for shingle in self._others.keys() & known:
            shared.update(self._others[shingle])
        return shared


class Origins:
    """How many stand on their own feet: reports joined by what they share (union-find, Tarjan 1975)."""

    def __init__(self) -> None:
        """Begin with none."""
        self._under: dict[str, str] = {}
        self.count = 0

    def add(self, one: Carried) -> None:
        """Take in a report."""
        first, *others = origins_of(one)
        self._root(first)
        for other in others:
            self._join(first, other)

    def of(self, one: Carried) -> str:
        """Name what a report that was taken in shares with all others of its origin."""
        return self._root(origins_of(one)[0])

    def count_with(self, one: Carried) -> int:
        """Count as if a report had been taken in."""
        return self.count + 1 - len({self._root(name) for name in origins_of(one) if name in self._under})

    def take_over(self, other: Origins) -> None:
        """Take in those of another event."""
        for name, above in other._under.items():
            self._join(name, above)

    def _join(self, one: str, other: str) -> None:
        kept, gone = self._root(one), self._root(other)
        if kept != gone:
            self._under[gone] = kept
            self.count -= 1

    def _root(self, name: str) -> str:
        """Give the name that stands for all that are joined; one that is new stands for itself."""
        if name not in self._under:
            self._under[name] = name
            self.count += 1
        while (above := self._under[name]) != name:
            self._under[name] = self._under[above]
            name = above
        return name


def credit_of(entry: Entry) -> str:
    """Name the news agency that a report says it comes from, or is; empty where it names none."""
    if entry.group is FeedGroup.WIRE:
        return _plain_agency(entry.outlet)
    text = entry.summary
    found = _CREDIT.search(text[:_ENDS]) or _CREDIT.search(text[-_ENDS:])
    return _plain_agency(next(name for name in found.groups() if name)) if found else ""


def independent_groups(reports: Iterable[Carried]) -> list[list[Entry]]:
    """Group reports by origin, the first report first: each group counts as one independent outlet."""
    ordered = sorted(reports, key=lambda one: (one.entry.happened_at, one.entry.id))
    origins = Origins()
    for one in ordered:
        origins.add(one)
    groups: dict[str, list[Entry]] = {}
    for one in ordered:
        groups.setdefault(origins.of(one), []).append(one.entry)
    return list(groups.values())


def origins_of(one: Carried) -> list[str]:
    """Name what a report shares with others of its origin: its text first, then its agency, its owner."""
    entry, lineage = one.entry, one.lineage
    names = [f"text {entry.id}"]
    if lineage.copy_of not in {0, entry.id}:
        names.append(f"text {lineage.copy_of}")
    if lineage.credit:
        names.append(f"agency {lineage.credit}")
    return [*names, f"owner {fold_name(entry.owner or entry.outlet or str(entry.feed_id))}"]


def fold_name(name: str) -> str:
    """Give the name of an outlet or owner as it is compared."""
    return " ".join(map(fold, name.split())) if name.strip() else ""


def _plain_agency(name: str) -> str:
    folded = fold_name(name).removeprefix("agencia ")
    return _SAME_AGENCY.get(folded, folded)


def _headline(entry: Entry) -> tuple[str, ...]:
    words = tuple(read(entry.title).folded)
    return words if len(words) >= _LONG_HEADLINE else ()


def _shingles(entry: Entry) -> set[int]:
    words = read(entry.summary).folded
    return {hash(tuple(words[at : at + SHINGLE])) for at in range(len(words) - SHINGLE + 1)}

"""Who copies whom, and how many stand on their own feet.

A text repeats another where at least half of its shingles, runs of five words, are in the other one
(containment, Broder 1997), counted exactly: an event has few reports. Independent is what neither repeats,
nor names the same news agency as its source, nor belongs to the same owner. Opinion needs no source of its
own and does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import FeedGroup, Lineage
from service.text import fold, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def lineage_of(entry: Entry, earlier: Sequence[Carried]) -> Lineage:
    """Say which earlier report of the event an entry repeats, and which agency it names."""
    credit = credit_of(entry)
    mine, words = _shingles(entry), _headline(entry)
    for one in earlier:
        if one.lineage.copy_of or one.entry.id == entry.id:
            continue  # what repeats another is compared by that one
        if words and words == _headline(one.entry):
            return Lineage(one.entry.id, credit)
        theirs = _shingles(one.entry)
        if len(mine) >= _FEWEST and len(theirs) >= _FEWEST:
            shared = len(mine & theirs)
            if shared >= REPEATED * min(len(mine), len(theirs)):
                return Lineage(one.entry.id, credit)
    return Lineage(0, credit)


def credit_of(entry: Entry) -> str:
    """Name the news agency that a report says it comes from, or is; empty where it names none."""
    if entry.group is FeedGroup.WIRE:
        return _plain_agency(entry.outlet)
    text = entry.summary
    found = _CREDIT.search(text[:_ENDS]) or _CREDIT.search(text[-_ENDS:])
    return _plain_agency(next(name for name in found.groups() if name)) if found else ""


def independent_groups(reports: Iterable[Carried]) -> list[list[Entry]]:
    """Group reports by origin, the first report first: each group counts as one independent outlet."""
    origins: dict[str, int] = {}
    groups: list[list[Entry]] = []
    for one in sorted(reports, key=lambda one: (one.entry.happened_at, one.entry.id)):
        names = origins_of(one)
        known = sorted({origins[name] for name in names if name in origins})
        if known:
            first, *others = known
            for other in reversed(others):
                groups[first] += groups[other]
                groups[other] = []
            if others:
                origins = {name: first if at in others else at for name, at in origins.items()}
        else:
            first = len(groups)
            groups.append([])
        groups[first].append(one.entry)
        origins |= dict.fromkeys(names, first)
    return [group for group in groups if group]


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


def _shingles(entry: Entry) -> set[tuple[str, ...]]:
    words = read(entry.summary).folded
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}

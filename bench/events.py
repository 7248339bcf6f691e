"""How well and how fast reports are put into events: `make bench-events SETS=folder`.

The folder holds sets of reports with known events, each `NAME/data.jsonl.gz` with one JSON object a line:
id, lang, title, text, date (ISO 8601), order, cluster. One setting for all of them. Beside it stand five
simple ways: every report alone, the same headline, SimHash, MinHash with LSH, and the nearest earlier
report by TF-IDF without fading. Printed are B-cubed precision, recall and F1 (Bagga and Baldwin 1998), how
many alerts tell of an event that was told before (duplicate), and how many events were never told (missed):
an event opens with an alert.

Without a folder only the speed is measured, on an invented stream: `--stream 200000` reports, 5,200 a day.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from events_peers import PEERS

from service.domain import Entry, Match
from service.encoder import find_encoder
from service.group import Grouper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

START = datetime(2026, 1, 1, tzinfo=UTC)
A_DAY = 5_200
STEP = 20_000
PER_EVENT = 19  # some 3,300 events are live then


@dataclass(frozen=True)
class Item:
    """A report with its event as people see it."""

    id: str
    language: str
    title: str
    text: str
    at: datetime
    event: str

    def match(self, number: int) -> Match:
        """Give it as the service would have it."""
        return Match(
            Entry(number, 1, "", "", self.title, self.text, self.language, self.at, self.at), "bench", "", ()
        )


class Ours:
    """The service's grouping, with or without the bridge between languages."""

    def __init__(self, encode: Callable[[str], Sequence[float]] | None = None) -> None:
        """Begin with no report."""
        self._grouper, self._encode, self._count = Grouper(), encode, 0
        self.merged: dict[str, str] = {}

    def place(self, item: Item) -> str:
        """Give the event of a report."""
        self._count += 1
        meaning = self._encode(f"{item.title} {item.text[:300]}") if self._encode else ()
        placement = self._grouper.place(item.match(self._count), meaning)
        if placement.merge:
            self.merged[placement.merge[0]] = placement.merge[1]
        return placement.event_id


def read_set(path: Path, languages: set[str], *, timed: bool = True) -> list[Item]:
    """Read a set in its order; without times, all reports are of one moment."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = sorted((json.loads(line) for line in lines), key=lambda row: row["order"])
    items, at = [], START
    for row in rows:
        if languages and row["lang"] not in languages:
            continue
        at = datetime.fromisoformat(row["date"]) if timed and row.get("date") else at
        items.append(Item(row["id"], row["lang"], row["title"], row.get("text") or "", at, row["cluster"]))
    return items


def score(items: Sequence[Item], opened: Sequence[str], final: Sequence[str]) -> str:
    """Give B-cubed of what events there are in the end, and the errors of what was told on the way."""
    gold = [item.event for item in items]
    both, sizes, golds = Counter(zip(gold, final, strict=True)), Counter(final), Counter(gold)
    precision = sum(count**2 / sizes[group] for (_, group), count in both.items()) / len(items)
    recall = sum(count**2 / golds[event] for (event, _), count in both.items()) / len(items)
    first = dict(reversed(list(zip(opened, gold, strict=True))))
    told = Counter(first.values())
    f1 = 2 * precision * recall / (precision + recall)
    missed = len(golds) - len(told)
    return (
        f"P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  alerts {len(first):4}"
        f"  duplicate {len(first) - len(told):3}  missed {missed:2} of {len(golds)}"
    )


def show_sets(folder: Path) -> None:
    """Score ours and the simple ways on every set of a folder, whole and by language."""
    encode = find_encoder()
    for path in sorted(folder.glob("*/data.jsonl.gz")):
        for label, items in _variants(path):
            print(f"\n{path.parent.name} {label}: {len(items):,} reports of {_count(items)} events")
            runs: dict[str, Ours | object] = {name: make() for name, make in PEERS.items()}
            ours = Ours()
            began = time.process_time()
            opened = [ours.place(item) for item in items]
            spent = time.process_time() - began
            for name, peer in runs.items():
                placed = [peer.place(item) for item in items]  # type: ignore[attr-defined] # each of them has it
                print(f"  {name:<28} {score(items, placed, placed)}")
            print(
                f"  {'Avizor':<28} {score(items, opened, _final(ours, opened))}  {len(items) / spent:,.0f}/s"
            )
            if encode and len({item.language for item in items}) > 1:
                ours = Ours(encode)
                opened = [ours.place(item) for item in items]
                print(f"  {'Avizor, bridging languages':<28} {score(items, opened, _final(ours, opened))}")


def _count(items: Sequence[Item]) -> int:
    return len({item.event for item in items})


def _final(ours: Ours, opened: Sequence[str]) -> list[str]:
    final = []
    for event in opened:
        while event in ours.merged:
            event = ours.merged[event]  # noqa: PLW2901 -- followed to its end
        final.append(event)
    return final


def _variants(path: Path) -> Iterator[tuple[str, list[Item]]]:
    whole = read_set(path, set())
    languages = Counter(item.language for item in whole)
    main = [language for language, count in languages.items() if count >= 0.06 * len(whole)]
    main = [language for language in ("en", "es", "pt") if language in main] or main
    for language in main:
        yield language, read_set(path, {language})
    if len(main) > 1:
        yield " and ".join(main), read_set(path, set(main))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        if json.loads(next(lines)).get("date_synthetic"):
            yield f"{main[0]}, without its invented times", read_set(path, set(main), timed=False)


def show_stream(total: int) -> None:
    """Measure the speed on an invented stream, step by step, with what is remembered."""
    chance = random.Random(2026)
    grouper = Grouper()
    print(f"\nan invented stream: {total:,} reports of 34 words, {A_DAY:,} a day, {PER_EVENT} to an event")
    stream = _invented(chance, total)
    placed = 0
    while step := list(islice(stream, STEP)):
        began = time.process_time()
        for item in step:
            placed += 1
            grouper.place(item.match(placed))
        speed = len(step) / (time.process_time() - began)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        live = len(grouper.index)
        print(f"  {placed:>8,} reports  {live:>6,} live events  {speed:>7,.0f}/s  {memory:,.0f} MB")


def _invented(chance: random.Random, total: int) -> Iterator[Item]:
    """Give reports whose words are as unevenly frequent as those of languages are (Zipf 1949)."""
    common = [f"palabra{number}" for number in range(6_000)]
    weights = [1 / (rank + 3) for rank in range(len(common))]
    topics: dict[int, list[str]] = defaultdict(list)
    for number in range(total):
        about = max(number // PER_EVENT - int(chance.expovariate(1 / 400)), 0)
        own = topics[about] or [f"asunto{about}x{part}" for part in range(9)]
        topics[about] = own
        topics.pop(about - 4_000, None)
        words = chance.choices(common, weights, k=26) + chance.sample(own, 6)
        words += [f"Nombre{about}", f"Lugar{about % 700}"]
        chance.shuffle(words)
        at = START + timedelta(days=number / A_DAY)
        yield Item(str(number), "es", " ".join(words[:10]), " ".join(words[10:]), at, str(about))


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="?", type=Path, help="folder of sets with known events")
    parser.add_argument("--stream", type=int, default=60_000, help="reports of the invented stream (0: none)")
    options = parser.parse_args()
    if options.sets:
        show_sets(options.sets)
    if options.stream:
        show_stream(options.stream)


if __name__ == "__main__":
    main()

"""Speed of matching beside other engines: `make bench-match` (ARGS="--full" takes all sizes).

Prints articles per second of processor time on one core, best of the repeats: a bare fold-and-tokenise
pass in Python (the floor), this project's matcher with evidence, and the engines of `match_peers`, all
asked the same queries about the same articles, with equal answers (checked on a sample, and printed).
Build time, memory, latency and the cost of changing one query are printed for ours. An engine that would
take too long at a size is left out and says so. The four shipped watchlists are measured at the end.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil

from bench.match_load import Article, Load
from bench.match_peers import BATCH, ENGINES, Checker, Ours, floor
from service.domain import Entry
from service.match import Matcher, Query
from service.watchlists import load_watchlists

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.match_peers import Engine

_REPEATS = 3
_SECONDS = 4.0  # what one engine may take for one row; a slow one is asked about fewer articles
_SAMPLE = 40
_NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Engines that scan every query for every article or batch fall as 1/N; beyond these they say nothing new.
_LARGEST = {"re loop": 10_000, "tantivy": 100_000}


def entry_of(article: Article) -> Entry:
    """Give an article as the matcher takes it."""
    return Entry.unstored(article.title, article.text, at=_NOW)


def resident() -> float:
    """Give the memory of this process, in MB."""
    return psutil.Process().memory_info().rss / 1e6


def cpu(work: Callable[[], object]) -> float:
    """Give the processor seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def rate(engine: Engine, articles: Sequence[Article], entries: Sequence[Entry]) -> float:
    """Give articles a second, the best of the repeats; each repeat asks about articles never asked before.

    The first thousand articles warm the engine up, as far as it gets through them in its share of the time.
    """
    at, share = 0, _SECONDS / _REPEATS
    count = BATCH if engine.at_once > 1 else 50
    seconds = cpu(partial(engine.ask, articles[:count], entries[:count]))
    best = count / seconds
    if engine.at_once == 1:
        warm = slice(count, max(count, min(BATCH, int(best * share))))
        engine.ask(articles[warm], entries[warm])
        count = min(BATCH, max(count, int(best * share)))
    for _ in range(_REPEATS - 1):
        if seconds > share:
            break
        at += BATCH
        some = articles[at : at + count], entries[at : at + count]
        seconds = cpu(partial(engine.ask, *some))
        best = max(best, count / seconds)
    return best


def latencies(engine: Engine, articles: Sequence[Article], entries: Sequence[Entry]) -> tuple[float, float]:
    """Give the median and the 99th percentile of one article, in microseconds of processor time."""
    taken = sorted(
        cpu(partial(engine.ask, [article], [entry])) * 1e6
        for article, entry in zip(articles[-500:], entries[-500:], strict=True)
    )
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def row(size: int, words: int, load: Load, articles: Sequence[Article]) -> None:
    """Measure every engine with so many queries, and print a table."""
    entries = [entry_of(article) for article in articles]
    queries = load.queries(size)
    base = len(articles) / min(cpu(lambda: [floor(article) for article in articles]) for _ in range(_REPEATS))
    print(f"\n{size:,} queries, articles of {words} words; the floor: {base:,.0f} articles/s")
    gc.collect()
    before = resident()
    began = time.process_time()
    checker = Checker(queries)
    seconds = time.process_time() - began
    memory = resident() - before
    gc.collect()
    gc.freeze()  # what is built stays: no engine's time should go into looking through it for garbage
    ours = Ours(queries, checker)
    truth = ours.ask(articles[:_SAMPLE], entries[:_SAMPLE])
    rates: dict[str, float] = {}
    for kind in ENGINES:
        if size > _LARGEST.get(kind.name, size):
            print(f"  {kind.name:<16} left out: it runs every query for every article")
            continue
        engine = kind(queries, checker)
        found = engine.ask(articles[:_SAMPLE], entries[:_SAMPLE])
        differs = sum(set(one) != set(other) for one, other in zip(found, truth, strict=True))
        rates[kind.name] = rate(engine, articles, entries)
        print(
            f"  {kind.name:<16} {rates[kind.name]:>10,.0f} articles/s"
            f"  {rates[kind.name] / base:>5.2f} of the floor"
            f"  ours is {rates[Ours.name] / rates[kind.name]:>6.1f}x"
            f"  {'equal answers' if not differs else f'{differs} of {_SAMPLE} answers differ'}"
        )
    middle, late = latencies(ours, articles, entries)
    changed = Query("0", "2", checker.queries[0].rule)
    change = cpu(lambda: checker.matcher.put(changed))
    matches = sum(map(len, truth)) / _SAMPLE
    print(
        f"  ours: {size:,} expressions read and built in {seconds:.2f} s, {memory:.0f} MB,"
        f" {matches:.2f} matches an article, p50 {middle:.0f} µs, p99 {late:.0f} µs,"
        f" one query changed in {change * 1e6:.0f} µs"
    )


def shipped(articles: Sequence[Article]) -> None:
    """Measure the four shipped watchlists on the same articles, most of which match none."""
    loaded = load_watchlists(Path(__file__).resolve().parent.parent / "watchlists").watchlists
    matcher = Matcher([one.query for one in loaded])
    entries = [entry_of(article) for article in articles]
    seconds = min(cpu(lambda: [matcher.match(entry) for entry in entries]) for _ in range(_REPEATS))
    print(f"\nThe {len(loaded)} shipped watchlists: {len(entries) / seconds:,.0f} articles/s")


def main() -> None:
    """Run the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--full", action="store_true", help="10 to 100,000 queries, and long texts")
    full = parser.parse_args().full
    load = Load()
    short = load.articles(_REPEATS * BATCH, 60)
    for size in (10, 100, 1_000, 10_000, 100_000) if full else (100, 1_000, 10_000):
        row(size, 60, load, short)
    if full:
        for size in (100, 1_000, 10_000, 100_000):
            row(size, 600, load, load.articles(_REPEATS * BATCH, 600))
    shipped(short)


if __name__ == "__main__":
    main()

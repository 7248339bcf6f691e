"""Speed of `parse_feed` beside feedparser as it comes: `python bench/parse.py [folder of feed files]`.

Without a folder it generates documents. Prints processor time, MB/s and entries/s, best of three runs,
then how far the entries agree with feedparser's in id, link, title and time of publication, and each
difference with the rule that says why it is meant. Figures of machines differ; the proportion is what
counts. Ends with 1 where a difference is not meant.
"""

from __future__ import annotations

import io
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser

from service.parse import NotAFeed, parse_feed
from tests.partners.agreement import compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.partners.agreement import Difference

_RUNS = 3
_TEXT = "<p>The <a href='/pier'>third pier</a> of Puerto Claro &amp; its cranes, %d metres long.</p>" * 12


def generated(feeds: int = 60, entries: int = 30) -> list[bytes]:
    """Write RSS and Atom documents of about 40 kB, one in twenty with a bare ampersand in it."""
    return [_document(number, entries) for number in range(feeds)]


def _document(number: int, entries: int) -> bytes:
    mark = "&" if number % 20 == 0 else "and"
    items = "".join(
        f"<item><guid>tag:harbour.example,{number}:{n}</guid><title>Pier {n} {mark} crane {number}</title>"
        f"<link>https://harbour.example/{number}/{n}</link>"
        f"<pubDate>Mon, 02 Mar 2026 10:{n % 60:02}:00 -0300</pubDate>"
        f"<description><![CDATA[{_TEXT % ((n,) * 12)}]]></description></item>"
        for n in range(entries)
    )
    return f'<rss version="2.0"><channel><title>Harbour {number}</title>{items}</channel></rss>'.encode()


def ours(body: bytes) -> int:
    """Count entries with `parse_feed`; a refusal counts none."""
    try:
        return len(parse_feed(body).entries)
    except NotAFeed:
        return 0


def theirs(body: bytes) -> int:
    """Count entries with feedparser, sanitising and resolving as it does by default."""
    return len(feedparser.parse(io.BytesIO(body)).entries)


def measure(name: str, count: Callable[[bytes], int], bodies: list[bytes]) -> float:
    """Print one line; give the seconds of processor time of the best run."""
    best, entries = float("inf"), 0
    for _ in range(_RUNS):
        start = time.process_time()
        entries = sum(map(count, bodies))
        best = min(best, time.process_time() - start)
    speed, rate = sum(map(len, bodies)) / 1e6 / best, entries / best
    print(f"{name:12} {best:8.3f} s {speed:8.1f} MB/s {rate:10,.0f} entries/s, {entries} entries")
    return best


def parsers(bodies: list[bytes]) -> str:
    """Tell which parser took how many documents."""
    taken: Counter[str] = Counter()
    for body in bodies:
        try:
            taken[parse_feed(body).parser] += 1
        except NotAFeed:
            taken["refused"] += 1
    return ", ".join(f"{name} {times}" for name, times in taken.most_common())


def agreement(bodies: list[bytes]) -> int:
    """Print how far both agree; give how many differences no rule explains."""
    entries = 0
    meant: Counter[str] = Counter()
    unmeant: list[Difference] = []
    for body in bodies:
        count, differences = compare(body)
        entries += count
        for one in differences:
            if one.rule:
                meant[f"{one.field}: {one.rule.reason}"] += 1
            else:
                unmeant.append(one)
    print(f"{entries} entries compared, {meant.total()} values differ on purpose, {len(unmeant)} otherwise")
    for reason, times in meant.most_common():
        print(f"{times:6} {reason}")
    for one in unmeant:
        print(f"       {one.field}: ours {one.ours!r}, theirs {one.theirs!r}")
    return len(unmeant)


def main(arguments: list[str]) -> int:
    """Measure the files of a folder, or generated documents; give the exit code."""
    warnings.simplefilter("ignore")
    files = (
        sorted(
            path for path in Path(arguments[0]).rglob("*") if path.is_file() and path.name != "MANIFEST.json"
        )
        if arguments
        else []
    )
    bodies = [path.read_bytes() for path in files] if files else generated()
    print(f"{len(bodies)} documents, {sum(map(len, bodies)) / 1e6:.1f} MB: {parsers(bodies)}")
    ratio = measure("feedparser", theirs, bodies) / measure("parse_feed", ours, bodies)
    print(f"parse_feed is {ratio:.0f} times as fast")
    return int(agreement(bodies) > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Good feeds polled with all hostile ones, beside the same poll with as many harmless ones in their place.

    python bench/hostile.py [GOOD] [ROUNDS]

GOOD feeds (50 when not given) stand in line behind the hostile ones; poller and both servers are processes
of their own. Prints after how many seconds the good feeds were stored, the memory of the poller and of its
child, and how each hostile feed ended, slowest last. Runs take turns; medians of ROUNDS (3).
"""

from __future__ import annotations

import sys
from statistics import median, quantiles
from typing import TYPE_CHECKING

from tests.partners.hostile_stand import HOSTILE, good_feeds, measure

if TYPE_CHECKING:
    from tests.partners.hostile_stand import Measured


def latencies(run: Measured, good: int) -> tuple[float, float, float]:
    """Give the median, the 95th percentile and the longest time to a good feed."""
    times = [run.results[feed.name].seconds for feed in good_feeds(good)]
    return median(times), quantiles(times, n=20)[-1], max(times)


def line(name: str, runs: list[Measured], good: int) -> None:
    """Print the medians of some runs."""
    typical, late, last = (median(part) for part in zip(*(latencies(run, good) for run in runs), strict=True))
    poller, child = max(run.poller_mb for run in runs), max(run.child_mb for run in runs)
    print(
        f"{name:10} good feeds stored after {typical:5.2f} s median {late:5.2f} s p95 {last:5.2f} s last; "
        f"poller {poller:4.0f} MB, child {child:4.0f} MB"
    )


def main() -> None:
    """Print the figures."""
    good, rounds = (int(word) for word in (sys.argv[1:] + ["50", "3"][len(sys.argv) - 1 :])[:2])
    hostile, harmless = [], []
    for _ in range(rounds):
        harmless.append(measure(good, with_hostile=False))
        hostile.append(measure(good, with_hostile=True))
    print(f"{good} good feeds behind {len(HOSTILE)} others, {rounds} rounds")
    line("harmless", harmless, good)
    line("hostile", hostile, good)
    ends = [hostile[-1].results[feed.name] for feed in HOSTILE]
    for end in sorted(ends, key=lambda one: one.seconds):
        words = end.trouble.partition("example: ")[2] or end.trouble or f"read: {end.new} new"
        print(f"{end.seconds:6.1f} s  {end.name:42} {end.reason:16} {words[:90]}")


if __name__ == "__main__":
    main()

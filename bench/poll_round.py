"""A service that polls when it is told to, for the bench beside it.

    python bench/poll_round.py [once]

Reads settings and files as `avizor run` does. With `once` it takes the feeds into the database and ends. Else
it says `ready`, polls what is due at each line of its input, and answers with CPU seconds (of its children,
too), wall seconds and the megabytes it holds.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from pathlib import Path

from service import loop
from service.config import Environment
from service.wiring import (
    make_desk,
    open_pipeline,
    open_store,
    read_in_force,
    real_clock,
    settled,
    sync_store,
)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def main() -> None:
    """Poll at each line."""
    environment = Environment(dict(os.environ))
    settings = environment.settings()
    with open_store(settings, exclusive=True) as store:
        files = read_in_force(store, environment, settings)
        sync_store(store, files, files.followed_sources, real_clock())
        if sys.argv[1:]:
            return
        async with open_pipeline(settings, store, make_desk(files)) as pipeline:
            with settled():
                print("ready", flush=True)
                while await asyncio.to_thread(sys.stdin.readline):
                    cpu, wall = _cpu(), time.perf_counter()
                    await pipeline.polling.poll_due()
                    print(f"{_cpu() - cpu} {time.perf_counter() - wall} {_megabytes()}", flush=True)


if __name__ == "__main__":
    loop.run(main())

"""Whole pollers beside each other, against publishers on this machine: CPU, wall, memory, requests.

    python bench/poll.py [--feeds N] [--rounds N] [--many]

Each program polls N feeds of 30 entries (500 when not given), once with nothing known and twice with nothing
new, in turn with the others, as a process of its own on one processor; the publishers have another one.
Avizor stores durably and matches the shipped watchlists; nobody else does. It is measured twice: as `avizor
poll`, which reads all files first, and as a round of the running service, which has read them; that once more
with feeds in two languages, where every match is read by the sentence encoder, which bridges them.
`--many` has a running service poll 1,000 feeds on 200 hosts and 10,000 on 2,000, of mixed manners.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from poll_peers import find_peers
from publishers import feed_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "watchlists"
FEEDS_OF_A_PACK = 2_000
LONG_AGO = "2020-01-01 00:00:00.000000"
OURS = ((False, ["es"]), (True, ["es"]), (True, ["es", "pt"]))
CORES = sorted(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Run:
    """What one poll of all feeds took."""

    cpu: float
    wall: float
    megabytes: float
    asked: dict[str, int]

    def line(self, name: str) -> str:
        """Write it as a row."""
        unchanged = self.asked.get("304", 0)
        return (
            f"{name:44} {self.cpu:8.2f} {self.wall:8.2f} {self.megabytes:6.0f} "
            f"{self.asked.get('requests', 0):8} {unchanged:6} {self.asked.get('bytes', 0) / 1e6:8.1f}"
        )


class Site:
    """The publishers, in a process of their own."""

    def __init__(self, feeds: int, hosts: int, mix: str) -> None:
        """Start them."""
        command = [sys.executable, str(HERE / "publishers.py"), str(hosts), mix]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        os.sched_setaffinity(self._process.pid, CORES[-1:])
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.urls = [feed_url(number, hosts, self.port) for number in range(feeds)]

    def next_round(self) -> dict[str, int]:
        """Begin a round; gives what was asked in the last one."""
        with urlopen(f"http://127.0.0.1:{self.port}/round", timeout=10) as said:
            asked: dict[str, int] = json.load(said)
            return asked

    def close(self) -> None:
        """End them."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@contextmanager
def publishers(feeds: int, hosts: int, mix: str) -> Iterator[Site]:
    """Have publishers serve."""
    site = Site(feeds, hosts, mix)
    try:
        yield site
    finally:
        site.close()


def measured(command: Sequence[str], folder: Path, site: Site, environment: dict[str, str]) -> Run:
    """Run a command to its end on one processor; children it waited for count."""
    site.next_round()
    began = time.perf_counter()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        os.sched_setaffinity(process.pid, CORES[:1])
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status:
        print(f"{command[0]} ended with {status}; see {folder / 'log'}")
    return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, site.next_round())


# ------------------------------------------------------------------------------------------- ours


def make_home(folder: Path, urls: Sequence[str], languages: Sequence[str]) -> dict[str, str]:
    """Write the shipped watchlists, following packs of these feeds, in turn said to be in these languages.

    Gives the environment.
    """
    packs = folder / "watchlists" / "feeds"
    packs.mkdir(parents=True)
    names = []
    for start in range(0, len(urls), FEEDS_OF_A_PACK):
        names.append(f"bench{start}")
        feeds = "".join(
            f"  - {{url: '{url}', title: D, outlet: D, language: {languages[at % len(languages)]}}}\n"
            for at, url in enumerate(urls[start : start + FEEDS_OF_A_PACK])
        )
        (packs / f"{names[-1]}.yaml").write_text(f"title: B\nabout: B.\nfeeds:\n{feeds}", encoding="utf-8")
    for path in SHIPPED.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        followed, changed = re.subn(r"(?m)^feeds:.*\n(?:[ \t#].*\n)*", f"feeds: [{', '.join(names)}]\n", text)
        if changed:
            (packs.parent / path.name).write_text(followed, encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AVIZOR_")}
    return {
        **mine,
        "AVIZOR_DATA_DIR": str(folder / "data"),
        "AVIZOR_WATCHLISTS": str(packs.parent),
        "AVIZOR_PRIVATE_FEEDS": "127.0.0.0/8",
        "PYTHONPATH": str(HERE.parent),
    }


def make_due(folder: Path) -> None:
    """Have every feed come due now, as if its hour had passed."""
    database = sqlite3.connect(folder / "data" / "avizor.db")
    with database:
        database.execute("UPDATE feed SET next_poll_at = ?", (LONG_AGO,))
        database.execute("UPDATE host SET next_poll_at = ?, free_at = ?", (LONG_AGO, LONG_AGO))
    database.close()


class Avizor:
    """`avizor poll`, or with `is_running` a service that was started before and polls when it is told to."""

    def __init__(
        self, folder: Path, urls: Sequence[str], *, is_running: bool, languages: Sequence[str] = ("es",)
    ) -> None:
        """Make its home, and have it take in the feeds."""
        self.name = "Avizor, a round of the service" if is_running else "Avizor, the command poll"
        self.name += ", two languages" if len(languages) > 1 else ""
        self._folder = folder
        self._environment = make_home(folder, urls, languages)
        command = [sys.executable, str(HERE / "poll_round.py")]
        subprocess.run([*command, "once"], env=self._environment, check=True, stdin=subprocess.DEVNULL)
        self._service: subprocess.Popen[str] | None = None
        if is_running:
            self._service = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            os.sched_setaffinity(self._service.pid, CORES[:1])
            self._say("")

    def poll(self, site: Site) -> Run:
        """Poll every feed once."""
        make_due(self._folder)
        if self._service is None:
            program = "from service.cli import app; app()"
            return measured([sys.executable, "-c", program, "poll"], self._folder, site, self._environment)
        site.next_round()
        cpu, wall, megabytes = (float(word) for word in self._say("poll\n").split())
        return Run(cpu, wall, megabytes, site.next_round())

    def _say(self, words: str) -> str:
        assert self._service is not None
        assert self._service.stdin is not None
        assert self._service.stdout is not None
        self._service.stdin.write(words)
        self._service.stdin.flush()
        return self._service.stdout.readline()

    def close(self) -> None:
        """End the service, if there is one."""
        if self._service is not None and self._service.stdin is not None:
            self._service.stdin.close()
            self._service.wait(30)


# ----------------------------------------------------------------------------------------- tables

HEAD = f"{'':44} {'CPU s':>8} {'wall s':>8} {'MB':>6} {'requests':>8} {'304':>6} {'MB in':>8}"


def race(feeds: int, rounds: int, node_modules: Path | None) -> None:
    """Poll the same feeds with every program in turn, and print the medians."""
    peers, missing = find_peers(node_modules)
    for words in missing:
        print(f"not measured: {words}")
    runs: dict[str, list[list[Run]]] = {}
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as name, publishers(feeds, feeds, "plain") as site:
            for place, (is_running, languages) in enumerate(OURS):
                folder = Path(name) / f"avizor{place}"
                folder.mkdir()
                ours = Avizor(folder, site.urls, is_running=is_running, languages=languages)
                runs.setdefault(ours.name, []).append([ours.poll(site) for _ in range(3)])
                ours.close()
            for place, peer in enumerate(peers):
                folder = Path(name) / f"peer{place}"
                folder.mkdir()
                peer.prepare(folder, site.urls)
                environment = {**os.environ, "HOME": str(folder)}
                polled = [measured(peer.command(folder), folder, site, environment) for _ in range(3)]
                runs.setdefault(peer.name, []).append(polled)
        print(f"round {number + 1} of {rounds} is done", file=sys.stderr)
    for poll, words in ((0, "cold: nothing is known"), (2, "warm: the third poll, nothing is new")):
        print(f"\n{feeds} feeds of 30 entries, {words} (medians of {rounds})\n{HEAD}")
        polls = {name: sorted((one[poll] for one in of_it), key=_cpu) for name, of_it in runs.items()}
        show({name: of_it[rounds // 2] for name, of_it in polls.items()})


def _cpu(run: Run) -> float:
    return run.cpu


def show(runs: dict[str, Run]) -> None:
    """Print the rows, and how much more the others take."""
    for name, run in runs.items():
        print(run.line(name))
    command, service, *_ = runs.values()
    for name, run in list(runs.items())[len(OURS) :]:
        times = f"{run.cpu / command.cpu:.1f} (command), {run.cpu / service.cpu:.1f} (service)"
        print(f"  CPU of {name} over ours: {times}")


def many() -> None:
    """Have a running service poll many feeds of mixed manners, several times."""
    print(f"\nfeeds of mixed manners in a running service\n{HEAD}")
    for feeds, hosts in ((1_000, 200), (10_000, 2_000)):
        with tempfile.TemporaryDirectory() as name, publishers(feeds, hosts, "real") as site:
            ours = Avizor(Path(name), site.urls, is_running=True)
            for words in ("cold", "warm", "warm again", "warm a third time"):
                print(ours.poll(site).line(f"{feeds:,} feeds on {hosts:,} hosts, {words}"), flush=True)
            ours.close()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", action="store_true", help="1,000 and 10,000 feeds, without peers")
    asked = parser.parse_args()
    if asked.many:
        many()
    else:
        node_modules = os.environ.get("NODE_MODULES")
        race(asked.feeds, asked.rounds, Path(node_modules) if node_modules else None)


if __name__ == "__main__":
    main()

"""What Avizor promises, and the page of it that a test run writes by itself.

A test that shows a promise carries `@pytest.mark.promise("P1", size="20 alerts")`. A run with `PROMISES=1`
in its environment writes how such tests ended into `docs/promises.md`; rows of tests that did not run stay
as they were, rows of tests that are no longer there go. A test can say by `record_property("size", …)` which
size it took.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

PAGE = Path("docs/promises.md")
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NOT_RUN = "not run yet"


class Promise(NamedTuple):
    """A promise in our words, and what about it no test shows."""

    words: str
    missing: str = ""


PROMISES = {
    "P1": Promise("What was fetched and matches is told, whatever kills the process."),
    "P2": Promise(
        "Each alert comes once. Only a line that breaks between handing a mail over and hearing the server's "
        "“ok” can repeat it, and then under the same Message-ID."
    ),
    "P3": Promise(
        "A server that is down or says “later” is tried for five days, one that says “never” is believed at "
        "once; its words are shown, and the operator is told of what could not be delivered.",
    ),
    "P4": Promise(
        "A channel that hangs delays no other.",
        "Times: `make bench-deliver` prints them, of 200 chats beside 50 black holes.",
    ),
    "P5": Promise("An entry out of which no message can be made as it stands holds up none behind it."),
    "P6": Promise(
        "Copies of the service send nothing twice: a second one on the same SQLite file does not start, "
        "several on one PostgreSQL database share the work.",
        "A process that is stopped in the very moment between handing over and writing down.",
    ),
    "P7": Promise(
        "A full disk loses nothing.", "That health turns red is shown by P18; a full disk under PostgreSQL."
    ),
    "P8": Promise(
        "Told to end, it ends within 30 seconds, even while a server hangs, and neither loses nor repeats "
        "an alert."
    ),
    "P9": Promise(
        "A clock that jumps stops nothing and repeats nothing.",
        "Daylight saving while the service runs for real.",
    ),
    "P10": Promise("A hostile feed harms only itself."),
    "P11": Promise("No feed reaches into your own network."),
    "P12": Promise(
        "Nothing that a feed writes runs, formats, pings or becomes a header: on no page, in no mail, in "
        "no chat."
    ),
    "P13": Promise("Nobody is subscribed by somebody else, and a stranger gets one mail at most."),
    "P14": Promise("One click leaves, for good and without a login; to look at the link changes nothing."),
    "P15": Promise("Who has left gets nothing more, not even what was waiting."),
    "P16": Promise("Nobody can find out from the pages who is subscribed."),
    "P17": Promise(
        "A broken file stops no good one: its last good version stays in force, and the fault is named with "
        "its place and the mend."
    ),
    "P18": Promise(
        "Whether it works can be seen: health turns red when a part of the work stands still.",
        "A link to the database that breaks while it runs.",
    ),
    "P19": Promise("Data can be taken out, deleted and backed up while it runs."),
    "P20": Promise("A secret stands in no log, page, message of an error or answer of a command."),
    "P21": Promise(
        "A new version keeps the data of those before, and leaves a database alone that it does not know.",
        "A kill in the middle of a migration.",
    ),
    "P22": Promise(
        "It talks to nobody but feeds, hubs and channels.",
        "A long run of the service with a list of allowed hosts.",
    ),
    "P23": Promise("Years of news do not slow it down.", "No test runs over so much news yet."),
    "P24": Promise(
        "In a container it runs as a plain user on a read-only disk, with one open port.",
        "No image is built and started: the files alone are read.",
    ),
}


class Row(NamedTuple):
    """How a test that shows a promise ended last."""

    promise: str
    test: str
    size: str
    engine: str = "–"
    cases: str = "–"
    date: str = "–"
    result: str = NOT_RUN
    seconds: str = "–"


# --------------------------------------------------------------------------------------- the page


def marked_tests(folder: Path = Path("tests")) -> set[Row]:
    """Give a row without a result for each test that carries a promise."""
    return {row for path in folder.glob("test_*.py") for row in _marked_in(path)}


def _marked_in(path: Path) -> Iterator[Row]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
                size = ast.literal_eval(mark.keywords[0].value)
                for promise in map(ast.literal_eval, mark.args):
                    yield Row(promise, f"{path.stem}::{node.name}", size)


def read_rows(page: str) -> list[Row]:
    """Read the rows of results back from a page."""
    cells = (line.strip("| ").split(" | ") for line in page.splitlines() if re.match(r"\| P\d+ \| \[", line))
    return [Row(promise, _test_of(link), *others) for promise, link, *others in cells]


def merge_rows(kept: Iterable[Row], ran: Iterable[Row], marked: Iterable[Row]) -> list[Row]:
    """Give the row of each marked test: of this run, else as it was kept, else without a result."""
    known = {(row.promise, row.test): row for row in (*marked, *kept, *ran)}
    return sorted((known[row.promise, row.test] for row in marked), key=lambda row: (_number(row), row.test))


def write_page(rows: Iterable[Row]) -> str:
    """Write the page out of its rows."""
    rows = list(rows)
    promises = [
        f"| {name} | {promise.words} | {_say_state(name, rows)} | {promise.missing or '–'} |"
        for name, promise in PROMISES.items()
    ]
    results = [f"| {' | '.join((row.promise, _link(row.test), *row[2:]))} |" for row in rows]
    return "\n".join((_HEAD, *promises, _RESULTS, *results, ""))


def _say_state(promise: str, rows: Iterable[Row]) -> str:
    mine = [row for row in rows if row.promise == promise]
    if not mine:
        return "not shown yet"
    if any(row.result == "failed" for row in mine):
        return "**broken**"
    return NOT_RUN if any(row.result == NOT_RUN for row in mine) else f"shown {min(row.date for row in mine)}"


def _number(row: Row) -> int:
    return int(row.promise[1:])


def _link(test: str) -> str:
    file, _, name = test.partition("::test_")
    return f"[{name.replace('_', ' ')}](../tests/{file}.py)"


def _test_of(link: str) -> str:
    sentence, _, file = link.removeprefix("[").removesuffix(".py)").partition("](../tests/")
    return f"{file}::test_{sentence.replace(' ', '_')}"


_HEAD = """\
# Promises

What Avizor promises, and which tests show it. This page is written by the test run itself: `make promises`
runs every test that shows a promise, and a row changes only when its test has run. The sizes are those of
that run; `make promises FULL=1` takes the large ones.

Where a promise says “once”: between handing a mail over and hearing the server's “ok” a line can break, and
no sender can know then what became of it (RFC 1047). The mail is repeated under the same Message-ID, by
which mailboxes drop it.

| | promise | state | not shown |
|---|---|---|---|"""
_RESULTS = """
## By which tests

| | test | size | engine | cases | date | result | seconds |
|---|---|---|---|---|---|---|---|"""


# ---------------------------------------------------------------------------------------- the run


@dataclass
class _Outcome:
    """What has been seen so far of the cases of one test."""

    engines: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    size: str = ""
    seconds: float = 0.0
    has_failed: bool = False


class Recorder:
    """Notes how tests that show a promise end, and writes the page when the run is over."""

    def __init__(self) -> None:
        """Know of no test yet."""
        self._outcomes: dict[tuple[str, str], _Outcome] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Have each report say what its test shows: it may come from another process."""
        for item in items:
            for mark in item.iter_markers("promise"):
                callspec = getattr(item, "callspec", None)
                values = map(str, callspec.params.values()) if callspec else ()
                engine = next((ENGINES[value] for value in values if value in ENGINES), "")
                item.user_properties += [
                    ("promise", " ".join(mark.args)),
                    ("engine", engine),
                    ("size", mark.kwargs["size"]),
                ]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one step of one case."""
        said = {name: str(value) for name, value in report.user_properties}
        if "promise" not in said or report.skipped:
            return
        path, _, name = report.nodeid.partition("[")[0].partition("::")
        for promise in said["promise"].split():
            seen = self._outcomes.setdefault((promise, f"{Path(path).stem}::{name}"), _Outcome())
            seen.engines |= {said["engine"]} - {""}
            seen.cases.add(report.nodeid)
            seen.size = said["size"]
            seen.seconds += report.duration
            seen.has_failed |= report.failed

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page, where this is the process that has all reports."""
        if not self._outcomes or hasattr(session.config, "workerinput"):
            return
        today = datetime.now(UTC).date().isoformat()
        ran = [_row(*name, seen, today) for name, seen in self._outcomes.items()]
        kept = read_rows(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else []
        PAGE.write_text(write_page(merge_rows(kept, ran, marked_tests())), encoding="utf-8")


def _row(promise: str, test: str, seen: _Outcome, today: str) -> Row:
    engine = ", ".join(sorted(seen.engines)) or "–"
    result = "failed" if seen.has_failed else "passed"
    return Row(promise, test, seen.size, engine, str(len(seen.cases)), today, result, f"{seen.seconds:.1f}")

"""Killed at any moment, Avizor neither loses an alert nor repeats one it need not repeat.

The real command runs in a process of its own against a real mail server on loopback, is killed with
SIGKILL, and is started again until nothing waits. What the mail server holds is then compared with
what was in the feeds. `TEST_KILLS` and `TEST_RANDOM_KILLS` in the environment say how often it is killed at
each step and at random moments, `TEST_ENTRIES` how many entries the feeds have, of which as many as there are
alerts match; `make test-kills` sets them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from service import failpoints
from service.store import AuditReport, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.partners.smtp_sink import SmtpSink

pytestmark = pytest.mark.slow

FEEDS, MATCHING = 4, 5
ALERTS = FEEDS * MATCHING
ENTRIES = int(os.environ.get("TEST_ENTRIES", str(ALERTS)))
MAY_REPEAT = {"after-dot", "before-recorded"}  # handed over, and the proof of it not yet stored
KILLS = int(os.environ.get("TEST_KILLS", "1"))
RANDOM_KILLS = int(os.environ.get("TEST_RANDOM_KILLS", "8"))
KILLS_OF_A_SITE = 8
OF_EACH_ALERT = failpoints.NAMES[failpoints.NAMES.index("connected") :]
LEASE_SECONDS = 2
_MOST_STARTS = 30  # a busy machine may take longer than a lease for one message
WATCHLIST = "title: Port\nabout: A port.\nlanguages: [es]\nmatch:\n  any:\n    - puerto\n"


@dataclass(frozen=True)
class Site:
    """A folder with a watchlist and feed files, a database, and a mail server to send to."""

    folder: Path
    environment: dict[str, str]

    def poll(self, failpoint: str = "") -> subprocess.Popen[bytes]:
        """Start one round of everything, in a process of its own."""
        program = "from service.cli import app; app()"
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", program, "poll", "--from", str(self.folder / "feeds")],
                env={**os.environ, **self.environment, "AVIZOR_FAILPOINT": failpoint},
                stdout=log,
                stderr=log,
            )

    def audit(self) -> AuditReport:
        """Give the audit's report."""
        store = Store(self.environment["AVIZOR_DATABASE_URL"])
        try:
            return store.audit.run()
        finally:
            store.close()

    def poll_until_nothing_waits(self) -> AuditReport:
        """Start it again as often as it takes, once the leases of the dead process have run out.

        Before that, a quick start finds nothing due, and nothing waiting either: it would prove nothing.
        """
        time.sleep(LEASE_SECONDS)
        for _ in range(_MOST_STARTS):
            assert self.poll().wait(timeout=60) == 0
            report = self.audit()
            if report.waiting == 0:
                return report
            time.sleep(LEASE_SECONDS)
        pytest.fail(f"still waiting: {report}")


@pytest.fixture
def site(tmp_path: Path, smtp_sink: SmtpSink, database_url: str) -> Site:
    return open_site(tmp_path, database_url, smtp_sink.port, "ana@desk.example")


def open_site(tmp_path: Path, database_url: str, smtp_port: int, reader: str) -> Site:
    """Write the files of a site whose alerts go to a reader by a mail server of this machine."""
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST)
    (tmp_path / "feeds").mkdir()
    for number in range(FEEDS):
        (tmp_path / "feeds" / f"diario-{number}.xml").write_text(_feed(number))
    return Site(
        tmp_path,
        {
            "AVIZOR_DATA_DIR": str(tmp_path / "data"),
            "AVIZOR_DATABASE_URL": database_url,
            "AVIZOR_WATCHLISTS": str(tmp_path / "watchlists"),
            "AVIZOR_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "AVIZOR_MAIL_FROM": "alerts@avizor.example",
            "AVIZOR_ALERT_TO": reader,
            "AVIZOR_LEASE_SECONDS": str(LEASE_SECONDS),
            "AVIZOR_PARALLEL_SENDS": "1",
        },
    )


def _feed(number: int) -> str:
    now = datetime.now(UTC) - timedelta(hours=1)
    items = "".join(
        f"<item><title>{_subject(entry)} {_word(number, entry)}</title>"
        f"<link>https://d{number}.example/{entry}</link>"
        f"<guid>{number}-{entry}</guid><pubDate>{format_datetime(now)}</pubDate></item>"
        for entry in range(ENTRIES // FEEDS)
    )
    head = f"<title>Diario {number}</title><link>https://d{number}.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _subject(entry: int) -> str:
    """Name what an entry tells of; those that match are spread over the feed."""
    return "Puerto" if _is_matching(entry) else "Parque"


def _is_matching(entry: int) -> bool:
    return entry % (ENTRIES // ALERTS) == 0


def _word(number: int, entry: int) -> str:
    return f"asunto{number}x{entry}"


def _received(sink: SmtpSink) -> Counter[tuple[str, str]]:
    return Counter((str(one.message["Message-ID"]), str(one.message["Subject"])) for one in sink.messages())


def expect_each_alert(received: Counter[tuple[str, str]], *, repeats: int) -> None:
    """Expect each alert, under one Message-ID, of all together so many more often than once."""
    subjects = {subject for _, subject in received}
    missing = {
        _word(number, entry)
        for number in range(FEEDS)
        for entry in range(ENTRIES // FEEDS)
        if _is_matching(entry) and not any(subject.endswith(_word(number, entry)) for subject in subjects)
    }
    assert missing == set(), "lost"
    assert len(received) == ALERTS, "one alert under two Message-IDs"
    assert received.total() - ALERTS <= repeats, "repeated without need"


def reached(failpoint: str, turn: int) -> str:
    """Say where to kill: at each turn another alert is on its way."""
    first = 2 if failpoint in {"claimed", "recorded"} else 1
    return f"{failpoint}:{first + (turn % 10 if failpoint in OF_EACH_ALERT else 0)}"


@pytest.mark.promise("P1", "P2", size="20 entries, 20 alerts, killed at each of 13 steps")
@pytest.mark.parametrize("turn", range(KILLS))
@pytest.mark.parametrize("failpoint", failpoints.NAMES)
def test_killed_at_each_step_it_loses_nothing_and_repeats_only_after_the_dot(
    site: Site,
    smtp_sink: SmtpSink,
    failpoint: str,
    turn: int,
    record_property: Callable[[str, object], None],
) -> None:
    steps = len(failpoints.NAMES)
    record_property(
        "size", f"{ENTRIES:,} entries, {ALERTS} alerts, killed at each of {steps} steps, times {KILLS}"
    )
    assert site.poll(reached(failpoint, turn)).wait(60) == -signal.SIGKILL
    report = site.poll_until_nothing_waits()
    expect_each_alert(_received(smtp_sink), repeats=1 if failpoint in MAY_REPEAT else 0)
    assert (report.expected, report.lost, report.duplicated) == (ALERTS, (), ())


@pytest.mark.promise("P1", "P2", size="20 entries, 20 alerts, killed at random moments")
@pytest.mark.parametrize("turn", range(-(-RANDOM_KILLS // KILLS_OF_A_SITE)))
def test_killed_at_random_moments_it_loses_nothing(
    site: Site, smtp_sink: SmtpSink, turn: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("size", f"{ENTRIES:,} entries, {ALERTS} alerts, {RANDOM_KILLS} kills at random moments")
    chance = random.Random(20261122 + turn)
    kills = 0
    for _ in range(KILLS_OF_A_SITE):
        process = site.poll()
        time.sleep(chance.uniform(0.9, 2.4))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait(60)
    report = site.poll_until_nothing_waits()
    expect_each_alert(_received(smtp_sink), repeats=kills)
    assert (report.expected, report.lost) == (ALERTS, ())

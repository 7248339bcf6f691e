"""Killed at each of its steps, Avizor leaves a real mailbox with each alert once.

The mailbox drops a second mail under the same Message-ID, as those of readers do: what is repeated since
nobody could know whether it had arrived is not seen twice.
"""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from service import failpoints
from tests.test_crash import ALERTS, KILLS, expect_each_alert, open_site, reached

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.partners.mailbox import MailServer

pytestmark = pytest.mark.real


@pytest.mark.promise("P1", "P2", size="20 alerts, Postfix and Dovecot, killed at each of 13 steps")
@pytest.mark.parametrize("turn", range(KILLS))
@pytest.mark.parametrize("failpoint", failpoints.NAMES)
def test_killed_at_each_step_a_real_mailbox_shows_each_alert_once(
    tmp_path: Path,
    mail_server: MailServer,
    failpoint: str,
    turn: int,
    record_property: Callable[[str, object], None],
) -> None:
    steps = len(failpoints.NAMES)
    record_property(
        "size", f"{ALERTS} alerts, Postfix and Dovecot, killed at each of {steps} steps, times {KILLS}"
    )
    reader = f"killed-{failpoint}-{turn}@dest.example"
    site = open_site(tmp_path, f"sqlite:///{tmp_path / 'a.db'}", mail_server.smtp_port, reader)
    assert site.poll(reached(failpoint, turn)).wait(60) == -signal.SIGKILL
    report = site.poll_until_nothing_waits()
    assert (report.expected, report.lost, report.duplicated) == (ALERTS, (), ())
    mail_server.wait_until_handed_over()
    mails = mail_server.messages(reader)
    expect_each_alert(Counter((str(one["Message-ID"]), str(one["Subject"])) for one in mails), repeats=0)

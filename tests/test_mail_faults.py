"""Fifty alerts and every fault a mail server can show: each ends as it must, none is lost or told twice."""

from __future__ import annotations

import ssl
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.circuit import OPEN_WORDS
from service.domain import Channel, ChannelKind, DeliveryState, NotifyReason, SendOutcome, Subscription
from service.notify import MailSecurity, MailServer, Roll, Sender, Sessions
from service.pipeline import Delivering, Reporting
from service.schedule import EXPIRES_AFTER, FIRST_RETRY, LAST_RETRY
from service.store import Store
from tests.partners.cut_proxy import Cut, CutProxy
from tests.partners.ports import HOST, free_port
from tests.partners.readers import House
from tests.partners.scripted_smtp import make_certificate
from tests.partners.smtp_sink import Mode, SmtpSink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from service.domain import Delivery, SendResult
    from service.store import Attempt

ALERTS = 50
DESK = Channel("desk", ChannelKind.MAIL, tuple(f"r{number:02}@desk.example" for number in range(ALERTS)))
OPS = Channel("ops", ChannelKind.MAIL, ("ops@house.example",))
SENT = DeliveryState.DELIVERED


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a mail server: how it answers, where the line breaks, and what it says.

    One that `hangs` is waited for no longer than a moment. Of one that `may_repeat` nobody can tell whether
    it has taken a message.
    """

    says: str
    mode: Mode = Mode.ACCEPT
    cut: Cut = Cut.PASS
    is_down: bool = False
    is_untrusted: bool = False
    hangs: bool = False
    may_repeat: bool = False
    security: MailSecurity = MailSecurity.NONE


_TLS = MailSecurity.STARTTLS
PASSING = {
    "down": Fault("refused", is_down=True),
    "reset": Fault("reset", cut=Cut.RESET),
    "black-hole": Fault("timed out", cut=Cut.SILENT, hangs=True),
    "greeting-421": Fault("421 4.3.2 too busy", Mode.GREETING_421),
    "starttls-454": Fault("454 4.7.0 no TLS", Mode.STARTTLS_454, security=_TLS),
    "certificate": Fault("certificate", is_untrusted=True, security=_TLS),
    "auth-535": Fault("535", Mode.AUTH_535),
    "mail-421": Fault("421 4.3.2 going down", Mode.REFUSE_CONNECT),
    "mail-451": Fault("451 4.3.0 try again later", Mode.MAIL_451),
    "rcpt-450": Fault("450 4.2.1 mailbox busy", Mode.RCPT_450),
    "data-451": Fault("451 4.3.0 no room now", Mode.COMMAND_451),
    "data-hang": Fault("timed out", Mode.COMMAND_HANG, hangs=True),
    "data-cut": Fault("reset", cut=Cut.BEFORE_DATA),
    "before-dot-cut": Fault("", cut=Cut.BEFORE_DOT),
    "dot-451": Fault("451 4.3.0 try again later", Mode.DATA_451),
    "dot-hang": Fault("timed out", Mode.HANG_AFTER_DATA, hangs=True, may_repeat=True),
    "dot-cut": Fault("", cut=Cut.AFTER_DOT, may_repeat=True),
    "dot-closed": Fault("", Mode.DROP_AFTER_DATA, may_repeat=True),
}
FINAL = {
    "mail-553": Fault("553 5.1.8 no such sender", Mode.MAIL_553),
    "rcpt-550": Fault("550 5.1.1 nobody by that name", Mode.RCPT_550),
    "data-554": Fault("554 5.5.1 no mail from you", Mode.COMMAND_554),
    "dot-554": Fault("554 5.7.1 looks like spam", Mode.DATA_554),
}


class Post:
    """A mail server that shows a fault until it is `mended`, and the service that sends to it."""

    def __init__(self, house: House, fault: Fault, folder: Path, certificate: tuple[Path, Path]) -> None:
        """Have an event told to fifty readers; nothing is sent yet."""
        self.house, self.fault, self._certificate = house, fault, certificate
        self._stack, self._sessions = ExitStack(), Sessions()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        self.sink = SmtpSink(folder / "mail", fault.mode, ("ana", "s3cret"), tls, free_port())
        self.proxy = CutProxy(self.sink.at, fault.cut)
        self._patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        if not fault.is_down:
            self._stack.enter_context(self.sink)
        if not fault.is_untrusted:
            self._patch.setenv("SSL_CERT_FILE", str(certificate[0]))
        self._stack.enter_context(self.proxy)
        port = self.sink.at if fault.cut is Cut.PASS else self.proxy.port
        self._server = MailServer(HOST, port, fault.security, "ana", "s3cret")
        house.shift.clock = self._tick
        self._delivering = Delivering(house.shift, self._send, rest=self._sessions.close)
        self._reporting = Reporting(house.shift)
        self._timeout = 0.2 if fault.hangs else self._server.timeout
        house.report("Huelga de los estibadores cierra el puerto de Chancay")

    def _tick(self) -> datetime:
        """Give the time, a little later each time it is asked for."""
        self.house.now += timedelta(milliseconds=1)
        return self.house.now

    def _send(self, channel: Channel, delivery: Delivery, **asked: object) -> SendResult:
        server = replace(self._server, timeout=self._timeout)
        sender = Sender(server, mail_from="alerts@avizor.example", sessions=self._sessions)
        return sender.send(channel, delivery, **asked)  # type: ignore[arg-type] # what it is asked with

    def mend(self) -> None:
        """Make the server well."""
        self.sink.mode, self.proxy.cut, self._timeout = Mode.ACCEPT, Cut.PASS, self._server.timeout
        self._patch.setenv("SSL_CERT_FILE", str(self._certificate[0]))
        if self.fault.is_down:
            self._stack.enter_context(self.sink)

    def close(self) -> None:
        """End all of it."""
        self._delivering.close()
        self._stack.close()

    def send(self) -> int:
        """Send what is due now; gives how many sends there were."""
        return loop.run(self._delivering.deliver_due())

    def wait(self) -> None:
        """Go on to the time at which all that waits is due."""
        self.house.now = max(
            (one.due_at for one in self.alerts() if one.state is not SENT), default=self.house.now
        )

    def report(self) -> list[str]:
        """Have the operator told; gives the subjects of what comes."""
        before = len(self.sink.messages())
        while self._reporting.make_reports():
            self.house.now += 2 * LAST_RETRY
            self.send()
        return [str(one.message["Subject"]) for one in self.sink.messages()[before:]]

    def alerts(self) -> list[Delivery]:
        """Give the fifty alerts as they stand."""
        found = self.house.store.reading.list_deliveries(limit=1_000)
        return [one for one in found if one.reason is NotifyReason.NEW_EVENT]

    def tries(self, alert: Delivery) -> list[Attempt]:
        """Give each try of an alert."""
        return self.house.store.reading.list_attempts(alert.id)

    def copies(self) -> Counter[tuple[str, str]]:
        """Count what arrived, by reader and Message-ID."""
        kept = self.sink.messages()
        return Counter((one.recipients[0], str(one.message["Message-ID"])) for one in kept)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def post(fault: Fault, tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Post]:
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    roll = Roll({one.id: one for one in (DESK, OPS)}, (Subscription("all", "desk"),))
    house = House(store, roll=roll)
    house.shift.desk = replace(house.shift.desk, operators=("ops",))
    house.start()
    made = Post(house, fault, tmp_path, certificate)
    assert len(made.alerts()) == ALERTS
    yield made
    made.close()
    store.close()


def _faults(known: dict[str, Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", known.values(), ids=known)


pytestmark = pytest.mark.slow


@pytest.mark.promise("P3", size="50 alerts through each of 18 faults that pass")
@_faults(PASSING)
def test_p3_through_a_fault_that_passes_each_alert_arrives_and_tries_keep_their_pauses(post: Post) -> None:
    fault, audit = post.fault, post.house.store.audit
    for _ in range(2):
        assert post.send()
        assert {one.state for one in post.alerts()} <= {DeliveryState.PENDING, DeliveryState.AMBIGUOUS}
        assert all(fault.says in one.words or one.words == OPEN_WORDS for one in post.alerts())
        post.wait()
    assert post.report() == [], "nothing is given up"
    post.mend()
    for _ in range(5):
        post.send()
        post.wait()
    assert {one.state for one in post.alerts()} == {SENT}
    copies = post.copies()
    assert sorted(copies) == sorted((one.target, one.message_id) for one in post.alerts())
    for alert in post.alerts():
        *failed, last = post.tries(alert)
        assert last.outcome == SendOutcome.SENT
        assert all(one.words and fault.says in one.words for one in failed)
        for number, (one, after) in enumerate(pairwise((*failed, last))):
            assert after.started_at - one.started_at >= min(FIRST_RETRY * 2**number, LAST_RETRY)
        repeats = copies[alert.target, alert.message_id] - 1
        assert repeats <= (len(failed) if fault.may_repeat else 0)
    assert (max(copies.values()) > 1) is fault.may_repeat
    report = audit.run()
    assert report.is_clean
    assert (report.expected, report.delivered, report.recovered > 2) == (ALERTS, ALERTS, True)
    assert post.report() == []


@pytest.mark.promise("P3", size="50 alerts through each of 18 faults that stay for longer than five days")
@_faults(PASSING)
def test_p3_at_a_fault_that_stays_each_alert_ends_and_the_operator_is_told_of_all_together(
    post: Post,
) -> None:
    post.send()
    post.house.now += EXPIRES_AFTER
    post.send()
    assert {one.state for one in post.alerts()} == {DeliveryState.EXPIRED}
    _check_told(post)
    copies = post.copies()
    assert all(
        post.fault.may_repeat and count <= 2 for (to, _), count in copies.items() if to != "ops@house.example"
    )


@pytest.mark.promise("P3", size="50 alerts, each refused for good by one of 4 answers")
@_faults(FINAL)
def test_p3_what_is_refused_for_good_is_tried_once_and_the_operator_is_told_of_all_together(
    post: Post,
) -> None:
    assert post.send() == ALERTS
    post.house.now += LAST_RETRY
    assert post.send() == 0
    assert {one.state for one in post.alerts()} == {DeliveryState.FAILED}
    assert {len(post.tries(one)) for one in post.alerts()} == {1}
    _check_told(post)
    assert len(post.copies()) == 1, "the operator's"


def _check_told(post: Post) -> None:
    """Check that the ledger has the server's words, and that the operator gets them in one mail."""
    assert all(one.words and post.fault.says in one.words for one in post.alerts())
    report = post.house.store.audit.run()
    assert report.is_clean
    assert (report.expected, report.failed) == (ALERTS, ALERTS)
    post.mend()
    assert post.report() == [f"[Avizor] {ALERTS} messages could not be delivered"]
    assert post.fault.says in post.sink.messages()[-1].message.as_string()

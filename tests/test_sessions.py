"""Sessions with the mail server that are kept between messages: each message keeps an outcome of its own."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

from service.domain import SendOutcome
from service.notify import MailServer, Sessions, server_of
from service.notify.smtp import MailJob, run_job
from tests.partners.scripted_smtp import CUT, ScriptedSmtp

if TYPE_CHECKING:
    from service.domain import SendResult

LIMIT = 100  # messages over one session


def _send(server: ScriptedSmtp, sessions: Sessions, to: str = "ana@reader.example") -> SendResult:
    message = EmailMessage()
    message["Message-ID"] = "<1@avizor.example>"
    message.set_content("Huelga")
    target = MailServer.parse(f"smtp://127.0.0.1:{server.port}")
    return run_job(MailJob(target, message, "b@avizor.example", to, lambda: True, sessions=sessions))


def _verbs(server: ScriptedSmtp, *of: str) -> list[str]:
    verbs = (line.partition(" ")[0].upper() for line in server.said)
    return [verb for verb in verbs if verb in of]


def test_the_second_message_goes_over_the_session_of_the_first_and_the_session_ends_politely() -> None:
    sessions = Sessions()
    with ScriptedSmtp() as server:
        assert [_send(server, sessions).outcome for _ in range(3)] == [SendOutcome.SENT] * 3
        sessions.close()
        assert _verbs(server, "EHLO", "MAIL", "QUIT") == ["EHLO", "MAIL", "MAIL", "MAIL", "QUIT"]


def test_an_address_that_is_refused_is_refused_alone() -> None:
    sessions = Sessions()
    with ScriptedSmtp() as server:
        assert _send(server, sessions).outcome is SendOutcome.SENT
        server.answers["RCPT"] = "550 5.1.1 nobody by that name"
        refused = _send(server, sessions)
        server.answers["RCPT"] = "250 2.1.5 recipient taken"
        assert _send(server, sessions).outcome is SendOutcome.SENT
        sessions.close()
    assert (refused.outcome, refused.code) == (SendOutcome.PERMANENT, 550)
    assert _verbs(server, "EHLO") == ["EHLO"] * 2, "a session in which something was refused is not kept"


def test_a_session_that_the_server_has_ended_is_replaced_and_the_message_sent_once() -> None:
    sessions = Sessions()
    for answer in (CUT, "421 4.4.2 idle for too long", "451 4.7.0 too many messages"):
        with ScriptedSmtp() as server:
            assert _send(server, sessions).outcome is SendOutcome.SENT
            server.answers["MAIL"] = answer
            again = _send(server, sessions)
            expected = 0 if answer is CUT else int(answer[:3])
            assert (again.outcome, again.code) == (SendOutcome.TEMPORARY, expected), "a fresh one says it too"
            assert _verbs(server, "EHLO", "MAIL", "DATA") == ["EHLO", "MAIL", "DATA", "MAIL", "EHLO", "MAIL"]
        assert sessions.take() is None


def test_a_session_that_has_taken_many_messages_is_ended() -> None:
    sessions = Sessions()
    with ScriptedSmtp() as server:
        for _ in range(LIMIT):
            assert _send(server, sessions).outcome is SendOutcome.SENT
        assert sessions.take() is None
        assert _verbs(server, "EHLO", "QUIT") == ["EHLO", "QUIT"]


def test_a_line_that_breaks_after_the_dot_is_ambiguous_over_a_kept_session_too() -> None:
    sessions = Sessions()
    with ScriptedSmtp() as server:
        assert _send(server, sessions).outcome is SendOutcome.SENT
        server.answers["."] = CUT
        assert _send(server, sessions).outcome is SendOutcome.AMBIGUOUS
        assert _verbs(server, "EHLO") == ["EHLO"]


def test_after_an_address_beyond_ascii_the_session_goes_on_in_ascii() -> None:
    sessions = Sessions()
    with ScriptedSmtp({"EHLO": "250-mail.example\r\n250 SMTPUTF8"}) as server:
        for to in ("niño@reader.example", "ana@reader.example"):
            assert _send(server, sessions, to).outcome is SendOutcome.SENT
        sessions.close()
        [first, second] = [line for line in server.said if line.lower().startswith("mail from")]
    assert "SMTPUTF8" in first
    assert "SMTPUTF8" not in second


def test_chats_on_one_server_have_one_name_without_what_is_secret() -> None:
    assert server_of("json://ana:s3cret@Hook.example:8080/path?x=1") == "json://hook.example:8080"
    assert server_of("slack://T1/B2/tok") == server_of("slack://T3/B4/kot") == "slack"
    assert server_of("ntfys://push.example/one") == server_of("ntfys://push.example/two")
    assert server_of("nothing") == ""

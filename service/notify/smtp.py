"""One message to one mail server, step by step, so that every answer is known for what it is.

A 4xx, a dead line or a 421 before the final dot is temporary; a 5xx at MAIL, RCPT or DATA is
for good. Trouble with STARTTLS or AUTH is the operator's to mend, so it is temporary
whatever its code: nothing is lost while a password is corrected. A line that breaks once the final dot is
written leaves the outcome unknown (RFC 5321, 4.5.3.2.6 on why that moment exists).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import NOT_BEGUN, SendOutcome, SendResult
from service.failpoints import reach
from service.notify.mailserver import SETTING, MailSecurity
from service.notify.outcome import WORDS_LIMIT, other_words
from service.notify.sessions import MailSession

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from email.message import EmailMessage

    from service.notify.mailserver import MailServer
    from service.notify.sessions import Sessions

_SERVICE_CLOSING = 421
_AUTH_CODES = frozenset({530, 534, 535, 538})  # RFC 4954, 6: the session is at fault, not the message
_DATA_GO_AHEAD = 354
_OPERATOR_PHASES = frozenset({"connect", "ehlo", "starttls", "auth"})
_MENDS = {
    "connect": f"Check host and port in {SETTING}, and that the server is up.",
    "starttls": f"Check the server's certificate, or the security option in {SETTING}.",
    "auth": f"Check user and password in {SETTING}.",
}
_NO_LOGIN = f"This server takes no login: remove USER:PASSWORD@ from {SETTING}."
_LINE_START_DOT = re.compile(rb"(?m)^\.")


class LeaseLost(Exception):
    """Raised by `before_data` when the delivery is no longer ours to send."""


class _NoLogin(Exception):
    pass


class _Refused(Exception):
    def __init__(self, code: int, text: bytes) -> None:
        super().__init__()
        self.code = code
        self.text = text


@dataclass(slots=True)
class MailJob:
    """One message on its way: what to do, the step it has reached, and in the end the result.

    The `secrets` are taken out of whatever the server says. With `sessions`, one of those is used where one
    rests, and the one used is left there; without, the job has a session of its own.
    """

    server: MailServer
    message: EmailMessage
    envelope_from: str
    to: str
    before_data: Callable[[], bool]
    secrets: Collection[str] = ()
    sessions: Sessions | None = None
    phase: str = "connect"
    result: SendResult | None = None


def run_job(job: MailJob) -> SendResult:
    """Hold the conversation with the server; faults of line and server are results, not errors."""
    try:
        return _converse(job)
    except _Refused as refused:
        return judge(job.phase, refused.code, refused.text, job.secrets)
    except _NoLogin:
        return SendResult(SendOutcome.TEMPORARY, phase=job.phase, words=_NO_LOGIN)
    except LeaseLost:
        return lease_lost()
    except smtplib.SMTPResponseException as answer:
        error = answer.smtp_error
        return _answered(job, answer.smtp_code, error if isinstance(error, bytes) else error.encode())
    except (OSError, smtplib.SMTPException) as fault:
        return fault_result(job.phase, fault, job.secrets)


def lease_lost() -> SendResult:
    """Tell that nothing was handed over: another worker may have the delivery by now."""
    words = "Not sent: it could not be made sure that the delivery is still ours to send."
    return SendResult(SendOutcome.TEMPORARY, phase=NOT_BEGUN, words=words)


def judge(phase: str, code: int, text: bytes, secrets: Collection[str]) -> SendResult:
    """Turn a refusal at a step into an outcome: the server's words without secrets, and the mend."""
    operators = phase in _OPERATOR_PHASES or code in _AUTH_CODES
    permanent = 500 <= code <= 599 and not operators  # noqa: PLR2004 -- RFC 5321, 4.2.1
    mend = _MENDS["auth"] if code in _AUTH_CODES else _MENDS.get(phase, "")
    return SendResult(
        SendOutcome.PERMANENT if permanent else SendOutcome.TEMPORARY,
        phase=phase,
        code=max(code, 0),
        words=_join(_said(code, text, secrets), mend),
    )


def fault_result(phase: str, fault: Exception, secrets: Collection[str] = ()) -> SendResult:
    """Turn a fault that is no answer of the server into an outcome."""
    outcome = SendOutcome.AMBIGUOUS if phase == "dot" else SendOutcome.TEMPORARY
    said = other_words(str(fault), WORDS_LIMIT, secrets) or type(fault).__name__
    mend = _MENDS["starttls" if isinstance(fault, ssl.SSLError) else phase] if phase in _MENDS else ""
    return SendResult(outcome, phase=phase, words=_join(said, mend))


def _answered(job: MailJob, code: int, text: bytes) -> SendResult:
    # smtplib makes up a 500 of its own for a line that is too long: after the dot that says nothing.
    if job.phase == "dot":
        return _unknown_end(job, code, text)
    return judge(job.phase, code, text, job.secrets)


def _unknown_end(job: MailJob, code: int, text: bytes) -> SendResult:
    return SendResult(SendOutcome.AMBIGUOUS, phase="dot", words=_said(code, text, job.secrets))


def _converse(job: MailJob) -> SendResult:
    resting = job.sessions.take() if job.sessions else None
    if resting is not None:
        try:
            return _send_over(job, resting)
        except _SessionOver:
            job.phase = "connect"
    return _send_over(job, MailSession(_connect(job.server)))


class _SessionOver(Exception):
    """A session that rested is not there any more; nothing was said of the message yet."""


def _send_over(job: MailJob, session: MailSession) -> SendResult:
    """Send over a session, which is kept if the message was taken and closed in any other case."""
    is_kept = False
    try:
        reach("connected")
        if session.messages:
            _begin_again(job, session.smtp)
        else:
            _open_session(job, session.smtp)
            _say_sender(job, session.smtp)
        _say_recipient(job, session.smtp)
        result = _hand_over_message(job, session.smtp)
        is_kept = job.sessions is not None and result.outcome is SendOutcome.SENT
    finally:
        if not is_kept:
            session.close()
    if is_kept and job.sessions:
        job.sessions.keep(session)
    return result


def _begin_again(job: MailJob, connection: smtplib.SMTP) -> None:
    """Say the sender over a session that rested; servers end those when they like, by any answer or none."""
    try:
        _say_sender(job, connection)
    except (_Refused, OSError, smtplib.SMTPException) as fault:
        raise _SessionOver from fault


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.security is MailSecurity.TLS:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=server.helo,
            timeout=server.timeout,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(server.host, server.port, local_hostname=server.helo, timeout=server.timeout)


def _open_session(job: MailJob, connection: smtplib.SMTP) -> None:
    job.phase = "ehlo"
    connection.ehlo_or_helo_if_needed()
    if job.server.security is MailSecurity.STARTTLS:
        job.phase = "starttls"
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo_or_helo_if_needed()
    if job.server.user:
        job.phase = "auth"
        if not connection.has_extn("auth"):
            raise _NoLogin
        connection.login(job.server.user, job.server.password)


def _say_sender(job: MailJob, connection: smtplib.SMTP) -> None:
    options = []
    connection.command_encoding = "ascii"
    if not job.to.isascii():
        job.phase = "rcpt"
        if not connection.has_extn("smtputf8"):
            raise _Refused(553, b"the mail server takes no addresses with letters outside ASCII")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        connection.command_encoding = "utf-8"
    job.phase = "mail"
    _expect(connection.mail(job.envelope_from, options), 250)


def _say_recipient(job: MailJob, connection: smtplib.SMTP) -> None:
    job.phase = "rcpt"
    _expect(connection.rcpt(job.to), 250, 251)
    reach("recipient-accepted")


def _hand_over_message(job: MailJob, connection: smtplib.SMTP) -> SendResult:
    job.phase = "data"
    body = _LINE_START_DOT.sub(b"..", job.message.as_bytes())
    if not job.before_data():
        raise LeaseLost
    reach("before-data")
    _expect(connection.docmd("DATA"), _DATA_GO_AHEAD)
    # One write: when it fails, the last byte of the dot was not handed over, so nothing was.
    connection.send(body + b".\r\n")
    job.phase = "dot"
    reach("after-dot")
    code, text = connection.getreply()
    if code == 250:  # noqa: PLR2004 -- RFC 5321, 4.2.3
        return SendResult(SendOutcome.SENT, phase="dot", code=code, words=_said(code, text, job.secrets))
    if 400 <= code <= 599:  # noqa: PLR2004 -- RFC 5321, 4.2.1
        raise _Refused(code, text)
    return _unknown_end(job, code, text)


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise _Refused(*answer)


def _said(code: int, text: bytes, secrets: Collection[str]) -> str:
    words = other_words(text.decode("utf-8", "replace"), WORDS_LIMIT, secrets)
    return f"{code} {words}".strip() if code > 0 else f"An answer that is none: {words}"


def _join(said: str, mend: str) -> str:
    if not mend:
        return said
    return f"{said}{'' if said.endswith('.') else '.'} {mend}"

"""Mail: the setting, the message, and what each answer of a mail server means."""

from __future__ import annotations

import email
import email.policy
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Notification, SendOutcome, SendResult
from service.errors import SettingsError
from service.notify import LeaseLost, MailSecurity, MailServer, build_message, message_id
from service.notify.clean import clean_line, clean_text, cut
from service.notify.door import asset, prepare_apprise
from service.notify.mail import AlertMail, send_mail
from service.notify.message import MailHead, NotAMailAddress, list_label, mail_address, sender_address
from service.notify.smtp import MailJob
from tests.partners.scripted_smtp import CUT, HANG, ScriptedSmtp, make_certificate
from tests.partners.smtp_sink import Mode, SmtpSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SENDER = "Avizor <alerts@avizor.example>"
NOTE = Notification("[Puerto] Titular", "Texto\n.\n.punto\nhttps://news.example/1\n", "<p>Texto</p>")
SPANISH = st.lists(
    st.sampled_from(["Delcy", "Rodríguez", "dê", "“conta", "do", "recado”", "año", "Ositrán:"]), max_size=24
)
ANY_TEXT = (
    SPANISH.map(" ".join)
    | st.text(st.characters(), max_size=300)
    | st.text('=?_ \r\n<>@"ñ\u202e\x00,;:.()[]é文', max_size=200)
)


def _message(notification: Notification = NOTE, to: str = "ana@reader.example") -> EmailMessage:
    return build_message(
        notification,
        MailHead(SENDER, to, "<d1.avizor@avizor.example>", DATE, "<port.avizor.avizor.example>"),
    )


def _yes() -> bool:
    return True


def _send(
    port: int,
    before_data: Callable[[], bool] = _yes,
    message: EmailMessage | None = None,
    to: str = "ana@reader.example",
    **changes: object,
) -> SendResult:
    prepare_apprise()
    server = replace(MailServer("127.0.0.1", port, MailSecurity.NONE, timeout=5), **changes)  # type: ignore[arg-type] # tests name real fields
    job = MailJob(server, message or _message(), "bounce@avizor.example", to, before_data)
    return send_mail(job, asset())


def _parsed(message: EmailMessage) -> EmailMessage:
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


# --------------------------------------------------------------------------------- the setting


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://mail.example", 587, MailSecurity.STARTTLS),
        ("smtp://mail.example:25", 25, MailSecurity.STARTTLS),
        ("smtp://mail.example:465", 465, MailSecurity.TLS),
        ("smtps://mail.example", 465, MailSecurity.TLS),
        ("smtps://mail.example:2465", 2465, MailSecurity.TLS),
        ("smtp://127.0.0.1:2525", 2525, MailSecurity.NONE),
        ("smtp://[::1]:25", 25, MailSecurity.NONE),
        ("smtp://localhost:25/", 25, MailSecurity.NONE),
        ("smtp://localhost", 587, MailSecurity.STARTTLS),
        ("smtp://mail.example:25?security=none", 25, MailSecurity.NONE),
        (" smtp://localhost:2525?security=tls\n", 2525, MailSecurity.TLS),
    ],
)
def test_the_security_of_a_mail_server_follows_from_its_url(
    url: str, port: int, security: MailSecurity
) -> None:
    server = MailServer.parse(url)
    assert (server.port, server.security) == (port, security)


def test_user_and_password_are_decoded_and_the_password_is_never_shown() -> None:
    server = MailServer.parse("smtp://ana%40x.example:p%2Fss%3A@mail.example?helo=alerts.example")
    assert (server.user, server.password, server.helo) == ("ana@x.example", "p/ss:", "alerts.example")
    assert "p/ss:" not in repr(server)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mail.example:25", "neither smtp:// nor smtps://"),
        ("http://mail.example", "neither smtp:// nor smtps://"),
        ("smtp://", "must name a host"),
        ("smtp://mail.example:0", "must name a host"),
        ("smtp://mail.example/inbox", "no path"),
        ("smtp://mail.example:mail", "the port is not a number"),
        ("smtp://mail.example:99999", "the port is not a number"),
        ("smtp://ana@mail.example", "a user needs a password"),
        ("smtp://:s3cret@mail.example", "a user needs a password"),
        ("smtp://mail.example?secure=yes", "the option 'secure' is not known"),
        ("smtp://mail.example?security=maybe", "the value of security is not known"),
        ("smtps://mail.example?security=starttls", "smtps:// means TLS"),
        ("smtp://mail.example?helo=a%20b", "helo must be a host name"),
        ("smtp://ana:s3cret@mail.example:25?security=none", "in plain text"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_repeated(url: str, says: str) -> None:
    with pytest.raises(SettingsError, match="AVIZOR_SMTP_URL") as caught:
        MailServer.parse(url)
    assert says in str(caught.value)
    assert caught.value.mend
    assert "s3cret" not in str(caught.value)


def test_a_password_may_go_in_plain_text_to_this_machine_only() -> None:
    assert MailServer.parse("smtp://ana:secret@127.0.0.1:2525").security is MailSecurity.NONE
    with pytest.raises(SettingsError, match="plain text"):
        MailServer("mail.example", 25, MailSecurity.NONE, user="ana", password="secret")


# --------------------------------------------------------------------------------- the message


def test_a_message_has_the_headers_of_an_alert_and_the_text_and_html_as_given() -> None:
    message = _parsed(_message())
    assert {name: message[name] for name in message} == {
        "From": "Avizor <alerts@avizor.example>",
        "To": "ana@reader.example",
        "Subject": "[Puerto] Titular",
        "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
        "Message-ID": "<d1.avizor@avizor.example>",
        "List-Id": "<port.avizor.avizor.example>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    parts = {
        part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in message.iter_parts()
    }
    assert parts == {"text/plain": NOTE.text, "text/html": "<p>Texto</p>\n"}


def test_a_repeat_is_the_same_message_to_the_byte() -> None:
    assert _message().as_bytes() == _message().as_bytes()


def test_a_notification_without_html_is_plain_text() -> None:
    head = MailHead(SENDER, "a@b.example", "bare@x.example", DATE)
    message = build_message(Notification("", "Texto"), head)
    assert message.get_content_type() == "text/plain"
    assert message["Subject"] == "(no headline)"
    assert message["Message-ID"] == "<bare@x.example>"
    assert message["List-Id"] is None


@given(title=ANY_TEXT, text=ANY_TEXT, html=ANY_TEXT)
def test_whatever_a_feed_writes_there_is_one_message_to_one_reader(title: str, text: str, html: str) -> None:
    message = _message(Notification(title, text, html))
    raw = message.as_bytes()
    parsed = _parsed(message)
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert parsed["Message-ID"] == "<d1.avizor@avizor.example>"
    assert parsed.get_all("To") == ["ana@reader.example"]
    assert not {"bcc", "cc", "reply-to"} & {name.lower() for name in parsed}
    assert parsed["Subject"] == (clean_line(title, 200) or "(no headline)")
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == clean_text(text) + "\n"


@pytest.mark.promise("P12", size="poisonous headlines, 1 mail each")
@pytest.mark.parametrize(
    "title",
    [
        "Puerto\r\nBcc: v@x.example",
        "A" * 10_000,
        "medio \ud800 par",
        "nulo \x00 aquí",
        "al \u202erevés\u202c",
        "\u200b\ufeff",
        "",
    ],
)
def test_a_poisonous_headline_is_cleaned_and_arrives(smtp_sink: SmtpSink, title: str) -> None:
    result = _send(smtp_sink.port, message=_message(Notification(title, title, f"<p>{title}</p>")))
    assert result.outcome is SendOutcome.SENT
    (stored,) = smtp_sink.messages()
    subject = stored.message["Subject"]
    assert len(subject) <= 200
    assert not set(subject) & {"\r", "\n", "\x00", "\u202e", "\ud800"}
    assert stored.message["Bcc"] is None


@pytest.mark.parametrize(
    "text",
    [
        "r@d.example\r\nBcc: v@x.example",
        "r@d.example, v@x.example",
        "r@d.example v@x.example",
        '"r, s"@d.example',
        "<r@d.example>",
        "r@@d.example",
        "@d.example",
        "r@",
        ".r@d.example",
        "r..s@d.example",
        "r@d..example",
        "r@[127.0.0.1]",
        f"{'r' * 300}@d.example",
        "",
    ],
)
def test_what_is_not_one_mail_address_is_refused(text: str) -> None:
    with pytest.raises(NotAMailAddress):
        mail_address(text)


def test_a_domain_of_other_letters_is_written_as_servers_want_it() -> None:
    assert mail_address("ana@peñón.example") == f"ana@{'peñón'.encode('idna').decode()}.example"
    assert _message(to="ana@peñón.example")["To"].addresses[0].domain.isascii()


def test_the_sender_is_one_address_with_or_without_a_name() -> None:
    assert sender_address("alerts@x.example") == ("", "alerts@x.example")
    assert sender_address("Avi\tzor <alerts@x.example>") == ("Avi zor", "alerts@x.example")
    for text in ("Avizor", "ñ@x.example", ""):
        with pytest.raises(NotAMailAddress):
            sender_address(text)


def test_message_ids_and_list_ids_derive_from_what_they_name() -> None:
    assert message_id("d1", "x.example") == "<d1.avizor@x.example>"
    assert list_label("Chancay_Port ñ", "x.example") == "<chancay-port.avizor.x.example>"
    assert list_label("", "x.example") == "<digest.avizor.x.example>"


def test_long_lines_are_cut_at_a_word_where_there_is_one() -> None:
    assert cut("uno dos tres", 9) == "uno dos…"
    assert cut("unodostres", 5) == "unod…"
    assert cut("uno", 3) == "uno"


# ---------------------------------------------------------------------------- what servers say


def test_an_accepted_message_arrives_once_from_the_bounce_address_and_keeps_its_queue_id(
    smtp_sink: SmtpSink,
) -> None:
    result = _send(smtp_sink.port)
    assert (result.outcome, result.phase, result.code) == (SendOutcome.SENT, "dot", 250)
    (stored,) = smtp_sink.messages()
    assert (stored.sender, stored.recipients) == ("bounce@avizor.example", ("ana@reader.example",))
    assert stored.message["Message-ID"] == "<d1.avizor@avizor.example>"
    body = stored.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == NOTE.text
    with ScriptedSmtp() as server:
        assert _send(server.port).words == "250 2.0.0 queued as 4Xk2Qz"
        assert server.said[0] == "ehlo localhost"


@pytest.mark.parametrize(
    ("mode", "outcome", "phase", "code"),
    [
        (Mode.MAIL_451, SendOutcome.TEMPORARY, "mail", 451),
        (Mode.REFUSE_CONNECT, SendOutcome.TEMPORARY, "mail", 421),
        (Mode.RCPT_450, SendOutcome.TEMPORARY, "rcpt", 450),
        (Mode.RCPT_550, SendOutcome.PERMANENT, "rcpt", 550),
        (Mode.DATA_451, SendOutcome.TEMPORARY, "dot", 451),
        (Mode.DATA_554, SendOutcome.PERMANENT, "dot", 554),
        (Mode.DROP_AFTER_DATA, SendOutcome.AMBIGUOUS, "dot", 0),
    ],
)
def test_a_real_server_s_answer_is_known_for_what_it_is(
    smtp_sink: SmtpSink, mode: Mode, outcome: SendOutcome, phase: str, code: int
) -> None:
    smtp_sink.mode = mode
    result = _send(smtp_sink.port)
    assert (result.outcome, result.phase, result.code) == (outcome, phase, code)
    assert result.words.startswith(str(code) if code else "Connection")


def test_a_server_that_never_answers_after_the_dot_leaves_the_outcome_open(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.HANG_AFTER_DATA
    result = _send(smtp_sink.port, timeout=0.2)
    assert (result.outcome, result.phase) == (SendOutcome.AMBIGUOUS, "dot")
    assert len(smtp_sink.messages()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "answer", "outcome", "phase"),
    [
        ("greeting", "554 no service", SendOutcome.TEMPORARY, "connect"),
        ("greeting", "421 too busy", SendOutcome.TEMPORARY, "connect"),
        ("greeting", CUT, SendOutcome.TEMPORARY, "connect"),
        ("greeting", HANG, SendOutcome.TEMPORARY, "connect"),
        ("EHLO", CUT, SendOutcome.TEMPORARY, "ehlo"),
        ("HELO", "502 who?", SendOutcome.TEMPORARY, "ehlo"),
        ("MAIL", "421 closing", SendOutcome.TEMPORARY, "mail"),
        ("MAIL", "530 5.7.0 authenticate first", SendOutcome.TEMPORARY, "mail"),
        ("MAIL", "553 5.1.8 sender unknown", SendOutcome.PERMANENT, "mail"),
        ("MAIL", "nonsense", SendOutcome.TEMPORARY, "mail"),
        ("RCPT", "421 closing", SendOutcome.TEMPORARY, "rcpt"),
        ("RCPT", CUT, SendOutcome.TEMPORARY, "rcpt"),
        ("RCPT", HANG, SendOutcome.TEMPORARY, "rcpt"),
        ("DATA", "451 later", SendOutcome.TEMPORARY, "data"),
        ("DATA", "503 5.5.1 no recipients", SendOutcome.PERMANENT, "data"),
        ("DATA", "250 what", SendOutcome.TEMPORARY, "data"),
        ("DATA", CUT, SendOutcome.TEMPORARY, "data"),
        ("DATA", HANG, SendOutcome.TEMPORARY, "data"),
        (".", "552 5.3.4 too big", SendOutcome.PERMANENT, "dot"),
        (".", "452 4.2.2 full", SendOutcome.TEMPORARY, "dot"),
        (".", "421 4.3.2 closing", SendOutcome.TEMPORARY, "dot"),
        (".", "354 go on", SendOutcome.AMBIGUOUS, "dot"),
        (".", "nonsense", SendOutcome.AMBIGUOUS, "dot"),
        (".", "250 " + "x" * 9_000, SendOutcome.AMBIGUOUS, "dot"),
        (".", CUT, SendOutcome.AMBIGUOUS, "dot"),
        (".", HANG, SendOutcome.AMBIGUOUS, "dot"),
        ("QUIT", CUT, SendOutcome.SENT, "dot"),
    ],
)
def test_each_answer_at_each_step_has_its_outcome(
    verb: str, answer: str, outcome: SendOutcome, phase: str
) -> None:
    answers = {verb: answer} | ({"EHLO": "502 who?"} if verb == "HELO" else {})
    with ScriptedSmtp(answers) as server:
        result = _send(server.port, timeout=0.15 if answer == HANG else 5)
    assert (result.outcome, result.phase) == (outcome, phase)
    assert result.words
    if verb not in {".", "QUIT"}:
        assert "." not in server.said


def test_a_port_where_nobody_listens_and_a_host_that_is_not_known_are_temporary() -> None:
    with ScriptedSmtp() as server:
        port = server.port
    refused = _send(port)
    unknown = _send(port, host="no-such-host.invalid")
    for result in (refused, unknown):
        assert (result.outcome, result.phase, result.code) == (SendOutcome.TEMPORARY, "connect", 0)
        assert "AVIZOR_SMTP_URL" in result.words


@pytest.mark.slow
def test_a_line_that_dies_while_the_message_is_written_has_sent_nothing() -> None:
    big = EmailMessage()
    big.set_content("palabra\n" * 900_000, cte="7bit")  # more than the buffers on the way can hold
    big["Message-ID"] = "<d1.avizor@avizor.example>"
    with ScriptedSmtp({"DATA": "354 go on", "message": HANG}) as server:
        result = _send(server.port, message=big, timeout=0.15)
    assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "data")


# ------------------------------------------------------------------------------- before the data


def test_the_lease_is_asked_right_before_the_data_command() -> None:
    with ScriptedSmtp() as server:
        said_before: list[str] = []

        def ask() -> bool:
            said_before.extend(server.said)
            return True

        assert _send(server.port, ask).outcome is SendOutcome.SENT
    assert said_before[-1].startswith("rcpt")
    assert server.said[len(said_before)] == "DATA"


def _lost() -> bool:
    raise LeaseLost


def _broken() -> bool:
    message = "the database is gone"
    raise RuntimeError(message)


@pytest.mark.parametrize("before_data", [lambda: False, _lost, _broken])
def test_without_the_lease_nothing_is_sent(before_data: Callable[[], bool]) -> None:
    with ScriptedSmtp() as server:
        result = _send(server.port, before_data)
        assert result.outcome is SendOutcome.TEMPORARY
        assert "DATA" not in server.said


# ------------------------------------------------------------------------------ TLS, login, UTF-8


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@pytest.mark.usefixtures("trusted")
def test_with_starttls_everything_after_the_greeting_is_encrypted(tls: ssl.SSLContext) -> None:
    with ScriptedSmtp(tls=tls) as server:
        result = _send(server.port, security=MailSecurity.STARTTLS, user="ana", password="s3cret")
        assert result.outcome is SendOutcome.SENT
        assert [line.split()[0] for line in server.said[:5]] == ["ehlo", "STARTTLS", "ehlo", "AUTH", "mail"]


@pytest.mark.usefixtures("trusted")
def test_with_tls_the_first_byte_is_encrypted(tls: ssl.SSLContext) -> None:
    with ScriptedSmtp(tls=tls, tls_at_once=True) as server:
        assert _send(server.port, security=MailSecurity.TLS).outcome is SendOutcome.SENT


@pytest.mark.parametrize(
    "answers",
    [
        {"EHLO": "250 mail.example"},
        {"STARTTLS": "454 4.7.0 not now"},
        {"STARTTLS": "501 5.5.4 no"},
        {"STARTTLS": CUT},
    ],
)
def test_without_starttls_nothing_is_sent_in_plain_and_nothing_is_lost(answers: dict[str, str]) -> None:
    with ScriptedSmtp(answers) as server:
        result = _send(server.port, security=MailSecurity.STARTTLS, user="ana", password="s3cret")
        assert (result.outcome, result.phase) == (SendOutcome.TEMPORARY, "starttls")
        assert "AVIZOR_SMTP_URL" in result.words
        assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.said)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_that_is_not_trusted_is_the_operator_s_to_mend(
    tls: ssl.SSLContext, *, at_once: bool
) -> None:
    security = MailSecurity.TLS if at_once else MailSecurity.STARTTLS
    with ScriptedSmtp(tls=tls, tls_at_once=at_once) as server:
        result = _send(server.port, security=security)
    assert result.outcome is SendOutcome.TEMPORARY
    assert "certificate" in result.words


def test_a_wrong_password_loses_nothing_and_says_what_to_mend() -> None:
    with ScriptedSmtp({"AUTH": "535 5.7.8 bad credentials"}) as server:
        result = _send(server.port, user="ana", password="s3cret")
    assert (result.outcome, result.phase, result.code) == (SendOutcome.TEMPORARY, "auth", 535)
    assert result.words == "535 5.7.8 bad credentials. Check user and password in AVIZOR_SMTP_URL."


def test_a_login_the_server_takes_comes_before_the_mail(smtp_sink: SmtpSink) -> None:
    smtp_sink.login = ("ana", "s3cret")
    assert _send(smtp_sink.port, user="ana", password="s3cret").outcome is SendOutcome.SENT


@pytest.mark.parametrize(
    ("answers", "mend"),
    [
        (
            {"EHLO": "250 mail.example"},
            "This server takes no login: remove USER:PASSWORD@ from AVIZOR_SMTP_URL.",
        ),
        (
            {"EHLO": "502 who?"},
            "This server takes no login: remove USER:PASSWORD@ from AVIZOR_SMTP_URL.",
        ),
        (
            {"EHLO": "250-mail.example\r\n250 AUTH GSSAPI"},
            "No suitable authentication method found. Check user and password in AVIZOR_SMTP_URL.",
        ),
    ],
)
def test_a_server_without_a_login_we_can_do_is_the_operator_s_to_mend(
    answers: dict[str, str], mend: str
) -> None:
    with ScriptedSmtp(answers) as server:
        result = _send(server.port, user="ana", password="s3cret")
        assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.said)
    assert (result.outcome, result.phase, result.words) == (SendOutcome.TEMPORARY, "auth", mend)


def test_an_address_of_other_letters_needs_a_server_that_takes_it() -> None:
    to = "niño@reader.example"
    message = _message(to=to)
    with ScriptedSmtp({"EHLO": "250-mail.example\r\n250 SMTPUTF8"}) as server:
        assert _send(server.port, message=message, to=to).outcome is SendOutcome.SENT
        assert "rcpt to:<niño@reader.example>" in [line.lower() for line in server.said]
        assert any(line.lower().startswith("mail from:") and "SMTPUTF8" in line for line in server.said)
    with ScriptedSmtp() as server:
        result = _send(server.port, message=message, to=to)
    assert (result.outcome, result.phase, result.code) == (SendOutcome.PERMANENT, "rcpt", 553)


def test_the_plugin_on_its_own_sends_nothing() -> None:
    plugin = AlertMail(host="mail.invalid", user="avizor")  # type: ignore[no-untyped-call] # see the plugin
    assert plugin.send("body") is False

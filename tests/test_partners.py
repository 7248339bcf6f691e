"""The partners themselves: a test against a server is worth what the server is worth."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import apprise
import psycopg
import pytest

from service.errors import StoreUnreachable
from service.store.engine import Database
from tests.partners.browser import open_browser
from tests.partners.cut_proxy import Cut, CutProxy
from tests.partners.engines import shared_statements
from tests.partners.mailbox import PASSWORD, MailServer
from tests.partners.pictures import NOT_NOW, TRIES, take_picture
from tests.partners.ports import HOST, free_port, wait_until
from tests.partners.postgres import PostgresServer
from tests.partners.schema import lent_databases
from tests.partners.smtp_sink import Mode, SmtpSink

if TYPE_CHECKING:
    from pathlib import Path

    from tests.partners.synapse import SynapseServer


def _mail(message_id: str = "<1@avizor.example>", to: str = "reader@dest.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "alerts@avizor.example", to
    message["Subject"], message["Message-ID"] = "Ferry line reopens after the storm", message_id
    message.set_content("The first boat left at dawn.")
    return message


def _send(
    port: int, message: EmailMessage, *, timeout: float = 10, login: tuple[str, str] | None = None
) -> None:
    with smtplib.SMTP(HOST, port, timeout=timeout) as client:
        if login:
            client.login(*login)
        client.send_message(message)


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


# ---------------------------------------------------------------------------------------- PostgreSQL


def test_each_test_has_an_empty_database_of_its_own(
    empty_postgres_url: str, postgres_server: PostgresServer
) -> None:
    with psycopg.connect(_plain(empty_postgres_url)) as connection:
        connection.execute("CREATE TABLE boats (name text)")
    with postgres_server.database() as other, psycopg.connect(_plain(other)) as connection:
        assert connection.execute("SELECT to_regclass('boats')").fetchone() == (None,)


def test_databases_share_nothing_of_one_that_was_never_reached(postgres_url: str) -> None:
    with shared_statements():
        with pytest.raises(StoreUnreachable):
            Database(f"postgresql://ana@127.0.0.1:{free_port()}/avizor")
        dialects = []
        for _ in range(2):
            database = Database(postgres_url)
            dialects.append(database._engine.dialect)
            database.close()
        assert dialects[0] is dialects[1]
        assert dialects[0].server_version_info is not None


def test_a_database_can_be_copied_from_a_prepared_one(postgres_server: PostgresServer) -> None:
    with postgres_server.database() as prepared:
        with psycopg.connect(_plain(prepared)) as connection:
            connection.execute("CREATE TABLE boats (name text)")
            connection.execute("INSERT INTO boats VALUES ('Aurora')")
        with (
            postgres_server.database(prepared.rpartition("/")[2]) as copy,
            psycopg.connect(_plain(copy)) as connection,
        ):
            assert connection.execute("SELECT name FROM boats").fetchall() == [("Aurora",)]


@pytest.mark.slow
def test_a_database_that_is_lent_again_is_as_new(postgres_server: PostgresServer) -> None:
    with lent_databases(postgres_server) as databases:
        with databases.lend() as first, psycopg.connect(_plain(first)) as connection:
            connection.execute("INSERT INTO word_form VALUES ('muell', 'muelles')")
            connection.execute("SELECT nextval('entry_id_seq')")
        with databases.lend() as again, psycopg.connect(_plain(again)) as connection:
            assert again == first
            assert connection.execute("SELECT count(*) FROM word_form").fetchone() == (0,)
            assert connection.execute("SELECT nextval('entry_id_seq')").fetchone() == (1,)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO house VALUES ('roof', 'tin')",
        "UPDATE alembic_version SET version_num = '9999'",
        "INSERT INTO word_form SELECT i::text, '' FROM generate_series(1, 2000) AS i",
    ],
)
def test_a_database_of_another_kind_or_with_very_much_in_it_is_not_lent_again(
    postgres_server: PostgresServer, statement: str
) -> None:
    with lent_databases(postgres_server) as databases:
        with databases.lend() as first, psycopg.connect(_plain(first)) as connection:
            connection.execute(statement)
        with databases.lend() as second:
            assert second != first


@pytest.mark.slow
def test_a_database_that_somebody_is_still_in_is_not_lent_again(postgres_server: PostgresServer) -> None:
    with lent_databases(postgres_server) as databases:
        with databases.lend() as first:
            connection = psycopg.connect(_plain(first))
        with databases.lend() as second:
            assert second != first
        connection.close()


@pytest.mark.slow
def test_a_durable_server_keeps_what_was_committed_before_it_was_killed() -> None:
    with PostgresServer(durable=True) as server:
        with psycopg.connect(_plain(server.url())) as connection:
            connection.execute("CREATE TABLE boats (name text)")
        server.kill()
        server.start()
        with psycopg.connect(_plain(server.url())) as connection:
            assert connection.execute("SELECT count(*) FROM boats").fetchone() == (0,)


# ----------------------------------------------------------------------------------------- mail sink


def test_the_sink_keeps_messages_in_the_order_of_arrival(smtp_sink: SmtpSink) -> None:
    for number in range(3):
        _send(smtp_sink.port, _mail(f"<{number}@avizor.example>"))
    kept = smtp_sink.messages()
    assert [one.message["Message-ID"] for one in kept] == [
        f"<{number}@avizor.example>" for number in range(3)
    ]
    assert (kept[0].sender, kept[0].recipients) == ("alerts@avizor.example", ("reader@dest.example",))
    assert kept[0].message.get_content().strip() == "The first boat left at dawn."


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        (Mode.GREETING_421, 421),
        (Mode.REFUSE_CONNECT, 421),
        (Mode.MAIL_451, 451),
        (Mode.MAIL_553, 553),
        (Mode.RCPT_450, 450),
        (Mode.RCPT_550, 550),
        (Mode.COMMAND_451, 451),
        (Mode.COMMAND_554, 554),
        (Mode.DATA_451, 451),
        (Mode.DATA_554, 554),
    ],
)
def test_the_sink_refuses_with_the_code_that_was_asked_for(
    smtp_sink: SmtpSink, mode: Mode, code: int
) -> None:
    smtp_sink.mode = mode
    with pytest.raises(smtplib.SMTPException) as refusal:
        _send(smtp_sink.port, _mail())
    assert str(code) in str(refusal.value)
    assert smtp_sink.messages() == []


def test_the_sink_keeps_a_message_whose_answer_is_cut_off(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.DROP_AFTER_DATA
    with pytest.raises(smtplib.SMTPServerDisconnected):
        _send(smtp_sink.port, _mail())
    assert len(smtp_sink.messages()) == 1


def test_the_sink_keeps_a_message_that_it_never_answers(smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.HANG_AFTER_DATA
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        _send(smtp_sink.port, _mail(), timeout=0.2)
    wait_until(lambda: len(smtp_sink.messages()) == 1, "the message to be kept")


def test_the_sink_takes_mail_only_after_the_right_login(tmp_path: Path) -> None:
    with SmtpSink(tmp_path, login=("alerts", "secret")) as sink:
        with pytest.raises(smtplib.SMTPException, match="530"):
            _send(sink.port, _mail())
        _send(sink.port, _mail(), login=("alerts", "secret"))
        assert len(sink.messages()) == 1


# ----------------------------------------------------------------------------------------- cut proxy


@pytest.mark.parametrize(
    ("cut", "arrives", "is_kept"),
    [
        (Cut.PASS, True, True),
        (Cut.SLOW, True, True),
        (Cut.RESET, False, False),
        (Cut.BEFORE_DATA, False, False),
        (Cut.BEFORE_DOT, False, False),
        (Cut.AFTER_DOT, False, True),
    ],
)
def test_the_proxy_cuts_where_it_says(smtp_sink: SmtpSink, cut: Cut, *, arrives: bool, is_kept: bool) -> None:
    with CutProxy(smtp_sink.port, cut, pause=0) as proxy:
        if arrives:
            _send(proxy.port, _mail())
        else:
            with pytest.raises((OSError, smtplib.SMTPException)):
                _send(proxy.port, _mail())
        assert proxy.connections == 1
    assert len(smtp_sink.messages()) == is_kept


def test_the_silent_proxy_never_says_a_word(smtp_sink: SmtpSink) -> None:
    with (
        CutProxy(smtp_sink.port, Cut.SILENT) as proxy,
        pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"),
    ):
        _send(proxy.port, _mail(), timeout=0.2)


# -------------------------------------------------------------------------------------- real servers


@pytest.mark.real
def test_mail_through_postfix_is_read_back_by_imap(mail_server: MailServer) -> None:
    _send(mail_server.smtp_port, _mail(to="plain@dest.example"))
    (message,) = mail_server.wait_for("plain@dest.example", 1)
    assert message["Subject"] == "Ferry line reopens after the storm"


@pytest.mark.real
def test_postfix_takes_a_login_over_tls(mail_server: MailServer) -> None:
    with smtplib.SMTP("localhost", mail_server.smtp_port) as client:
        client.starttls()
        client.login("secure@dest.example", PASSWORD)
        client.send_message(_mail(to="secure@dest.example"))
    assert mail_server.wait_for("secure@dest.example", 1)


@pytest.mark.real
def test_a_repeated_message_id_reaches_the_mailbox_once(mail_server: MailServer) -> None:
    for message_id in ("<a@avizor.example>", "<a@avizor.example>", "<b@avizor.example>"):
        _send(mail_server.smtp_port, _mail(message_id, to="once@dest.example"))
    mail_server.wait_until_handed_over()
    kept = [message["Message-ID"] for message in mail_server.messages("once@dest.example")]
    assert sorted(kept) == ["<a@avizor.example>", "<b@avizor.example>"]


@pytest.mark.real
def test_postfix_queues_what_the_mailbox_does_not_take_yet() -> None:
    with MailServer() as server:
        server.hold()
        _send(server.smtp_port, _mail(to="late@dest.example"))
        assert server.queued() == 1
        server.release()
        assert len(server.wait_for("late@dest.example", 1)) == 1


@pytest.mark.real
def test_a_line_to_postfix_that_breaks_after_the_dot_has_delivered(mail_server: MailServer) -> None:
    with (
        CutProxy(mail_server.smtp_port, Cut.AFTER_DOT) as proxy,
        pytest.raises(smtplib.SMTPServerDisconnected),
    ):
        _send(proxy.port, _mail("<cut@avizor.example>", to="cut@dest.example"))
    assert mail_server.wait_for("cut@dest.example", 1)


@pytest.mark.real
def test_a_matrix_room_shows_what_was_sent_to_it(synapse: SynapseServer) -> None:
    bot, alice = synapse.register("ferry-bot", "one"), synapse.register("ferry-alice", "two")
    room = synapse.create_room(alice, bot, alias="ferries")
    url = f"matrix://{bot.token}@{HOST}:{synapse.port}/{room}"
    sender = apprise.Apprise()
    assert sender.add(url)
    assert asyncio.run(sender.async_notify(body="The first boat left at dawn."))
    assert synapse.messages(alice, room) == ["The first boat left at dawn."]


class _Page(BaseHTTPRequestHandler):
    """One page, for the browser's sake."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write("<title>Ferries</title><h1>Línea reabierta</h1>".encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.mark.real
def test_the_browser_shows_a_page(tmp_path: Path) -> None:
    with ThreadingHTTPServer((HOST, 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open_browser() as browser:
            page = browser.new_page()
            page.goto(f"http://{HOST}:{server.server_port}/")
            assert page.title() == "Ferries"
            assert page.inner_text("h1") == "Línea reabierta"
            take_picture(page, tmp_path / "page.png")
        server.shutdown()
    assert (tmp_path / "page.png").stat().st_size > 1000


@pytest.mark.real
def test_a_picture_that_the_browser_has_not_at_hand_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from playwright.sync_api import Error

    with open_browser() as browser:
        page = browser.new_page()
        take, refused = page.screenshot, [f"Protocol error: {NOT_NOW}"] * (TRIES - 1)

        def screenshot(*, path: Path) -> bytes:
            if refused:
                raise Error(refused.pop())
            return take(path=path)

        monkeypatch.setattr(page, "screenshot", screenshot)
        take_picture(page, tmp_path / "page.png")
        assert (tmp_path / "page.png").exists()
        for refused[:] in ([NOT_NOW] * TRIES, ["Target closed"]):
            with pytest.raises(Error):
                take_picture(page, tmp_path / "page.png")
            assert not refused

"""The whole chain as its user runs it: feed files in, mail out, and the ledger in between."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from rich.console import Console
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from service.cli import app, show
from tests.partners.ports import free_port
from tests.partners.smtp_sink import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from tests.partners.smtp_sink import SmtpSink

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WATCHLIST = """\
title: Port
about: A port.
languages: [es]
match:
  any:
    - puerto de Chancay
examples:
  match: ["El puerto de Chancay crece"]
  ignore: ["El puerto del Callao crece"]
"""


@dataclass(frozen=True)
class Item:
    """An item of a feed as this test writes it."""

    title: str
    at: datetime = MONDAY - HOUR
    guid: str = ""
    link: str = ""

    def xml(self) -> str:
        """Give its RSS."""
        slug = self.guid or self.title.replace(" ", "-")
        link = self.link or f"https://diario.example/{slug}"
        named = f"<title>{self.title}</title><link>{link}</link><guid>{slug}</guid>"
        return f"<item>{named}<pubDate>{format_datetime(self.at)}</pubDate></item>"


@dataclass
class Desk:
    """A user's folder, and the commands as typed there."""

    folder: Path
    environment: dict[str, str]
    runner: CliRunner = field(default_factory=CliRunner)

    def feed(self, *items: Item, name: str = "diario.xml") -> None:
        """Write a feed file."""
        head = "<title>Diario</title><link>https://diario.example/</link>"
        body = "".join(item.xml() for item in items)
        text = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{body}</channel></rss>'
        (self.folder / "feeds" / name).write_text(text, encoding="utf-8")

    def channels(self, text: str) -> None:
        """Write the file of channels; nobody else is told then."""
        (self.folder / "watchlists" / "channels.yaml").write_text(text, encoding="utf-8")
        self.environment["AVIZOR_ALERT_TO"] = ""

    def run(self, *words: str) -> Result:
        """Run a command of avizor."""
        return self.runner.invoke(app, list(words), env=self.environment)

    def poll(self, at: datetime = MONDAY) -> dict[str, Any]:
        """Poll the folder at a time, and give the answer."""
        result = self.run("poll", "--from", str(self.folder / "feeds"), "--as-of", at.isoformat(), "--json")
        assert result.exit_code == 0, result.output
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def ask(self, *words: str) -> Any:  # noqa: ANN401 -- whatever JSON the command gives
        """Run a command with --json and give what it says."""
        return json.loads(self.run(*words, "--json").stdout)


@pytest.fixture
def desk(tmp_path: Path, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(show.out, "width", 200)
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST)
    (tmp_path / "feeds").mkdir()
    return Desk(
        tmp_path,
        {
            "AVIZOR_DATA_DIR": str(tmp_path / "data"),
            "AVIZOR_SMTP_URL": f"smtp://127.0.0.1:{smtp_sink.port}",
            "AVIZOR_MAIL_FROM": "Avizor <alerts@avizor.example>",
            "AVIZOR_ALERT_TO": "ana@desk.example",
        },
    )


def _subjects(sink: SmtpSink) -> list[str]:
    return sorted(str(one.message["Subject"]) for one in sink.messages())


NEWS = Item("Huelga en el puerto de Chancay")
NEWS_LINK = "https://diario.example/Huelga-en-el-puerto-de-Chancay"


# --------------------------------------------------------------------------------- what is told


def test_an_article_becomes_a_mail_that_says_why(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(NEWS, Item("Receta de ceviche"))
    answer = desk.poll()
    assert answer["sends"] == 1
    [mail] = smtp_sink.messages()
    assert mail.recipients == ("ana@desk.example",)
    assert str(mail.message["Subject"]) == "[Port] Huelga en el puerto de Chancay"
    body = mail.message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "*puerto de Chancay*" in text
    assert "https://diario.example/Huelga-en-el-puerto-de-Chancay" in text
    assert "line 6" in text
    assert desk.ask("audit")["delivered"] == 1


def test_of_a_new_feed_only_the_last_day_is_told_and_the_rest_is_shown(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    desk.feed(NEWS, Item("El puerto de Chancay cumple un año", MONDAY - 30 * HOUR))
    desk.poll()
    assert len(smtp_sink.messages()) == 1
    held = {event["event"]["title"]: event["reports"][0]["held"] for event in desk.ask("events")}
    assert held == {"Huelga en el puerto de Chancay": None, "El puerto de Chancay cumple un año": "baseline"}


def test_an_event_known_from_the_baseline_is_told_when_it_is_in_the_news_again(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    old = Item("Huelga general en el puerto de Chancay por salarios", MONDAY - 30 * HOUR)
    desk.feed(old)
    desk.poll()
    assert smtp_sink.messages() == []
    desk.feed(old, Item("Huelga general por salarios en el puerto de Chancay", MONDAY + HOUR))
    desk.poll(MONDAY + 2 * HOUR)
    assert len(smtp_sink.messages()) == 1
    [delivery] = desk.ask("deliveries")
    assert delivery["reason"] == "fresh-report"


@pytest.mark.slow
@pytest.mark.parametrize(
    "again",
    [
        (NEWS, Item("Receta")),
        (Item("Receta"), NEWS),
        (Item(NEWS.title, guid="otro", link="https://diario.example/Huelga-en-el-puerto-de-Chancay"),),
        (Item(NEWS.title, guid="otro"),),
        (Item("ACTUALIZA: Huelga en el puerto de Chancay", guid="Huelga-en-el-puerto-de-Chancay"),),
        (Item("Sigue la huelga en el puerto de Chancay", guid="Huelga-en-el-puerto-de-Chancay"),),
        (Item(NEWS.title, guid="otro", link=f"{NEWS_LINK}?utm_source=rss&amp;fbclid=7"),),
    ],
    ids=[
        "restart",
        "f70 reverse order",
        "f65 new guid",
        "new guid and address",
        "f66 edited title",
        "rewritten title",
        "f67 tracking parameters",
    ],
)
def test_the_same_article_is_told_once(desk: Desk, smtp_sink: SmtpSink, again: tuple[Item, ...]) -> None:
    desk.feed(NEWS, Item("Receta"))
    desk.poll()
    desk.feed(*again)
    desk.poll(MONDAY + HOUR)
    desk.poll(MONDAY + 2 * HOUR)
    assert len(smtp_sink.messages()) == 1


def test_an_edited_headline_that_comes_to_match_is_told(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(Item("Huelga en el norte", guid="h"))
    desk.poll()
    desk.feed(Item("Huelga en el puerto de Chancay", guid="h"))
    desk.poll(MONDAY + HOUR)
    assert len(smtp_sink.messages()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edited", "span"), [("Sigue en el puerto de Chancay", [12, 29]), ("Otra cosa", None)]
)
def test_the_marked_words_follow_an_edited_headline(desk: Desk, edited: str, span: list[int] | None) -> None:
    desk.feed(Item(NEWS.title, guid="h"))
    desk.poll()
    desk.feed(Item(edited, guid="h"))
    desk.poll(MONDAY + HOUR)
    [event] = desk.ask("events")
    [report] = event["reports"]
    assert [[one["start"], one["end"]] for one in report["evidence"]] == ([span] if span else [])


def test_the_same_event_in_two_outlets_is_one_mail(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(Item("Trabajadores del puerto de Chancay inician huelga indefinida"))
    title = "Puerto de Chancay: trabajadores inician una huelga indefinida"
    desk.feed(Item(title, link="https://otro.example/1"), name="otro.xml")
    desk.poll()
    assert len(smtp_sink.messages()) == 1
    [event] = desk.ask("events", "port")
    assert event["event"]["reports"] == 2


def test_an_entry_of_a_re_emitted_archive_is_held_as_stale(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(Item("Receta"))
    desk.poll()
    desk.feed(Item("Receta"), Item("El puerto de Chancay abre", MONDAY - timedelta(days=40)))
    desk.poll(MONDAY + HOUR)
    assert smtp_sink.messages() == []
    assert desk.ask("events")[0]["reports"][0]["held"] == "stale"


def test_a_replay_does_not_see_what_was_published_later(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(NEWS, Item("El puerto de Chancay cierra", MONDAY + 2 * HOUR))
    assert desk.poll()["polls"][0]["later"] == 1
    assert len(smtp_sink.messages()) == 1
    assert desk.poll(MONDAY + 3 * HOUR)["polls"][0]["later"] == 0
    assert len(smtp_sink.messages()) == 2


# ------------------------------------------------------------------------------ channels, digests

DESK_DAILY = """\
channels:
  desk:
    mail: [ana@desk.example, luis@desk.example]
    timezone: America/Lima
subscriptions:
  - to: desk
    watchlists: [port]
    when: daily 07:00
"""


@pytest.mark.slow
def test_a_daily_subscription_gets_one_digest_at_its_hour(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.channels(DESK_DAILY)
    seven_in_lima = MONDAY + timedelta(days=1)
    desk.feed(NEWS, Item("Buque ruso llega al puerto de Chancay"))
    desk.poll(MONDAY + HOUR)
    assert smtp_sink.messages() == []
    assert {one["held"] for one in desk.ask("deliveries", "--state", "held")} == {"digest"}
    for minutes in (0, 1, 2):
        desk.poll(seven_in_lima + timedelta(minutes=minutes))
    mails = smtp_sink.messages()
    assert sorted(mail.recipients for mail in mails) == [("ana@desk.example",), ("luis@desk.example",)]
    body = mails[0].message.get_body(("plain",))
    assert body is not None
    assert "Huelga en el puerto" in body.get_content().replace("*", "")
    assert "Buque ruso" in body.get_content()
    report = desk.ask("audit")
    assert (report["lost"], report["duplicated"], report["expected"]) == ([], [], 4)


def test_an_unset_secret_holds_its_channel_back_and_nobody_else(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.channels(
        "channels:\n  room:\n    chat: ${ROOM_URL}\n  desk:\n    mail: ana@desk.example\n"
        "subscriptions:\n  - {to: room, watchlists: all}\n  - {to: desk, watchlists: all}\n"
    )
    desk.feed(NEWS)
    desk.poll()
    assert len(smtp_sink.messages()) == 1
    [waiting] = desk.ask("deliveries", "--state", "pending")
    assert "ROOM_URL" in waiting["words"]
    check = desk.run("check")
    assert "watchlists/channels.yaml:3" in check.output
    assert "ROOM_URL" in check.output


def test_a_channel_that_left_the_file_keeps_its_alerts_waiting(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(NEWS)
    smtp_sink.mode = Mode.RCPT_450
    desk.poll()
    smtp_sink.mode = Mode.ACCEPT
    desk.environment["AVIZOR_ALERT_TO"] = ""
    desk.poll(MONDAY + HOUR)
    [waiting] = desk.ask("deliveries")
    assert waiting["state"] == "pending"
    assert "no channel settings-mail" in waiting["words"]
    assert smtp_sink.messages() == []


# ------------------------------------------------------------------------------- what goes wrong


@pytest.mark.slow
@pytest.mark.promise("P3", size="1 alert")
def test_an_unreachable_mail_server_loses_nothing(desk: Desk, smtp_sink: SmtpSink) -> None:
    right = desk.environment["AVIZOR_SMTP_URL"]
    desk.environment["AVIZOR_SMTP_URL"] = f"smtp://127.0.0.1:{free_port()}"
    desk.feed(NEWS)
    desk.poll()
    [waiting] = desk.ask("deliveries")
    assert (waiting["state"], waiting["attempts"]) == ("pending", 1)
    assert waiting["words"]
    desk.environment["AVIZOR_SMTP_URL"] = right
    desk.poll(MONDAY + HOUR)
    assert len(smtp_sink.messages()) == 1
    assert desk.ask("audit")["recovered"] == 1


@pytest.mark.slow
@pytest.mark.promise("P3", size="1 alert")
def test_a_mail_server_that_says_later_is_asked_again_and_one_that_says_never_is_believed(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    smtp_sink.mode = Mode.DATA_451
    desk.feed(NEWS)
    desk.poll()
    desk.poll(MONDAY + HOUR)
    [waiting] = desk.ask("deliveries")
    assert (waiting["state"], waiting["attempts"]) == ("pending", 2)
    smtp_sink.mode = Mode.RCPT_550
    desk.poll(MONDAY + 3 * HOUR)
    [failed] = desk.ask("deliveries")
    assert failed["state"] == "failed"
    assert "nobody by that name" in failed["words"]


@pytest.mark.slow
@pytest.mark.promise("P3", size="1 alert")
def test_after_five_days_of_later_a_delivery_expires(desk: Desk, smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.DATA_451
    desk.feed(NEWS)
    desk.poll()
    desk.poll(MONDAY + timedelta(days=6))
    [expired] = desk.ask("deliveries")
    assert expired["state"] == "expired"


def test_a_feed_that_is_no_feed_says_so_and_the_others_go_on(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(NEWS)
    (desk.folder / "feeds" / "page.xml").write_text("<html><body>Please log in</body></html>")
    (desk.folder / "feeds" / "empty.xml").write_text("")
    result = desk.run("poll", "--from", "feeds", "--as-of", MONDAY.isoformat())
    assert result.exit_code == 0
    assert "web page" in result.output
    assert "3 feeds, 2 failed" in result.output
    assert len(smtp_sink.messages()) == 1
    feeds = {feed["source"]["outlet"]: feed for feed in desk.ask("feeds")}
    assert feeds["page"]["status"] == "failing"
    assert "web page" in feeds["page"]["trouble"]


def test_a_feed_file_that_vanished_is_one_reason_why_not(desk: Desk) -> None:
    desk.feed(NEWS)
    with patch("pathlib.Path.read_bytes", side_effect=FileNotFoundError(2, "No such file")):
        [polled] = desk.poll()["polls"]
    assert "No such file" in polled["trouble"]


def test_a_feed_that_cannot_be_stored_costs_only_itself(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(NEWS)
    desk.feed(Item("Poison"), name="poison.xml")
    from service.store.batch import Batch

    real = Batch.keep_unseen

    def poisoned(self: Batch, feed: Any, entries: Any, **others: Any) -> Any:  # noqa: ANN401 -- passes it on
        if entries and "poison" in feed.source.url:
            raise ValueError
        return real(self, feed, entries, **others)

    with patch.object(Batch, "keep_unseen", poisoned):
        polls = {polled["feed"]["source"]["outlet"]: polled for polled in desk.poll()["polls"]}
    assert "could not store" in polls["poison"]["trouble"]
    assert polls["diario"]["new"] == 1
    assert len(smtp_sink.messages()) == 1


def test_a_feed_that_could_not_be_stored_for_want_of_room_says_so_and_is_stored_later(desk: Desk) -> None:
    desk.feed(NEWS)
    from service.store.batch import Batch

    real = Batch.keep_unseen

    def full(self: Batch, feed: Any, entries: Any, **others: Any) -> Any:  # noqa: ANN401 -- passes it on
        if entries:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
        return real(self, feed, entries, **others)

    with patch.object(Batch, "keep_unseen", full):
        [polled] = desk.poll()["polls"]
    assert polled["trouble"] == (
        "Avizor could not store what this feed brought (database or disk is full). It is asked again at its "
        "usual pace. Look whether the disk has room and the database answers."
    )
    assert desk.poll(MONDAY + timedelta(minutes=12))["polls"][0]["new"] == 1


@pytest.mark.promise("P17", size="2 files")
def test_a_broken_watchlist_stops_nobody_and_says_file_line_and_mend(desk: Desk, smtp_sink: SmtpSink) -> None:
    (desk.folder / "watchlists" / "broken.yaml").write_text(
        "title: Broken\nmatch:\n  any:\n    - Kast NEAR foro\n"
    )
    desk.feed(NEWS)
    desk.poll()
    assert len(smtp_sink.messages()) == 1
    result = desk.run("check")
    assert result.exit_code == 1
    assert "watchlists/broken.yaml:4:" in result.output
    assert "NEAR" in result.output
    problems = desk.ask("check")
    assert problems[0]["file"] == "watchlists/broken.yaml"


# ------------------------------------------------------------------------------------- commands


def test_explain_shows_the_tree_for_a_headline_and_for_a_stored_entry(desk: Desk) -> None:
    desk.feed(NEWS)
    desk.poll()
    result = desk.run("explain", "Crece el puerto de Chancay", "--all")
    assert "Port matches by line 6: puerto de Chancay.\n" in result.output
    assert "✓ puerto de Chancay  line 6" in result.output
    assert desk.run("explain", "Ceviche").output.count("does not match") == 1
    assert "Huelga" in desk.run("explain", "1").output
    assert desk.ask("explain", "1")[0]["holds"] is True
    missing = desk.run("explain", "99")
    assert missing.exit_code == 3
    assert "there is no entry 99" in missing.output


@pytest.mark.slow
def test_explain_says_what_became_of_a_stored_article_and_why(desk: Desk) -> None:
    desk.feed(NEWS, Item("El puerto de Chancay cumple un año", MONDAY - 30 * HOUR))
    desk.poll()
    told, old = desk.run("explain", "1").output, desk.run("explain", "2").output
    assert re.search(r"\n    event \w+: .*Huelga.*\n    \S+ ana@desk.example: delivered .*: new-event", told)
    assert "\n    held: baseline, " in old
    assert any("new-event" in line for line in desk.ask("explain", "1")[0]["became"])
    assert "event" not in desk.run("explain", "Ceviche").output


def test_the_tables_show_what_the_ledger_holds(desk: Desk) -> None:
    desk.feed(NEWS)
    desk.poll()
    assert "1 of 1" in desk.run("events").output
    assert "delivered" in desk.run("deliveries").output
    assert "healthy" in desk.run("feeds").output
    audit = desk.run("audit")
    assert audit.exit_code == 0
    assert "pairs of event and reader" in audit.output
    assert audit.output.endswith("Nothing lost, nothing doubled.\n")


def test_an_event_that_nobody_asked_for_says_so(desk: Desk) -> None:
    desk.environment["AVIZOR_ALERT_TO"] = ""
    desk.feed(NEWS, Item("El puerto de Chancay cumple un año", MONDAY - 30 * HOUR))
    desk.poll()
    output = desk.run("events").output
    assert "no subscriber" in output
    assert "held: baseline" in output


def test_the_audit_fails_when_a_delivery_is_missing(desk: Desk) -> None:
    desk.feed(NEWS)
    desk.poll()
    with sqlite3.connect(desk.folder / "data" / "avizor.db") as database:
        database.execute("DELETE FROM attempt")
        database.execute("DELETE FROM delivery")
    database.close()
    audit = desk.run("audit")
    assert audit.exit_code == 1
    assert "lost: event" in audit.output
    assert audit.output.endswith("1 lost.\n")


def test_explain_says_what_excludes_and_notes_a_date_only_where_the_words_are_there(desk: Desk) -> None:
    (desk.folder / "watchlists" / "port.yaml").write_text(
        WATCHLIST.replace("examples:", "  none:\n    - cultura Chancay\nexamples:").replace(
            "    - puerto de", "    - {expr: Salaverry, until: 2020-01-01}\n    - puerto de"
        )
    )
    culture = desk.run("explain", "La cultura Chancay llega al puerto de Chancay")
    assert culture.output == "Port is kept out by line 9: cultura Chancay.\n"
    assert "counts only" not in desk.run("explain", "Ceviche", "--all").output
    assert (
        "line 6, Salaverry, counts only for entries published until"
        in desk.run("explain", "Salaverry").output
    )


def test_a_table_in_a_pipe_is_one_line_a_row_and_says_where_it_stops(desk: Desk) -> None:
    monday = "Huelga larga en el puerto de Chancay " + "y otra frase más " * 12
    desk.feed(Item(monday, guid="a"), Item("Buque ruso llega al puerto de Chancay", guid="b"))
    desk.poll()
    result = desk.run("events", "port", "--limit", "1")
    assert len(result.stdout.splitlines()) == 2
    assert "1 of 2; --limit shows more" in result.stderr
    assert "1 of 2; --limit shows more" in desk.run("deliveries", "--limit", "1").stderr
    assert monday.strip() in desk.run("events").stdout
    assert "--limit" not in desk.run("events").stderr


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 200, 30])
def test_on_a_terminal_no_id_and_no_time_is_cut_in_two(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    desk.feed(Item("Huelga larga en el puerto de Chancay " + "y otra frase más " * 12, guid="a"))
    desk.poll()
    [event] = desk.ask("events")
    page = StringIO()
    monkeypatch.setattr(show, "out", Console(file=page, force_terminal=True, color_system=None, width=width))
    for command in ("events", "deliveries", "feeds"):
        assert desk.run(command).exit_code == 0
    assert event["event"]["id"] in page.getvalue()
    assert event["deliveries"][0]["id"] in page.getvalue()
    assert "2026-03-02 11:00" in page.getvalue()
    assert "…" in page.getvalue()


def test_an_unknown_watchlist_is_refused_with_the_known_ones(desk: Desk) -> None:
    desk.feed(NEWS)
    desk.poll()
    for more in ((), ("--json",)):
        result = desk.run("events", "nosuch", *more)
        assert result.exit_code == 3
        assert "there is no watchlist nosuch. Known: port." in result.output


def test_a_folder_without_a_feed_file_is_refused_with_the_mend(desk: Desk) -> None:
    (desk.folder / "feeds" / "notes.txt").write_text("no feed")
    result = desk.run("poll", "--from", "feeds")
    assert result.exit_code == 3
    assert "there is no feed file in feeds" in result.output
    assert ".xml, .rss, .atom, .rdf or .json" in result.output


def test_send_test_says_what_the_other_side_answered(desk: Desk, smtp_sink: SmtpSink) -> None:
    result = desk.run("send-test", "settings-mail")
    assert result.exit_code == 0
    assert "settings-mail ana@desk.example: sent (250" in result.output
    assert len(smtp_sink.messages()) == 1
    smtp_sink.mode = Mode.RCPT_550
    refused = desk.run("send-test", "settings-mail")
    assert refused.exit_code == 1
    assert "nobody by that name" in refused.output


def test_send_test_to_an_unknown_channel_names_the_known_ones(desk: Desk) -> None:
    result = desk.run("send-test", "desk")
    assert result.exit_code == 3
    assert "there is no channel desk. Known channels: settings-mail." in result.output


def test_a_misspelt_setting_stops_the_start_with_the_right_name(desk: Desk) -> None:
    desk.environment["AVIZOR_SMPT_URL"] = "x"
    result = desk.run("poll")
    assert result.exit_code == 3
    assert "AVIZOR_SMTP_URL" in result.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("poll", "--as-of", "2026-01-01T00:00"), 3, "Add --from DIR."),
        (("poll", "--from", "feeds", "--as-of", "yesterday"), 2, "2026-01-04T12:00"),
        (("poll", "--from", "nowhere"), 2, "nowhere"),
    ],
)
def test_a_command_that_makes_no_sense_says_what_would(
    desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    result = desk.run(*words)
    assert result.exit_code == code
    assert said in result.output


def test_a_terminal_obeys_nothing_a_feed_wrote(desk: Desk) -> None:
    desk.feed(Item("El puerto de Chancay \u202e[red]rojo[/red] &#27;[31m", guid="x"))
    desk.poll()
    output = desk.run("events").output
    assert "\x1b[31m" not in output
    assert "\u202e" not in output
    assert "[red]rojo[/red]" in output


def test_without_a_time_of_its_own_the_poll_goes_by_the_clock(desk: Desk, smtp_sink: SmtpSink) -> None:
    desk.feed(Item("Huelga en el puerto de Chancay", datetime.now(UTC) - HOUR))
    result = desk.run("poll", "--from", "feeds")
    assert result.exit_code == 0
    assert "1 message handed to channels" in result.output
    assert _subjects(smtp_sink) == ["[Port] Huelga en el puerto de Chancay"]

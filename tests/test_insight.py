"""What a watchlist overlooks, what stopped an article, what could be better: the commands that say so."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from service.cli import app, linting
from service.cli.whynot import is_same_site
from service.domain import Delivery, DeliveryState, Notification, NotifyReason
from service.match import Lack
from service.pipeline import Stage, Suggestion, Trace, find_stage, telling
from service.store import EventView, StoredMatch
from tests.partners.newsroom import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

PORT = """\
title: Port
languages: [es, en, zh]
feeds: [one]
terms:
  place: [puerto, port, ports, port*, megapuerto]
  ship: [freight shipping, shipping lines]
match:
  any:
    - Chancay AND $place
    - Cosco NEAR/2 $ship
    - expr: Boluarte AND Chancay
      until: 2020-01-01
    - name:Rubio
    - huelga
  none: [momia]
"""
OTHER = """\
title: Other
feeds: [two]
match: {any: [elecciones]}
"""
PACK = """\
title: {0}
feeds:
  - url: https://{1}.example/feed
    title: {0}
    outlet: {0}
    country: PE
    language: es
"""
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)


@dataclass
class Desk:
    """A folder of watchlists, a folder of feed files, and the program over both."""

    top: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def __post_init__(self) -> None:
        """Write the files."""
        (self.top / "lists" / "feeds").mkdir(parents=True)
        (self.top / "feeds").mkdir()
        (self.top / "lists" / "port.yaml").write_text(PORT, encoding="utf-8")
        (self.top / "lists" / "other.yaml").write_text(OTHER, encoding="utf-8")
        for name in ("one", "two"):
            text = PACK.format(name.title(), name)
            (self.top / "lists" / "feeds" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def poll(self, *titles: str) -> None:
        """Have these headlines read from a feed file."""
        items = "".join(
            f"<item><title>{title}</title><link>https://one.example/{number}</link>"
            f"<guid>{number}</guid><pubDate>{format_datetime(AT)}</pubDate></item>"
            for number, title in enumerate(titles)
        )
        text = f"<rss version='2.0'><channel><title>One</title>{items}</channel></rss>"
        (self.top / "feeds" / "one-es.xml").write_text(text, encoding="utf-8")
        result = self.run("poll", "--from", str(self.top / "feeds"))
        assert result.exit_code == 0, result.output

    def run(self, *words: str) -> Result:
        """Run the program."""
        environment = {
            "AVIZOR_WATCHLISTS": str(self.top / "lists"),
            "AVIZOR_DATA_DIR": str(self.top / "data"),
        }
        return self.runner.invoke(app, list(words), env=environment)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.poll(
        "El puerto de Chancay crece",
        "Chancay espera lluvia",
        "Cosco compra freight shipping con otras tres empresas",
        "Boluarte visita el puerto de Callao",
        "Momia de Chancay junto al puerto",
        "Boluarte llega a Chancay",
        "Otro puerto",
        "El puerto de Paita",
        "Un puerto seco",
    )
    return desk


@pytest.mark.slow
def test_suggest_lists_what_one_term_kept_from_matching(filled: Desk) -> None:
    result = filled.run("suggest", "port")
    assert result.exit_code == 0
    assert "lists/port.yaml:9: 2 articles had Chancay, but none of $place" in result.stdout
    assert "    Chancay espera lluvia" in result.stdout
    assert "published outside the beginning to 2020-01-01" in result.stdout


@pytest.mark.slow
def test_suggest_gives_json(filled: Desk) -> None:
    found = json.loads(filled.run("suggest", "--since", "7d", "--json").stdout)
    assert {(one["watchlist_id"], one["lack"]) for one in found} >= {("port", "words"), ("port", "period")}


def test_suggest_names_the_watchlists_there_are(filled: Desk) -> None:
    result = filled.run("suggest", "nothing")
    assert "there is no watchlist nothing. Known: other, port." in result.stderr
    assert result.exit_code == 3


def test_suggest_says_so_when_nothing_nearly_matched(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.poll("Nada de nada")
    assert desk.run("suggest").stdout == "No stored article nearly matched.\n"


def test_the_common_part_of_a_line_is_no_suggestion() -> None:
    rare = Suggestion("w", 1, Lack.WORDS, "$peru", "Cosco", entries=2)
    common = Suggestion("w", 1, Lack.WORDS, "Cosco", "$peru", entries=9)
    apart = Suggestion("w", 1, Lack.DISTANCE, "a NEAR/2 b", "a, b", entries=9)
    alone = Suggestion("w", 2, Lack.WORDS, "b", "a", entries=3)
    many = Suggestion("w", 3, Lack.WORDS, "b", "a", entries=99)
    assert telling([rare, common, apart, alone, many], 10) == [rare, apart, alone]


# -------------------------------------------------------------------------------------- why-not


def _why(desk: Desk, number: int, *more: str) -> str:
    return desk.run("why-not", f"https://one.example/{number}", *more).stdout


def test_why_not_tells_of_a_term_that_is_missing(filled: Desk) -> None:
    said = _why(filled, 1, "--watchlist", "port")
    assert said.startswith("port: It was read, but does not match.\n")
    assert "line 9: has Chancay, but none of $place" in said


def test_why_not_tells_of_what_excludes_and_of_a_period(filled: Desk) -> None:
    assert "is kept out by line 15: momia" in _why(filled, 4, "--watchlist", "port")
    assert "line 11, Boluarte AND Chancay, counts only for entries published until 2020-01-01" in _why(
        filled, 5, "--watchlist", "port"
    )


def test_why_not_tells_that_nobody_is_subscribed(filled: Desk) -> None:
    said = _why(filled, 0)
    assert said.startswith("port: It matched, but nobody is subscribed.\n")
    assert "El puerto de Chancay crece" in said
    assert "Write a subscription in watchlists/channels.yaml." in said


def test_why_not_tells_of_an_address_that_no_feed_covers(filled: Desk) -> None:
    assert filled.run("why-not", "https://elsewhere.example/a").stdout.startswith(
        "No feed of its site is polled.\n"
    )


@pytest.mark.parametrize(
    ("feed", "article", "same"),
    [
        ("https://feeds.diario.example/rss", "https://www.diario.example/nota", True),
        ("https://www.larepublica.com.co/rss", "larepublica.com.co/nota", True),
        ("https://rss.dw.de/es", "https://www.dw.de/nota", True),
        ("https://otro.com.co/rss", "https://larepublica.com.co/nota", False),
        ("https://diario.example/rss", "https://otro.example/nota", False),
        ("file:///tmp/feed.xml", "https://otro.example/nota", False),
    ],
)
def test_a_feed_is_of_a_site_whatever_name_its_server_has(feed: str, article: str, same: bool) -> None:
    assert is_same_site(feed, article) is same


def test_why_not_names_the_watchlists_there_are(filled: Desk) -> None:
    result = filled.run("why-not", "https://one.example/1", "--watchlist", "nothing")
    assert "there is no watchlist nothing. Known: other, port." in result.stderr


def test_why_not_gives_json(filled: Desk) -> None:
    found = json.loads(filled.run("why-not", "https://one.example/0", "--json").stdout)
    assert found[0]["stage"] == "nobody-subscribed"


def _match(held: None = None) -> StoredMatch:
    return StoredMatch(1, "port", "1", "e1", held, NOW)


def _delivery(state: DeliveryState, *, ago: int = 0) -> Delivery:
    at = NOW - timedelta(hours=ago)
    told = at if state is DeliveryState.DELIVERED else None
    message = Notification("t", "t")
    return Delivery(
        "d",
        "s",
        "c",
        "a@b",
        NotifyReason.NEW_EVENT,
        "e1",
        "port",
        state,
        "m",
        message,
        at,
        at,
        delivered_at=told,
    )


@pytest.mark.parametrize(
    ("states", "stage"),
    [
        ([], Stage.NOBODY_SUBSCRIBED),
        ([_delivery(DeliveryState.DELIVERED)], Stage.TOLD),
        ([_delivery(DeliveryState.DELIVERED, ago=5)], Stage.EVENT_ALREADY_TOLD),
        ([_delivery(DeliveryState.PENDING)], Stage.WAITING),
        ([_delivery(DeliveryState.FAILED)], Stage.NOT_DELIVERED),
        ([_delivery(DeliveryState.CANCELLED)], Stage.NOT_SENT),
        ([_delivery(DeliveryState.CANCELLED), _delivery(DeliveryState.HELD)], Stage.WAITING),
        ([_delivery(DeliveryState.CANCELLED), _delivery(DeliveryState.EXPIRED)], Stage.NOT_DELIVERED),
        ([_delivery(DeliveryState.FAILED), _delivery(DeliveryState.DELIVERED)], Stage.TOLD),
    ],
)
def test_what_became_of_the_alert_is_the_last_stage(states: list[Delivery], stage: Stage) -> None:
    from tests.test_matcher import entry

    event = EventView(None, (), tuple(states))  # type: ignore[arg-type] # only the deliveries are looked at
    assert find_stage(Trace((), (entry("x"),), is_followed=True, match=_match(), event=event)) is stage


def test_what_no_watchlist_follows_is_not_asked_of_it() -> None:
    from tests.test_matcher import entry

    assert find_stage(Trace((), (entry("x"),))) is Stage.NOT_FOLLOWED
    assert find_stage(Trace((), (entry("x"),), is_followed=True)) is Stage.NO_MATCH


# ---------------------------------------------------------------------------------------- explain


def test_explain_finds_a_stored_article_by_its_address(filled: Desk) -> None:
    said = filled.run("explain", "https://one.example/0").stdout
    assert "Port matches by line 9: puerto, Chancay" in said
    assert filled.run("explain", "https://one.example/99").exit_code == 3
    assert "avizor why-not https://one.example/99" in filled.run("explain", "https://one.example/99").stderr


def test_explain_takes_the_day_of_a_headline(filled: Desk) -> None:
    said = filled.run("explain", "Boluarte en Chancay", "--date", "2019-05-05").stdout
    assert "Port matches by line 11: Boluarte, Chancay" in said
    assert "does not match" in filled.run("explain", "Boluarte en Chancay").stdout
    assert "yesterday is no day" in filled.run("explain", "x", "--date", "yesterday").stderr


def test_explain_reads_a_headline_without_its_markup(filled: Desk) -> None:
    assert "Port matches" in filled.run("explain", "El <b>puerto</b> de&nbsp;Chancay").stdout


# ------------------------------------------------------------------------------------------- lint


def test_check_advises_on_what_is_in_order(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    result = desk.run("check")
    assert result.exit_code == 0
    advice = [line for line in result.stderr.splitlines() if line.startswith("advice")]
    zh = "1:1: languages: names zh, and no term is written in Chinese. "
    zh += "Add the names in Chinese, or take zh out."
    port = (
        "5:1: $place: port is found by port* anyway; ports is found by port* anyway. Leave out the narrower."
    )
    ship = "6:1: $ship has English words, and none in es. Add what papers in that language write."
    name = "13:1: name:Rubio: a name without a period, though other items of the file have one. "
    mend = "Give it from: and until:, if its time in the topic ends."
    told = [line.removeprefix("advice lists/port.yaml:") for line in advice]
    assert told == [zh, port, ship, name + mend]
    assert not (tmp_path / "data").exists()
    assert desk.run("check", "--no-advice").stderr.count("advice") == 0
    assert all(one["severity"] != "advice" for one in json.loads(desk.run("check", "--json").stdout))
    found = json.loads(desk.run("check", "--json", "--advice").stdout)
    assert sum(one["severity"] == "advice" for one in found) == 4


def test_check_counts_terms_in_the_archive(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linting, "ENOUGH", 3)
    advice = filled.run("check").stderr
    assert "$place: never found in the 9 articles of its feeds since" in advice
    assert ": port, ports, port*, megapuerto" in advice
    assert "lists/port.yaml:13:1: never found in" in advice
    monkeypatch.setattr(linting, "TOO_MUCH", 0.0)
    text = (filled.top / "lists" / "port.yaml").read_text(encoding="utf-8")
    (filled.top / "lists" / "port.yaml").write_text(text.replace("- huelga", "- Chancay"), encoding="utf-8")
    try:
        assert "stands alone and is in very many of the 9 articles" in filled.run("check").stderr
    finally:
        (filled.top / "lists" / "port.yaml").write_text(text, encoding="utf-8")


def test_few_articles_say_nothing_about_a_term(filled: Desk) -> None:
    assert "never found" not in filled.run("check").stderr


@pytest.mark.slow
def test_a_database_of_a_newer_version_does_not_stop_the_check(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.poll("Nada")
    with sqlite3.connect(tmp_path / "data" / "avizor.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    result = desk.run("check")
    assert "The stored articles were not looked at" in result.stderr
    assert result.exit_code == 0

"""An edited watchlist is tried over the stored articles: what it gains and loses, and the alerts per week."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from service.cli import app, show
from service.domain import Entry, Evidence, Feed, FeedSource, Match, TextField
from service.pipeline import AtWork, Share, run_backtest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from typer.testing import Result

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEEDS = {1: Feed(1, FeedSource("https://d.example/f", "D", "Diario"), NOW)}


def _entry(number: int, title: str, seen: datetime, **facts: Any) -> Entry:  # noqa: ANN401 -- any fact of an entry
    known: dict[str, Any] = {"published_at": seen, "language": "es", "outlet": "Diario", "feed_id": 1}
    named = {"url": "", "canonical_url": f"u{number}", "title": title, "summary": "", "first_seen_at": seen}
    return Entry(**{"id": number, **named, **known, **facts})


def _finds(*words: str) -> Callable[[Entry, Feed], Sequence[Match]]:
    def match(entry: Entry, _: Feed) -> list[Match]:
        found = [word for word in words if word in entry.title]
        evidence = tuple(Evidence(word, TextField.TITLE, 0, len(word), 5) for word in found)
        return [Match(entry, "port", "v", evidence)] if found else []

    return match


def _side(*words: str) -> AtWork:
    return AtWork(_finds(*words))


def test_gains_and_losses_are_told_by_language_and_outlet() -> None:
    page = [
        _entry(1, "puerto uno", NOW - DAY),
        _entry(2, "muelle dos", NOW - DAY, language="en-US", outlet="Wire"),
        _entry(3, "buque tres", NOW - DAY),
        _entry(4, "receta", NOW - DAY),
        _entry(5, "muelle de una fuente que no hay mas", NOW - DAY, feed_id=9),
    ]
    found = run_backtest([page], FEEDS, _side("puerto", "buque"), _side("puerto", "muelle"), until=NOW)
    assert (found.entries, found.matched_before, found.matched_after) == (5, 2, 2)
    assert [match.entry.id for match in found.gained] == [2]
    assert [match.entry.id for match in found.lost] == [3]
    assert found.gained[0].evidence[0].term == "muelle"
    assert found.languages == (Share("en", 0, 1, 1, 0), Share("es", 2, 1, 0, 1))
    assert found.outlets == (Share("Diario", 2, 1, 0, 1), Share("Wire", 0, 1, 1, 0))


@pytest.mark.parametrize("later", [timedelta(0), HOUR])
def test_what_came_at_the_very_end_or_by_a_clock_set_back_since_is_of_the_last_week(later: timedelta) -> None:
    page = [_entry(1, "puerto uno", NOW + later)]
    found = run_backtest([page], FEEDS, _side(), _side("puerto"), until=NOW)
    assert [(week.begins_at, week.before, week.after) for week in found.weeks] == [(NOW - 7 * DAY, 0, 1)]


def test_a_version_beside_itself_is_tried_once_and_nothing_is_gained_or_lost() -> None:
    asked: list[int] = []

    def match(entry: Entry, feed: Feed) -> Sequence[Match]:
        asked.append(entry.id)
        return _finds("puerto")(entry, feed)

    page = [_entry(1, "puerto uno", NOW - DAY), _entry(2, "receta", NOW - DAY)]
    side = AtWork(match)
    found = run_backtest([page], FEEDS, side, side, until=NOW)
    assert asked == [1, 2]
    assert (found.matched_before, found.matched_after, found.gained, found.lost) == (1, 1, (), ())
    assert found.alerts_before == found.alerts_after == 1


def test_alerts_are_counted_as_polling_would_have_told_them_by_week() -> None:
    strike = "Estibadores del puerto inician huelga indefinida"
    pages = [
        [_entry(1, strike, NOW - 15 * DAY), _entry(2, f"{strike} hoy", NOW - 15 * DAY + HOUR)],
        [_entry(3, f"{strike}: gremio", NOW - 14 * DAY + HOUR)],
        [
            _entry(4, "puerto viejo", NOW - DAY, published_at=NOW - 40 * DAY),
            _entry(5, "puerto sin fecha", NOW - DAY, published_at=None, from_baseline=True),
            _entry(6, strike, NOW - DAY),
            _entry(7, "otra cosa del puerto", NOW - HOUR),
        ],
    ]
    found = run_backtest(pages, FEEDS, _side("huelga"), _side("puerto"), until=NOW)
    assert [(week.before, week.after) for week in found.weeks] == [(1, 1), (0, 0), (1, 2)]
    assert (found.alerts_before, found.alerts_after) == (2, 3)
    assert (found.alerts_per_week_before, found.alerts_per_week_after) == (0.9, 1.4)
    assert found.weeks[-1].begins_at == NOW - 7 * DAY


def test_a_reader_is_told_of_an_event_that_began_with_a_held_report() -> None:
    strike = "Estibadores del puerto inician huelga indefinida"
    page = [
        _entry(1, strike, NOW - 2 * DAY, published_at=NOW - 4 * DAY, from_baseline=True),
        _entry(2, f"{strike} hoy", NOW - DAY),
    ]
    assert run_backtest([page], FEEDS, _side(), _side("puerto"), until=NOW).alerts_after == 1


def test_an_empty_archive_gives_an_empty_comparison() -> None:
    found = run_backtest([], FEEDS, _side("a"), _side("a"), until=NOW)
    assert (found.since, found.entries, found.weeks, found.alerts_per_week_after) == (None, 0, (), 0.0)


# ------------------------------------------------------------------------------------- as typed


WATCHLIST = "title: Port\nlanguages: [es]\nmatch:\n  any:\n    - puerto de Chancay\n"
EDITED = WATCHLIST.replace("puerto de Chancay", "muelle") + "    - Callao\n"


@dataclass
class Desk:
    """A user's folder with stored articles, and the commands as typed there."""

    folder: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def save(self, text: str, name: str = "watchlists/port.yaml") -> Path:
        """Save a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def feed(self, *titles: str) -> None:
        """Write a feed file of these headlines and poll it."""
        date = format_datetime(datetime.now(UTC) - HOUR)
        items = "".join(
            f"<item><title>{title}</title><guid>{title}</guid><pubDate>{date}</pubDate></item>"
            for title in titles
        )
        head = "<title>D</title><link>https://d.example/</link>"
        self.save(f"<rss version='2.0'><channel>{head}{items}</channel></rss>", "feeds/diario.xml")
        self.poll()

    def poll(self) -> Result:
        """Poll the feed files."""
        return self.run("poll", "--from", str(self.folder / "feeds"))

    def run(self, *words: str) -> Result:
        """Run a command of avizor."""
        environment = {"AVIZOR_DATA_DIR": str(self.folder / "data")}
        return self.runner.invoke(app, list(words), env=environment)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(show.out, "width", 200)
    made = Desk(tmp_path)
    made.save(WATCHLIST)
    return made


def test_a_draft_anywhere_is_compared_with_the_version_in_force(desk: Desk) -> None:
    desk.feed("Crece el puerto de Chancay", "Obras en el muelle\x1b[31m sur", "Receta")
    draft = desk.save(EDITED, "drafts/port.yaml")
    result = desk.run("backtest", str(draft))
    assert result.exit_code == 0, result.output
    assert "Port against the version in force, over 3 articles" in result.stdout
    assert "It gains 1 and loses 1: 1 matched before, 1 after." in result.stdout
    assert "Alerts to a reader of all of it: 1 before, 1 after; 1.0 and 1.0 a week." in result.stdout
    gained, lost = result.stdout.split("gained:")[1].split("lost:")
    assert "Obras en el muelle" in gained
    assert "muelle (line 5)" in gained
    assert "\x1b[31m" not in gained
    assert "Crece el puerto de Chancay" in lost
    assert "comparing" in result.stderr
    answer = json.loads(desk.run("backtest", str(draft), "--json").stdout)
    assert [one["entry"]["title"] for one in answer["result"]["lost"]] == ["Crece el puerto de Chancay"]
    assert answer["watchlist_id"] == "port"


def test_a_file_saved_in_place_is_compared_with_the_version_it_replaced(desk: Desk) -> None:
    desk.feed("Crece el puerto de Chancay", "Obras en el muelle sur")
    path = desk.save(EDITED)
    desk.poll()
    result = desk.run("backtest", str(path))
    assert "Port against the version before it, last put in force" in result.stdout
    assert "It gains 1 and loses 1" in result.stdout


def test_a_first_version_is_compared_with_itself_and_a_new_watchlist_gains_everything(desk: Desk) -> None:
    desk.feed("Crece el puerto de Chancay")
    result = desk.run("backtest", str(desk.folder / "watchlists" / "port.yaml"))
    assert "Port against itself: it is in force, and no other version is known" in result.stdout
    assert "It gains 0 and loses 0" in result.stdout
    draft = desk.save(WATCHLIST.replace("Port", "Harbour"), "drafts/harbour.yaml")
    result = desk.run("backtest", str(draft))
    assert "Harbour against nothing: there is no such watchlist yet" in result.stdout
    assert "It gains 1 and loses 0" in result.stdout


def test_a_file_in_place_that_is_not_yet_in_force_is_compared_with_what_is(
    desk: Desk,
) -> None:
    desk.feed("Crece el puerto de Chancay", "Obras en el muelle sur")
    result = desk.run("backtest", str(desk.save(EDITED)))
    assert "Port against the version before it" in result.stdout


def test_a_file_with_a_fault_or_a_wrong_name_is_refused_and_nothing_is_compared(desk: Desk) -> None:
    for name, text in (("port.yaml", "title: Port\nmatch: ["), ("Port 2.yaml", WATCHLIST)):
        result = desk.run("backtest", str(desk.save(text, f"drafts/{name}")))
        assert result.exit_code == 1
        assert name in result.stderr
        assert result.stdout == ""


def test_nothing_stored_in_that_time_is_said_and_a_misspelt_span_is_refused(desk: Desk) -> None:
    draft = str(desk.save(EDITED, "drafts/port.yaml"))
    assert "There are no stored articles in that time" in desk.run("backtest", draft, "--since", "2w").stdout
    assert desk.run("backtest", draft, "--since", "2 months").exit_code == 2


def test_long_lists_end_at_the_limit_and_say_so(desk: Desk) -> None:
    desk.feed(*(f"El muelle {word}" for word in ("norte", "sur", "este")))
    result = desk.run("backtest", str(desk.save(EDITED, "drafts/port.yaml")), "--limit", "2")
    assert result.stdout.count("El muelle") == 2
    assert "2 of 3; --limit shows more" in result.stderr


def test_a_poll_searches_stored_articles_for_a_watchlist_that_was_changed_with_a_bar(desk: Desk) -> None:
    desk.feed("Crece el puerto de Chancay", "Obras en el muelle sur")
    desk.save(EDITED)
    assert "searching stored articles for port" in desk.poll().stderr
    assert "held: found-later" in desk.run("events").stdout
    assert "searching stored articles" not in desk.poll().stderr

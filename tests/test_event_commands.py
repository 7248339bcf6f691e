"""`avizor event` and `avizor replay` as an operator types them, beside a store that a service has filled."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from service.cli import app

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

WATCHLIST = "title: Port\nlanguages: [es]\nmatch:\n  any: [puerto]\n"
STRIKE = "Huelga indefinida paraliza el puerto por salarios"
STRIKE_TOO = "Trabajadores del puerto inician huelga indefinida por salarios"
QUAKE = "Fuerte sismo derrumba almacenes del puerto"


@dataclass
class Desk:
    """An operator's folder, and the commands as typed there."""

    folder: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def feed(self, *titles: str) -> None:
        """Write a feed file of these headlines, poll it, and see that nothing went wrong."""
        date = format_datetime(datetime.now(UTC) - timedelta(minutes=5))
        items = "".join(
            f"<item><title>{title}</title><guid>{title}</guid><pubDate>{date}</pubDate></item>"
            for title in titles
        )
        (self.folder / "feeds").mkdir(exist_ok=True)
        document = f"<rss version='2.0'><channel><title>D</title><link>https://d.example/</link>{items}</channel></rss>"
        (self.folder / "feeds" / "diario.xml").write_text(document)
        assert self.type("poll", "--from", str(self.folder / "feeds")).exit_code == 0

    def type(self, *words: str) -> Result:
        """Type a command."""
        environment = {
            "AVIZOR_WATCHLISTS": str(self.folder / "watchlists"),
            "AVIZOR_DATA_DIR": str(self.folder / "data"),
        }
        return self.runner.invoke(app, list(words), env=environment)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Give the events as a script gets them, the largest first."""
        found = json.loads(self.type("events", "--json").stdout)
        return sorted(found, key=lambda view: -view["event"]["reports"])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST)
    desk = Desk(tmp_path)
    desk.feed(STRIKE, STRIKE_TOO, QUAKE)
    return desk


@pytest.mark.slow
def test_an_operator_merges_splits_and_renames_events(desk: Desk) -> None:
    strike, quake = (view["event"]["id"] for view in desk.events)
    merged = desk.type("event", "merge", strike, quake)
    assert f"{strike} has 3 reports now" in merged.stdout
    [view] = desk.events
    entry = next(one["entry"]["id"] for one in view["reports"] if one["entry"]["title"] == QUAKE)
    split = desk.type("event", "split", strike, str(entry))
    assert f"with 1 of them, is an event of its own: {QUAKE}" in split.stdout
    renamed = desk.type("event", "rename", strike, "La huelga")
    assert "is called: La huelga" in renamed.stdout
    assert [view["event"]["title"] for view in desk.events] == ["La huelga", QUAKE]
    assert desk.type("audit").exit_code == 0


def test_what_cannot_be_done_is_said_in_one_line(desk: Desk) -> None:
    refused = desk.type("event", "merge", "nowhere", "nobody")
    assert refused.exit_code == 3
    assert "there is no event nowhere" in refused.output


def test_a_replay_counts_alerts_by_watchlist(desk: Desk) -> None:
    replayed = json.loads(desk.type("replay", "--json", "--since", "7d").stdout)
    assert [(one["watchlist_id"], one["matches"], one["events"]) for one in replayed] == [("port", 3, 2)]
    table = desk.type("replay")
    assert table.exit_code == 0
    assert "port" in table.stdout
    unknown = desk.type("replay", "--watchlist", "ports")
    assert unknown.exit_code == 3
    assert "there is no watchlist ports" in unknown.output

"""`avizor forms` lists what `forms:` finds: forms seen in the archive and watchlists, and made by rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.cli import forms as command
from service.domain import FeedGroup, FeedSource, ParsedEntry
from service.store import Store
from service.text import inflections

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WATCHLIST = """\
title: Vote
match:
  any:
    - (elecciones OR title:elección) AND Chile AND NOT comicios
    - elección NEAR/3 (voto OR votos)
    - ATLEAST/2 elecciones
    - elecciones NOT NEAR/2 FIFA
    - all: [lang:es, Elecciones]
examples:
  match: ["Chile: elecciones en noviembre"]
"""
TITLES = (
    "Elecciones en Chile",
    "ELECCIONES: la elección de noviembre",
    "Las eleccio\u0301n y el electorado #Elecciones2025",
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "vote.yaml").write_text(WATCHLIST, encoding="utf-8")
    monkeypatch.setenv("AVIZOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("AVIZOR_WATCHLISTS", str(tmp_path / "watchlists"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'avizor.db'}")
    source = FeedSource("https://d.example/rss", "Diario", "Diario", "CL", "es", FeedGroup.WIRE)
    store.feeds.sync([source], first_poll_at=lambda host: NOW)
    [feed] = store.feeds.list_by_url([source.url])
    parsed = [
        ParsedEntry(str(at), f"https://d.example/{at}", title, "Los electores.", NOW, "es")
        for at, title in enumerate(TITLES)
    ]
    with store.batch(NOW) as batch:
        batch.keep_unseen(feed, parsed)
    store.close()
    return tmp_path


def _forms(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["forms", *arguments])


@pytest.mark.usefixtures("desk")
def test_forms_are_counted_in_the_archive_and_in_watchlists() -> None:
    told = json.loads(_forms("elección", "--lang", "es", "--json").stdout)
    assert told["entries"] == 3
    [spanish] = told["languages"]
    assert (spanish["word"], spanish["language"], spanish["is_known"]) == ("elección", "es", True)
    assert spanish["forms"] == [
        {"form": "elecciones", "archive": 3, "watchlists": 5, "by_rule": True},
        {"form": "elección", "archive": 2, "watchlists": 2, "by_rule": True},
    ]


@pytest.mark.usefixtures("desk")
def test_a_list_for_people_says_what_was_read_and_what_was_made() -> None:
    told = _forms("votar", "--lang", "es").stdout
    rows = [line.split() for line in told.splitlines()]
    assert ["es", "voto", "1", "yes"] in rows, told
    assert ["votaron", "yes"] in rows
    assert "Read in the archive: 3 entries." in told
    assert "may be no word" in told


@pytest.mark.usefixtures("desk")
def test_without_a_language_it_asks_the_three_that_forms_has() -> None:
    told = json.loads(_forms("tribunal", "--json").stdout)
    assert [one["language"] for one in told["languages"]] == ["es", "en", "pt"]
    assert [form["form"] for form in told["languages"][2]["forms"]] == ["tribunais", "tribunal"]


@pytest.mark.usefixtures("desk")
def test_a_language_without_inflections_says_so() -> None:
    told = _forms("elección", "--lang", "zh").stdout
    assert "No inflections are known for zh: the word itself is found." in told


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("puerto de Chancay",), "puerto de Chancay is not one word"),
        (("elección", "--lang", "spanish"), "spanish: this language is unknown"),
        (("!",), "! is not one word"),
    ],
)
def test_what_has_no_forms_is_refused(arguments: tuple[str, ...], message: str) -> None:
    told = _forms(*arguments)
    assert told.exit_code == 3
    assert message in told.output


@pytest.mark.usefixtures("desk")
def test_only_the_newest_entries_are_read_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MOST_ENTRIES", 2)
    monkeypatch.setattr(command, "_MOST_CHUNKS", 1)
    told = json.loads(_forms("elección", "--lang", "es", "--json").stdout)
    assert told["entries"] == 2


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("es", "elecciones", "elección elecciones"),
        ("es", "ELECCIÓN", "elección elecciones"),
        ("es", "jueces", "juez jueces"),
        ("es", "países", "país países"),
        ("es", "crímenes", "crimen crímenes"),
        ("es", "inglés", "inglés inglesa inglesas ingleses"),
        ("es", "club", "club clubes clubs"),
        ("es", "gobernador", "gobernador gobernadora gobernadoras gobernadores"),
        ("es", "crisis", "crisi crisis"),
        ("pt", "eleições", "eleição eleições"),
        ("pt", "tribunais", "tribunais tribunal"),
        ("pt", "fácil", "fáceis fácil"),
        ("pt", "homens", "homem homens"),
        ("pt", "português", "portuguesa portuguesas portugueses português"),
        ("en", "vote", "vote voted votes voting"),
        ("en", "ban", "ban banned banning bans"),
        ("en", "women", "woman women"),
        ("en", "elección", "elección"),
        ("de", "Wahl", "wahl"),
        ("zh", "港", "港"),
        ("pt", "gol", "gol góis"),
    ],
)
def test_inflections_are_regular_and_share_a_stem(language: str, word: str, expected: str) -> None:
    assert " ".join(sorted(inflections(word, language))) == " ".join(sorted(expected.split()))


def test_a_verb_has_its_regular_forms() -> None:
    assert {"votan", "votó", "votaron", "votará", "votando"} <= inflections("votar", "es")
    assert {"votam", "votou", "votaram", "votando"} <= inflections("votar", "pt")
    assert inflections("ir", "es") == {"ir"}

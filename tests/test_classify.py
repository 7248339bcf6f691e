"""A file of headlines is labelled line by line, and held against the right answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from service.cli import app

if TYPE_CHECKING:
    from pathlib import Path

PORT = """\
title: Port
match: {any: [puerto de Chancay, 钱凯港]}
"""
VOTE = """\
title: Vote
match:
  any:
    - expr: Kast AND campaña
      from: 2025-01-01
      until: 2025-12-14
    - lang:pt AND eleições
    - source:andina AND country:PE
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "lists"
    made.mkdir()
    (made / "port.yaml").write_text(PORT, encoding="utf-8")
    (made / "vote.yaml").write_text(VOTE, encoding="utf-8")
    return made


def _classify(folder: Path, lines: list[object], *more: str) -> Result:
    file = folder.parent / "headlines.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return CliRunner().invoke(app, ["classify", str(file), "--watchlists", str(folder), *more])


def _labels(result: Result) -> list[object]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_headline_gets_one_line_in_the_order_of_the_file(folder: Path) -> None:
    result = _classify(
        folder,
        [
            {"id": "b", "title": "El puerto de Chancay crece"},
            {"id": 7, "title": "Otra cosa"},
            {"id": "a", "title": "Nuevo récord", "summary": "En el puerto de Chancay, Kast hace campaña."},
        ],
    )
    assert _labels(result) == [
        {"id": "b", "labels": ["port"]},
        {"id": 7, "labels": []},
        {"id": "a", "labels": ["port", "vote"]},
    ]
    assert result.exit_code == 0


def test_a_period_counts_on_the_day_of_the_headline(folder: Path) -> None:
    title = "Kast lanza su campaña"
    days = ["2024-12-31", "2025-01-01", "2025-12-14T23:00:00Z", "2025-12-15"]
    found = _labels(_classify(folder, [{"id": day, "title": title, "date": day} for day in days]))
    assert found == [
        {"id": day, "labels": labels} for day, labels in zip(days, [[], ["vote"], ["vote"], []], strict=True)
    ]


@pytest.mark.parametrize(
    ("written", "labels"),
    [("2025", ["vote"]), ("2024", []), ("2025-12", ["vote"]), ("2026-01", []), ("", ["vote"])],
)
def test_a_date_that_names_no_day_stands_for_each_of_its_days(
    folder: Path, written: str, labels: list[str]
) -> None:
    headline = {"id": 1, "title": "Kast lanza su campaña", "date": written}
    assert _labels(_classify(folder, [headline])) == [{"id": 1, "labels": labels}]


def test_language_outlet_and_country_are_facts_of_the_headline(folder: Path) -> None:
    found = _labels(
        _classify(
            folder,
            [
                {"id": 1, "title": "Eleições", "lang": "pt"},
                {"id": 2, "title": "Eleições", "lang": "es"},
                {"id": 3, "title": "Nada", "source": "Andina", "country": "PE"},
            ],
        )
    )
    assert found == [{"id": 1, "labels": ["vote"]}, {"id": 2, "labels": []}, {"id": 3, "labels": ["vote"]}]


def test_markup_of_a_headline_is_no_part_of_it(folder: Path) -> None:
    headline = {"id": 1, "title": "El <b>puerto</b> de&nbsp;Chancay"}
    assert _labels(_classify(folder, [headline])) == [{"id": 1, "labels": ["port"]}]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "this line is no JSON object"),
        ("[" * 100_000, "this line is no JSON object"),
        ('["a"]', "this line is no JSON object"),
        ('{"title": "x"}', "the headline has no id"),
        ('{"id": 1, "title": null}', "the headline has no title"),
        ('{"id": 1, "title": "x", "lang": 3}', "lang is no text"),
        (
            '{"id": 1, "title": "x", "date": "yesterday"}',
            "yesterday is no date like 2026-03-11, 2026-03 or 2026",
        ),
        ('{"id": 1, "title": "x", "date": "2026-02-30"}', "2026-02-30 is no day of the calendar"),
        (
            '{"id": 1, "title": "x", "group": "state"}',
            (
                "state is no group of feeds; they are wire, independent, state-media, government, "
                "think-tank, search"
            ),
        ),
        ('{"id": 1, "title": "x", "date": "2026-13"}', "2026-13 is no month of the calendar"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_are_labelled(
    folder: Path, line: str, words: str
) -> None:
    result = _classify(
        folder, [{"id": "x", "title": "puerto de Chancay"}, line, {"id": "y", "title": "nada"}]
    )
    assert _labels(result) == [{"id": "x", "labels": ["port"]}, {"id": "y", "labels": []}]
    assert f"headlines.jsonl:2:1: {words}." in result.stderr
    assert result.exit_code == 1


def test_a_refused_watchlist_is_named_and_the_others_label(folder: Path) -> None:
    (folder / "bad.yaml").write_text("title: Bad\nmatch: {any: [a NEAR b]}\n", encoding="utf-8")
    result = _classify(folder, [{"id": 1, "title": "puerto de Chancay"}])
    assert _labels(result) == [{"id": 1, "labels": ["port"]}]
    assert "lists/bad.yaml:2:17:" in result.stderr
    assert result.exit_code == 1


GOLD = [
    {"id": 1, "title": "puerto de Chancay", "lang": "es", "gold": ["port"]},
    {"id": 2, "title": "钱凯港", "lang": "zh", "gold": "port"},
    {"id": 3, "title": "puerto de Chancay otra vez", "lang": "es", "gold": []},
    {"id": 4, "title": "el puerto que falta", "gold": ["port"]},
]


def test_the_right_answers_give_scores_by_watchlist_and_language(folder: Path) -> None:
    found = json.loads(_classify(folder, list(GOLD), "--gold", "gold", "--json").stdout)
    rows = {(row["watchlist"], row["language"]): row for row in found["scores"]}
    assert set(rows) == {("port", "all"), ("port", "es"), ("port", "zh"), ("port", "?")}
    every = rows["port", "all"]
    assert (every["right"], every["missed"], every["false"]) == (2, 1, 1)
    assert (every["precision"], every["recall"], every["f1"]) == (0.6667, 0.6667, 0.6667)
    assert rows["port", "?"]["recall"] == rows["port", "?"]["f1"] == 0
    assert [one["id"] for one in found["missed"]] == [4]
    assert [one["id"] for one in found["false"]] == [3]


def test_the_scores_are_printed_as_a_table_with_what_went_wrong(folder: Path) -> None:
    shown = _classify(folder, list(GOLD), "--gold", "gold").stdout
    assert "port       all           2       1      1      0.667   0.667  0.667" in shown
    assert "1 missed" in shown
    assert "el puerto que falta" in shown
    assert "1 false alerts" not in shown
    assert "1 false alert" in shown


def test_a_headline_without_right_answers_ends_the_count(folder: Path) -> None:
    result = _classify(folder, [{"id": 9, "title": "x"}], "--gold", "labels")
    assert "the headline 9 has no list of labels in its field labels" in result.stderr
    assert result.exit_code == 3


def test_without_a_folder_the_watchlists_in_force_label(folder: Path) -> None:
    file = folder.parent / "headlines.jsonl"
    file.write_text('{"id": 1, "title": "puerto de Chancay"}\n', encoding="utf-8")
    environment = {"AVIZOR_WATCHLISTS": str(folder)}
    result = CliRunner().invoke(app, ["classify", str(file)], env=environment)
    assert _labels(result) == [{"id": 1, "labels": ["port"]}]

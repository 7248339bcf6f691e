"""Every rule of the language, on one headline each: asked directly, and from a YAML file to a label."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.match import Item, Matcher, Query, Rule, parse_expression
from service.text import plain_text
from service.watchlists.yaml_faults import in_quotes
from tests.language_cases import CASES, Case
from tests.test_matcher import entry

if TYPE_CHECKING:
    from pathlib import Path


def _parts(case: Case) -> tuple[str, str, str, bool]:
    expression, title, *text, should_match = case
    return str(expression), str(title), str(text[0]) if text else "", bool(should_match)


def test_there_are_hundreds_of_them_and_none_stands_twice() -> None:
    asked = [_parts(case)[:3] for case in CASES]
    assert len(asked) >= 350
    assert [one for one in asked if asked.count(one) > 1] == []


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_an_expression_finds_what_it_says(case: Case) -> None:
    expression, title, text, should_match = _parts(case)
    rule = Rule((Item(parse_expression(expression), 1),))
    found = Matcher([Query("topic", "v1", rule)]).match(entry(plain_text(title), plain_text(text)))
    assert bool(found) is should_match


@pytest.mark.slow
def test_a_file_of_headlines_is_labelled_by_the_same_rules(tmp_path: Path) -> None:
    folder = tmp_path / "watchlists"
    folder.mkdir()
    ids = {expression: f"case-{number}" for number, expression in enumerate({case[0]: 0 for case in CASES})}
    for expression, name in ids.items():
        content = f"title: {name}\nmatch:\n  any:\n    - {in_quotes(expression)}\n"
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    headlines = tmp_path / "headlines.jsonl"
    facts = {"lang": "es-PE", "country": "PE", "source": "El Diario", "group": "state-media"}
    with headlines.open("w", encoding="utf-8") as file:
        for number, case in enumerate(CASES):
            _, title, text, _ = _parts(case)
            print(json.dumps({"id": number, "title": title, "summary": text, **facts}), file=file)
    told = CliRunner().invoke(app, ["classify", str(headlines), "--watchlists", str(folder)])
    assert told.exit_code == 0
    labels = {line["id"]: line["labels"] for line in map(json.loads, told.stdout.splitlines())}
    wrong = [
        case for number, case in enumerate(CASES) if (ids[case[0]] in labels[number]) is not _parts(case)[3]
    ]
    assert wrong == []

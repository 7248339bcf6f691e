"""`avizor import-query`: what an analyst sees of a query that is carried over, or not."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.watchlists import load_watchlists


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["import-query", *arguments], input=stdin)


def test_the_translation_alone_goes_to_standard_output() -> None:
    done = run("--from", "meltwater", "chancay NEAR/4 (port OR puerto)")
    assert (done.exit_code, done.stdout) == (0, "chancay NEAR/5 (port OR puerto)\n")


def test_a_note_points_at_its_place() -> None:
    done = run("--from", "meltwater", "chancay NEAR/4 port")
    said, query, carets = done.stderr.strip("\n").split("\n")
    assert said.startswith("note NEAR/n allows n words between there")
    assert query == "  chancay NEAR/4 port"
    assert carets == "          ^^^^^^"


def test_what_has_no_equivalent_is_refused_and_nothing_is_printed_as_if_right() -> None:
    done = run("--from", "factiva", "chancay and re=peru and cosco same port")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.count("no equivalent") == 2
    assert "re= searches the region an article is about. Write the names of places" in done.stderr
    assert "  chancay and re=peru and cosco same port\n              ^^^\n" in done.stderr


def test_carets_stand_under_wide_characters_and_far_into_a_long_query() -> None:
    query = f"{'palabra or ' * 30}钱凯港 % cosco"
    done = run("--from", "factiva", query)
    _, shown, carets = done.stderr.strip("\n").split("\n")
    assert "钱凯港 % cosco" in shown
    cells = sum(2 if ord(letter) > 0x2E80 else 1 for letter in shown[: shown.index("%")])
    assert carets == " " * cells + "^"


def test_a_query_of_several_lines_is_read_from_standard_input() -> None:
    done = run("--from", "nexis", "-", stdin="puerto w/5 chancay\n  and hlead(cosco)\n")
    assert done.exit_code == 1
    assert "  puerto w/5 chancay   and hlead(cosco)\n" in done.stderr
    done = run("--from", "nexis", "-", stdin="puerto w/5 chancay\n  and cosco\n")
    assert (done.exit_code, done.stdout) == (0, "puerto NEAR/5 chancay AND cosco\n")


def test_a_whole_watchlist_is_printed_ready_to_save(tmp_path: Path) -> None:
    query = '"puerto de Chancay" or (chancay near5 cosco) or d\'Onofrio'
    done = run("--from", "factiva", query, "--yaml", "chancay-port")
    assert done.exit_code == 0
    (tmp_path / "chancay-port.yaml").write_text(done.stdout, encoding="utf-8")
    loaded = load_watchlists(tmp_path)
    assert loaded.problems == ()
    [watchlist] = loaded.watchlists
    assert watchlist.title == "Chancay Port"
    assert len(watchlist.query.rule.any) == 3
    assert f"# From Factiva: {query}\n" in done.stdout


def test_a_watchlist_keeps_the_notes_as_comments() -> None:
    done = run("--from", "google", "us OR\u2028china\x07", "--yaml", "us-china")
    assert "# From Google Alerts: us OR china?\n" in done.stdout
    assert "# Note: us also finds the common word in small letters." in done.stdout


def test_no_watchlist_is_printed_of_what_has_no_equivalent() -> None:
    done = run("--from", "factiva", "hlp=chancay", "--yaml", "chancay-port")
    assert (done.exit_code, done.stdout) == (1, "")


def test_an_id_that_is_none_is_misspelt() -> None:
    done = run("--from", "factiva", "chancay", "--yaml", "Chancay Port")
    assert done.exit_code == 2
    assert "small letters, digits and hyphens" in done.stderr


def test_a_script_reads_json() -> None:
    done = run("--from", "google", "oil AROUND(2) gas site:x.example", "--json", "--yaml", "oil")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["origin"], told["expression"], told["watchlist"]) == ("google", "", "")
    [refusal] = told["refusals"]
    assert (refusal["start"], refusal["end"]) == (18, 23)
    assert refusal["message"].startswith("site: keeps to the pages")
    done = run("--from", "google", "oil AROUND(2) gas", "--json", "--yaml", "oil")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["expression"], told["refusals"]) == (0, "oil NEAR/3 gas", [])
    assert told["watchlist"].endswith("    - 'oil NEAR/3 gas'\n")


def test_a_service_that_is_unknown_is_misspelt() -> None:
    assert run("--from", "ebsco", "chancay").exit_code == 2


def test_the_manual_shows_what_is_printed() -> None:
    manual = Path("docs/manual.md").read_text(encoding="utf-8")
    [shown] = [
        block for block in re.findall(r"```console\n(.*?)```", manual, re.DOTALL) if "import-query" in block
    ]
    for command, printed in re.findall(
        r"^\$ avizor import-query (.*)\n((?:(?!\$ ).*\n)+)", shown, re.MULTILINE
    ):
        done = run(*shlex.split(command))
        assert done.stdout + done.stderr == printed

"""Everything that is refused, with the exact line, column, message and mend that an analyst reads.

What cannot be read as YAML, or as a file at all, is tried here once more through the whole loader.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app
from service.errors import Severity
from service.watchlists import load_watchlists

PACK = "title: Peru\nfeeds:\n  - {url: 'https://diario.example/rss', title: Portada, outlet: Diario}\n"
GOOD = "title: Good\nmatch: {any: [Callao]}\n"
MATCH = "match: {any: [Callao]}\n"


def _item(written: str) -> str:
    return f"title: Topic\nmatch:\n  any:\n    - {written}\n"


Told = tuple[int, int, str, str]


def _read(block: str) -> tuple[str, str, list[Told]]:
    """Read a case of the table: what it is, the file, and line, column, message, mend of each problem."""
    name, *lines = block.strip().split("\n")
    told = re.findall(r"^> (\d+):(\d+): (.*)\n>> (.*)$", block, re.MULTILINE)
    written = [line for line in lines if not line.startswith((">> ", "> "))]
    content = "\n".join(written) + "\n"
    if written[0].startswith("item:"):
        content = _item(written[0].removeprefix("item:").strip())
    return name, content, [(int(line), int(column), message, mend) for line, column, message, mend in told]


TABLE = Path(__file__).with_name("refusals.txt").read_text(encoding="utf-8")
REFUSED = [_read(block) for block in TABLE.split("\n=== ")[1:]]

# What a table of plain text cannot hold.
NO_TEXT: list[tuple[str | bytes, int, int, str]] = [
    ("title: Topic\nmatch:\n\tany: [Callao]\n", 3, 1, "a tab stands here, and YAML counts spaces."),
    (
        "title: Topic\nmatch:\n  any:\n    - puerto\tChancay\n",
        4,
        13,
        "a tab stands here, and YAML counts spaces.",
    ),
    (b"title: Per\xfa\nmatch: {any: [Callao]}\n", 1, 11, "the byte 0xFA is not UTF-8."),
    (b"title: To\x00pic\nmatch: {any: [Callao]}\n", 1, 10, "the invisible character U+0000 stands here."),
    ("[" * 200_000, 1, 21, "brackets or indents nest deeper than 20."),
    ("", 1, 1, "the file is empty."),
    (
        "title: " + "x" * 10_000 + "\n" + MATCH,
        1,
        8,
        "the title has 10,000 characters, and 120 fit into a headline.",
    ),
    ("title: Topic\nabout: " + "x" * 1_000_000, 1, 1, "the file is over 1 MB."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watchlists"
    (made / "feeds").mkdir(parents=True)
    (made / "feeds" / "peru.yaml").write_text(PACK, encoding="utf-8")
    (made / "good.yaml").write_text(GOOD, encoding="utf-8")
    return made


def test_every_refusal_of_the_language_has_its_case() -> None:
    assert len(REFUSED) >= 100
    assert all(told for _, _, told in REFUSED)


@pytest.mark.parametrize(("what", "content", "told"), REFUSED, ids=[each[0] for each in REFUSED])
def test_it_is_refused_with_place_and_mend_and_stops_no_other(
    folder: Path, what: str, content: str, told: list[Told]
) -> None:
    (folder / "topic.yaml").write_text(content, encoding="utf-8")
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"], what
    assert loaded.ids == {"good", "topic"}
    assert {problem.file for problem in loaded.problems} == {"watchlists/topic.yaml"}
    assert [(one.line, one.column, one.message, one.mend) for one in loaded.problems] == told


@pytest.mark.slow
@pytest.mark.parametrize(("content", "line", "column", "message"), NO_TEXT)
def test_what_is_no_plain_text_is_refused_where_it_stands(
    folder: Path, content: str | bytes, line: int, column: int, message: str
) -> None:
    written = content if isinstance(content, bytes) else content.encode()
    (folder / "topic.yaml").write_bytes(written)
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    [problem] = loaded.problems
    assert (problem.line, problem.column, problem.message) == (line, column, message)
    assert problem.mend


def test_check_gives_one_object_for_each_problem(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, (_, content, _) in enumerate(REFUSED):
        (folder / f"topic-{number}.yaml").write_text(content, encoding="utf-8")
    monkeypatch.setenv("AVIZOR_WATCHLISTS", str(folder))
    monkeypatch.chdir(folder.parent)
    told = CliRunner().invoke(app, ["check", "--json"])
    assert told.exit_code == 1
    problems = json.loads(told.stdout)
    files = {problem["file"] for problem in problems}
    assert files - {"watchlists/channels.yaml"} == {
        f"watchlists/topic-{number}.yaml" for number in range(len(REFUSED))
    }
    for problem in problems:
        assert problem["line"] >= 1
        assert problem["column"] >= 1
        assert problem["message"]
        assert problem["mend"]


def test_two_files_of_one_title_are_told_apart_and_the_second_is_refused(folder: Path) -> None:
    (folder / "twin.yaml").write_text("match: {any: [Callao]}\ntitle: GOOD\n", encoding="utf-8")
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    [problem] = loaded.problems
    assert str(problem) == (
        "watchlists/twin.yaml:2:8: the title GOOD is already that of watchlists/good.yaml."
        " Give one of them another title."
    )


def test_a_shared_block_with_a_fault_refuses_the_files_that_use_it_and_no_others(folder: Path) -> None:
    (folder / "terms").mkdir()
    (folder / "terms" / "sea.yaml").write_text("terms:\n  ship: [buque, na*]\n  crew: [tripulante]\n")
    (folder / "terms" / "land.yaml").write_text("terms:\n  road: [carretera]\n")
    (folder / "road.yaml").write_text("title: Road\nmatch: {any: [$road]}\n")
    (folder / "ship.yaml").write_text("title: Ship\nmatch:\n  any:\n    - Callao AND $crew\n")
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good", "road"]
    shared, using = loaded.problems
    assert str(shared).startswith("watchlists/terms/sea.yaml:2:17: na*: na* has only 2 letters before the *.")
    assert str(using) == (
        "watchlists/ship.yaml:4:18: $crew stands in watchlists/terms/sea.yaml, which is refused."
        " Mend that file first."
    )


def test_a_watchlist_that_names_no_feeds_needs_no_packs(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    assert load_watchlists(tmp_path).problems == ()


def test_utf_8_with_a_mark_and_utf_16_are_read(folder: Path) -> None:
    (folder / "mark.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("Good", "Marca").encode())
    (folder / "wide.yaml").write_bytes(GOOD.replace("Good", "Año").encode("utf-16"))
    loaded = load_watchlists(folder)
    assert loaded.problems == ()
    assert [watchlist.title for watchlist in loaded.watchlists] == ["Good", "Marca", "Año"]


NOWHERE = " can stand nowhere: headline and text are looked at one by one."


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("a", "a is a single letter, which stands in nearly every text."),
        ("title:Kast NEAR/3 text:Jara", "title:Kast NEAR/3 text:Jara" + NOWHERE),
        ("Kast AND title:(Jara OR text:Artés)", "text:Artés" + NOWHERE),
        (
            "Kast AND NOT (title:a1 NEAR/2 (text:b1 OR text:c1))",
            "(title:a1 NEAR/2 (text:b1 OR text:c1))" + NOWHERE,
        ),
        ("text:ATLEAST/2 (title:a1 NEAR/2 b1)", "(title:a1 NEAR/2 b1)" + NOWHERE),
    ],
)
def test_what_is_hardly_meant_is_warned_of_and_loaded(folder: Path, item: str, message: str) -> None:
    (folder / "topic.yaml").write_text(_item(item), encoding="utf-8")
    loaded = load_watchlists(folder)
    assert len(loaded.watchlists) == 2
    [warning] = loaded.problems
    assert (warning.severity, warning.line, warning.column) == (Severity.WARNING, 4, 7)
    assert warning.message == message


@pytest.mark.parametrize(
    "item",
    ["港", "title:Kast NOT NEAR/3 text:Jara", "title:Kast NEAR/3 (text:Jara OR debate)", "lang:es AND x1"],
)
def test_what_may_well_be_meant_is_not_warned_of(folder: Path, item: str) -> None:
    (folder / "topic.yaml").write_text(_item(item), encoding="utf-8")
    assert load_watchlists(folder).problems == ()


# ----------------------------------------------------------------------- files that are no plain files


def _one_fault(folder: Path) -> str:
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    [problem] = loaded.problems
    return str(problem)


def test_a_link_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder.parent / "passwd").write_text("root:x:0:0\n")
    (folder / "topic.yaml").symlink_to("../passwd")
    assert _one_fault(folder) == (
        "watchlists/topic.yaml:1:1: this is a link to a file outside the folder."
        " Copy the file into the folder instead of linking to it."
    )


@pytest.mark.parametrize("target", ["topic.yaml", "nowhere.yaml"])
def test_a_link_in_a_circle_or_to_nothing_is_refused(folder: Path, target: str) -> None:
    (folder / "topic.yaml").symlink_to(target)
    told = _one_fault(folder)
    assert told.startswith("watchlists/topic.yaml:1:1: the file cannot be read: ")
    assert told.endswith(" Check that the file is there and that the service may read it.")


def test_a_folder_or_a_pipe_with_the_name_of_a_file_is_refused(folder: Path) -> None:
    mend = "Move it away, or give it a name that does not end in .yaml."
    told = f"watchlists/topic.yaml:1:1: this is not a file but a folder or a device. {mend}"
    (folder / "topic.yaml").mkdir()
    assert _one_fault(folder) == told
    (folder / "topic.yaml").rmdir()
    os.mkfifo(folder / "topic.yaml")
    assert _one_fault(folder) == told


@pytest.mark.parametrize(
    "name", ["Chancay Port.yaml", "Perú.yaml", "🚢.yaml", "a\nb.yaml", "x" * 65 + ".yaml"]
)
def test_a_file_whose_name_is_no_id_is_refused_in_one_line(folder: Path, name: str) -> None:
    (folder / name).write_text(GOOD.replace("Good", "Other"), encoding="utf-8")
    loaded = load_watchlists(folder)
    assert [watchlist.id for watchlist in loaded.watchlists] == ["good"]
    [problem] = loaded.problems
    assert "the file's name is the id, of small letters" in problem.message
    assert len(str(problem).splitlines()) == 1


def test_half_a_file_is_refused_and_editors_leftovers_are_passed_over(folder: Path) -> None:
    for name in (".topic.yaml.swp", "topic.yaml~", "topic.yaml.tmp", ".#topic.yaml", ".topic.yaml"):
        (folder / name).write_text("half", encoding="utf-8")
    assert load_watchlists(folder).problems == ()
    (folder / "topic.yaml").write_text(_item("Chancay")[:20], encoding="utf-8")
    assert "watchlists/topic.yaml:3:1: match is empty" in _one_fault(folder)


@pytest.mark.slow
def test_ten_thousand_words_and_a_thousand_files_are_read(folder: Path) -> None:
    words = ", ".join(f"palabra{number}" for number in range(10_000))
    (folder / "topic.yaml").write_text(f"title: Topic\nmatch: {{any: [{words}]}}\n", encoding="utf-8")
    for number in range(1000):
        (folder / f"n-{number}.yaml").write_text(GOOD.replace("Good", f"N{number}"), encoding="utf-8")
    loaded = load_watchlists(folder)
    assert loaded.problems == ()
    assert len(loaded.watchlists) == 1002


def test_a_nested_bomb_of_the_pattern_kind_cannot_be_written(folder: Path) -> None:
    (folder / "topic.yaml").write_text(_item("(a+)+$"), encoding="utf-8")
    assert _one_fault(folder).startswith("watchlists/topic.yaml:4:11: (a+)+$: There is no operator between")

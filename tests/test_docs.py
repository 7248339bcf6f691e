"""What the documents say is what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from service import failpoints
from service.cli import app
from service.config import PREFIX, Settings
from service.domain import HeldReason
from service.errors import ExpressionError
from service.match import Item, Matcher, Query, Rule, parse_expression
from service.watchlists import load_channels, load_feed_packs, load_watchlists
from tests.promises import PAGE, PROMISES, marked_tests, merge_rows, read_rows, write_page
from tests.test_matcher import entry

MANUAL = Path("docs/manual.md").read_text(encoding="utf-8")
DOCUMENTS = [
    Path("README.md"),
    Path("CONTRIBUTING.md"),
    Path("CHANGELOG.md"),
    *sorted(Path("docs").glob("*.md")),
]
GROUP: Any = typer.main.get_command(app)  # which the library types as a command
GROUPS = {"accounts", "event", "feeds", "mutes", "readers", "tokens"}
COMMANDS = (set(GROUP.commands) - {"event"}) | {
    f"{group} {name}" for group in GROUPS for name in GROUP.commands[group].commands
}


def _yaml_block(first_line: str) -> str:
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    [block] = [block for block in blocks if block.startswith(first_line)]
    return str(block)


def _section(title: str) -> str:
    return MANUAL.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_manual_lists_every_command_and_no_other() -> None:
    listed = re.findall(r"^\| `avizor ([a-z-]+(?: [a-z]+)?)", _section("Commands"), re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"(?:bin/|`)avizor ((?:accounts|tokens|feeds|event|mutes|readers) [a-z]+|[a-z][a-z-]+)", text
        )
    )
    assert named <= COMMANDS


def test_the_manual_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| (`AVIZOR_.*?`) \|\s*(.*?)\s*\|", _section("Settings"), re.MULTILINE))
    listed: dict[str, str] = {}
    for names, defaults in rows.items():
        values = re.findall(r"`(.*?)`", defaults) or [""]
        listed |= dict(zip(re.findall(r"AVIZOR_\w+", names), values, strict=True))
    assert listed == {PREFIX + name.upper(): str(f.default) for name, f in Settings.model_fields.items()}


def test_the_manuals_files_load_without_a_problem(tmp_path: Path) -> None:
    folder = tmp_path / "watchlists"
    (folder / "feeds").mkdir(parents=True)
    (folder / "chancay-port.yaml").write_text(_yaml_block("title: Chancay Port"), encoding="utf-8")
    for pack in ("peru", "latin-america"):
        text = _yaml_block("title: Peru").replace("diario.example", f"{pack}.example")
        (folder / "feeds" / f"{pack}.yaml").write_text(text.replace("Peru", pack), encoding="utf-8")
    (folder / "channels.yaml").write_text(_yaml_block("channels:"), encoding="utf-8")
    watchlists = load_watchlists(folder)
    packs = load_feed_packs(folder / "feeds")
    channels = load_channels(folder / "channels.yaml", lambda name: "ntfys://ntfy.example/x", watchlists.ids)
    assert (*watchlists.problems, *packs.problems, *channels.problems) == ()
    assert len(channels.subscriptions) == 2


@pytest.mark.parametrize(
    "expression",
    re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (.*?) \|", _section("Expressions"), re.MULTILINE))),
)
def test_every_expression_of_the_manual_is_understood(expression: str) -> None:
    if expression != "( )":
        parse_expression(expression, {"port": parse_expression("puerto")})


_COMPARED = re.findall(r"^\| [^|]+ \| ([^|]*) \|", _section("Coming from another service"), re.MULTILINE)


@pytest.mark.parametrize("expression", re.findall(r"`([^`]+)`", "\n".join(_COMPARED)))
def test_every_expression_of_the_comparison_is_understood(expression: str) -> None:
    parse_expression(expression)


@pytest.mark.parametrize(
    "sign", ["a1 near5 b1", "a1 w/5 b1", '"a1 b1"~5', "a1 +b1", "a1 -b1", "a1 !b1", "a1 & b1"]
)
def test_the_signs_of_other_services_are_refused_as_the_manual_says(sign: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(sign)
    assert "Write " in refused.value.mend


def test_distances_are_as_the_manual_says() -> None:
    section = _section("Coming from another service")
    assert 'In "Cosco compra el puerto" the two names are 3 apart' in section
    for expression, should_match in (("Cosco NEAR/3 puerto", True), ("Cosco NEAR/2 puerto", False)):
        assert f"`{expression}`" in section
        rule = Rule((Item(parse_expression(expression)),))
        found = Matcher([Query("topic", "v", rule)]).match(entry("Cosco compra el puerto"))
        assert bool(found) is should_match


def test_the_manual_explains_every_reason_for_holding_back() -> None:
    listed = re.findall(r"^\| ([a-z-]+) \|", _section("What is told, and what is held"), re.MULTILINE)
    assert {reason.value for reason in HeldReason} <= set(listed)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = document.parent / path if path else document
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(
        re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {one or other for one, other in named} <= targets


def test_every_room_is_in_the_design() -> None:
    design = Path("docs/design.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in Path("service").glob("*") if not path.name.startswith("_")}
    assert [room for room in rooms if f"`{room}" not in design] == []


def test_every_failpoint_is_reached_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("service").rglob("*.py"))
    assert [
        name for name in (*failpoints.NAMES, *failpoints.REMATCH_NAMES) if f'reach("{name}")' not in code
    ] == []


def test_the_page_of_promises_is_as_the_last_run_wrote_it_and_has_every_test_that_shows_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert write_page(merge_rows(read_rows(page), [], marked_tests())) == page, "run `make promises`"


def test_every_test_that_shows_a_promise_shows_one_that_is_made() -> None:
    assert {row.promise for row in marked_tests()} <= set(PROMISES)

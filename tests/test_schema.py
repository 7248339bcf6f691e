"""The schemas that editors read agree with the loader: they are current, and refuse nothing that it takes."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from service.cli import app
from service.errors import FileRefused
from service.watchlists import draft_watchlist, load_channels, load_feed_packs, load_watchlists
from service.watchlists import keys as known
from service.watchlists.draft import SCHEMA_LINE
from service.watchlists.nodes import Listing, Mapping
from service.watchlists.schema import (
    CHANNELS_FILE,
    PACK_FILE,
    TERMS_FILE,
    WATCHLIST_FILE,
    _object,
    schema_texts,
    schemas,
)
from service.watchlists.yaml_file import read_text
from tests.language_cases import CASES
from tests.test_refusals import REFUSED
from tests.test_watchlist_files import FULL, SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.watchlists.nodes import Node

FOLDER = Path(__file__).parents[1] / "watchlists"
PACKS = [path.stem for path in sorted((FOLDER / "feeds").glob("*.yaml"))]
SCHEMAS = schemas(PACKS)
MANUAL = Path("docs/manual.md").read_text(encoding="utf-8")
# What the core schema of YAML 1.2 (section 10.3.2) reads as something else than a text, unless it is quoted.
CORE: dict[str, Callable[[str], object]] = {
    r"(?:null|Null|NULL|~|)": lambda _: None,
    r"(?:true|True|TRUE|false|False|FALSE)": lambda text: text.lower() == "true",
    r"[-+]?\d+": int,
    r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?": float,
}


def _plain(node: Node) -> object:
    """Read a node as an editor does."""
    if isinstance(node, Mapping):
        return {key.value: _plain(value) for key, value in node.entries}
    if isinstance(node, Listing):
        return [_plain(item) for item in node.items]
    if not node.quoted:
        for pattern, turn in CORE.items():
            if re.fullmatch(pattern, node.value):
                return turn(node.value)
    return node.value


def _faults(content: str, schema: str = WATCHLIST_FILE) -> list[str]:
    return _faults_of(_plain(read_text(content, shown="a file").top), schema)


def _faults_of(value: object, schema: str = WATCHLIST_FILE) -> list[str]:
    return [fault.message for fault in jsonschema.Draft7Validator(SCHEMAS[schema]).iter_errors(value)]


def _manual(first_line: str) -> str:
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    return next(str(block) for block in blocks if block.startswith(first_line))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("name", "text"), schema_texts(PACKS).items())
def test_the_files_in_the_folder_are_current(name: str, text: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `avizor schema`"


def test_every_key_has_its_description_and_no_other() -> None:
    with pytest.raises(ValueError, match="tilte"):
        _object({"title": "x", "tilte": "x"}, {"title": {}})
    watchlist: Any = SCHEMAS[WATCHLIST_FILE]
    assert list(watchlist["properties"]) == list(known.WATCHLIST)
    assert all(one["description"] for one in watchlist["properties"].values())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*-*.yaml")), ids=lambda path: str(path.stem))
def test_the_shipped_watchlists_fit(path: Path) -> None:
    assert _faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted((FOLDER / "feeds").glob("*.yaml")), ids=lambda path: str(path.stem))
def test_the_shipped_packs_fit(path: Path) -> None:
    assert _faults(path.read_text(encoding="utf-8"), PACK_FILE) == []


def test_the_shipped_channels_fit_with_and_without_their_comments() -> None:
    shipped = (FOLDER / "channels.yaml").read_text(encoding="utf-8")
    assert _faults_of(None, CHANNELS_FILE) == []
    examples = shipped[shipped.index("# channels:") :]
    assert _faults(re.sub(r"(?m)^# ", "", examples), CHANNELS_FILE) == []


def test_what_the_manual_and_the_tests_show_fits() -> None:
    assert _faults(_manual("title: Chancay Port")) == []
    assert _faults(_manual("title: Peru"), PACK_FILE) == []
    assert _faults(_manual("channels:"), CHANNELS_FILE) == []
    assert _faults(FULL) == []
    assert _faults(SMALL) == []
    assert _faults(draft_watchlist("topic", ["puerto", "'x' OR no"], ["From: a"])) == []
    assert _faults("title: Sea\nterms:\n  sea: [mar, océano]\n", TERMS_FILE) == []


def test_every_expression_of_the_language_fits_as_an_item() -> None:
    items = [str(case[0]) for case in CASES]
    assert _faults_of({"title": "T", "match": {"any": items, "none": [{"expr": one} for one in items]}}) == []


# A schema sees the shape of a file, not its expressions, its calendar, its quotes or other files.
SHAPE = re.compile(
    r"is unknown|is missing|must be|must hold|is empty|empty list|no items|with a space after it as a key"
    r"|is named with letters|only what must not|needs its day|is no day"
)
UNSEEN = re.compile(r"feed pack|as a comment and drops")


@pytest.mark.parametrize(("name", "content", "message"), [(one[0], one[1], one[2][0][2]) for one in REFUSED])
def test_what_is_refused_for_its_shape_is_refused_by_the_schema_too(
    name: str, content: str, message: str
) -> None:
    try:
        faults = _faults(content)
    except FileRefused:
        return  # no YAML at all: the editor says so itself
    if SHAPE.search(message) and not UNSEEN.search(message):
        assert faults, name


def test_a_third_of_all_refusals_is_seen_while_typing() -> None:
    readable, seen = 0, 0
    for _, content, _ in REFUSED:
        try:
            faults = _faults(content)
        except FileRefused:
            continue
        readable += 1
        seen += bool(faults)
    assert seen * 3 >= readable


@pytest.mark.parametrize(
    ("schema", "content", "fault"),
    [
        (WATCHLIST_FILE, SMALL + "lenguages: [es]\n", "'lenguages' was unexpected"),
        (WATCHLIST_FILE, SMALL + "languages: [spanish]\n", "'spanish' is not one of"),
        (WATCHLIST_FILE, SMALL + "languages: [es, es]\n", "non-unique"),
        (WATCHLIST_FILE, SMALL + "alerts: {updates: some}\n", "'some' is not one of"),
        (WATCHLIST_FILE, SMALL + "dates: [2027-13-01: x]\n", "'2027-13-01' does not match"),
        (WATCHLIST_FILE, SMALL + "examples: {match: [{title: x, group: x}]}\n", "'x' is not one of"),
        (WATCHLIST_FILE, SMALL + "examples: {match: [{text: x}]}\n", "'title' is a required property"),
        (WATCHLIST_FILE, SMALL + "feeds: [ftp://desk.example/x]\n", "is not valid under any"),
        (WATCHLIST_FILE, f"title: {'x' * 121}\nmatch: {{any: [a1]}}\n", "is too long"),
        (PACK_FILE, "title: T\nfeeds: [{url: 'x', title: x, outlet: x}]\n", "does not match"),
        (PACK_FILE, "title: T\nfeeds: [{url: 'http://a.example', title: x}]\n", "'outlet' is a required"),
        (PACK_FILE, "title: T\nfeeds: [{url: 'http://a.example', title: x, outlet: x, every: 1w}]\n", "'1w'"),
        (CHANNELS_FILE, "channels: {Desk: {mail: a@b.example}}\n", "'Desk' does not match"),
        (CHANNELS_FILE, "channels: {desk: {mail: a@b.example, chat: 'x://y'}}\n", "is valid under each of"),
        (CHANNELS_FILE, "channels: {desk: {}}\n", "is not valid under any"),
        (
            CHANNELS_FILE,
            "subscriptions: [{to: desk, watchlists: all, when: weekly}]\n",
            "is not valid under any",
        ),
        (TERMS_FILE, "terms: {1st: [a]}\n", "'1st' does not match"),
    ],
)
def test_a_mistake_is_seen_while_typing(schema: str, content: str, fault: str) -> None:
    assert any(fault in one for one in _faults(content, schema))


# ---------------------------------------------------------------------------------------------- laws

# The machine may be busy with other tests: time says nothing about a law.
LAW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
ODD: list[object] = [
    *(None, True, 12, 1.5, "", " ", "es", "no", "PE", "2026-03-11", "all", "peru", "https://desk.example/x"),
    *([], {}, ["puerto"], ["es"], [["x"]], {"any": ["puerto"]}, {"none": ["puerto"]}, {"expr": "puerto"}),
    *(
        {"2026-03-11": "x"},
        {"title": "x"},
        {"match": []},
        {"updates": "all"},
        "immediate",
        "daily 7:00",
        "15m",
    ),
    *({"mail": "a@b.example"}, {"mail": ["a@b.example"], "timezone": "UTC"}, "a@b.example", "desk"),
]


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in below for place in _places(inner, (*path, key)))]


def _changed(data: st.DataObject, value: object) -> object:
    """Put something odd into one place of a file or a few, or take the place away."""
    changed: Any = copy.deepcopy(value)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(_places(changed)[1:] or [("",)]))
        holder = changed
        for key in above:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
        else:
            holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
    return changed


@pytest.mark.slow
@LAW
@given(data=st.data())
def test_the_schema_refuses_no_watchlist_that_the_loader_takes(tmp_path: Path, data: st.DataObject) -> None:
    changed = _changed(data, _plain(read_text(FULL, shown="full").top))
    (tmp_path / "feeds").mkdir(exist_ok=True)
    (tmp_path / "feeds" / "peru.yaml").touch()
    (tmp_path / "topic.yaml").write_text(json.dumps(changed), encoding="utf-8")
    if load_watchlists(tmp_path).watchlists:
        assert _faults_of(changed) == []


@pytest.mark.slow
@LAW
@given(data=st.data())
def test_the_schema_refuses_no_pack_that_the_loader_takes(tmp_path: Path, data: st.DataObject) -> None:
    changed = _changed(data, _plain(read_text(_manual("title: Peru"), shown="pack").top))
    (tmp_path / "peru.yaml").write_text(json.dumps(changed), encoding="utf-8")
    if load_feed_packs(tmp_path).problems == ():
        assert _faults_of(changed, PACK_FILE) == []


@pytest.mark.slow
@LAW
@given(data=st.data())
def test_the_schema_refuses_no_channels_that_the_loader_takes(tmp_path: Path, data: st.DataObject) -> None:
    changed = _changed(data, _plain(read_text(_manual("channels:"), shown="channels").top))
    (tmp_path / "channels.yaml").write_text(json.dumps(changed), encoding="utf-8")
    loaded = load_channels(
        tmp_path / "channels.yaml", lambda _: "ntfys://a.example/x", {"chancay-port", "all"}
    )
    if loaded.problems == ():
        assert _faults_of(changed, CHANNELS_FILE) == []


# ------------------------------------------------------------------------------------------- command


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lists"
    (folder / "feeds").mkdir(parents=True)
    (folder / "feeds" / "my-pack.yaml").touch()
    (folder / "feeds" / "No Id.yaml").touch()
    monkeypatch.setenv("AVIZOR_WATCHLISTS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def test_the_command_writes_them_beside_the_files_and_offers_the_packs_that_are_there(desk: Path) -> None:
    done = CliRunner().invoke(app, ["schema"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"lists/{name}: written" for name in SCHEMAS]
    written = json.loads((desk / WATCHLIST_FILE).read_text(encoding="utf-8"))
    assert written["properties"]["feeds"]["items"]["anyOf"][0]["enum"] == ["my-pack"]
    done = CliRunner().invoke(app, ["schema"])
    assert done.stdout.splitlines() == [f"lists/{name}: is current" for name in SCHEMAS]


def test_a_folder_that_cannot_be_written_is_named(desk: Path) -> None:
    (desk / WATCHLIST_FILE).mkdir()
    done = CliRunner().invoke(app, ["schema"])
    assert done.exit_code == 3
    assert f"{desk}: {WATCHLIST_FILE} cannot be written: Is a directory" in done.stderr


def test_the_line_that_editors_look_for_names_the_file_that_is_there() -> None:
    assert (FOLDER / SCHEMA_LINE.partition("$schema=")[2]).exists()

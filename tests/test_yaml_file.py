"""YAML files as people save them: what is read as written, and what is refused with its mend."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from service.errors import FileRefused, Problem
from service.watchlists.nodes import Listing, Mapping, Source, Text
from service.watchlists.yaml_file import read_yaml

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, content: str | bytes) -> Mapping:
    path = folder / "topic.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_yaml(path, folder=folder, shown="watchlists/topic.yaml").top


def refused(folder: Path, content: str | bytes) -> Problem:
    with pytest.raises(FileRefused) as caught:
        read(folder, content)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def plain(node: object) -> object:
    """Give the values of nodes alone, to compare them with what was meant."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.value: plain(value) for key, value in node.entries}


def test_every_scalar_is_the_text_that_was_written(tmp_path: Path) -> None:
    top = read(tmp_path, "a: no\nb: 012\nc: 12:30\nd: 2026-11-22\ne: 3.50\nf: ~\ng: 'off'\n")
    assert plain(top) == {
        "a": "no",
        "b": "012",
        "c": "12:30",
        "d": "2026-11-22",
        "e": "3.50",
        "f": "~",
        "g": "off",
    }


def test_lists_mappings_and_folded_texts_keep_their_order(tmp_path: Path) -> None:
    top = read(tmp_path, "z: [b, a]\na:\n  - x\n  - k: v\nabout: >\n  two\n  lines\n")
    assert plain(top) == {"z": ["b", "a"], "a": ["x", {"k": "v"}], "about": "two lines\n"}
    assert top.get("missing") is None


def test_a_text_knows_the_place_of_each_of_its_characters(tmp_path: Path) -> None:
    top = read(tmp_path, 'a: one two\nb: "it\'s \\"so\\""\nc: one\n   two\nd: \'\\x41\'\ne: "\\x41b"\n')
    a, b, c, d, e = (value for _, value in top.entries)
    assert isinstance(a, Text)
    assert (a.line, a.column) == (1, 4)
    assert a.place(4) == (1, 8)
    assert a.place(7) == (1, 11)
    assert isinstance(b, Text)
    assert b.place(5) == (2, 11)
    assert isinstance(c, Text)
    assert c.place(4) == (4, 4)
    assert isinstance(d, Text)
    assert d.place(1) == (5, 6)
    assert isinstance(e, Text)
    assert e.place(1) == (6, 4)  # an escape that spells a letter: the text's own place


def test_the_reader_lists_a_line_beyond_the_end_as_empty() -> None:
    source = Source("f", "a\nb")
    assert [source.line(number) for number in (1, 2, 3)] == ["a", "b", ""]
    assert source.rest_of_line(0) == "a"
    assert source.rest_of_line(2) == "b"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_windows_editors_are_read(tmp_path: Path, encoding: str) -> None:
    assert plain(read(tmp_path, "title: Perú\r\nabout: x\r".encode(encoding))) == {
        "title": "Perú",
        "about": "x",
    }


def test_a_latin_1_file_is_refused_at_the_byte_that_tells(tmp_path: Path) -> None:
    problem = refused(tmp_path, "title: x\nabout: Perú\n".encode("latin-1"))
    assert str(problem) == (
        "watchlists/topic.yaml:2:11: the byte 0xFA is not UTF-8."
        " Save the file with the encoding UTF-8 in your editor."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("a: b\n\tc: d\n", (2, 1), "tab"),
        ("a: b\x00c\n", (1, 5), "U+0000"),
        ("a: b\u2028c\n", (1, 5), "U+2028"),
        ("", (1, 1), "empty"),
        ("# only a comment\n", (1, 1), "empty"),
        ("- a\n- b\n", (1, 1), "a list stands at the top"),
        ("just words\n", (1, 1), "a text stands at the top"),
        ("a: b\n---\nc: d\n", (2, 1), "second document"),
        ("a: &mark [b]\n", (1, 4), "own names and types are not used here: &mark."),
        ("a: [b]\nc: *mark\n", (2, 4), "leading *"),
        ("a: !!python/object/apply:os.system [b]\n", (1, 4), "are not used here: !!python/"),
        ("a:\n  - !foo!bar x\n", (2, 5), "leading !"),
        ("a:\n  - @who\n", (2, 5), "leading @"),
        ("a:\n  - `code\n", (2, 5), "leading `"),
        ("a:\n  - %off\n", (2, 5), "leading %"),
        ("a:\n  - > fold\n", (2, 5), "leading >"),
        ("a: b: c\n", (1, 5), "a colon followed by a space"),
        ('a:\n  - "never closed\n', (2, 5), "never closed"),
        ("a: [b, c\nd: e\n", (1, 4), "the bracket opened here"),
        ("a:\n  - b\n - c\n", (3, 2), "does not stand in line"),
        ("a:\n  - b\nwords alone\n", (3, 1), "neither a key"),
        ("[a]: b\n", (1, 1), "where a key is meant"),
        ("a:\n  - [x, y] AND z\n", (2, 5), "a bracketed list and goes on"),
        ('a: "\\q"\n', (1, 4), "begins an escape"),
        ("a: " + "[" * 200_000, (1, 23), "nest deeper than 20"),
        ("a: " + "{b: " * 50_000, (1, 80), "nest deeper than 20"),
        ("%YAML 9.9\n---\na: b\n", (1, 1), "leading %"),
        ("a: - b\n", (1, 4), "a list begins behind"),
        ("a: [b, @c]\n", (1, 8), "cannot begin a text"),
        ("a: [b, *]\n", (1, 9), "reads a leading * or &"),
        ("a: [!<b]\n", (1, 9), "cannot be read as YAML"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(
    tmp_path: Path, content: str, place: tuple[int, int], words: str
) -> None:
    problem = refused(tmp_path, content)
    assert words in problem.message
    assert (problem.line, problem.column) == place
    assert problem.mend


def test_a_quote_that_runs_over_other_items_is_blamed_where_it_was_opened(tmp_path: Path) -> None:
    lines = ["match:", "  any:", '    - "Chancay AND $rail', "    - Cosco", "examples:", '    - "A port: x"']
    problem = refused(tmp_path, "\n".join(lines))
    assert (problem.line, problem.column) == (3, 7)
    assert str(problem).endswith(
        "this quote is never closed. Write the closing quote where the quoted words end;"
        " one that is meant as a letter is doubled."
    )


@pytest.mark.parametrize("content", ['a:\n  - "b\n    c" d\n', 'a:\n  - "b" d\n', 'a:\n  - "b"\n - c\n'])
def test_a_closed_quote_is_not_blamed_for_what_follows_it(tmp_path: Path, content: str) -> None:
    assert "never closed" not in refused(tmp_path, content).message


def test_a_group_that_lost_its_indent_is_blamed_itself(tmp_path: Path) -> None:
    problem = refused(tmp_path, "title: T\nmatch:\nany:\n    - a\n  none:\n    - b\n")
    assert (problem.line, problem.column) == (3, 1)
    assert problem.message == "any: stands at the left edge, where match: ends."
    assert "put two spaces before it" in problem.mend


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ('- "De la Espriella" AND candidat*', "'\"De la Espriella\" AND candidat*'"),
        ("- 'trade war' NEAR/5 China  # both", "'''trade war'' NEAR/5 China'"),
        ("- *ción AND x", "'*ción AND x'"),
        ('- expr: "gran consulta" OR foro', "'\"gran consulta\" OR foro'"),
        ("terms: [puerto, *ción, megapuerto]", "'*ción'."),
        ("- Kast: the candidate: who", "'the candidate: who'"),
    ],
)
def test_an_item_yaml_reads_in_its_own_way_is_shown_in_quotes(tmp_path: Path, line: str, mend: str) -> None:
    problem = refused(tmp_path, f"match:\n  any:\n    {line}\n")
    assert problem.line == 3
    assert mend in problem.mend


def test_every_duplicate_key_is_named_with_its_first_line(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, "a: b\nc: d\na: e\nf:\n  g: 1\n  g: 2\n")
    lines = [(problem.line, problem.message) for problem in caught.value.problems]
    assert lines == [
        (6, "the key g stands twice; the first is on line 5."),
        (3, "the key a stands twice; the first is on line 1."),
    ]


def test_an_alias_bomb_is_refused_at_its_first_anchor(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [*{m}, *{m}]\n" for m, n in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert refused(tmp_path, bomb).line == 1


def test_a_file_over_one_megabyte_is_not_read(tmp_path: Path) -> None:
    assert "over 1 MB" in refused(tmp_path, "a: " + "x" * 1_000_000).message


@pytest.mark.slow
def test_a_file_of_very_many_values_is_refused(tmp_path: Path) -> None:
    assert "more than 20,000 values" in refused(tmp_path, "a: [" + "x," * 20_001 + "]").message


def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    for make in (lambda path: path.mkdir(), os.mkfifo):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.yaml"
        make(path)
        with pytest.raises(FileRefused, match="not a file but a folder"):
            read_yaml(path, folder=tmp_path, shown="x.yaml")


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "watchlists"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("a: b\n")
    (folder / "real.yaml").write_text("a: b\n")
    (folder / "good.yaml").symlink_to("real.yaml")
    (folder / "out.yaml").symlink_to("../outside.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    assert plain(read_yaml(folder / "good.yaml", folder=folder, shown="good.yaml").top) == {"a": "b"}
    for name, words in (
        ("out", "outside the folder"),
        ("loop", "cannot be read"),
        ("gone", "cannot be read"),
    ):
        with pytest.raises(FileRefused, match=words):
            read_yaml(folder / f"{name}.yaml", folder=folder, shown=f"{name}.yaml")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    # /proc/self/mem is a file that even the superuser cannot read from its beginning.
    with pytest.raises(FileRefused, match="cannot be read") as caught:
        read_yaml(_unreadable(tmp_path), folder=_root_of(tmp_path), shown="locked.yaml")
    assert "the service may read it" in caught.value.problems[0].mend


def _unreadable(folder: Path) -> Path:
    if os.geteuid() == 0:
        return folder.joinpath("/proc/self/mem")
    path = folder / "locked.yaml"
    path.write_text("a: b\n")
    path.chmod(0)
    return path


def _root_of(folder: Path) -> Path:
    return folder.joinpath("/proc") if os.geteuid() == 0 else folder

"""What lines of earlier versions found stays theirs where they stand now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.domain import FileVersion
from service.web.moved_lines import moved_lines

LINES = st.lists(st.sampled_from(["any:", "- puerto", "- huelga", "", "# a remark"]), max_size=12)


def _version(name: str, text: str) -> FileVersion:
    return FileVersion("port.yaml", name, text)


def test_a_line_is_found_again_below_what_was_written_above_it_and_not_where_it_was_changed() -> None:
    now = "title: Port\n# new\nany:\n- puerto\n- huelga"
    versions = [_version("2", now), _version("1", "title: Port\nany:\n- puerto\n- paro")]
    assert moved_lines(versions, now) == {"2": {n: n for n in range(1, 6)}, "1": {1: 1, 2: 3, 3: 4}}


def test_what_was_found_before_many_savings_is_found_again_too() -> None:
    versions = [_version(str(number), "any:\n- puerto\n" + "# saved\n" * number) for number in range(150)]
    assert moved_lines(versions, "any:\n- puerto")["149"][2] == 2


@given(LINES, LINES)
def test_each_line_that_is_found_again_says_the_same_and_is_found_once(
    before: list[str], now: list[str]
) -> None:
    found = moved_lines([_version("1", "\n".join(before))], "\n".join(now))["1"]
    old, new = "\n".join(before).split("\n"), "\n".join(now).split("\n")
    assert all(old[line - 1] == new[place - 1] for line, place in found.items())
    assert len(set(found.values())) == len(found)
    assert list(found.values()) == sorted(found.values())

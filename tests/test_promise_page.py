"""The page of promises: a run changes the rows of its own tests alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.promises import PAGE, Row, merge_rows, read_rows, write_page

if TYPE_CHECKING:
    from pathlib import Path

SAVED = Row("P1", "test_a::test_it_holds", "9 alerts", "SQLite", "2", "2026-01-02", "passed", "1.0")
GONE = SAVED._replace(test="test_a::test_of_another_name")
MARKED = {Row("P1", "test_a::test_it_holds", "9 alerts"), Row("P2", "test_a::test_it_holds_too", "1 alert")}
CONFTEST = """
from tests.promises import Recorder

def pytest_configure(config):
    config.pluginmanager.register(Recorder())
"""
MARKER = "[pytest]\nmarkers = promise\n"
TESTS = """
import pytest

@pytest.mark.promise("P1", "P3", size="9 alerts")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_it_holds(engine, record_property):
    record_property("size", "7 alerts")
    assert engine

@pytest.mark.promise("P2", size="1 alert")
def test_it_does_not_hold():
    assert False

def test_of_no_promise():
    pass
"""


def test_rows_are_read_back_as_they_were_written() -> None:
    assert read_rows(write_page([SAVED])) == [SAVED]


def test_a_run_of_some_tests_keeps_the_rows_of_the_others_and_drops_those_of_no_test() -> None:
    ran = Row("P2", "test_a::test_it_holds_too", "1 alert", "–", "1", "2026-03-04", "failed", "0.1")
    assert merge_rows([SAVED, GONE], [ran], MARKED) == [SAVED, ran]


def test_a_test_that_has_not_run_yet_and_a_promise_without_a_test_are_said_to_be_so() -> None:
    page = write_page(merge_rows([], [], MARKED))
    assert "| P1 | [it holds](../tests/test_a.py) | 9 alerts | – | – | – | not run yet | – |" in page
    assert re.search(r"^\| P2 \| [^|]+ \| not run yet \|", page, re.MULTILINE)
    assert re.search(r"^\| P7 \| [^|]+ \| not shown yet \|", page, re.MULTILINE)


def test_a_promise_is_broken_while_one_of_its_tests_fails() -> None:
    failed = SAVED._replace(test="test_a::test_b", result="failed")
    assert "| **broken** |" in write_page([SAVED, failed])
    assert "| shown 2026-01-02 |" in write_page([SAVED])


@pytest.mark.slow
def test_a_run_in_several_processes_writes_how_each_marked_test_ended(tmp_path: Path) -> None:
    for name, text in {"tests/test_a.py": TESTS, "tests/conftest.py": CONFTEST, "pytest.ini": MARKER}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    words = ["-m", "pytest", "-p", "xdist", "-n", "2"]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=path, capture_output=True, check=False)
    assert b"1 failed, 3 passed" in done.stdout, done.stderr
    rows = read_rows((tmp_path / PAGE).read_text(encoding="utf-8"))
    both, holds = "PostgreSQL, SQLite", "test_a::test_it_holds"
    assert [row._replace(date="", seconds="") for row in rows] == [
        Row("P1", holds, "7 alerts", both, "2", "", "passed", ""),
        Row("P2", "test_a::test_it_does_not_hold", "1 alert", "–", "1", "", "failed", ""),
        Row("P3", holds, "7 alerts", both, "2", "", "passed", ""),
    ]

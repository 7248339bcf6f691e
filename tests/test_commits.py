"""A version of a watchlist names the git commit that wrote it, where there is one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from service.domain import FileVersion
from service.watchlists import checkout_stamp, commits, find_commits, load_watchlists

if TYPE_CHECKING:
    from pathlib import Path

PORT = "title: Port\nlanguages: [es]\nmatch:\n  any:\n    - $ship\n"
TERMS = "terms:\n  ship: [buque, barco]\n"


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@desk.example", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(folder: Path, words: str) -> str:
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", words)
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of watchlists inside a checkout, nothing committed yet."""
    made = tmp_path / "desk" / "watchlists"
    (made / "terms").mkdir(parents=True)
    (made / "port.yaml").write_text(PORT)
    (made / "terms" / "ships.yaml").write_text(TERMS)
    _git(tmp_path, "init", "--quiet", "desk")
    return made


def _versions(folder: Path) -> list[FileVersion]:
    return [one.source for one in load_watchlists(folder).watchlists]


def test_the_commit_is_the_last_that_touched_the_file_or_the_terms_it_uses(folder: Path) -> None:
    first = _commit(folder, "port")
    (folder / "other.txt").write_text("nothing to do with it")
    _commit(folder, "other")
    assert find_commits(folder, _versions(folder)) == {"port.yaml": first}
    (folder / "terms" / "ships.yaml").write_text(TERMS.replace("barco", "nave"))
    third = _commit(folder, "terms")
    assert find_commits(folder, _versions(folder)) == {"port.yaml": third}


def test_a_file_that_is_not_as_committed_has_no_commit(folder: Path) -> None:
    assert find_commits(folder, _versions(folder)) == {}, "not yet committed"
    _commit(folder, "port")
    committed = _versions(folder)
    (folder / "terms" / "ships.yaml").write_text(TERMS + "# edited\n")
    assert find_commits(folder, _versions(folder)) == {}, "edited since"
    _commit(folder, "terms")
    assert find_commits(folder, committed) == {}, "committed in another version"


def test_a_version_whose_file_is_gone_has_no_commit(folder: Path) -> None:
    _commit(folder, "port")
    assert find_commits(folder, [FileVersion("gone.yaml", "1", "")]) == {}
    with patch.object(commits, "_git", side_effect=["", "abc\n"]):
        assert find_commits(folder, [FileVersion("gone.yaml", "1", "")]) == {}


def test_the_stamp_of_a_checkout_changes_with_each_commit(folder: Path) -> None:
    assert checkout_stamp(folder) == 0
    _commit(folder, "one")
    stamp = checkout_stamp(folder)
    (folder / "port.yaml").write_text(PORT + "# two\n")
    _commit(folder, "two")
    assert checkout_stamp(folder) != stamp
    with patch.object(commits, "checkout_of", return_value=None):
        assert checkout_stamp(folder) == 0


def test_outside_a_checkout_without_git_or_with_a_slow_one_there_is_no_commit(folder: Path) -> None:
    _commit(folder, "port")
    versions = _versions(folder)
    with patch.object(commits, "checkout_of", return_value=None):
        assert find_commits(folder, versions) == {}
    with patch("service.watchlists.commits.shutil.which", return_value=None):
        assert find_commits(folder, versions) == {}
    with patch.object(commits, "SECONDS", 0):
        assert find_commits(folder, versions) == {}

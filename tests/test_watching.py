"""A folder of files is read again after a change has come to rest: never half of it, never too early."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest

from service.errors import FileRefused
from service.watchlists import FolderWatch, load_watchlists
from service.watchlists.being_written import BEING_WRITTEN, is_being_written
from service.watchlists.raw_file import read_source
from service.watchlists.watching import GONE_PATIENCE, PATIENCE

TEXT = "title: Port\nlanguages: [es]\nmatch:\n  any:\n    - puerto\n    - megapuerto\n"


def _kernel_knows() -> bool:
    with tempfile.NamedTemporaryFile() as opened:
        return is_being_written(Path(opened.name))


needs_leases = pytest.mark.skipif(not _kernel_knows(), reason="the kernel does not say who writes here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watchlists"
    (made / "feeds").mkdir(parents=True)
    (made / "terms").mkdir()
    (made / "port.yaml").write_text(TEXT)
    return made


@pytest.fixture
def watch(folder: Path) -> FolderWatch:
    made = FolderWatch(folder)
    made.take()
    return made


def _looks(watch: FolderWatch, *times: float) -> list[bool]:
    return [watch.is_due(at) for at in times]


def test_nothing_is_due_while_nothing_changes(watch: FolderWatch) -> None:
    assert _looks(watch, 0, 1, 2) == [False, False, False]


@pytest.mark.parametrize("name", ["port.yaml", "new.yaml", "feeds/peru.yaml", "terms/ships.yaml"])
def test_a_saved_file_is_due_at_the_second_look_that_sees_it(
    folder: Path, watch: FolderWatch, name: str
) -> None:
    (folder / name).write_text(TEXT + "\n")
    assert _looks(watch, 0, 0.5) == [False, True]
    watch.take()
    assert _looks(watch, 1, 1.5) == [False, False]


def test_a_file_that_still_grows_is_not_due(folder: Path, watch: FolderWatch) -> None:
    for length in (10, 30, 50):
        (folder / "port.yaml").write_text(TEXT[:length])
        assert _looks(watch, length / 100) == [False]
    (folder / "port.yaml").write_text(TEXT + "\n")
    assert _looks(watch, 0.6, 1.1) == [False, True]


@needs_leases
def test_a_file_that_is_open_for_writing_is_neither_due_nor_read_however_long_it_rests(
    folder: Path, watch: FolderWatch
) -> None:
    path = folder / "port.yaml"
    with path.open("w") as writer:  # truncates, as editors do
        writer.write(TEXT[: len(TEXT) // 2])
        writer.flush()
        assert _looks(watch, 0, 1, 2, 20) == [False] * 4
        loaded = load_watchlists(folder)
        assert [problem.key for problem in loaded.problems] == [BEING_WRITTEN]
        writer.write(TEXT[len(TEXT) // 2 :])
    assert _looks(watch, 21, 22) == [False, True]
    assert load_watchlists(folder).problems == ()


@needs_leases
def test_a_program_that_never_closes_its_file_holds_up_that_file_alone(
    folder: Path, watch: FolderWatch
) -> None:
    with (folder / "port.yaml").open("w") as writer:
        (folder / "new.yaml").write_text(TEXT.replace("Port", "New"))
        assert _looks(watch, 0, 1, PATIENCE) == [False, False, True]
        loaded = load_watchlists(folder)
        assert [one.id for one in loaded.watchlists] == ["new"]
        watch.take(loaded.problems)
        assert _looks(watch, 40, 41) == [False, False]
        writer.write(TEXT)
    assert _looks(watch, 42, 43) == [False, True]


@needs_leases
def test_a_file_that_was_being_written_when_it_was_read_is_due_as_soon_as_it_is_closed(
    folder: Path, watch: FolderWatch
) -> None:
    path = folder / "port.yaml"
    (folder / "new.yaml").write_text(TEXT.replace("Port", "New"))
    assert _looks(watch, 0, 0.5) == [False, True]
    with path.open("a"):
        problems = load_watchlists(folder).problems
    watch.take(problems)
    assert _looks(watch, 1) == [True]


@needs_leases
def test_a_file_in_the_folder_of_packs_that_was_being_written_is_due_again(folder: Path) -> None:
    path = folder / "feeds" / "peru.yaml"
    path.write_text("title: Peru\n")
    watch = FolderWatch(folder)
    with path.open("a"), pytest.raises(FileRefused) as refused:
        read_source(path, folder=path.parent, shown="watchlists/feeds/peru.yaml")
    watch.take(refused.value.problems)
    assert _looks(watch, 0) == [True]


def test_a_file_moved_into_place_is_due_even_with_an_old_time(folder: Path, watch: FolderWatch) -> None:
    old = (folder / "port.yaml").stat()
    other = folder / ".port.yaml.tmp"
    other.write_text(TEXT.replace("megapuerto", "terminalxx"))
    assert len(other.read_bytes()) == old.st_size
    os.utime(other, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert _looks(watch, 0, 0.5) == [False, False]
    other.replace(folder / "port.yaml")
    assert _looks(watch, 1, 1.5) == [False, True]


def test_a_file_that_an_editor_takes_away_for_a_moment_is_never_missed(
    folder: Path, watch: FolderWatch
) -> None:
    (folder / "port.yaml").rename(folder / "port.yaml~")
    assert _looks(watch, 0, 0.5, 1, GONE_PATIENCE - 0.5) == [False] * 4
    (folder / "port.yaml").write_text(TEXT + "\n")
    assert _looks(watch, GONE_PATIENCE, GONE_PATIENCE + 0.5) == [False, True]


def test_a_file_that_stays_away_is_taken_out(folder: Path, watch: FolderWatch) -> None:
    (folder / "port.yaml").unlink()
    assert _looks(watch, 0, 1, GONE_PATIENCE) == [False, False, True]


@pytest.mark.parametrize(
    "name",
    [
        ".port.yaml.swp", ".port.yaml.swx", "4913", "port.yaml~", ".#port.yaml", "#port.yaml#",
        "port.yaml.tmp", ".goutputstream-X1Y2Z3", "sedAb12Cd", ".port.yaml.Ab12Cd", "port.yaml___jb_tmp___",
        "port.yaml.bak", ".syncthing.port.yaml.tmp", ".~lock.port.yaml#", "port.yaml.part", ".hidden.yaml",
    ],
)  # fmt: skip
def test_what_editors_and_copies_leave_meanwhile_never_counts(
    folder: Path, watch: FolderWatch, name: str
) -> None:
    (folder / name).write_text("title: [half")
    assert _looks(watch, 0, 0.5, 1) == [False] * 3
    loaded = load_watchlists(folder)
    assert ([one.id for one in loaded.watchlists], loaded.problems) == (["port"], ())


def test_files_that_change_while_they_are_read_are_read_again(folder: Path, watch: FolderWatch) -> None:
    (folder / "port.yaml").write_text(TEXT + "\n")
    assert _looks(watch, 0, 0.5) == [False, True]
    assert not watch.has_moved(0.6)
    (folder / "new.yaml").write_text(TEXT)
    assert watch.has_moved(0.7)
    assert not watch.has_moved(PATIENCE), "files that never rest are read all the same"


def test_a_file_that_changes_under_the_reading_is_refused(folder: Path) -> None:
    path = folder / "port.yaml"
    real = os.fstat

    def fstat(handle: int) -> os.stat_result:
        found = real(handle)
        path.write_text(TEXT + "# more\n")
        return found

    with (
        patch("service.watchlists.raw_file.os.fstat", fstat),
        pytest.raises(FileRefused, match="is writing this file"),
    ):
        read_source(path, folder=folder, shown="port.yaml")


@needs_leases
def test_where_the_kernel_gives_no_answer_a_file_is_taken_as_whole(folder: Path) -> None:
    path = folder / "port.yaml"
    with path.open("a"):
        assert is_being_written(path)
        with patch(
            "service.watchlists.being_written.fcntl.fcntl", side_effect=OSError(22, "Invalid argument")
        ):
            assert not is_being_written(path)
        with patch("service.watchlists.being_written.fcntl", object()):
            assert not is_being_written(path)
    assert not is_being_written(path)
    assert not is_being_written(folder / "nowhere.yaml")

"""Which git commit wrote a version of a file, where the folder of watchlists lies in a git checkout.

Asks the `git` of the system and changes nothing. No answer (no git, no checkout, a repository of another
user, too slow) is no trouble: the version is known by its fingerprint all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from service.watchlists.folders import TERMS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from service.domain import FileVersion

SECONDS = 5
_NO_NAME = str.maketrans(dict.fromkeys("<>\n\r\0"))


def checkout_of(folder: Path) -> Path | None:
    """Give the top of the git checkout a folder lies in, or None."""
    place = folder.absolute()
    return next((one for one in (place, *place.parents) if (one / ".git").exists()), None)


def checkout_stamp(folder: Path) -> int:
    """Give what changes with every commit and checkout: 0 where there is none to be seen."""
    top = checkout_of(folder)
    if top is not None:
        with suppress(OSError):
            return (top / ".git" / "logs" / "HEAD").stat().st_mtime_ns
    return 0


def find_commits(folder: Path, versions: Iterable[FileVersion]) -> dict[str, str]:
    """Give, by file, the last commit that touched it or the shared terms it uses.

    A file that differs from what is committed, now or from the version asked about, has none.
    """
    if checkout_of(folder) is None:
        return {}
    found = {}
    for version in versions:
        paths = [version.file, *(f"{TERMS_FOLDER}/{name}" for name, _ in version.shared)]
        if _is_as_committed(folder, paths):
            commit = _git(folder, "log", "-1", "--format=%H", "--", *paths)
            if commit and _reads_the_same(folder, version):
                found[version.file] = commit.strip()
    return found


def commit_file(folder: Path, name: str, message: str, author: str) -> str | None:
    """Commit one file, and nothing else that is staged, in the name of whoever saved it.

    Gives the short name of the commit; empty where the folder lies in no checkout or nothing has changed,
    None where git does not: then the file is as it was saved, and whoever keeps the checkout commits it.
    """
    if checkout_of(folder) is None:
        return ""
    by = " ".join(author.translate(_NO_NAME).split()) or "somebody"
    identity = ("-c", f"user.name={by}", "-c", "user.email=editor@avizor.invalid")
    careful = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
    if _is_as_committed(folder, [name]):
        return ""
    if _git(folder, "add", "--", name) is None:
        return None
    done = _git(folder, *identity, *careful, "commit", "--quiet", "--only", "-m", message, "--", name)
    if done is None:
        return None
    return (_git(folder, "log", "-1", "--format=%h", "--", name) or "").strip()


def _is_as_committed(folder: Path, paths: list[str]) -> bool:
    return _git(folder, "status", "--porcelain", "--untracked-files=all", "--", *paths) == ""


def _reads_the_same(folder: Path, version: FileVersion) -> bool:
    """Tell whether the file still is the version asked about: another save may have come meanwhile."""
    terms = ((f"{TERMS_FOLDER}/{name}", text) for name, text in version.shared)
    try:
        return all(
            (folder / name).read_text(encoding="utf-8-sig") == text
            for name, text in ((version.file, version.text), *terms)
        )
    except (OSError, ValueError):
        return False


def _git(folder: Path, *arguments: str) -> str | None:
    """Give what git prints, or None where it does not answer."""
    program = shutil.which("git")
    if program is None:
        return None
    # The lock would be in the way of whoever commits; a monitor would be a program named by the checkout.
    options = ("--no-optional-locks", "-c", "core.fsmonitor=false")
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 -- the program is git, the arguments are ours and follow `--`
            [program, *options, *arguments],
            cwd=folder,
            env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return done.stdout.decode("utf-8", "replace")
    return None

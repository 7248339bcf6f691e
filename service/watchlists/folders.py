"""Which files of a folder are meant for the service, and the names problems show them by.

Editors' and file managers' leftovers (hidden files, `~`, `.swp`, `.tmp`) are passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.errors import Problem, Severity
from service.text import words

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS_FILE = "channels.yaml"
FEEDS_FOLDER = "feeds"
TERMS_FOLDER = "terms"
MAX_ID = 64
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def list_yaml_files(folder: Path) -> tuple[Path, ...]:
    """List the files of a folder that end in `.yaml`, by name; none where there is no such folder."""
    if not folder.is_dir():
        return ()
    names = (path for path in folder.iterdir() if path.suffix == ".yaml" and not path.name.startswith("."))
    return tuple(sorted(names))


def problems_of_names(folder: Path, parents: str) -> tuple[Problem, ...]:
    """Name what lies in a folder as if it were meant for the service and is passed over."""
    problems = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix == ".yml" and not path.name.startswith("."):
            mend = f"Rename it to {path.stem}.yaml."
            message = "only files that end in .yaml are read."
            shown = printable(f"{parents}/{path.name}")
            problems.append(Problem(shown, 1, 1, message, printable(mend), severity=Severity.WARNING))
    return tuple(problems)


def id_problem(path: Path, shown: str) -> Problem | None:
    """Check that a file's name can be an id: small letters, digits and hyphens; None when it can."""
    if ID.fullmatch(path.stem) and len(path.stem) <= MAX_ID:
        return None
    folded = " ".join(word.folded for word in words(path.stem))
    like = "-".join(re.findall(r"[a-z0-9]+", folded))[:MAX_ID].strip("-")
    mend = f"Rename it to {like}.yaml." if like else "Rename it, as in chancay-port.yaml."
    message = f"the file's name is the id, of small letters a-z, digits and hyphens, {MAX_ID} at most."
    return Problem(printable(shown), 1, 1, message, mend)


def is_id(word: str) -> bool:
    """Tell whether a word can be the id of a watchlist, pack or channel."""
    return len(word) <= MAX_ID and ID.fullmatch(word) is not None


def printable(name: str) -> str:
    """Give a file name without line ends and other characters that would break a line of a log."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)

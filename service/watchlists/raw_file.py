"""Bytes of one watchlist, pack or channel file -> text that is safe to hand to the YAML reader.

Refuses what is no plain text file of the folder: directories, devices, links that lead out,
files that are being written, files over 1 MB, encodings other than UTF-8 (or UTF-16 with its mark),
tabs and control characters.
Knows nothing of YAML.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from service.errors import FileRefused, Problem
from service.watchlists.being_written import BEING_WRITTEN, is_being_written, stamp_of
from service.watchlists.nodes import Source

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# The characters YAML 1.2 (section 5.1) allows, without the tab and the line ends that are not newlines.
_ALLOWED = "\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_NOT_ALLOWED = re.compile(f"[^{_ALLOWED}]")
UNSEEN = re.compile(f"[^{_ALLOWED}\t\r]")
"""What an escape must not spell; tabs and line ends it may."""


def read_source(path: Path, *, folder: Path, shown: str) -> Source:
    """Read a file that must lie in `folder`, links followed; `shown` names it in problems.

    Raises:
        FileRefused: with the one problem that stops the file from being read.
    """
    return checked(_decoded(_bytes_of(path, folder, shown), shown), shown)


def checked(text: str, shown: str) -> Source:
    """Give a text that may stand in a file of ours; raises FileRefused for one with an unseen character."""
    source = Source(shown, text)
    bad = _NOT_ALLOWED.search(source.text)
    if bad is not None:
        line, column = source.place(bad.start())
        raise FileRefused([Problem(shown, line, column, *_words_for(bad[0]))])
    return source


def _refused(shown: str, message: str, mend: str, key: str = "") -> FileRefused:
    return FileRefused([Problem(shown, 1, 1, message, mend, key)])


def _bytes_of(path: Path, folder: Path, shown: str) -> bytes:
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve(strict=True)):
            mend = "Copy the file into the folder instead of linking to it."
            raise _refused(shown, "this is a link to a file outside the folder.", mend)
        if not real.is_file():
            mend = "Move it away, or give it a name that does not end in .yaml."
            raise _refused(shown, "this is not a file but a folder or a device.", mend)
        with real.open("rb") as file:
            before = os.fstat(file.fileno())
            content = file.read(MAX_BYTES + 1)
            is_whole = stamp_of(before) == stamp_of(os.fstat(file.fileno()))
        if not is_whole or is_being_written(real):
            mend = "Save it, or let the copy come to its end; it is read again then."
            message = "another program is writing this file at this moment."
            raise _refused(shown, message, mend, BEING_WRITTEN)
    except (OSError, RuntimeError) as error:  # resolve() raises RuntimeError for links in a circle
        words = getattr(error, "strerror", None) or "its links lead in a circle"
        mend = "Check that the file is there and that the service may read it."
        raise _refused(shown, f"the file cannot be read: {words}.", mend) from error
    if len(content) > MAX_BYTES:
        raise _refused(shown, "the file is over 1 MB.", "Split it into several files.")
    return content


def _decoded(content: bytes, shown: str) -> str:
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        line, column = Source(shown, before).place(len(before))
        message = f"the byte 0x{content[error.start]:02X} is not UTF-8."
        mend = "Save the file with the encoding UTF-8 in your editor."
        raise FileRefused([Problem(shown, line, column, message, mend)]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _words_for(character: str) -> tuple[str, str]:
    if character == "\t":
        return "a tab stands here, and YAML counts spaces.", "Write spaces instead of the tab."
    return f"the invisible character U+{ord(character):04X} stands here.", "Delete it."

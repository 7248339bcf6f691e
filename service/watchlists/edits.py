"""One change to a file that people write: comments, order and everything else in it stay as they are.

A change is made to the text, at places that the reader names, and is proved by the loader: the new text is
written beside the file, read back from there, and takes the file's place in one step, or not at all.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.errors import FileRefused, Problem, SettingsError
from service.watchlists.nodes import Listing, Mapping, Source, Text
from service.watchlists.raw_file import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from service.watchlists.nodes import Node


@dataclass(frozen=True, slots=True)
class Edit:
    """A file as it shall be. `line` is the first changed one, `lines` what stands there then.

    `before` are the bytes it was made for (None: there was no file), `check` raises FileRefused for a text
    that is not what was meant.
    """

    path: Path
    shown: str
    before: bytes | None
    text: str
    line: int
    lines: tuple[str, ...]
    check: Callable[[str], None]


def read_for_edit(path: Path, shown: str) -> tuple[bytes, Source]:
    """Give the bytes of a file, and its text.

    Raises:
        FileRefused: it is no text file of its folder, or somebody is writing it.
    """
    source = read_source(path, folder=path.parent, shown=shown)
    return path.read_bytes(), source


def save(edit: Edit) -> None:
    """Put a changed file in the place of the old one.

    Raises:
        FileRefused: what was written reads otherwise than it was meant, or the file was changed meanwhile.
        SettingsError: the folder cannot be written to.
    """
    try:
        edit.path.parent.mkdir(parents=True, exist_ok=True)
        path = edit.path.resolve()
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            _write(beside, _encoded(edit.text, edit.before or b""))
            edit.check(read_source(beside, folder=path.parent, shown=edit.shown).text)
            _replace(path, beside, edit)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as fault:
        message = f"{edit.shown} cannot be written: {fault.strerror}"
        mend = "Let the user that runs this write into the folder of watchlists."
        raise SettingsError(message, resource=str(edit.path.parent), mend=mend) from fault


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, beside: Path, edit: Edit) -> None:
    now = path.read_bytes() if path.exists() else None
    if now != edit.before:
        raise refusal(edit.shown, 1, "somebody else changed this file meanwhile.", "Run the command again.")
    if now is not None:
        shutil.copymode(path, beside)
    beside.replace(path)


def _encoded(text: str, before: bytes) -> bytes:
    """Encode as the file was: its byte order mark and its line ends stay."""
    whole = text.replace("\n", "\r\n") if b"\r\n" in before or b"\r\0\n" in before else text
    for mark, encoding in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ):
        if before.startswith(mark):
            return mark + whole.encode(encoding)
    return whole.encode()


def refusal(shown: str, line: int, message: str, mend: str) -> FileRefused:
    """Give the one problem that keeps a file from being changed."""
    return FileRefused([Problem(shown, line, 1, message, mend)])


# ------------------------------------------------------------------------------- places in the text


def last_line(node: Node, source: Source) -> int:
    """Give the last line of a value; empty lines and comments after it do not belong to it."""
    return max((_line_of_end(text, source) for text in _texts(node)), default=node.line)


def is_flow(listing: Listing, source: Source) -> bool:
    """Tell whether a list is written in brackets."""
    return source.line(listing.line)[listing.column - 1 : listing.column] == "["


def insert_lines(source: Source, after: int, lines: Sequence[str]) -> str:
    """Give the text with lines put in after the one of this number (counted from 1)."""
    there = source.text.split("\n")
    return "\n".join([*there[:after], *lines, *(there[after:] or [""])])


def _line_of_end(text: Text, source: Source) -> int:
    """Give the line a text ends on: a folded or literal one ends after empty lines that are not its own."""
    written = source.text[text.start : text.end].rstrip()
    return source.place(text.start + len(written))[0]


def _texts(node: Node) -> Iterator[Text]:
    if isinstance(node, Text):
        yield node
    elif isinstance(node, Listing):
        for item in node.items:
            yield from _texts(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield key
            yield from _texts(value)

"""Where the lines of earlier versions of a file stand in a text: what they found is theirs still. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.domain import FileVersion

_MOST = 30  # versions, the latest


def moved_lines(versions: Iterable[FileVersion], text: str) -> Mapping[str, Mapping[int, int]]:
    """Give by version, and by line, the line that says the same in a text; lines that were changed are none.

    `versions` come the latest first. Lines count from 1.
    """
    now = text.split("\n")
    return {one.version: _moved(one.text.split("\n"), now) for one in list(versions)[:_MOST]}


def _moved(before: list[str], now: list[str]) -> dict[int, int]:
    blocks = SequenceMatcher(a=before, b=now, autojunk=False).get_matching_blocks()
    return {block.a + at: block.b + at for block in blocks for at in range(1, block.size + 1)}

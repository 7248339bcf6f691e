"""Where the lines of earlier versions of a file stand in a text: what they found is theirs still. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.domain import FileVersion

_MOST = 300  # versions, the latest: some tenths of a second for a file of 1,000 lines


def moved_lines(versions: Iterable[FileVersion], text: str) -> Mapping[str, Mapping[int, int]]:
    """Give by version, and by line, the line that says the same in a text; lines that were changed are none.

    `versions` come the latest first. Lines count from 1.
    """
    matcher = SequenceMatcher(b=text.split("\n"), autojunk=False)  # what it knows of `b` is found once
    found: dict[str, Mapping[int, int]] = {}
    for one in islice(versions, _MOST):
        matcher.set_seq1(one.text.split("\n"))
        blocks = matcher.get_matching_blocks()
        found[one.version] = {b.a + at: b.b + at for b in blocks for at in range(1, b.size + 1)}
    return found

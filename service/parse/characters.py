"""Characters that publishers' systems have spoilt, and when they may be put right.

C1 control characters never occur in text that was meant: they are windows-1252 bytes taken for
ISO-8859-1, and are read as such, as browsers do.

UTF-8 that was encoded twice ("CrÃ³nica") is put right only where the whole document says so:
at least three different headlines read back as UTF-8, and not one headline outside ASCII fails
to. A single headline proves nothing: a publisher may write such letters on purpose, in an
article about encodings, and then its other headlines are in good order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_C1 = re.compile("[\x80-\x9f]")
_WITNESSES = 3


def readable(text: str) -> str:
    """Read C1 control characters as the windows-1252 characters they were."""
    # Neither holds one, and both are looks at C speed.
    return text if text.isascii() or text.isprintable() else _C1.sub(_windows_1252, text)


def _windows_1252(found: re.Match[str]) -> str:
    return found.group().encode("latin-1").decode("cp1252", "ignore")


def are_doubly_encoded(titles: Iterable[str]) -> bool:
    """Tell whether a document's headlines were all encoded to UTF-8 twice."""
    outside = {title for title in titles if not title.isascii()}
    return len(outside) >= _WITNESSES and all(read_back(title) != title for title in outside)


def read_back(text: str) -> str:
    """Undo one UTF-8 encoding too many; the text itself when that gives no valid UTF-8."""
    for codec in ("cp1252", "latin-1"):
        try:
            return text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return text

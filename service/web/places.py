"""Where a page of a list ended, as the next one's address says it. Pure."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

_ID = re.compile(r"[\w-]{1,100}")


def write_place(at: datetime, key: str) -> str:
    """Write the time and the id of the last one shown."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {key}".encode()).decode().rstrip("=")


def read_place(text: str) -> tuple[datetime, str] | None:
    """Read them; None where the text was never written here."""
    try:
        said = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        at, _, key = said.partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None and _ID.fullmatch(key):
            return moment.astimezone(UTC), key
    except (ValueError, OverflowError):
        pass
    return None

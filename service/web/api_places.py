"""Where a page of a list ended, as programs hand it back. Pure."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

from starlette.exceptions import HTTPException

_ID = re.compile(r"[\w-]{1,100}")


def write_cursor(at: datetime, key: str) -> str:
    """Write the time and the id of the last one shown."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {key}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str] | None:
    """Read them; None where there are none yet, HTTPException 422 for what was never given here."""
    if not text:
        return None
    try:
        said = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
        at, _, key = said.partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None and _ID.fullmatch(key):
            return moment.astimezone(UTC), key
    except (ValueError, OverflowError):
        pass
    raise HTTPException(422, "query.cursor: it is not one that was given here")

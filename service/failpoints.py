"""Named places at which a test may kill the process, as a power cut would.

`AVIZOR_FAILPOINT=claimed` kills the process with SIGKILL when it first reaches `claimed`,
`claimed:3` when it does so for the third time. Without the variable, `reach` does nothing.
The names, in the order in which an article passes them, are `NAMES`; those of stored
articles that are matched anew are `REMATCH_NAMES`.
"""

from __future__ import annotations

import os
import signal
import threading

NAMES = (
    "fetched",
    "parsed",
    "entries-stored",
    "matched",
    "deliveries-stored",
    "poll-committed",
    "claimed",
    "connected",
    "recipient-accepted",
    "before-data",
    "after-dot",
    "before-recorded",
    "recorded",
)
REMATCH_NAMES = ("rematched", "rematch-committed")

_name, _, _count = os.environ.get("AVIZOR_FAILPOINT", "").partition(":")
_left = int(_count or 1)
_lock = threading.Lock()


def reach(name: str) -> None:
    """Say that the process is at `name`; it ends here if the environment asks for that."""
    global _left  # noqa: PLW0603 -- one countdown for the whole process is the point
    if name != _name:
        return
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

"""How the jobs of a running service are doing: when each last came round, and what went wrong in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from service.errors import AvizorError

LATE_AFTER_SECONDS = 180  # a job that has not come round for this long is in trouble


@dataclass(slots=True)
class Pulse:
    """When each job last came round, by the monotonic clock, and what its last fault was."""

    beats: dict[str, float] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def beat(self, job: str) -> None:
        """Note that a job came round."""
        self.beats[job] = time.monotonic()
        self.faults.pop(job, None)

    def note_fault(self, job: str, fault: Exception) -> None:
        """Note what ended a round of a job."""
        self.faults[job] = f"{type(fault).__name__}: {_first_line(fault)}"

    def say(self, job: str) -> str:
        """Tell how a job is doing: `ok`, or what is wrong."""
        if job in self.faults:
            return self.faults[job]
        late = time.monotonic() - self.beats[job]
        return "ok" if late < LATE_AFTER_SECONDS else f"has not come round for {late:.0f} seconds"


def _first_line(fault: Exception) -> str:
    text = fault.message if isinstance(fault, AvizorError) else str(fault)
    return text.splitlines()[0][:200] if text else ""

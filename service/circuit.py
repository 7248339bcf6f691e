"""Which sends may begin: servers that do not answer hold up nobody, targets that refuse are paused. Pure.

A *line* is the way to one server: the mail server, or the host of a chat. It is closed (sends go out), open
after three failures in a row (what is for it waits), and then half open: one send looks whether it is there
again. A *target* is one chat or one mail address; it is paused where it refuses again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import SendOutcome
from service.schedule import LAST_RETRY, retry_at

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import SendResult

OPENS_AFTER = 3  # failures in a row, each begun after the one before
UNPROVEN = 128  # sends under way to servers that did not answer last time, or were not asked yet
PROVEN = 64  # and to those that did, beside `at_once` more
PAUSED_AFTER = 3  # refusals in a row, of as many deliveries
LOOK_AGAIN = timedelta(days=1)  # between two tries at a target that is paused
OPEN_WORDS = (
    "Waits: the server was not reached three times in a row. At the time shown one message looks whether it "
    "is there again, and the others follow."
)
_GIVEN_UP = "Given up: the server was not reached for five days."
_OURS = frozenset(
    {"", "settings", "channel", "lease", "internal", "address"}
)  # steps at which nobody was asked
_ON_THE_WAY = frozenset(
    {"connect", "ehlo", "starttls", "auth"}
)  # whatever is said there, it is not of a message
_REFUSALS_OF_CHATS = frozenset({401, 403, 404, 410})
_REFUSALS_OF_MAIL = range(500, 600)


@dataclass(frozen=True, slots=True)
class Way:
    """Over which line a delivery goes, and to which target, if that takes one at a time (else empty)."""

    line: str
    target: str = ""


def is_reached(result: SendResult) -> bool | None:
    """Tell whether a send found a server that answers; None where none was asked."""
    if result.phase in _OURS:
        return None
    return result.phase not in _ON_THE_WAY and (result.code > 0 or result.outcome is SendOutcome.SENT)


def is_refusal(result: SendResult, *, is_mail: bool) -> bool:
    """Tell whether a target refuses what is sent there, as opposed to one message."""
    if result.outcome is not SendOutcome.PERMANENT:
        return False
    if is_mail:
        return result.phase == "rcpt" and result.code in _REFUSALS_OF_MAIL
    return result.code in _REFUSALS_OF_CHATS


def given_up_words(said: str) -> str:
    """Say why a delivery ended that waited for a server, and what came of the last try there."""
    return f"{_GIVEN_UP} {said}".rstrip()


def paused_words(said: str) -> str:
    """Say why a delivery waits for a target that is paused, and what that said last."""
    return (
        f"Waits: what is sent there was refused three times. One try a day looks whether it is well: {said}"
    )


@dataclass(slots=True)
class _Line:
    is_proven: bool = False
    failures: int = 0
    failed_at: datetime | None = None
    until: datetime | None = None
    under_way: int = 0
    said: str = ""

    def is_open(self, now: datetime) -> bool:
        # A time further off than any pause is that of a clock that was set back since.
        return self.until is not None and timedelta(0) < self.until - now <= 2 * LAST_RETRY

    def fail(self, begun_at: datetime, now: datetime, jitter: float) -> None:
        """Count a failure; those that were under way beside the last one say nothing new."""
        self.is_proven = False
        if self.failed_at is not None and begun_at < self.failed_at <= now:
            return
        self.failures, self.failed_at = self.failures + 1, now
        if self.failures >= OPENS_AFTER:
            self.until = retry_at(self.failures - OPENS_AFTER + 1, now=now, jitter=jitter)


_UNKNOWN = _Line()  # what is known of a line that was never asked


@dataclass(slots=True)
class Lines:
    """What is under way over which line, and how each is doing; `at_once` messages go over one line together.

    A line that failed last time gets one at a time. All lines that have not answered last time, or were never
    asked, have `UNPROVEN` places together, and those that have answered have places of their own: however
    many are dead, the others have as many as they would have without them.
    """

    at_once: int
    _lines: dict[str, _Line] = field(default_factory=dict)
    _targets: set[str] = field(default_factory=set)
    _under_way: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})  # by `is_proven`

    def room(self) -> int:
        """Count the places that are left, of all."""
        return self._room(is_proven=False) + self._room(is_proven=True)

    def _room(self, *, is_proven: bool) -> int:
        places = PROVEN + self.at_once if is_proven else UNPROVEN
        return places - self._under_way[is_proven]

    def is_full(self, name: str, now: datetime) -> bool:
        """Tell whether nothing may begin over a line now, whatever the target."""
        line = self._lines.get(name, _UNKNOWN)
        width = 1 if line.failures else self.at_once
        if line.is_open(now) or line.under_way >= width or self.room() <= 0:
            return True
        return self._room(is_proven=line.is_proven) <= 0

    def may_begin(self, way: Way, now: datetime) -> bool:
        """Tell whether a send may begin beside those under way."""
        return way.target not in self._targets and not self.is_full(way.line, now)

    def begin(self, way: Way) -> None:
        """Note that a send is under way."""
        line = self._lines.setdefault(way.line, _Line())
        line.under_way += 1
        self._under_way[line.is_proven] += 1
        if way.target:
            self._targets.add(way.target)

    def end(
        self,
        way: Way,
        *,
        reached: bool | None,
        begun_at: datetime,
        now: datetime,
        jitter: float,
        said: str = "",
    ) -> bool:
        """Note how a send ended, as `is_reached` tells it; True where a line that failed is well again."""
        line = self._lines[way.line]
        is_back = bool(reached and line.failures)
        self._under_way[line.is_proven] -= line.under_way
        line.under_way -= 1
        self._targets.discard(way.target)
        if reached:
            line.is_proven, line.failures, line.failed_at, line.until = True, 0, None, None
        elif reached is not None:
            line.said = said
            line.fail(begun_at, now, jitter)
        self._under_way[line.is_proven] += line.under_way
        return is_back

    def said_by(self, name: str) -> str:
        """Give what came of the last send over a line that failed."""
        return self._lines.get(name, _UNKNOWN).said

    def list_open(self, now: datetime) -> list[tuple[str, datetime]]:
        """Give the lines whose sends wait, and until when."""
        return [(name, line.until) for name, line in self._lines.items() if line.until and line.is_open(now)]

"""How much one visitor may ask for in a minute; each process counts for itself.

What a signed-in person or a token asks for counts as theirs, all else as of the place it comes from. Where
nobody signs in, nothing is counted: that is for one's own machine.
"""

from __future__ import annotations

import time
from enum import IntEnum
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

POINTS = 600  # a minute: two pages a second with room to spare, or a question with each pause in typing


class Cost(IntEnum):
    """How many points something takes; as a rough measure, one is a page of some ten milliseconds."""

    PAGE = 1
    QUESTION = 3  # reads many articles: a search, a draft
    WHOLE = 30  # everything found as a file, or a visit to another's server
    GUESS = 20  # a token that nobody has


class TooMuch(Exception):
    """More was asked for than one visitor may; `seconds` are to wait."""

    def __init__(self, seconds: int) -> None:
        """Take how long to wait."""
        super().__init__(f"too much was asked for; {seconds} seconds to wait")
        self.seconds = seconds


class Quota:
    """What visitors have asked for of late."""

    def __init__(self, points: int = POINTS) -> None:
        """Take how many points each has in a minute."""
        self._item = RateLimitItemPerMinute(points)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def charge(self, who: str, cost: Cost) -> None:
        """Count something; raises TooMuch, and counts nothing, where there are not as many points left."""
        if self._limiter.hit(self._item, who, cost=cost):
            return
        until = self._limiter.get_window_stats(self._item, who).reset_time
        raise TooMuch(max(1, ceil(until - time.time())))

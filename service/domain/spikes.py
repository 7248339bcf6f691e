"""Spikes: that a watchlist, or one event of it, brought far more reports within an hour than is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """An event behind a spike: its headline, an article on it, and what it had of the hour's reports."""

    event_id: str
    headline: str
    reports: int
    outlets: int
    language: str = ""
    url: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class Spike:
    """A spike of a watchlist, or of the one event that `event_id` names.

    It began `at` the report with which the threshold was passed. The figures are those of the busiest hour
    from then on, which ended at `until_at`; `usual` is what such an hour usually has. `expected` says what
    was due on those days, if anything: then nobody is told. `causes` are the events that most of the
    reports were of, `events` counts them all.
    """

    id: str
    watchlist_id: str
    event_id: str
    at: datetime
    until_at: datetime
    reports: int
    outlets: int
    usual: float
    events: int
    causes: tuple[Cause, ...]
    expected: str = ""

    def is_about(self, event_id: str) -> bool:
        """Tell whether whoever was told of this was told of a spike of that event."""
        return event_id == self.event_id or any(event_id == cause.event_id for cause in self.causes)

"""What all reports of an event show together, for its page and for the API. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.group import trace_origins
from service.web.descent import Descent, show_descent
from service.web.spread import Spread, draw_spread
from service.web.tongues import Tongues, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.group import Origin
    from service.store import EventView
    from service.web.times import Local


@dataclass(frozen=True, slots=True)
class Insight:
    """How an event spread, in which languages, and who repeats whom, where there is anything to say."""

    spread: Spread | None = None
    tongues: Tongues | None = None
    descent: Descent | None = None
    origins: Sequence[Origin] = ()


def read_insight(view: EventView, local: Local) -> Insight:
    """Look at all reports of an event."""
    origins = trace_origins(report.carried for report in view.reports)
    return Insight(
        draw_spread(view, origins, local),
        side_by_side([report.entry for report in view.reports], local),
        show_descent(origins, local),
        origins,
    )

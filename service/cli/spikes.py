"""How spikes look on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.bursts import say_usual
from service.cli import show
from service.cli.tables import Column, Fit, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.domain import Spike


def print_spikes(spikes: Sequence[Spike], zone: str) -> None:
    """Print spikes, the latest first; each with the largest event behind it, and what was expected."""
    rows = Rows(
        Column("hour to"),
        Column("watchlist"),
        Column("reports", right=True),
        Column("outlets", right=True),
        Column("usual", right=True),
        Column("events", right=True),
        Column("largest event", Fit.CUT),
        Column("note", Fit.WRAP),
    )
    for one in spikes:
        rows.add(
            show.local(one.until_at, zone),
            one.watchlist_id,
            str(one.reports),
            str(one.outlets),
            say_usual(one.usual),
            str(one.events),
            one.causes[0].headline,
            f"expected: {one.expected}" if one.expected else "",
        )
    rows.print(show.out)

"""Small drawings of numbers: bars, as rectangles on a grid. Pure.

A template writes them as SVG with attributes alone, since nothing may style itself. The numbers are said in
words beside them, or in a table behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_PITCH, _GAP, _HEIGHT, _FOOT = 6, 1, 16, 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing; `number` is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    number: int
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars side by side, the highest as high as the drawing; of none, a foot is left to be seen."""

    width: int
    height: int
    bars: tuple[Bar, ...]


def draw_bars(numbers: Sequence[int], *, marked: Iterable[int] = ()) -> Bars:
    """Draw numbers from left to right; `marked` are the places of those that need the eye."""
    places, most = frozenset(marked), max(numbers, default=0)
    return Bars(
        _PITCH * len(numbers),
        _HEIGHT,
        tuple(_bar(place, number, most, is_marked=place in places) for place, number in enumerate(numbers)),
    )


def _bar(place: int, number: int, most: int, *, is_marked: bool) -> Bar:
    height = max(_FOOT, round(_HEIGHT * number / most, 1)) if number else _FOOT
    return Bar(_PITCH * place, _HEIGHT - height, _PITCH - _GAP, height, number, is_marked)


def count_in_parts(times: Iterable[datetime], begins: datetime, ends: datetime, parts: int) -> list[int]:
    """Count times in equal parts of a span; those outside of it count in the first or the last part."""
    counts, span = [0] * parts, (ends - begins).total_seconds()
    for at in times:
        place = int(parts * (at - begins).total_seconds() / span) if span > 0 else 0
        counts[min(max(place, 0), parts - 1)] += 1
    return counts

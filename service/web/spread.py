"""How an event spread: its reports up to each time, the independent ones apart, and its milestones. Pure.

The drawing is SVG of attributes alone. Its widths are percentages, so that what is written in it stays as
large on a phone as on a desk; its numbers stand in a table behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.notify.news import say_milestone
from service.web.times import moment, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from service.group import Origin
    from service.store import EventView
    from service.web.times import Local, Moment
    from service.wording import Wording

HEIGHT = 120
_TOP, _FOOT = 22, 1
_STEPS = 40
_FEWEST = 3  # reports that are worth a drawing
_APART = 9.0  # percent of the width that two marks need
_LAST = 99.8  # where a line of one pixel is still seen as a whole
_NOTES = 3  # milestones that a mark, or a row of the table, names


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the event's life: the reports up to its end, and how high these stand in the drawing.

    `is_news` tells whether anything changed in it.
    """

    at: Moment
    x: float
    width: float
    reports: int
    height: float
    independent: int
    independent_height: float
    notes: tuple[str, ...]
    is_news: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Milestones that fell close together, by their numbers, `2–4`; `anchor` keeps these in the drawing."""

    x: float
    label: str
    anchor: str
    said: str


@dataclass(frozen=True, slots=True)
class Spread:
    """The drawing, a sentence first. `numbers` are those of the milestones, by their place in the event."""

    sentence: str
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    first: Moment
    last: Moment
    numbers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Reached:
    """A milestone where it is drawn: its number, the time of the report that reached it, and its words."""

    number: int
    at: datetime
    words: str


def draw_spread(view: EventView, origins: Sequence[Origin], local: Local) -> Spread | None:
    """Draw an event of some reports that lasted for some time."""
    times = [report.entry.happened_at for report in view.reports]
    if len(times) < _FEWEST or times[-1] <= times[0]:
        return None
    began, ended = times[0], times[-1]
    reached, numbers = _numbered(view, local.words)
    independent = sorted(one.report.entry.happened_at for one in origins)
    return Spread(
        _sentence(times, local.words),
        tuple(_steps(times, independent, reached, local)),
        tuple(_marks(reached, began, ended - began)),
        moment(began, local),
        moment(ended, local),
        numbers,
    )


def _sentence(times: Sequence[datetime], words: Wording) -> str:
    half = times[(len(times) - 1) // 2] - times[0]
    return words.say(
        "Half of its {reports} came within {half}, all of them within {whole}",
        reports=words.count(len(times), "{number} report", "{number} reports"),
        half=span(half, words),
        whole=span(times[-1] - times[0], words),
    )


def _numbered(view: EventView, words: Wording) -> tuple[list[_Reached], dict[int, int]]:
    """Number the milestones from left to right; each is drawn at the time of its report."""
    times = {report.entry.id: report.entry.happened_at for report in view.reports}
    began, ended = view.reports[0].entry.happened_at, view.reports[-1].entry.happened_at
    placed = [min(max(times.get(one.entry_id, one.at), began), ended) for one in view.milestones]
    order = sorted(range(len(placed)), key=lambda place: (placed[place], place))
    found = [
        _Reached(number, placed[place], say_milestone(view.milestones[place].words, words))
        for number, place in enumerate(order, 1)
    ]
    return found, {place: number for number, place in enumerate(order, 1)}


def _steps(
    times: Sequence[datetime], independent: Sequence[datetime], reached: Sequence[_Reached], local: Local
) -> Iterable[Step]:
    began, life = times[0], times[-1] - times[0]
    ends = [began + life * number / _STEPS for number in range(1, _STEPS)] + [times[-1]]
    width, before, marked = round(100 / _STEPS, 3), 0, [one.at for one in reached]
    noted = 0
    for number, end in enumerate(ends):
        reports, alone = bisect_right(times, end), bisect_right(independent, end)
        upto = bisect_right(marked, end)
        notes = tuple(_notes(reached[noted:upto]))
        yield Step(
            moment(end, local),
            round(number * width, 3),
            width,
            reports,
            _height(reports, len(times)),
            alone,
            _height(alone, len(times)),
            notes,
            is_news=reports > before or bool(notes),
        )
        before, noted = reports, upto


def _height(number: int, most: int) -> float:
    return max(_FOOT, round((HEIGHT - _TOP) * number / most, 1)) if number else 0


def _notes(reached: Sequence[_Reached]) -> Iterable[str]:
    yield from (one.words for one in reached[:_NOTES])
    if len(reached) > _NOTES:
        yield "…"


def _marks(reached: Sequence[_Reached], began: datetime, life: timedelta) -> Iterable[Mark]:
    """Mark the milestones, those together that would stand in each other's way."""
    together: list[list[_Reached]] = []
    for one in reached:
        if together and 100 * ((one.at - together[-1][0].at) / life) < _APART:
            together[-1].append(one)
        else:
            together.append([one])
    for some in together:
        x = min(round(100 * ((some[0].at - began) / life), 2), _LAST)
        first, last = some[0].number, some[-1].number
        yield Mark(
            x,
            str(first) if first == last else f"{first}–{last}",
            "end" if x > 100 - _APART else "start",
            "; ".join(_notes(some)),
        )

"""A file of headlines: one JSON object a line, as entries on the days they may have been published."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from service.domain import Entry, FeedGroup
from service.errors import Problem
from service.text import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?")
_TEXTS = ("summary", "lang", "date", "source", "country", "group")


@dataclass(frozen=True, slots=True)
class Headline:
    """One line of the file. `first_day` and `last_day` bound the day it was published on."""

    id: object
    title: str
    summary: str
    language: str
    country: str
    outlet: str
    group: FeedGroup
    first_day: date
    last_day: date
    fields: dict[str, Any]

    def days(self, boundaries: Iterable[date]) -> list[date]:
        """Give the days worth trying: those of its range on which some period begins or ends."""
        inside = {day for day in boundaries if self.first_day <= day <= self.last_day}
        return sorted({self.first_day, self.last_day, *inside})

    def entry(self, day: date) -> Entry:
        """Give it as an entry that was published on a day, at noon UTC."""
        return Entry.unstored(
            self.title,
            self.summary,
            at=datetime.combine(day, time(12), UTC),
            language=self.language,
            outlet=self.outlet,
            country=self.country,
            group=self.group,
        )


def read_headlines(file: Path) -> Iterator[Headline | Problem]:
    """Read the lines one by one; one that cannot be read is given as a problem, and the next is read."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield _headline(json.loads(line))
                except (ValueError, RecursionError) as fault:  # a UnicodeDecodeError is a ValueError, too
                    words = str(fault) if type(fault) is ValueError else "this line is no JSON object"
                    yield Problem(str(file), number, 1, f"{words}.", 'Write {"id": …, "title": "…"}.')


def _headline(fields: object) -> Headline:
    """Take the fields. Raises ValueError with the words for whoever wrote the line."""
    if not isinstance(fields, dict):
        raise ValueError("this line is no JSON object")  # noqa: TRY004 -- one kind of fault for one line
    if "id" not in fields:
        raise ValueError("the headline has no id")
    title = fields.get("title")
    if not isinstance(title, str):
        raise ValueError("the headline has no title")  # noqa: TRY004 -- the same
    texts = {name: fields.get(name) or "" for name in _TEXTS}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{name} is no text")  # noqa: TRY004 -- the same
    first, last = _days(texts["date"])
    return Headline(
        id=fields["id"],
        title=plain_text(title),
        summary=plain_text(texts["summary"]),
        language=texts["lang"],
        country=texts["country"],
        outlet=texts["source"],
        group=_group(texts["group"]),
        first_day=first,
        last_day=last,
        fields=fields,
    )


def _group(written: str) -> FeedGroup:
    """Take the group of the feed; one that the line does not name is independent."""
    if written and written not in tuple(FeedGroup):
        raise ValueError(f"{written} is no group of feeds; they are {', '.join(FeedGroup)}")
    return FeedGroup(written) if written else FeedGroup.INDEPENDENT


def _days(written: str) -> tuple[date, date]:
    """Give the first and last day a date can mean: 2026-03-11, 2026-03, 2026, or nothing at all."""
    if not written:
        return date.min, date.max
    found = _DATE.fullmatch(written)
    if found is None:
        raise ValueError(f"{written} is no date like 2026-03-11, 2026-03 or 2026")
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"{written[:10]} is no {'day' if day else 'month'} of the calendar") from None
    if day:
        return first, first
    return first, date(year, month or 12, monthrange(year, month or 12)[1])

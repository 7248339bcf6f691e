"""What a search found as a file, line by line however much it is: CSV for spreadsheets, and JSON. Pure."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.pipeline import Hit

COLUMNS = (
    "headline", "lead", "outlet", "country", "language", "group", "published", "first_seen", "address",
    "found_words", "events", "watchlists",
)  # fmt: skip
_BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know that this is UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SEVERAL = "; "


def csv_lines(hits: Iterable[Hit]) -> Iterator[str]:
    """Give a table for spreadsheets. What one would take for a formula begins with an apostrophe."""
    yield _BYTE_ORDER_MARK + _csv_line(COLUMNS)
    for hit in hits:
        yield _csv_line([_defused(_joined(value)) for value in _values(hit).values()])


def json_lines(asked: str, hits: Iterable[Hit]) -> Iterator[str]:
    """Give an object with the question and the articles, one a line."""
    yield f'{{"query": {json.dumps(asked, ensure_ascii=False)}, "articles": ['
    divider = "\n"
    for hit in hits:
        yield divider + json.dumps(_values(hit), ensure_ascii=False)
        divider = ",\n"
    yield "\n]}\n"


def _values(hit: Hit) -> dict[str, Any]:
    entry = hit.entry
    published = entry.published_at
    values = (
        entry.title,
        entry.summary,
        entry.outlet,
        entry.country,
        entry.language,
        entry.group.value,
        "" if published is None else published.astimezone(UTC).isoformat(),
        entry.first_seen_at.astimezone(UTC).isoformat(),
        entry.url,
        list(dict.fromkeys(one.term for one in hit.evidence)),
        [one.event_id for one in hit.events],
        [one.watchlist_id for one in hit.events],
    )
    return dict(zip(COLUMNS, values, strict=True))


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else _SEVERAL.join(value)


def _defused(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()

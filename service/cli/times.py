"""Times and spans as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import typer

_SPAN = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_YEARS = range(1970, 9_000)  # beyond them, days before and after can no longer be reckoned


def parse_span(text: str, option: str = "--since") -> timedelta:
    """Read `24h`, `90d` or `12w`; raises BadParameter, which names the option."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text} is no span; write it like 24h, 90d or 12w", param_hint=option)
    return int(found[1]) * _UNITS[found[2]]


def parse_moment(text: str, zone: str, option: str) -> datetime:
    """Read `2026-12-24T03:00-05:00`, or without an offset a time or a day of a zone; gives UTC.

    Raises BadParameter, which names the option.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        message = f"{text} is no time; write it like 2026-01-04T12:00 or 2026-01-04T12:00-05:00"
        raise typer.BadParameter(message, param_hint=option) from fault
    if at.year not in _YEARS:
        raise typer.BadParameter(f"{text} is too far away", param_hint=option)
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

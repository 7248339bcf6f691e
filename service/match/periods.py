"""The days on which the periods of a rule begin and end: between two of them nothing changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.match.tree import Rule

if TYPE_CHECKING:
    from datetime import date

_ONE_DAY = timedelta(days=1)


def days_of_change(rule: Rule) -> frozenset[date]:
    """Give the first and last day of each period of a rule and the day outside beside each."""
    days: set[date] = set()
    for part in (*rule.any, *rule.all, *rule.none):
        if isinstance(part, Rule):
            days |= days_of_change(part)
            continue
        if part.from_date:
            days |= {part.from_date - _ONE_DAY, part.from_date}
        if part.until_date:
            days |= {part.until_date, part.until_date + _ONE_DAY}
    return frozenset(days)

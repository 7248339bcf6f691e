"""What a program gets of an alert besides its text: the event, why, and its reports. Pure.

The names are those of the API (`/api/v1`), so that a program that knows one knows the other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from service.domain import TextField
from service.notify.clean import clean_line
from service.notify.page import safe_link
from service.notify.parts import event_link

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Entry, Evidence
    from service.group import Carried
    from service.notify.alert import Alert
    from service.notify.facts import Facts

MOST_REPORTS = 50
_TITLE_LIMIT, _SUMMARY_LIMIT, _NAME_LIMIT = 500, 1_000, 120


def write_data(alert: Alert, facts: Facts, why: str, base_url: str) -> str:
    """Write it as JSON; of the reports the first 50, in the order in which they happened."""
    watchlists = ((alert.watchlist_id, alert.watchlist_title), *alert.also)
    said = {
        "why": why,
        "held": alert.held,
        "news": [clean_line(one, _TITLE_LIMIT) for one in alert.news],
        "watchlists": [{"id": one, "title": clean_line(title, _NAME_LIMIT)} for one, title in watchlists],
        "event": _event(alert, facts, base_url),
        "report": _report(alert.entry)
        | {"evidence": [_evidence(alert.entry, one) for one in alert.evidence]},
        "reports": _reports(alert.reports, facts),
    }
    return json.dumps(said)


def _event(alert: Alert, facts: Facts, base_url: str) -> dict[str, Any]:
    return {
        "id": alert.event_id,
        "url": event_link(base_url, alert.event_id) or None,
        "reports": len(facts.reports),
        "outlets": facts.outlets,
        "independent": len(facts.independent),
        "countries": [country for country, _ in facts.countries],
        "languages": sorted({entry.language for entry in facts.reports if entry.language}),
        "only_state_media": facts.is_state_media,
        "only_at_home": facts.is_local,
        "only_abroad": facts.is_abroad,
    }


def _reports(carried: tuple[Carried, ...], facts: Facts) -> list[dict[str, Any]]:
    lineage = {one.entry.id: one.lineage for one in carried}
    return [
        _report(entry)
        | {
            "repeats": lineage[entry.id].copy_of,
            "agency": clean_line(lineage[entry.id].credit, _NAME_LIMIT),
        }
        for entry in facts.reports[:MOST_REPORTS]
        if entry.id in lineage
    ]


def _report(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry.id,
        "outlet": clean_line(entry.outlet, _NAME_LIMIT),
        "country": entry.country,
        "language": entry.language,
        "title": clean_line(entry.title, _TITLE_LIMIT),
        "summary": clean_line(entry.summary, _SUMMARY_LIMIT),
        "url": safe_link(entry.url) or None,
        "published_at": _time(entry.published_at),
        "seen_at": _time(entry.first_seen_at),
    }


def _evidence(entry: Entry, one: Evidence) -> dict[str, Any]:
    """Say which words of the article let it in, and where in the watchlist that stands."""
    text = entry.title if one.field is TextField.TITLE else entry.summary
    words = clean_line(text[one.start : one.end], _NAME_LIMIT)
    return {"term": one.term, "field": one.field.value, "line": one.line, "words": words}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

"""From rows to domain values, and back where a value becomes a row."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from service.domain import (
    Ailment,
    Entry,
    Event,
    Evidence,
    Feed,
    FeedAccess,
    FeedGroup,
    FeedSource,
    FeedStatus,
    HealthChange,
    PublisherHints,
    TextField,
)
from service.store.tables import FEED, EntryRow, EventRow, FeedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Row

_NO_AILMENTS = "[]"
_FIELDS = {field.value: field for field in TextField}
NOWHERE = FeedSource(url="", title="", outlet="")
_OF_A_FEED = tuple(FEED.c.keys())


def to_feed(row: FeedRow | Row[Any]) -> Feed:
    """Turn a row into the feed it stands for."""
    return _feed_of({name: getattr(row, name) for name in _OF_A_FEED})


def feeds_of(rows: Iterable[Sequence[Any]]) -> list[Feed]:
    """Turn whole rows of the table into feeds: by their places, which is quicker than by their names."""
    return [_feed_of(dict(zip(_OF_A_FEED, row, strict=True))) for row in rows]


def _feed_of(row: Mapping[str, Any]) -> Feed:
    source = FeedSource(
        url=row["url"],
        title=row["title"],
        outlet=row["outlet"],
        country=row["country"],
        language=row["language"],
        group=FeedGroup(row["group"]),
        owner=row["owner"],
        every=None if row["every_seconds"] is None else timedelta(seconds=row["every_seconds"]),
        packs=_to_packs(row["packs"]),
        access=_to_access(row["access"]),
    )
    return Feed(
        id=row["id"],
        source=source,
        next_poll_at=row["next_poll_at"],
        status=FeedStatus(row["status"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        validators_url=row["validators_url"],
        body_hash=row["body_hash"],
        baseline_at=row["baseline_at"],
        last_polled_at=row["last_polled_at"],
        last_success_at=row["last_success_at"],
        last_entry_at=row["last_entry_at"],
        failures=row["failures"],
        quiet_polls=row["quiet_polls"],
        trouble=row["trouble"],
        document_hints=to_hints(row["document_hints"]),
        fresh_for=None if row["fresh_seconds"] is None else timedelta(seconds=row["fresh_seconds"]),
        moved_to=row["moved_to"],
        moved_at=row["moved_at"],
        moved_visits=row["moved_visits"],
        failing_since=row["failing_since"],
        ailments=to_ailments(row["id"], row["ailments"]),
        hurry=row["hurry"],
        pushed_until=row["pushed_until"],
        pushed_at=row["pushed_at"],
    )


# What most feeds have in common is read once.


@lru_cache(maxsize=1024)
def _to_packs(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


@lru_cache(maxsize=1024)
def _to_access(stored: str) -> FeedAccess:
    return FeedAccess(**json.loads(stored))


def ailments_json(ailments: Iterable[HealthChange]) -> str:
    """Turn what ails a feed into what `to_ailments` reads."""
    return json.dumps([[one.ailment.value, one.at.isoformat(), one.words] for one in ailments])


def to_ailments(feed_id: int, stored: str) -> tuple[HealthChange, ...]:
    """Read what ails a feed."""
    if stored == _NO_AILMENTS:
        return ()
    return tuple(
        HealthChange(feed_id, Ailment(ailment), datetime.fromisoformat(at), words)
        for ailment, at, words in json.loads(stored)
    )


def hints_json(hints: PublisherHints) -> str:
    """Give what a document asks of pollers as it is stored: `ttl` in seconds, days from Monday as 0.

    A name of its own is of use only where there is a hub to ask about it.
    """
    told = {
        "ttl": hints.ttl.total_seconds() if hints.ttl else None,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
        "hub": hints.hub,
        "topic": hints.topic if hints.hub else "",
    }
    return json.dumps({name: value for name, value in told.items() if value})


@lru_cache(maxsize=1024)
def to_hints(stored: str) -> PublisherHints:
    """Read what `hints_json` wrote."""
    told = json.loads(stored)
    return PublisherHints(
        ttl=timedelta(seconds=told["ttl"]) if "ttl" in told else None,
        skip_hours=frozenset(told.get("skip_hours", ())),
        skip_days=frozenset(told.get("skip_days", ())),
        hub=told.get("hub", ""),
        topic=told.get("topic", ""),
    )


ENTRY_COLUMNS = tuple(name for name in EntryRow.model_fields if name in {one.name for one in fields(Entry)})


def to_entry(row: EntryRow, source: FeedSource) -> Entry:
    """Turn a row into an entry, with the facts of its feed."""
    return entry_of({name: getattr(row, name) for name in ENTRY_COLUMNS}, source)


def entry_of(values: Mapping[str, Any], source: FeedSource) -> Entry:
    """Turn a row's values by name into an entry, with the facts of its feed."""
    return Entry(
        **{name: values[name] for name in ENTRY_COLUMNS},
        outlet=source.outlet,
        country=source.country,
        group=source.group,
        owner=source.owner,
    )


def happened_at(published_at: datetime | None, first_seen_at: datetime) -> datetime:
    """Give the time an entry's report counts for; the rule is `Entry.happened_at`'s."""
    return first_seen_at if published_at is None else min(published_at, first_seen_at)


def to_event(row: EventRow) -> Event:
    """Turn a row into the event it stands for."""
    return Event(
        id=row.id,
        watchlist_id=row.watchlist_id,
        title=row.title,
        opened_at=row.opened_at,
        last_report_at=row.last_report_at,
        reports=row.reports,
        named_by=row.named_by,
    )


def evidence_json(evidence: Iterable[Evidence]) -> str:
    """Turn evidence into what `to_evidence` reads."""
    told = [
        {"term": one.term, "field": one.field, "start": one.start, "end": one.end, "line": one.line}
        for one in evidence
    ]
    return json.dumps(told, ensure_ascii=False)


@lru_cache(maxsize=1024)
def to_evidence(text: str) -> tuple[Evidence, ...]:
    """Turn the stored evidence of a match into values."""
    return tuple(Evidence(**{**one, "field": _FIELDS[one["field"]]}) for one in json.loads(text))


def listed_after(at: Any, key: Any, after: tuple[datetime, str]) -> Any:  # noqa: ANN401 -- the library's expressions
    """Give the condition on what follows one in a list that has the latest first, and equal times by key."""
    last_at, last_key = after
    return (at < last_at) | ((at == last_at) & (key > last_key))

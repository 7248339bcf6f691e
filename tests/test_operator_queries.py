"""What the operator's commands ask of the store, on each kind of database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from service.cli.times import parse_moment, parse_span
from service.domain import DeliveryState, HeldReason, Mute, NotifyReason, recipient
from service.errors import NotFound
from service.tokens import Token
from tests.partners.newsroom import NOW, fill

if TYPE_CHECKING:
    from service.store import Store


@dataclass(frozen=True)
class _Filled:
    store: Store
    events: dict[str, str]


@pytest.fixture(scope="module")
def filled(opened_store: Store) -> _Filled:
    return _Filled(opened_store, fill(opened_store))


@pytest.mark.slow
def test_an_event_is_found_by_the_beginning_of_its_id_where_no_other_begins_so(filled: _Filled) -> None:
    reading = filled.store.reading
    for event_id in filled.events.values():
        others = [one for one in filled.events.values() if one != event_id]
        length = next(n for n in range(1, 99) if not any(one.startswith(event_id[:n]) for one in others))
        assert reading.find_event(event_id[:length]).event.id == event_id
        assert reading.find_event(event_id).event.id == event_id


@pytest.mark.parametrize("beginning", ["%", "_", "\\", "' OR 1=1 --"])
def test_signs_that_a_database_knows_begin_no_event(filled: _Filled, beginning: str) -> None:
    with pytest.raises(NotFound):
        filled.store.reading.find_event(beginning)


def test_deliveries_are_counted_as_they_are_listed(filled: _Filled) -> None:
    reading = filled.store.reading
    everything = reading.list_deliveries(limit=1_000)
    assert reading.count_listed() == len(everything)
    for state in DeliveryState:
        found = reading.list_deliveries(states=[state])
        assert {one.state for one in found} <= {state}
        assert reading.count_listed(states=[state]) == len(found)
    for reason in NotifyReason:
        found = reading.list_deliveries(reason=reason)
        assert [one for one in everything if one.reason is reason] == found
        assert reading.count_listed(reason=reason) == len(found)
    for held in HeldReason:
        found = reading.list_deliveries(held=held)
        assert [one for one in everything if one.held is held] == found
        assert reading.count_listed(held=held) == len(found)
    for target in {one.target for one in everything if one.target}:
        found = reading.list_deliveries(target=target.upper())
        assert {one.target for one in found} == {target}
        assert reading.count_listed(target=target.upper()) == len(found)
    middle = everything[len(everything) // 2].created_at
    later = [one for one in everything if one.created_at >= middle]
    assert 0 < reading.count_listed(since=middle) == len(later)


def test_what_was_told_stands_under_the_address_again_of_somebody_who_may_be_written_again(
    filled: _Filled,
) -> None:
    store, readers = filled.store, filled.store.readers
    [first, *_] = (one for one in store.reading.list_deliveries() if one.target)
    before = {one.id for one in store.reading.list_deliveries(target=first.target)}
    name = readers.signer.subject(recipient("", first.target))
    assert readers.allow(first.target) is False
    version = readers.version()
    readers.leave(Token(name, first.id, NOW), NOW)
    assert store.reading.list_deliveries(target=first.target) == []
    assert readers.list_suppressed() == {name}
    assert readers.allow(first.target) is True
    assert {one.id for one in store.reading.list_deliveries(target=first.target)} == before
    assert readers.list_suppressed() == frozenset()
    assert readers.version() > version + 1


def test_what_planning_would_know_can_be_asked_without_changing_anything(filled: _Filled) -> None:
    store = filled.store
    mute = Mute("", "", "chancay-port", NOW + timedelta(hours=1), "Ana")
    store.mutes.add(mute, NOW)
    with store.told_at(NOW) as told:
        assert told.list_mutes() == [mute]
        assert told.readers_version() == store.readers.version()
    with store.told_at(NOW + timedelta(hours=2)) as told:
        assert told.list_mutes() == []


# ------------------------------------------------------------------------------ times as people type them


@given(st.text(max_size=40) | st.datetimes().map(str) | st.dates().map(str))
def test_whatever_is_typed_as_a_time_is_one_or_is_refused(text: str) -> None:
    try:
        at = parse_moment(text, "America/Lima", "--at")
    except typer.BadParameter:
        return
    assert at.utcoffset() == timedelta(0)
    assert at - timedelta(days=400) < at + timedelta(days=400)


@given(st.text(max_size=8) | st.from_regex(r"[0-9]{1,6}[hdw]", fullmatch=True))
def test_whatever_is_typed_as_a_span_is_one_or_is_refused(text: str) -> None:
    try:
        span = parse_span(text)
    except typer.BadParameter:
        return
    assert NOW + span >= NOW


def test_a_span_is_of_hours_days_or_weeks() -> None:
    assert (parse_span("24h"), parse_span("7d"), parse_span("2w")) == (
        timedelta(days=1),
        timedelta(days=7),
        timedelta(days=14),
    )

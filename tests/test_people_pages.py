"""The operator's pages of channels and subscribers: all there is to know, no whole address, no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service.domain import Channel, ChannelKind, Subscription, Updates
from service.hours import read_quiet
from service.notify import Roll
from service.store import Store
from tests.partners.readers import House
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "ntfys://user:hunter2@ntfy.example/topic"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = Store(f"sqlite:///{tmp_path}/avizor.db")
    yield House(store)
    store.close()


def _visits(house: House, roll: Roll) -> Visits:
    return Visits(replace(house.view, roll=lambda: roll))


def test_a_channel_says_what_it_gets_and_when_and_what_is_wrong_with_it(house: House) -> None:
    channels = {
        "desk": Channel("desk", ChannelKind.MAIL, ("ana.luz@example.org",), timezone="America/Lima"),
        "room": Channel("room", ChannelKind.CHAT, ("",), SECRET, trouble="ROOM_URL is not set"),
        "idle": Channel("idle", ChannelKind.MAIL, ("eva@example.org",)),
    }
    wants = frozenset({"port"})
    quiet = read_quiet("22:00-07:00")
    roll = Roll(
        channels,
        (
            Subscription("a", "desk", wants, quiet=quiet, budget=8, updates=Updates.NONE),
            Subscription("b", "room"),
        ),
    )
    page = _visits(house, roll).get("/channels").text
    assert "port: immediate, quiet 22:00-07:00, at most 8 a day, updates: none" in page
    assert "all watchlists: immediate" in page
    assert "ROOM_URL is not set" in page
    assert page.count("it gets nothing: no subscription names it") == 1
    assert "a…@example.org" in page
    assert "ana.luz" not in page
    assert "hunter2" not in page
    assert "No channel is named in channels.yaml" in _visits(house, Roll({})).get("/channels").text


def test_a_subscriber_is_shown_without_the_address_and_ended_as_if_they_had_left(house: House) -> None:
    visits = _visits(house, Roll({}))
    assert "Nobody has subscribed so far." in visits.get("/subscribers").text
    reader = house.subscribe()
    page = visits.get("/subscribers").text
    assert "confirmed" in page
    assert "ana@" not in page
    assert f'value="{reader.id}"' in page
    for wrong in ("", "nobody", reader.subject):
        assert visits.post("/subscribers/end", reader=wrong).status_code == 404
    assert visits.post("/subscribers/end", reader=reader.id).status_code == 303
    assert house.store.readers.list_active() == []
    assert "1 address has left" in visits.get("/subscribers").text

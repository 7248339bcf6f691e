"""The operator's pages: channels, subscribers, the ledger, who would be told; no address whole, no secret."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service.domain import (
    Cadence,
    Channel,
    ChannelKind,
    NotifyReason,
    SendOutcome,
    SendResult,
    Subscription,
    Timetable,
    Updates,
)
from service.errors import NotFound
from service.hours import read_quiet
from service.notify import Roll
from service.store import Store, delivery_pages
from service.watchlists import OPERATOR_MAIL, load_watchlist
from tests.partners.readers import House
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MONDAYS_AND_FRIDAYS = Timetable((7 * 60, 18 * 60), frozenset({0, 4}))
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
        OPERATOR_MAIL: Channel(OPERATOR_MAIL, ChannelKind.MAIL, ("ops@example.org",)),
    }
    wants = frozenset({"port"})
    quiet = read_quiet("22:00-07:00")
    roll = Roll(
        channels,
        (
            Subscription("a", "desk", wants, quiet=quiet, budget=8, updates=Updates.NONE),
            Subscription("b", "room", cadence=Cadence.DIGEST, timetable=_MONDAYS_AND_FRIDAYS),
        ),
    )
    page = _visits(house, roll).get("/channels").text
    assert "port: at once, quiet 22:00-07:00, at most 8 a day, later on: nothing more" in page
    assert "all watchlists: together, Monday and Friday at 07:00 and 18:00" in page
    assert "what concerns the service itself" in page
    assert page.count("it gets nothing") == 1
    in_spanish = _visits(house, roll).get("/channels?language=es").text
    assert "port: al momento, silencio 22:00-07:00" in in_spanish
    assert "juntos, lunes y viernes a las 07:00 y 18:00" in in_spanish
    assert "ROOM_URL no está definida" in in_spanish
    assert "ROOM_URL is not set" in page
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


def test_a_test_message_is_sent_from_the_page_and_its_answer_shown(house: House) -> None:
    roll = Roll({"desk": Channel("desk", ChannelKind.MAIL, ("ana.luz@example.org", "eva@example.org"))})
    answers = [
        ("ana.luz@example.org", SendResult(SendOutcome.SENT, "after-dot", 250, "2.0.0 OK")),
        ("eva@example.org", SendResult(SendOutcome.PERMANENT, "rcpt", 550, "no eva@example.org here")),
    ]
    asked = []

    def send(channel: str) -> list[tuple[str, SendResult]]:
        asked.append(channel)
        return answers if channel == "desk" else _missing(channel)

    visits = Visits(replace(house.view, roll=lambda: roll, send_test=send))
    assert "Send a test message" in visits.get("/channels").text
    page = visits.post("/channels/test", channel="desk").text
    assert asked == ["desk"]
    assert "accepted: 2.0.0 OK" in page
    assert "refused: no e…@example.org here" in page
    assert "eva@" not in page
    assert 'href="/channels?language=es"' in page, "a form cannot be asked for again"
    assert visits.post("/channels/test", channel="nothing").status_code == 404
    assert visits.post("/channels/test", {}, channel="desk").status_code == 403, "from another site"
    assert "Send a test message" not in _visits(house, roll).get("/channels").text


def _missing(channel: str) -> list[tuple[str, SendResult]]:
    raise NotFound(f"there is no channel {channel}")


@pytest.mark.slow
def test_a_paused_target_is_tried_at_once_where_the_operator_asks_for_it(house: House) -> None:
    reader = house.subscribe()
    refused = SendResult(SendOutcome.PERMANENT, "rcpt", 550, "no such mailbox")
    for number in range(3):
        house.queue(reader, 1, first=number)
        house.room.send(refused, at=house.now)
        house.wait(minutes=1)
    house.queue(reader, 1, first=3)
    [paused] = house.store.targets.list_paused()
    visits = _visits(house, Roll({reader.channel.id: replace(reader.channel, by_reader=False)}))
    assert paused.until_at > house.now
    assert "refuses: <bdi>no such mailbox</bdi>" in visits.get("/subscribers").text
    assert "Try it now" in visits.get("/channels").text
    assert visits.post("/channels/again", target=paused.name).status_code == 303
    assert house.store.targets.list_paused()[0].until_at <= house.now
    assert visits.post("/channels/again", target="nobody").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("outcome", [SendOutcome.SENT, SendOutcome.PERMANENT])
def test_a_test_that_a_paused_target_takes_has_it_tried_at_once(house: House, outcome: SendOutcome) -> None:
    reader = house.subscribe()
    for number in range(3):
        house.queue(reader, 1, first=number)
        house.room.send(SendResult(SendOutcome.PERMANENT, "rcpt", 550, "no such mailbox"), at=house.now)
        house.wait(minutes=1)
    roll = Roll({reader.channel.id: replace(reader.channel, by_reader=False)})
    answers = [(reader.address, SendResult(outcome, "after-dot", 250))]
    visits = Visits(replace(house.view, roll=lambda: roll, send_test=lambda _: answers))
    visits.post("/channels/test", channel=reader.channel.id)
    assert (house.store.targets.list_paused()[0].until_at <= house.now) is (outcome is SendOutcome.SENT)


@pytest.mark.slow
def test_subscribers_are_listed_page_by_page_and_found_by_their_whole_address(house: House) -> None:
    for number in range(101):
        house.ask(f"reader{number:03}@mail{number}.example", origin=f"o{number}")
    visits = _visits(house, Roll({}))
    first = visits.get("/subscribers").text
    assert "101 readers" in first
    assert first.count("asked, not confirmed yet") == 100
    [further] = re.findall(r'href="(/subscribers\?after=[^"]+)"', first)
    assert visits.get(further).text.count("asked, not confirmed yet") == 1
    found = visits.post("/subscribers", name=" READER007@mail7.example ")
    assert (found.status_code, found.text.count("asked, not confirmed yet")) == (200, 1)
    assert 'value="READER007@mail7.example"' in found.text
    nobody = visits.post("/subscribers", name="reader@mail7.example")
    assert (nobody.status_code, "Nobody has subscribed with this address." in nobody.text) == (404, True)
    assert visits.post("/subscribers", name="\0").status_code == 303
    assert visits.get("/subscribers?after=%00").text.count("asked, not confirmed yet") == 100


@pytest.mark.slow
def test_the_ledger_is_narrowed_to_a_watchlist_a_reason_a_channel_and_an_event(house: House) -> None:
    ana = house.subscribe()
    house.queue(ana, 3)
    visits = _visits(house, Roll({}))
    for narrowed, number in (
        ("", 4),
        ("watchlist=chancay-port", 3),
        ("watchlist=amazon-rail", 0),
        ("reason=confirmation", 1),
        ("reason=new-event&watchlist=chancay-port", 3),
        (f"channel={ana.channel.id}", 3),
        ("channel=nobody", 0),
        ("event=e1", 1),
        ("event=e1&reason=confirmation", 0),
        ("event=none", 0),
        ("show=delivered&watchlist=chancay-port", 0),
        ("reason=nothing", 4),
        ("watchlist=%00&after=%00&channel=%00", 4),
    ):
        page = visits.get(f"/deliveries?{narrowed}").text
        assert len(set(re.findall(r"/deliveries/([\w-]+)\"", page))) == number, narrowed


def test_a_rare_kind_among_very_many_is_looked_for_further_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_pages, "MOST_LOOKED_AT", 5)
    ana = house.subscribe()
    house.wait(minutes=1)
    for number in range(12):
        house.wait(minutes=1)
        reason = NotifyReason.UPDATE if number == 1 else NotifyReason.NEW_EVENT
        house.queue(ana, 1, reason, first=number)
    visits, path, pages = _visits(house, Roll({})), "/deliveries?reason=update", []
    while path:
        page = visits.get(path).text
        pages.append(len(set(re.findall(r"/deliveries/([\w-]+)\"", page))))
        [path] = re.findall(r'href="([^"]+)">Earlier ones', page) or [""]
        path = html.unescape(path)
    assert pages == [0, 0, 1]


@pytest.mark.slow
def test_who_would_be_told_is_asked_of_an_event_and_of_a_headline(house: House, tmp_path: Path) -> None:
    ana = house.subscribe()
    house.report("Huelga en el puerto de Chancay")
    quiet = read_quiet("22:00-07:00")
    channels = {
        "desk": Channel("desk", ChannelKind.MAIL, ("desk@example.org",), timezone="America/Lima"),
        "night": Channel("night", ChannelKind.MAIL, ("night@example.org",), timezone="America/Lima"),
        "other": Channel("other", ChannelKind.CHAT, ("",), SECRET, trouble="ROOM_URL is not set"),
    }
    roll = Roll(
        channels,
        (
            Subscription("a", "desk"),
            Subscription("b", "night", quiet=quiet),
            Subscription("c", "other", frozenset({"amazon-rail"})),
        ),
    )
    visits = _visits(house, roll)
    assert "Who would be told" in visits.get("/routes").text
    [event] = house.store.reading.list_events()
    page = visits.get(f"/routes?event={event.event.id}&at=2026-11-24T04:00").text
    assert "2 readers would be told at once" in page
    assert "it came in quiet hours" in page
    assert "wants only amazon-rail; the channel cannot be used now: ROOM_URL is not set" in page
    in_spanish = visits.get(f"/routes?event={event.event.id}", {"Accept-Language": "es"}).text
    assert "ahora: ROOM_URL no está definida" in in_spanish
    assert "hunter2" not in page
    assert ana.address not in page
    major = visits.get(f"/routes?event={event.event.id}&at=2026-11-24T04:00&major=1").text
    assert "a major event, which breaks the quiet hours 22:00-07:00" in major
    (tmp_path / "port.yaml").write_text("title: Port\nmatch:\n  any: [puerto]\n")
    watchlist = load_watchlist(tmp_path / "port.yaml", tmp_path)
    asking = Visits(replace(house.view, roll=lambda: roll, watchlists=lambda: (watchlist,)))
    said = asking.get("/routes?headline=Receta&watchlist=port").text
    assert "The watchlist does not match this headline" in said
    assert "does not match" not in asking.get("/routes?headline=El+puerto&watchlist=port").text
    for wrong in (
        "event=nothing",
        "event=%00",
        "headline=x&watchlist=none",
        "event=x&at=soon",
        "at=0001-01-01",
    ):
        answer = asking.get(f"/routes?{wrong}")
        assert (answer.status_code, 'role="alert"' in answer.text) == (200, True), wrong

"""The message of a spike says how many, how fast, what is usual, and which events are behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Cadence, Cause, Channel, ChannelKind, NotifyReason, Spike, Subscription
from service.notify import ReaderView, Roll, plan_spike, render_spike

NOW = datetime(2026, 3, 2, 18, 40, tzinfo=UTC)
RULING = Cause("e1", "Juez <b>anula</b> el contrato", 11, 8, "es", "https://d.example/1", "Diario")
STRIKE = Cause("e2", "Dockers walk out", 3, 2, "en", "javascript:alert(1)", "")
SPIKE = Spike("s", "port", "", NOW - timedelta(hours=1), NOW, 14, 9, 0.4, 7, (RULING, STRIKE))
DESK = Channel("desk", ChannelKind.MAIL, ("ana@example.org", "luis@example.org"), timezone="America/Lima")
SAME = Channel("same", ChannelKind.MAIL, ("ANA@example.org",))
ROOM = Channel("room", ChannelKind.CHAT, ("",))
CHANNELS = {"desk": DESK, "same": SAME, "room": ROOM}


def _render(
    spike: Spike = SPIKE, base_url: str = "https://w.example", channel_id: str = "desk"
) -> tuple[str, ...]:
    said = render_spike(spike, "Port", ReaderView("America/Lima", "en", base_url, channel_id), NOW)
    return said.title, said.text, said.html


def test_it_says_how_many_how_fast_what_is_usual_and_why() -> None:
    title, text, html = _render()
    assert title == "[Port] Spike: 14 reports within an hour, usual is 0.4"
    assert text == (
        "14 reports from 9 outlets between 12:40 and 13:40 (Lima); usual for such an hour is 0.4.\n\n"
        "The 2 largest of the 7 events behind it\n\n"
        "Juez <b>anula</b> el contrato\n11 reports from 8 outlets in that hour\n"
        "Read it at Diario: https://d.example/1\n"
        "The event with all its reports: https://w.example/events/e1\n\n"
        "Dockers walk out\n3 reports from 2 outlets in that hour\n"
        "The event with all its reports: https://w.example/events/e2\n\n"
        "Why you get this: these are far more reports within an hour than usual at this time of the day "
        "and the week, outlets and copies counted once. You hear of no further rise of it for 12 hours.\n\n"
        "Avizor · Port\n"
        "You get this because the channel desk follows Port (port.yaml). Ask the operator to change it.\n"
    )
    assert "<b>anula" not in html
    assert "javascript" not in html
    for link in ("https://d.example/1", "https://w.example/events/e1", "https://w.example/events/e2"):
        assert f'href="{link}"' in html


@pytest.mark.parametrize(
    ("events", "causes", "said"),
    [
        (1, (RULING,), "The event behind it"),
        (2, (RULING, STRIKE), "The 2 events behind it"),
        (4, (RULING,), "The largest of the 4 events behind it"),
    ],
)
def test_it_says_how_many_events_are_behind_it(events: int, causes: tuple[Cause, ...], said: str) -> None:
    assert f"\n\n{said}\n\n" in _render(replace(SPIKE, events=events, causes=causes))[1]


def test_without_an_address_of_ours_and_a_channel_it_links_to_the_articles_alone() -> None:
    _, text, html = _render(replace(SPIKE, causes=(RULING, STRIKE)), base_url="", channel_id="")
    assert "The event with all its reports" not in text
    assert "You get this because" not in text
    assert html.count("<a ") == 2  # the headline and the link of the one article that can be read


def test_a_spike_of_one_event_says_so() -> None:
    title, text, _ = _render(replace(SPIKE, event_id="e1", events=1, causes=(RULING,)))
    assert title == "[Port] Spike: 14 reports of one event within an hour, usual is 0.4"
    assert text.startswith("14 reports of one event from 9 outlets")


@given(st.text(max_size=2000), st.text(max_size=3000), st.text(max_size=200))
def test_whatever_a_feed_wrote_the_message_stays_small_and_whole(
    headline: str, url: str, outlet: str
) -> None:
    causes = (Cause("e", headline, 3, 3, headline, url, outlet),) * 5
    title, text, html = _render(replace(SPIKE, causes=causes))
    assert len(html.encode()) < 30_000
    assert len(title) <= 250
    assert html.count("<table") == html.count("</table>")
    assert text.endswith("\n")


def test_each_reader_is_told_once_and_at_once() -> None:
    subscriptions = [
        Subscription("late", "room", cadence=Cadence.DIGEST),
        Subscription("a", "desk", frozenset({"port"})),
        Subscription("b", "same"),
        Subscription("c", "room", frozenset({"vote"})),
    ]
    planned = plan_spike(SPIKE, Roll(CHANNELS, tuple(subscriptions)), NOW)
    assert [(one.target, one.reason, one.due_at, one.event_id) for one in planned] == [
        ("ana@example.org", NotifyReason.SPIKE, NOW, ""),
        ("luis@example.org", NotifyReason.SPIKE, NOW, ""),
    ]
    later = plan_spike(SPIKE, Roll(CHANNELS, tuple(subscriptions[1:2])), NOW + timedelta(days=1))
    assert [one.id for one in later] == [one.id for one in planned]


def test_what_was_expected_is_told_to_nobody() -> None:
    everybody = Roll(CHANNELS, (Subscription("b", "desk"),))
    assert plan_spike(replace(SPIKE, expected="the trial begins"), everybody, NOW) == []

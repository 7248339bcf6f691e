"""Who would be told of an event at some time: outcomes, hours and reasons, by the rules of planning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Cadence,
    Channel,
    ChannelKind,
    HeldReason,
    Mute,
    QuietHours,
    Said,
    Subscription,
    Timetable,
    recipient,
)
from service.notify import Circumstances, Outcome, Roll, Route, Supposed, find_routes, plan_supposed

NIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 03:00 in Lima, a Monday
MORNING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNELS = {
    "desk": Channel("desk", ChannelKind.MAIL, ("ana@x.example", "luis@x.example"), timezone="America/Lima"),
    "night": Channel("night", ChannelKind.MAIL, ("eva@x.example", "ANA@x.example"), timezone="America/Lima"),
    "room": Channel("room", ChannelKind.CHAT, ("",), "json://x.example/secret"),
}
NIGHTS = QuietHours(22 * 60, 7 * 60)
AT_ONCE = Subscription("at-once", "desk", frozenset({"port"}))
QUIET = Subscription("quiet", "night", frozenset({"port"}), quiet=NIGHTS)
DIGEST = Subscription("digest", "desk", cadence=Cadence.DIGEST, timetable=Timetable((7 * 60,)))
OTHER = Subscription("other", "room", frozenset({"chile"}))


def routes(
    *subscriptions: Subscription,
    files: Roll | None = None,
    said: dict[str, list[Said]] | None = None,
    mutes: tuple[Mute, ...] = (),
    window: timedelta = timedelta(0),
    major: bool = False,
    outlets: int = 1,
) -> list[Route]:
    """Give the routes of an alert of the watchlist `port` in the night."""
    roll = Roll(CHANNELS, subscriptions)
    supposed = Supposed("port", "Huelga", is_major=major, outlets=outlets)
    by_id = {one.id: one for one in subscriptions}
    around = Circumstances(by_id, CHANNELS, said or {}, mutes, str.upper, NIGHT, window)
    return find_routes(plan_supposed(supposed, roll, NIGHT), files or roll, roll, around)


def brief(found: list[Route]) -> list[tuple[str, Outcome, datetime | None, HeldReason | None]]:
    """Give of each route who, what, when and why."""
    return [(one.reader.target or one.channel.id, one.outcome, one.due_at, one.held) for one in found]


def test_each_reader_is_told_by_the_subscription_that_tells_first() -> None:
    found = routes(DIGEST, AT_ONCE)
    assert [(one.reader.target, one.outcome, one.subscription.id) for one in found] == [
        ("ana@x.example", Outcome.AT_ONCE, "at-once"),
        ("luis@x.example", Outcome.AT_ONCE, "at-once"),
    ]


def test_outcomes_are_in_order_and_each_says_when_and_why() -> None:
    mute = Mute("", "", "port", MORNING, "ana")
    assert brief(routes(OTHER, QUIET, DIGEST)) == [
        ("ANA@x.example", Outcome.LATER, MORNING, HeldReason.QUIET_HOURS),
        ("eva@x.example", Outcome.LATER, MORNING, HeldReason.QUIET_HOURS),
        ("luis@x.example", Outcome.LATER, MORNING, HeldReason.DIGEST),
        ("room", Outcome.NOT_WANTED, None, None),
    ]
    assert {one.outcome for one in routes(AT_ONCE, mutes=(mute,))} == {Outcome.MUTED}


def test_who_has_left_is_named_last() -> None:
    files = Roll(CHANNELS, (AT_ONCE, QUIET, OTHER))
    found = routes(OTHER, files=files)
    assert [(one.reader.target, one.outcome, one.held) for one in found] == [
        ("", Outcome.NOT_WANTED, None),
        ("ana@x.example", Outcome.LEFT, HeldReason.LEFT),
        ("eva@x.example", Outcome.LEFT, HeldReason.LEFT),
        ("luis@x.example", Outcome.LEFT, HeldReason.LEFT),
    ]


def test_a_major_event_wakes_and_the_route_says_so() -> None:
    assert [(one.outcome, one.wakes) for one in routes(QUIET, major=True)] == [(Outcome.AT_ONCE, True)] * 2
    assert [one.wakes for one in routes(AT_ONCE, major=True)] == [False, False]


def test_the_mute_that_silences_is_named() -> None:
    mute = Mute(recipient("desk", "ana@x.example").upper(), "", "port", MORNING, "its reader")
    found = {one.reader.target: one.mute for one in routes(AT_ONCE, mutes=(mute,))}
    assert found == {"ana@x.example": mute, "luis@x.example": None}


def test_what_was_told_lately_counts_against_the_limit_of_a_reader() -> None:
    limited = Subscription("s", "desk", budget=2, timetable=Timetable((18 * 60,)))
    said = {recipient("desk", "ana@x.example"): [Said("e", "port", NIGHT - timedelta(hours=1))]}
    evening = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    assert brief(routes(limited, said=said)) == [
        ("luis@x.example", Outcome.AT_ONCE, NIGHT, None),
        ("ana@x.example", Outcome.LATER, evening, HeldReason.BUDGET),
    ]
    assert {one.outcome for one in routes(limited, said=said, outlets=3)} == {Outcome.AT_ONCE}


def test_a_moment_in_which_outlets_are_counted_is_still_at_once() -> None:
    moment = timedelta(minutes=2)
    found = routes(OTHER, AT_ONCE, window=moment)[0]
    assert (found.outcome, found.due_at, found.held) == (Outcome.AT_ONCE, NIGHT + moment, HeldReason.WINDOW)


def test_nobody_is_a_reader_where_nothing_is_subscribed() -> None:
    assert routes() == []


@given(
    st.lists(st.sampled_from((AT_ONCE, QUIET, DIGEST, OTHER)), unique=True),
    st.lists(st.sampled_from((AT_ONCE, QUIET, DIGEST, OTHER)), unique=True),
    st.booleans(),
)
def test_every_reader_has_exactly_one_route(
    subscriptions: list[Subscription], gone: list[Subscription], major: bool
) -> None:
    files = Roll(CHANNELS, (*subscriptions, *gone))
    found = routes(*subscriptions, files=files, major=major)
    everybody = {
        recipient(one.channel_id, target)
        for one in files.subscriptions
        for target in CHANNELS[one.channel_id].targets
    }
    assert sorted(one.reader.name for one in found) == sorted(everybody)
    assert all((one.due_at is not None) == (one.outcome in {Outcome.AT_ONCE, Outcome.LATER}) for one in found)

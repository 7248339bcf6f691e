"""When what was planned goes out: each rule a sentence, and what holds whatever is planned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Cadence,
    Channel,
    ChannelKind,
    HeldReason,
    Mute,
    NotifyReason,
    PlannedDelivery,
    QuietHours,
    Said,
    Subscription,
    Timetable,
    recipient,
)
from service.notify.pacing import DAY, Circumstances, find_mute, pace

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 12:00 in Lima, a Monday
NIGHT = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)  # 03:00 in Lima
SEVEN = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
ANA = recipient("desk", "ana@example.org")
CHANNELS = {"desk": Channel("desk", ChannelKind.MAIL, ("ana@example.org",), timezone="America/Lima")}
EVENINGS = Timetable((18 * 60,))
NIGHTS = QuietHours(22 * 60, 7 * 60)
AT_ONCE = Subscription("s", "desk", timetable=EVENINGS)

_numbers = count(1)


def planned(**fields: Any) -> PlannedDelivery:  # noqa: ANN401 -- fields of a delivery
    """A first alert to Ana, of an event and an article of its own."""
    number = next(_numbers)
    usual = PlannedDelivery(
        id=f"d{number}",
        subscription_id="s",
        channel_id="desk",
        target="ana@example.org",
        reason=NotifyReason.NEW_EVENT,
        event_id=f"e{number}",
        watchlist_id="port",
        entry_id=number,
        due_at=NOON,
    )
    return replace(usual, **fields)


def around(
    subscription: Subscription = AT_ONCE,
    *said: Said,
    now: datetime = NOON,
    mutes: tuple[Mute, ...] = (),
    window: timedelta = timedelta(0),
) -> Circumstances:
    """Circumstances of one subscription, and of what Ana was told lately."""
    return Circumstances(
        {subscription.id: subscription}, CHANNELS, {ANA: said}, mutes, str.upper, now, window
    )


def one(decided: list[PlannedDelivery]) -> tuple[HeldReason | None, datetime]:
    """Give why the only delivery is held, and until when."""
    [delivery] = decided
    return delivery.held, delivery.due_at


def ago(minutes: float, event_id: str = "other", *, watchlist: str = "port", major: bool = False) -> Said:
    return Said(event_id, watchlist, NOON - timedelta(minutes=minutes), major)


# ------------------------------------------------------------------------------------------- the rules


def test_what_nothing_holds_goes_out_at_once() -> None:
    assert one(pace([planned()], around())) == (None, NOON)


def test_a_digest_waits_for_its_hour_whatever_else_holds() -> None:
    daily = planned(cadence=Cadence.DIGEST, held=HeldReason.DIGEST, due_at=SEVEN)
    quiet = replace(AT_ONCE, quiet=NIGHTS, budget=1)
    assert pace([daily], around(quiet, ago(5), now=NIGHT)) == [daily]


def test_in_quiet_hours_an_alert_waits_until_they_end() -> None:
    quiet = replace(AT_ONCE, quiet=NIGHTS)
    assert one(pace([planned()], around(quiet, now=NIGHT))) == (HeldReason.QUIET_HOURS, SEVEN)
    assert one(pace([planned()], around(quiet, now=SEVEN)))[0] is None


def test_a_major_event_breaks_quiet_hours_where_it_may_wake() -> None:
    quiet = replace(AT_ONCE, quiet=NIGHTS)
    assert one(pace([planned(is_major=True)], around(quiet, now=NIGHT)))[0] is None
    asleep = replace(quiet, wakes_for_major=False)
    assert one(pace([planned(is_major=True)], around(asleep, now=NIGHT))) == (HeldReason.QUIET_HOURS, SEVEN)


def test_an_update_soon_after_another_message_of_its_event_waits_half_an_hour() -> None:
    update = planned(reason=NotifyReason.UPDATE, event_id="e")
    held = (HeldReason.COOLDOWN, NOON + timedelta(minutes=10))
    assert one(pace([update], around(AT_ONCE, ago(20, "e")))) == held
    assert one(pace([update], around(AT_ONCE, ago(45, "e"), ago(20, "e")))) == held
    assert one(pace([update], around(AT_ONCE, ago(30, "e"))))[0] is None
    assert one(pace([update], around(AT_ONCE, ago(20, "other"))))[0] is None


def test_a_major_update_and_a_first_alert_do_not_wait_for_another_message_of_the_event() -> None:
    said = ago(20, "e")
    major = planned(reason=NotifyReason.UPDATE, event_id="e", is_major=True)
    assert one(pace([major], around(AT_ONCE, said)))[0] is None
    assert one(pace([planned(event_id="e")], around(AT_ONCE, said)))[0] is None


def test_what_was_said_in_the_future_holds_nothing_because_the_clock_was_set_back() -> None:
    update = planned(reason=NotifyReason.UPDATE, event_id="e")
    assert one(pace([update], around(AT_ONCE, ago(-20, "e"))))[0] is None


def test_an_update_goes_with_one_of_its_event_that_waits_already_and_takes_no_place_of_a_budget() -> None:
    update = planned(reason=NotifyReason.UPDATE, event_id="e")
    waiting = replace(ago(0, "e"), at=NOON + timedelta(minutes=7), is_held=True)
    assert one(pace([update], around(AT_ONCE, waiting))) == (HeldReason.COOLDOWN, waiting.at)
    few = replace(AT_ONCE, budget=1)
    assert one(pace([planned(weight=3, event_id="other")], around(few, waiting)))[0] is None


def test_over_the_budget_of_a_day_alerts_come_together_in_the_evening() -> None:
    four = replace(AT_ONCE, budget=4)
    held = (HeldReason.BUDGET, EVENING)
    assert one(pace([planned(weight=3)], around(four, ago(1), ago(2), ago(3))))[0] is None
    assert one(pace([planned(weight=3)], around(four, ago(1), ago(2), ago(3), ago(4)))) == held


def test_a_quarter_of_a_budget_is_kept_for_what_three_outlets_carry() -> None:
    four = around(replace(AT_ONCE, budget=4), ago(1), ago(2), ago(3))
    assert one(pace([planned(weight=2)], four)) == (HeldReason.BUDGET, EVENING)
    assert one(pace([planned(weight=3)], four))[0] is None


def test_a_budget_of_one_keeps_nothing_back() -> None:
    assert one(pace([planned()], around(replace(AT_ONCE, budget=1))))[0] is None


def test_a_major_event_comes_over_the_budget() -> None:
    assert one(pace([planned(is_major=True)], around(replace(AT_ONCE, budget=1), ago(1), ago(2))))[0] is None


def test_a_budget_counts_what_goes_out_with_the_same_plan_and_the_weightiest_find_room() -> None:
    small, large, major = planned(weight=3), planned(weight=9), planned(is_major=True)
    decided = pace([small, large, major], around(replace(AT_ONCE, budget=2)))
    assert [(found.id, found.held) for found in decided] == [
        (major.id, None),
        (large.id, None),
        (small.id, HeldReason.BUDGET),
    ]


def test_each_reader_has_a_budget_of_their_own() -> None:
    circumstances = around(replace(AT_ONCE, budget=1), ago(1))
    held = {
        found.target: found.held
        for found in pace([planned(), planned(target="luis@x.example")], circumstances)
    }
    assert held == {"ana@example.org": HeldReason.BUDGET, "luis@x.example": None}


def test_small_events_wait_half_an_hour_after_a_major_one_of_their_watchlist() -> None:
    held = (HeldReason.INHIBITED, NOON + timedelta(minutes=20))
    assert one(pace([planned()], around(AT_ONCE, ago(10, major=True)))) == held
    for free in (planned(weight=3), planned(watchlist_id="chile"), planned(reason=NotifyReason.UPDATE)):
        assert one(pace([free], around(AT_ONCE, ago(10, major=True))))[0] is None
    assert one(pace([planned()], around(AT_ONCE, ago(10))))[0] is None


def test_a_first_alert_waits_a_moment_for_more_outlets_unless_it_is_major() -> None:
    moment = timedelta(minutes=2)
    for reason in (NotifyReason.NEW_EVENT, NotifyReason.FRESH_REPORT):
        decided = pace([planned(reason=reason)], around(window=moment))
        assert one(decided) == (HeldReason.WINDOW, NOON + moment)
    assert one(pace([planned(is_major=True)], around(window=moment)))[0] is None
    assert one(pace([planned(reason=NotifyReason.UPDATE)], around(window=moment)))[0] is None


def test_what_waits_a_moment_counts_as_told() -> None:
    circumstances = around(replace(AT_ONCE, budget=1), window=timedelta(minutes=2))
    held = [found.held for found in pace([planned(), planned()], circumstances)]
    assert held == [HeldReason.WINDOW, HeldReason.BUDGET]


# ------------------------------------------------------------------------------------------------ mutes


def mute(**fields: Any) -> Mute:  # noqa: ANN401 -- fields of a mute
    return replace(Mute("", "", "port", NOON + timedelta(days=1), "ana"), **fields)


@pytest.mark.parametrize("cadence", Cadence)
def test_what_is_muted_is_not_sent_at_once_and_not_in_a_digest(cadence: Cadence) -> None:
    muted = planned(cadence=cadence, is_major=True)
    assert one(pace([muted], around(mutes=(mute(),))))[0] is HeldReason.MUTED


def test_a_mute_of_one_reader_is_silent_to_that_reader_alone() -> None:
    mine = (mute(subject=ANA.upper()),)
    held = {
        found.target: found.held
        for found in pace([planned(), planned(target="l@x.example")], around(mutes=mine))
    }
    assert held == {"ana@example.org": HeldReason.MUTED, "l@x.example": None}


def test_a_mute_of_an_event_leaves_the_other_events_of_its_watchlist() -> None:
    mutes = (mute(event_id="e", watchlist_id=""),)
    held = [found.held for found in pace([planned(event_id="e"), planned()], around(mutes=mutes))]
    assert held == [HeldReason.MUTED, None]


def test_of_several_mutes_the_longest_one_is_named() -> None:
    short, long = mute(by="short"), mute(until_at=NOON + timedelta(days=9), by="long")
    assert find_mute(planned(), around(mutes=(long, short))) == long
    assert find_mute(planned(watchlist_id="chile"), around(mutes=(long, short))) is None


# --------------------------------------------------------------------------------- several watchlists


def test_an_article_of_two_watchlists_is_told_to_a_reader_in_one_message() -> None:
    port, chile = planned(entry_id=900, weight=2), planned(entry_id=900, watchlist_id="chile")
    lead, other = pace([chile, port], around())
    assert (lead.id, lead.held) == (port.id, None)
    assert (other.id, other.held, other.covered_by) == (chile.id, HeldReason.SAME_ARTICLE, port.id)


def test_an_update_of_two_watchlists_is_one_message_before_any_that_waits() -> None:
    port = planned(entry_id=900, reason=NotifyReason.UPDATE)
    chile = planned(entry_id=900, watchlist_id="chile", reason=NotifyReason.UPDATE)
    strikes = planned(entry_id=900, watchlist_id="strikes", weight=9)
    paced = pace([port, chile, strikes], around(window=timedelta(minutes=2)))
    lead, *others = sorted(paced, key=lambda found: found.held is not None)
    assert (lead.reason, lead.held) == (NotifyReason.UPDATE, None)
    assert {(other.held, other.covered_by) for other in others} == {(HeldReason.SAME_ARTICLE, lead.id)}


def test_an_update_does_not_wait_with_an_alert_of_another_watchlist() -> None:
    port = planned(entry_id=900, reason=NotifyReason.UPDATE)
    strikes = planned(entry_id=900, watchlist_id="strikes")
    circumstances = around(AT_ONCE, ago(1, port.event_id), window=timedelta(minutes=2))
    held = {found.watchlist_id: found.held for found in pace([port, strikes], circumstances)}
    assert held == {"port": HeldReason.COOLDOWN, "strikes": HeldReason.WINDOW}


def test_what_a_reader_knows_from_another_watchlist_is_told_along_or_stays_held() -> None:
    known = planned(entry_id=900, watchlist_id="chile", held=HeldReason.SAME_EVENT, covered_by="before")
    [alone] = pace([known], around())
    assert (alone.held, alone.covered_by) == (HeldReason.SAME_EVENT, "before")
    update = planned(entry_id=900, reason=NotifyReason.UPDATE)
    along = next(found for found in pace([known, update], around()) if found.id == known.id)
    assert (along.held, along.covered_by) == (HeldReason.SAME_ARTICLE, update.id)


def test_one_message_of_two_watchlists_counts_once() -> None:
    circumstances = around(replace(AT_ONCE, budget=2))
    pair = [planned(entry_id=900, weight=3), planned(entry_id=900, weight=3, watchlist_id="chile")]
    held = [found.held for found in pace([*pair, planned(weight=3)], circumstances)]
    assert held == [None, HeldReason.SAME_ARTICLE, None]


def test_an_article_of_two_watchlists_waits_once_for_more_outlets() -> None:
    moment = timedelta(minutes=2)
    pair = [planned(entry_id=900), planned(entry_id=900, watchlist_id="chile")]
    lead, other = pace(pair, around(window=moment))
    assert (lead.held, other.held) == (HeldReason.WINDOW, HeldReason.SAME_ARTICLE)
    assert lead.due_at == other.due_at == NOON + moment


def test_a_muted_watchlist_silences_no_other_one_that_its_article_matches() -> None:
    port, chile = planned(entry_id=900, weight=9), planned(entry_id=900, watchlist_id="chile")
    held = {found.watchlist_id: found.held for found in pace([port, chile], around(mutes=(mute(),)))}
    assert held == {"port": HeldReason.MUTED, "chile": None}


def test_a_message_does_not_tell_along_what_is_muted() -> None:
    port, chile = planned(entry_id=900, weight=9), planned(entry_id=900, watchlist_id="chile")
    circumstances = around(mutes=(mute(watchlist_id="chile"),))
    held = {found.watchlist_id: found.held for found in pace([port, chile], circumstances)}
    assert held == {"port": None, "chile": HeldReason.MUTED}


def test_one_subscription_over_its_budget_holds_no_other_one_of_the_same_article() -> None:
    full, free = replace(AT_ONCE, budget=1), Subscription("free", "desk")
    circumstances = replace(around(full, ago(1)), subscriptions={"s": full, "free": free})
    port = planned(entry_id=900, weight=2)
    chile = planned(entry_id=900, watchlist_id="chile", subscription_id="free")
    held = {
        found.watchlist_id: (found.held, found.covered_by) for found in pace([port, chile], circumstances)
    }
    assert held == {"port": (HeldReason.SAME_ARTICLE, chile.id), "chile": (None, "")}


def test_an_article_of_two_watchlists_that_is_held_is_held_for_both() -> None:
    quiet = around(replace(AT_ONCE, quiet=NIGHTS), now=NIGHT)
    pair = [planned(entry_id=900), planned(entry_id=900, watchlist_id="chile")]
    found = [(one.held, one.due_at, one.covered_by) for one in pace(pair, quiet)]
    assert found == [(HeldReason.QUIET_HOURS, SEVEN, "")] * 2


# ------------------------------------------------------------------------------- whatever is planned

NAMES = st.sampled_from("ab")
MINUTES = st.integers(0, 24 * 60 - 1)
SUBSCRIPTIONS = st.builds(
    Subscription,
    id=st.just("s"),
    channel_id=st.just("desk"),
    timetable=st.builds(Timetable, st.tuples(MINUTES)),
    quiet=st.none() | st.builds(QuietHours, MINUTES, MINUTES),
    wakes_for_major=st.booleans(),
    budget=st.integers(0, 5),
)
MOMENTS = st.integers(0, 3 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
WINDOWS = st.sampled_from((timedelta(0), timedelta(minutes=2)))
PLANS = st.lists(
    st.builds(
        planned,
        target=st.sampled_from(("ana@example.org", "luis@example.org")),
        reason=st.sampled_from((NotifyReason.NEW_EVENT, NotifyReason.FRESH_REPORT, NotifyReason.UPDATE)),
        event_id=NAMES,
        watchlist_id=NAMES,
        entry_id=st.integers(1, 5),
        weight=st.integers(1, 9),
        is_major=st.booleans(),
    ),
    max_size=8,
)
MUTES = st.lists(
    st.builds(
        Mute,
        subject=st.sampled_from(("", ANA.upper())),
        event_id=st.sampled_from(("", "a")),
        watchlist_id=NAMES,
        until_at=st.just(NOON + timedelta(days=9)),
        by=st.just("x"),
    ),
    max_size=1,
)
SAID = st.lists(
    st.builds(
        Said, NAMES, NAMES, st.integers(-60, 1_440).map(lambda m: NOON - timedelta(minutes=m)), st.booleans()
    ),
    max_size=6,
)
DELAYS = {HeldReason.COOLDOWN, HeldReason.BUDGET, HeldReason.INHIBITED, HeldReason.WINDOW}
TOLD = (None, HeldReason.WINDOW)


@given(PLANS, SUBSCRIPTIONS, SAID, MUTES, MOMENTS, WINDOWS)
def test_pacing_loses_nothing_and_makes_nothing_up(
    plans: list[PlannedDelivery],
    subscription: Subscription,
    said: list[Said],
    mutes: list[Mute],
    now: datetime,
    window: timedelta,
) -> None:
    plans = [replace(one, due_at=now) for one in plans]
    decided = pace(plans, around(subscription, *said, now=now, mutes=tuple(mutes), window=window))
    assert Counter(one.id for one in decided) == Counter(one.id for one in plans)
    asked = {one.id: one for one in plans}
    told = {one.id: one for one in decided if one.held in TOLD}
    for found in decided:
        assert replace(found, held=None, due_at=now, covered_by="") == asked[found.id]
        assert found.due_at >= now
        if found.covered_by:
            lead = told[found.covered_by]
            assert found.held is HeldReason.SAME_ARTICLE
            assert (lead.entry_id, lead.target) == (found.entry_id, found.target)
        if found.is_major:
            assert found.held not in DELAYS


@pytest.mark.slow
@given(SUBSCRIPTIONS, WINDOWS, st.lists(st.tuples(st.integers(0, 300), PLANS), max_size=12))
def test_no_reader_is_told_more_at_once_within_a_day_than_wanted_but_of_major_events(
    subscription: Subscription, window: timedelta, rounds: list[tuple[int, list[PlannedDelivery]]]
) -> None:
    said: list[Said] = []
    now = NOON
    for minutes, plans in rounds:
        now += timedelta(minutes=minutes)
        mine = [replace(one, target="ana@example.org") for one in plans]
        lately = [one for one in said if one.at > now - DAY]
        for found in pace(mine, around(subscription, *lately, now=now, window=window)):
            if found.held in TOLD:
                said.append(Said(found.event_id, found.watchlist_id, now, found.is_major))
                within = [one for one in said if one.at > now - DAY and not one.is_major]
                assert not subscription.budget or found.is_major or len(within) <= subscription.budget

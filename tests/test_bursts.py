"""When a series brings far more than is usual for it: what counts, what is usual, and what is a burst."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.bursts import (
    DAY,
    FLOOR,
    HALF_LIFE,
    HISTORY,
    HOUR,
    LEAST,
    MOST_CAUSES,
    QUIET,
    THRESHOLD,
    WARM_UP,
    WEEK,
    Burst,
    CountedReport,
    Habit,
    Series,
    busiest_hour,
    count_independent,
    follow,
    hour_before,
    learn,
    main_events,
    say_expected,
    say_usual,
)

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _report(number: int, at: datetime, outlet: str = "", event: str = "", copy: str = "") -> CountedReport:
    return CountedReport(number, at, outlet or f"outlet {number}", event, copy)


def _hour(count: int, at: datetime, *, first: int = 10_000, event: str = "") -> list[CountedReport]:
    """Give reports of so many outlets, a minute apart, the first at that time."""
    return [_report(first + n, at + n * MINUTE, event=event) for n in range(count)]


def _watched(for_: timedelta) -> Series:
    """Give a series that has been silent for so long."""
    return Series.begin(MONDAY - for_)


# ------------------------------------------------------------------------------------- what counts


def test_an_outlet_counts_once_and_so_does_a_copy() -> None:
    reports = [
        _report(1, MONDAY, "Diario", copy="wire"),
        _report(2, MONDAY, "Gaceta", copy="wire"),
        _report(3, MONDAY, "Gaceta"),
        _report(4, MONDAY, "Gaceta"),
        _report(5, MONDAY, "Radio", copy="wire"),
    ]
    assert count_independent(reports) == 2


def test_a_copy_counts_for_the_outlet_that_ran_it_first_whatever_the_order_in_which_it_is_read() -> None:
    first, copied = (
        _report(1, MONDAY, "Diario", copy="wire"),
        _report(2, MONDAY + MINUTE, "Gaceta", copy="wire"),
    )
    own = _report(3, MONDAY, "Diario")
    assert count_independent([copied, own, first]) == 1
    assert count_independent([copied, own]) == 2


_reports = st.lists(
    st.builds(
        CountedReport,
        id=st.integers(1, 999),
        at=st.integers(0, 600).map(lambda minutes: MONDAY + minutes * MINUTE),
        outlet=st.sampled_from("abcdefgh"),
        event_id=st.sampled_from(["", "e1", "e2", "e3"]),
        copy=st.sampled_from(["", "", "wire", "other"]),
    ),
    max_size=60,
    unique_by=lambda one: one.id,
)


@given(_reports, st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_no_count(reports: list[CountedReport], rnd: random.Random) -> None:
    shuffled = rnd.sample(reports, len(reports))
    assert count_independent(shuffled) == count_independent(reports)
    assert count_independent(reports) <= len({one.outlet for one in reports})


# ------------------------------------------------------------------------------------ what is a burst


def test_the_least_burst_of_a_silent_series_is_five_independent_reports() -> None:
    assert LEAST == 5
    _, bursts = follow(_watched(WEEK), _hour(4, MONDAY))
    assert bursts == ()
    _, bursts = follow(_watched(WEEK), _hour(5, MONDAY))
    assert bursts == (Burst(MONDAY + 4 * MINUTE, 5, 0.0),)


def test_five_reports_of_two_outlets_or_of_one_copy_are_none() -> None:
    two = [_report(n, MONDAY + n * MINUTE, f"outlet {n % 2}") for n in range(20)]
    copies = [_report(n, MONDAY + n * MINUTE, copy="wire") for n in range(20)]
    assert follow(_watched(WEEK), two)[1] == follow(_watched(WEEK), copies)[1] == ()


def test_five_reports_in_more_than_an_hour_are_none() -> None:
    spread = [_report(n, MONDAY + n * 15 * MINUTE) for n in range(9)]
    assert follow(_watched(WEEK), spread)[1] == ()
    assert len(follow(_watched(WEEK), [_report(n, MONDAY + n * 14 * MINUTE) for n in range(9)])[1]) == 1


def test_nothing_is_a_burst_before_the_warm_up_is_over() -> None:
    burst = _hour(30, MONDAY)
    assert follow(_watched(WARM_UP), burst)[1] == ()  # the last hour is not over
    assert len(follow(_watched(WARM_UP + 2 * HOUR), burst)[1]) == 1


def test_a_burst_is_said_once_and_another_only_when_twelve_hours_are_over() -> None:
    long = [_report(n, MONDAY + n * 5 * MINUTE) for n in range(12 * 11)]
    series, bursts = follow(_watched(WEEK), long)
    assert len(bursts) == 1
    again = _hour(30, bursts[0].at + QUIET + HOUR)
    _, later = follow(series, again)
    assert len(later) == 1
    assert follow(series, _hour(30, bursts[0].at + QUIET - HOUR))[1] == ()


def test_what_was_told_after_a_time_silences_that_time_too() -> None:
    told = replace(_watched(WEEK), told_at=MONDAY + HOUR)
    assert follow(told, _hour(9, MONDAY))[1] == ()


def test_a_busy_series_needs_more_than_a_quiet_one() -> None:
    hours = int(2 * WEEK / HOUR)
    rnd = random.Random(1)
    busy = learn(
        _watched(2 * WEEK),
        [
            one
            for n in range(hours)
            for one in _hour(rnd.randint(4, 8), MONDAY - (hours - n) * HOUR, first=n * 100)
        ],
        MONDAY,
    )
    assert follow(busy, _hour(9, MONDAY))[1] == ()
    [burst] = follow(busy, _hour(40, MONDAY))[1]
    assert 5 < burst.usual < 7
    assert burst.count > burst.usual + THRESHOLD * (busy.habit.spread + FLOOR)


def test_a_report_whose_hour_is_closed_changes_nothing() -> None:
    series, _ = follow(_watched(WEEK), [_report(1, MONDAY)])
    assert follow(series, [_report(2, MONDAY - DAY)]) == (series, ())


def test_the_first_hour_of_a_series_is_looked_at_though_it_is_not_whole() -> None:
    borrowed = learn(_watched(WEEK), [], MONDAY).habit
    young = Series.begin(MONDAY + 30 * MINUTE, borrowed)
    assert young.learnt_until == MONDAY + HOUR
    assert len(follow(young, _hour(6, MONDAY + 31 * MINUTE))[1]) == 1


def test_a_young_series_goes_by_what_it_borrowed_until_it_is_a_week_old() -> None:
    lender = Habit()
    for n in range(200):
        lender = lender.learn(MONDAY + n * HOUR, 10)
    series = Series.begin(MONDAY, borrowed=lender)
    assert series.habit_at(MONDAY + WEEK - MINUTE) is lender
    assert series.habit_at(MONDAY + WEEK) is series.habit
    assert follow(series, _hour(12, MONDAY + DAY))[1] == ()
    assert len(follow(series, _hour(12, MONDAY + 8 * DAY))[1]) == 1
    assert Series.begin(MONDAY).habit_at(MONDAY) == Habit()


# ------------------------------------------------------------------------------------- what is usual


def test_of_nothing_nothing_is_usual() -> None:
    assert (Habit().usual(MONDAY), Habit().spread, Habit().is_ready) == (0.0, 0.0, False)


def test_an_hour_of_a_week_ago_weighs_half_of_one_now() -> None:
    def after(silent: timedelta) -> float:
        habit = Habit().learn(MONDAY, 8)
        for n in range(1, 1 + int(silent / HOUR)):
            habit = habit.learn(MONDAY + n * HOUR, 0)
        return habit.reports

    assert after(HALF_LIFE) == pytest.approx(4)
    assert after(HISTORY) < 8 * 0.04


def test_a_night_is_quieter_than_a_day_and_a_sunday_than_a_monday() -> None:
    habit = Habit()
    for n in range(int(HISTORY / HOUR)):
        at = MONDAY + n * HOUR
        habit = habit.learn(at, 0 if at.hour < 6 or at.weekday() == 6 else 3)
    noon = MONDAY + HISTORY + 12 * HOUR
    assert habit.usual(noon) > 2.4
    assert habit.usual(noon - 10 * HOUR) < 1
    assert habit.usual(noon + 6 * DAY) < 1


def test_a_burst_does_not_change_the_rhythm() -> None:
    habit = Habit()
    for n in range(int(WEEK / HOUR)):
        habit = habit.learn(MONDAY + n * HOUR, n % 2)
    after = habit.learn(MONDAY + WEEK, 50)
    assert after.by_hour[0] <= habit.by_hour[0] + 1
    assert after.reports > habit.reports + 40


def test_what_comes_every_tuesday_at_three_is_no_burst_from_its_third_time_on() -> None:
    series = _watched(WEEK)
    found = []
    for week in range(6):
        briefing = MONDAY + week * WEEK + DAY + 15 * HOUR + 30 * MINUTE
        series, bursts = follow(series, _hour(20, briefing, first=week * 1000))
        found.append(len(bursts))
    assert found == [1, 1, 0, 0, 0, 0]
    late = MONDAY + 6 * WEEK + 20 * HOUR
    assert len(follow(series, _hour(20, late))[1]) == 1


def test_one_burst_makes_no_habit() -> None:
    series, _ = follow(_watched(2 * WEEK), _hour(20, MONDAY))
    for week in (1, 2, 3, 4):
        series = learn(series, [], MONDAY + week * WEEK - HOUR)
    assert len(follow(series, _hour(20, MONDAY + 4 * WEEK))[1]) == 1


def test_an_hour_that_is_none_of_the_clock_has_the_habits_of_both_it_lies_in() -> None:
    habit = Habit()
    for n in range(int(HISTORY / HOUR)):
        at = MONDAY + n * HOUR
        habit = habit.learn(at, 9 if (at.weekday(), at.hour) == (1, 12) else 0)
    noon = MONDAY + HISTORY + DAY + 12 * HOUR
    assert habit.usual(noon) == habit.usual(noon - MINUTE) == habit.usual(noon + MINUTE) == 9
    assert habit.usual(noon + HOUR) == habit.usual(noon - HOUR) < 1


# ------------------------------------------------------------------------------ however they come


@given(_reports, st.lists(st.integers(0, 60), max_size=6))
def test_the_same_reports_give_the_same_bursts_in_however_many_parts_they_come(
    reports: list[CountedReport], cuts: list[int]
) -> None:
    in_order = sorted(reports, key=lambda one: (one.at, one.id))
    whole, bursts = follow(_watched(WEEK), reports)
    series = _watched(WEEK)
    found: list[Burst] = []
    places = [0, *sorted(cuts), len(in_order)]
    for begin, end in pairwise(places):
        series, some = follow(series, in_order[begin:end])
        found += some
    assert tuple(found) == bursts
    assert series == whole


@given(_reports, st.integers(0, 600))
def test_what_was_learnt_until_a_time_is_followed_from_there_on(
    reports: list[CountedReport], minutes: int
) -> None:
    until = MONDAY + minutes * MINUTE
    learnt = learn(_watched(WEEK), reports, until)
    assert all(one.at <= until for one in learnt.recent)
    followed, _ = follow(learnt, (one for one in reports if one.at > until))
    whole, _ = follow(_watched(WEEK), reports)
    end = MONDAY + DAY
    assert replace(learn(followed, [], end), told_at=None) == replace(learn(whole, [], end), told_at=None)


@given(_reports)
def test_bursts_are_apart_and_hold_what_is_asked_of_them(reports: list[CountedReport]) -> None:
    _, bursts = follow(_watched(WEEK), reports)
    for burst in bursts:
        mine = hour_before(reports, burst.at)
        assert LEAST <= burst.count <= count_independent(mine) <= len(mine)
    assert all(later.at - earlier.at >= QUIET for earlier, later in pairwise(bursts))


# ------------------------------------------------------------------------------------ what is said of it


def test_the_busiest_hour_is_the_one_with_most_independent_reports() -> None:
    early = [_report(n, MONDAY + n * MINUTE, "Diario") for n in range(30)]
    late = _hour(6, MONDAY + 2 * HOUR)
    assert busiest_hour([*early, *late], MONDAY) == late
    assert busiest_hour([*early, *late], MONDAY + 2 * HOUR + 5 * MINUTE) == late


def test_the_events_named_are_as_few_as_hold_more_than_half_of_the_reports() -> None:
    reports = [_report(n, MONDAY, event=name) for n, name in enumerate("aaaabbbc")]
    assert main_events(reports) == ["a", "b"]
    assert main_events(reports[:5]) == ["a"]
    many = [_report(n, MONDAY + n * MINUTE, event=f"e{n:02}") for n in range(20)]
    assert main_events(many) == [f"e{n:02}" for n in range(MOST_CAUSES)]


@pytest.mark.parametrize(
    ("day", "said"), [(8, ""), (9, "trial"), (10, "trial; vote"), (11, "trial; vote"), (12, "vote"), (13, "")]
)
def test_what_is_due_is_said_of_its_day_and_the_days_beside_it(day: int, said: str) -> None:
    known = [(date(2026, 3, 10), "trial"), (date(2026, 3, 11), "vote")]
    assert say_expected(known, datetime(2026, 3, day, 23, 59, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("usual", "said"), [(0, "none"), (0.04, "none"), (0.05, "0.1"), (0.4, "0.4"), (9.94, "9.9"), (31.4, "31")]
)
def test_what_is_usual_is_said_in_two_figures(usual: float, said: str) -> None:
    assert say_usual(usual) == said


# ------------------------------------------------------------------------------------ six weeks of it


@dataclass(frozen=True)
class _Town:
    """A made-up series: its mean an hour, and how often a story of a few outlets goes round."""

    rate: float
    size: int
    rounds: float = 0.0

    def live(self, seed: int) -> tuple[list[CountedReport], list[datetime]]:
        """Give six weeks of it with a rhythm of day and week, and the four hours of which each is a burst."""
        rnd = random.Random(seed)
        reports: list[CountedReport] = []
        for n in range(int(6 * WEEK / HOUR)):
            at = MONDAY + n * HOUR
            rhythm = (1 + 0.8 * math.sin((at.hour - 6) / 12 * math.pi)) * (0.6 if at.weekday() > 4 else 1.16)
            count = _poisson(self.rate * rhythm, rnd)
            count += rnd.randint(3, 7) if rnd.random() < self.rounds else 0
            reports += [
                _report(100 * n + k, at + rnd.random() * HOUR, f"outlet {rnd.randrange(200)}")
                for k in range(count)
            ]
        planted = [
            MONDAY + week * WEEK + rnd.randrange(7) * DAY + rnd.randrange(24) * HOUR for week in (2, 3, 4, 5)
        ]
        for n, at in enumerate(planted):
            reports += [
                _report(10**6 + 1000 * n + k, at + rnd.random() * 50 * MINUTE, f"other {k}")
                for k in range(self.size)
            ]
        return reports, planted


def _poisson(mean: float, rnd: random.Random) -> int:
    count, left = 0, rnd.random()
    while left > math.exp(-mean):
        count, left = count + 1, left * rnd.random()
    return count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("town", "least_found", "most_false"),
    [
        (_Town(0.05, 8), 16, 0),
        (_Town(0.4, 9), 16, 0),
        (_Town(2, 14), 16, 0),
        (_Town(5, 28), 16, 0),
        (_Town(2, 14, rounds=1 / 24), 15, 1),
    ],
    ids=["nearly silent", "quiet", "lively", "busy", "a story a day goes round"],
)
def test_in_six_weeks_planted_bursts_are_found_and_hardly_anything_else(
    town: _Town, least_found: int, most_false: int
) -> None:
    """Four towns of each kind: 16 planted bursts in 24 weeks."""
    found = false = 0
    for seed in range(4):
        reports, planted = town.live(seed)
        _, bursts = follow(Series.begin(MONDAY), reports)
        hits = {at for at in planted for burst in bursts if at <= burst.at <= at + HOUR}
        found += len(hits)
        false += sum(not any(at <= burst.at <= at + 2 * HOUR for at in planted) for burst in bursts)
    assert found >= least_found
    assert false <= most_false

"""The hours of readers: digests at times of the week, quiet hours, and how both are written."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import EVERY_DAY, Cadence, QuietHours, Timetable
from service.hours import next_time, quiet_until, read_quiet, read_when, write_quiet, write_when

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants them so


def digest(clock: str, zone: str, after: str) -> str:
    hour, minute = map(int, clock.split(":"))
    at = next_time(Timetable((60 * hour + minute,)), zone, datetime.fromisoformat(after))
    assert at.tzinfo is UTC
    return at.isoformat(timespec="minutes").removesuffix("+00:00")


@pytest.mark.parametrize(
    ("clock", "zone", "after", "expected"),
    [
        ("07:00", "UTC", "2026-03-02T06:59:59Z", "2026-03-02T07:00"),
        ("07:00", "UTC", "2026-03-02T07:00:00Z", "2026-03-03T07:00"),
        ("07:00", "America/Lima", "2026-03-02T09:30:00Z", "2026-03-02T12:00"),
        ("07:00", "America/Lima", "2026-03-02T13:00:00Z", "2026-03-03T12:00"),
        ("00:30", "Pacific/Kiritimati", "2026-03-02T09:30:00Z", "2026-03-02T10:30"),
        ("23:30", "Pacific/Pago_Pago", "2026-03-02T09:30:00Z", "2026-03-02T10:30"),
        ("07:00", "Asia/Kathmandu", "2026-03-02T00:00:00Z", "2026-03-02T01:15"),
    ],
)
def test_a_digest_goes_out_at_the_readers_own_hour(clock: str, zone: str, after: str, expected: str) -> None:
    assert digest(clock, zone, after) == expected


@pytest.mark.parametrize(
    ("clock", "zone", "after", "expected"),
    [
        # Berlin skips 02:00 to 03:00 on 29 March 2026.
        ("02:30", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00"),
        ("02:30", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30"),
        ("03:00", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00"),
        # Santiago skips midnight to 01:00 on 6 September 2026.
        ("00:15", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00"),
        # Samoa skipped the whole of 30 December 2011.
        ("07:00", "Pacific/Apia", "2011-12-29T20:00:00Z", "2011-12-30T10:00"),
        ("07:00", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T17:00"),
    ],
)
def test_a_time_the_clocks_skip_goes_to_the_next_they_show(
    clock: str, zone: str, after: str, expected: str
) -> None:
    assert digest(clock, zone, after) == expected


def test_a_time_the_clocks_show_twice_happens_once() -> None:
    # Berlin has 02:00 to 03:00 twice on 25 October 2026.
    assert digest("02:30", "Europe/Berlin", "2026-10-24T12:00:00Z") == "2026-10-25T00:30"
    assert digest("02:30", "Europe/Berlin", "2026-10-25T00:30:00Z") == "2026-10-26T01:30"


def test_a_zone_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        next_time(Timetable(), "Mars/Olympus", NOW)


@given(
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(sorted(available_timezones())),
    moments,
)
def test_a_digest_always_comes_within_two_days_at_its_hour_or_just_after_a_gap(
    hour: int, minute: int, zone: str, after: datetime
) -> None:
    at = next_time(Timetable((60 * hour + minute,)), zone, after)
    assert after < at <= after + 2 * DAY
    shown = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    wanted = datetime.combine(shown, time(hour, minute))
    if shown != wanted:
        before = (at - MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert shown - before > MINUTE  # the clocks jumped right here


@pytest.mark.parametrize(
    ("written", "minutes", "days"),
    [
        ("daily 07:00", (420,), EVERY_DAY),
        ("daily 18:30 7:05", (425, 1110), EVERY_DAY),
        ("weekdays 07:00", (420,), {0, 1, 2, 3, 4}),
        ("weekly monday 07:00", (420,), {0}),
        ("monday thursday 08:00", (480,), {0, 3}),
    ],
)
def test_a_digest_may_be_written_for_days_of_the_week_and_several_hours(
    written: str, minutes: tuple[int, ...], days: set[int]
) -> None:
    assert read_when(written) == (Cadence.DIGEST, Timetable(minutes, frozenset(days)))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "daily",
        "07:00",
        "daily 24:00",
        "daily 7",
        "weekly 07:00",
        "sometimes 07:00",
        "daily 1:00" + " 2:00" * 6,
    ],
)
def test_what_is_no_time_is_not_guessed_at(written: str) -> None:
    assert read_when(written) is None


minutes_of_day = st.integers(0, 24 * 60 - 1)
timetables = st.builds(
    Timetable,
    st.sets(minutes_of_day, min_size=1, max_size=6).map(lambda found: tuple(sorted(found))),
    st.frozensets(st.integers(0, 6), min_size=1),
)


@given(timetables)
def test_what_is_written_of_a_timetable_is_read_as_that_timetable(timetable: Timetable) -> None:
    assert read_when(write_when(Cadence.DIGEST, timetable)) == (Cadence.DIGEST, timetable)


def test_at_once_is_written_and_read_too() -> None:
    assert read_when(write_when(Cadence.IMMEDIATE, Timetable())) == (Cadence.IMMEDIATE, Timetable())


@given(timetables, st.sampled_from(["UTC", "America/Lima", "America/Santiago", "Asia/Shanghai"]), moments)
def test_the_next_time_is_on_a_day_of_the_timetable_and_within_eight_days(
    timetable: Timetable, zone: str, after: datetime
) -> None:
    at = next_time(timetable, zone, after)
    assert after < at <= after + 8 * DAY
    shown = at.astimezone(ZoneInfo(zone))
    if shown.hour * 60 + shown.minute in timetable.minutes:
        assert shown.weekday() in timetable.days


NIGHT = QuietHours(22 * 60, 7 * 60)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-03T02:59:00Z", None),  # 21:59 in Lima
        ("2026-03-03T03:00:00Z", "2026-03-03T12:00:00Z"),
        ("2026-03-03T11:59:59Z", "2026-03-03T12:00:00Z"),
        ("2026-03-03T12:00:00Z", None),
    ],
)
def test_quiet_hours_hold_over_midnight_in_the_readers_zone(now: str, until: str | None) -> None:
    found = quiet_until(NIGHT, "America/Lima", datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(until) if until else None)


def test_quiet_hours_may_lie_within_a_day_or_not_be_there() -> None:
    noon = QuietHours(12 * 60, 14 * 60)
    assert quiet_until(noon, "UTC", datetime(2026, 3, 2, 13, 59, tzinfo=UTC)) == datetime(
        2026, 3, 2, 14, tzinfo=UTC
    )
    assert quiet_until(noon, "UTC", datetime(2026, 3, 2, 14, 0, tzinfo=UTC)) is None
    assert quiet_until(None, "UTC", NOW) is None


@given(minutes_of_day, minutes_of_day, moments)
def test_quiet_hours_end_within_a_day_and_are_over_then(begins: int, ends: int, now: datetime) -> None:
    quiet = QuietHours(begins, ends)
    until = quiet_until(quiet, "UTC", now)
    if until is not None:
        assert now < until <= now + DAY
        assert quiet_until(quiet, "UTC", until) is None


def test_quiet_hours_are_read_as_they_are_written() -> None:
    assert read_quiet("22:00-07:00") == NIGHT
    assert read_quiet("22:00 - 7:00") == NIGHT
    assert write_quiet(NIGHT) == "22:00-07:00"
    assert write_quiet(None) == ""
    assert [read_quiet(text) for text in ("", "22-7", "25:00-07:00", "07:00-07:00")] == [None] * 4

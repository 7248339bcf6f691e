"""Which sends may begin: lines that fail, targets that refuse, and how much room is left for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.circuit import OPENS_AFTER, PROVEN, UNPROVEN, Lines, Way, is_reached, is_refusal, paused_words
from service.domain import SendOutcome, SendResult

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAIL = Way("mail")
ROOM = Way("json://chat.example", "chat:room")


def _end(
    lines: Lines, way: Way, now: datetime, *, reached: bool | None, begun_at: datetime | None = None
) -> bool:
    return lines.end(way, reached=reached, begun_at=begun_at or now, now=now, jitter=0)


def _send(lines: Lines, way: Way, now: datetime, *, reached: bool | None) -> bool:
    assert lines.may_begin(way, now)
    lines.begin(way)
    return _end(lines, way, now, reached=reached)


def _begin_all(lines: Lines, ways: list[Way]) -> list[Way]:
    """Begin what may begin now, and give it."""
    begun = []
    for way in ways:
        if lines.may_begin(way, NOW):
            lines.begin(way)
            begun.append(way)
    return begun


def _fail(lines: Lines, way: Way, times: int) -> datetime:
    """Have sends fail, a second apart; gives the time of the last."""
    for number in range(times):
        _send(lines, way, NOW + timedelta(seconds=number), reached=False)
    return NOW + timedelta(seconds=times - 1)


def test_so_many_go_over_one_line_and_no_more() -> None:
    lines = Lines(2)
    for _ in range(2):
        assert lines.may_begin(MAIL, NOW)
        lines.begin(MAIL)
    assert not lines.may_begin(MAIL, NOW)
    assert lines.may_begin(ROOM, NOW)
    _end(lines, MAIL, NOW, reached=True)
    assert lines.may_begin(MAIL, NOW)


def test_a_target_gets_one_message_at_a_time() -> None:
    lines = Lines(8)
    lines.begin(ROOM)
    assert not lines.may_begin(ROOM, NOW)
    assert lines.may_begin(Way(ROOM.line, "chat:other"), NOW)
    _end(lines, ROOM, NOW, reached=True)
    assert lines.may_begin(ROOM, NOW)


def test_a_line_that_failed_gets_one_message_at_a_time_until_it_answers() -> None:
    lines = Lines(8)
    _send(lines, MAIL, NOW, reached=False)
    lines.begin(MAIL)
    assert not lines.may_begin(MAIL, NOW)
    assert _end(lines, MAIL, NOW, reached=True), "it is back"
    lines.begin(MAIL)
    assert lines.may_begin(MAIL, NOW)
    assert not _end(lines, MAIL, NOW, reached=True), "it was well before"


def test_after_three_failures_in_a_row_nothing_goes_out_until_one_looks_again() -> None:
    lines = Lines(8)
    assert _fail(lines, MAIL, OPENS_AFTER - 1) < NOW + MINUTE
    assert lines.list_open(NOW + MINUTE / 2) == []
    at = NOW + MINUTE / 2
    _send(lines, MAIL, at, reached=False)
    assert lines.list_open(at) == [("mail", at + MINUTE)]
    assert not lines.may_begin(MAIL, at + MINUTE - timedelta(seconds=1))
    assert lines.may_begin(MAIL, at + MINUTE)
    lines.begin(MAIL)
    assert not lines.may_begin(MAIL, at + MINUTE), "only one looks"


def test_each_look_in_vain_makes_the_pause_longer_up_to_an_hour_and_an_answer_ends_it() -> None:
    lines = Lines(8)
    at = _fail(lines, MAIL, OPENS_AFTER)
    pauses = []
    for _ in range(8):
        [(_, until)] = lines.list_open(at)
        pauses.append((until - at) / MINUTE)
        at = until
        _send(lines, MAIL, at, reached=False)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    [(_, until)] = lines.list_open(at)
    assert _send(lines, MAIL, until, reached=True)
    assert lines.list_open(until) == []
    lines.begin(MAIL)
    assert lines.may_begin(MAIL, until)


def test_what_fails_beside_others_is_one_failure() -> None:
    lines = Lines(8)
    for _ in range(8):
        lines.begin(MAIL)
    for number in range(8):
        _end(lines, MAIL, NOW + timedelta(seconds=number), reached=False, begun_at=NOW - MINUTE)
    assert lines.list_open(NOW + timedelta(seconds=8)) == []


def test_where_nobody_was_asked_nothing_is_learned() -> None:
    lines = Lines(8)
    for _ in range(9):
        _send(lines, MAIL, NOW, reached=None)
    assert lines.list_open(NOW) == []
    assert lines.may_begin(MAIL, NOW)


def test_a_clock_that_is_set_back_keeps_no_line_open() -> None:
    lines = Lines(8)
    at = _fail(lines, MAIL, OPENS_AFTER)
    assert lines.list_open(at)
    assert lines.list_open(at - timedelta(days=1)) == []
    assert lines.may_begin(MAIL, at - timedelta(days=1))


def test_lines_that_were_never_asked_take_no_place_of_those_that_answer() -> None:
    lines = Lines(2)
    well = [Way(f"json://well-{number}.example", f"well:{number}") for number in range(PROVEN + 2)]
    dead = [Way(f"json://dead-{number}.example", f"dead:{number}") for number in range(2 * UNPROVEN)]
    for way in well:
        _send(lines, way, NOW, reached=True)
    assert _begin_all(lines, dead) == dead[:UNPROVEN]
    assert _begin_all(lines, well) == well
    assert lines.room() == 0
    assert lines.is_full(MAIL.line, NOW)


def test_what_is_under_way_to_a_server_that_fails_counts_among_those_that_do_not_answer() -> None:
    lines = Lines(UNPROVEN)
    _send(lines, MAIL, NOW, reached=True)
    for _ in range(UNPROVEN):
        lines.begin(MAIL)
    lines.end(MAIL, reached=False, begun_at=NOW, now=NOW, jitter=0)
    new = [Way(f"json://new-{number}.example", f"new:{number}") for number in range(UNPROVEN)]
    assert _begin_all(lines, new) == new[:1], "those that are still under way there have answered nothing"


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.sampled_from([True, False, None]), st.integers(0, 120)), max_size=300
    )
)
def test_however_sends_end_there_is_always_room_for_a_line_that_answers(
    steps: list[tuple[int, bool | None, int]],
) -> None:
    lines, now, going = Lines(3), NOW, []
    for number, reached, seconds in steps:
        now += timedelta(seconds=seconds)
        way = Way(f"line-{number % 30}", f"chat:{number}")
        if lines.may_begin(way, now):
            lines.begin(way)
            going.append((way, now))
        elif going:
            ended, begun_at = going.pop(number % len(going))
            _end(lines, ended, now, reached=reached, begun_at=begun_at)
        by_line = [way.line for way, _ in going]
        assert all(by_line.count(line) <= 3 for line in by_line)
        assert lines.room() == UNPROVEN + PROVEN + 3 - len(going) >= 0
        assert len({way.target for way, _ in going}) == len(going)


@pytest.mark.parametrize(
    ("outcome", "phase", "code", "reached"),
    [
        (SendOutcome.SENT, "dot", 250, True),
        (SendOutcome.SENT, "answer", 0, True),
        (SendOutcome.PERMANENT, "rcpt", 550, True),
        (SendOutcome.TEMPORARY, "answer", 503, True),
        (SendOutcome.TEMPORARY, "answer", 0, False),
        (SendOutcome.TEMPORARY, "connect", 0, False),
        (SendOutcome.TEMPORARY, "connect", 421, False),
        (SendOutcome.TEMPORARY, "auth", 535, False),
        (SendOutcome.AMBIGUOUS, "dot", 0, False),
        (SendOutcome.TEMPORARY, "settings", 0, None),
        (SendOutcome.TEMPORARY, "lease", 0, None),
        (SendOutcome.PERMANENT, "address", 0, None),
    ],
)
def test_a_server_is_reached_where_it_says_something_of_the_message(
    outcome: SendOutcome, phase: str, code: int, *, reached: bool | None
) -> None:
    assert is_reached(SendResult(outcome, phase, code)) is reached


@pytest.mark.parametrize(
    ("outcome", "phase", "code", "of_mail", "of_chat"),
    [
        (SendOutcome.PERMANENT, "rcpt", 550, True, False),
        (SendOutcome.PERMANENT, "rcpt", 0, False, False),
        (SendOutcome.PERMANENT, "dot", 554, False, False),
        (SendOutcome.TEMPORARY, "rcpt", 450, False, False),
        *((SendOutcome.PERMANENT, "answer", code, False, True) for code in (401, 403, 404, 410)),
        (SendOutcome.PERMANENT, "answer", 413, False, False),
        (SendOutcome.TEMPORARY, "answer", 401, False, False),
    ],
)
def test_a_target_refuses_where_the_answer_is_not_about_one_message(
    outcome: SendOutcome, phase: str, code: int, *, of_mail: bool, of_chat: bool
) -> None:
    result = SendResult(outcome, phase, code)
    assert (is_refusal(result, is_mail=True), is_refusal(result, is_mail=False)) == (of_mail, of_chat)


def test_what_waits_for_a_target_says_what_that_said() -> None:
    assert paused_words("404 Not Found.").endswith("404 Not Found.")

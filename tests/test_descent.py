"""Who repeats whom: every report stands below the independent one that it goes back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain import Entry, Lineage
from service.group import Bond, Carried, Origin, abridge, independent_groups, trace_origins

NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _report(
    number: int, hours: float = 0, *, copy_of: int = 0, credit: str = "", owner: str = "", outlet: str = ""
) -> Carried:
    at = NOW + hours * HOUR
    entry = Entry(number, number, "", "", "Titular", "", "es", at, at, outlet or f"Diario {number}")
    return Carried(replace(entry, owner=owner), Lineage(copy_of, credit))


def _shape(origins: tuple[Origin, ...]) -> dict[int, list[tuple[int, Bond, int]]]:
    """Give the numbers of the origins with those of their heirs, what ties these, and to which."""
    return {
        one.report.entry.id: [(heir.report.entry.id, heir.bond, heir.behind.id) for heir in one.heirs]
        for one in origins
    }


def test_below_an_independent_report_stand_those_that_repeat_its_words_with_their_lag() -> None:
    origins = trace_origins([_report(1), _report(2, 1), _report(3, 2.5, copy_of=1), _report(4, 3, copy_of=2)])
    assert _shape(origins) == {1: [(3, Bond.TEXT, 1)], 2: [(4, Bond.TEXT, 2)]}
    assert [heir.lag for one in origins for heir in one.heirs] == [2.5 * HOUR, 2 * HOUR]


def test_the_order_in_which_reports_are_given_changes_nothing() -> None:
    reports = [_report(1), _report(2, 1, copy_of=1), _report(3, 2), _report(4, 3, copy_of=3)]
    assert trace_origins(reversed(reports)) == trace_origins(reports)


def test_a_copy_of_a_copy_stands_beside_it_and_says_which_one_it_copies() -> None:
    origins = trace_origins([_report(1), _report(2, 1, copy_of=1), _report(3, 2, copy_of=2)])
    assert _shape(origins) == {1: [(2, Bond.TEXT, 1), (3, Bond.TEXT, 2)]}


def test_reports_from_one_agency_go_back_to_the_first_of_them() -> None:
    origins = trace_origins([_report(1, credit="efe"), _report(2, 1, credit="efe"), _report(3, 1)])
    assert _shape(origins) == {1: [(2, Bond.AGENCY, 1)], 3: []}


def test_the_same_words_say_more_than_the_same_agency_and_that_more_than_the_same_owner() -> None:
    first = _report(1, credit="efe", owner="Grupo Sur")
    origins = trace_origins(
        [
            first,
            _report(2, 1, copy_of=1, credit="efe", owner="Grupo Sur"),
            _report(3, 2, credit="efe", owner="Grupo Sur"),
            _report(4, 3, owner="Grupo Sur"),
        ]
    )
    assert _shape(origins) == {1: [(2, Bond.TEXT, 1), (3, Bond.AGENCY, 1), (4, Bond.OWNER, 1)]}


def test_an_outlet_that_reports_again_in_its_own_words_is_no_second_source() -> None:
    origins = trace_origins([_report(1, outlet="Alba"), _report(2, 4, outlet="Alba")])
    assert _shape(origins) == {1: [(2, Bond.OWNER, 1)]}


def test_of_two_with_the_same_words_the_one_that_was_published_first_is_the_origin() -> None:
    # What is polled late may have been published before what it was found to repeat.
    origins = trace_origins([_report(1, 2), _report(2, 1, copy_of=1)])
    assert _shape(origins) == {2: [(1, Bond.TEXT, 2)]}


def test_copies_of_a_report_that_is_no_longer_here_go_back_to_the_first_of_them() -> None:
    assert _shape(trace_origins([_report(2, copy_of=9), _report(3, 1, copy_of=9)])) == {
        2: [(3, Bond.TEXT, 2)]
    }


def test_copies_in_a_circle_have_one_origin() -> None:
    origins = trace_origins(
        [_report(1, copy_of=3), _report(2, 1, copy_of=1), _report(3, 2, copy_of=2), _report(4, 3, copy_of=4)]
    )
    assert _shape(origins) == {1: [(2, Bond.TEXT, 1), (3, Bond.TEXT, 1)], 4: []}


def test_a_report_that_only_a_later_one_ties_to_its_origin_says_so() -> None:
    origins = trace_origins([_report(1), _report(2, 1, owner="B"), _report(3, 2, owner="B", copy_of=1)])
    assert _shape(origins) == {1: [(2, Bond.OWNER, 3), (3, Bond.TEXT, 1)]}


def test_no_reports_have_no_origin() -> None:
    assert trace_origins([]) == ()


def test_of_very_many_the_origins_that_most_go_back_to_are_kept_with_their_first_heirs() -> None:
    copies = [_report(100 + number, 1 + number / 100, copy_of=3) for number in range(332)]
    reports = [_report(1), _report(2, 0.1), _report(3, 0.2), _report(4, 0.3), _report(5, 0.4, copy_of=4)]
    short = abridge(trace_origins([*reports, *copies]), most=3, most_heirs=20)
    assert [one.report.entry.id for one in short.origins] == [1, 3, 4]
    assert [(len(one.heirs), one.more) for one in short.origins] == [(0, 0), (20, 312), (1, 0)]
    assert [heir.report.entry.id for heir in short.origins[1].heirs] == list(range(100, 120))
    assert short.more == 1


_NUMBERS = st.integers(1, 12)
_REPORTS = st.lists(
    st.builds(
        _report,
        _NUMBERS,
        st.integers(0, 4),
        copy_of=st.integers(0, 14),
        credit=st.sampled_from(["", "", "efe", "afp"]),
        owner=st.sampled_from(["", "", "A", "B"]),
    ),
    unique_by=lambda one: one.entry.id,
)


@given(_REPORTS, st.integers(0, 5), st.integers(0, 3))
def test_every_report_stands_there_once_below_one_that_was_not_later(
    reports: list[Carried], most: int, most_heirs: int
) -> None:
    origins = trace_origins(reports)
    standing = [one.report.entry.id for one in origins]
    standing += [heir.report.entry.id for one in origins for heir in one.heirs]
    assert sorted(standing) == sorted(one.entry.id for one in reports)
    for one in origins:
        members = {one.report.entry.id, *(heir.report.entry.id for heir in one.heirs)}
        assert all(heir.lag >= timedelta(0) for heir in one.heirs)
        assert [heir.lag for heir in one.heirs] == sorted(heir.lag for heir in one.heirs)
        assert all(heir.behind.id in members - {heir.report.entry.id} for heir in one.heirs)
    assert [one.report.entry.id for one in origins] == [group[0].id for group in independent_groups(reports)]
    short = abridge(origins, most=most, most_heirs=most_heirs)
    kept = {one.report.entry.id: one.size for one in short.origins}
    assert [one.size for one in origins if one.report.entry.id in kept] == list(kept.values())
    assert len(short.origins) + short.more == len(origins)
    assert len(short.origins) <= most
    assert all(len(one.heirs) <= most_heirs for one in short.origins)


@given(_REPORTS)
def test_a_copy_has_the_origin_of_what_it_repeats(reports: list[Carried]) -> None:
    origin_of = {
        number: one.report.entry.id
        for one in trace_origins(reports)
        for number in (one.report.entry.id, *(heir.report.entry.id for heir in one.heirs))
    }
    for one in reports:
        if one.lineage.copy_of in origin_of:
            assert origin_of[one.entry.id] == origin_of[one.lineage.copy_of]

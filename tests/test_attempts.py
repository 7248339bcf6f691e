"""How often somebody may try to sign in, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.partners.desk import MONDAY

if TYPE_CHECKING:
    from datetime import datetime

    from service.store import Store

HOUR = timedelta(hours=1)


def _waits(store: Store, places: list[str], now: datetime = MONDAY) -> list[float]:
    """Try from each place in turn as soon as it is allowed; gives the pauses before the next try."""
    waits = []
    for place in places:
        wait = store.attempts.begin(place, now)
        if wait:
            waits.append(wait.total_seconds())
            now += wait
            assert not store.attempts.begin(place, now)
    return waits


def test_pauses_grow_with_each_failure_from_one_place(emptied_store: Store) -> None:
    assert _waits(emptied_store, ["here"] * 9) == [1, 2, 4, 8]
    assert _waits(emptied_store, ["there"] * 5, MONDAY + HOUR) == []


def test_a_pause_is_never_longer_than_a_quarter_of_an_hour(emptied_store: Store) -> None:
    assert max(_waits(emptied_store, ["here"] * 30)) == 15 * 60


@pytest.mark.slow
def test_attempts_from_very_many_places_are_slowed_down_together(emptied_store: Store) -> None:
    places = [f"place {number}" for number in range(100)]
    assert _waits(emptied_store, places) == []
    assert _waits(emptied_store, places[:6]) == [1, 2, 4, 8, 10, 10]


@pytest.mark.slow
def test_an_attack_from_very_many_places_does_not_keep_out_who_was_never_wrong(emptied_store: Store) -> None:
    for number in range(200):
        emptied_store.attempts.begin(f"place {number}", MONDAY)
    assert emptied_store.attempts.begin("place 1", MONDAY)
    assert not emptied_store.attempts.begin("the operator's", MONDAY)


def test_an_attempt_that_was_right_counts_for_nothing(emptied_store: Store) -> None:
    for _ in range(20):
        assert not emptied_store.attempts.begin("here", MONDAY)
        emptied_store.attempts.forgive("here", MONDAY)


def test_failures_are_forgotten_after_an_hour(emptied_store: Store) -> None:
    for _ in range(5):
        emptied_store.attempts.begin("here", MONDAY)
    assert emptied_store.attempts.begin("here", MONDAY)
    for _ in range(5):
        assert not emptied_store.attempts.begin("here", MONDAY + HOUR)

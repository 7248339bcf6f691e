"""No feed can hurt us: each fault of the list, from a server on loopback to the store.

The list has 82 faults, F1 to F34 of transport and F35 to F82 of content. The tests that try one carry
its number in their name, here and in the other files.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.fetch import FetchLimits
from tests.partners.hostile_feeds import CONTENT, MIB, TRANSPORT
from tests.partners.hostile_stand import HOSTILE, good_feeds, measure, poll_together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.partners.hostile_feeds import Hostile
    from tests.partners.hostile_stand import Result

GOOD = 5
FAULTS = 82
MOST_MEMORY, MOST_OF_CHILD = 300, 200  # MB
LIMITS = replace(FetchLimits(), wire_bytes=5 * MIB, body_bytes=8 * MIB, spacing=0.0)


def assert_as_expected(feed: Hostile, result: Result) -> None:
    """Check that a feed ended as the list says: with its reason, or with its good entries stored."""
    assert result.reason == (feed.reason.value if feed.reason else "")
    assert feed.says in f"{result.trouble} {result.notes}"
    if feed.reason is None:
        assert result.trouble == ""
        assert result.new >= feed.entries
    else:
        assert result.trouble
        assert result.new == 0


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    feeds = [*good_feeds(GOOD), *TRANSPORT, *CONTENT]
    return poll_together(tmp_path_factory.mktemp("stand"), feeds, LIMITS)


@pytest.mark.slow
@pytest.mark.parametrize("feed", [*TRANSPORT, *CONTENT], ids=lambda feed: feed.name)
def test_a_hostile_feed_costs_itself_at_most(feed: Hostile, polled: dict[str, Result]) -> None:
    assert_as_expected(feed, polled[feed.name])


@pytest.mark.slow
@pytest.mark.parametrize("feed", good_feeds(GOOD), ids=lambda feed: feed.name)
def test_a_good_feed_among_them_is_stored_whole(feed: Hostile, polled: dict[str, Result]) -> None:
    assert_as_expected(feed, polled[feed.name])


@pytest.mark.promise("P10", size="50 good feeds among all hostile ones")
@pytest.mark.slow
def test_p10_all_hostile_feeds_at_once_harm_nobody_else() -> None:
    run = measure(50, with_hostile=True)
    assert run.exit_code == 0
    for feed in (*HOSTILE, *good_feeds(50)):
        assert_as_expected(feed, run.results[feed.name])
    assert run.poller_mb < MOST_MEMORY
    assert run.child_mb < MOST_OF_CHILD


def names_of(test: object) -> Iterator[str]:
    """Give the name of a test function and those of its cases."""
    yield str(getattr(test, "__name__", ""))
    for mark in getattr(test, "pytestmark", ()):
        if mark.name != "parametrize":
            continue
        ids = mark.kwargs.get("ids")
        yield from map(ids, mark.args[1]) if callable(ids) else ids or ()
        yield from (str(getattr(value, "id", "")) for value in mark.args[1])


def test_every_fault_of_the_list_is_tried_by_a_test() -> None:
    modules = [
        importlib.import_module(f"tests.{path.stem}") for path in Path(__file__).parent.glob("test_*.py")
    ]
    tests = [value for module in modules for name, value in vars(module).items() if name.startswith("test_")]
    names = [name for test in tests for name in names_of(test)]
    tried = {int(number) for name in names for number in re.findall(r"(?:_|\b)f(\d\d)(?=_|\b)", name)}
    assert set(range(1, FAULTS + 1)) - tried == set()

"""Random rules on random entries: the matcher says what a plain walk through every tree says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.match import index
from service.match.tree import Not, WordKind
from tests.match_campaign import find_differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service.match import Expression
    from service.match.index import Anchors

SEEDS = range(16)
RULES, ENTRIES = 130, 100  # 16 times 13,000 pairs


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_matcher_and_oracle_agree_on_thirteen_thousand_random_pairs(seed: int) -> None:
    assert find_differences(seed, rules=RULES, entries=ENTRIES) == []


def test_the_campaign_has_two_hundred_thousand_pairs() -> None:
    assert len(SEEDS) * RULES * ENTRIES >= 200_000


@pytest.mark.slow
def test_matcher_and_oracle_agree_on_a_sample_of_the_campaign() -> None:
    assert find_differences(1_000, rules=40, entries=25) == []


def _first_alternative_only(choices: Iterable[Anchors | None]) -> Anchors | None:
    return next(iter(choices), None)


def _of_what_is_denied(part: Expression) -> Anchors | None:
    return _anchors(part.part) if isinstance(part, Not) else _anchors(part)


def _without_variants(word: str) -> tuple[str, ...]:
    return (word,)


def _as_whole_words(heads: Iterable[str]) -> Anchors:
    return frozenset((WordKind.WHOLE, head) for head in heads)


def _one_word_for_all(choices: Iterable[Anchors | None]) -> Anchors | None:
    return _rarest([*choices, frozenset({(WordKind.WHOLE, "kast")})])


_anchors, _rarest = index._anchors, index._rarest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("_all_of", _first_alternative_only),
        ("_anchors", _of_what_is_denied),
        ("variants", _without_variants),
        ("_heads", _as_whole_words),
        ("_rarest", _one_word_for_all),
    ],
)
def test_a_broken_index_is_caught(
    name: str, broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, name, broken)
    assert find_differences(7, rules=60, entries=40)

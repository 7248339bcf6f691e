"""Tests of a document made of other tests: every one, some, none, and many words asked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.match.document import Document
    from service.match.tree import Or

    Test = Callable[[Document], bool]

_MANY_HEADS = 3
_MOST_WORDS = 1 << 14  # remembered of an OR of beginnings


def some_begin(heads: list[str]) -> Test:
    """Ask whether some word begins in one of these ways."""
    if len(heads) < _MANY_HEADS:
        return lambda document: any(map(document.has_beginning, heads))
    begins = tuple(heads)
    begun: set[str] = set()
    dull: set[str] = set()

    def test(document: Document) -> bool:
        """Judge each word once: news repeats its words."""
        if not begun.isdisjoint(document.vocabulary):
            return True
        unknown = document.vocabulary - dull
        found = {word for word in unknown if word.startswith(begins)}
        if len(dull) + len(begun) >= _MOST_WORDS:
            dull.clear()
            begun.clear()
        begun.update(found)
        dull.update(unknown - found)
        return bool(found)

    return test


def some_keyed(keyed: dict[str, list[Test]]) -> Test:
    """Ask the tests that are filed under the words that are there, until one holds."""
    words = keyed.keys()

    def test(document: Document) -> bool:
        return any(test(document) for word in document.vocabulary & words for test in keyed[word])

    return test


def every_of(tests: list[Test]) -> Test:
    """Ask until one does not hold."""
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:  # noqa: PLR2004 -- the commonest case, without a loop
        first, second = tests
        return lambda document: first(document) and second(document)
    every = tuple(tests)

    def test(document: Document) -> bool:
        for one in every:  # noqa: SIM110 -- half the time of all() and a generator
            if not one(document):
                return False
        return True

    return test


def some_of(tests: list[Test]) -> Test:
    """Ask until one holds."""
    if len(tests) == 1:
        return tests[0]
    every = tuple(tests)

    def test(document: Document) -> bool:
        for one in every:  # noqa: SIM110 -- half the time of any() and a generator
            if one(document):
                return True
        return False

    return test


def denied(test: Test) -> Test:
    """Turn an answer round."""
    return lambda document: not test(document)


def remembered(part: Or, test: Test) -> Test:
    """Ask once for each document, however often the part stands in the rule."""
    key = id(part)

    def remembered(document: Document) -> bool:
        answer = document.answers.get(key)
        if answer is None:
            answer = document.answers[key] = test(document)
        return answer

    return remembered

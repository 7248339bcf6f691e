"""Makes one function of a document out of each expression and rule, once; asking it is quick.

Words are asked of the document's vocabulary first, which rules out most of what stands in a rule without
looking for any place; places are looked for (`occurrences`) only where all words are there. The cheap
parts of an AND are asked first, what is denied last. None of this changes an answer.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from service.match.combine import denied, every_of, remembered, some_begin, some_keyed, some_of
from service.match.facts import fact_holds
from service.match.index import choose_anchors, conjuncts, is_just_words, needed_words
from service.match.occurrences import free_spans, near_pairs, separate, spans, wanted_stems
from service.match.tree import (
    And,
    AtLeast,
    Fact,
    InField,
    Item,
    Near,
    Not,
    NotNear,
    Or,
    Rule,
    Spelling,
    Term,
    WordKind,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from service.domain import Entry
    from service.match.document import Document
    from service.match.index import Anchors
    from service.match.tree import Expression

    Test = Callable[[Document], bool]
    Period = tuple[date | None, date | None]

_ALWAYS = (None, None)
_MOST_DAYS = 512  # of which it is remembered what counts
_REMEMBERED = 8  # an OR of so many parts that stands in a rule more than once is asked once


class Alternative(NamedTuple):
    """One way in which a rule may hold: the words one of which must be there, and what is left to ask then.

    Of the words of `guard` one must be there, too: they are asked without any call, which most candidates
    fail. None stands for no such words, and for nothing to ask.
    """

    anchors: Anchors | None
    guard: frozenset[str] | None
    rest: Test | None


class Program:
    """A rule ready to be asked: the whole of it, and any part of it by itself."""

    def __init__(self, rule: Rule) -> None:
        """Compile what the matcher asks; the whole rule and parts of it are compiled when first asked for."""
        self.rule = rule
        self._shared = {part for part, count in Counter(_ids_of_ors(rule)).items() if count > 1}
        self._tests: dict[int, Test] = {}
        self._denials: dict[int, Test] = {}
        self.alternatives = [self._alternative(one) for one in _alternatives(rule)]

    @cached_property
    def holds(self) -> Test:
        """What tells whether the whole rule holds."""
        return self._rule(self.rule)

    def _alternative(self, rule: Rule) -> Alternative:
        anchors, known = choose_anchors(rule)
        left = [part for part in conjuncts(rule) if part is not known]
        guard, asked = next(((words, part) for part in left if (words := _plain_words(part))), (None, None))
        is_all = len(left) == (asked is not None) and not (rule.any or rule.none)
        if is_all and all(map(_is_always, rule.all)):
            return Alternative(anchors, guard, None)
        return Alternative(anchors, guard, self._rule(rule, known, asked))

    def part_holds(self, part: Item | Rule | Expression, document: Document) -> bool:
        """Ask a part of this very rule: a group, an item within its period, or a node of an expression."""
        test = self._tests.get(id(part))
        if test is None:
            test = self._tests[id(part)] = self._part(part)
        return test(document)

    def _part(self, part: Item | Rule | Expression) -> Test:
        match part:
            case Rule():
                return self._rule(part)
            case Item():
                return self._item(part)
            case _:
                return self._expression(part)

    # --------------------------------------------------------------------------------------- rules

    def _rule(self, rule: Rule, *known: Expression | None) -> Test:
        """Every one of `all` (but what is known to hold), some of `any`, none of `none`."""
        always = [part for part in conjuncts(rule) if not any(part is one for one in known)]
        needed = [self._expression(part) for part in sorted(always, key=_cost)]
        needed += [self._part(part) for part in rule.all if not _is_always(part)]
        if rule.any:
            needed.append(self._some_part(rule.any))
        if rule.none:
            needed.append(self._denial(rule.none))
        return every_of(needed)

    def _denial(self, parts: Sequence[Item | Rule]) -> Test:
        """Ask for none of these, in the same way for each alternative of a rule."""
        if id(parts) not in self._denials:
            self._denials[id(parts)] = denied(self._some_part(parts))
        return self._denials[id(parts)]

    def _some_part(self, parts: Sequence[Item | Rule]) -> Test:
        """Ask for some of these; the items of one period together, as one OR."""
        tests = [self._rule(part) for part in parts if isinstance(part, Rule)]
        together: dict[Period, list[Expression]] = {}
        for part in parts:
            if isinstance(part, Item):
                together.setdefault((part.from_date, part.until_date), []).append(part.expression)
        always = [self._some(together.pop(_ALWAYS))] if _ALWAYS in together else []
        at_times = (
            [_some_on_day([(period, self._some(some)) for period, some in together.items()])]
            if together
            else []
        )
        return some_of([*always, *at_times, *tests])

    def _item(self, item: Item) -> Test:
        return _within((item.from_date, item.until_date), self._expression(item.expression))

    # --------------------------------------------------------------------------------- expressions

    def _expression(self, part: Expression) -> Test:  # noqa: PLR0911 -- one kind of node a line
        match part:
            case Term():
                return _term(part)
            case And():
                return every_of([self._expression(inner) for inner in sorted(part.parts, key=_cost)])
            case Or():
                return self._or(part)
            case Not():
                return denied(self._expression(part.part))
            case Near():
                return self._near(part)
            case InField():
                return self._in_field(part)
            case Fact():
                return lambda document: fact_holds(part, document.entry)
            case _:
                return self._counted(part)

    def _or(self, part: Or) -> Test:
        test = self._some(part.parts)
        return remembered(part, test) if id(part) in self._shared else test

    def _some(self, parts: Sequence[Expression]) -> Test:
        """Ask for all plain words at once, all beginnings, and what needs one of the words that are there."""
        parts = [*self._alternatives(parts)]
        words = frozenset(_of_one_word(parts, WordKind.WHOLE))
        heads = [*_of_one_word(parts, WordKind.PREFIX)]
        keyed: dict[str, list[Test]] = {}
        chosen: list[Test] = []
        if words:
            chosen.append(lambda document: not words.isdisjoint(document.vocabulary))
        if heads:
            chosen.append(some_begin(heads))
        for inner in parts:
            if not (_is_one_word(inner, WordKind.WHOLE) or _is_one_word(inner, WordKind.PREFIX)):
                test, needed = self._expression(inner), needed_words(inner)
                for word in needed:
                    keyed.setdefault(word, []).append(test)
                if not needed:
                    chosen.append(test)
        if keyed:
            chosen.insert(0, some_keyed(keyed))
        return some_of(chosen)

    def _alternatives(self, parts: Sequence[Expression]) -> Iterator[Expression]:
        """Give the parts of an OR, those of an OR within it one by one; what is remembered stays whole."""
        for part in parts:
            if isinstance(part, Or) and id(part) not in self._shared:
                yield from self._alternatives(part.parts)
            else:
                yield part

    def _near(self, near: Near) -> Test:
        left, right = self._expression(near.left), self._expression(near.right)

        def test(document: Document) -> bool:
            if not (left(document) and right(document)):
                return False
            return any(True for view in document.views for _ in near_pairs(near, view))

        lefts, rights = _plain_words(near.left), _plain_words(near.right)
        return _words_near(lefts, rights, near, test) if lefts and rights else test

    def _in_field(self, part: InField) -> Test:
        test = self._expression(part.part)
        where = part.where
        return lambda document: test(document.only(where))

    def _counted(self, part: NotNear | AtLeast) -> Test:
        if isinstance(part, AtLeast):
            inner = part.part
            least = part.count
            return lambda document: sum(separate(spans(inner, view)) for view in document.views) >= least
        left = self._expression(part.left)
        return lambda document: left(document) and any(free_spans(part, view) for view in document.views)


def _alternatives(rule: Rule) -> list[Rule]:
    """Give rules of which one holds wherever a rule does: of a rule of `any`, each part by itself.

    So a word that stands in many articles has only the part asked that looks for it. Plain words stay as one.
    """
    if rule.all or not rule.any:
        return [rule]
    words = tuple(part for part in rule.any if _asks_for_words(part))
    others = [Rule(all=(part,), none=rule.none) for part in rule.any if not _asks_for_words(part)]
    return [Rule(any=words, none=rule.none), *others] if words else others


def _asks_for_words(part: Item | Rule) -> bool:
    return isinstance(part, Item) and _is_always(part) and is_just_words(part.expression)


def _within(period: Period, test: Test) -> Test:
    if period == _ALWAYS:
        return test
    return lambda document: _is_within(document.day, period) and test(document)


def _some_on_day(tests: Sequence[tuple[Period, Test]]) -> Test:
    """Ask those whose period holds the day of the document; which these are is remembered by the day."""

    @lru_cache(maxsize=_MOST_DAYS)
    def on(day: date) -> Test:
        return some_of([test for period, test in tests if _is_within(day, period)])

    return lambda document: on(document.day)(document)


def _is_within(day: date, period: Period) -> bool:
    return (period[0] is None or period[0] <= day) and (period[1] is None or day <= period[1])


def _is_always(part: Item | Rule) -> bool:
    return isinstance(part, Item) and part.from_date is None and part.until_date is None


def in_period(item: Item, entry: Entry) -> bool:
    """Tell whether an item counts for entries of this day (UTC)."""
    if item.from_date is None and item.until_date is None:
        return True
    return _is_within(entry.happened_at.date(), (item.from_date, item.until_date))


# ------------------------------------------------------------------------------------------- terms


def _term(term: Term) -> Test:
    if _is_one_word(term, WordKind.WHOLE):
        word = term.words[0].folded
        return lambda document: word in document.vocabulary
    if _is_one_word(term, WordKind.PREFIX):
        return some_begin([term.words[0].folded])
    found = _found(term)
    needed = frozenset(_whole_words(term))
    if not needed:
        return found
    return lambda document: needed <= document.vocabulary and found(document)


def _found(term: Term) -> Test:
    """Look for the places, if all beginnings and stems of words are there."""
    is_loose = Spelling.LOOSE in term.spelling
    heads = [word.folded for word in term.words if word.kind is WordKind.PREFIX and not is_loose]
    forms = [wanted_stems(word, term.spelling) for word in term.words if word.kind is WordKind.FORMS]
    languages = tuple(sorted({language for wanted in forms for language, _ in wanted if language}))
    if forms and len(term.words) == 1:
        return lambda document: document.has_stem(forms[0], languages)

    def test(document: Document) -> bool:
        return (
            all(map(document.has_beginning, heads))
            and all(document.has_stem(wanted, languages) for wanted in forms)
            and any(spans(term, view) for view in document.views)
        )

    return test


def _whole_words(term: Term) -> Iterator[str]:
    """Give the words that must be in the vocabulary as they are, whatever their spelling."""
    if Spelling.LOOSE not in term.spelling:
        yield from (word.folded for word in term.words if word.kind is WordKind.WHOLE)


def _of_one_word(parts: Sequence[Expression], kind: WordKind) -> Iterator[str]:
    for inner in parts:
        if isinstance(inner, Term) and _is_one_word(inner, kind):
            yield inner.words[0].folded


def _is_one_word(part: Expression, kind: WordKind) -> bool:
    return (
        isinstance(part, Term) and len(part.words) == 1 and not part.spelling and part.words[0].kind is kind
    )


def _plain_words(part: Expression) -> frozenset[str]:
    """Give the words of a side of a NEAR, if it is a plain word or an OR of such; else none."""
    if isinstance(part, Or):
        words = frozenset(_of_one_word(part.parts, WordKind.WHOLE))
        return words if len(words) == len(part.parts) else frozenset()
    if isinstance(part, Term) and _is_one_word(part, WordKind.WHOLE):
        return frozenset({part.words[0].folded})
    return frozenset()


def _words_near(lefts: frozenset[str], rights: frozenset[str], near: Near, general: Test) -> Test:
    """Compare the places of words, the commonest kind of NEAR; hashtags cover several places."""
    distance, is_ordered = near.distance, near.ordered

    def test(document: Document) -> bool:
        vocabulary = document.vocabulary
        if lefts.isdisjoint(vocabulary) or rights.isdisjoint(vocabulary):
            return False
        if document.has_tags:
            return general(document)
        for view in document.views:
            words = view.reading.folded
            right_at = [at for at, word in enumerate(words) if word in rights]
            if right_at:
                for left_at, word in enumerate(words):
                    if word in lefts and _is_near(left_at, right_at, distance, is_ordered=is_ordered):
                        return True
        return False

    return test


def _is_near(at: int, others: list[int], distance: int, *, is_ordered: bool) -> bool:
    earliest = 1 if is_ordered else -distance
    return any(earliest <= other - at <= distance and other != at for other in others)


def _cost(part: Expression) -> int:
    """Rank by what it costs to ask: cheap parts of an AND first, what is denied last."""
    match part:
        case Term():
            return 0 if _is_one_word(part, WordKind.WHOLE) else 2 + len(part.words)
        case Fact():
            return 1
        case Or():
            return 2 if all(_is_one_word(inner, WordKind.WHOLE) for inner in part.parts) else 5
        case InField():
            return 1 + _cost(part.part)
        case Not():
            return 20
        case _:
            return 10


def _ids_of_ors(part: Item | Rule | Expression) -> Iterator[int]:
    """Give the identity of each large OR, once for each time it stands in the rule."""
    if isinstance(part, Rule):
        inner: tuple[Item | Rule | Expression, ...] = (*part.all, *part.any, *part.none)
    elif isinstance(part, Item):
        inner = (part.expression,)
    else:
        inner = parts_of(part)
        if isinstance(part, Or) and len(inner) >= _REMEMBERED:
            yield id(part)
    for one in inner:
        yield from _ids_of_ors(one)

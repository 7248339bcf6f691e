"""The presearcher: which queries can match a document at all, told from its words alone.

Each query is filed under words of which at least one must stand in every entry it matches: of
parts that must all be there the rarest, of alternatives all. Without counts of the news at hand,
the longest word counts as the rarest. Queries without such a word are always asked.
Leaving out the index changes no answer, only the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.match.document import HEAD
from service.match.occurrences import variants, wanted_stems
from service.match.tree import (
    And,
    AtLeast,
    InField,
    Near,
    NotNear,
    Or,
    Rule,
    Spelling,
    Term,
    WordKind,
)
from service.text import is_han

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.match.document import Document
    from service.match.tree import Expression, Item, WordPattern
    from service.text import Stem

Anchor = tuple[WordKind, str]
"""A whole word, the beginning of one, or a stem after its language."""
Anchors = frozenset[Anchor]

_MOST_REMEMBERED = 1 << 17
_WEIGHT_OF_HAN = 5  # one Chinese character narrows down about as much as a word of five letters


class Index:
    """Queries, known by their number, filed under their anchors.

    For words that begin as some query asks, the queries are remembered, and so is that a word begins as
    none does: news repeats its words.
    """

    def __init__(self) -> None:
        """Begin with nothing filed."""
        self._always: list[int] = []
        self._words: dict[str, list[int]] = {}
        self._anchors: set[str] = set()  # the keys of the former, which intersect twice as fast
        self._heads: dict[str, list[tuple[str, int]]] = {}
        self._begun: dict[str, list[int]] = {}
        self._dull: set[str] = set()
        self._stems: dict[Stem, list[int]] = {}
        self._languages: tuple[str, ...] = ()

    def add(self, number: int, anchors: Anchors | None) -> None:
        """File a query under a number of its own; without anchors it is always asked."""
        if anchors is None:
            self._always.append(number)
            return
        for kind, key in anchors:
            if kind is WordKind.WHOLE:
                self._words.setdefault(key, []).append(number)
                self._anchors.add(key)
            elif kind is WordKind.FORMS:
                language, _, stem = key.partition(" ")
                self._stems.setdefault((language, stem), []).append(number)
                self._languages = tuple(sorted({*self._languages, language}))
            else:
                self._heads.setdefault(key[:HEAD], []).append((key, number))
                self._begun, self._dull = {}, set()

    def candidates(self, document: Document) -> set[int]:
        """Give the numbers of the queries worth asking."""
        vocabulary = document.vocabulary
        found = set(self._always)
        for word in vocabulary & self._anchors:
            found.update(self._words[word])
        if self._heads:
            for word in vocabulary - self._dull:
                found.update(self._begun.get(word) or self._look_up(word))
        if self._stems:
            for stem in document.stems(self._languages) & self._stems.keys():
                found.update(self._stems[stem])
        return found

    def _look_up(self, word: str) -> list[int]:
        """Find the queries that ask for the beginning of a word, and remember them."""
        if len(self._dull) + len(self._begun) >= _MOST_REMEMBERED:
            self._begun, self._dull = {}, set()
        numbers = [number for head, number in self._heads.get(word[:HEAD], ()) if word.startswith(head)]
        if numbers:
            self._begun[word] = numbers
        else:
            self._dull.add(word)
        return numbers


def choose_anchors(rule: Rule) -> tuple[Anchors | None, Expression | None]:
    """Give words of which one must be there for a rule to hold, or None where there are none.

    Beside them the part of the rule that asks for just these words, if there is one: of a query found by
    its anchors it need not be asked again.
    """
    parts = [*conjuncts(rule)]
    anchors = rule_anchors(rule)
    asked = next((part for part in parts if _anchors(part) == anchors and is_just_words(part)), None)
    return anchors, asked if anchors else None


def conjuncts(rule: Rule) -> Iterator[Expression]:
    """Give the expressions that must hold on every day, the parts of an AND one by one."""
    for part in rule.all:
        if isinstance(part, Rule):
            continue
        if part.from_date is None and part.until_date is None:
            yield from _conjuncts(part.expression)


def _conjuncts(part: Expression) -> Iterator[Expression]:
    if isinstance(part, And):
        for inner in part.parts:
            yield from _conjuncts(inner)
    else:
        yield part


def is_just_words(part: Expression) -> bool:
    """Tell whether an expression holds wherever one of its anchors is there."""
    if isinstance(part, Or):
        return all(is_just_words(inner) for inner in part.parts)
    return (
        isinstance(part, Term)
        and len(part.words) == 1
        and not part.spelling
        and part.words[0].kind in (WordKind.WHOLE, WordKind.PREFIX)
    )


def rule_anchors(rule: Rule) -> Anchors | None:
    """Give the anchors of a rule: of what must all be there the rarest, of alternatives all."""
    choices = [_part_anchors(part) for part in rule.all]
    if rule.any:
        choices.append(_all_of(_part_anchors(part) for part in rule.any))
    return _rarest(choices)


def _part_anchors(part: Item | Rule) -> Anchors | None:
    return rule_anchors(part) if isinstance(part, Rule) else _anchors(part.expression)


def _anchors(part: Expression) -> Anchors | None:
    match part:
        case Term():
            return _rarest(_word_anchors(word, part.spelling) for word in part.words)
        case And():
            return _rarest(_anchors(inner) for inner in part.parts)
        case Or():
            return _all_of(_anchors(inner) for inner in part.parts)
        case Near():
            return _rarest((_anchors(part.left), _anchors(part.right)))
        case NotNear(left=needed) | InField(part=needed) | AtLeast(part=needed):
            return _anchors(needed)
        case _:  # a NOT or a fact needs no word
            return None


def needed_words(part: Expression) -> frozenset[str]:
    """Give whole words of which one must be there for an expression to hold; none where that is not so."""
    anchors = _anchors(part) or ()
    words = frozenset(key for kind, key in anchors if kind is WordKind.WHOLE)
    return words if len(words) == len(anchors) else frozenset()


def _word_anchors(word: WordPattern, spelling: frozenset[Spelling]) -> Anchors | None:
    if word.kind is WordKind.FORMS:
        wanted = wanted_stems(word, spelling)
        return frozenset(
            (WordKind.FORMS, f"{language} {key}") if language else (WordKind.WHOLE, key)
            for language, key in wanted
        )
    keys = variants(word.folded) if Spelling.LOOSE in spelling else (word.folded,)
    if word.kind is WordKind.WILDCARD:
        heads = [key.partition("*")[0].partition("?")[0] for key in keys]
        return _heads(heads) if all(len(head) >= HEAD for head in heads) else None
    if word.kind is WordKind.PREFIX:
        return _heads(keys)
    return frozenset((WordKind.WHOLE, key) for key in keys)


def _heads(heads: Iterable[str]) -> Anchors:
    return frozenset((WordKind.PREFIX, head) for head in heads)


def _all_of(choices: Iterable[Anchors | None]) -> Anchors | None:
    """Give what must be filed so that no alternative is missed."""
    found: set[Anchor] = set()
    for anchors in choices:
        if anchors is None:
            return None
        found |= anchors
    return frozenset(found)


def _rarest(choices: Iterable[Anchors | None]) -> Anchors | None:
    return max((anchors for anchors in choices if anchors), key=_rarity, default=None)


def _rarity(anchors: Anchors) -> tuple[int, int]:
    """Weigh by the commonest word, then by how few they are."""
    return min(_WEIGHT_OF_HAN if is_han(key) else len(key) for _, key in anchors), -len(anchors)

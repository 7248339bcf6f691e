"""What an entry must hold for an expression to hold for it, as far as an index of words can tell.

A need is a superset: whatever the matcher finds fulfils it, and much else may. So an index that knows which
entries hold which words finds the few that are worth asking. None stands for nothing that can be told, as of
a NOT; such expressions are asked of every entry. Both sides of the index are here: `indexed_words` are those
of an entry, `need_of` those of a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from service.match.facts import in_parts
from service.match.occurrences import variants, wanted_stems
from service.match.parser import FORMS_LANGUAGES
from service.match.tree import (
    And,
    AtLeast,
    Fact,
    FactKind,
    InField,
    Near,
    NotNear,
    Or,
    Rule,
    Spelling,
    Term,
    WordKind,
)
from service.text import Forms, is_han, read, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from service.match.tree import Expression, Item, WordPattern

Stemmed = tuple[str, str]
"""A stem, and a word that has it."""

LONGEST = 40
"""Letters by which a word is known to the index: what begins alike is taken for the same word."""

# ASCII that no word should have, and at which a tokenizer would cut.
_ODD = re.compile(r"[\x00-\x2d\x2f\x3a-\x60\x7b-\x7f]")
_PARTS_OF_LANGUAGE = 3
_MOST_PLAIN = 1 << 16
_ANY_LETTERS = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Word:
    """An entry must hold this word."""

    text: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """An entry must hold a word that begins so."""

    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """An entry must hold a word that has this stem in one of the languages of `forms:`."""

    stem: str


@dataclass(frozen=True, slots=True)
class OfFeed:
    """An entry must be of a feed of which this fact holds."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Every:
    """Every part is needed."""

    parts: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One part is needed."""

    parts: tuple[Need, ...]


Need = Word | Beginning | Form | OfFeed | Every | Some


# ------------------------------------------------------------------------------------- of an entry


# Words that stand in the index as they are, with nothing beside them, as nearly all do. One element: a full
# memory is exchanged, not emptied, because another thread may be reading with it.
_PLAIN: list[set[str]] = [set()]


def indexed_words(title: str, summary: str) -> AbstractSet[str]:
    """Give the words by which an entry is found: those of both fields, hashtags, and pairs of Han."""
    found = vocabulary(title, summary)
    if not _has_special(found - _PLAIN[0]):
        return found
    pairs = {pair for text in (title, summary) for pair in _pairs(read(text).folded)}
    return {known for word in found | pairs if (known := _known_as(word))}


def _has_special(words: frozenset[str]) -> bool:
    """Tell whether one of these words is not as plain as the others, which are remembered."""
    if not words:
        return False
    plain = {word for word in words if _known_as(word) == word and not is_han(word)}
    if len(_PLAIN[0]) >= _MOST_PLAIN:
        _PLAIN[0] = set()
    _PLAIN[0] |= plain
    return len(plain) < len(words)


@lru_cache(maxsize=1024)
def indexed_facts(feed_id: int, language: str) -> frozenset[str]:
    """Give what stands in the index for the feed of an entry and its language; no word is written so."""
    found = {feed_word(feed_id)}
    parts = in_parts(language)[:_PARTS_OF_LANGUAGE]
    for count in range(1, len(parts) + 1):
        if not (parts[count - 1].isascii() and parts[count - 1].isalnum()):
            break
        found.add(_language_word(parts[:count]))
    return frozenset(found)


def indexed_forms() -> Forms:
    """Give what collects the stems of entries' words, in the languages of `forms:`."""
    return Forms(FORMS_LANGUAGES)


def indexed_form(form: Stemmed) -> Stemmed:
    """Give a stem and its word as the index knows them; either may be empty, and then tells nothing."""
    return _known_as(form[0]), _known_as(form[1])


def feed_word(feed_id: int) -> str:
    """Give what stands in the index for a feed."""
    return f"feed.{feed_id}"


def _language_word(parts: Sequence[str]) -> str:
    return "lang." + "-".join(parts)


def _pairs(words: Sequence[str]) -> Iterator[str]:
    for first, second in pairwise(words):
        if is_han(first) and is_han(second):
            yield first + second


def _known_as(word: str) -> str:
    """Give the word as the index knows it."""
    return (word if word.isalnum() else _ODD.sub("", word))[:LONGEST]


# ---------------------------------------------------------------------------------- of a question


def need_of(part: Expression) -> Need | None:  # noqa: PLR0911 -- one kind of node a line
    """Give what an entry must hold for an expression to hold for it; None where nothing can be told."""
    match part:
        case Term():
            return every(_of_term(part))
        case And():
            return every(need_of(inner) for inner in part.parts)
        case Or():
            return some(need_of(inner) for inner in part.parts)
        case Near():
            return every((need_of(part.left), need_of(part.right)))
        case NotNear(left=needed) | InField(part=needed) | AtLeast(part=needed):
            return need_of(needed)
        case Fact(kind=FactKind.LANG, value=value):
            return Word(_language_word(value.split("-")[:_PARTS_OF_LANGUAGE]))
        case Fact():
            return OfFeed(part)
        case _:
            return None


def near_need_of(part: Expression) -> Need | None:
    """Give what an entry must hold for it to be a near miss: some of what the expression joins."""
    match part:
        case And():
            return some(need for inner in part.parts if (need := need_of(inner)) is not None)
        case Near():
            return some((need_of(part.left), need_of(part.right)))
        case InField():
            return need_of(part.part)
        case _:
            return None


def near_need_of_rule(rule: Rule) -> Need | None:
    """Give what an entry must hold for it to be a near miss of a whole rule; None where nothing tells.

    Of rules with a NOT in them, an entry that only the NOT makes a near miss may not hold it.
    """
    near = [_near_of_part(part) for part in rule.any]
    for missing in rule.all:
        beside = Rule(rule.any, tuple(part for part in rule.all if part is not missing))
        near += [need_of_rule(beside), _near_of_part(missing)]
    return some(need for need in near if need is not None)


def _near_of_part(part: Item | Rule) -> Need | None:
    if isinstance(part, Rule):
        return near_need_of_rule(part)
    near = near_need_of(part.expression)
    if near is None and (part.from_date or part.until_date):  # whole, it is a near miss on any other day
        return need_of(part.expression)
    return near


def need_of_rule(rule: Rule) -> Need | None:
    """Give what an entry must hold for a whole rule to hold for it; `none:` asks for nothing."""
    groups = [some(map(_of_part, rule.any))] if rule.any else []
    return every((*groups, *map(_of_part, rule.all)))


def _of_part(part: Item | Rule) -> Need | None:
    return need_of_rule(part) if isinstance(part, Rule) else need_of(part.expression)


def every(needs: Iterable[Need | None]) -> Need | None:
    """Join what is all needed; what cannot be told is left out."""
    known = tuple(dict.fromkeys(need for need in needs if need is not None))
    return known[0] if len(known) == 1 else (Every(known) if known else None)


def some(needs: Iterable[Need | None]) -> Need | None:
    """Join what would each do; where one cannot be told, nothing can."""
    known = tuple(dict.fromkeys(needs))
    if None in known or not known:
        return None
    return known[0] if len(known) == 1 else Some(tuple(need for need in known if need is not None))


def _of_term(term: Term) -> Iterator[Need | None]:
    for word in term.words:
        yield _of_word(word, term.spelling)
    for first, second in pairwise(term.words):
        if first.kind is second.kind is WordKind.WHOLE and is_han(first.folded) and is_han(second.folded):
            yield Word(_known_as(first.folded + second.folded))


def _of_word(word: WordPattern, spelling: frozenset[Spelling]) -> Need | None:
    if word.kind is WordKind.FORMS:
        return some(_of_stem(*stem) for stem in sorted(wanted_stems(word, spelling)))
    keys = variants(word.folded) if Spelling.LOOSE in spelling else (word.folded,)
    if word.kind is WordKind.WHOLE:
        return some(_named(Word, key) for key in keys)
    return some(_named(Beginning, _ANY_LETTERS.split(key)[0]) for key in keys)


def _of_stem(language: str, stem: str) -> Need | None:
    known = _known_as(stem)
    if not known or (language and language not in FORMS_LANGUAGES):
        return None
    return some((Word(known), Form(known))) if language else Word(known)


def _named(kind: type[Word | Beginning], key: str) -> Need | None:
    known = _known_as(key)
    return kind(known) if known else None

"""The matcher once more, with no index, no memory and no cleverness: it walks every tree.

It shares with the service what a word is and what an expression is, both tested for themselves,
and nothing else. Slow; for tests alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from service.domain import TextField
from service.match.tree import (
    And,
    AtLeast,
    Expression,
    Fact,
    FactKind,
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
    WordPattern,
)
from service.text import fold, normal, read, stems, words

if TYPE_CHECKING:
    from service.domain import Entry

Span = tuple[int, int]


class Unit(NamedTuple):
    """A word, or a hashtag as one word, with the positions it covers."""

    first: int
    last: int
    folded: str
    raw: str


class Field(NamedTuple):
    """One field of an entry, with the offsets of each position."""

    where: TextField
    units: list[Unit]
    offsets: list[Span]


Proof = tuple[str, TextField, int, int, int]


def oracle(rule: Rule, entry: Entry) -> set[Proof] | None:
    """Give the evidence (term, field, start, end, line) of a match, None where there is none."""
    fields = [_field(TextField.TITLE, entry.title), _field(TextField.TEXT, entry.summary)]
    return _rule_proof(rule, fields, entry) if _rule(rule, fields, entry) else None


def _field(where: TextField, text: str) -> Field:
    found = words(text)
    units = [Unit(at, at, word.folded, normal(text[word.start : word.end])) for at, word in enumerate(found)]
    for tag in read(text).tags:
        start, end = found[tag.first].start, found[tag.last].end
        units.append(Unit(tag.first, tag.last, tag.folded, normal(text[start:end])))
    return Field(where, units, [(word.start, word.end) for word in found])


def _rule(rule: Rule, fields: list[Field], entry: Entry) -> bool:
    judged = {name: [_part(part, fields, entry) for part in getattr(rule, name)] for name in _GROUPS}
    return all(judged["all"]) and (any(judged["any"]) or not rule.any) and not any(judged["none"])


_GROUPS = ("all", "any", "none")


def _part(part: Item | Rule, fields: list[Field], entry: Entry) -> bool:
    if isinstance(part, Rule):
        return _rule(part, fields, entry)
    day = entry.happened_at.date().isoformat()
    first = part.from_date.isoformat() if part.from_date else ""
    last = part.until_date.isoformat() if part.until_date else "9999"
    return first <= day <= last and _truth(part.expression, fields, entry)


def _rule_proof(rule: Rule, fields: list[Field], entry: Entry) -> set[Proof]:
    proof: set[Proof] = set()
    for part in (*rule.all, *rule.any):
        if not _part(part, fields, entry):
            continue
        if isinstance(part, Rule):
            proof |= _rule_proof(part, fields, entry)
            continue
        for term, where, (first, last) in _proof(part.expression, fields, entry):
            offsets = next(field.offsets for field in fields if field.where == where)
            proof.add((term, where, offsets[first][0], offsets[last][1], part.line))
    return proof


def _only(fields: list[Field], where: TextField) -> list[Field]:
    return [field for field in fields if field.where == where]


def _truth(part: Expression, fields: list[Field], entry: Entry) -> bool:
    match part:
        case And():
            holds = all(_truth(inner, fields, entry) for inner in part.parts)
        case Or():
            holds = any(_truth(inner, fields, entry) for inner in part.parts)
        case Not():
            holds = not _truth(part.part, fields, entry)
        case InField():
            holds = _truth(part.part, _only(fields, part.where), entry)
        case Fact():
            holds = _fact(part, entry)
        case AtLeast():
            holds = sum(_most_apart(_occurrences(part.part, field)) for field in fields) >= part.count
        case Term() | Near() | NotNear():
            holds = any(_occurrences(part, field) for field in fields)
    return holds


def _fact(part: Fact, entry: Entry) -> bool:
    has = {
        FactKind.LANG: entry.language.lower(),
        FactKind.COUNTRY: entry.country.lower(),
        FactKind.GROUP: entry.group.value,
        FactKind.SOURCE: "".join(word.folded for word in words(entry.outlet)),
    }[part.kind]
    return has == part.value or (part.kind is FactKind.LANG and has.split("-")[0] == part.value)


def _most_apart(spans: set[Span]) -> int:
    """Count the most spans of which no two overlap, trying all."""
    if not spans:
        return 0
    first = min(spans, key=lambda span: (span[1], span[0]))
    return 1 + _most_apart({span for span in spans if span[0] > first[1]})


def _occurrences(part: Expression, field: Field) -> set[Span]:
    match part:
        case Term():
            return _phrase(part, field)
        case Or():
            return {span for inner in part.parts for span in _occurrences(inner, field)}
        case InField():
            return _occurrences(part.part, field) if field.where == part.where else set()
        case Near():
            return {(min(a[0], b[0]), max(a[1], b[1])) for a, b in _pairs(part, field)}
        case NotNear():
            rights = _occurrences(part.right, field)
            lefts = _occurrences(part.left, field)
            return {a for a in lefts if all(a == b or _gap(a, b) > part.distance for b in rights)}
        case _:
            return set()


def _pairs(part: Near, field: Field) -> list[tuple[Span, Span]]:
    return [
        (a, b)
        for a in _occurrences(part.left, field)
        for b in _occurrences(part.right, field)
        if 0 < _gap(a, b) <= part.distance and (a < b or not part.ordered)
    ]


def _gap(a: Span, b: Span) -> int:
    """Give the distance between the nearest ends; 0 or less where the spans overlap."""
    return max(b[0] - a[1], a[0] - b[1])


def _phrase(term: Term, field: Field) -> set[Span]:
    found = {(unit.first, unit.last) for unit in field.units if _is_word(term.words[0], term.spelling, unit)}
    for word in term.words[1:]:
        found = {
            (first, unit.last)
            for first, last in found
            for unit in field.units
            if unit.first == last + 1 and _is_word(word, term.spelling, unit)
        }
    return found


def _is_word(word: WordPattern, spelling: frozenset[Spelling], unit: Unit) -> bool:
    case = Spelling.CASE in spelling or (Spelling.NAME in spelling and not word.is_particle)
    accents = Spelling.ACCENTS in spelling
    if word.kind is WordKind.FORMS:
        known = {key for key, _ in word.stems}
        has = stems(unit.raw, known)
        loose = {(key, stem.replace("ñ", "n")) for key, stem in word.stems if Spelling.LOOSE in spelling}
        return bool(has & (word.stems | loose))
    wanted = {word.raw}
    if Spelling.LOOSE in spelling:
        wanted.add(word.raw.replace("ñ", "n").replace("Ñ", "N"))
    wanted = {fold(raw, keep_case=case, keep_accents=accents) for raw in wanted}
    if case and Spelling.CASE not in spelling:
        wanted |= {form.upper() for form in wanted}
    written = fold(unit.raw, keep_case=case, keep_accents=accents)
    return any(_is_like(form + "*" * (word.kind is WordKind.PREFIX), written) for form in wanted)


def _is_like(pattern: str, word: str) -> bool:
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(_is_like(pattern[1:], word[at:]) for at in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and _is_like(pattern[1:], word[1:])


Hit = tuple[str, TextField, Span]


def _proof(part: Expression, fields: list[Field], entry: Entry) -> set[Hit]:
    """Give the occurrences that make a true expression true."""
    match part:
        case And() | Or():
            true = [inner for inner in part.parts if _truth(inner, fields, entry)]
            return {hit for inner in true for hit in _proof(inner, fields, entry)}
        case InField():
            return _proof(part.part, _only(fields, part.where), entry)
        case AtLeast():
            return _proof(part.part, fields, entry)
        case NotNear():
            return {
                hit
                for field in fields
                for span in _occurrences(part, field)
                for hit in _made_of(part.left, field, span)
            }
        case Term() | Near():
            return {
                hit
                for field in fields
                for span in _occurrences(part, field)
                for hit in _made_of(part, field, span)
            }
        case _:
            return set()


def _made_of(part: Expression, field: Field, span: Span) -> set[Hit]:
    """Give the terms that make up one occurrence."""
    if span not in _occurrences(part, field):
        return set()
    match part:
        case Or():
            return {hit for inner in part.parts for hit in _made_of(inner, field, span)}
        case InField():
            return _made_of(part.part, field, span)
        case Near():
            pairs = [(a, b) for a, b in _pairs(part, field) if (min(a[0], b[0]), max(a[1], b[1])) == span]
            return {
                hit
                for a, b in pairs
                for hit in _made_of(part.left, field, a) | _made_of(part.right, field, b)
            }
        case _:
            return {(part.text, field.where, span)}

"""What an expression and a rule are, once read: trees that know how they were written.

`text` on every node is the node as it stands in the file; it takes no part in comparing. Nothing
is decided here: `parser` builds trees, `check` judges them, `compile` asks them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from service.domain import TextField
    from service.text import Stem


class WordKind(StrEnum):
    """How a word is compared: as a whole, by its beginning, with `?` and `*` inside, or by its stems."""

    WHOLE = "whole"
    PREFIX = "prefix"
    WILDCARD = "wildcard"
    FORMS = "forms"


class Spelling(StrEnum):
    """What about the spelling of a term is more, or less, exact than usual."""

    NAME = "name"
    CASE = "case"
    ACCENTS = "accents"
    LOOSE = "loose"


class FactKind(StrEnum):
    """A fact of an entry or its feed that an expression can ask for."""

    LANG = "lang"
    COUNTRY = "country"
    SOURCE = "source"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class WordPattern:
    """One word of a term, as written (`raw`, without the `*` of a prefix) and folded.

    `stems` are those of FORMS, in the languages of the watchlist: a word that shares one is meant.
    A particle is the `de` or `la` within a name, whose case does not matter to `name:`.
    """

    kind: WordKind
    raw: str
    folded: str
    stems: frozenset[Stem] = frozenset()
    is_particle: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or a phrase of several: the words one after another."""

    words: tuple[WordPattern, ...]
    spelling: frozenset[Spelling] = frozenset()
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Expression, ...]
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Expression, ...]
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Expression
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Both stand in one field, their nearest ends at most `distance` positions apart, not overlapping.

    `ordered` asks for the left one first.
    """

    left: Expression
    right: Expression
    distance: int
    ordered: bool = False
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NotNear:
    """At least one `left` has no `right` within `distance` positions."""

    left: Expression
    right: Expression
    distance: int
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The part occurs at least `count` times, overlapping occurrences counted once."""

    count: int
    part: Expression
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class InField:
    """The part holds within one field alone."""

    where: TextField
    part: Expression
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the entry or its feed has this value, whatever the text says."""

    kind: FactKind
    value: str
    text: str = field(default="", compare=False)


Expression = Term | And | Or | Not | Near | NotNear | AtLeast | InField | Fact


def parts_of(part: Expression) -> tuple[Expression, ...]:
    """Give the expressions an expression is made of; none for a term or a fact."""
    match part:
        case And() | Or():
            return part.parts
        case Near() | NotNear():
            return part.left, part.right
        case Not() | AtLeast() | InField():
            return (part.part,)
        case _:
            return ()


@dataclass(frozen=True, slots=True)
class Item:
    """One expression of a rule, and the line of the file it stands on.

    Outside its period (UTC days, both included, None for open) an item holds for no entry.
    """

    expression: Expression
    line: int = 0
    from_date: date | None = None
    until_date: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Every one of `all`, at least one of `any` where there are some, none of `none`."""

    any: tuple[Item | Rule, ...] = ()
    all: tuple[Item | Rule, ...] = ()
    none: tuple[Item | Rule, ...] = ()
    line: int = 0

"""A query of another service as a tree, and as the expression it comes to here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

_NEEDS_QUOTES = re.compile(r"[()\"/:$&+|!~^,;]|^-|\b(?:AND|OR|NOT|NEAR|ONEAR|ATLEAST)\b")


class Level(IntEnum):
    """How tight a written part holds together here: what is below gets brackets inside what is above."""

    OR = 1
    AND = 2
    NEAR = 3
    NOT = 4
    OPERAND = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know about a stretch of the query: what is read otherwise here, or has no equivalent."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Translation:
    """What a query comes to. `expression` is empty where something has no equivalent (`refusals`)."""

    expression: str
    notes: tuple[Remark, ...] = ()
    refusals: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A word, or words one after another, as they are written here."""

    text: str

    def write(self) -> tuple[str, Level]:
        """Give the text, in quotes where it would be read as something else."""
        text = " ".join(self.text.replace('"', " ").split())
        needs = _NEEDS_QUOTES.search(text) or text.lower() in ("and", "or", "not")
        return (f'"{text}"' if needs else text), Level.OPERAND


@dataclass(frozen=True, slots=True)
class Every:
    """All parts."""

    parts: tuple[Node, ...]

    def write(self) -> tuple[str, Level]:
        """Give the parts joined by AND."""
        return " AND ".join(inside(part, Level.AND) for part in _flat(self)), Level.AND


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part."""

    parts: tuple[Node, ...]

    def write(self) -> tuple[str, Level]:
        """Give the parts joined by OR."""
        return " OR ".join(inside(part, Level.OR) for part in _flat(self)), Level.OR


@dataclass(frozen=True, slots=True)
class Without:
    """Not the part."""

    part: Node

    def write(self) -> tuple[str, Level]:
        """Give NOT and the part."""
        return f"NOT {inside(self.part, Level.OPERAND)}", Level.NOT


@dataclass(frozen=True, slots=True)
class Close:
    """Two parts near each other; `operator` is ours, its distance counts positions (neighbours: 1)."""

    left: Node
    right: Node
    operator: str
    distance: int

    def write(self) -> tuple[str, Level]:
        """Give both sides and the operator between them."""
        left, right = inside(self.left, Level.OPERAND), inside(self.right, Level.OPERAND)
        return f"{left} {self.operator}/{self.distance} {right}", Level.NEAR


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A part with something before it: `title:`, `name:`, `ATLEAST/3 `."""

    prefix: str
    part: Node

    def write(self) -> tuple[str, Level]:
        """Give the prefix and the part."""
        return f"{self.prefix}{inside(self.part, Level.OPERAND)}", Level.OPERAND


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the entry, such as `lang:es`."""

    text: str

    def write(self) -> tuple[str, Level]:
        """Give it."""
        return self.text, Level.OPERAND


Node = Words | Every | Some | Without | Close | Prefixed | Fact


def inside(part: Node, level: Level) -> str:
    """Write a part as it stands inside another, in brackets where it would fall apart."""
    text, own = part.write()
    return text if own > level or (own is level and level is Level.OPERAND) else f"({text})"


def _flat(node: Every | Some) -> list[Node]:
    """Give the parts, those of a part of the same kind among them."""
    found: list[Node] = []
    for part in node.parts:
        found += _flat(part) if type(part) is type(node) and isinstance(part, Every | Some) else [part]
    return found


@dataclass(slots=True)
class Remarks:
    """Collects remarks while a query is read."""

    notes: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)

    def note(self, start: int, end: int, message: str) -> None:
        """Say what is read otherwise here; the same words only once."""
        if all(one.message != message for one in self.notes):
            self.notes.append(Remark(start, end, message))

    def refuse(self, start: int, end: int, message: str) -> None:
        """Say what has no equivalent."""
        self.refusals.append(Remark(start, end, message))

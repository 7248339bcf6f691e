"""The part of a watchlist that decides: `terms`, `match` and `major` -> trees of expressions.

Reads what the YAML says into the rule the matcher evaluates, each item with its line. What an
expression means is not known here; its faults are shown where they stand in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from service.errors import ExpressionError
from service.match import (
    Item,
    Note,
    Rule,
    facts_in,
    find_notes,
    find_nowhere,
    find_rule_fault,
    parse_expression,
)
from service.match.lexer import PREFIXES
from service.match.tree import FactKind, Or, Term
from service.text import is_han
from service.watchlists.codes import countries, country_meant
from service.watchlists.keys import LONG_FORM, LONG_FORM_REQUIRED
from service.watchlists.nodes import Listing, Mapping, Node, Text
from service.watchlists.yaml_faults import GROUPS, in_quotes

if TYPE_CHECKING:
    from service.match import Expression
    from service.watchlists.reader import Reader

BLOCK_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_UNKNOWN_BLOCK = re.compile(r"\$([\w-]+)")
_GLUED = frozenset({*PREFIXES, *FactKind})


@dataclass(slots=True)
class RuleReader:
    """Reads the rules of one file. `blocks` are the named blocks that `$name` may stand for.

    `languages` are those of the file, whose inflections `forms:` knows. `unread` are shared blocks that
    cannot be used, with their files; `below` those that come only after the one being read.
    """

    reader: Reader
    blocks: dict[str, Expression] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)
    below: frozenset[str] = frozenset()
    columns: dict[int, int] = field(default_factory=dict)

    def read_blocks(self, node: Node | None) -> None:
        """Add the blocks of `terms:`; each may use those above it."""
        named = self.reader.named(node, "terms")
        for at, (name, items) in enumerate(named):
            self.below = frozenset(other.value for other, _ in named[at:])
            if not BLOCK_NAME.fullmatch(name.value):
                message = f"{name.value}: a block is named with letters a-z, digits, - and _, a letter first."
                self.reader.refuse(name, message, "Write it like port or oil-firms.", "terms")
            elif name.value in self.blocks:
                message = f"the name {name.value} is already taken by the shared terms."
                self.reader.refuse(name, message, "Choose another name.", "terms")
            else:
                self._read_block(name, items)
        self.below = frozenset()

    def read_items(self, node: Node | None, key: str) -> tuple[Item, ...]:
        """Give the expressions of a plain list."""
        return self._plain_items(node, key)

    def _plain_items(self, node: Node | None, key: str, *, is_block: bool = False) -> tuple[Item, ...]:
        items = (self._plain_item(item, key, is_block=is_block) for item in self.reader.items(node, key))
        return tuple(item for item in items if item is not None)

    def read_match(self, node: Node | None) -> Rule:
        """Give the rule of a file; one that could match without any word found is refused."""
        rule = self._rule(node, "match") or Rule()
        fault = None if self.reader.is_refused else find_rule_fault(rule)
        if fault is not None:
            self.reader.note(fault.line, self.columns.get(fault.line, 1), fault.message, fault.mend, "match")
        return rule

    def _rule(self, node: Node | None, key: str) -> Rule | None:
        """Give the rule of a mapping of `any`, `all` and `none`."""
        if isinstance(node, Listing) or (isinstance(node, Text) and not node.is_empty):
            mend = f"Write `any:` under {key}:, indented by two spaces, and below it each item with its dash."
            self.reader.refuse(node, f"{key} must hold any, all or none.", mend, key)
            return None
        mapping = self.reader.mapping(node, key)
        if mapping is None:
            return None
        self.columns.setdefault(mapping.line, mapping.column)
        self.reader.check_keys(mapping, GROUPS)
        groups = {name: self._group(mapping, name) for name in GROUPS}
        return Rule(groups["any"], groups["all"], groups["none"], mapping.line)

    def _read_block(self, name: Text, node: Node) -> None:
        items = self._plain_items(node, name.value, is_block=True)
        if isinstance(node, Listing) and not node.items:
            self.reader.refuse(node, f"${name.value} has no items.", "Write at least one word.", "terms")
        # A block with a fault is known all the same: its fault is told once, not at every $name.
        self.blocks[name.value] = Or(tuple(item.expression for item in items), text=f"${name.value}")

    def _group(self, mapping: Mapping, name: str) -> tuple[Item | Rule, ...]:
        node = mapping.get(name)
        if isinstance(node, Listing) and not node.items:
            self.reader.refuse(node, f"{name} is an empty list.", "Write an item, or delete the line.", name)
        items = (self._item(item, name) for item in self.reader.items(node, name))
        return tuple(item for item in items if item is not None)

    def _item(self, node: Node, key: str) -> Item | Rule | None:
        if not isinstance(node, Mapping):
            return self._plain_item(node, key)
        names = {name.value for name, _ in node.entries}
        if names & set(GROUPS):
            return self._rule(node, key)
        if names & set(LONG_FORM):
            return self._long_item(node)
        self._refuse_colon(node, key)
        return None

    def _plain_item(self, node: Node, key: str, *, is_block: bool = False) -> Item | None:
        expression = self._expression(node, f"an item of {key}", is_block=is_block)
        return Item(expression, line=node.line) if expression is not None else None

    def _long_item(self, mapping: Mapping) -> Item | None:
        self.reader.check_keys(mapping, LONG_FORM, required=LONG_FORM_REQUIRED)
        expression = self._expression(mapping.get("expr"), "expr")
        first, last = (day(self.reader, mapping.get(key), key) for key in ("from", "until"))
        if first and last and last < first:
            message = f"until {last} is before from {first}."
            self.reader.refuse(mapping.get("until") or mapping, message, "Change one of them.", "until")
        note = self.reader.text(mapping.get("note"), "note") or ""
        if expression is None:
            return None
        return Item(expression, mapping.line, first, last, " ".join(note.split()))

    def _expression(self, node: Node | None, key: str, *, is_block: bool = False) -> Expression | None:
        written = self.reader.text(node, key)
        if written is None or not isinstance(node, Text):
            return None
        self.columns.setdefault(node.line, node.column)
        try:
            expression = parse_expression(written, self.blocks, self.languages)
        except ExpressionError as error:
            self._refuse_expression(node, error, key)
            return None
        if not self._are_countries(node, expression, key):
            return None
        self._warn_of(node, expression, key)
        for note in find_notes(written, is_block=is_block):
            mend = f"If the phrase is meant, write {_phrase_quoted(node, note)}, and this note goes."
            self.reader.warn_at(*node.place(note.offset), note.message, mend, key)
        return expression

    def _are_countries(self, node: Text, expression: Expression, key: str) -> bool:
        """Refuse countries that are none; the languages of facts are known to the parser."""
        for fact in facts_in(expression):
            at = node.value.find(fact.text)
            if fact.kind is FactKind.COUNTRY and fact.value.upper() not in countries() and at >= 0:
                meant = country_meant(fact.value)
                mend = f"Did you mean country:{meant}?" if meant else "Write the two letters of ISO 3166."
                message = f"{fact.value.upper()} is no country code."
                self.reader.note(*node.place(at + len("country:")), f"{node.value}: {message}", mend, key)
                return False
        return True

    def _warn_of(self, node: Text, expression: Expression, key: str) -> None:
        """Warn of what can be read and can hardly be meant."""
        nowhere = find_nowhere(expression)
        if nowhere is not None:
            message = f"{nowhere.text} can stand nowhere: headline and text are looked at one by one."
            self.reader.warn(node, message, "Ask both in one field, or join them by AND.", key)
        if _is_one_letter(expression):
            message = f"{node.value} is a single letter, which stands in nearly every text."
            self.reader.warn(node, message, "Join it by AND or NEAR/3 with another word.", key)

    def _refuse_expression(self, node: Text, error: ExpressionError, key: str) -> None:
        line, column = node.place(error.offset)
        message, mend = " ".join(error.message.split()), error.mend
        unknown = _UNKNOWN_BLOCK.match(node.value, error.offset)
        if unknown and unknown[1] in self.below:
            mend = f"A block can use those above it, and not itself: define ${unknown[1]} further up."
        elif unknown and unknown[1] in self.unread:
            message = f"${unknown[1]} stands in {self.unread[unknown[1]]}, which is refused."
            mend = "Mend that file first."
        self.reader.note(line, column, message, mend, key)

    def _refuse_colon(self, mapping: Mapping, key: str) -> None:
        """Say what became of `- Perú: Chancay`, which YAML reads as a key with a value."""
        if not mapping.entries:
            self.reader.refuse(
                mapping, "this item is empty.", "Write an expression, or delete the line.", key
            )
            return
        name, value = mapping.entries[0]
        message = f"YAML reads {name.value}: with a space after it as a key."
        written = f"{name.value}: {value.value}" if isinstance(value, Text) else f"{name.value}: …"
        if name.value in _GLUED:
            mend = f"Write it without the space: {written.replace(': ', ':', 1)}."
        else:
            mend = f"Put the whole item in quotes: {in_quotes(written)}."
        self.reader.refuse(name, message, mend, key)


def _is_one_letter(expression: Expression) -> bool:
    if not isinstance(expression, Term) or len(expression.words) > 1:
        return False
    word = expression.words[0].folded
    return len(word) == 1 and word.isalpha() and not is_han(word)


def _phrase_quoted(node: Text, note: Note) -> str:
    """Write the phrase of a note in quotes, and YAML's around the item where it would take them away."""
    needs_both = node.quoted or note.whole.startswith('"')
    return in_quotes(note.whole) if needs_both else note.quoted


def day(reader: Reader, node: Node | None, key: str) -> date | None:
    """Give a day written like 2026-03-11; None where there is none or it is refused."""
    written = reader.word(node, key)
    if written is None or node is None:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            reader.refuse(node, f"{written}: there is no such day.", "Look at the calendar.", key)
            return None
    reader.refuse(node, f"{written}: this is no day.", "Write it like 2026-03-11.", key)
    return None

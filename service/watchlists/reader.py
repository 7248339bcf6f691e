"""Takes checked values out of the nodes of one file and keeps every complaint on the way.

A value that cannot be used is noted as a problem and given as None (or left out of a listing), so
that one reading finds all that is wrong with a file. Knows nothing of watchlists or channels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from service.errors import Problem, Severity
from service.watchlists.nodes import Listing, Mapping, Node, Text
from service.watchlists.yaml_faults import in_quotes

if TYPE_CHECKING:
    from collections.abc import Iterable

# What YAML 1.1 or 1.2 turns into a truth value, nothing, a number, a time of day or a date:
# the tables "tag:yaml.org,2002" bool, null, int, float and timestamp.
_TURNED = re.compile(
    r"(?:yes|no|on|off|true|false|null|~|[-+]?\.(?:inf|nan)"
    r"|[-+]?(?:0x[0-9a-f_]+|0o?[0-7_]+|0b[01_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\.\d[\d_]*)"
    r"|\d+(?::[0-5]?\d)+(?:\.\d*)?|\d{4}-\d\d?-\d\d?(?:[t ].*)?)",
    re.IGNORECASE,
)
_ONE_TEXT, _KEYS_WITH_VALUES = "one text", "keys with values"
_MENDS = {
    _ONE_TEXT: "Write one text there; if brackets or a second dash are meant as text, put it in quotes.",
    _KEYS_WITH_VALUES: "Write `key: value` on lines of its own, indented by two spaces.",
}
_COMMENT_MEANT_AS_TEXT = re.compile(r"\s*#(?=\w)(?P<tag>\S+)")


def is_turned(text: str) -> bool:
    """Tell whether YAML may read a text without quotes as something else."""
    return _TURNED.fullmatch(text) is not None


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word most like this one, or an empty text. Case does not matter."""
    by_folded = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def name_mend(word: str, known: Iterable[str], *, none: str = "") -> str:
    """Give the mend for an unknown name: the nearest known one, else all of them, else `none`."""
    names = sorted(known)
    like = nearest(word, names)
    if like:
        return f"Did you mean {like}?"
    return f"Known are: {', '.join(names)}." if names else none


@dataclass(slots=True)
class Reader:
    """The complaints about one file, and the ways to take a value out of it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Tell whether anything so far refuses the file."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def refuse(self, node: Node, message: str, mend: str = "", key: str = "") -> None:
        """Note an error at the node's own place."""
        self.note(node.line, node.column, message, mend, key)

    def note(self, line: int, column: int, message: str, mend: str = "", key: str = "") -> None:
        """Note an error at a place."""
        self.problems.append(Problem(self.file, line, column, message, mend, key))

    def warn_at(self, line: int, column: int, message: str, mend: str, key: str) -> None:
        """Note something at a place that does not refuse the file."""
        self.problems.append(Problem(self.file, line, column, message, mend, key, Severity.WARNING))

    def warn(self, node: Node, message: str, mend: str = "", key: str = "") -> None:
        """Note something that does not refuse the file."""
        self.warn_at(node.line, node.column, message, mend, key)

    def check_keys(
        self,
        mapping: Mapping,
        known: Iterable[str],
        *,
        required: Iterable[str] = (),
        mends: dict[str, str] | None = None,
    ) -> None:
        """Refuse keys that mean nothing here, and the absence of those that must stand.

        `mends` are those of keys that have their place elsewhere.
        """
        known = sorted(known)
        names = [key.value for key, _ in mapping.entries]
        for key, _ in mapping.entries:
            if key.value not in known:
                mend = (mends or {}).get(key.value) or name_mend(key.value, known)
                self.refuse(key, f"the key {key.value} is unknown.", mend, key.value)
        for name in required:
            if name not in names:
                self.refuse(mapping, f"the key {name} is missing.", f"Write `{name}: …`.", name)

    def text(self, node: Node | None, key: str) -> str | None:
        """Give a text; refuse what YAML elsewhere turns into something else. None where absent."""
        if node is None or not self._is_written(node, key):
            return None
        if not isinstance(node, Text):
            self._not_a(node, _ONE_TEXT, key)
            return None
        if not node.quoted and is_turned(node.value):
            message = f"{node.value}: YAML may read this as a number, a date or yes/no, and a text is meant."
            self.refuse(node, message, f'Put it in quotes: "{node.value}".', key)
            return None
        return self.word(node, key)

    def word(self, node: Node | None, key: str) -> str | None:
        """Give a text as written, where `no` or `2026-11-22` cannot be taken for anything else."""
        if node is None or not self._is_written(node, key):
            return None
        if not isinstance(node, Text):
            self._not_a(node, _ONE_TEXT, key)
            return None
        if not node.value.strip():
            self.refuse(node, f"{key} is empty.", "Write a text, or delete the line.", key)
            return None
        cut = None if node.quoted else _COMMENT_MEANT_AS_TEXT.match(node.source.rest_of_line(node.end))
        if cut:
            tag = f"#{cut['tag']}"
            mend = f"Put the text in quotes: {in_quotes(f'{node.value} {tag}')}, or write a space after #."
            self.refuse(node, f"YAML reads {tag} as a comment and drops it.", mend, key)
            return None
        return node.value

    def choice(self, node: Node | None, key: str, known: Iterable[str]) -> str | None:
        """Give a word that must be one of the known ones."""
        value = self.word(node, key)
        known = tuple(known)
        if node is None or value is None or value in known:
            return value
        self.refuse(node, f"{value}: this {key} is unknown.", name_mend(value, known), key)
        return None

    def items(self, node: Node | None, key: str) -> tuple[Node, ...]:
        """Give the items of a listing; a single text or mapping where a list is meant is refused."""
        if node is None or not self._is_written(node, key):
            return ()
        if not isinstance(node, Listing):
            mend = f"Write [{node.value}]." if isinstance(node, Text) else "Begin each item with a dash."
            self.refuse(node, f"{key} must be a list.", mend, key)
            return ()
        return node.items

    def texts(self, node: Node | None, key: str) -> tuple[tuple[Text, str], ...]:
        """Give the texts of a listing with their nodes; one that stands twice is refused."""
        found: dict[str, Text] = {}
        for item in self.items(node, key):
            value = self.word(item, key)
            if value is None or not isinstance(item, Text):
                continue
            if value in found:
                self.refuse(item, f"{value} stands twice under {key}.", "Delete one.", key)
            found.setdefault(value, item)
        return tuple((item, value) for value, item in found.items())

    def mapping(self, node: Node | None, key: str) -> Mapping | None:
        """Give a mapping."""
        if node is None or not self._is_written(node, key):
            return None
        if not isinstance(node, Mapping):
            self._not_a(node, _KEYS_WITH_VALUES, key)
            return None
        return node

    def named(self, node: Node | None, key: str) -> tuple[tuple[Text, Node], ...]:
        """Give the names and values of a mapping that must not be left empty."""
        mapping = self.mapping(node, key)
        return mapping.entries if mapping else ()

    def _is_written(self, node: Node, key: str) -> bool:
        if not isinstance(node, Text) or not node.is_empty:
            return True
        cut = _COMMENT_MEANT_AS_TEXT.match(node.source.rest_of_line(node.end))
        if cut:
            message = f"this item is empty: YAML reads #{cut['tag']} as a comment."
            self.refuse(node, message, f"Put it in quotes: '#{cut['tag']}'.", key)
        else:
            self.refuse(node, f"{key} is empty.", "Write a value, or delete the line.", key)
        return False

    def _not_a(self, node: Node, wanted: str, key: str) -> None:
        found = {Text: "a text", Listing: "a list", Mapping: "a mapping"}[type(node)]
        self.refuse(node, f"{key} must be {wanted}, and {found} stands here.", _MENDS[wanted], key)

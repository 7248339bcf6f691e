"""What stands in a YAML file: texts, listings and mappings, each with its place.

Every scalar is a text, exactly as written: nothing here becomes a number, a date or a truth value.
The nodes keep their place in the file so that any later complaint can point at the character.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file under the name that problems show. Line ends are plain newlines."""

    file: str
    text: str = field(repr=False)

    def place(self, index: int) -> tuple[int, int]:
        """Give line and column, counted from 1, of a character."""
        return self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index)

    def rest_of_line(self, index: int) -> str:
        """Give what follows a character on its line."""
        end = self.text.find("\n", index)
        return self.text[index:] if end < 0 else self.text[index:end]

    def line(self, number: int) -> str:
        """Give a line by its number from 1; an empty one beyond the end."""
        lines = self.text.split("\n")
        return lines[number - 1] if number <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. `start` and `end` are offsets in the file, quotes included; `quoted` has some style."""

    value: str
    line: int
    column: int
    start: int
    end: int
    quoted: bool
    source: Source = field(repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing at all is written here."""
        return not self.value and not self.quoted

    def place(self, offset: int) -> tuple[int, int]:
        """Give line and column of the character at an offset of `value`.

        The value is laid along the source, skipping what YAML dropped: quotes, escapes, line breaks.
        Where that fails (an escape that spells a letter as a number) the text's own place is given.
        """
        wanted = len("".join(self.value[:offset].split()))
        letters = "".join(self.value.split())
        position = self.start + (1 if self.quoted else 0)
        found = 0
        while position < self.end and found < len(letters):
            if self.source.text[position] == letters[found]:
                if found == wanted:
                    return self.source.place(position)
                found += 1
            position += 1
        if found == len(letters) and not self.quoted:
            return self.source.place(self.end)
        return self.line, self.column


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence, as `- a` lines or `[a, b]`."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; no key stands twice."""

    entries: tuple[tuple[Text, Node], ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """Give the value of a key, or None."""
        return next((value for name, value in self.entries if name.value == key), None)

    def word(self, key: str) -> str:
        """Give the text at a key as written; empty where there is none."""
        value = self.get(key)
        return value.value if isinstance(value, Text) else ""


Node = Text | Listing | Mapping

"""One YAML file -> a mapping of texts with their places. The only door to ruamel.yaml.

The file is read event by event, so that nothing is ever built that the file does not spell out:
aliases, anchors, types and further documents are refused, nesting and the number of values are
limited, and no scalar is turned into anything. Knows nothing of what the keys mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from service.errors import FileRefused, Problem
from service.watchlists.nodes import Listing, Mapping, Node, Source, Text
from service.watchlists.raw_file import UNSEEN, read_source
from service.watchlists.yaml_faults import (
    UNCLOSED,
    explain_fault,
    group_at_the_edge,
    special_sign,
    swallows_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_DEPTH = 20
MAX_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file that could be read: its text, and the mapping at its top."""

    source: Source
    top: Mapping


def read_yaml(path: Path, *, folder: Path, shown: str) -> YamlFile:
    """Read a file that must lie in `folder`; `shown` names it in problems.

    Raises:
        FileRefused: with every duplicate key, or with the one fault that ends the reading.
    """
    source = read_source(path, folder=folder, shown=shown)
    return YamlFile(source, read_mapping(source))


def read_text(text: str, *, shown: str, may_be_empty: bool = False) -> YamlFile:
    """Read the text of a file, perhaps one of former times.

    An empty one, or one of comments only, is refused unless it `may_be_empty`.

    Raises:
        FileRefused: as `read_yaml` does.
    """
    source = Source(shown, text)
    return YamlFile(source, read_mapping(source, may_be_empty=may_be_empty))


def read_mapping(source: Source, *, may_be_empty: bool = False) -> Mapping:
    """Read the mapping a text spells out.

    Raises:
        FileRefused: as `read_yaml` does.
    """
    builder = _Builder(source)
    try:
        for event in YAML(typ="safe", pure=True).parse(source.text):
            builder.take(event)
    except MarkedYAMLError as error:
        raise FileRefused([_fault(error, source, builder.last_quoted)]) from error
    if builder.problems:
        raise FileRefused(builder.problems)
    if builder.top is None and may_be_empty:
        return Mapping((), 1, 1)
    if not isinstance(builder.top, Mapping):
        raise FileRefused([_not_a_mapping(builder.top, source)])
    return builder.top


@dataclass(slots=True)
class _Open:
    """A listing or mapping whose end has not come yet."""

    is_mapping: bool
    is_flow: bool
    line: int
    column: int
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Builder:
    """Puts the events together, with a stack of its own so that depth costs no recursion."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    top: Node | None = None
    documents: int = 0
    values: int = 0
    stack: list[_Open] = field(default_factory=list)
    last_quoted: Text | None = None

    def take(self, event: Event) -> None:
        """Take the next event of the reader."""
        if isinstance(event, DocumentStartEvent):
            self._begin_document(event)
        elif isinstance(event, NodeEvent):
            self._check(event)
            self._begin(event)
        elif isinstance(event, CollectionEndEvent):
            self._close()

    def _begin_document(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            mend = "Delete the line with ---, or move what follows into a file of its own."
            self._stop(event, "a second document begins here.", mend)

    def _check(self, event: NodeEvent) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            self._stop(
                event, f"the file has more than {MAX_VALUES:,} values.", "Split it into several files."
            )
        if isinstance(event, CollectionStartEvent) and len(self.stack) >= MAX_DEPTH:
            self._stop(event, f"brackets or indents nest deeper than {MAX_DEPTH}.", "Write it flatter.")
        if (
            isinstance(event, AliasEvent)
            or event.anchor is not None
            or getattr(event, "tag", None) is not None
        ):
            start = event.start_mark.index
            item = self.source.rest_of_line(start)
            if self.stack and self.stack[-1].is_flow:
                item = re.split(r"[,\]}]", item)[0]
            if isinstance(event, CollectionStartEvent):
                message = f"YAML's own names and types are not used here: {item.split()[0]}."
                self._stop(event, message, "Write the values out, or name them under terms: and write $name.")
            self._stop(event, *special_sign(item[0], item))

    def _stop(self, event: Event, message: str, mend: str) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        raise FileRefused([*self.problems, Problem(self.source.file, line, column, message, mend)])

    def _begin(self, event: NodeEvent) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, ScalarEvent):
            start, end = event.start_mark.index, event.end_mark.index
            quoted = event.style is not None
            text = Text(self._seen(event), line, column, start, end, quoted, self.source)
            if event.style in ("'", '"'):
                self.last_quoted = text
            self._place(text)
        elif isinstance(event, CollectionStartEvent):
            is_mapping = isinstance(event, MappingStartEvent)
            self.stack.append(_Open(is_mapping, bool(event.flow_style), line, column))

    def _seen(self, event: ScalarEvent) -> str:
        """Give the value; an escape in double quotes can spell what no text holds."""
        unseen = UNSEEN.search(event.value)
        if unseen is None:
            return str(event.value)
        message = f"an escape spells the invisible character U+{ord(unseen[0]):04X}."
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.problems.append(
            Problem(self.source.file, line, column, message, "Delete it, or use single quotes.")
        )
        return UNSEEN.sub("", event.value)

    def _close(self) -> None:
        opened = self.stack.pop()
        if not opened.is_mapping:
            self._place(Listing(tuple(opened.children), opened.line, opened.column))
            return
        entries = tuple(self._entries(opened.children))
        self._place(Mapping(entries, opened.line, opened.column))

    def _entries(self, children: list[Node]) -> Iterator[tuple[Text, Node]]:
        first: dict[str, Text] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Text):
                message = "a list or mapping stands where a key is meant."
                self._note(key, message, "Put the text before the colon in quotes.")
            elif key.value in first:
                message = f"the key {key.value} stands twice; the first is on line {first[key.value].line}."
                self._note(key, message, "Delete one, or put both values under one key.")
            else:
                first[key.value] = key
                yield key, value

    def _note(self, node: Node, message: str, mend: str) -> None:
        self.problems.append(Problem(self.source.file, node.line, node.column, message, mend))

    def _place(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.top = node


def _fault(error: MarkedYAMLError, source: Source, quoted: Text | None) -> Problem:
    """Say what is wrong where it began, which may be lines above the one the library stopped at."""
    stopped = error.problem_mark or error.context_mark
    ends_here = quoted is not None and source.place(quoted.end)[0] == stopped.line + 1
    if quoted and ends_here and swallows_lines(source.text[quoted.start : quoted.end]):
        return Problem(source.file, quoted.line, quoted.column, *UNCLOSED)
    context = error.context or ""
    edge = group_at_the_edge(source.text[: stopped.index]) if "block" in context else None
    if edge:
        return Problem(source.file, *source.place(edge[0]), *edge[1:])
    opened_earlier = any(words in context for words in ("quoted scalar", "flow", "simple key"))
    mark = (error.context_mark if opened_earlier else None) or error.problem_mark or error.context_mark
    line = mark.line + 1
    explained = explain_fault(source.line(line), mark.column + 1, error.problem or "", context)
    return Problem(source.file, line, *explained)


def _not_a_mapping(top: Node | None, source: Source) -> Problem:
    if top is None or (isinstance(top, Text) and top.is_empty):
        return Problem(source.file, 1, 1, "the file is empty.", "Write at least one key, as in `title: …`.")
    words = "a list" if isinstance(top, Listing) else "a text"
    message = f"{words} stands at the top of the file, where keys are meant."
    return Problem(source.file, top.line, top.column, message, "Begin with a key, as in `title: …`.")

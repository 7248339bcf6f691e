"""The examples of a watchlist: headlines that must match and headlines that must not.

They are tried with the real matcher each time a file is loaded. An example without a date is tried
on every day on which the file's periods begin or end: one that must match has to match on some
day, one that must be ignored on none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from service.domain import Entry, FeedGroup
from service.match import Matcher, Query, days_of_change
from service.text import clip
from service.watchlists.codes import countries
from service.watchlists.feed_facts import language
from service.watchlists.keys import EXAMPLE, EXAMPLE_REQUIRED, EXAMPLES
from service.watchlists.nodes import Mapping, Node
from service.watchlists.rules import day

if TYPE_CHECKING:
    from service.domain import Match
    from service.watchlists.reader import Reader
    from service.watchlists.watchlist import Watchlist

_SOME_DAY = date(2000, 1, 1)  # for a file without periods, where the day makes no difference
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Example:
    """A headline, with its lead, day and facts where the example gives them. `line` is the file's."""

    title: str
    should_match: bool
    text: str = ""
    day: date | None = None
    language: str = ""
    country: str = ""
    outlet: str = ""
    group: FeedGroup = FeedGroup.INDEPENDENT
    line: int = 0

    def entry(self, published_on: date) -> Entry:
        """Give the example as an entry that was published on a day, at noon."""
        return Entry.unstored(
            self.title,
            self.text,
            at=datetime.combine(published_on, time(12), UTC),
            language=self.language,
            outlet=self.outlet,
            country=self.country,
            group=self.group,
        )


def read_examples(reader: Reader, node: Node | None) -> tuple[tuple[Example, Node], ...]:
    """Give the examples of a file with their nodes."""
    mapping = reader.mapping(node, "examples")
    if mapping is None:
        return ()
    reader.check_keys(mapping, EXAMPLES)
    found: list[tuple[Example, Node]] = []
    for kind in EXAMPLES:
        for item in reader.items(mapping.get(kind), kind):
            example = _example(reader, item, should_match=kind == "match")
            if example is not None:
                found.append((example, item))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class TriedExample:
    """An example, whether it does what it says, and the line that decided (0: none did)."""

    example: Example
    is_right: bool
    line: int


def judge_examples(watchlist: Watchlist) -> tuple[TriedExample, ...]:
    """Try the examples of a watchlist, as `try_examples` does, and say of each how it went."""
    matcher = Matcher([watchlist.query])
    days = sorted({_SOME_DAY, *days_of_change(watchlist.query.rule)})
    tried = []
    for example in watchlist.examples:
        on = [example.day] if example.day else days
        match = next((one for day_ in on for one in matcher.match(example.entry(day_))), None)
        line = match.evidence[0].line if match is not None and match.evidence else 0
        tried.append(TriedExample(example, (match is not None) == example.should_match, line))
    return tuple(tried)


def try_examples(reader: Reader, examples: tuple[tuple[Example, Node], ...], query: Query) -> None:
    """Refuse the file for each example that does not do what it says."""
    matcher = Matcher([query])
    days = sorted({_SOME_DAY, *days_of_change(query.rule)})
    for example, node in examples:
        tried = [example.day] if example.day else days
        matches = [match for on in tried for match in matcher.match(example.entry(on))]
        shown = clip(example.title or example.text, _SHOWN)
        if example.should_match and not matches:
            mend = "Add an expression that finds it, or delete the example."
            reader.refuse(node, f"this example should match and does not: {shown}", mend, "examples")
        elif matches and not example.should_match:
            mend = "Narrow that expression, add to none:, or delete the example."
            message = f"this example should be ignored and matches{_reasons(matches[0])}: {shown}"
            reader.refuse(node, message, mend, "examples")


def _reasons(match: Match) -> str:
    found = {f"{evidence.term} (line {evidence.line})": None for evidence in match.evidence}
    return f" by {', '.join(found)}" if found else ""


def _example(reader: Reader, node: Node, *, should_match: bool) -> Example | None:
    before = len(reader.problems)
    if not isinstance(node, Mapping):
        title = reader.text(node, "an example")
        return Example(title, should_match, line=node.line) if title else None
    names = {name.value for name, _ in node.entries}
    if not names & set(EXAMPLE):
        message = "a colon followed by a space makes a key of this example."
        reader.refuse(node, message, "Put the whole headline in quotes.", "examples")
        return None
    reader.check_keys(node, EXAMPLE, required=EXAMPLE_REQUIRED)
    group = reader.choice(node.get("group"), "group", [str(group) for group in FeedGroup])
    example = Example(
        title=reader.text(node.get("title"), "title") or "",
        should_match=should_match,
        text=reader.text(node.get("text"), "text") or "",
        day=day(reader, node.get("date"), "date"),
        language=language(reader, node.get("lang")),
        country=reader.choice(node.get("country"), "country", countries()) or "",
        outlet=reader.text(node.get("source"), "source") or "",
        group=FeedGroup(group) if group else FeedGroup.INDEPENDENT,
        line=node.line,
    )
    return example if len(reader.problems) == before else None

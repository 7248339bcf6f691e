"""Why a text matches a watchlist, or why not: `avizor explain`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from service.cli import show
from service.cli.became import say_became
from service.domain import Entry
from service.errors import NotFound, SettingsError
from service.match import Matcher, Rule
from service.text import canonical_url, plain_text
from service.wiring import open_store, real_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from service.config import Settings
    from service.match import Explanation, Finding, Item, Query
    from service.wiring import Files

_Reason = tuple[int, str]  # a line of the file, and the words there


@dataclass(frozen=True, slots=True)
class Given:
    """What the asker says of a headline: the day it was published, and the facts of its feed."""

    day: str = ""
    language: str = ""
    outlet: str = ""
    country: str = ""


def explain_text(
    settings: Settings, files: Files, text: str, *, given: Given, show_all: bool, as_json: bool
) -> None:
    """Print one sentence for each watchlist about a headline or a stored entry (its number or address).

    Of a stored entry it is said, too, what became of its matches: held or not, whom it was told, and why.
    Those that match come first. With `show_all`, the parts of each rule follow: all of a rule that
    matches, and of the others those of which some word was found.
    """
    is_stored = text.isdecimal() or "://" in text.split(maxsplit=1)[0]
    entry = _stored(settings, text) if is_stored else _headline(text, given)
    queries = {watchlist.id: watchlist.query for watchlist in files.watchlists}
    found = explain_entry([*queries.values()], entry)
    became = _became(settings, entry) if is_stored else {}
    if as_json:
        show.print_json([{**asdict(one), "became": became.get(one.watchlist_id, [])} for one in found])
        return
    if is_stored or show_all:
        show.print_entry(entry, [one for explanation in found for one in explanation.evidence])
    watchlists = {watchlist.id: watchlist for watchlist in files.watchlists}
    in_order = sorted(found, key=lambda one: not one.holds)
    for explanation in in_order:
        said = say_verdict(queries[explanation.watchlist_id], explanation, entry)
        show.print_line(f"{watchlists[explanation.watchlist_id].title} {said}.")
        for line in became.get(explanation.watchlist_id, ()):
            show.print_line(f"    {line}")
    if show_all:
        for explanation in in_order:
            watchlist = watchlists[explanation.watchlist_id]
            _print(explanation, f"{watchlist.title} ({watchlist.file})")


def say_verdict(query: Query, explanation: Explanation, entry: Entry) -> str:
    """Say whether a watchlist matches an entry, and by which lines; or what alone keeps it out."""
    free = Matcher([replace(query, rule=_unexcluded(query.rule))])
    return verdict(explanation, would_match=bool(free.matching(entry)))


def explain_entry(queries: Sequence[Query], entry: Entry) -> list[Explanation]:
    """Explain an entry; a date that keeps an item from counting is noted only where its words are there."""
    undated = Matcher([replace(query, rule=_undated(query.rule)) for query in queries]).explain(entry)
    return [
        replace(dated, findings=_noted(dated.findings, bare.findings))
        for dated, bare in zip(Matcher(queries).explain(entry), undated, strict=True)
    ]


def _undated(rule: Rule) -> Rule:
    def bare(parts: Iterable[Item | Rule]) -> tuple[Item | Rule, ...]:
        return tuple(
            _undated(part) if isinstance(part, Rule) else replace(part, from_date=None, until_date=None)
            for part in parts
        )

    return replace(rule, any=bare(rule.any), all=bare(rule.all), none=bare(rule.none))


def _unexcluded(rule: Rule) -> Rule:
    def free(parts: Iterable[Item | Rule]) -> tuple[Item | Rule, ...]:
        return tuple(_unexcluded(part) if isinstance(part, Rule) else part for part in parts)

    return replace(rule, any=free(rule.any), all=free(rule.all), none=())


def _noted(dated: Iterable[Finding], bare: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(
        replace(one, note=one.note if other.holds else "", parts=_noted(one.parts, other.parts))
        for one, other in zip(dated, bare, strict=True)
    )


def verdict(explanation: Explanation, *, would_match: bool) -> str:
    """Say whether a watchlist matches, and by which lines: `is kept out by line 46: cultura Chancay`.

    `would_match` tells that it does but for what excludes.
    """
    if explanation.holds:
        by = _by((one.line, one.term) for one in explanation.evidence)
        return f"matches by {by}" if by else "matches"
    excluding = _by(reason for finding in explanation.findings for reason in _excluding(finding))
    if excluding and would_match:
        return f"is kept out by {excluding}"
    late = next((one for finding in explanation.findings for one in _late(finding)), None)
    return f"does not match: line {late.line}, {late.text}, {late.note}" if late else "does not match"


def _by(reasons: Iterable[_Reason]) -> str:
    words: dict[int, dict[str, None]] = {}
    for line, term in sorted(reasons, key=lambda reason: reason[0]):
        words.setdefault(line, {})[term] = None
    return "; ".join(f"line {line}: {', '.join(terms)}" for line, terms in words.items())


def _excluding(finding: Finding) -> Iterator[_Reason]:
    """Give what excludes, of this group or of the groups within it: what holds and may not."""
    for part in finding.parts:
        if finding.text == "none of" and part.holds:
            yield from _reasons(part)
        elif part.text == "rule" and not part.holds:
            for group in part.parts:
                yield from _excluding(group)


def _reasons(finding: Finding) -> Iterator[_Reason]:
    if finding.evidence:
        yield from ((one.line, one.term) for one in finding.evidence)
    elif finding.text == "rule":
        for group in finding.parts:
            for part in group.parts:
                yield from _reasons(part)
    elif finding.holds:
        yield finding.line, finding.text


def _late(finding: Finding) -> Iterator[Finding]:
    if finding.note:
        yield finding
    for part in finding.parts:
        yield from _late(part)


def _stored(settings: Settings, text: str) -> Entry:
    """Give a stored entry by its number, or by the address of the article.

    Raises:
        NotFound: there is none.
    """
    with open_store(settings, exclusive=False) as store:
        if text.isdecimal():
            return store.reading.get_entry(int(text))
        found = store.archive.find_entries(canonical_url(text))
    if not found:
        mend = f"avizor why-not {text} says why."
        raise NotFound("no article with this address was read", resource=text, mend=mend)
    return found[0]


def _became(settings: Settings, entry: Entry) -> dict[str, list[str]]:
    """Say by watchlist what became of the matches of a stored entry."""
    with open_store(settings, exclusive=False) as store:
        return {
            match.watchlist_id: say_became(match, store.reading.get_event(match.event_id), settings.timezone)
            for match in store.archive.list_matches([entry.id])
        }


def _headline(text: str, given: Given) -> Entry:
    at = real_clock()
    if given.day:
        try:
            at = datetime.combine(date.fromisoformat(given.day), time(12), UTC)
        except ValueError as fault:
            raise SettingsError(
                f"{given.day} is no day", resource="--date", mend="Write it like 2026-03-11."
            ) from fault
    return Entry.unstored(
        plain_text(text), at=at, language=given.language, outlet=given.outlet, country=given.country
    )


def _print(explanation: Explanation, title: str) -> None:
    answer = ("matches", "bold green") if explanation.holds else ("does not match", "dim")
    tree = Tree(Text.assemble("\n", (title, "bold"), "  ", answer), guide_style="dim")
    for finding in explanation.findings:
        if explanation.holds or _has_hit(finding):
            _grow(tree, finding)
    show.out.print(tree)


def _grow(tree: Tree, finding: Finding) -> None:
    """Add a node and what is below it; parts in which nothing was found are left out."""
    mark = ("✓ ", "green") if finding.holds else ("✗ ", "red")
    line = (f"  line {finding.line}", "dim")
    note = (f"  {finding.note}", "yellow") if finding.note else ""
    branch = tree.add(Text.assemble(mark, finding.text, line, note))
    for part in finding.parts:
        if _has_hit(part):
            _grow(branch, part)


def _has_hit(finding: Finding) -> bool:
    if finding.parts:
        return any(_has_hit(part) for part in finding.parts)
    return finding.holds or bool(finding.note)

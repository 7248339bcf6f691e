"""Why a text matches a watchlist, or why not: `avizor explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from service.cli import show
from service.domain import Entry
from service.match import Matcher
from service.wiring import open_store, real_clock

if TYPE_CHECKING:
    from service.config import Settings
    from service.match import Explanation, Finding
    from service.wiring import Files


def explain_text(settings: Settings, files: Files, text: str, *, as_json: bool) -> None:
    """Print for each watchlist what in it holds for a headline, or for the stored entry of that number.

    Watchlists that match are shown whole; of the others, only those of which some word was found.
    """
    entry = _stored(settings, int(text)) if text.isdecimal() else _headline(text)
    found = Matcher([watchlist.query for watchlist in files.watchlists]).explain(entry)
    if as_json:
        show.print_json(found)
        return
    show.print_entry(entry, [one for explanation in found for one in explanation.evidence])
    titles = {watchlist.id: f"{watchlist.title} ({watchlist.file})" for watchlist in files.watchlists}
    for explanation in sorted(found, key=lambda one: not one.holds):
        _print(explanation, titles[explanation.watchlist_id])


def _stored(settings: Settings, number: int) -> Entry:
    with open_store(settings, exclusive=False) as store:
        return store.reading.get_entry(number)


def _headline(text: str) -> Entry:
    now = real_clock()
    return Entry(0, 0, "", "", text, "", "", now, now)


def _print(explanation: Explanation, title: str) -> None:
    verdict = ("matches", "bold green") if explanation.holds else ("does not match", "dim")
    tree = Tree(Text.assemble("\n", (title, "bold"), "  ", verdict), guide_style="dim")
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

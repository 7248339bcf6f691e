"""What an edited watchlist would have done with the stored articles: `avizor backtest`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from service.cli import show
from service.cli.tables import Column, Fit, Rows, clean
from service.domain import TextField
from service.pipeline import AtWork, run_backtest
from service.watchlists import load_watchlist, restore_watchlist
from service.wiring import Files, make_desk, open_store, read_in_force, real_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from service.config import Environment, Settings
    from service.domain import Entry, Feed, Match
    from service.pipeline import Backtest, Share
    from service.store import Store
    from service.watchlists import Watchlist


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison and what was compared: `against` says in words which version stood on the other side."""

    watchlist_id: str
    title: str
    against: str
    result: Backtest


def compare(settings: Settings, environment: Environment, file: Path, span: timedelta) -> Compared:
    """Run a file over the stored articles beside the version in force.

    Raises:
        FileRefused: with everything that is wrong with the file.
    """
    after = load_watchlist(file, settings.watchlists)
    with open_store(settings, exclusive=False) as store:
        before, against = _other(store, settings, environment, after)
        until = real_clock()
        total = store.archive.count_entries(until - span, until)
        with show.progress() as progress:
            bar = progress.add_task("comparing", total=total)

            def pages() -> Iterator[list[Entry]]:
                for page in store.archive.iter_pages(until - span, until):
                    yield page
                    progress.advance(bar, len(page))

            result = run_backtest(
                pages(),
                store.archive.feeds_by_id(),
                AtWork(_match(before)),
                AtWork(_match(after)),
                until=until,
            )
    return Compared(after.id, after.title, against, result)


def _match(watchlist: Watchlist | None) -> Callable[[Entry, Feed], list[Match]]:
    only = Files((watchlist,) if watchlist else (), (), (), (), ())
    return make_desk(only).match


def _other(
    store: Store, settings: Settings, environment: Environment, edited: Watchlist
) -> tuple[Watchlist | None, str]:
    """Give the version to compare with: the one in force; if that is the edited one, the one before it."""
    files = read_in_force(store, environment, settings)
    in_force = next((one for one in files.watchlists if one.id == edited.id), None)
    if in_force is None:
        return None, "nothing: there is no such watchlist yet"
    if in_force.version != edited.version:
        return in_force, "the version in force"
    for kept in store.versions.list_versions(edited.source.file):
        restored = None if kept.version == edited.version else restore_watchlist(kept, shown=kept.file)
        if restored is not None:
            at = show.local(kept.loaded_at, settings.timezone)
            return restored, f"the version before it, last put in force {at}"
    return in_force, "itself: it is in force, and no other version is known"


def print_compared(compared: Compared, *, limit: int, zone: str) -> None:
    """Print the comparison: what it comes to, by language and outlet, by week, and the headlines."""
    result = compared.result
    if result.since is None:
        show.print_line("There are no stored articles in that time: nothing can be compared.")
        return
    show.print_line(
        f"{compared.title} against {compared.against}, over {show.counted(result.entries, 'article')} "
        f"seen since {show.local(result.since, zone)}."
    )
    show.print_line(
        f"It gains {len(result.gained)} and loses {len(result.lost)}: "
        f"{result.matched_before} matched before, {result.matched_after} after."
    )
    show.print_line(
        f"Alerts to a reader of all of it: {result.alerts_before} before, {result.alerts_after} after; "
        f"{result.alerts_per_week_before} and {result.alerts_per_week_after} a week."
    )
    _print_weeks(result, limit, zone)
    _print_shares("language", result.languages, limit)
    _print_shares("outlet", result.outlets, limit)
    _print_matches("gained", result.gained, limit, zone)
    _print_matches("lost", result.lost, limit, zone)


def _print_weeks(result: Backtest, limit: int, zone: str) -> None:
    """Print the latest weeks in which there would have been an alert."""
    weeks = [week for week in result.weeks if week.before or week.after]
    if not weeks:
        return
    show.out.print()
    rows = Rows(Column("alerts in the week from"), Column("before", right=True), Column("after", right=True))
    for week in weeks[-limit:]:
        rows.add(show.local(week.begins_at, zone), str(week.before), str(week.after))
    rows.print(show.out)


def _print_shares(name: str, shares: Sequence[Share], limit: int) -> None:
    show.out.print()
    figures = (Column(one, right=True) for one in ("before", "after", "gained", "lost"))
    rows = Rows(Column(name, Fit.CUT), *figures)
    for share in shares[:limit]:
        rows.add(share.name or "(not said)", *map(str, (share.before, share.after, share.gained, share.lost)))
    rows.print(show.out)
    show.print_shown(len(shares[:limit]), len(shares))


def _print_matches(name: str, matches: Sequence[Match], limit: int, zone: str) -> None:
    """Print headlines with the words that matched, the latest first, and the words that stand in the text."""
    if not matches:
        return
    show.out.print()
    show.print_line(f"{name}:")
    for match in matches[: -limit - 1 : -1]:
        entry = match.entry
        title = [one for one in match.evidence if one.field is TextField.TITLE]
        line = Text(f"  {show.local(entry.happened_at, zone)}  {clean(entry.outlet)}  ")
        line.append_text(show.mark(entry.title, title))
        terms = dict.fromkeys(f"{one.term} (line {one.line})" for one in match.evidence)
        line.append(f"  {clean(', '.join(terms))}", style="dim")
        show.out.print(line, soft_wrap=True)
    show.print_shown(min(limit, len(matches)), len(matches))

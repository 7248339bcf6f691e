"""What `avizor feeds add` shows: the feeds found, the one taken, what would match, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cli import show
from service.cli.tables import Column, Fit, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.cli.adding import Added, Matched
    from service.domain import ParsedEntry
    from service.pipeline import FoundFeed
    from service.watchlists import FeedFacts, Watchlist

_ENTRIES_SHOWN = 8
_MATCHES_SHOWN = 12


def print_added(added: Added, watchlists: Sequence[Watchlist], zone: str) -> None:
    """Print all of it in the order in which it happened."""
    if len(added.found) > 1:
        _print_found(added.found, added.wish.pick)
    _print_feed(added.taken, added.facts, zone)
    if added.taken.feed.entries and watchlists:
        _print_matches(added.matched, len(added.taken.feed.entries))
    show.print_line("")
    _print_written(added)
    _print_followers(added, watchlists)


def _print_found(found: Sequence[FoundFeed], taken: int) -> None:
    show.print_line(f"{len(found)} feeds were found:")
    rows = Rows(
        Column("feed", Fit.CUT),
        Column("entries", right=True),
        Column("newest"),
        Column("address", Fit.BELOW),
    )
    for number, one in enumerate(found, 1):
        name = f"{one.name} (comments)" if one.is_of_comments else one.name
        newest = show.local(one.trial.newest_at, "UTC")[:10]
        rows.add(f"{number} {name}", str(len(one.feed.entries)), newest, one.url)
    rows.print(show.out)
    other = 2 if taken == 1 else 1
    show.print_line(f"Number {taken} is taken; --pick {other} takes another.\n")


def _print_feed(found: FoundFeed, facts: FeedFacts, zone: str) -> None:
    language = f"in {facts.language}" if facts.language else "its language is not known"
    entries = show.counted(len(found.feed.entries), "entry", "entries")
    show.print_line(f"{facts.title}, {language}, {entries}\n{facts.url}")
    if found.trial.moved_to:
        show.print_line(f"It has moved for good from {found.trial.source.url}: the new address is taken.")
    if found.trial.words:
        show.print_line(found.trial.words)
    if found.feed.entries:
        show.print_line("")
        rows = Rows(Column("published"), Column("entry", Fit.CUT))
        newest = sorted(found.feed.entries, key=_happened_at, reverse=True)
        for entry in newest[:_ENTRIES_SHOWN]:
            rows.add(show.local(entry.published_at, zone), entry.title)
        rows.print(show.out)


def _happened_at(entry: ParsedEntry) -> float:
    return entry.published_at.timestamp() if entry.published_at else 0.0


def _print_matches(matched: Sequence[Matched], entries: int) -> None:
    if not matched:
        show.print_line(f"\nThe watchlists would have matched none of the {entries}.")
        return
    count = len({(one.title, one.at) for one in matched})
    show.print_line(f"\nThe watchlists would have matched {count} of the {entries}:")
    rows = Rows(Column("entry", Fit.CUT), Column("watchlist"), Column("why", Fit.BELOW))
    for one in matched[:_MATCHES_SHOWN]:
        why = one.why if one.is_followed else f"{one.why}, but does not follow the pack yet"
        rows.add(one.title, one.watchlist, why)
    rows.print(show.out)
    if len(matched) > _MATCHES_SHOWN:
        show.print_line(f"and {len(matched) - _MATCHES_SHOWN} more")


def _print_written(added: Added) -> None:
    there, facts = added.there, added.facts
    if there:
        show.print_line(f"It stands already in the pack {there.pack}: {there.file}, line {there.line}.")
    for edit in added.edits:
        verb = "Would be written" if added.wish.is_dry else "Written"
        made = ", a new file" if edit.before is None else ""
        show.print_line(f"{verb} to {edit.shown}, line {edit.line}{made}:")
        show.print_line("\n".join(edit.lines))
    unknown = [name for name in ("country", "language") if not getattr(facts, name)]
    if unknown and not there:
        options = " and ".join(f"--{name}" for name in unknown)
        show.print_line(
            f"Not known: its {' and its '.join(unknown)}. Write it there, or say it with {options}."
        )


def _print_followers(added: Added, watchlists: Sequence[Watchlist]) -> None:
    """Say who follows the pack, and how others come to do so."""
    chosen, pack = added.chosen, added.pack
    if chosen and not chosen.feeds:
        show.print_line(f"{chosen.id} names no feeds, so it follows all of them, this one too.")
    following = [one.id for one in watchlists if one is chosen or not one.feeds or pack in one.feeds]
    if following:
        verb = "follows" if len(following) == 1 else "follow"
        show.print_line(f"{', '.join(following)} {verb} the pack {pack}.")
        if not added.wish.is_dry and added.edits:
            show.print_line("An Avizor that is running reads it within seconds.")
        return
    example = watchlists[0].id if watchlists else "ID"
    show.print_line(
        f"No watchlist follows the pack {pack} yet, so that it is not polled. "
        f"Write {pack} into the feeds: of a watchlist, or run this again with --watchlist {example}."
    )


def row_of(added: Added) -> dict[str, object]:
    """Give what a script wants to know."""
    trial = added.taken.trial
    return {
        "feed": added.facts,
        "pack": added.pack,
        "moved_from": trial.source.url if trial.moved_to else "",
        "result": trial.verdict,
        "newest_at": trial.newest_at,
        "entries": len(added.taken.feed.entries),
        "matched": added.matched,
        "already_in": added.there,
        "others": [one.url for one in added.found if one is not added.taken],
        "changes": [
            {"file": edit.shown, "line": edit.line, "lines": edit.lines, "written": not added.wish.is_dry}
            for edit in added.edits
        ],
    }

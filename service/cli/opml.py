"""The feeds of an OPML file, shown and written into a pack: `avizor feeds import`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.cli import show
from service.cli.adding import find_named
from service.cli.tables import Column, Fit, Rows
from service.errors import NotFound
from service.parse.opml import MOST_BYTES
from service.watchlists import save
from service.wiring import judge_opml, plan_edits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from service.config import Settings
    from service.watchlists import Edit, Watchlist
    from service.wiring import Files, Import


@dataclass(frozen=True, slots=True)
class Imported:
    """What there is to say at the end."""

    judged: Import
    pack: str
    chosen: Watchlist | None
    edits: Sequence[Edit]
    is_dry: bool


def import_feeds(
    settings: Settings, files: Files, file: Path, pack: str, watchlist_id: str, *, is_dry: bool
) -> Imported:
    """Judge a file, and write what is new into a pack.

    Raises:
        NotAFeed: the file is no OPML, or one that is not read.
        NotFound: there is no such file or watchlist.
        FileRefused: the pack or the watchlist cannot be changed; nothing is written.
        SettingsError: the folder cannot be written to.
    """
    chosen = find_named(files, watchlist_id)
    judged = judge_opml(_read(file), settings.watchlists, files.sources)
    edits = plan_edits(settings.watchlists, judged.new, pack, chosen) if judged.new else []
    for edit in () if is_dry else edits:
        save(edit)
    return Imported(judged, pack, chosen, edits, is_dry)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as fault:
        message = f"this file cannot be read: {fault.strerror}"
        raise NotFound(message, resource=str(file), mend="Give the path of an OPML file.") from fault


def print_import(done: Imported, watchlists: Sequence[Watchlist]) -> None:
    """Print what is new, what was there and what is refused."""
    judged = done.judged
    _print_part("New", [(one.title, one.url, "") for one in judged.new])
    _print_part(
        "There already",
        [
            (one.title, one.url, f"{one.there.file}, line {one.there.line}" if one.there else "a watchlist")
            for one in judged.known
        ],
    )
    _print_part("Refused", [(one.title, one.url, one.why) for one in judged.refused])
    for edit in done.edits:
        verb = "Would be written" if done.is_dry else "Written"
        made = ", a new file" if edit.before is None else ""
        show.print_line(f"{verb} to {edit.shown}, line {edit.line}{made}.")
    if not done.edits:
        return
    following = [
        one.id for one in watchlists if one is done.chosen or not one.feeds or done.pack in one.feeds
    ]
    if following:
        verb = "follows" if len(following) == 1 else "follow"
        show.print_line(f"{', '.join(following)} {verb} the pack {done.pack}.")
    else:
        show.print_line(
            f"No watchlist follows the pack {done.pack} yet, so that it is not polled. "
            f"Write {done.pack} into the feeds: of a watchlist."
        )


def _print_part(name: str, rows: Sequence[tuple[str, str, str]]) -> None:
    if not rows:
        return
    show.print_line(f"{name}: {show.counted(len(rows), 'feed')}")
    table = Rows(Column("feed", Fit.CUT), Column("address", Fit.BELOW), Column("where or why", Fit.BELOW))
    for row in rows:
        table.add(*row)
    table.print(show.out)
    show.print_line("")


def row_of_import(done: Imported) -> dict[str, object]:
    """Give what a script wants to know."""
    return {
        "new": done.judged.new,
        "there": done.judged.known,
        "refused": done.judged.refused,
        "pack": done.pack,
        "changes": [
            {"file": edit.shown, "line": edit.line, "written": not done.is_dry} for edit in done.edits
        ],
    }

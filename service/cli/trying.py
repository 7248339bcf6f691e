"""Every feed of the packs asked once, whatever its schedule: `avizor feeds test`."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from service.cli import show
from service.cli.tables import Column, Fit, Rows
from service.errors import FileRefused, NotFound, sentences
from service.pipeline import Verdict
from service.text import clip
from service.watchlists import FEEDS_FOLDER, load_feed_packs, note_check, save
from service.wiring import open_trials, real_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.config import Environment, Settings
    from service.domain import FeedSource
    from service.pipeline import Trial
    from service.wiring import Files

_COLOURS = {Verdict.WORKS: "green", Verdict.EMPTY: "yellow", Verdict.STALE: "yellow"}
_WORDS_SHOWN = 400


async def try_feeds(settings: Settings, environment: Environment, files: Files, pack: str) -> list[Trial]:
    """Ask the feeds of one pack, or of all and those that watchlists name; those in trouble come first.

    Raises:
        NotFound: there is no such pack, or no feed at all.
    """
    sources = _sources(files, pack)
    async with open_trials(settings, environment.secret) as trials:
        with show.progress() as progress:
            bar = progress.add_task("asking", total=len(sources))

            async def ask(source: FeedSource) -> Trial:
                trial = await trials.run(source)
                progress.advance(bar)
                return trial

            done = await asyncio.gather(*(ask(source) for source in sources))
    order = list(Verdict)
    return sorted(done, key=lambda one: (-order.index(one.verdict), one.source.outlet, one.source.url))


def _sources(files: Files, pack: str) -> list[FeedSource]:
    found = [one for one in files.sources if not pack or pack in one.packs]
    if found:
        return found
    if not pack:
        raise NotFound("there is no feed to ask", mend="avizor feeds add ADDRESS adds one.")
    known = sorted({name for one in files.sources for name in one.packs})
    mend = f"Known: {', '.join(known) or 'none yet'}."
    raise NotFound(f"there is no pack {pack} with a feed in it", mend=mend)


def write_checks(settings: Settings, trials: Sequence[Trial], pack: str) -> bool:
    """Write into each pack when its feeds were asked and how they did, and say so of each.

    Gives False where a pack has a problem: it is named, and the pack left as it is.
    """
    day = f"{real_clock():%Y-%m-%d}"
    packs = [pack] if pack else sorted({name for one in trials for name in one.source.packs})
    refused = 0
    for name in packs:
        own = [one for one in trials if name in one.source.packs]
        words = f"{day} by avizor feeds test: {summary(own)}"
        try:
            edit = note_check(settings.watchlists / FEEDS_FOLDER, name, words)
            save(edit)
        except FileRefused as fault:
            show.print_problems(fault.problems)
            refused += 1
        else:
            show.print_error_line(f"Written to {edit.shown}, line {edit.line}: {edit.lines[0]}")
    return not refused


def summary(trials: Sequence[Trial]) -> str:
    """Say how many work, and what ails the others: `31 of 34 work (1 stale, 2 gone)`."""
    counts = Counter(one.verdict for one in trials)
    others = ", ".join(f"{counts[one]} {one}" for one in Verdict if one is not Verdict.WORKS and counts[one])
    works = counts[Verdict.WORKS]
    head = f"{works} of {len(trials)} {'works' if len(trials) == 1 else 'work'}"
    return f"{head} ({others})" if others else head


def print_trials(settings: Settings, trials: Sequence[Trial]) -> None:
    """Print the table, those in trouble first, and how many work."""
    rows = Rows(
        Column("outlet", Fit.CUT),
        Column("result"),
        Column("newest"),
        Column("entries", right=True),
        Column("validators"),
        Column("feed", Fit.BELOW),
    )
    for one in trials:
        rows.add(
            one.source.outlet,
            (one.verdict.value, _COLOURS.get(one.verdict, "bold red")),
            show.local(one.newest_at, settings.timezone)[:10],
            str(len(one.feed.entries)) if one.feed else "",
            "+".join(one.validators) or ("none" if one.feed else ""),
            _remarks(one),
        )
    rows.print(show.out)
    show.print_line(f"\n{summary(trials)}.")


def print_last_checks(settings: Settings, trials: Sequence[Trial]) -> None:
    """Print what the packs of these feeds say of their last check."""
    asked = {name for one in trials for name in one.source.packs}
    for pack in load_feed_packs(settings.watchlists / FEEDS_FOLDER).packs:
        if pack.id in asked:
            show.print_line(f"Pack {pack.id}: {pack.checked or 'nothing is written of a last check'}")


def _remarks(trial: Trial) -> str:
    """Give the address, which the words of a failed fetch begin with, and what is to be said of it."""
    url, words = trial.source.url, clip(sentences(trial.words, trial.mend), _WORDS_SHOWN)
    moved = f"Moved to {trial.moved_to}: write that into the pack." if trial.moved_to else ""
    said = " ".join(text for text in (moved, words) if text)
    return said if words.startswith(url) else ": ".join(text for text in (url, said) if text)


def rows_of(trials: Sequence[Trial]) -> list[dict[str, object]]:
    """Give what a script wants to know of each feed."""
    return [
        {
            "url": one.source.url,
            "outlet": one.source.outlet,
            "packs": one.source.packs,
            "result": one.verdict,
            "newest_at": one.newest_at,
            "entries": len(one.feed.entries) if one.feed else 0,
            "validators": one.validators,
            "moved_to": one.moved_to,
            "words": one.words,
            "mend": one.mend,
        }
        for one in trials
    ]

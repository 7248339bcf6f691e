"""One round of everything: `avizor poll`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.cli import show
from service.errors import SettingsError
from service.folder import FeedFolder
from service.wiring import (
    make_desk,
    make_rematching,
    open_pipeline,
    open_store,
    read_in_force,
    real_clock,
    settled,
    sync_store,
    take_over,
)

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from rich.progress import Progress

    from service.config import Environment, Settings
    from service.pipeline import Polled, Rematching


def search_stored(rematching: Rematching, progress: Progress) -> None:
    """Search the stored entries for what changed watchlists match now, with a bar."""
    total = rematching.count()
    words = f"searching stored articles for {rematching.names}"
    bar = progress.add_task(words, total=total, visible=total > 0)
    rematching.run(lambda entries: progress.advance(bar, entries))


async def poll_once(
    settings: Settings, environment: Environment, *, folder: Path | None, as_of: datetime | None
) -> tuple[list[Polled], int]:
    """Poll what is due, make digests, find spikes, send what is due; returns the polls and how many sends.

    With `folder`, the feed files in it are what is polled, each followed by every watchlist.
    """
    if as_of is not None and folder is None:
        raise SettingsError(
            "a time of its own needs feeds of its own", resource="--as-of", mend="Add --from DIR."
        )
    offline = FeedFolder(folder) if folder else None
    if offline and not offline.list_sources():
        raise SettingsError(
            f"there is no feed file in {folder}",
            resource="--from",
            mend="The name of a feed file ends in .xml, .rss, .atom, .rdf or .json.",
        )
    with open_store(settings, exclusive=True) as store:
        take_over(store)
        files = read_in_force(store, environment, settings)
        show.print_problems(files.problems)
        now = as_of or real_clock()
        sources = offline.list_sources() if offline else files.followed_sources
        sync_store(store, files, sources, now, local=offline is not None)
        if offline:
            store.feeds.make_local_due(now)
        desk = make_desk(files)
        polls: list[Polled] = []
        async with open_pipeline(
            settings, store, desk, secret=environment.secret, folder=offline, as_of=as_of
        ) as pipeline:
            with show.progress() as progress, settled():
                rematching = make_rematching(pipeline.shift, files)
                if rematching is not None:
                    search_stored(rematching, progress)
                bar = progress.add_task(
                    "polling", total=store.feeds.count_due(now, local=offline is not None)
                )

                def note(polled: Polled) -> None:
                    polls.append(polled)
                    progress.advance(bar)

                await pipeline.polling.poll_due(note)
                progress.update(bar, description="sending")
                pipeline.admitting.admit_due()
                pipeline.waking.wake_due()
                pipeline.reporting.make_reports()
                pipeline.spiking.find_due()
                sends = await pipeline.delivering.deliver_due()
                progress.update(bar, description="done")
        return polls, sends

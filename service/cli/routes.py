"""Who would be told of an event at some time, when, by which way and why: `avizor routes`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, errors_shown, setup
from service.cli.route_words import as_values, print_routes, say_supposed
from service.cli.times import parse_moment
from service.domain import Entry
from service.errors import NotFound
from service.group import independent_groups
from service.match import Matcher
from service.notify import Supposed
from service.pipeline import route

if TYPE_CHECKING:
    from datetime import datetime

    from service.store import EventView
    from service.wiring import Files


@app.command()
def routes(
    event: Annotated[str, typer.Argument(help="The event's id, or the beginning of it.")] = "",
    *,
    at: Annotated[
        str, typer.Option(help="When it would come, like 2026-12-24T03:00-05:00; now if left out.")
    ] = "",
    headline: Annotated[str, typer.Option(help="A headline in place of an event.")] = "",
    watchlist: Annotated[
        str, typer.Option(metavar="ID", help="The watchlist that the headline would come by.")
    ] = "",
    major: Annotated[bool, typer.Option("--major", help="Suppose that it is a major event.")] = False,
    outlets: Annotated[
        int, typer.Option(min=0, help="How many independent outlets carry it; as many as do, if left out.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Say who would be told of an event at some time, when, by which subscription, and why or why not."""
    from service.wiring import make_roll, open_store, read_in_force, real_clock

    if bool(event) == bool(headline) or bool(headline) != bool(watchlist):
        message = "name an event, or give both --headline and --watchlist"
        raise typer.BadParameter(message, param_hint="EVENT")
    with errors_shown():
        environment, settings = setup()
        moment = parse_moment(at, settings.timezone, "--at") if at else real_clock()
        with open_store(settings, exclusive=False) as store:
            files = read_in_force(store, environment, settings)
            supposed = (
                suppose_event(store.reading.find_event(event), major=major, outlets=outlets)
                if event
                else suppose_headline(files, headline, watchlist, moment, major=major, outlets=outlets)
            )
            window = timedelta(seconds=settings.grouping_window)
            found = route(store, make_roll(files), supposed, at=moment, window=window)
    if as_json:
        show.print_json([as_values(one) for one in found])
        return
    show.print_line(say_supposed(supposed, f"{show.local(moment, settings.timezone)} {settings.timezone}"))
    print_routes(found)


def suppose_event(view: EventView, *, major: bool, outlets: int) -> Supposed:
    """Suppose that a stored event were new, as large as it is by now."""
    return Supposed(
        view.event.watchlist_id,
        view.event.title,
        is_major=major or any(report.is_major for report in view.reports),
        outlets=outlets or len(independent_groups(report.carried for report in view.reports)),
        event_id=view.event.id,
    )


def suppose_headline(
    files: Files, headline: str, watchlist_id: str, at: datetime, *, major: bool, outlets: int
) -> Supposed:
    """Suppose a headline of a watchlist, whether that matches it or not; raises NotFound."""
    known = {one.id: one for one in files.watchlists}
    if watchlist_id not in known:
        mend = f"Known: {', '.join(sorted(known))}."
        raise NotFound(f"there is no watchlist {watchlist_id}", mend=mend)
    found = Matcher([known[watchlist_id].query]).match(Entry.unstored(headline, at=at))
    if not found:
        show.print_error_line(f"{known[watchlist_id].title} does not match this headline; as if it did:")
    return Supposed(
        watchlist_id, headline, is_major=major or any(one.major for one in found), outlets=outlets or 1
    )

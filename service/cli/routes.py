"""Who would be told of an event at some time, when, by which way and why: `avizor routes`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, errors_shown, setup
from service.cli.route_words import as_values, print_routes, say_supposed
from service.cli.times import parse_moment
from service.pipeline import route


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
    from service.wiring import (
        make_roll,
        open_store,
        read_in_force,
        real_clock,
        suppose_event,
        suppose_headline,
    )

    if bool(event) == bool(headline) or bool(headline) != bool(watchlist):
        message = "name an event, or give both --headline and --watchlist"
        raise typer.BadParameter(message, param_hint="EVENT")
    with errors_shown():
        environment, settings = setup()
        moment = parse_moment(at, settings.timezone, "--at") if at else real_clock()
        with open_store(settings, exclusive=False) as store:
            files = read_in_force(store, environment, settings)
            if event:
                view = store.reading.find_event(event)
                supposed = suppose_event(view, is_major=major, outlets=outlets)
            else:
                supposed, matches = suppose_headline(
                    files.watchlists, headline, watchlist, moment, is_major=major, outlets=outlets
                )
                if not matches:
                    title = next(one.title for one in files.watchlists if one.id == watchlist)
                    show.print_error_line(f"{title} does not match this headline; as if it did:")
            window = timedelta(seconds=settings.grouping_window)
            found = route(store, make_roll(files), supposed, at=moment, window=window)
    if as_json:
        show.print_json([as_values(one) for one in found])
        return
    show.print_line(say_supposed(supposed, f"{show.local(moment, settings.timezone)} {settings.timezone}"))
    print_routes(found)

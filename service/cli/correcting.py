"""What an operator does to events, and what the archive would have told: `avizor event`, `avizor replay`."""

from __future__ import annotations

from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, ask, errors_shown, setup
from service.cli.tables import Column, Fit, Rows
from service.cli.times import parse_span
from service.errors import NotFound
from service.pipeline import Correcting, replay_matches

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from service.domain import Event
    from service.pipeline import Replayed
    from service.store import Store
    from service.wiring import Files

event_app = typer.Typer(
    no_args_is_help=True, help="Correct events: merge two, split one, give one another title."
)
app.add_typer(event_app, name="event")

_Id = Annotated[str, typer.Argument(help="The event's id, as `avizor events` shows it.")]


@event_app.command()
def merge(
    event: _Id, other: Annotated[str, typer.Argument(help="The event that becomes part of it.")]
) -> None:
    """Make one event of two that report the same; nobody is told anything by it."""
    merged = _correct(lambda correcting: correcting.merge(event, other))
    show.print_line(f"{merged.id} has {merged.reports} reports now: {merged.title}")


@event_app.command()
def split(
    event: _Id, entries: Annotated[list[int], typer.Argument(help="Numbers of the entries that go.")]
) -> None:
    """Make some reports of an event an event of their own, which is told like any new one."""
    new = _correct(lambda correcting: correcting.split(event, entries))
    show.print_line(f"{new.id}, with {new.reports} of them, is an event of its own: {new.title}")


@event_app.command()
def rename(event: _Id, title: str) -> None:
    """Give an event a title, which no report changes any more."""
    named = _correct(lambda correcting: correcting.rename(event, title))
    show.print_line(f"{named.id} is called: {named.title}")


def _correct(act: Callable[[Correcting], Event]) -> Event:
    from service.wiring import make_desk, make_shift, open_store, read_in_force

    with errors_shown():
        environment, settings = setup()
        with open_store(settings, exclusive=False) as store:
            files = read_in_force(store, environment, settings)
            return act(Correcting(make_shift(settings, store, make_desk(files)), getuser()))


@app.command()
def replay(
    watchlist: Annotated[str, typer.Option(help="Only this watchlist.")] = "",
    *,
    since: Annotated[str, typer.Option(help="How far back, like 30d or 12w.")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Put the stored matches into events anew, and count what a reader would have been told."""
    from service.wiring import read_in_force

    span = parse_span(since)
    environment, settings = setup()
    with errors_shown():
        _, replayed = ask(
            lambda store: _replay(store, read_in_force(store, environment, settings), watchlist, span)
        )
    if as_json:
        show.print_json(replayed)
    else:
        _print(replayed)


def _replay(store: Store, files: Files, watchlist: str, span: timedelta) -> list[Replayed]:
    from service.encoder import find_encoder
    from service.wiring import real_clock

    known = {one.id: one for one in files.watchlists}
    if watchlist and watchlist not in known:
        raise NotFound(f"there is no watchlist {watchlist}", mend=f"Known: {', '.join(sorted(known))}.")
    encode = find_encoder()
    return [
        replay_matches(
            one.id,
            store.reading.iter_matches(one.id, real_clock() - span),
            one.updates,
            None if one.id in files.in_one_language else encode,
        )
        for one in known.values()
        if one.id == (watchlist or one.id)
    ]


def _print(replayed: list[Replayed]) -> None:
    rows = Rows(
        Column("watchlist", Fit.CUT),
        *(
            Column(name, right=True)
            for name in ("matches", "events", "held", "alerts", "updates", "likely twice")
        ),
    )
    for one in replayed:
        counts = one.matches, one.events, one.held, len(one.alerts), len(one.updates), len(one.suspects)
        rows.add(one.watchlist_id, *map(str, counts))
    rows.print(show.out)
    for one in replayed:
        for first, second in one.suspects:
            show.print_line(f"likely told twice ({one.watchlist_id}): {first} / {second}")

"""Silence about an event or a watchlist, for all readers, until a time: `avizor mutes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, ask, errors_shown, setup
from service.cli.commands import check_watchlist
from service.cli.tables import Column, Fit, Rows
from service.cli.times import parse_moment, parse_span
from service.domain import Mute
from service.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.store import Store

mutes_app = typer.Typer(help="List the mutes in force; add one for all readers; end one before its time.")
app.add_typer(mutes_app, name="mutes")

_EVERYBODY, _ONE_READER = "everybody", "one reader"


@mutes_app.callback(invoke_without_command=True)
def mutes(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the mutes in force, the one that ends first at the top; `add` one, or `end` one."""
    if context.invoked_subcommand is not None:
        return
    from service.wiring import real_clock

    settings, listed = ask(lambda store: store.mutes.list_active(real_clock()))
    if as_json:
        show.print_json([{"number": number, **_values(mute)} for number, mute in listed])
    else:
        print_mutes(listed, settings.timezone)


def _values(mute: Mute) -> dict[str, object]:
    return {
        "event_id": mute.event_id,
        "watchlist_id": mute.watchlist_id,
        "for": _whom(mute),
        "until_at": mute.until_at,
        "by": mute.by,
    }


def _whom(mute: Mute) -> str:
    return _ONE_READER if mute.subject else _EVERYBODY


def _what(mute: Mute) -> str:
    return f"event {mute.event_id}" if mute.event_id else f"watchlist {mute.watchlist_id}"


def print_mutes(listed: Sequence[tuple[int, Mute]], zone: str) -> None:
    """Print mutes with the numbers by which they are ended."""
    columns = (Column("number", right=True), Column("about"), Column("for"), Column("until"))
    rows = Rows(*columns, Column("by", Fit.WRAP))
    for number, mute in listed:
        rows.add(str(number), _what(mute), _whom(mute), show.local(mute.until_at, zone), mute.by)
    rows.print(show.out)
    if not listed:
        show.print_line("Nothing is muted.")


@mutes_app.command()
def add(
    *,
    by: Annotated[str, typer.Option(help="Whose wish it is; stands in the ledger.")],
    event: Annotated[str, typer.Option(metavar="ID", help="The event, or the beginning of its id.")] = "",
    watchlist: Annotated[str, typer.Option(metavar="ID", help="The watchlist, all of it.")] = "",
    until: Annotated[str, typer.Option(help="When it ends, like 2026-12-01 or 2026-12-01T18:00.")] = "",
    span: Annotated[str, typer.Option("--for", help="How long it lasts, like 24h or 7d.")] = "",
) -> None:
    """Tell nobody of an event or a watchlist until a time; what comes meanwhile is stored, and not told."""
    from service.wiring import real_clock

    if bool(event) == bool(watchlist):
        raise typer.BadParameter("name an event or a watchlist", param_hint="--event or --watchlist")
    if bool(until) == bool(span):
        raise typer.BadParameter("say until when, or how long", param_hint="--until or --for")
    if not by.strip():
        raise typer.BadParameter("say whose wish it is", param_hint="--by")
    now = real_clock()
    with errors_shown():
        _, settings = setup()
        end = parse_moment(until, settings.timezone, "--until") if until else now + parse_span(span, "--for")
        if end <= now:
            raise Refused("this mute would have ended already", mend="Give a time to come.")
        settings, mute = ask(lambda store: _add(store, event, watchlist, end, by.strip(), now))
    show.print_line(f"Nobody is told of {_what(mute)} until {show.local(end, settings.timezone)}.")


def _add(store: Store, event: str, watchlist: str, until: datetime, by: str, now: datetime) -> Mute:
    if event:
        mute = Mute("", store.reading.find_event(event).event.id, "", until, by)
    else:
        check_watchlist(store, watchlist)
        mute = Mute("", "", watchlist, until, by)
    store.mutes.add(mute, now)
    return mute


@mutes_app.command()
def end(number: Annotated[int, typer.Argument(help="Its number, as `avizor mutes` shows it.")]) -> None:
    """End a mute now; what was not told because of it stays untold."""
    ask(lambda store: _end(store, number))
    show.print_line(f"Mute {number} has ended.")


def _end(store: Store, number: int) -> None:
    from service.wiring import real_clock

    if not store.mutes.end(number, real_clock()):
        raise NotFound(f"there is no mute {number} in force", mend="`avizor mutes` lists them.")

"""Readers who subscribed by themselves: `avizor readers`, `readers remove`, `readers allow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import show
from service.cli.base import AsJson, app, ask, errors_shown, setup
from service.cli.tables import Column, Fit, Rows
from service.domain import ChannelKind
from service.errors import NotFound, Refused
from service.text import partly_hidden
from service.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.signup import Subscriber
    from service.store import Store

readers_app = typer.Typer(
    help="List the readers who subscribed by themselves; remove one; let one be written."
)
app.add_typer(readers_app, name="readers")


@readers_app.callback(invoke_without_command=True)
def readers(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the readers who subscribed by themselves; `remove` one, or `allow` one who left."""
    if context.invoked_subcommand is not None:
        return
    settings, (listed, left) = ask(lambda store: (store.readers.list_all(), store.readers.count_left()))
    if as_json:
        show.print_json([as_values(one) for one in listed])
        return
    print_readers(listed, settings.timezone)
    told = show.counted(left, "address has left", "addresses have left")
    show.print_line(f"{show.counted(len(listed), 'reader')}; {told}.")


def as_values(one: Subscriber) -> dict[str, Any]:
    """Give a reader as a script gets them; an address is not whole, and that of a chat is not there."""
    wishes = one.wishes
    return {
        "id": one.id,
        "reader": _name(one),
        "state": _state(one),
        "watchlists": wishes.watchlists,
        "when": wishes.when,
        "timezone": wishes.timezone,
        "language": wishes.language,
        "asked_at": one.asked_at,
        "confirmed_at": one.confirmed_at,
    }


def _name(one: Subscriber) -> str:
    return partly_hidden(one.address) if one.kind == ChannelKind.MAIL else one.label or "a chat"


def _state(one: Subscriber) -> str:
    return "confirmed" if one.confirmed_at else "asked"


def print_readers(listed: Sequence[Subscriber], zone: str) -> None:
    """Print readers, the first one first."""
    rows = Rows(
        Column("id"),
        Column("reader"),
        Column("state"),
        Column("since"),
        Column("watchlists", Fit.WRAP),
        Column("when", Fit.WRAP),
    )
    for one in listed:
        rows.add(
            one.id,
            _name(one),
            _state(one),
            show.local(one.confirmed_at or one.asked_at, zone),
            ", ".join(one.wishes.watchlists) or "all",
            f"{one.wishes.when} ({one.wishes.timezone})",
        )
    rows.print(show.out)


@readers_app.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a hyphen
def remove(
    reader: Annotated[str, typer.Argument(help="The reader's id, as `avizor readers` shows it.")],
) -> None:
    """Send nothing more to a reader, and forget the address, as if they had left by themselves."""
    _, name = ask(lambda store: _remove(store, reader))
    show.print_line(f"{name} gets nothing more; the address is forgotten.")


def _remove(store: Store, reader_id: str) -> str:
    from service.wiring import real_clock

    now = real_clock()
    found = next((one for one in store.readers.list_all() if one.id == reader_id), None)
    if found is None:
        raise NotFound(f"there is no reader {reader_id}", mend="`avizor readers` lists them.")
    if found.confirmed_at is None:
        until = found.expires_at
        message = f"reader {reader_id} has not confirmed, gets nothing, and is forgotten on {until:%Y-%m-%d}"
        raise Refused(message)
    store.readers.leave(Token(found.subject, found.id, now), now, why="removed")
    return _name(found)


@readers_app.command()
def allow(
    address: Annotated[str, typer.Argument(help="The mail address of somebody who left.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="They wish it, and you can show that.")] = False,
) -> None:
    """Let be written again to somebody who left, if they wish it; only lists of the files reach them then."""
    from service.wiring import open_store, read_in_force, real_clock, sync_subscriptions

    with errors_shown():
        if not yes:
            message = f"{partly_hidden(address)} asked to get nothing more"
            raise Refused(message, mend="If they wish to be written again, repeat this with --yes.")
        environment, settings = setup()
        with open_store(settings, exclusive=False) as store:
            if not store.readers.allow(address):
                raise NotFound(f"{partly_hidden(address)} has not left", mend="Nothing needs to be lifted.")
            sync_subscriptions(store, read_in_force(store, environment, settings), real_clock())
    show.print_line(f"{partly_hidden(address)} may be written again.")

"""Who may do what on the pages: `avizor accounts` for people, `avizor tokens` for programs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, ask, errors_shown, setup
from service.cli.tables import Column, Rows
from service.errors import NotFound
from service.store import Scope  # noqa: TC001 -- Typer reads it from the annotations
from service.wiring import open_store, real_clock

accounts_app = typer.Typer(help="List who has an account of the pages; give somebody one, or take it away.")
tokens_app = typer.Typer(help="List the tokens of programs; make one, or take it away.")
app.add_typer(accounts_app, name="accounts")
app.add_typer(tokens_app, name="tokens")

_ONCE = "It is shown this once, and kept nowhere."
_Name = Annotated[str, typer.Argument(metavar="NAME", help="The name it goes by.")]


class AccountRole(StrEnum):
    """What somebody may do on the pages, as the command line has it."""

    READER = "reader"
    EDITOR = "editor"
    OPERATOR = "operator"


@accounts_app.callback(invoke_without_command=True)
def accounts(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List who has an account of the pages, and since when."""
    if context.invoked_subcommand is not None:
        return
    settings, people = ask(lambda store: store.accounts.list_people())
    if as_json:
        show.print_json(people)
        return
    rows = Rows(Column("name"), Column("role"), Column("since"))
    for one in people:
        rows.add(one.name, one.role.lower(), show.local(one.at, settings.timezone))
    rows.print(show.out)
    if not people:
        show.print_line(
            "Nobody has an account of their own; the operator signs in with AVIZOR_OPERATOR_SECRET."
        )


@accounts_app.command("add")
def add_account(
    name: _Name,
    role: Annotated[AccountRole, typer.Option(help="What they may do.")] = AccountRole.EDITOR,
) -> None:
    """Give somebody an account, and print the secret by which they sign in."""
    with errors_shown():
        _, settings = setup()
        with open_store(settings, exclusive=False) as store:
            secret = store.accounts.add_person(name.strip(), role.name, real_clock())
    show.print_line(f"{name.strip()} signs in as {role.value} with this secret. {_ONCE}")
    show.print_line(secret)


@accounts_app.command("remove")
def remove_account(name: _Name) -> None:
    """Take an account away; whoever uses it is signed out at once."""
    with errors_shown():
        _, settings = setup()
        with open_store(settings, exclusive=False) as store:
            store.accounts.remove_person(name)
    show.print_line(f"{name} has no account any more.")


@tokens_app.callback(invoke_without_command=True)
def tokens(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the tokens of programs: what each may do, and when it was last used."""
    if context.invoked_subcommand is not None:
        return
    settings, listed = ask(lambda store: store.accounts.list_tokens())
    if as_json:
        show.print_json(
            [
                {
                    "name": one.name,
                    "scopes": sorted(one.scopes),
                    "watchlists": sorted(one.watchlists),
                    "used_at": one.used_at,
                }
                for one in listed
            ]
        )
        return
    rows = Rows(Column("name"), Column("may"), Column("since"), Column("last used"))
    for one in listed:
        at, used = show.local(one.at, settings.timezone), show.local(one.used_at, settings.timezone)
        of = f" of {', '.join(sorted(one.watchlists))}" if one.watchlists else ""
        rows.add(one.name, ", ".join(sorted(one.scopes)) + of, at, used)
    rows.print(show.out)
    if not listed:
        show.print_line("There is no token.")


@tokens_app.command("add")
def add_token(
    name: _Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may stand several times.")],
    watchlist: Annotated[
        list[str] | None,
        typer.Option(help="With --scope feeds: of this watchlist alone; may stand several times."),
    ] = None,
) -> None:
    """Make a token for a program, and print it."""
    with errors_shown():
        _, settings = setup()
        with open_store(settings, exclusive=False) as store:
            known = {one.id for one in store.reading.list_titles()}
            if unknown := sorted({*(watchlist or ())} - known):
                raise NotFound(f"there is no watchlist called {unknown[0]} in force")
            secret = store.accounts.add_token(name.strip(), scope, real_clock(), watchlists=watchlist or ())
    show.print_line(f"The token {name.strip()}. {_ONCE}")
    show.print_line(secret)


@tokens_app.command("remove")
def remove_token(name: _Name) -> None:
    """Take a token away; it is refused from then on."""
    with errors_shown():
        _, settings = setup()
        with open_store(settings, exclusive=False) as store:
            store.accounts.remove_token(name)
    show.print_line(f"The token {name} is refused from now on.")

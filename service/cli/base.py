"""The program itself, and what its commands share: options, settings, the store, errors in one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from service.cli import show
from service.config import Environment, Settings
from service.errors import AvizorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from service.store import Store
    from service.wiring import Files

app = typer.Typer(
    help="News alerts once per event, with the reason.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Answer = TypeVar("_Answer")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")]

CANNOT_START = 3


@contextmanager
def errors_shown() -> Iterator[None]:
    """Turn an error of ours into its one line and exit code 3."""
    try:
        yield
    except AvizorError as fault:
        show.print_error(fault)
        raise typer.Exit(CANNOT_START) from fault


def setup() -> tuple[Environment, Settings]:
    """Give the environment and the settings read from it."""
    environment = Environment.load()
    return environment, environment.settings()


def ask(question: Callable[[Store], _Answer]) -> tuple[Settings, _Answer]:
    """Ask the store one question, beside whatever process may be running."""
    from service.wiring import open_store

    with errors_shown():
        _, settings = setup()
        with open_store(settings, exclusive=False) as store:
            return settings, question(store)


def read_all() -> tuple[Settings, Files]:
    """Give the settings and everything read from the folder of watchlists."""
    from service.wiring import read_files

    environment, settings = setup()
    return settings, read_files(settings.watchlists, environment, settings)

"""The commands for feeds, `avizor feeds`: how they are doing, `add`, `import`, and a try of all: `test`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service import loop
from service.cli import show
from service.cli.base import AsJson, app, ask, errors_shown, read_all, setup
from service.domain import FeedGroup
from service.errors import FileRefused, NotAFeed, NotFound, Severity
from service.watchlists import FeedFacts, is_id
from service.websub import tell

feeds_app = typer.Typer(help="List the feeds and how they are doing; add one; try them all.")
app.add_typer(feeds_app, name="feeds")


@feeds_app.callback(invoke_without_command=True)
def feeds(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the feeds and how they are doing, those in trouble first; `add` one, or `test` them all."""
    if context.invoked_subcommand is not None:
        return
    settings, (listed, pushes) = ask(lambda store: (store.feeds.list_all(), store.pushes.by_feed()))
    if as_json:
        show.print_json(listed)
    else:
        told = {number: tell(push, datetime.now(UTC)) for number, push in pushes.items()}
        show.print_feeds(listed, told, settings.timezone)


@feeds_app.command()
def add(  # noqa: PLR0913 # each is an option that somebody may leave out
    url: Annotated[str, typer.Argument(help="The address of a site, or of its feed.")],
    *,
    pack: Annotated[
        str, typer.Option(help="The feed pack it goes into; made where it is missing.")
    ] = "my-feeds",
    pick: Annotated[int, typer.Option(min=1, help="Take another one of several feeds, by its number.")] = 1,
    title: Annotated[str, typer.Option(help="What the feed is called; its own title if left out.")] = "",
    outlet: Annotated[str, typer.Option(help="Who publishes it: source: in expressions.")] = "",
    country: Annotated[str, typer.Option(help="The country of the outlet, like PE.")] = "",
    language: Annotated[str, typer.Option(help="The language it is written in, like es.")] = "",
    owner: Annotated[str, typer.Option(help="Who owns the outlet.")] = "",
    group: Annotated[FeedGroup | None, typer.Option(help="What kind of voice stands behind it.")] = None,
    every: Annotated[str, typer.Option(help="How often it is polled, like 30m or 1d.")] = "",
    watchlist: Annotated[str, typer.Option(metavar="ID", help="Let this watchlist follow the pack.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show everything, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find the feed of a site, try it, show what it brings, and write it into a feed pack."""
    from service.cli.added import print_added, row_of
    from service.cli.adding import Wish, add_feed_of

    if not is_id(pack):
        message = f"{pack} is no name of a pack; write small letters, digits and hyphens, as in my-feeds"
        raise typer.BadParameter(message, param_hint="--pack")
    said = FeedFacts("", title, outlet, country, language, group.value if group else "", owner, every)
    wish = Wish(url, said, pack, pick, watchlist, is_dry=dry_run)
    with errors_shown():
        environment, _ = setup()
        settings, files = read_all()
        show.print_problems(one for one in files.problems if one.severity is Severity.ERROR)
        try:
            added = loop.run(add_feed_of(settings, environment, files, wish))
        except FileRefused as refused:
            show.print_problems(refused.problems)
            raise typer.Exit(1) from refused
        except NotFound as fault:
            show.print_error(fault)
            raise typer.Exit(1) from fault
    if as_json:
        show.print_json(row_of(added))
    else:
        print_added(added, files.watchlists, settings.timezone)


@feeds_app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="An OPML file, as other readers of feeds export it.")],
    *,
    pack: Annotated[
        str, typer.Option(help="The feed pack they go into; made where it is missing.")
    ] = "my-feeds",
    watchlist: Annotated[str, typer.Option(metavar="ID", help="Let this watchlist follow the pack.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show everything, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in the feeds of an OPML file: show what is new, there already or refused; write what is new."""
    from service.cli.opml import import_feeds, print_import, row_of_import

    if not is_id(pack):
        message = f"{pack} is no name of a pack; write small letters, digits and hyphens, as in my-feeds"
        raise typer.BadParameter(message, param_hint="--pack")
    with errors_shown():
        settings, files = read_all()
        show.print_problems(one for one in files.problems if one.severity is Severity.ERROR)
        try:
            done = import_feeds(settings, files, file, pack, watchlist, is_dry=dry_run)
        except FileRefused as refused:
            show.print_problems(refused.problems)
            raise typer.Exit(1) from refused
        except (NotAFeed, NotFound) as fault:
            show.print_error(fault)
            raise typer.Exit(1) from fault
    if as_json:
        show.print_json(row_of_import(done))
    else:
        print_import(done, files.watchlists)
    raise typer.Exit(1 if done.judged.refused else 0)


@feeds_app.command("test")
def try_all(
    *,
    pack: Annotated[str, typer.Option(help="Only the feeds of this pack.")] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Write the day and the result into each pack.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask every feed of the packs once, and say which works; exit code 1 when one gives no feed."""
    from service.cli.trying import print_last_checks, print_trials, rows_of, try_feeds, write_checks

    with errors_shown():
        environment, _ = setup()
        settings, files = read_all()
        show.print_problems(one for one in files.problems if one.severity is Severity.ERROR)
        trials = loop.run(try_feeds(settings, environment, files, pack))
        if as_json:
            show.print_json(rows_of(trials))
        else:
            print_trials(settings, trials)
        is_well = all(one.verdict.is_feed for one in trials)
        if write:
            is_well = write_checks(settings, trials, pack) and is_well
        elif not as_json:
            print_last_checks(settings, trials)
    raise typer.Exit(0 if is_well else 1)

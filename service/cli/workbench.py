"""The commands for whoever writes watchlists: what is wrong, what matches and why, what a change does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, Limit, app, errors_shown, read_all, setup
from service.cli.times import parse_span
from service.dialects import Origin, translate
from service.errors import FileRefused, Severity


@app.command()
def check(
    *,
    advice: Annotated[
        bool | None,
        typer.Option(
            "--advice/--no-advice", help="Say what could be better, too (not in JSON, unless asked)."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check watchlists, feed packs and channels; list every problem with its mend."""
    from service.cli.linting import advise_all
    from service.wiring import keep_if_stored, make_sender, read_files

    with errors_shown():
        environment, settings = setup()
        files = keep_if_stored(read_files(settings.watchlists, environment, settings), environment, settings)
        make_sender(settings)
        is_advised = advice if advice is not None else not as_json
        problems = [*files.problems, *(advise_all(settings, files) if is_advised else ())]
    errors = sum(1 for problem in problems if problem.severity is Severity.ERROR)
    if as_json:
        show.print_json(problems)
    else:
        show.print_problems(problems)
        show.print_line(
            f"In order: {show.counted(len(files.watchlists), 'watchlist')}, "
            f"{show.counted(len(files.sources), 'feed')}, {show.counted(len(files.channels), 'channel')}, "
            f"{show.counted(len(files.subscriptions), 'subscription')}. {show.counted(errors, 'error')}."
        )
    raise typer.Exit(1 if errors else 0)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A headline, or the number or address of a stored article.")],
    *,
    day: Annotated[str, typer.Option("--date", help="The day of the headline, like 2026-03-11.")] = "",
    lang: Annotated[str, typer.Option(help="Its language, like es.")] = "",
    source: Annotated[str, typer.Option(help="Its outlet.")] = "",
    country: Annotated[str, typer.Option(help="The country of its feed, like PE.")] = "",
    show_all: Annotated[bool, typer.Option("--all", help="Show the whole rule, part by part.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say for each watchlist whether a text matches, and why or why not."""
    from service.cli.explaining import Given, explain_text

    given = Given(day, lang, source, country)
    with errors_shown():
        settings, files = read_all()
        explain_text(settings, files, text, given=given, show_all=show_all, as_json=as_json)


@app.command("why-not")
def why_not(
    url: Annotated[str, typer.Argument(help="The address of an article.")],
    *,
    watchlist: Annotated[str, typer.Option(help="Only for this watchlist.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say at which stage an article was stopped on its way to an alert."""
    from service.cli.whynot import print_answers
    from service.cli.whynot import why_not as ask

    with errors_shown():
        settings, files = read_all()
        answers = ask(settings, files, url, watchlist)
    if as_json:
        show.print_json(answers)
    else:
        print_answers(answers)


@app.command()
def backtest(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The edited watchlist file.")],
    *,
    since: Annotated[str, typer.Option(help="How far back, like 90d or 12w.")] = "90d",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Say what an edited watchlist gains and loses over the stored articles, and the alerts per week."""
    from service.cli.backtesting import compare, print_compared

    span = parse_span(since)
    with errors_shown():
        environment, settings = setup()
        try:
            compared = compare(settings, environment, file, span)
        except FileRefused as refused:
            show.print_problems(refused.problems)
            raise typer.Exit(1) from refused
    if as_json:
        show.print_json(compared)
    else:
        print_compared(compared, limit=limit, zone=settings.timezone)


@app.command()
def classify(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Headlines, one JSON object a line.")
    ],
    watchlists: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Another folder of watchlists.")
    ] = None,
    gold: Annotated[
        str, typer.Option(help="The field with the right answers: print how well the watchlists do.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Label a file of headlines with the watchlists each one matches."""
    from service.cli.classifying import classify_file

    with errors_shown():
        classify_file(file, watchlists, gold=gold, as_json=as_json)


@app.command()
def forms(
    word: Annotated[str, typer.Argument(help="A word, as you would write it after forms: .")],
    *,
    lang: Annotated[list[str] | None, typer.Option(help="A language, as in es; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the forms of a word that `forms:` finds, and how often the archive has them."""
    from service.cli.forms import show_forms

    with errors_shown():
        show_forms(word, lang or (), as_json=as_json)


@app.command("import-query")
def import_query(
    query: Annotated[str, typer.Argument(help="The query as it stands there; - reads standard input.")],
    origin: Annotated[Origin, typer.Option("--from", help="The service it comes from.")],
    watchlist_id: Annotated[
        str, typer.Option("--yaml", metavar="ID", help="Print a whole watchlist file, to save as ID.yaml.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Translate a query of another service; say what differs and what has no equivalent."""
    from service.cli.importing import print_translation
    from service.watchlists import is_id

    if watchlist_id and not is_id(watchlist_id):
        message = f"{watchlist_id} is no id; write small letters, digits and hyphens, as in chancay-port"
        raise typer.BadParameter(message, param_hint="--yaml")
    found = translate(sys.stdin.read().rstrip("\n") if query == "-" else query, origin)
    print_translation(found, watchlist_id, as_json=as_json)
    raise typer.Exit(1 if found.refusals else 0)


@app.command()
def schema() -> None:
    """Write the schemas by which an editor completes and checks your files while you type."""
    from service.cli.schemas import write_schemas

    with errors_shown():
        _, settings = setup()
        for line in write_schemas(settings.watchlists):
            show.print_line(line)


@app.command()
def suggest(
    watchlist: Annotated[str, typer.Argument(help="Only for this watchlist.")] = "",
    *,
    since: Annotated[str, typer.Option(help="How far back, like 30d or 4w.")] = "30d",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Show what watchlists overlook: stored articles that one term kept from matching."""
    from service.cli.suggesting import print_suggestions
    from service.cli.suggesting import suggest as find

    span = parse_span(since)
    with errors_shown():
        settings, files = read_all()
        found = find(settings, files, watchlist, span)
    if as_json:
        show.print_json(found)
    else:
        print_suggestions(found, files, limit)

"""What readers said of alerts, by the lines and terms of watchlists: `avizor feedback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import show
from service.cli.base import AsJson, app, ask
from service.cli.commands import check_watchlist
from service.cli.tables import Column, Fit, Rows

if TYPE_CHECKING:
    from service.store import Store, TermFeedback


@app.command()
def feedback(
    watchlist: Annotated[str, typer.Option(metavar="ID", help="Only of this watchlist.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Count by line and term how often readers called alerts useful, and how often noise."""
    _, found = ask(lambda store: _feedback(store, watchlist))
    if as_json:
        show.print_json(found)
    else:
        print_feedback(found)


def _feedback(store: Store, watchlist: str) -> dict[str, list[TermFeedback]]:
    check_watchlist(store, watchlist)
    ids = [watchlist] if watchlist else sorted(one.id for one in store.reading.list_watchlists())
    by_id = {one: store.feedback.by_term(one) for one in ids}
    return {one: terms for one, terms in by_id.items() if terms}


def print_feedback(found: dict[str, list[TermFeedback]]) -> None:
    """Print a row for each term of which something was said, by watchlist and line."""
    numbers = (Column(name, right=True) for name in ("line", "useful", "noise"))
    rows = Rows(Column("watchlist"), *numbers, Column("term", Fit.WRAP))
    for watchlist_id, terms in found.items():
        for one in terms:
            rows.add(watchlist_id, str(one.line), str(one.useful), str(one.noise), one.term)
    rows.print(show.out)
    if not found:
        show.print_line("No reader has said anything of an alert yet.")

"""The commands of the running service: each reads settings, calls one room, and shows the answer."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict, Unpack

import typer
from rich.logging import RichHandler

from service import loop
from service.cli import show
from service.cli.base import AsJson, Limit, app, ask, errors_shown, read_all, setup
from service.cli.spikes import print_spikes
from service.cli.times import parse_moment
from service.domain import DeliveryState, HeldReason, NotifyReason
from service.errors import NotFound
from service.roles import Role

if TYPE_CHECKING:
    from service.domain import Delivery, Spike
    from service.store import Attempt, AuditReport, EventView, Store


@app.command()
def run(
    role: Annotated[
        Role,
        typer.Option(help="What this process does, where several share the work on PostgreSQL."),
    ] = Role.ALL,
) -> None:
    """Run the service: poll, match, alert, and serve the pages."""
    from service.daemon import serve

    _start_log()
    with errors_shown():
        environment, settings = setup()
        loop.run(serve(settings, environment, role))


def _start_log() -> None:
    """Log in colours to a terminal, and one plain line each to anything else."""
    if show.err.is_terminal:
        handler: logging.Handler = RichHandler(console=show.err, show_path=False)
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It warns each time a round takes longer than its interval; `/health` says when one takes too long.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


@app.command()
def poll(
    folder: Annotated[
        Path | None,
        typer.Option("--from", exists=True, file_okay=False, help="Read feed files of this folder instead."),
    ] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", help="The time the run goes by, like 2026-01-04T12:00 (UTC).")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Poll every feed that is due, once, and send what is due."""
    from service.cli.once import poll_once

    with errors_shown():
        environment, settings = setup()
        at = parse_moment(as_of, "UTC", "--as-of") if as_of else None
        polls, sends = loop.run(poll_once(settings, environment, folder=folder, as_of=at))
    if as_json:
        show.print_json({"polls": polls, "sends": sends})
        return
    show.print_polls(polls)
    entries, new = sum(one.entries for one in polls), sum(one.new for one in polls)
    matched, trouble = sum(one.matched for one in polls), sum(1 for one in polls if one.trouble)
    show.out.print()
    show.print_line(
        f"{show.counted(len(polls), 'feed')}, {trouble} failed; "
        f"{show.counted(entries, 'entry', 'entries')}, {new} new, {matched} matched; "
        f"{show.counted(sends, 'message')} handed to channels."
    )


@app.command()
def events(
    watchlist: Annotated[str, typer.Argument(help="Only of this watchlist.")] = "",
    *,
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List events, the last reported first, and whether they were told."""
    settings, (views, total) = ask(lambda store: _events(store, watchlist, limit))
    if as_json:
        show.print_json(views)
    else:
        show.print_events(views, settings.timezone)
        show.print_shown(len(views), total)


def _events(store: Store, watchlist: str, limit: int) -> tuple[list[EventView], int]:
    """Give the events and how many there are; raises NotFound where nothing is known of the watchlist."""
    counts = check_watchlist(store, watchlist)
    views = store.reading.list_events(watchlist_id=watchlist, limit=limit)
    return views, counts.get(watchlist, 0) if watchlist else sum(counts.values())


def check_watchlist(store: Store, watchlist: str) -> dict[str, int]:
    """Give the number of events by watchlist; raises NotFound for one of which nothing is known."""
    counts = store.counts.count_events()
    known = sorted({one.id for one in store.reading.list_watchlists()} | set(counts))
    if watchlist and watchlist not in known:
        mend = f"Known: {', '.join(known) or 'none yet'}."
        raise NotFound(f"there is no watchlist {watchlist}", mend=mend)
    return counts


@app.command()
def spikes(
    watchlist: Annotated[str, typer.Argument(help="Only of this watchlist.")] = "",
    *,
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List spikes, the latest first: hours with far more reports than usual, and the events behind them."""
    settings, (found, total) = ask(lambda store: _spikes(store, watchlist, limit))
    if as_json:
        show.print_json(found)
    else:
        print_spikes(found, settings.timezone)
        show.print_shown(len(found), total)


def _spikes(store: Store, watchlist: str, limit: int) -> tuple[list[Spike], int]:
    check_watchlist(store, watchlist)
    return store.spikes.list_spikes(watchlist_id=watchlist, limit=limit), store.spikes.count(watchlist)


@app.command()
def deliveries(
    *,
    state: Annotated[DeliveryState | None, typer.Option(help="Only deliveries in this state.")] = None,
    reason: Annotated[NotifyReason | None, typer.Option(help="Only what is told for this reason.")] = None,
    held: Annotated[HeldReason | None, typer.Option(help="Only what was held for this reason.")] = None,
    reader: Annotated[str, typer.Option(metavar="ADDRESS", help="Only what goes to this address.")] = "",
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List what was or will be sent, the newest first; as JSON with each attempt and its answer."""
    settings, (listed, total) = ask(
        lambda store: _deliveries(
            store, limit, states=(state,) if state else (), reason=reason, held=held, target=reader
        )
    )
    if as_json:
        show.print_json([asdict(one) | {"tries": tries} for one, tries in listed])
    else:
        show.print_deliveries([one for one, _ in listed], settings.timezone)
        show.print_shown(len(listed), total)


class _Picked(TypedDict):
    """Which deliveries are asked for."""

    states: tuple[DeliveryState, ...]
    reason: NotifyReason | None
    held: HeldReason | None
    target: str


def _deliveries(
    store: Store, limit: int, **picked: Unpack[_Picked]
) -> tuple[list[tuple[Delivery, list[Attempt]]], int]:
    found = store.reading.list_deliveries(limit=limit, **picked)
    return [(one, store.reading.list_attempts(one.id)) for one in found], store.reading.count_listed(**picked)


@app.command("send-test")
def send_test(channel: Annotated[str, typer.Argument(help="The channel's name in channels.yaml.")]) -> None:
    """Send a test message to a channel now, and say what the other side answered."""
    from service.wiring import send_to

    with errors_shown():
        settings, files = read_all()
        results = send_to(settings, files, channel)
    for target, result in results:
        show.print_line(f"{channel} {target}".rstrip() + f": {result.outcome.value} ({result.words})")
    raise typer.Exit(0 if all(result.outcome.value == "sent" for _, result in results) else 1)


@app.command()
def audit(*, as_json: AsJson = False) -> None:
    """Prove from the ledger that no alert is lost and none is doubled."""
    _, report = ask(_audit)
    if as_json:
        show.print_json(report)
    else:
        show.print_audit(report)
    raise typer.Exit(0 if report.is_clean else 1)


def _audit(store: Store) -> AuditReport:
    """Run the audit; what was delivered, waits or failed is counted as what is expected: without digests."""
    pairs = store.counts.count_told()
    return replace(store.audit.run(), delivered=pairs.delivered, waiting=pairs.waiting, failed=pairs.failed)

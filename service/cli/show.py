"""How the commands' answers look: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from service.domain import Delivery, Entry, Evidence, Feed
    from service.errors import AvizorError, Problem
    from service.pipeline import Polled
    from service.store import AuditReport, EventView

out = Console(soft_wrap=False)
err = Console(stderr=True)

_CONTROL = dict.fromkeys((*range(32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)))


def clean(text: str) -> str:
    """Give a stranger's text without anything a terminal would obey."""
    return text.translate(_CONTROL)


def print_json(value: object) -> None:
    """Print one JSON document; dataclasses become objects, times ISO 8601."""
    out.print_json(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value)


def counted(number: int, one: str, many: str = "") -> str:
    """Give a number with its noun: `1 feed`, `2 feeds`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def print_line(text: str) -> None:
    """Print a sentence, left whole for whoever reads it by a script."""
    out.print(Text(clean(text)), soft_wrap=True)


def print_error(fault: AvizorError) -> None:
    """Print an error and its mend."""
    err.print(Text.assemble(("error ", "bold red"), clean(str(fault))), soft_wrap=True)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print each problem as `file:line:column: message. Mend.`."""
    for problem in problems:
        colour = "bold red" if problem.severity.value == "error" else "bold yellow"
        err.print(Text.assemble((f"{problem.severity.value} ", colour), clean(str(problem))), soft_wrap=True)


def table(*columns: str) -> Table:
    """Give an empty table in the house's style."""
    made = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        right = name.startswith(">")
        made.add_column(name.lstrip(">"), justify="right" if right else "left", overflow="fold")
    return made


def progress() -> Progress:
    """Give a progress bar on standard error, so that standard output stays clean."""
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=err
    )


def local(at: datetime | None, zone: str) -> str:
    """Give a time as people write it, in a zone; a dash when there is none."""
    return "–" if at is None else at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def print_polls(polls: Sequence[Polled]) -> None:
    """Print every poll: what it brought, or the one reason why nothing."""
    rows = table("feed", ">entries", ">new", ">matched", "note")
    for polled in sorted(polls, key=lambda one: one.feed.source.url):
        note = polled.trouble or "; ".join(
            (*((f"{polled.later} dated later",) if polled.later else ()), *polled.notes)
        )
        rows.add_row(
            escape(clean(polled.feed.source.outlet)),
            "" if polled.trouble else str(polled.entries),
            "" if polled.trouble else str(polled.new),
            "" if polled.trouble else str(polled.matched),
            Text(clean(note), style="yellow" if polled.trouble else "dim"),
        )
    out.print(rows)


def mark(text: str, evidence: Iterable[Evidence]) -> Text:
    """Give a text with the matched words marked."""
    marked = Text(text)
    for one in evidence:
        marked.stylize("bold black on yellow", one.start, one.end)
    return marked


def print_entry(entry: Entry, evidence: Sequence[Evidence]) -> None:
    """Print an entry's headline and summary with the evidence marked."""
    out.print(mark(entry.title, (one for one in evidence if one.field.value == "title")), style="bold")
    if entry.summary:
        out.print(mark(entry.summary, (one for one in evidence if one.field.value == "text")))


def print_feeds(feeds: Sequence[Feed], zone: str) -> None:
    """Print feeds with their health."""
    rows = table("outlet", "feed", "country", "status", "last success", "next poll", "trouble")
    colours = {"healthy": "green", "failing": "yellow", "gone": "red"}
    for feed in feeds:
        rows.add_row(
            escape(feed.source.outlet),
            escape(feed.source.title),
            feed.source.country,
            Text(feed.status.value, style=colours.get(feed.status.value, "dim")),
            local(feed.last_success_at, zone),
            local(feed.next_poll_at, zone),
            escape(clean(feed.trouble)),
        )
    out.print(rows)


def print_events(views: Sequence[EventView], zone: str) -> None:
    """Print events, the last reported first."""
    rows = table("event", "watchlist", "last report", ">outlets", "headline", "told")
    for view in views:
        told = sum(1 for delivery in view.deliveries if delivery.delivered_at)
        rows.add_row(
            view.event.id,
            view.event.watchlist_id,
            local(view.event.last_report_at, zone),
            str(len(view.outlets)),
            escape(clean(view.event.title)),
            f"{told} of {len(view.deliveries)}" if view.deliveries else _held(view),
        )
    out.print(rows)


def _held(view: EventView) -> str:
    held = {report.held.value for report in view.reports if report.held}
    return f"held: {', '.join(sorted(held))}" if held else "nobody subscribes"


def print_deliveries(deliveries: Sequence[Delivery], zone: str) -> None:
    """Print the ledger, the newest first."""
    rows = table("delivery", "state", "reason", "to", "due", ">attempts", "subject", "words")
    for one in deliveries:
        rows.add_row(
            one.id,
            one.state.value,
            one.reason.value,
            escape(f"{one.channel_id} {one.target}".strip()),
            local(one.due_at, zone),
            str(one.attempts),
            escape(clean(one.notification.title)),
            escape(clean(one.words)),
        )
    out.print(rows)


def print_audit(report: AuditReport) -> None:
    """Print the audit's figures and every finding."""
    rows = table("", ">")
    for name in ("expected", "delivered", "waiting", "failed", "recovered"):
        rows.add_row(name, str(getattr(report, name)))
    for name in ("lost", "duplicated", "unexpected"):
        found = getattr(report, name)
        rows.add_row(name, Text(str(len(found)), style="bold red" if found else "green"))
    out.print(rows)
    for name in ("lost", "duplicated", "unexpected"):
        for line in getattr(report, name):
            out.print(Text(f"{name}: {line}", style="red"))

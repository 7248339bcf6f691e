"""How the commands' answers look: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from service.cli.tables import Column, Fit, Rows, blank, clean
from service.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from service.domain import Delivery, Entry, Evidence, Feed
    from service.errors import AvizorError, Problem
    from service.pipeline import Polled
    from service.store import AuditReport, EventView
    from service.websub import Told

out = Console(soft_wrap=False)
err = Console(stderr=True)


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
    for line in text.split("\n"):
        out.print(Text(clean(line)), soft_wrap=True)


def plain(text: str) -> Text:
    """Give a stranger's text as it is: nothing in it is markup, or obeyed by a terminal."""
    return Text(clean(text))


def print_error_line(text: str) -> None:
    """Print a sentence on standard error, beside what a script reads."""
    err.print(Text(clean(text)), soft_wrap=True)


def print_error(fault: AvizorError) -> None:
    """Print an error and its mend."""
    err.print(Text.assemble(("error ", "bold red"), clean(str(fault))), soft_wrap=True)


_COLOURS = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.ADVICE: "bold blue",
}


def print_problems(problems: Iterable[Problem]) -> None:
    """Print each problem as `file:line:column: message. Mend.`."""
    for problem in problems:
        colour = _COLOURS[problem.severity]
        err.print(Text.assemble((f"{problem.severity.value} ", colour), clean(str(problem))), soft_wrap=True)


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
    figures = (Column(name, right=True) for name in ("entries", "new", "matched"))
    rows = Rows(Column("feed", Fit.CUT), *figures, Column("note", Fit.WRAP))
    for polled in sorted(polls, key=lambda one: one.feed.source.url):
        note = polled.trouble or "; ".join(
            (*((f"{polled.later} dated later",) if polled.later else ()), *polled.notes)
        )
        rows.add(
            polled.feed.source.outlet,
            *("" if polled.trouble else str(n) for n in (polled.entries, polled.new, polled.matched)),
            (note, "yellow" if polled.trouble else "dim"),
        )
    rows.print(out)


def mark(text: str, evidence: Iterable[Evidence]) -> Text:
    """Give a text with the matched words marked."""
    marked = Text(blank(text))
    for one in evidence:
        marked.stylize("bold black on yellow", one.start, one.end)
    return marked


def print_entry(entry: Entry, evidence: Sequence[Evidence]) -> None:
    """Print an entry's headline and summary with the evidence marked."""
    out.print(mark(entry.title, (one for one in evidence if one.field.value == "title")), style="bold")
    if entry.summary:
        out.print(mark(entry.summary, (one for one in evidence if one.field.value == "text")))


def print_feeds(feeds: Sequence[Feed], pushes: Mapping[int, Told], zone: str) -> None:
    """Print feeds with their health, and what is to be said of their hubs."""
    rows = Rows(
        Column("outlet", Fit.CUT),
        Column("feed", Fit.CUT),
        Column("country"),
        Column("status"),
        Column("last success"),
        Column("next poll"),
        Column("trouble", Fit.WRAP),
    )
    colours = {"healthy": "green", "failing": "yellow", "gone": "red"}
    for feed in feeds:
        rows.add(
            feed.source.outlet,
            "" if feed.source.title == feed.source.outlet else feed.source.title,
            feed.source.country,
            (feed.status.value, colours.get(feed.status.value, "dim")),
            local(feed.last_success_at, zone),
            local(feed.next_poll_at, zone),
            " ".join(filter(None, (_trouble(feed), _pushed(pushes.get(feed.id), zone)))),
        )
    rows.print(out)


def _trouble(feed: Feed) -> str:
    """Say what is wrong with a feed, and whatever else should be known of it."""
    return " ".join(
        (feed.trouble, *(one.words for one in feed.ailments if one.words != feed.trouble))
    ).strip()


def _pushed(told: Told | None, zone: str) -> str:
    if told is None or told.until is None:
        return told.words if told else ""
    return f"{told.words} {local(told.until, zone)}."


def print_events(views: Sequence[EventView], zone: str) -> None:
    """Print events, the last reported first."""
    rows = Rows(
        Column("event"),
        Column("watchlist"),
        Column("last report"),
        Column("outlets", right=True),
        Column("headline", Fit.CUT),
        Column("told"),
    )
    for view in views:
        told, meant = (sum(getattr(one, what) for one in view.tellings) for what in ("delivered", "number"))
        rows.add(
            view.event.id,
            view.event.watchlist_id,
            local(view.event.last_report_at, zone),
            str(len(view.outlets)),
            view.event.title,
            f"{told} of {meant}" if meant else _held(view),
        )
    rows.print(out)


def _held(view: EventView) -> str:
    held = {report.held.value for report in view.reports if report.held}
    return f"held: {', '.join(sorted(held))}" if held else "no subscriber"


def print_deliveries(deliveries: Sequence[Delivery], zone: str) -> None:
    """Print the ledger, the newest first."""
    rows = Rows(
        Column("delivery"),
        Column("state"),
        Column("reason"),
        Column("due"),
        Column("attempts", right=True),
        Column("to", Fit.WRAP),
        Column("subject", Fit.CUT),
        Column("words", Fit.WRAP),
    )
    for one in deliveries:
        rows.add(
            one.id,
            one.state.value,
            one.reason.value + (f", {one.held.value}" if one.held else ""),
            local(one.due_at, zone),
            str(one.attempts),
            f"{one.channel_id} {one.target}".strip(),
            one.notification.title,
            one.words,
        )
    rows.print(out)


def print_shown(shown: int, total: int) -> None:
    """Say on standard error that a table stops before the end, if it does."""
    if shown < total:
        err.print(Text(f"{shown:,} of {total:,}; --limit shows more"), soft_wrap=True)


def print_audit(report: AuditReport) -> None:
    """Print the audit's figures, every finding, and the verdict."""
    rows = Rows(Column("pairs of event and reader"), Column("", right=True))
    for name in ("expected", "delivered", "waiting", "failed"):
        rows.add(name, str(getattr(report, name)))
    findings = {"lost": report.lost, "doubled": report.duplicated, "unexpected": report.unexpected}
    for name, found in findings.items():
        rows.add(name, (str(len(found)), "bold red" if found else "green"))
    rows.print(out)
    for name, found in findings.items():
        for line in found:
            out.print(Text(clean(f"{name}: {line}"), style="red"), soft_wrap=True)
    if report.recovered:
        print_line(f"{counted(report.recovered, 'message')} needed more than one attempt.")
    counts = [f"{len(found)} {name}" for name, found in findings.items() if found]
    print_line(f"{', '.join(counts)}." if counts else "Nothing lost, nothing doubled.")

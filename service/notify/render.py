"""Alerts, digests and test messages as text and HTML. Pure: nothing is asked of network, files or clock.

The text says all that the HTML says, links included: it is the text part of mail, and what chats
get. Matched words stand between asterisks in it. HTML keeps under 30 kB, whatever a feed wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from service.domain import JoinReason, Lineage, Notification, NotifyReason, TextField
from service.group import Carried
from service.marking import Piece, excerpt, mark, spans_in
from service.notify import page
from service.notify.clean import clean_line, clean_pieces, cut
from service.notify.facts import (
    Clock,
    gather_facts,
    outlet_of,
    plural,
    say_outlets,
    say_source,
    say_spread,
    say_times,
)
from service.notify.why import NAME_LIMIT, say_follower, say_found, say_reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Entry, Event, Evidence

TITLE_LIMIT = 250
_HEADLINE_LIMIT = 300
_EXCERPT_LIMIT = 420
_ROW_LINK_LIMIT = 300
_MOST_ROWS = 6
_DIGEST_PHRASES = 2
_DIGEST_BUDGET = 26_000  # bytes of HTML for the events of a digest, of 30,000 for the whole


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert is made of. `reports` are all reports of the event so far, this entry among them.

    `news` says what has happened to an event that was told before. Without a `channel_id` it does not say
    whom it goes to.
    """

    watchlist_id: str
    watchlist_title: str
    event_id: str
    entry: Entry
    evidence: tuple[Evidence, ...]
    reason: NotifyReason
    reports: tuple[Carried, ...] = ()
    join_reason: JoinReason = JoinReason.NONE
    channel_id: str = ""
    news: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One event of a digest. `reports` has at least one entry; the evidence is that of the first."""

    watchlist_title: str
    event: Event
    reports: tuple[Carried, ...]
    evidence: tuple[Evidence, ...]


def event_page(base_url: str, event_id: str) -> str:
    """Give the address of an event's page; empty without an address of our own."""
    return f"{base_url.rstrip('/')}/events/{quote(event_id, safe='', errors='replace')}" if base_url else ""


# ----------------------------------------------------------------------------------------- alert


def render_alert(alert: Alert, *, base_url: str, timezone: str) -> Notification:
    """Render one alert. `base_url` may be empty: then there is no link to the event's page."""
    parts = _AlertParts(alert, Clock(timezone), page.safe_link(event_page(base_url, alert.event_id)))
    return Notification(title=parts.title, text=parts.text(), html=parts.html())


class _AlertParts:
    """The parts of an alert, worked out once for text and HTML."""

    def __init__(self, alert: Alert, clock: Clock, event_url: str) -> None:
        entry = alert.entry
        self.entry = entry
        self.event_url = event_url
        self.clock = clock
        self.watchlist = _name(alert.watchlist_title, alert.watchlist_id)
        self.headline = _headline(entry, alert.evidence)
        self.news = _news(alert)
        update = "Update: " if alert.reason is NotifyReason.UPDATE else ""
        self.title = _title(self.watchlist, update + _plain(self.headline))
        self.excerpt = _excerpt(entry, alert.evidence)
        self.facts = gather_facts([Carried(entry, Lineage()), *alert.reports])
        self.spread = say_spread(self.facts, clock, entry.first_seen_at)
        self.url = page.safe_link(entry.url)
        self.read = f"Read it at {outlet_of(entry)}"
        found = say_found(entry, alert.evidence, alert.watchlist_id)
        reason = say_reason(alert.reason, alert.join_reason)
        why = f"{found}. {reason[:1].upper()}{reason[1:]}" if found and reason else found or reason
        self.why = f"Why you get this: {why}. {say_times(entry, clock)}"
        self.follower = say_follower(alert.channel_id, self.watchlist, alert.watchlist_id)

    def text(self) -> str:
        facts = f"{say_outlets(self.facts)} · {self.spread}"
        links = _lines((self.read, self.url), ("The event with all its reports", self.event_url))
        top = [self.news, _starred(self.headline), facts]
        blocks = [*top, _starred(self.excerpt), links, self._text_rows(), self.why]
        foot = f"Avizor · {self.watchlist}\n{self.follower}".strip()
        return "\n\n".join(block for block in [*blocks, foot] if block) + "\n"

    def html(self) -> str:
        inner = [
            page.line(page.strong(self.news), top=14, size=15, grey=False) if self.news else "",
            page.headline(page.link(self.url, page.marked(self.headline), bold=True), self.entry.language),
            page.line(f"{page.strong(say_outlets(self.facts))} &nbsp;·&nbsp; {page.text(self.spread)}"),
            page.line(page.marked(self.excerpt), top=12, size=16, grey=False) if self.excerpt else "",
            page.rows(self._html_rows()) if len(self.facts.reports) > 1 else "",
            page.line(page.text(self.why), top=16, size=13),
            _actions((self.read, self.url), ("See the event", self.event_url)),
            page.line(page.text(self.follower), top=16, size=12) if self.follower else "",
        ]
        masthead = f"Avizor · {page.text(self.watchlist)}"
        preview = f"{say_outlets(self.facts)} · {self.spread}"
        return page.page(self.title, masthead, preview, "".join(inner))

    def _text_rows(self) -> str:
        if len(self.facts.reports) == 1:
            return ""
        rows = [
            f"{when}  {outlet}{f' ({about})' if about else ''}{f': {url}' if url else ''}"
            for when, outlet, about, url in self._rows()
        ]
        return "\n".join([*rows, *self._more()])

    def _html_rows(self) -> list[tuple[str, str]]:
        rows = [
            (page.text(when), f"{page.link(url, page.text(outlet))} {page.text(about)}")
            for when, outlet, about, url in self._rows()
        ]
        return [*rows, *(("", page.text(more)) for more in self._more())]

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                self.clock.say(report.happened_at, self.entry.first_seen_at),
                outlet_of(report),
                " · ".join(part for part in (say_source(report), "" if number else "first") if part),
                page.safe_link(report.url, _ROW_LINK_LIMIT),
            )
            for number, report in enumerate(self.facts.reports[:_MOST_ROWS])
        ]

    def _more(self) -> list[str]:
        more = len(self.facts.reports) - _MOST_ROWS
        return [f"and {plural(more, 'report')} more"] if more > 0 else []


# ---------------------------------------------------------------------------------------- digest


def render_digest(
    items: Sequence[DigestItem], *, base_url: str, timezone: str, now: datetime | None = None
) -> Notification:
    """Render a digest of at least one event, by watchlist in the order of `items`, newest event first.

    Times of another day than that of `now` carry their day; without `now` it is the latest time in the
    digest. As many events are shown as fit into a mail; the others are counted.
    """
    clock = Clock(timezone)
    today = now or max(report.entry.happened_at for item in items for report in item.reports)
    parts = [
        _DigestPart(item, clock, today, page.safe_link(event_page(base_url, item.event.id))) for item in items
    ]
    watchlists = list(dict.fromkeys(part.watchlist for part in parts))
    head, on = (
        (watchlists[0], "") if len(watchlists) == 1 else ("Avizor", f" on {len(watchlists)} watchlists")
    )
    title = _title(head, f"Digest: {plural(len(parts), 'event')}{on}")
    count = _count_line(parts)
    newest_first = sorted(parts, key=lambda part: part.facts.first.happened_at, reverse=True)
    shown = _fitting(sorted(newest_first, key=lambda part: watchlists.index(part.watchlist)))
    more = f"and {plural(len(parts) - len(shown), 'event')} more" if len(shown) < len(parts) else ""
    text, html = [f"{title}\n{count}"], [page.line(page.text(count), top=14)]
    for name in watchlists:
        mine = [part for part in shown if part.watchlist == name]
        if mine:
            text += [f"== {name} ==", *(part.text for part in mine)]
            html += [page.heading(page.text(name)), *(part.html for part in mine)]
    url = page.safe_link(base_url)
    text += [block for block in (more, _lines(("All events", url))) if block]
    html += [page.line(page.text(more), top=18) if more else "", _actions(("All events", url))]
    document = page.page(title, "Avizor · digest", count, "".join(html))
    return Notification(title=title, text="\n\n".join(text) + "\n", html=document)


class _DigestPart:
    """One event of a digest in text and HTML."""

    def __init__(self, item: DigestItem, clock: Clock, today: datetime, event_url: str) -> None:
        self.facts = gather_facts(item.reports)
        entry = item.reports[0].entry
        headline = _headline(entry, item.evidence)
        spread = say_spread(self.facts, clock, today)
        found = say_found(entry, item.evidence, item.event.watchlist_id, _DIGEST_PHRASES)
        url = page.safe_link(entry.url, _ROW_LINK_LIMIT)
        read = f"Read it at {outlet_of(entry)}"
        self.watchlist = _name(item.watchlist_title, item.event.watchlist_id)
        self.text = "\n".join(
            block
            for block in (
                _starred(headline),
                f"{say_outlets(self.facts)} · {spread}",
                found,
                _lines((read, url), ("The event with all its reports", event_url)),
            )
            if block
        )
        self.html = (
            page.headline(page.link(event_url or url, page.marked(headline), bold=True), entry.language, 17)
            + page.line(f"{page.strong(say_outlets(self.facts))} · {page.text(spread)}", top=4)
            + (page.line(page.text(found), top=2, size=13) if found else "")
            + _actions((read, url), ("See the event", event_url), top=4)
        )


def _fitting(parts: Sequence[_DigestPart]) -> list[_DigestPart]:
    shown: list[_DigestPart] = []
    left = _DIGEST_BUDGET
    for part in parts:
        left -= len(part.html.encode()) + len(page.heading(page.text(part.watchlist)).encode())
        if left < 0:
            break
        shown.append(part)
    return shown


def _count_line(parts: Sequence[_DigestPart]) -> str:
    reports = [report for part in parts for report in part.facts.reports]
    outlets = len({outlet_of(report) for report in reports})
    return (
        f"{plural(len(parts), 'event')}, {plural(len(reports), 'report')} from {plural(outlets, 'outlet')}."
    )


# ------------------------------------------------------------------------------------------ test


def render_test(channel_id: str) -> Notification:
    """Render the message of `send-test`."""
    name = clean_line(channel_id, NAME_LIMIT)
    title = _title("Avizor", f"test of the channel {name}")
    said = f"This is a test. Alerts for the channel {name} arrive here."
    html = page.page(title, "Avizor", said, page.line(page.text(said), top=18, size=16, grey=False))
    return Notification(title=title, text=f"{said}\n", html=html)


# ------------------------------------------------------------------------------------- small parts


def _name(title: str, watchlist_id: str) -> str:
    return clean_line(title, NAME_LIMIT) or clean_line(watchlist_id, NAME_LIMIT)


def _headline(entry: Entry, evidence: Sequence[Evidence]) -> list[Piece]:
    # A headline keeps its beginning, wherever its marks stand: it is the subject of the mail too.
    pieces = mark(cut(entry.title, _HEADLINE_LIMIT), spans_in(evidence, TextField.TITLE))
    return clean_pieces(pieces) or [Piece("(no headline)")]


def _excerpt(entry: Entry, evidence: Sequence[Evidence]) -> list[Piece]:
    if clean_line(entry.summary, _HEADLINE_LIMIT) == clean_line(entry.title, _HEADLINE_LIMIT):
        return []
    return clean_pieces(excerpt(entry.summary, spans_in(evidence, TextField.TEXT), _EXCERPT_LIMIT))


def _news(alert: Alert) -> str:
    if alert.reason is not NotifyReason.UPDATE:
        return ""
    said = "; ".join(clean_line(one, _HEADLINE_LIMIT) for one in alert.news)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _title(head: str, rest: str) -> str:
    return clean_line(f"[{head}] {rest}", TITLE_LIMIT)


def _plain(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _starred(pieces: Sequence[Piece]) -> str:
    return "".join(f"*{piece.text.strip()}*" if piece.is_marked else piece.text for piece in pieces)


def _lines(*links: tuple[str, str]) -> str:
    return "\n".join(f"{label}: {url}" for label, url in links if url)


def _actions(*links: tuple[str, str], top: int = 16) -> str:
    made = [page.link(url, page.text(label), page.ACCENT) for label, url in links if url]
    return page.line(" &nbsp;&nbsp; ".join(made), top=top) if made else ""

"""An alert of one event as text and HTML. Pure: nothing is asked of network, files or clock.

The text says all that the HTML says, links included: it is the text part of mail, and what chats
get. Matched words stand between asterisks in it. HTML keeps under 30 kB, whatever a feed wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import JoinReason, Lineage, Notification, NotifyReason, TextField
from service.group import Carried
from service.marking import excerpt, spans_in
from service.notify import page
from service.notify.clean import clean_line, clean_pieces
from service.notify.facts import (
    gather_facts,
    say_late,
    say_outlet,
    say_outlets,
    say_source,
    say_spread,
    say_times,
)
from service.notify.foot import Foot, judging_links, name_watchlist
from service.notify.holding import say_held_alone
from service.notify.news import say_news
from service.notify.parts import (
    HEADLINE_LIMIT,
    ROW_LINK_LIMIT,
    actions,
    blocks,
    capitalised,
    event_link,
    lines,
    make_title,
    marked_headline,
    plain,
    say_names,
    say_reading,
    starred,
)
from service.notify.program import write_data
from service.notify.why import say_found, say_reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Entry, Evidence, HeldReason
    from service.marking import Piece
    from service.notify.reader_view import ReaderView

_EXCERPT_LIMIT = 420
_HEAD_LIMIT = 120
_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert is made of. `reports` are all reports of the event so far, this entry among them.

    `home` are the countries in which what the watchlist follows happens.

    `news` says what has happened to an event that was told before. `also` are ids and titles of other
    watchlists that the same article matched, and that this message tells of too. `at` is its time, `held`
    why it was not told before.
    """

    watchlist_id: str
    watchlist_title: str
    event_id: str
    entry: Entry
    evidence: tuple[Evidence, ...]
    reason: NotifyReason
    reports: tuple[Carried, ...] = ()
    home: tuple[str, ...] = ()
    join_reason: JoinReason = JoinReason.NONE
    news: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None
    held: HeldReason | None = None


def render_alert(alert: Alert, view: ReaderView) -> Notification:
    """Render one alert for a reader. It does not ask whether the reader has had it."""
    parts = _AlertParts(alert, view)
    if view.is_program:
        return Notification(parts.title, parts.text(), data=parts.data(alert))
    return Notification(title=parts.title, text=parts.text(), html=parts.html())


class _AlertParts:
    """The parts of an alert, worked out once for text and HTML."""

    def __init__(self, alert: Alert, view: ReaderView) -> None:
        entry = alert.entry
        self.entry = entry
        self.view = view
        self.clock = view.clock
        self.wording = view.wording
        watchlists = [
            name_watchlist(alert.watchlist_title, alert.watchlist_id),
            *(name_watchlist(title, watchlist_id) for watchlist_id, title in alert.also),
        ]
        self.names = [one.name for one in watchlists]
        self.judging = judging_links(view)
        self.foot = Foot(view, watchlists, self.judging)
        self.is_update = alert.reason is NotifyReason.UPDATE
        self.headline = marked_headline(entry, alert.evidence, self.wording)
        self.title = self._title()
        self.news = say_news(alert.news, self.wording) if self.is_update else ""
        self.excerpt = _excerpt(entry, alert.evidence)
        self.facts = gather_facts([Carried(entry, Lineage()), *alert.reports], alert.home)
        self.outlets = say_outlets(self.facts, self.wording)
        late = say_late(entry, alert.at, self.wording)
        spread = say_spread(self.facts, self.clock, entry.first_seen_at)
        self.spread = f"{spread} · {late}" if late else spread
        self.read = (say_reading(say_outlet(entry, self.wording), self.wording), page.safe_link(entry.url))
        self.event_url = event_link(view.base_url, alert.event_id)
        self.why = self._why(alert)

    def _title(self) -> str:
        headline = plain(self.headline)
        head = clean_line(", ".join(self.names), _HEAD_LIMIT)
        return make_title(
            head, self.wording.say("Update: {headline}", headline=headline) if self.is_update else headline
        )

    def _why(self, alert: Alert) -> str:
        found = say_found(self.entry, alert.evidence, alert.watchlist_id, self.wording)
        reason = say_reason(alert.reason, alert.join_reason, self.wording)
        why = f"{found}. {capitalised(reason)}" if found and reason else found or reason
        said = self.wording.say("Why you get this: {why}.", why=why)
        held = say_held_alone(alert.held, self.wording)
        return " ".join(part for part in (said, held, say_times(self.entry, self.clock)) if part)

    def text(self) -> str:
        all_reports = self.wording.say("The event with all its reports")
        return blocks(
            self.news,
            starred(self.headline),
            f"{self.outlets} · {self.spread}",
            starred(self.excerpt),
            lines(self.read, (all_reports, self.event_url)),
            self._text_rows(),
            self.why,
            self.foot.text(),
        )

    def data(self, alert: Alert) -> str:
        return write_data(alert, self.facts, self.why, self.view.base_url)

    def html(self) -> str:
        inner = [
            page.line(page.strong(page.text(self.news)), top=14, size=15, grey=False) if self.news else "",
            page.headline(
                page.link(self.read[1], page.marked(self.headline), bold=True), self.entry.language
            ),
            page.line(f"{page.strong(page.text(self.outlets))} &nbsp;·&nbsp; {page.text(self.spread)}"),
            page.line(page.marked(self.excerpt), top=12, size=16, grey=False) if self.excerpt else "",
            page.rows(self._html_rows()) if len(self.facts.reports) > 1 else "",
            page.line(page.text(self.why), top=16, size=13),
            actions(self.read, (self.wording.say("See the event"), self.event_url)),
            actions(*self.judging, top=6),
            self.foot.html(),
        ]
        preview = f"{self.outlets} · {self.spread}"
        return page.page(self.title, self._masthead(), preview, "".join(inner), self.wording.language)

    def _masthead(self) -> str:
        parts = ["Avizor", page.text(say_names(self.names, self.wording))]
        if self.is_update:
            parts.append(page.accent(page.text(self.wording.say("update"))))
        return " · ".join(parts)

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
                say_outlet(report, self.wording),
                self._about(report),
                page.safe_link(report.url, ROW_LINK_LIMIT),
            )
            for report in self.facts.reports[:_MOST_ROWS]
        ]

    def _about(self, report: Entry) -> str:
        """Say of a row the kind of source, its language if it is another one, and how many repeat it."""
        say, facts = self.wording.say, self.facts
        language = clean_line(report.language, 20) if report.language != self.entry.language else ""
        repeated = facts.repeated.get(report.id, 0)
        parts = (
            say_source(report, self.wording),
            language,
            say("first") if report is facts.first else "",
            self.wording.count(repeated, "repeated by {number}", "repeated by {number}") if repeated else "",
        )
        return " · ".join(part for part in parts if part)

    def _more(self) -> list[str]:
        more = len(self.facts.reports) - _MOST_ROWS
        if more <= 0:
            return []
        return [self.wording.count(more, "and {number} report more", "and {number} reports more")]


def _excerpt(entry: Entry, evidence: Sequence[Evidence]) -> list[Piece]:
    if clean_line(entry.summary, HEADLINE_LIMIT) == clean_line(entry.title, HEADLINE_LIMIT):
        return []
    return clean_pieces(excerpt(entry.summary, spans_in(evidence, TextField.TEXT), _EXCERPT_LIMIT))

"""A digest as text and HTML: what was held, by watchlist, and what was read. Pure, as an alert is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Notification, NotifyReason
from service.notify import page
from service.notify.facts import (
    count_outlets,
    count_reports,
    gather_facts,
    outlet_of,
    say_late,
    say_outlet,
    say_outlets,
    say_spread,
)
from service.notify.foot import Foot, judging_links_of_several, name_watchlist
from service.notify.holding import say_contents, say_held, waits_by_wish
from service.notify.news import say_news
from service.notify.parts import (
    ROW_LINK_LIMIT,
    actions,
    blocks,
    event_link,
    lines,
    make_title,
    marked_headline,
    say_names,
    say_reading,
    starred,
)
from service.notify.receipt import Written, say_silent, write_receipt
from service.notify.why import say_found, say_reason_shortly

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Event, Evidence, HeldReason
    from service.group import Carried
    from service.notify.foot import Named
    from service.notify.reader_view import ReaderView
    from service.notify.receipt import Receipt
    from service.wording import Wording

_PHRASES = 2
_LARGEST = 30_000  # bytes of HTML for the whole
_EVENTS_ROOM = 20_000  # for the events, whether there is a receipt or not


@dataclass(frozen=True, slots=True)
class DigestItem:
    """One event of a digest. `reports` has at least one entry; the evidence is that of the first.

    `home` are the countries in which what the watchlist follows happens, `news` says what has happened to an
    event that was told before; `reason` is why it is told, `held` why it was not told at once. `also` are
    the titles of other watchlists that follow it.
    """

    watchlist_title: str
    event: Event
    reports: tuple[Carried, ...]
    evidence: tuple[Evidence, ...]
    home: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    reason: NotifyReason = NotifyReason.NEW_EVENT
    held: HeldReason | None = None
    also: tuple[str, ...] = ()


def render_digest(
    items: Sequence[DigestItem], view: ReaderView, *, now: datetime, receipt: Receipt | None = None
) -> Notification:
    """Render a digest, by watchlist in the order of `items`, within each the event of most weight first.

    Times of another day than that of `now` carry their day. As many events are shown as fit into a mail; the
    others are counted. Without items there must be a receipt that names watchlists nothing matched.

    An event that was held for another reason than its digest's hour says how long before the message it was
    published, where it is as late as an alert that says so. What a reader wants together is old by wish.
    """
    parts = [_DigestPart(item, view, now) for item in items]
    return _Digest(parts, view, now, receipt).render()


class _Digest:
    """The events of a digest, and what stands round them."""

    def __init__(
        self, parts: Sequence[_DigestPart], view: ReaderView, now: datetime, receipt: Receipt | None
    ) -> None:
        self._view = view
        self._wording = view.wording
        self._now = now
        self._receipt = receipt
        self._watchlists = list(dict.fromkeys(part.watchlist for part in parts))
        place = {watchlist: number for number, watchlist in enumerate(self._watchlists)}
        self._parts = sorted(parts, key=lambda part: (place[part.watchlist], *part.weight))
        held = {part.held for part in parts}
        self._is_mixed = len(held) > 1
        self._contents = self._say_contents(held)
        head = self._watchlists[0].name if len(self._watchlists) == 1 else "Avizor"
        self._title = make_title(head, self._contents)
        self._count = _say_count(parts, self._wording) if parts else ""
        silent = receipt.silent if receipt and not parts else ()
        others = [*(other for part in parts for other in part.also)]
        others += [name_watchlist(one.watchlist_title, "") for one in silent]
        known = {one.name for one in self._watchlists}
        self._named = [*self._watchlists, *dict.fromkeys(one for one in others if one.name not in known)]

    def render(self) -> Notification:
        events = self._write_events()
        url = page.safe_link(self._view.base_url)
        all_events = (self._wording.say("All events"), url)
        judging = judging_links_of_several(self._view) if self._parts else []
        foot = Foot(self._view, self._named, judging)
        before = page.headline(page.text(self._contents))
        before += page.line(page.text(self._count)) if self._count else ""
        end = actions(all_events) + actions(*judging, top=6) + foot.html()
        room = _LARGEST - len(self._page(before + events.html + end).encode()) - 1
        receipt = self._write_receipt(room)
        return Notification(
            title=self._title,
            text=blocks(
                f"{self._title}\n{self._count}".strip(),
                events.text,
                receipt.text,
                lines(all_events),
                foot.text(),
            ),
            html=self._page(before + events.html + receipt.html + end),
        )

    def _page(self, inner: str) -> str:
        names = say_names([one.name for one in self._named], self._wording)
        masthead = f"Avizor · {page.text(names)}"
        return page.page(self._title, masthead, self._count or self._title, inner, self._wording.language)

    def _say_contents(self, held: set[HeldReason | None]) -> str:
        if self._receipt is not None and not self._parts:
            return say_silent(self._receipt, self._wording)
        contents = say_contents(len(self._parts), held, self._wording)
        number = len(self._watchlists)
        if number == 1:
            return contents
        watchlists = self._wording.count(number, "{number} watchlist", "{number} watchlists")
        return self._wording.say("{events} on {watchlists}", events=contents, watchlists=watchlists)

    def _write_events(self) -> Written:
        shown, texts, html = self._fitting(), [], []
        for watchlist in self._watchlists:
            mine = [part for part in shown if part.watchlist == watchlist]
            if mine:
                texts += [f"== {watchlist.name} ==", *(part.text(self._is_mixed) for part in mine)]
                html += [_heading(watchlist), *(part.html(self._is_mixed) for part in mine)]
        more = len(self._parts) - len(shown)
        if more:
            said = self._wording.count(more, "and {number} event more", "and {number} events more")
            texts.append(said)
            html.append(page.line(page.text(said), top=18))
        return Written("\n\n".join(texts), "".join(html))

    def _fitting(self) -> list[_DigestPart]:
        shown: list[_DigestPart] = []
        left = _EVENTS_ROOM
        for part in self._parts:
            left -= len(part.html(self._is_mixed).encode()) + len(_heading(part.watchlist).encode())
            if left < 0:
                break
            shown.append(part)
        return shown

    def _write_receipt(self, room: int) -> Written:
        if self._receipt is None:
            return Written("", "")
        return write_receipt(self._receipt, self._view, self._now, room)


def _heading(watchlist: Named) -> str:
    return page.heading(page.text(watchlist.name))


def _say_count(parts: Sequence[_DigestPart], wording: Wording) -> str:
    reports = [report for part in parts for report in part.facts.reports]
    outlets = len({outlet_of(report) for report in reports})
    return wording.say(
        "{reports} from {outlets}.",
        reports=count_reports(len(reports), wording),
        outlets=count_outlets(outlets, wording),
    )


class _DigestPart:
    """One event of a digest in text and HTML."""

    def __init__(self, item: DigestItem, view: ReaderView, now: datetime) -> None:
        wording = view.wording
        entry = item.reports[0].entry
        self.watchlist = name_watchlist(item.watchlist_title, item.event.watchlist_id)
        self.held = item.held
        self.also = [name_watchlist(title, "") for title in item.also]
        self.facts = gather_facts(item.reports, item.home)
        self._wording = wording
        self._language = entry.language
        self._headline = marked_headline(entry, item.evidence, wording)
        self._news = say_news(item.news, wording)
        self._outlets = say_outlets(self.facts, wording)
        self._spread = say_spread(self.facts, view.clock, now)
        self._found = say_found(entry, item.evidence, item.event.watchlist_id, wording, _PHRASES)
        self._reason = say_reason_shortly(item.reason, wording)
        self._held = say_held(item.held, wording)
        self._late = "" if waits_by_wish(item.held) else say_late(entry, now, wording)
        url = page.safe_link(entry.url, ROW_LINK_LIMIT)
        self._read = (say_reading(say_outlet(entry, wording), wording), url)
        self._event_url = event_link(view.base_url, item.event.id)
        self._wording = wording

    @property
    def weight(self) -> tuple[int, int, float]:
        """Give what orders events, the heaviest first: independent outlets, outlets, and the newest."""
        newest = self.facts.reports[-1].happened_at.timestamp()
        return -len(self.facts.independent), -self.facts.outlets, -newest

    def text(self, says_held: bool) -> str:  # noqa: FBT001 -- whether the reasons differ
        all_reports = self._wording.say("The event with all its reports")
        parts = (
            starred(self._headline),
            self._news,
            f"{self._outlets} · {self._spread}",
            self._found,
            self._say_also(),
            self._say_why_now(says_held),
            lines(self._read, (all_reports, self._event_url)),
        )
        return "\n".join(part for part in parts if part)

    def _say_also(self) -> str:
        names = say_names([one.name for one in self.also], self._wording)
        return self._wording.say("Also on {watchlists}.", watchlists=names) if names else ""

    def _say_why_now(self, says_held: bool) -> str:  # noqa: FBT001 -- see above
        held = self._held if says_held else ""
        return " · ".join(part for part in (self._reason, held, self._late) if part)

    def html(self, says_held: bool) -> str:  # noqa: FBT001 -- see above
        headline = page.link(self._event_url or self._read[1], page.marked(self._headline), bold=True)
        small = [self._found, self._say_also(), self._say_why_now(says_held)]
        return (
            page.headline(headline, self._language, 17)
            + (page.line(page.strong(page.text(self._news)), top=4) if self._news else "")
            + page.line(f"{page.strong(page.text(self._outlets))} · {page.text(self._spread)}", top=4)
            + "".join(page.line(page.text(said), top=2, size=13) for said in small if said)
            + actions(self._read, (self._wording.say("See the event"), self._event_url), top=4)
        )

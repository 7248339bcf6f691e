"""The pages behind a message: silence about what it tells, and whether it was of use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.domain import Mute
from service.store import Verdict
from service.web.forms import one_of
from service.web.reader_pages import is_pressed

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.responses import HTMLResponse

    from service.domain import Delivery
    from service.tokens import Token
    from service.web.forms import Fields
    from service.web.reader_pages import ReaderPages
    from service.wording import Wording

_MUTES = {"event-day": (True, 1), "event-week": (True, 7), "watchlist-day": (False, 1)}


class Judging:
    """Mute, useful, noise."""

    def __init__(self, pages: ReaderPages) -> None:
        """Take what makes pages."""
        self._pages = pages

    def ask_mute(self, token: Token, words: Wording) -> HTMLResponse:
        """Ask what a reader wants silence about."""
        delivery = self._told_by(token)
        titles = {one.id: one.title for one in self._pages.readers.list_offered()}
        title = titles.get(delivery.watchlist_id, delivery.watchlist_id)
        of_event = [
            ("event-day", words.say("This event, for 24 hours")),
            ("event-week", words.say("This event, for 7 days")),
        ]
        of_watchlist = [
            ("watchlist-day", words.say("All of {watchlist}, for 24 hours", watchlist=title)),
        ]
        return self._pages.notice(
            words,
            words.say("Silence"),
            words.say(
                "What is not told meanwhile stays on the page of its event. Pick what you want silence about."
            ),
            choices=[
                *(of_event if delivery.event_id else ()),
                *(of_watchlist if delivery.watchlist_id else ()),
            ],
        )

    def mute(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        """Put the silence in force that a reader has picked."""
        delivery, now = self._told_by(token), self._pages.view.clock()
        is_event, days = _MUTES.get(one_of(fields, "for"), (True, 0))
        about = delivery.event_id if is_event else delivery.watchlist_id
        if not days or not about:
            return self.ask_mute(token, words)
        until = now + timedelta(days=days)
        mute = Mute(
            token.subject, about if is_event else "", "" if is_event else about, until, by="its reader"
        )
        store = self._pages.view.store
        store.mutes.add(mute, now, target=delivery.target, channel_id=delivery.channel_id)
        when = self._pages.say_when(until, self._pages.readers.find(token.subject), words)
        return self._pages.notice(
            words, words.say("Silence"), words.say("You hear nothing of it until {when}.", when=when)
        )

    def asker(self, verdict: Verdict) -> Callable[[Token, Wording], HTMLResponse]:
        """Make the page that asks whether an alert was of use, or noise; of several, which of them was."""

        def ask(token: Token, words: Wording) -> HTMLResponse:
            told = self._told_by(token).notification.title
            if several := self._pages.view.store.feedback.list_told_with(token.about):
                title = _ask_which(verdict, words)
                return self._pages.notice(words, title, told, choices=several)
            title, button = _say_verdict(verdict, words)
            return self._pages.notice(words, title, told, button=button)

        return ask

    def giver(self, verdict: Verdict) -> Callable[[Token, Fields, Wording], HTMLResponse]:
        """Make what keeps a reader's word."""

        def give(token: Token, fields: Fields, words: Wording) -> HTMLResponse:
            pages, feedback = self._pages, self._pages.view.store.feedback
            picked = one_of(fields, "for")
            several = [number for number, _ in feedback.list_told_with(token.about)]
            if picked not in several and not is_pressed(fields):
                return self.asker(verdict)(token, words)
            about = picked if picked in several else token.about
            if not feedback.give(about, verdict, pages.view.clock()):
                return pages.broken(words)
            said = words.say("Who writes the watchlist sees it beside the words that brought you this alert.")
            return pages.notice(words, words.say("Thank you"), said)

        return give

    def _told_by(self, token: Token) -> Delivery:
        """Give the delivery that a link came with; raises NotFound where it is kept no longer."""
        return self._pages.view.store.reading.get_delivery(token.about)


def _say_verdict(verdict: Verdict, words: Wording) -> tuple[str, str]:
    """Give the question and the button that answers it."""
    if verdict is Verdict.USEFUL:
        return words.say("Was this alert useful?"), words.say("Yes, it was useful")
    return words.say("Was this alert noise?"), words.say("Yes, it was noise")


def _ask_which(verdict: Verdict, words: Wording) -> str:
    return words.say("What was useful?") if verdict is Verdict.USEFUL else words.say("What was noise?")

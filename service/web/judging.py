"""The pages behind a message: silence about what it tells, and whether it was of use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

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


class _Silence(NamedTuple):
    """A silence that a reader can pick by a button, for so many days: about an event or a watchlist."""

    value: str
    label: str
    days: int
    event_id: str = ""
    watchlist_id: str = ""


class Judging:
    """Mute, useful, noise."""

    def __init__(self, pages: ReaderPages) -> None:
        """Take what makes pages."""
        self._pages = pages

    def ask_mute(self, token: Token, words: Wording) -> HTMLResponse:
        """Ask what a reader wants silence about."""
        return self._pages.notice(
            words,
            words.say("Silence"),
            words.say(
                "What is not told meanwhile stays on the page of its event. Pick what you want silence about."
            ),
            choices=[(one.value, one.label) for one in self._offer(token, words)],
        )

    def mute(self, token: Token, fields: Fields, words: Wording) -> HTMLResponse:
        """Put the silence in force that a reader has picked."""
        picked = one_of(fields, "for")
        silence = next((one for one in self._offer(token, words) if one.value == picked), None)
        if silence is None:
            return self.ask_mute(token, words)
        delivery, now = self._told_by(token), self._pages.view.clock()
        until = now + timedelta(days=silence.days)
        mute = Mute(token.subject, silence.event_id, silence.watchlist_id, until, by="its reader")
        store = self._pages.view.store
        store.mutes.add(mute, now, target=delivery.target, channel_id=delivery.channel_id)
        when = self._pages.say_when(until, self._pages.readers.find(token.subject), words)
        return self._pages.notice(
            words, words.say("Silence"), words.say("You hear nothing of it until {when}.", when=when)
        )

    def _offer(self, token: Token, words: Wording) -> list[_Silence]:
        """List the silences about what a message tells: its event and watchlist, or those of a digest."""
        delivery = self._told_by(token)
        told = self._pages.view.store.feedback.list_told_with(token.about)
        if told:
            events = {one.event_id: one.notification.title for one in told}
            of_events = [
                _Silence(f"event-{number}", words.say("{event}, for 7 days", event=title), 7, number)
                for number, title in events.items()
            ]
            watchlists = list(dict.fromkeys(one.watchlist_id for one in told))
            return [*of_events, *(self._of_watchlist(f"watchlist-{one}", one, words) for one in watchlists)]
        number, watchlist_id = delivery.event_id, delivery.watchlist_id
        of_event = [
            _Silence("event-day", words.say("This event, for 24 hours"), 1, number),
            _Silence("event-week", words.say("This event, for 7 days"), 7, number),
        ]
        of_watchlist = [self._of_watchlist("watchlist-day", watchlist_id, words)]
        return [*(of_event if number else ()), *(of_watchlist if watchlist_id else ())]

    def _of_watchlist(self, value: str, watchlist_id: str, words: Wording) -> _Silence:
        titles = {one.id: one.title for one in self._pages.readers.list_offered()}
        title = titles.get(watchlist_id, watchlist_id)
        label = words.say("All of {watchlist}, for 24 hours", watchlist=title)
        return _Silence(value, label, 1, watchlist_id=watchlist_id)

    def asker(self, verdict: Verdict) -> Callable[[Token, Wording], HTMLResponse]:
        """Make the page that asks whether an alert was of use, or noise; of several, which of them was."""

        def ask(token: Token, words: Wording) -> HTMLResponse:
            told = self._told_by(token).notification.title
            if several := self._pages.view.store.feedback.list_told_with(token.about):
                choices = [(one.id, one.notification.title) for one in several]
                return self._pages.notice(words, _ask_which(verdict, words), told, choices=choices)
            title, button = _say_verdict(verdict, words)
            return self._pages.notice(words, title, told, button=button)

        return ask

    def giver(self, verdict: Verdict) -> Callable[[Token, Fields, Wording], HTMLResponse]:
        """Make what keeps a reader's word."""

        def give(token: Token, fields: Fields, words: Wording) -> HTMLResponse:
            pages, feedback = self._pages, self._pages.view.store.feedback
            picked = one_of(fields, "for")
            several = [one.id for one in feedback.list_told_with(token.about)]
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

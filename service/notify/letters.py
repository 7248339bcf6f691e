"""Messages that tell of no event: to confirm, to change, to try a channel, of what did not arrive. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Notification
from service.notify import page
from service.notify.clean import clean_line
from service.notify.parts import TITLE_LIMIT, blocks, lines, make_title, say_names
from service.notify.reader_view import ReaderView
from service.notify.why import NAME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.wording import Wording

ACCESS_DAYS = 30  # for which a link to change one's alerts is valid
_ADDRESS_LIMIT = 254
_WORDS_LIMIT = 400
_NAMED, _UNSENT_TITLE, _UNSENT_WORDS = 10, 120, 160  # ten of them are still a small mail
_CODE_LIMIT = 20


def render_confirmation(
    address: str, watchlists: Sequence[str], confirm_url: str, view: ReaderView, asked_at: datetime
) -> Notification:
    """Render the mail that asks whether an address wants what somebody asked for on a page.

    It holds nothing else to click on, and nothing that invites.
    """
    say, clock = view.wording.say, view.clock
    asked = say(
        "On {date} at {time} ({place}) somebody asked for alerts of {watchlists} to be sent to {address}.",
        date=clock.say_date(asked_at),
        time=clock.say(asked_at, asked_at),
        place=clock.place,
        watchlists=say_names([clean_line(one, NAME_LIMIT) for one in watchlists], view.wording),
        address=clean_line(address, _ADDRESS_LIMIT),
    )
    return _letter(
        say("Confirm your Avizor alerts"),
        [asked],
        view.wording,
        link=(say("Confirm the alerts"), confirm_url),
        after=[say("If it was not you, do nothing: you get no other mail.")],
    )


def render_access(address: str, manage_url: str, view: ReaderView) -> Notification:
    """Render the mail with the link by which a reader changes or stops alerts."""
    say = view.wording.say
    offer = say(
        "With this link you change or stop the alerts to {address}.",
        address=clean_line(address, _ADDRESS_LIMIT),
    )
    valid = view.wording.count(ACCESS_DAYS, "It is valid for {number} day.", "It is valid for {number} days.")
    return _letter(
        say("Your link to change your Avizor alerts"),
        [f"{offer} {valid}"],
        view.wording,
        link=(say("Change my alerts"), manage_url),
        after=[
            say("Whoever has the link can change your alerts: keep it to yourself."),
            say("If you did not ask for it, do nothing: your alerts stay as they are."),
        ],
    )


def render_chat_code(code: str, view: ReaderView) -> Notification:
    """Render the message that shows a chat's members the code to be typed on the page that asked for one."""
    say, shown = view.wording.say, _in_threes(clean_line(code, _CODE_LIMIT))
    return _letter(
        say("Your Avizor code: {code}", code=shown),
        [
            say("Your code is {code}. Type it on the page on which you asked for alerts here.", code=shown),
            say("If nobody here asked for it, do nothing: no alerts come."),
        ],
        view.wording,
    )


def render_refused(name: str, words: str, since_at: datetime, view: ReaderView) -> Notification:
    """Render the operator's message that a channel or address refuses for good, with the server's words."""
    say, clock, who = view.wording.say, view.clock, clean_line(name, _ADDRESS_LIMIT)
    since = say(
        "Since {date} at {time} ({place}) the other side has refused what is sent to {name}. "
        "Alerts wait; one try a day looks whether they are taken again, and then they go out.",
        date=clock.say_date(since_at),
        time=clock.say(since_at, since_at),
        place=clock.place,
        name=who,
    )
    return _letter(
        say("Alerts to {name} are refused for good and paused", name=clean_line(name, NAME_LIMIT)),
        [since, say("Its words: {words}", words=clean_line(words, _WORDS_LIMIT))],
        view.wording,
    )


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that could not be delivered: its title, to whom, and the other side's last words."""

    title: str
    to: str
    words: str


def render_undelivered(unsent: Sequence[Unsent], view: ReaderView) -> Notification:
    """Render the operator's message about what could not be delivered; the first ten are named."""
    say, count = view.wording.say, view.wording.count
    named = [
        say(
            "“{title}” to {name}: {words}",
            title=clean_line(one.title, _UNSENT_TITLE),
            name=clean_line(one.to, NAME_LIMIT),
            words=clean_line(one.words, _UNSENT_WORDS) or say("no answer"),
        )
        for one in unsent[:_NAMED]
    ]
    if len(unsent) > _NAMED:
        more = len(unsent) - _NAMED
        named.append(count(more, "and {number} more", "and {number} more"))
    return _letter(
        count(
            len(unsent),
            "{number} message could not be delivered",
            "{number} messages could not be delivered",
        ),
        named,
        view.wording,
        link=(say("The deliveries that failed"), f"{view.base_url}/deliveries?show=failed")
        if view.base_url
        else ("", ""),
        after=[say("Each can be tried once more on its page.")] if view.base_url else [],
    )


def render_test(channel_id: str, language: str = "en") -> Notification:
    """Render the message of `send-test`."""
    wording, name = ReaderView(language=language).wording, clean_line(channel_id, NAME_LIMIT)
    return _letter(
        wording.say("Test of the channel {channel}", channel=name),
        [wording.say("This is a test. Alerts for the channel {channel} arrive here.", channel=name)],
        wording,
    )


def _letter(
    headline: str,
    before: Sequence[str],
    wording: Wording,
    *,
    link: tuple[str, str] = ("", ""),
    after: Sequence[str] = (),
) -> Notification:
    """Put sentences and one link together; a headline that does not name us does so as a title."""
    label, url = link[0], page.safe_link(link[1])
    title = clean_line(headline, TITLE_LIMIT) if "Avizor" in headline else make_title("Avizor", headline)
    inner = [
        page.headline(page.text(headline)),
        *(page.line(page.text(said), top=14, size=16, grey=False) for said in before),
        page.button(url, page.text(label)) if url else "",
        *(page.line(page.text(said), top=16) for said in after),
    ]
    html = page.page(title, "Avizor", before[0], "".join(inner), wording.language)
    return Notification(title, blocks(*before, lines((label, url)), *after), html)


def _in_threes(code: str) -> str:
    if not code.isdigit():
        return code
    return " ".join(code[at : at + 3] for at in range(0, len(code), 3))

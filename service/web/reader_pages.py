"""What the pages of readers share: their language, the templates, and the pages that stand behind a link.

A page that is opened changes nothing, whoever opens it: programs that look into mail open every link, and run
scripts on what they find. What changes something is a press of a button, which such a program does not do:
even where it sends a form off, the button's own field is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Request  # noqa: TC002 -- the framework reads it from the annotations
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from service.errors import NotFound
from service.web.forms import is_ours, one_of, read_body, read_fields
from service.web.languages import language_of, picked_language
from service.web.templating import make_templates
from service.wording import LANGUAGES, wording_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from service.signup import Subscriber
    from service.store.readers import Readers
    from service.tokens import Token
    from service.web.forms import Fields
    from service.web.view import View
    from service.wording import Wording

PRESSED = "1"  # what the button of a page sends in its field `yes`
BAD, FOREIGN, MISSING, GONE, TOO_LARGE, TOO_MANY, UNABLE = 400, 403, 404, 410, 413, 429, 503


class ReaderPages:
    """Makes pages of readers over one view."""

    def __init__(self, view: View) -> None:
        """Take what the pages look at."""
        self.view = view
        self._templates = make_templates()

    @property
    def readers(self) -> Readers:
        """Give what is known of readers."""
        return self.view.store.readers

    def page(self, template: str, words: Wording, status: int = 200, **shown: object) -> HTMLResponse:
        """Make a page; no browser and no proxy keeps it."""
        text = self._templates.get_template(template).render(
            _=words.say, language=words.language, languages=LANGUAGES, **shown
        )
        return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})

    def notice(
        self,
        words: Wording,
        title: str,
        said: str = "",
        *,
        status: int = 200,
        button: str = "",
        choices: Sequence[tuple[str, str]] = (),
        link: tuple[str, str] = ("", ""),
    ) -> HTMLResponse:
        """Make a page that says one thing: with a button to press, choices of them, or a link onwards."""
        shown = {"title": title, "said": said, "button": button, "choices": choices, "link": link}
        return self.page("notice.html", words, status, **shown)

    def asking(self, show: Callable[[Token, Wording], Response]) -> Callable[..., object]:
        """Make a page of a link that changes nothing."""

        def answer(token: str, request: Request) -> Response:
            return self._answered(token, request, show)

        return answer

    def doing(self, act: Callable[[Token, Fields, Wording], Response]) -> Callable[..., object]:
        """Take the form of a page of a link. Its token is the proof that its reader sent it."""

        async def take(token: str, request: Request) -> Response:
            body = await read_body(request)
            if body is None:
                return self.too_large(request)
            fields = read_fields(body)
            return await run_in_threadpool(
                self._answered, token, request, lambda opened, words: act(opened, fields, words)
            )

        return take

    async def take(self, request: Request, keep: Callable[[Request, Fields], Response]) -> Response:
        """Take a form that is behind no link; it must have stood on a page of ours."""
        if not is_ours(request, self.view.public_host, is_secure=self.view.is_secure):
            return self._foreign(self.words(request))
        body = await read_body(request)
        if body is None:
            return self.too_large(request)
        return await run_in_threadpool(keep, request, read_fields(body))

    def _foreign(self, words: Wording) -> HTMLResponse:
        return self.notice(
            words,
            words.say("This form came from elsewhere"),
            words.say("Open the page here and fill it in again."),
            status=FOREIGN,
            link=("/subscribe", words.say("Subscribe")),
        )

    def _answered(
        self, text: str, request: Request, answer: Callable[[Token, Wording], Response]
    ) -> Response:
        token = self.readers.signer.open(text)
        words = self.words(request, token)
        if token is None:
            return self.broken(words)
        try:
            return answer(token, words)
        except NotFound:
            return self.broken(words)

    def words(self, request: Request, token: Token | None = None) -> Wording:
        """Give the language that is asked for, else the reader's, else the browser's."""
        picked = picked_language(request)
        if not picked and token is not None:
            picked = self.readers.language_of(token.subject)
        return wording_for(picked if picked in LANGUAGES else language_of(request))

    def broken(self, words: Wording) -> HTMLResponse:
        """Say that a link leads nowhere."""
        return self.notice(
            words,
            words.say("This link leads nowhere"),
            words.say("It is not whole, or what it was about is kept no longer. Copy it as one piece."),
            status=MISSING,
            link=("/access", words.say("Ask for a new link")),
        )

    def too_large(self, request: Request) -> HTMLResponse:
        """Say that a form is larger than any of ours."""
        words = self.words(request)
        return self.notice(words, words.say("That is too much"), status=TOO_LARGE)

    def too_many(self, words: Wording) -> HTMLResponse:
        """Say that more forms came from one place than are taken."""
        return self.notice(
            words,
            words.say("Too many forms"),
            words.say("More forms than usual came from your network within an hour. Please try again later."),
            status=TOO_MANY,
        )

    def zone_of(self, reader: Subscriber | None) -> str:
        """Give the time zone of a reader; that of the service where they never said theirs."""
        return reader.wishes.timezone if reader else self.view.timezone

    def say_when(self, at: datetime, reader: Subscriber | None, words: Wording) -> str:
        """Say a time to come where the reader is: `28 Nov, 06:12 (Lima)`."""
        zone = ZoneInfo(self.zone_of(reader))
        local = at.astimezone(zone)
        return f"{words.say_day(local)}, {words.say_time(local)} ({words.say_place(zone)})"


def is_pressed(fields: Fields) -> bool:
    """Tell whether a form was sent by its button."""
    return one_of(fields, "yes") == PRESSED

"""Mails as readers see them: taken from a mailbox, shown by Chromium on phone and desk, by day and night.

Where AVIZOR_MAIL_PICTURES names a folder, the pictures of the manual are left there.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import pytest

from service.domain import Channel, ChannelKind, Delivery, DeliveryState, NotifyReason, SendOutcome
from service.notify import MailServer, Sender
from tests.partners.mail_form import READER, SENDER, letters
from tests.partners.messages import ANA, NOW
from tests.partners.pictures import keep_picture
from tests.partners.ports import HOST
from tests.partners.shown_mails import shown_mails
from tests.test_mail_form import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from service.domain import Notification
    from tests.partners.smtp_sink import SmtpSink

pytestmark = pytest.mark.real

PHONE, DESK = 390, 1000
Scheme = Literal["light", "dark"]
PLACE = "AVIZOR_MAIL_PICTURES"
LONGEST_LINE = 620  # pixels of text: beyond that, eyes lose their line
_WIDTH = "document.documentElement.scrollWidth"
_HEIGHT = "Math.ceil(document.body.getBoundingClientRect().height)"
_PAPER = "getComputedStyle(document.body).backgroundColor"
_COLUMN = "document.querySelector('table table').getBoundingClientRect().width"
_TOO_NEAR = """() => [...document.querySelectorAll('.button')].filter(
  one => one.getBoundingClientRect().height < 40).length"""


def send(sender: Sender, letter: Notification, number: int) -> None:
    """Send a letter to the reader by mail."""
    delivery = Delivery(
        id=f"d{number}",
        subscription_id="s",
        channel_id="desk",
        target=READER,
        reason=NotifyReason.NEW_EVENT,
        event_id="e",
        watchlist_id="port",
        state=DeliveryState.CLAIMED,
        message_id=f"<d{number}@avizor.example>",
        notification=letter,
        created_at=NOW,
        due_at=NOW,
    )
    channel = Channel("desk", ChannelKind.MAIL, (READER,))
    assert sender.send(channel, delivery, before_data=lambda: True).outcome is SendOutcome.SENT


def pages_in(sink: SmtpSink) -> list[str]:
    """Give the HTML of the mails in a mailbox, oldest first."""
    parts = [mail.message.get_body(("html",)) for mail in sink.messages()]
    return [part.get_content() for part in parts if part is not None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_fits_the_screen_and_has_a_paper_for_the_night(
    browser: Browser, smtp_sink: SmtpSink, language: str
) -> None:
    sender = Sender(MailServer.parse(f"smtp://{HOST}:{smtp_sink.port}"), mail_from=SENDER)
    for number, letter in enumerate(letters(replace(ANA, language=language)).values()):
        send(sender, letter, number)
    pages = pages_in(smtp_sink)
    assert len(pages) == len(letters())
    for html in pages:
        papers = {
            _show(browser, html, width, scheme) for width in (PHONE, DESK) for scheme in get_args(Scheme)
        }
        assert len(papers) == 2


def test_the_mails_that_the_manual_shows_fit_a_phone_at_night_and_a_desk_by_day(
    browser: Browser, smtp_sink: SmtpSink
) -> None:
    sender = Sender(MailServer.parse(f"smtp://{HOST}:{smtp_sink.port}"), mail_from=SENDER)
    mails = shown_mails()
    for number, letter in enumerate(mails.values()):
        send(sender, letter, number)
    for name, html in zip(mails, pages_in(smtp_sink), strict=True):
        _show(browser, html, PHONE, "dark", f"mail-{name}-phone")
        _show(browser, html, DESK, "light", f"mail-{name}-desk")


def _show(browser: Browser, html: str, width: int, scheme: Scheme, picture: str = "") -> str:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    assert page.evaluate(_WIDTH) <= width
    assert page.evaluate(_COLUMN) <= LONGEST_LINE
    assert page.evaluate(_TOO_NEAR) == 0, "a thumb finds the button"
    assert asked == [], "nothing is fetched"
    if picture and os.environ.get(PLACE):
        page.set_viewport_size({"width": width, "height": page.evaluate(_HEIGHT)})
        keep_picture(page, picture, place=PLACE)
    paper = str(page.evaluate(_PAPER))
    page.close()
    return paper

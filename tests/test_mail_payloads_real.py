"""Mails of what a feed may write to do harm, opened in Chromium: nothing runs, asks, or is more than text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.partners.browser import look, open_browser
from tests.partners.mail_form import check_mail, mail_of
from tests.partners.spoilt import PAYLOADS, letters_of

if TYPE_CHECKING:
    from email.message import EmailMessage

pytestmark = pytest.mark.real

OURS = "https://alerts.example"
HARMLESS = (
    "abierto",
    "",
    "El puerto sigue cerrado. " * 12,
    "Puerto Viejo",
    "12 muertos",
    "a",
    "b",
    "c",
    "d",
    "e",
)
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
}
# Which elements with which attributes a mail is made of, where its links lead, and whether anything ran.
_SEEN = """
() => ({
  made: [...document.querySelectorAll("*")].map((one) =>
    `${one.tagName} ${[...one.attributes].map(({name}) => name).sort().join(" ")}`),
  links: [...document.querySelectorAll("[href]")].map((one) => one.href),
  styles: [...document.querySelectorAll("[style]")].map((one) => one.getAttribute("style"))
    .concat([...document.querySelectorAll("style")].map((one) => one.textContent)),
  ran: window.__ran === 1,
})
"""


def _html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.promise(
    "P12", size="86 payloads in alert, update, digest and spike, each mail opened in Chromium"
)
def test_p12_a_mail_of_what_a_feed_wrote_runs_and_asks_nothing_and_has_only_our_elements() -> None:
    asked: list[str] = []
    with open_browser() as browser, look(browser, OURS) as seen:
        seen.page.on("request", lambda request: asked.append(request.url))

        def open_mail(mail: EmailMessage) -> dict[str, Any]:
            seen.page.set_content(_html(mail))
            seen.page.mouse.move(90, 200)
            return dict(seen.page.evaluate(_SEEN))

        made, styles = set[str](), set[str]()
        for number, text in enumerate(HARMLESS):
            for kind, letter in letters_of(number, text).items():
                found = open_mail(check_mail(mail_of(letter, kind)))
                made |= set(found["made"])
                styles |= set(found["styles"])
        for number, text in enumerate(PAYLOADS):
            for kind, letter in letters_of(number, text).items():
                mail = check_mail(mail_of(letter, kind))
                assert set(mail.keys()) == HEADERS
                assert not [value for value in mail.values() if set(str(value)) & {"\r", "\n", "\0"}]
                found = open_mail(mail)
                assert not found["ran"], (kind, text)
                assert set(found["made"]) - made == set(), (kind, text)
                assert set(found["styles"]) - styles == set(), (kind, text)
                assert all(link.startswith(("https://", "http://")) for link in found["links"]), (kind, text)
        assert asked == []
        assert seen.complaints == []

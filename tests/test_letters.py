"""Messages that tell of no event: to confirm, to change, a code for a chat, a test, and one of a refusal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from service.notify import (
    ReaderView,
    Unsent,
    render_access,
    render_chat_code,
    render_confirmation,
    render_refused,
    render_test,
    render_undelivered,
)
from tests.partners.messages import ANY_TEXT, ANY_TIME, ANY_VIEW, DESK, LIMA, MANY, NOW, check_html

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Notification

CONFIRM = "https://alerts.example/confirm/abc"


def test_a_confirmation_says_who_asked_for_what_and_when_and_has_one_link() -> None:
    watchlists = ["Old Port", "Chile elections"]
    letter = render_confirmation("ana@example.org", watchlists, CONFIRM, ReaderView(LIMA), NOW)
    assert letter.title == "Confirm your Avizor alerts"
    assert letter.text == (
        "On 3 November 2026 at 06:12 (Lima) somebody asked for alerts of Old Port and Chile elections "
        "to be sent to ana@example.org.\n\n"
        f"Confirm the alerts: {CONFIRM}\n\n"
        "If it was not you, do nothing: you get no other mail.\n"
    )
    page = check_html(letter.html)
    assert page.links == [CONFIRM]
    for words in letter.text.replace(f": {CONFIRM}", "").strip().split("\n\n"):
        assert words in page.shown


def test_the_link_to_change_one_s_alerts_says_how_long_it_is_valid() -> None:
    letter = render_access("ana@example.org", CONFIRM, DESK)
    assert letter.title == "Your link to change your Avizor alerts"
    assert "change or stop the alerts to ana@example.org. It is valid for 30 days." in letter.text
    assert f"\n\nChange my alerts: {CONFIRM}\n\n" in letter.text
    assert check_html(letter.html).links == [CONFIRM]


def test_a_code_is_shown_in_threes_as_people_read_it() -> None:
    letter = render_chat_code("482913", DESK)
    assert letter.title == "Your Avizor code: 482 913"
    assert letter.text.startswith("Your code is 482 913. Type it on the page")
    assert check_html(letter.html).links == []
    assert "Your code is ABC-12. Type" in render_chat_code("ABC-12", DESK).text


def test_the_operator_is_told_who_refuses_since_when_and_in_what_words() -> None:
    letter = render_refused("ops@example.org", "550 5.1.1 <b>no such user", NOW, DESK)
    assert letter.title == "[Avizor] Alerts to ops@example.org are refused for good and paused"
    assert "Since 3 November 2026 at 06:12 (Lima) the other side has refused" in letter.text
    assert "\n\nIts words: 550 5.1.1 <b>no such user\n" in letter.text
    assert "550 5.1.1 <b>no such user" in check_html(letter.html).shown


def test_the_operator_is_told_of_the_first_ten_messages_that_did_not_arrive_and_where_all_are() -> None:
    unsent = [Unsent(f"[Port] Aviso {number}", "a…@example.org", "550 <b>no") for number in range(12)]
    view = replace(DESK, base_url="https://alerts.example")
    letter = render_undelivered([*unsent, Unsent("x", "room", "")], view)
    assert letter.title == "[Avizor] 13 messages could not be delivered"
    assert "“[Port] Aviso 9” to a…@example.org: 550 <b>no" in letter.text
    assert "Aviso 10" not in letter.text
    assert "and 3 more" in letter.text
    found = check_html(letter.html)
    assert [*found.links] == ["https://alerts.example/deliveries?show=failed"]
    assert "550 <b>no" in found.shown
    alone = render_undelivered([Unsent("x", "room", "")], replace(DESK, base_url=""))
    assert "“x” to room: no answer" in alone.text
    assert "once more" not in alone.text


def test_a_test_message_names_the_channel() -> None:
    test = render_test("desk\r\n<b>")
    assert test.title == "[Avizor] Test of the channel desk <b>"
    assert "Alerts for the channel desk <b> arrive here." in test.text
    assert "desk <b>" in check_html(test.html).shown
    assert render_test("desk", "es").title == "[Avizor] Prueba del canal desk"


def test_letters_are_in_the_language_of_the_reader() -> None:
    def letters(language: str) -> list[Notification]:
        view = replace(DESK, language=language)
        return [
            render_confirmation("ana@example.org", ["Puerto"], CONFIRM, view, NOW),
            render_access("ana@example.org", CONFIRM, view),
            render_chat_code("482913", view),
            render_refused("ana@example.org", "550", NOW, view),
            render_test("desk", language),
            render_undelivered([Unsent("Huelga", "desk", "")] * 12, view),
        ]

    english = {line for letter in letters("en") for line in letter.text.split("\n")} - {""}
    for language in ("es", "pt"):
        for letter in letters(language):
            assert english.isdisjoint(letter.text.split("\n"))
            words = re.sub(r"https?://\S+", "", f"{letter.title} {letter.text}")
            assert not re.search(r"\b(the|your|alerts)\b", words)
            assert check_html(letter.html).language == language


@MANY
@given(words=ANY_TEXT, names=st.lists(ANY_TEXT, max_size=12), view=ANY_VIEW, at=ANY_TIME)
def test_any_strings_make_valid_small_letters(
    words: str, names: list[str], view: ReaderView, at: datetime
) -> None:
    for letter in (
        render_confirmation(words, names, words, view, at),
        render_access(words, words, view),
        render_chat_code(words, view),
        render_refused(words, words, at, view),
        render_test(words, words),
        render_undelivered([Unsent(words, words, words)] * 12, view),
    ):
        assert all(link in letter.text for link in check_html(letter.html).links)
        assert len(letter.title) <= 250
        assert not set(letter.title + letter.text + letter.html) & {"\x00", "\r", "\u202e", "\ud800"}

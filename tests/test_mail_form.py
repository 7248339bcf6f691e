"""Every mail is in order by the strictest reading, whatever a feed or a reader wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import NotifyReason
from service.notify import Alert, DigestItem, ReaderView, render_alert, render_confirmation, render_digest
from tests.partners.mail_form import LEAVE, check_mail, letters, mail_of, other_letters
from tests.partners.messages import ANA, ANY_ALERT, ANY_ITEM, ANY_TEXT, ANY_VIEW, MANY, NOW
from tests.partners.shown_mails import shown_mails

LANGUAGES = ("en", "es", "pt")


EVERY_KIND = letters() | other_letters()


def test_there_is_a_mail_of_each_reason_to_send_one() -> None:
    alerts = {NotifyReason.NEW_EVENT.value, NotifyReason.FRESH_REPORT.value}
    assert {one.value for one in NotifyReason} - alerts | {"alert"} == EVERY_KIND.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_mail_of_each_kind_is_in_order_in_each_language(kind: str, language: str) -> None:
    view = replace(ANA, language=language)
    check_mail(mail_of((letters(view) | other_letters(view))[kind], kind))


@pytest.mark.slow
@MANY
@given(said=ANY_TEXT, view=ANY_VIEW, kind=st.sampled_from(sorted(other_letters())))
def test_a_mail_of_any_other_kind_is_in_order_whatever_is_said_in_it(
    said: str, view: ReaderView, kind: str
) -> None:
    check_mail(mail_of(other_letters(view, said)[kind], kind))


def test_what_tells_of_a_watchlist_can_be_left_by_one_click_and_nothing_else_can() -> None:
    mails = {kind: check_mail(mail_of(letter, kind)) for kind, letter in EVERY_KIND.items()}
    left = {kind for kind, mail in mails.items() if mail["List-Unsubscribe"] == f"<{LEAVE}>"}
    assert left == {"alert", "update", "digest", "spike"}
    assert left == {kind for kind, mail in mails.items() if mail["List-Unsubscribe-Post"]}


def test_the_manual_shows_each_mail_at_a_desk_and_on_a_phone() -> None:
    docs = Path("docs")
    shown = re.findall(r"\]\(pictures/(mail-[\w-]+)\.png\)", (docs / "manual.md").read_text(encoding="utf-8"))
    assert set(shown) == {f"mail-{name}-{at}" for name in shown_mails() for at in ("desk", "phone")}
    assert set(shown) == {path.stem for path in (docs / "pictures").glob("mail-*.png")}


@pytest.mark.slow
@MANY
@given(alert=ANY_ALERT, view=ANY_VIEW)
def test_an_alert_of_any_strings_is_a_mail_in_order(alert: Alert, view: ReaderView) -> None:
    check_mail(mail_of(render_alert(alert, view)))


@pytest.mark.slow
@MANY
@given(items=st.lists(ANY_ITEM, min_size=1, max_size=4), view=ANY_VIEW)
def test_a_digest_of_any_strings_is_a_mail_in_order(items: list[DigestItem], view: ReaderView) -> None:
    check_mail(mail_of(render_digest(items, view, now=NOW), "digest"))


@pytest.mark.slow
@MANY
@given(words=ANY_TEXT, names=st.lists(ANY_TEXT, max_size=9), view=ANY_VIEW)
def test_a_confirmation_of_any_strings_is_a_mail_in_order(
    words: str, names: list[str], view: ReaderView
) -> None:
    check_mail(mail_of(render_confirmation(words, names, words, view, NOW), "confirmation"))

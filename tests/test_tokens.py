"""Tokens of links: nobody can make one up, and none holds an address."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.domain import recipient
from service.tokens import Signer, Token

KEY = bytes(range(32))
SIGNER = Signer(KEY)
NOW = datetime(2026, 11, 22, 14, 40, 7, tzinfo=UTC)
TOKEN = Token(SIGNER.subject(recipient("letters", "ana@example.org")), "d1", NOW)
ANY_TIME = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001 -- the strategy adds the zone
    max_value=datetime(2999, 1, 1),  # noqa: DTZ001 -- the same
    timezones=st.just(UTC),
)


@given(st.text(), st.text(), ANY_TIME)
@example("", "", datetime(2515, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC))  # a float rounds it up
def test_a_token_is_read_as_it_was_written_and_can_stand_in_a_path(
    subject: str, about: str, at: datetime
) -> None:
    sealed = SIGNER.seal(Token(subject, about, at))
    assert SIGNER.open(sealed) == Token(subject, about, at.replace(microsecond=0))
    assert sealed == SIGNER.seal(Token(subject, about, at))
    assert set(sealed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.text())
def test_text_of_a_stranger_is_no_token(text: str) -> None:
    assert SIGNER.open(text) is None
    assert SIGNER.open(f".{text}") is None


@given(st.data())
def test_s116_a_token_with_one_other_letter_is_none(data: st.DataObject) -> None:
    sealed = SIGNER.seal(TOKEN)
    at = data.draw(st.integers(0, len(sealed) - 2))  # the last letter has bits that say nothing
    letter = data.draw(st.sampled_from("abcXYZ019-_."))
    assume(sealed[at] != letter)
    assert SIGNER.open(f"{sealed[:at]}{letter}{sealed[at + 1 :]}") is None


@pytest.mark.parametrize("cut", [1, 5, 20, -1])
def test_a_token_that_was_broken_over_two_lines_is_none(cut: int) -> None:
    assert SIGNER.open(SIGNER.seal(TOKEN)[:-cut]) is None


def test_another_key_reads_and_makes_nothing_of_ours() -> None:
    other = Signer(bytes(32))
    assert other.open(SIGNER.seal(TOKEN)) is None
    assert other.subject("mail:ana@example.org") != SIGNER.subject("mail:ana@example.org")
    assert other.blank != SIGNER.blank


def test_no_token_holds_the_address() -> None:
    sealed = SIGNER.seal(TOKEN)
    payload = sealed.split(".")[0]
    said = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    assert '"d1"' in said
    assert "ana" not in said
    assert "example" not in said


def test_a_reader_is_one_whatever_channel_and_case_the_address_has() -> None:
    assert SIGNER.subject(recipient("desk", "Ana@Example.org")) == TOKEN.subject
    assert SIGNER.subject(recipient("desk", "")) != SIGNER.subject(recipient("room", ""))


def test_subjects_and_origins_of_one_text_say_nothing_of_each_other() -> None:
    assert len({SIGNER.subject("x"), SIGNER.origin("x"), SIGNER.blank}) == 3


def test_a_code_is_six_figures_and_nobody_else_s() -> None:
    codes = [SIGNER.code(f"asked{number}") for number in range(200)]
    assert all(len(code) == 6 and code.isascii() and code.isdecimal() for code in codes)
    assert len(set(codes)) > 190
    assert SIGNER.code("asked1") == codes[1] != Signer(bytes(32)).code("asked1")


def test_a_chat_is_one_reader_whenever_it_is_asked_for() -> None:
    assert SIGNER.chat("ntfys://a.example/x") == SIGNER.chat("ntfys://a.example/x")
    assert SIGNER.chat("ntfys://a.example/x") != SIGNER.chat("ntfys://a.example/y")
    assert "example" not in SIGNER.chat("ntfys://a.example/x")

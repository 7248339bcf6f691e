"""What each feed brings is counted from its first poll on, for all feeds at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.store import Yield
from service.web.sources import say_brought
from service.web.times import Local
from service.wording import wording_for
from tests.partners.newsroom import NOW, Newsroom, Written, source
from tests.test_query_plans import noted

if TYPE_CHECKING:
    from service.store import Store

DAY = timedelta(days=1)
MONTH = NOW - 30 * DAY


def test_what_was_new_since_and_what_of_it_matched_is_counted_by_feed(emptied_store: Store) -> None:
    room = Newsroom(emptied_store)
    alba, norte, sur = (source(name) for name in ("Alba", "El Norte", "El Sur"))
    room.open_feeds(alba, norte, sur, at=NOW - 60 * DAY)
    for days in (45, 20, 10, 5):
        room.news("chancay-port", Written("Alba", f"Puerto {days}"), seen_at=NOW - days * DAY)
    room.news("amazon-rail", Written("Alba", "Puerto y tren"), seen_at=NOW - DAY)
    room.poll("Alba", Written("Alba", "Fútbol"), at=NOW - 4 * DAY)
    room.poll("El Norte", Written("El Norte", "Fútbol"), at=NOW - 40 * DAY)
    numbers = {room.feed(name).id: name for name in ("Alba", "El Norte", "El Sur")}
    with noted(emptied_store) as plans:
        found = {numbers[one]: each for one, each in emptied_store.yields.count(MONTH).items()}
    nothing = Yield(MONTH, 0, 0)
    assert found == {"Alba": Yield(MONTH, 5, 4), "El Norte": nothing, "El Sur": nothing}
    assert plans.scans == []


def test_what_a_feed_held_at_its_first_poll_is_not_new(emptied_store: Store) -> None:
    room = Newsroom(emptied_store)
    room.add_feeds(source("Alba"))
    feed, began = room.feed("Alba"), NOW - 10 * DAY
    room.poll("Alba", *(Written("Alba", f"Viejo {number}") for number in range(30)), at=began)
    room.poll("Alba", Written("Alba", "Nuevo"), at=NOW - DAY)
    assert emptied_store.yields.count(MONTH)[feed.id] == Yield(began, 1, 0)


def test_it_is_said_by_the_day_once_there_was_one() -> None:
    local = Local(NOW, ZoneInfo("America/Lima"), wording_for("en"))
    said = [
        say_brought(Yield(since, entries, matched), local)
        for since, entries, matched in (
            (MONTH, 0, 0),
            (MONTH, 1, 1),
            (MONTH, 12, 3),
            (NOW - 2 * DAY, 501, 1),
            (NOW - DAY / 2, 7, 0),
        )
    ]
    assert said == [
        "none",
        "1 of 1 matched",
        "0.4 a day; 3 of 12 matched",
        "250 a day; 1 of 501 matched",
        "0 of 7 matched",
    ]

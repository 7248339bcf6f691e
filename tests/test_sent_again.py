"""What failed is tried once more on a page; nobody is told twice by it, and no page shows a letter's link."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from service.domain import (
    DeliveryState,
    HeldReason,
    Notification,
    NotifyReason,
    PlannedDelivery,
    SendOutcome,
    SendResult,
)
from service.store import RenderedDelivery
from service.tokens import Token
from tests.partners.readers import House
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from service.signup import Subscriber
    from service.store import Store

LEASE = timedelta(minutes=5)
REFUSED = SendResult(SendOutcome.PERMANENT, "answer", 550, "no")
SENT = SendResult(SendOutcome.SENT, "data", 250, "queued")


@pytest.fixture
def house(emptied_store: Store) -> House:
    return House(emptied_store)


def _plan(house: House, to: Subscriber, key: str, covered_by: str = "") -> None:
    planned = PlannedDelivery(
        key,
        "s",
        to.channel.id,
        to.address,
        NotifyReason.NEW_EVENT,
        "e",
        "chancay-port",
        1,
        house.now,
        covered_by=covered_by,
        held=HeldReason.DIGEST if covered_by else None,
    )
    with house.store.batch(house.now) as batch:
        batch.save_deliveries([RenderedDelivery(planned, Notification("S", "T", ""), f"<{key}@a>")])


def _send(house: House, result: SendResult) -> list[str]:
    """Hand over all that is due, with this result; gives the ids."""
    found, signer = house.store.deliveries, house.store.readers.signer
    due = found.claim_due(house.now, worker="w", lease=LEASE, limit=50)
    told = [one for one in due if found.mark_sending(one, worker="w", now=house.now, subject=signer.subject)]
    for one in told:
        found.record(one, result, worker="w", now=house.now, retry_at=None)
    return [one.id for one in told]


def _state(house: House, key: str) -> DeliveryState:
    return house.store.reading.get_delivery(key).state


def _again(house: House, key: str) -> tuple[bool, int]:
    """Tell whether the page has the button, and what pressing it is answered."""
    visits = Visits(house.view)
    return "/again" in visits.get(f"/deliveries/{key}").text, visits.post(
        f"/deliveries/{key}/again"
    ).status_code


@pytest.mark.slow
def test_what_failed_with_a_message_is_told_with_it_when_it_is_tried_once_more(house: House) -> None:
    reader = house.subscribe()
    _send(house, SENT)
    _plan(house, reader, "lead")
    _plan(house, reader, "along", covered_by="lead")
    assert _send(house, REFUSED) == ["lead"]
    assert _state(house, "along") is DeliveryState.FAILED
    assert _again(house, "along") == (False, 404), "the other message tells of it"
    assert _again(house, "lead") == (True, 303)
    assert _state(house, "along") is DeliveryState.COVERED
    house.now += timedelta(hours=1)
    assert _send(house, SENT) == ["lead"]
    assert house.store.reading.get_delivery("along").delivered_at == house.now
    assert _again(house, "along") == (False, 404)
    assert _send(house, SENT) == []


@pytest.mark.slow
def test_who_has_left_is_not_told_by_a_second_try(house: House) -> None:
    reader = house.subscribe()
    _send(house, SENT)
    _plan(house, reader, "failed")
    _send(house, REFUSED)
    house.store.readers.leave(Token(reader.subject, reader.id, house.now), house.now)
    assert _again(house, "failed") == (False, 404)
    assert _send(house, SENT) == []


@pytest.mark.slow
def test_no_page_shows_the_link_of_a_letter_that_lets_in_whoever_has_it(house: House) -> None:
    house.subscribe()
    house.wait(hours=25)
    assert house.ask(kind="access") == 1
    visits, reading = Visits(house.view), house.store.reading
    letters = [reading.get_delivery(one.id) for one in reading.list_deliveries() if one.reason.is_letter]
    assert {one.reason for one in letters} == {NotifyReason.CONFIRMATION, NotifyReason.ACCESS}
    for letter in letters:
        links = [word for word in letter.notification.text.split() if word.startswith(house.base)]
        shown = visits.get(f"/deliveries/{letter.id}")
        assert shown.status_code == 200
        assert letter.notification.title in shown.text
        assert links
        assert not [link for link in links if link in shown.text]

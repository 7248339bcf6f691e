"""Delivering beside broken targets: nobody waits for them, what waits says why, and nothing is lost."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session, select

from service import loop
from service.circuit import OPEN_WORDS, OPENS_AFTER, Lines
from service.domain import (
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    HeldReason,
    Notification,
    NotifyReason,
    PlannedDelivery,
    SendOutcome,
    SendResult,
    recipient,
)
from service.errors import StoreUnreachable
from service.notify import MailServer, Roll, Sender, Sessions, chat
from service.notify.smtp import lease_lost
from service.pipeline import Delivering, Desk, Reporting, Shift
from service.pipeline.refusing import MOST
from service.pipeline.traffic import Traffic
from service.store import Due, Paused, Store, Wait, Waits
from service.store.delivery_tables import DeliveryRow, RefusingRow
from service.store.together import Together
from service.tokens import Token
from tests.partners.chat_row import ChatRow
from tests.partners.chat_standin import Answer, ChatStandIn
from tests.partners.ports import wait_until
from tests.partners.smtp_sink import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.partners.smtp_sink import SmtpSink

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOTE = Notification("[Port] Huelga", "Huelga en el puerto")


@dataclass
class House:
    """A service without sockets to poll: a store, a clock that is set by hand, and who is told."""

    store: Store
    now: datetime = MONDAY
    shift: Shift = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody to tell."""
        self.shift = Shift(
            self.store, Desk(lambda *_: [], {}, Roll({})), lambda: self.now, "w", timedelta(minutes=5)
        )

    def knows(self, *channels: Channel, operators: tuple[str, ...] = ()) -> None:
        """Have the file of channels say these."""
        roll = Roll({one.id: one for one in channels})
        self.shift.desk = replace(self.shift.desk, roll=roll, operators=operators)

    def plan(self, channel: str, *names: str, target: str = "", event_id: str = "") -> None:
        """Store deliveries that are due now."""
        planned = [
            PlannedDelivery(
                name, "s", channel, target, NotifyReason.NEW_EVENT, event_id, "port", 0, due_at=self.now
            )
            for name in names
        ]
        with self.store.batch(self.now) as batch:
            batch.save_deliveries(self.shift.ready(one, NOTE) for one in planned)

    def delivering(self, sink: SmtpSink | None = None, *, at_once: int = 8) -> Delivering:
        """Give what sends, to a mail server or without one."""
        server = MailServer.parse(f"smtp://127.0.0.1:{sink.port}") if sink else None
        sender = Sender(server, mail_from="alerts@avizor.example" if sink else "")
        return Delivering(self.shift, sender.send, at_once=at_once)

    def send(self, sink: SmtpSink | None = None) -> int:
        """Send what is due now; gives how many sends there were."""
        delivering = self.delivering(sink)
        count = loop.run(delivering.deliver_due())
        delivering.close()
        return count

    def get(self, name: str) -> Delivery:
        """Give a delivery as it stands."""
        return self.store.reading.get_delivery(name)

    def states(self) -> dict[str, DeliveryState]:
        """Give how every delivery stands."""
        return {one.id: one.state for one in self.store.reading.list_deliveries(limit=1000)}


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    store = Store(database_url)
    yield House(store)
    store.close()


def _chat(name: str, address: str) -> Channel:
    return Channel(name, ChannelKind.CHAT, ("",), address=address)


def _mail(name: str, *targets: str) -> Channel:
    return Channel(name, ChannelKind.MAIL, targets)


# -------------------------------------------------------------------- P4: broken targets delay nobody


DEAD, HEALTHY = 50, 200


@pytest.mark.slow
@pytest.mark.promise("P4", size="50 black holes, 200 chats that answer, 2 alerts each, 2 places")
def test_p4_while_every_black_hole_holds_a_send_all_others_are_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "_ANSWER_TIMEOUT_S", 120.0)
    with ChatRow(HEALTHY, answers=True) as healthy, ChatRow(DEAD, answers=False, net=2) as dead:
        rooms = [_chat(f"a{n}", address) for n, address in enumerate(dead.addresses())]
        rooms += [_chat(f"b{n}", address) for n, address in enumerate(healthy.addresses())]
        house.knows(*rooms)
        for room in rooms:
            house.plan(room.id, f"{room.id}-1", f"{room.id}-2")
        delivering = house.delivering(at_once=2)

        async def see() -> dict[str, DeliveryState]:
            running = asyncio.create_task(delivering.deliver_due())
            states = house.states()
            while not _is_told(states) or sum(dead.received.values()) < len(dead.hosts):
                await asyncio.sleep(0.02)
                states = house.states()
            assert delivering.is_busy
            delivering.stop()
            await asyncio.to_thread(dead.__exit__)
            await running
            return states

        states = loop.run(see())
        delivering.close()
    assert len(states) == 2 * (DEAD + HEALTHY)
    assert {states[f"a{n}-1"] for n in range(DEAD)} == {DeliveryState.SENDING}
    assert {states[f"a{n}-2"] for n in range(DEAD)} == {DeliveryState.PENDING}
    assert set(dead.most_under_way.values()) == {1}
    assert set(healthy.most_under_way.values()) == {1}


def _is_told(states: dict[str, DeliveryState]) -> bool:
    return {state for name, state in states.items() if name[0] == "b"} == {DeliveryState.DELIVERED}


def test_what_waits_for_a_server_that_is_not_reached_says_so_and_goes_out_once_it_is(house: House) -> None:
    with ChatStandIn() as server:
        server.answer = Answer(0)
        house.knows(_chat("room", f"json://127.0.0.1:{server.port}/hook"))
        names = [f"d{number}" for number in range(6)]
        house.plan("room", *names)
        delivering = house.delivering()
        assert loop.run(delivering.deliver_due()) == OPENS_AFTER == len(server.requests)
        waiting = [house.get(name) for name in names[OPENS_AFTER:]]
        assert {(one.words, one.state, one.attempts) for one in waiting} == {
            (OPEN_WORDS, DeliveryState.PENDING, 0)
        }
        assert all(MONDAY + MINUTE <= one.due_at <= MONDAY + 1.1 * MINUTE for one in waiting)
        house.plan("room", "later")
        assert loop.run(delivering.deliver_due()) == 0
        assert house.get("later").words == OPEN_WORDS
        house.now += 2 * MINUTE
        assert loop.run(delivering.deliver_due()) == 1, "one looks for all"
        server.answer = Answer(200)
        house.now += 10 * MINUTE
        assert loop.run(delivering.deliver_due()) == len(names) + 1
        delivering.close()
    assert set(house.states().values()) == {DeliveryState.DELIVERED}


def test_what_waits_for_many_targets_is_put_off_in_one_transaction_and_nothing_else_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    write = Together.write

    def noted(together: Together, step: Callable[[Session], int]) -> int:
        written.append(step)
        return write(together, step)

    monkeypatch.setattr(Together, "write", noted)
    later = MONDAY + MINUTE
    rooms = {f"r{number}": Wait(later, "a room") for number in range(30)}
    addresses = {"ana@desk.example": Wait(later, "an address"), "no@desk": Wait(later, "nobody")}
    waits = Waits(rooms, addresses)
    assert house.store.deliveries.postpone(waits, now=MONDAY) == 0
    for number in range(0, 40, 2):
        house.plan(f"r{number}", f"d{number}")
    house.plan("desk", "ana", target="Ana@Desk.example")
    house.plan("desk", "luis", target="luis@desk.example")
    house.plan("r0", "mail", target="eva@desk.example")
    written.clear()
    assert house.store.deliveries.postpone(waits, now=MONDAY) == 16
    assert len(written) == 1
    put_off = {one.id: one.words for one in house.store.reading.list_deliveries() if one.due_at == later}
    assert put_off == {f"d{number}": "a room" for number in range(0, 30, 2)} | {"ana": "an address"}
    assert house.store.deliveries.postpone(waits, now=MONDAY) == 0
    assert len(written) == 1
    assert house.store.deliveries.postpone(Waits(mail=Wait(later, "all mail")), now=MONDAY) == 2


def test_what_has_gone_on_since_it_was_looked_at_is_not_put_off(house: House) -> None:
    store, later = house.store, MONDAY + MINUTE
    house.plan("r0", "sent", "left")
    with store._database.write() as session:
        session.add(RefusingRow(name="chat:r1", channel_id="r1", since_at=MONDAY, until_at=MONDAY))
    held = Waits({"r0": Wait(later, "a room")})
    [claimed] = store.deliveries.claim_due(MONDAY, worker="w", lease=5 * MINUTE, limit=1)
    assert store.deliveries.postpone(held, now=MONDAY) == 1
    assert house.get(claimed.id).state is DeliveryState.CLAIMED
    house.plan("r1", "freed")
    stale = Waits({"r1": Wait(later, "a pause", paused="chat:r1")})
    assert store.deliveries.postpone(stale, now=MONDAY) == 0, "somebody had it tried now"
    assert house.get("freed").due_at == MONDAY


@pytest.mark.slow
def test_what_piled_up_for_a_reader_is_held_to_be_told_together_once_the_way_is_open(house: House) -> None:
    with ChatStandIn() as server:
        server.answer = Answer(0)
        house.knows(_chat("room", f"json://127.0.0.1:{server.port}/hook"))
        house.plan("room", "d0", "d1", "d2", "d3", "d4", event_id="e")
        delivering = house.delivering()
        loop.run(delivering.deliver_due())
        server.answer = Answer(200)
        house.now += 10 * MINUTE
        assert loop.run(delivering.deliver_due()) == 1
        delivering.close()
    rest = [house.get(name) for name, state in house.states().items() if state is not DeliveryState.DELIVERED]
    assert [(one.state, one.held) for one in rest] == [(DeliveryState.HELD, HeldReason.OUTAGE)] * 4


@pytest.mark.slow
def test_a_mail_server_that_is_gone_holds_up_no_chat(house: House, smtp_sink: SmtpSink) -> None:
    smtp_sink.stop()
    with ChatStandIn() as server:
        house.knows(_mail("desk", "ana@desk.example"), _chat("room", f"json://127.0.0.1:{server.port}/hook"))
        house.plan("desk", *(f"m{number}" for number in range(9)), target="ana@desk.example")
        house.plan("room", "c")
        house.send(smtp_sink)
    states = house.states()
    assert states.pop("c") is DeliveryState.DELIVERED
    assert set(states.values()) == {DeliveryState.PENDING}
    assert sum(house.get(name).attempts for name in states) < 9, "not each of them is tried"
    assert {house.get(name).words for name in states if not house.get(name).attempts} == {OPEN_WORDS}


@pytest.mark.slow
def test_what_waits_for_longer_than_five_days_expires(house: House) -> None:
    with ChatStandIn() as server:
        server.answer = Answer(0)
        house.knows(_chat("room", f"json://127.0.0.1:{server.port}/hook"))
        house.plan("room", *(f"d{number}" for number in range(5)))
        house.now += 5 * DAY
        house.send()
    assert set(house.states().values()) == {DeliveryState.EXPIRED}
    said = {house.get(name).words for name in house.states()}
    assert not any("Waits" in words for words in said)
    assert any(
        words.startswith("Given up: the server was not reached") and "closed" in words for words in said
    )


def test_what_another_process_claimed_first_takes_no_place_here() -> None:
    traffic = Traffic(Lines(1))
    traffic.look(Roll({"room": _chat("room", "json://127.0.0.1:9/hook")}), (), MONDAY)
    room = traffic.lines.room()
    assert traffic.choose([Due("d0", "room", "")], MONDAY) == ("d0",)
    assert traffic.lines.room() == room - 1
    traffic.start([], MONDAY)
    assert traffic.lines.room() == room
    assert traffic.choose([Due("d1", "room", "")], MONDAY) == ("d1",)


# --------------------------------------------------------------------------- targets that refuse


def _refuse(house: House, server: ChatStandIn, *, operators: tuple[Channel, ...] = ()) -> None:
    """Have a chat refuse three alerts, and plan a fourth."""
    server.answer = Answer(404, "no such hook")
    room = _chat("room", f"json://127.0.0.1:{server.port}/hook")
    house.knows(room, *operators, operators=tuple(one.id for one in operators))
    house.plan("room", "d0", "d1", "d2")
    assert house.send() == 3
    house.now += MINUTE
    house.plan("room", "d3")


@pytest.mark.slow
def test_a_chat_that_refuses_three_alerts_is_paused_and_looked_at_once_a_day(house: House) -> None:
    with ChatStandIn() as server:
        _refuse(house, server)
        assert {house.get(f"d{number}").state for number in range(3)} == {DeliveryState.PENDING}
        assert house.send() == 0
        waiting = house.get("d3")
        assert (waiting.state, waiting.attempts) == (DeliveryState.PENDING, 0)
        assert "One try a day" in waiting.words
        assert "404 Not Found" in waiting.words
        house.plan("room", "d4")
        house.now = MONDAY + DAY
        assert house.send() == 1, "one looks for all"
        assert len(server.requests) == 4
        states = {house.get(f"d{number}").state for number in range(5)}
        assert states == {DeliveryState.PENDING}, "none is lost"
        assert house.send() == 0
        server.answer = Answer(200)
        house.now += DAY
        assert house.send() == 5, "those that were refused first, too"
        house.plan("room", "d5")
        assert house.send() == 1
    assert house.store.targets.list_paused() == []
    assert {house.get(f"d{number}").state for number in range(6)} == {DeliveryState.DELIVERED}


def test_a_look_that_ends_as_the_next_is_chosen_lets_no_other_through(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatStandIn() as server:
        _refuse(house, server)
        house.send()
        house.now = MONDAY + DAY
        delivering, list_paused = house.delivering(), house.store.targets.list_paused

        def list_slowly() -> list[Paused]:
            found = list_paused()
            if delivering.is_busy:
                wait_until(lambda: not delivering.is_busy, "the look to end")
            return found

        monkeypatch.setattr(house.store.targets, "list_paused", list_slowly)
        assert loop.run(delivering.deliver_due()) == 1
        delivering.close()
    assert len(server.requests) == 4


@pytest.mark.slow
def test_what_waits_for_a_chat_that_refuses_expires_after_five_days(house: House) -> None:
    with ChatStandIn() as server:
        _refuse(house, server)
        for _ in range(6):
            house.send()
            house.now += DAY
    assert {house.get(f"d{number}").state for number in range(4)} == {DeliveryState.EXPIRED}
    assert all(house.get(f"d{number}").words.startswith("404 Not Found") for number in range(4))
    assert 4 <= len(server.requests) - 3 <= 5, "one look a day"


@pytest.mark.slow
def test_one_that_is_tried_once_more_by_hand_looks_whether_its_paused_chat_is_well(house: House) -> None:
    with ChatStandIn() as server:
        _refuse(house, server)
        house.send()
        house.now += 6 * DAY
        house.send()
        assert house.get("d1").state is DeliveryState.EXPIRED
        server.answer = Answer(200)
        assert house.store.deliveries.send_again("d1", house.now)
        assert house.send() == 1
    assert house.get("d1").state is DeliveryState.DELIVERED
    assert house.store.targets.list_paused() == []


def test_what_was_refused_before_its_chat_was_paused_waits_with_what_it_tells_of_besides(
    house: House,
) -> None:
    with ChatStandIn() as server:
        server.answer = Answer(404, "no such hook")
        house.knows(_chat("room", f"json://127.0.0.1:{server.port}/hook"))
        house.plan("room", "d0", "small")
        with house.store._database.write() as session:
            small = session.get_one(DeliveryRow, "small")
            small.state, small.covered_by = DeliveryState.COVERED.value, "d0"
        house.send()
        assert house.get("small").state is DeliveryState.FAILED
        house.plan("room", "d1", "d2")
        house.send()
    assert house.get("small").state is DeliveryState.COVERED
    assert {house.get(f"d{number}").state for number in range(3)} == {DeliveryState.PENDING}


def test_what_was_not_begun_within_its_lease_is_begun_anew_without_a_pause(house: House) -> None:
    house.knows(_mail("desk", "ana@desk.example"))
    house.plan("desk", "d", target="ana@desk.example")
    begun: list[str] = []

    def send(channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
        house.now += timedelta(minutes=6 if not begun else 0)  # the machine slept, the first time
        begun.append(f"{delivery.id} to {channel.id}")
        return SendResult(SendOutcome.SENT) if before_data() else lease_lost()

    delivering = Delivering(house.shift, send)
    assert loop.run(delivering.deliver_due()) == 2
    delivering.close()
    assert (house.get("d").state, house.get("d").attempts) == (DeliveryState.DELIVERED, 2)


def test_a_database_that_cannot_be_written_before_a_send_is_no_fault_of_the_mail_server(
    house: House, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.knows(_mail("desk", "ana@desk.example"))
    house.plan("desk", *(f"d{number}" for number in range(5)), target="ana@desk.example")
    marking, refused = house.store.deliveries.mark_sending, itertools.count()

    def mark(*words: Any, **said: Any) -> bool:  # noqa: ANN401 -- of whatever it takes
        if next(refused) < 2 * 5:
            raise StoreUnreachable("database or disk is full")
        return marking(*words, **said)

    monkeypatch.setattr(house.store.deliveries, "mark_sending", mark)
    house.send(smtp_sink)
    assert len(smtp_sink.messages()) == 5
    assert {house.get(f"d{number}").state for number in range(5)} == {DeliveryState.DELIVERED}


def test_what_was_not_begun_is_not_told_as_what_could_not_be_sent(house: House) -> None:
    house.knows(_mail("desk", "ana@desk.example"))
    house.plan("desk", "d", target="ana@desk.example")
    delivering = Delivering(house.shift, lambda *_, **__: lease_lost())
    [(delivery, channel)] = delivering._claim()
    delivering.deliver(delivery, channel)
    delivering.close()
    assert (house.get("d").state, house.get("d").words) == (DeliveryState.PENDING, "")
    assert [one.words for one in house.store.reading.list_attempts("d")] == [lease_lost().words]


@pytest.mark.slow
def test_one_alert_that_is_taken_makes_earlier_refusals_forgotten(house: House) -> None:
    with ChatStandIn() as server:
        house.knows(_chat("room", f"json://127.0.0.1:{server.port}/hook"))
        for number, status in enumerate((404, 404, 200, 404, 404, 413)):
            server.answer = Answer(status)
            house.plan("room", f"d{number}")
            house.send()
    assert house.store.targets.list_paused() == []


@pytest.mark.slow
def test_an_address_that_is_refused_three_times_is_paused_and_others_are_not(
    house: House, smtp_sink: SmtpSink
) -> None:
    house.knows(_mail("desk", "ana@desk.example", "eva@desk.example"), _mail("night", "ANA@desk.example"))
    smtp_sink.mode = Mode.RCPT_550
    house.plan("desk", "d0", "d1", "d2", target="ana@desk.example")
    house.plan("desk", "e0", target="eva@desk.example")
    house.send(smtp_sink)
    smtp_sink.mode = Mode.ACCEPT
    house.plan("night", "d3", target="ANA@desk.example")
    house.plan("desk", "e1", target="eva@desk.example")
    assert house.send(smtp_sink) == 1
    assert house.get("e1").state is DeliveryState.DELIVERED
    assert house.get("d3").state is DeliveryState.PENDING
    house.plan("desk", "d4", target="ana@desk.example")
    house.now += DAY
    assert house.send(smtp_sink) == 5
    assert {house.get(f"d{number}").state for number in range(5)} == {DeliveryState.DELIVERED}


@pytest.mark.slow
def test_the_operator_is_told_once_of_a_target_that_refuses(house: House, smtp_sink: SmtpSink) -> None:
    operator = _mail("operators", "ops@desk.example")
    reporting = Reporting(house.shift)
    with ChatStandIn() as server:
        _refuse(house, server)
        assert reporting.make_reports() == 0, "nobody is to be told"
        room = house.shift.desk.roll.channels["room"]
        house.knows(room, operator, operators=("operators",))
        assert [reporting.make_reports(), reporting.make_reports()] == [1, 0]
        house.send(smtp_sink)
        house.now += DAY
        house.send(smtp_sink)
        assert reporting.make_reports() == 0
    [letter] = smtp_sink.messages()
    assert str(letter.message["Subject"]) == "[Avizor] Alerts to room are refused for good and paused"
    assert "404 Not Found" in letter.message.as_string()


@pytest.mark.slow
@pytest.mark.promise("P3", size="4 alerts, 3 of them refused and 1 expired")
def test_p3_the_operator_is_told_together_of_what_could_not_be_delivered(
    house: House, smtp_sink: SmtpSink
) -> None:
    desk, ops = _mail("desk", "ana.luz@desk.example"), _mail("ops", "ops@desk.example")
    house.knows(desk, ops, operators=("ops",))
    house.shift.base_url = "https://alerts.example"
    reporting = Reporting(house.shift)
    smtp_sink.mode = Mode.RCPT_450
    house.plan("desk", "late", target="bo@desk.example")
    house.send(smtp_sink)
    house.now += 6 * DAY
    house.send(smtp_sink)
    assert house.get("late").state is DeliveryState.EXPIRED
    smtp_sink.mode = Mode.DATA_554
    for name in ("a", "b", "c"):
        house.plan("desk", name, target=f"{name}.luz@desk.example")
    house.plan("ops", "own", target="ops@desk.example")
    house.send(smtp_sink)
    smtp_sink.mode = Mode.ACCEPT
    assert [reporting.make_reports() for _ in range(2)] == [1, 0]
    house.send(smtp_sink)
    [letter] = smtp_sink.messages()
    assert str(letter.message["Subject"]) == "[Avizor] 4 messages could not be delivered"
    said = letter.message.as_string()
    assert "554" in said
    assert "luz@" not in said
    found = house.store.reading.list_deliveries()
    [told] = [house.get(one.id) for one in found if one.reason is NotifyReason.UNDELIVERED]
    assert "https://alerts.example/deliveries?show=failed" in told.notification.text
    house.plan("desk", "d", target="d.luz@desk.example")
    smtp_sink.mode = Mode.DATA_554
    house.send(smtp_sink)
    assert reporting.make_reports() == 0, "the next message an hour later"
    assert house.store.deliveries.send_again("a", house.now)
    house.send(smtp_sink)
    house.now += timedelta(hours=1)
    assert reporting.make_reports() == 1
    titles = [one.notification.title for one in house.store.reading.list_deliveries()]
    assert "[Avizor] 2 messages could not be delivered" in titles, "what was tried once more is told again"


def test_nobody_is_told_that_a_letter_to_a_stranger_s_wrong_address_did_not_arrive(
    house: House, smtp_sink: SmtpSink
) -> None:
    house.knows(_mail("ops", "ops@desk.example"), operators=("ops",))
    smtp_sink.mode = Mode.DATA_554
    planned = PlannedDelivery(
        "x", "", "letters", "who@nowhere.example", NotifyReason.CONFIRMATION, "", "", 0, due_at=house.now
    )
    with house.store.batch(house.now) as batch:
        batch.save_deliveries([house.shift.ready(planned, NOTE)])
    house.send(smtp_sink)
    assert Reporting(house.shift).make_reports() == 0


@pytest.mark.slow
def test_an_address_of_the_file_of_channels_is_named_to_the_operator_as_it_is(
    house: House, smtp_sink: SmtpSink
) -> None:
    house.knows(_mail("desk", "ana@desk.example"), _mail("ops", "ops@desk.example"), operators=("ops",))
    smtp_sink.mode = Mode.RCPT_550
    house.plan("desk", "d0", "d1", "d2", target="ana@desk.example")
    house.send(smtp_sink)
    assert Reporting(house.shift).make_reports() == 1
    titles = {one.notification.title for one in house.store.reading.list_deliveries()}
    assert "[Avizor] Alerts to ana@desk.example are refused for good and paused" in titles


@pytest.mark.slow
def test_the_operator_s_own_channel_is_not_told_that_it_refuses(house: House) -> None:
    with ChatStandIn() as server:
        room = _chat("room", f"json://127.0.0.1:{server.port}/hook")
        _refuse(house, server, operators=(room,))
        assert Reporting(house.shift).make_reports() == 0
        assert house.store.targets.list_untold(house.now - DAY, MOST) == []


@pytest.mark.slow
def test_where_many_readers_are_refused_the_operator_is_told_of_the_first_ones_in_an_hour(
    house: House, smtp_sink: SmtpSink
) -> None:
    addresses = [f"reader{number:02}@far.example" for number in range(MOST + 2)]
    readers = [replace(_mail(f"r{n}", one), confirmed_at=MONDAY) for n, one in enumerate(addresses)]
    operator = _mail("operators", "ops@desk.example")
    house.knows(operator, operators=("operators",))
    smtp_sink.mode = Mode.RCPT_550
    for number, reader in enumerate(readers):
        house.plan("operators", *(f"{number}-{n}" for n in range(3)), target=reader.targets[0])
    house.send(smtp_sink)
    reporting = Reporting(house.shift)
    assert [reporting.make_reports(), reporting.make_reports()] == [MOST, 0]
    house.now += timedelta(hours=1)
    assert reporting.make_reports() == 2
    letters = [
        one for one in house.store.reading.list_deliveries(limit=99) if "paused" in one.notification.title
    ]
    assert len(letters) == MOST + 2
    assert {one.notification.title for one in letters} == {
        "[Avizor] Alerts to r…@far.example are refused for good and paused"
    }


def test_nothing_is_kept_of_the_address_of_a_reader_who_left(house: House, smtp_sink: SmtpSink) -> None:
    house.knows(_mail("desk", "ana@desk.example"))
    smtp_sink.mode = Mode.RCPT_550
    house.plan("desk", "d0", target="ana@desk.example")
    house.send(smtp_sink)
    with house.store._database.read() as session:
        assert len(session.exec(select(RefusingRow)).all()) == 1
    subject = house.store.readers.signer.subject(recipient("desk", "ana@desk.example"))
    house.store.readers.leave(Token(subject, "d0", MONDAY), MONDAY)
    with house.store._database.read() as session:
        assert session.exec(select(RefusingRow)).all() == []


# ------------------------------------------------------------------------- writing and sending together


def test_what_several_threads_write_at_once_shares_commits_and_each_is_answered_with_its_own(
    house: House,
) -> None:
    together = Together(house.store._database)
    count, answers, commits = 24, dict[int, int](), list[int]()
    start = Barrier(count)
    first_in = Barrier(2)

    def write(number: int) -> None:
        def step(session: Session) -> int:
            session.add(_row(f"chat:{number}"))
            commits.append(id(session))
            return number

        start.wait()
        answers[number] = together.write(step)

    def hold(_: Session) -> None:
        first_in.wait()
        first_in.wait()

    holder = Thread(target=together.write, args=(hold,))
    threads = [Thread(target=write, args=(number,)) for number in range(count)]
    holder.start()
    first_in.wait()
    for thread in threads:
        thread.start()
    while len(together._waiting) < count:
        time.sleep(0.005)
    first_in.wait()
    for thread in (holder, *threads):
        thread.join()
    assert answers == {number: number for number in range(count)}
    assert len(set(commits)) == 1
    with house.store._database.read() as session:
        assert len(session.exec(select(RefusingRow)).all()) == count


def test_a_part_that_fails_does_so_alone_and_the_others_are_written(house: House) -> None:
    together = Together(house.store._database)
    faults: list[Exception] = []
    first_in = Barrier(2)

    def hold(_: Session) -> None:
        first_in.wait()
        first_in.wait()

    def fail() -> None:
        with pytest.raises(ZeroDivisionError) as fault:
            together.write(lambda _: 1 // 0)
        faults.append(fault.value)

    threads = [Thread(target=together.write, args=(hold,)), Thread(target=fail)]
    threads += [
        Thread(target=together.write, args=(lambda session, n=number: session.add(_row(f"chat:{n}")),))
        for number in range(3)
    ]
    threads[0].start()
    first_in.wait()
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < 4:
        time.sleep(0.005)
    first_in.wait()
    for thread in threads:
        thread.join()
    assert len(faults) == 1
    with house.store._database.read() as session:
        assert {row.name for row in session.exec(select(RefusingRow))} == {"chat:0", "chat:1", "chat:2"}


def _row(name: str) -> RefusingRow:
    return RefusingRow(name=name, since_at=MONDAY)


@pytest.mark.slow
def test_many_mails_go_over_few_sessions_which_end_when_nothing_is_due(
    tmp_path: Path, smtp_sink: SmtpSink
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'avizor.db'}")
    house = House(store)
    house.knows(_mail("desk", "ana@desk.example"))
    house.plan("desk", *(f"d{number:02}" for number in range(30)), target="ana@desk.example")
    sessions = Sessions()
    server = MailServer.parse(f"smtp://127.0.0.1:{smtp_sink.port}")
    sender = Sender(server, mail_from="alerts@avizor.example", sessions=sessions)
    delivering = Delivering(house.shift, sender.send, at_once=2, rest=sessions.close)
    assert loop.run(delivering.deliver_due()) == 30
    delivering.close()
    assert sessions.take() is None
    ids = [str(one.message["Message-ID"]) for one in smtp_sink.messages()]
    assert len(ids) == len(set(ids)) == 30
    store.close()

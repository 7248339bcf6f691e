"""Readers in the store: asked, confirmed, changed, muted, left; on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from service import loop
from service.domain import (
    Channel,
    ChannelKind,
    Mute,
    NotifyReason,
    SendOutcome,
    SendResult,
    Subscription,
    recipient,
)
from service.notify import Roll
from service.pipeline import Admitting, Delivering, Waking
from service.signup import LETTERS_IN_ALL, LETTERS_TO_A_DOMAIN, Wishes
from service.store import Store, Verdict
from service.tokens import Token
from tests.partners.newsroom import HOUR, LEASE, SENT
from tests.partners.readers import ANA, WISHES, House

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from service.domain import Delivery

EVA = "eva@example.org"
DESK = Channel("desk", ChannelKind.MAIL, (ANA, EVA))
ROOM = Channel("room", ChannelKind.CHAT, ("",), "ntfys://secret")
ALL = Subscription("all", "desk")
LATER = SendResult(SendOutcome.TEMPORARY, "rcpt", 450, f"4.2.1 <{ANA}> busy")


@pytest.fixture
def store(emptied_store: Store) -> Store:
    return emptied_store


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def _with_files(store: Store, *channels: Channel, subscriptions: tuple[Subscription, ...] = (ALL,)) -> House:
    house = House(store, roll=Roll({one.id: one for one in channels}, subscriptions))
    house.start()
    return house


def _deliver(house: House, result: SendResult = SENT) -> list[str]:
    """Send what is due; returns to whom."""
    to: list[str] = []
    for one in house.store.deliveries.claim_due(house.now, worker="w", lease=LEASE, limit=99):
        subject = house.shift.readership.signer.subject
        if house.store.deliveries.mark_sending(one, worker="w", now=house.now, subject=subject):
            to.append(one.target)
            house.store.deliveries.record(one, result, worker="w", now=house.now, retry_at=house.now)
    return to


def _token(house: House, name: str, about: str = "") -> Token:
    return Token(house.store.readers.signer.subject(name), about, house.now)


# ------------------------------------------------------------------------------------------- asking


def test_who_asks_gets_one_letter_and_is_told_of_nothing_before_they_confirm(house: House) -> None:
    assert house.ask() == 1
    [(to, text)] = house.letters()
    assert to == ANA
    assert "somebody asked for alerts of Chancay Port and Amazon railway" in text
    house.report("El puerto de Chancay abre")
    assert house.states() == {}
    assert house.store.readers.list_active() == []


@pytest.mark.slow
@pytest.mark.promise("P13", size="40 forms")
def test_s112_many_forms_for_one_mailbox_however_written_are_one_letter(house: House) -> None:
    for number in range(40):
        address = ("ana@example.org", "a.n.a@example.org", f"ana+{number}@example.org", "ANA@EXAMPLE.ORG")[
            number % 4
        ]
        kind = "access" if number % 5 == 4 else "subscribe"
        house.store.signups.take_form(kind, address, WISHES, origin=f"o{number}", most=10, now=house.now)
    assert house.admitting.admit_due() == 1
    house.wait(hours=23, minutes=59)
    assert house.ask() == 0
    house.wait(minutes=2)
    assert house.ask() == 1


@pytest.mark.slow
def test_processes_that_look_at_one_moment_write_one_letter(house: House) -> None:
    for number in range(8):
        house.store.signups.take_form("subscribe", ANA, WISHES, origin=str(number), most=9, now=house.now)
    admitting = [Admitting(house.shift) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = [*pool.map(Admitting.admit_due, admitting)]
    assert sum(counts) == 1
    assert len(house.letters()) == 1


def test_s113_forms_from_one_place_are_limited_by_the_hour(house: House) -> None:
    def take(origin: str) -> bool:
        return house.store.signups.take_form("subscribe", ANA, WISHES, origin=origin, most=3, now=house.now)

    assert [take("here") for _ in range(4)] == [True, True, True, False]
    assert take("there")
    house.wait(hours=1)
    assert take("here")


@pytest.mark.slow
def test_s114_a_flood_at_one_domain_waits_and_lets_all_others_through(house: House) -> None:
    for number in range(LETTERS_TO_A_DOMAIN + 5):
        house.store.signups.take_form(
            "subscribe", f"a{number}@flood.example", WISHES, origin="o", most=999, now=house.now
        )
    assert house.ask(EVA) == LETTERS_TO_A_DOMAIN + 1
    assert house.admitting.admit_due() == 0
    house.wait(hours=1)
    assert house.admitting.admit_due() == 5


@pytest.mark.slow
def test_letters_are_limited_in_all(house: House) -> None:
    for number in range(LETTERS_IN_ALL + 1):
        house.store.signups.take_form(
            "subscribe", f"a@d{number}.example", WISHES, origin="o", most=999, now=house.now
        )
    assert house.admitting.admit_due() == LETTERS_IN_ALL
    assert len(house.store.signups.list_requests(limit=9)) == 1
    house.wait(hours=25)
    assert house.admitting.admit_due() == 0
    assert house.store.signups.list_requests(limit=9) == []


def test_where_very_many_forms_wait_each_has_its_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pipeline.admitting._AT_ONCE", 4)
    monkeypatch.setattr("service.signup.LETTERS_TO_A_DOMAIN", 0)
    for number in range(6):
        house.store.signups.take_form(
            "subscribe", f"a{number}@flood.example", WISHES, origin="o", most=99, now=house.now
        )
    assert [house.admitting.admit_due() for _ in range(3)] == [0, 0, 0]
    monkeypatch.setattr("service.signup.LETTERS_TO_A_DOMAIN", 50)
    assert [house.admitting.admit_due() for _ in range(3)] == [2, 4, 0]


def test_a_stranger_who_wants_a_link_gets_nothing_and_their_address_is_not_kept(house: House) -> None:
    assert house.ask(kind="access") == 0
    assert ANA not in house.everything()


def test_a_reader_who_subscribes_again_or_lost_the_link_gets_one_to_change_it(house: House) -> None:
    reader = house.subscribe()
    for kind in ("subscribe", "access"):
        house.wait(days=2)
        assert house.ask("Ana@Example.org", Wishes(language="pt"), kind=kind) == 1
        to, text = house.letters()[-1]
        assert to == ANA
        assert "change or stop the alerts to ana@example.org" in text
        assert house.last_link().startswith("/change/")
        assert house.token(house.last_link()).subject == reader.subject
    assert house.store.readers.list_active() == [reader]


def test_a_letter_is_not_written_for_a_form_that_is_gone_or_was_answered_by_another_letter(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, signups, reader = house.store.readers, house.store.signups, house.subscribe(EVA)
    house.wait(days=2)
    for address in (ANA, EVA):
        signups.take_form("subscribe", address, WISHES, origin="o", most=9, now=house.now)
    stale = signups.list_requests(limit=9)
    signups.forget(stale[0], house.now)
    readers.leave(Token(reader.subject, reader.id, house.now), house.now)
    monkeypatch.setattr(signups, "list_requests", lambda **_: stale)
    assert house.admitting.admit_due() == 0
    signups.forget(stale[1], house.now)
    assert len(house.letters()) == 1


def test_who_confirmed_at_the_moment_their_second_letter_was_made_gets_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.subscribe()
    house.wait(days=2)
    monkeypatch.setattr(house.store.readers, "find", lambda subject: None)
    assert house.ask() == 0
    assert len(house.store.readers.list_active()) == 1


def test_forms_letters_and_addresses_that_never_confirmed_are_forgotten(house: House) -> None:
    house.ask()
    house.ask(EVA, kind="access")
    _deliver(house)
    house.wait(days=7, minutes=1)
    house.admitting.admit_due()
    everything = house.everything()
    assert ANA not in everything
    assert "example.org" not in everything
    assert house.store.signups.count_letters("x", "x", house.now).in_all == 0


def test_what_nobody_needs_any_more_is_looked_for_once_an_hour(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[datetime] = []
    monkeypatch.setattr(house.store.readers, "tidy", times.append)
    for minutes in (0, 1, 58, 1, 30, -600):
        house.wait(minutes=minutes)
        house.admitting.admit_due()
    assert len(times) == 3


# --------------------------------------------------------------------------------------- confirming


def test_from_the_confirmation_on_a_reader_is_told_and_the_audit_agrees(house: House) -> None:
    house.report("El puerto de Chancay abre")
    reader = house.subscribe()
    house.report("Huelga de los estibadores paraliza Matarani")
    house.report("Elecciones en Colombia", "colombia-elections")
    assert _deliver(house) == [ANA, ANA]  # the letter, and the one alert
    report = house.store.audit.run()
    assert report.is_clean
    assert (report.expected, len(house.states())) == (1, 1)
    assert house.store.readers.find(reader.subject) == reader


def test_a_second_confirmation_changes_nothing(house: House) -> None:
    reader = house.subscribe()
    version = house.store.readers.version()
    assert house.store.readers.confirm(reader.id, house.now + HOUR) == reader
    assert house.store.readers.version() == version


def test_what_was_asked_for_a_week_ago_or_by_nobody_is_not_confirmed(house: House) -> None:
    house.ask()
    token = house.token(house.last_link())
    house.wait(days=7, seconds=1)
    assert house.store.readers.confirm(token.about, house.now) is None
    assert house.store.readers.confirm("nobody", house.now) is None


def test_s131_of_two_letters_the_first_one_confirmed_is_the_one_that_counts(house: House) -> None:
    house.ask()
    first = house.token(house.last_link()).about
    house.wait(days=1)
    house.ask(wishes=replace(WISHES, watchlists=("amazon-rail",)))
    second = house.token(house.last_link()).about
    confirmed = house.store.readers.confirm(second, house.now)
    assert house.store.readers.confirm(first, house.now) is None
    assert house.store.readers.list_active() == [confirmed]


def test_the_language_somebody_asked_in_is_known_before_they_confirm(house: House) -> None:
    house.ask(wishes=replace(WISHES, language="pt"))
    token = house.token(house.last_link())
    assert house.store.readers.language_of(token.subject) == "pt"
    assert house.store.readers.language_of("nobody") == ""


# ----------------------------------------------------------------------------------------- changing


@pytest.mark.slow
def test_changed_wishes_hold_from_then_on_and_the_audit_agrees(house: House) -> None:
    reader = house.subscribe()
    house.report("El puerto de Chancay abre")
    changed = house.store.readers.change(
        reader.subject, replace(WISHES, watchlists=("amazon-rail",)), house.now
    )
    assert changed is not None
    assert changed.channel.id == reader.channel.id
    house.report("Huelga de los estibadores paraliza Matarani")
    house.report("El tren bioceánico llega a Pucallpa", "amazon-rail")
    assert len(house.states()) == 2
    assert house.store.audit.run().is_clean
    assert house.store.readers.change("nobody", WISHES, house.now) is None


# ------------------------------------------------------------------------------------------ leaving


def _told_and_waiting(house: House) -> None:
    house.report("El puerto de Chancay abre")
    _deliver(house, LATER)
    _deliver(house)
    house.report("Huelga de los estibadores paraliza Matarani")


@pytest.mark.promise("P19", size="1 reader, every table and the log")
def test_s130_p19_who_leaves_stands_nowhere_any_more_and_the_audit_stays_clean(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    reader = house.subscribe()
    _told_and_waiting(house)
    house.wait(days=2)
    house.ask(kind="access")
    [delivery, *_] = house.states()
    house.store.feedback.give(delivery, Verdict.NOISE, house.now)
    assert ANA in house.everything()
    assert house.store.readers.leave(_token(house, recipient("", ANA)), house.now)
    everything = house.everything().lower()
    assert ANA not in everything
    assert reader.address not in caplog.text
    assert _deliver(house) == []
    assert sorted(house.states().values()) == ["cancelled left", "delivered"]
    house.report("Una tormenta cierra el puerto de Ilo")
    assert len(house.states()) == 2
    assert house.store.audit.run().is_clean
    assert house.store.readers.find(reader.subject) is None
    assert reader.subject in house.store.readers.list_suppressed()


@pytest.mark.slow
@pytest.mark.promise("P19", size="20 readers who leave one after the other, every table and the log")
def test_p19_of_each_of_twenty_who_leave_nothing_stays_and_the_audit_stays_clean(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    readers = [house.subscribe(f"reader.{number:02}@desk{number}.example") for number in range(20)]
    _told_and_waiting(house)
    told = [one.id for one in house.store.reading.list_deliveries(limit=99) if one.event_id]
    for delivery in told[::3]:
        house.store.feedback.give(delivery, Verdict.NOISE, house.now)
    for number, reader in enumerate(readers):
        before = house.everything().lower()
        assert house.store.readers.leave(Token(reader.subject, "", house.now), house.now)
        after = house.everything().lower()
        assert (reader.address in before, reader.address in after) == (True, False)
        assert [one.address for one in readers[number + 1 :] if one.address not in after] == []
        assert house.store.audit.run().is_clean
        house.report(f"Una tormenta cierra el puerto número {number}")
        assert reader.address not in _deliver(house)
        assert house.store.audit.run().is_clean
    assert not any(one.address in house.everything().lower() + caplog.text for one in readers)
    house.report("El puerto de Ilo abre")
    assert _deliver(house) == []


def test_leaving_twice_or_as_a_stranger_is_fine(house: House) -> None:
    reader = house.subscribe()
    token = _token(house, recipient("", ANA), reader.id)
    assert [house.store.readers.leave(token, house.now) for _ in range(2)] == [True, True]
    assert house.store.readers.leave(_token(house, recipient("", EVA), "gone"), house.now)
    assert ANA not in house.everything()


def test_who_never_confirmed_can_leave_too(house: House) -> None:
    house.ask()
    token = house.token(house.last_link())
    assert house.store.readers.leave(token, house.now)
    assert ANA not in house.everything()
    assert house.store.readers.confirm(token.about, house.now) is None
    assert _deliver(house) == []


def test_a_letter_that_is_being_sent_while_its_reader_leaves_is_recorded(house: House) -> None:
    reader = house.subscribe()
    [letter] = house.store.deliveries.claim_due(house.now, worker="w", lease=LEASE, limit=9)
    assert house.store.deliveries.mark_sending(letter, worker="w", now=house.now)
    house.store.readers.leave(Token(reader.subject, "", house.now), house.now)
    house.store.deliveries.record(letter, SENT, worker="w", now=house.now, retry_at=None)
    assert ANA not in house.everything()


@pytest.mark.slow
def test_s131_who_comes_back_is_told_again_but_of_no_event_twice(house: House) -> None:
    reader = house.subscribe()
    _told_and_waiting(house)
    token = Token(reader.subject, "", house.now)
    house.store.readers.leave(token, house.now)
    house.report("Una tormenta cierra el puerto de Ilo")
    house.wait(days=1)
    again = house.subscribe()
    assert (again.subject, again.id != reader.id) == (reader.subject, True)
    house.report("El puerto de Chancay abre", outlet="Radio")
    house.report("Un sismo sacude Arequipa")
    assert _deliver(house) == [ANA, ANA]  # the second letter, and the new event
    assert house.store.audit.run().is_clean
    house.store.readers.leave(token, house.now)
    assert ANA not in house.everything()
    house.report("Cae el precio del cobre")
    assert _deliver(house) == []


def test_an_address_in_the_words_of_a_server_or_of_a_report_to_the_operator_goes_too(house: House) -> None:
    address = "ana&o'hara@example.org"
    reader = house.subscribe(address)
    _deliver(house, SendResult(SendOutcome.PERMANENT, "rcpt", 550, f"no <{address.upper()}> here"))
    operator = replace(reader, id="op", address="op@example.net")
    house.queue(operator, 2, NotifyReason.CHANNEL_HEALTH)
    with house.store._database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "UPDATE delivery SET title = 'Alerts to ana&o''hara@example.org are refused' WHERE id LIKE 'q%%'"
        )
        connection.exec_driver_sql("UPDATE delivery SET message = '' WHERE id = 'q1'")
        connection.exec_driver_sql(
            "UPDATE message SET text = 'ana&o''hara@example.org', html = 'ana&amp;o&#x27;hara@example.org'"
        )
    house.store.readers.leave(Token(reader.subject, "", house.now), house.now)
    assert "hara@example" not in house.everything().lower()
    [kept] = [one for one in house.store.reading.list_deliveries() if one.id == "q0"]
    assert kept.notification.title == "Alerts to … are refused"


# ------------------------------------------------------------------------------- readers of the files


@pytest.mark.promise("P14", size="2 starts")
def test_a_reader_of_the_files_leaves_and_no_start_brings_them_back(store: Store) -> None:
    house = _with_files(store, DESK)
    house.report("El puerto de Chancay abre")
    assert sorted(_deliver(house)) == [ANA, EVA]
    of_ana = next(one.id for one in store.reading.list_deliveries() if one.target == ANA)
    assert store.readers.leave(_token(house, recipient("desk", ANA), of_ana), house.now)
    house.start()
    house.report("Huelga de los estibadores paraliza Matarani")
    house.start()
    house.report("Una tormenta cierra el puerto de Ilo")
    assert _deliver(house) == [EVA, EVA]
    assert store.audit.run().is_clean
    assert ANA not in house.everything()


@pytest.mark.slow
def test_an_address_that_is_a_part_of_another_is_not_mistaken_for_it(store: Store) -> None:
    other = f"susana@{ANA.partition('@')[2]}"
    house = _with_files(store, replace(DESK, targets=(other,)))
    house.subscribe()
    house.report("El puerto de Chancay abre")
    store.readers.leave(_token(house, recipient("", ANA)), house.now)
    house.report("Huelga de los estibadores paraliza Matarani")
    assert _deliver(house) == [other, other]
    assert store.audit.run().is_clean


@pytest.mark.slow
def test_a_reader_of_the_files_who_comes_back_gets_what_they_ask_for_alone(store: Store) -> None:
    house = _with_files(store, DESK)
    house.report("El puerto de Chancay abre")
    _deliver(house)
    of_ana = next(one.id for one in store.reading.list_deliveries() if one.target == ANA)
    store.readers.leave(_token(house, recipient("desk", ANA), of_ana), house.now)
    house.subscribe(wishes=replace(WISHES, watchlists=("amazon-rail",)))
    house.start()
    house.report("Huelga de los estibadores paraliza Matarani")
    house.report("El tren bioceánico llega a Pucallpa", "amazon-rail")
    assert sorted(_deliver(house)) == [ANA, ANA, EVA, EVA]  # of which one is the letter
    assert store.audit.run().is_clean


def test_a_room_of_many_is_not_ended_by_one_of_them(store: Store) -> None:
    house = _with_files(store, ROOM, subscriptions=(Subscription("all", "room"),))
    house.report("El puerto de Chancay abre")
    [delivery] = house.states()
    assert not store.readers.leave(_token(house, recipient("room", ""), delivery), house.now)
    assert store.readers.list_suppressed() == frozenset()
    assert _deliver(house) == [""]


def test_a_chat_of_one_reader_is_ended_by_its_reader(house: House) -> None:
    reader = house.subscribe()
    with house.store._database.write() as session:
        session.connection().exec_driver_sql("UPDATE reader SET kind = 'chat', address = 'ntfys://secret'")
    chat = replace(reader, kind="chat", address="ntfys://secret")
    house.queue(replace(chat, address=""), 2)
    assert house.store.readers.leave(Token(reader.subject, "q0", house.now), house.now)
    assert set(house.states().values()) == {"cancelled left"}
    assert "secret" not in house.everything()


# ---------------------------------------------------------------------------------------------- P15


@pytest.mark.slow
@pytest.mark.promise("P15", size="505 queued, 5 of them with a worker")
@pytest.mark.parametrize("moment", ["before-data", "in-data"])
def test_p15_nothing_is_handed_over_after_a_reader_has_left(house: House, moment: str) -> None:
    reader = house.subscribe()
    _deliver(house)
    house.queue(reader, 505)
    arrived, gate = threading.Semaphore(0), threading.Event()
    begun: list[str] = []

    def send(channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
        assert channel.id == reader.channel.id
        if moment == "before-data":
            arrived.release()
            gate.wait(60)
        if not before_data():
            return SendResult(SendOutcome.TEMPORARY, "lease")
        begun.append(delivery.id)
        if moment == "in-data":
            arrived.release()
            gate.wait(60)
        return SENT

    delivering = Delivering(house.shift, send, at_once=5)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(loop.run, delivering.deliver_due())
        for _ in range(5):
            assert arrived.acquire(timeout=60)
        assert house.store.readers.leave(Token(reader.subject, "q0", house.now), house.now)
        before = len(begun)
        gate.set()
        assert sending.result(60) == 5
    delivering.close()
    assert before == len(begun) == (5 if moment == "in-data" else 0)
    states = list(house.states().values())
    assert states.count("cancelled left") == 505 - before
    assert states.count("delivered left") == before
    assert ANA not in house.everything()


LEAVES = int(os.environ.get("TEST_LEAVES", "25"))


@pytest.mark.promise("P15", size="500 queued, 5 at a time")
@pytest.mark.slow
@pytest.mark.parametrize("times", range(LEAVES))
def test_p15_at_whatever_moment_a_reader_leaves_nothing_is_handed_over_after_the_answer(
    house: House, times: int, record_property: Callable[[str, object], None]
) -> None:
    record_property("size", f"500 queued, 5 at a time, {LEAVES} times on each database")
    reader, chance = house.subscribe(), random.Random(times)
    _deliver(house)
    house.queue(reader, 500)
    enough, sends = threading.Event(), chance.randrange(1, 60)
    begun: list[float] = []

    def send(channel: Channel, delivery: Delivery, *, before_data: Callable[[], bool]) -> SendResult:
        assert (channel.id, delivery.target) == (reader.channel.id, ANA)
        time.sleep(chance.random() / 500)
        asked = time.monotonic()
        if not before_data():
            return SendResult(SendOutcome.TEMPORARY, "lease")
        begun.append(asked)
        if len(begun) >= sends:
            enough.set()
        time.sleep(chance.random() / 500)
        return chance.choice((SENT, LATER))

    delivering = Delivering(house.shift, send, at_once=5)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(loop.run, delivering.deliver_due())
        assert enough.wait(60)
        assert house.store.readers.leave(Token(reader.subject, "", house.now), house.now)
        answered = time.monotonic()
        sending.result(60)
    delivering.close()
    assert len(begun) < 500
    assert [asked for asked in begun if asked > answered] == [], "whoever asks after the answer hears no"
    states = list(house.states().values())
    assert states.count("cancelled left") + states.count("delivered") + states.count("delivered left") == 500
    assert ANA not in house.everything()


# -------------------------------------------------------------------------------- mutes and feedback


def _of_event(house: House, delivery_id: str, subject: str = "") -> Mute:
    event_id = house.store.reading.get_delivery(delivery_id).event_id
    return Mute(subject, event_id, "", house.now + 24 * HOUR, "its reader")


@pytest.mark.slow
def test_a_muted_event_is_not_sent_and_stands_in_the_ledger_as_muted(house: House) -> None:
    reader = house.subscribe()
    house.report("El puerto de Chancay abre")
    [first] = house.states()
    mute = _of_event(house, first, reader.subject)
    house.store.mutes.add(mute, house.now, target="ANA@example.org")
    assert house.states() == {first: "cancelled muted"}
    watchlist = Mute(reader.subject, "", "chancay-port", house.now + HOUR, "its reader")
    house.store.mutes.add(watchlist, house.now, target=ANA)
    house.report("Huelga de los estibadores paraliza Matarani")
    assert [*house.states().values()] == ["cancelled muted"] * 2
    assert house.store.mutes.list_of(reader.subject, house.now) == [watchlist, mute]
    assert house.store.mutes.list_of("somebody else", house.now) == []
    house.wait(hours=1)
    assert [one for _, one in house.store.mutes.list_active(house.now)] == [mute]
    house.report("Una tormenta cierra el puerto de Ilo")
    assert sorted(house.states().values()) == ["cancelled muted", "cancelled muted", "pending"]
    assert house.store.audit.run().is_clean


def test_one_reader_s_silence_is_no_other_s(store: Store) -> None:
    house = _with_files(store, DESK)
    house.report("El puerto de Chancay abre")
    [one, _] = house.states()
    to = store.reading.get_delivery(one).target
    store.mutes.add(
        _of_event(house, one, house.store.readers.signer.subject(recipient("desk", to))), house.now, target=to
    )
    assert _deliver(house) == [EVA if to == ANA else ANA]


def test_a_mute_of_a_channel_and_one_of_all_hold_back_what_waits_there(store: Store) -> None:
    house = _with_files(store, ROOM, DESK, subscriptions=(ALL, Subscription("more", "room")))
    house.report("El puerto de Chancay abre")
    of_room = next(one.id for one in store.reading.list_deliveries() if one.channel_id == "room")
    store.mutes.add(_of_event(house, of_room, "room"), house.now, channel_id="room")
    assert sorted(house.states().values()) == ["cancelled muted", "pending", "pending"]
    store.mutes.add(_of_event(house, of_room), house.now)
    assert _deliver(house) == []


def test_a_mute_can_be_ended_once(house: House) -> None:
    house.store.mutes.add(Mute("s", "", "chancay-port", house.now + HOUR, "its reader"), house.now)
    [(number, _)] = house.store.mutes.list_active(house.now)
    assert [house.store.mutes.end(one, house.now) for one in (number, number, 999)] == [True, False, False]
    assert house.store.mutes.list_active(house.now) == []


def test_what_was_to_be_told_along_with_something_muted_is_told_alone(house: House) -> None:
    reader = house.subscribe()
    _deliver(house)
    house.report("El puerto de Chancay y el tren bioceánico se unen", also="amazon-rail")
    assert sorted(house.states().values()) == ["covered same-article", "pending"]
    lead = next(one for one, state in house.states().items() if state == "pending")
    house.store.mutes.add(_of_event(house, lead, reader.subject), house.now, target=ANA)
    assert sorted(house.states().values()) == ["cancelled muted", "held same-article"]
    assert Waking(house.shift).wake_due() == 1
    assert _deliver(house) == [ANA]
    assert house.store.audit.run().is_clean


def test_something_muted_that_another_message_tells_along_is_muted_all_the_same(house: House) -> None:
    reader = house.subscribe()
    house.report("El puerto de Chancay y el tren bioceánico se unen", also="amazon-rail")
    along = next(one for one, state in house.states().items() if state.startswith("covered"))
    house.store.mutes.add(_of_event(house, along, reader.subject), house.now, target=ANA)
    assert sorted(house.states().values()) == ["cancelled muted", "pending"]
    _deliver(house)
    assert sorted(house.states().values()) == ["cancelled muted", "delivered"]


def test_the_last_word_of_a_reader_on_an_alert_counts(house: House) -> None:
    house.subscribe()
    house.report("El puerto de Chancay abre")
    house.report("Huelga de los estibadores paraliza Matarani")
    one, other = house.states()
    feedback = house.store.feedback
    for verdict in (Verdict.USEFUL, Verdict.NOISE):
        assert feedback.give(one, verdict, house.now)
    assert feedback.give(other, Verdict.USEFUL, house.now)
    assert feedback.count("chancay-port") == (1, 1)
    assert feedback.count("amazon-rail") == (0, 0)
    assert feedback.of_reader("ANA@example.org") == {one: "noise", other: "useful"}
    assert [(t.term, t.line, t.useful, t.noise) for t in feedback.by_term("chancay-port")] == [
        ("puerto", 9, 1, 1)
    ]
    letter = next(one.id for one in house.store.reading.list_deliveries() if one.channel_id == "letters")
    assert not feedback.give(letter, Verdict.USEFUL, house.now)
    assert not feedback.give("nobody", Verdict.USEFUL, house.now)

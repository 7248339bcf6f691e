"""When alerts come: at once, in a moment, in the morning, together; each once, and each with its reason."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from service.domain import DeliveryState, HeldReason, Mute, NotifyReason, SendOutcome, SendResult
from service.notify.smtp import lease_lost
from service.pipeline import Silences
from service.store import Store
from tests.partners.desk import HOUR, OUTLETS, Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from service.domain import Delivery

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STRIKE = (
    "Huelga indefinida paraliza el puerto por salarios",
    "Trabajadores del puerto inician huelga indefinida por salarios impagos",
    "Sindicato: la huelga indefinida en el puerto seguirá hasta cobrar salarios",
)
MAJOR = "Clausura del puerto tras huelga indefinida por salarios del sindicato"
QUAKE = "Fuerte sismo daña grúas y almacenes del puerto"
OTHERS = (
    QUAKE,
    "Naviera anuncia una ruta del puerto a Shanghái",
    "Congreso debate la ley del puerto",
    "Incendio en un depósito del puerto deja dos heridos",
    "Puerto estrena terminal de cruceros con ministra",
)
DIGEST = """\
channels:
  desk: {mail: ana@desk.example, timezone: America/Lima}
subscriptions:
  - {to: desk, watchlists: all, when: 'daily 07:00'}
"""
NIGHT = """\
channels:
  desk: {mail: ana@desk.example, timezone: America/Lima, language: es}
subscriptions:
  - {to: desk, watchlists: all, quiet: '22:00-07:00'}
"""
FEW = """\
channels:
  desk: {mail: ana@desk.example, timezone: America/Lima}
subscriptions:
  - {to: desk, watchlists: all, budget: 2, together: 'daily 18:00'}
"""
SECOND = "title: Strikes\nmatch:\n  any: [huelga]\n"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Make a service on SQLite."""
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    yield lambda **options: Desk(tmp_path, store, **options)
    store.close()


@pytest.fixture
def make_anywhere(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Desk]]:
    """Make a service on SQLite and on PostgreSQL, where the store does something of its own."""
    store = Store(database_url)
    yield lambda **options: Desk(tmp_path, store, **options)
    store.close()


def _held(desk: Desk) -> list[tuple[HeldReason | None, DeliveryState]]:
    return [(one.held, one.state) for one in desk.told]


def _titles(sent: list[Delivery]) -> list[str]:
    return [one.notification.title for one in sent]


@pytest.mark.slow
def test_a_first_alert_waits_a_moment_and_counts_the_outlets_that_follow(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere(window=2 * MINUTE)
    desk.say("Alba", STRIKE[0])
    assert _held(desk) == [(HeldReason.WINDOW, DeliveryState.HELD)]
    for outlet, title in zip(("Boreal", "Cima"), STRIKE[1:], strict=True):
        desk.say(outlet, title, after=30 * timedelta(seconds=1))
    assert (desk.wake(), desk.wake(later=MINUTE)) == (0, 1)
    [mail] = desk.deliver()
    assert "3 outlets, 3 independent" in mail.notification.text
    assert desk.store.audit.run().is_clean
    desk.wake(later=HOUR)
    assert desk.deliver() == []


def test_the_headline_is_in_the_readers_language_where_one_is(make: Callable[..., Desk]) -> None:
    channels = NIGHT.replace("es}", "pt}").replace(", quiet: '22:00-07:00'", "")
    desk = make(window=2 * MINUTE, channels=channels)
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", STRIKE[0].replace("paraliza", "paralisa"), after=MINUTE, language="pt")
    desk.wake(later=2 * MINUTE)
    [mail] = desk.deliver()
    assert mail.notification.title == "[Port] Huelga indefinida paralisa el puerto por salarios"


def test_a_major_event_does_not_wait(make: Callable[..., Desk]) -> None:
    desk = make(window=2 * MINUTE)
    desk.say("Alba", MAJOR)
    assert len(desk.deliver()) == 1


def test_at_night_only_what_is_major_wakes_and_the_rest_is_one_message_in_the_morning(
    make: Callable[..., Desk],
) -> None:
    desk = make(channels=NIGHT)
    desk.now += 16 * HOUR  # 23:00 in Lima
    desk.say("Alba", OTHERS[0])
    desk.say("Boreal", OTHERS[1])
    desk.say("Cima", MAJOR)
    assert [one.event_id for one in desk.deliver()] == [desk.told[2].event_id]
    desk.say("Delta", OTHERS[2])
    assert desk.wake() == 0
    assert desk.wake(later=6 * HOUR) == 1
    [mail] = desk.deliver()
    assert "horas de silencio" in mail.notification.title
    assert all(title in mail.notification.text.replace("*", "") for title in OTHERS[:3])
    assert "Clausura" not in mail.notification.text
    late = re.findall(r"\nsuceso nuevo · publicado (\d) h antes de este aviso\n", mail.notification.text)
    assert sorted(late) == ["6", "8", "9"]
    assert desk.store.audit.run().is_clean


def test_one_alert_of_the_night_comes_as_the_alert_it_is(make: Callable[..., Desk]) -> None:
    desk = make(channels=NIGHT)
    desk.now += 16 * HOUR
    desk.say("Alba", QUAKE)
    desk.wake(later=8 * HOUR)
    [mail] = desk.deliver()
    assert mail.reason is NotifyReason.NEW_EVENT
    assert mail.notification.title == f"[Port] {QUAKE}"
    assert " Retenido hasta ahora: llegó en sus horas de silencio. " in mail.notification.text


def test_one_alert_over_the_budget_comes_in_the_evening_and_says_so(make: Callable[..., Desk]) -> None:
    desk = make(channels=FEW)
    for outlet, title in zip(OUTLETS, OTHERS[:2], strict=False):
        desk.say(outlet, title, after=timedelta(minutes=31))
    desk.deliver()
    desk.wake(later=10 * HOUR)
    [mail] = desk.deliver()
    assert " Held until now: over your limit of alerts for the day. " in mail.notification.text
    assert "published 10 h before this alert" in mail.notification.text


@pytest.mark.slow
def test_what_becomes_major_at_night_is_told_at_once_and_not_again_in_the_morning(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere(channels=NIGHT)
    desk.now += 16 * HOUR
    for outlet, title in zip(OUTLETS, (*STRIKE, MAJOR), strict=False):
        desk.say(outlet, title)
    [mail] = desk.deliver()
    assert mail.reason is NotifyReason.UPDATE
    desk.wake(later=8 * HOUR)
    assert desk.deliver() == []
    assert {one.state for one in desk.told} == {DeliveryState.DELIVERED, DeliveryState.COVERED}
    assert desk.store.audit.run().is_clean


def test_over_the_budget_alerts_come_together_in_the_evening(make: Callable[..., Desk]) -> None:
    desk = make(channels=FEW)
    for outlet, title in zip(OUTLETS, OTHERS, strict=False):
        desk.say(outlet, title, after=timedelta(minutes=31))
    at_once = desk.deliver()
    assert len(at_once) == 1  # one of two is kept for an event that more outlets carry
    assert {one.held for one in desk.told} == {None, HeldReason.BUDGET}
    desk.now = desk.now.replace(hour=23, minute=0)
    assert desk.wake() == 1
    [mail] = desk.deliver()
    assert "4 events" in mail.notification.title
    assert desk.store.audit.run().is_clean


def test_an_update_soon_after_another_message_waits_and_tells_all_at_once(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.say("Alba", STRIKE[0])
    desk.deliver()
    for outlet, title in zip(("Boreal", "Cima", "Estado"), (*STRIKE[1:], STRIKE[0] + " hoy"), strict=True):
        desk.say(outlet, title, after=5 * MINUTE)
    assert desk.deliver() == []
    assert {one.held for one in desk.told[1:]} == {HeldReason.COOLDOWN}
    desk.wake(later=HOUR)
    [mail] = desk.deliver()
    assert "3 independent outlets" in mail.notification.text
    assert "official" in mail.notification.text


def test_two_messages_of_an_event_are_half_an_hour_apart_even_after_one_that_waited(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", STRIKE[1], after=5 * MINUTE)
    desk.say("Cima", STRIKE[2], after=5 * MINUTE)
    first = desk.told[0].created_at
    assert [one.due_at - first for one in desk.told[1:]] == [30 * MINUTE]
    desk.wake(later=20 * MINUTE)
    desk.say("Estado", STRIKE[0] + " hoy", after=5 * MINUTE)
    assert [one.due_at - first for one in desk.told[2:]] == [60 * MINUTE]


@pytest.mark.slow
def test_readers_for_whom_it_is_the_same_share_a_message_and_one_look_at_the_event(
    make: Callable[..., Desk],
) -> None:
    targets = ", ".join(f"r{number}@desk.example" for number in range(40))
    channels = NIGHT.replace("mail: ana@desk.example", f"mail: [{targets}]")
    desk = make(channels=channels, window=2 * MINUTE)
    desk.say("Alba", STRIKE[0])
    reading = desk.store.reading
    with patch.object(reading, "get_event", wraps=reading.get_event) as looked_up:
        assert desk.wake(later=2 * MINUTE) == 40
    assert looked_up.call_count == 1
    assert len({one.notification.text for one in desk.told}) == 1
    assert len(desk.deliver()) == 40


def test_an_update_stands_under_the_mail_that_told_of_the_event(make: Callable[..., Desk]) -> None:
    desk = make()
    for outlet, title in zip(OUTLETS, STRIKE, strict=False):
        desk.say(outlet, title)
    first, update = desk.deliver()
    assert (first.in_reply_to, update.in_reply_to) == ("", first.message_id)


@pytest.mark.slow
def test_an_update_stands_under_the_digest_that_told_of_the_event(make_anywhere: Callable[..., Desk]) -> None:
    desk = make_anywhere(channels=NIGHT)
    desk.now += 16 * HOUR
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", QUAKE)
    desk.wake(later=8 * HOUR)
    desk.say("Cima", STRIKE[1])
    desk.say("Delta", STRIKE[2])
    digest, update = desk.deliver()
    assert (digest.reason, update.reason) == (NotifyReason.DIGEST, NotifyReason.UPDATE)
    assert update.in_reply_to == digest.message_id


def test_after_a_major_event_small_ones_of_its_watchlist_come_together(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.say("Alba", MAJOR)
    desk.say("Boreal", OTHERS[0], after=5 * MINUTE)
    desk.say("Cima", OTHERS[1], after=5 * MINUTE)
    assert len(desk.deliver()) == 1
    assert [one.held for one in desk.told[1:]] == [HeldReason.INHIBITED] * 2
    desk.wake(later=HOUR)
    [mail] = desk.deliver()
    assert all(title in mail.notification.text.replace("*", "") for title in OTHERS[:2])
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_an_article_that_fits_two_watchlists_of_a_reader_is_one_message_that_names_both(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere(more={"strikes": SECOND})
    desk.say("Alba", STRIKE[0])
    [mail] = desk.deliver()
    assert mail.notification.title.startswith("[Port, Strikes]")
    other = next(one for one in desk.told if one.id != mail.id)
    assert (other.held, other.state) == (HeldReason.SAME_ARTICLE, DeliveryState.COVERED)
    assert other.delivered_at is not None
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_an_update_of_what_two_watchlists_follow_is_one_message_that_names_both(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere(more={"strikes": SECOND})
    for outlet, title in zip(OUTLETS, STRIKE, strict=False):
        desk.say(outlet, title)
    first, update = desk.deliver()
    assert first.reason is NotifyReason.NEW_EVENT
    assert update.notification.title.startswith("[Port, Strikes] Update:")
    assert update.notification.text.count("3 independent outlets carry it now") == 1
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
@pytest.mark.parametrize("is_sent", [True, False])
def test_an_event_that_a_later_article_lets_into_a_second_watchlist_is_not_told_again(
    make_anywhere: Callable[..., Desk], *, is_sent: bool
) -> None:
    desk = make_anywhere(more={"unions": "title: Unions\nmatch:\n  any: [sindicato]\n"})
    desk.say("Alba", STRIKE[0])
    sent = desk.deliver() if is_sent else []
    desk.say("Boreal", STRIKE[2])
    sent += desk.deliver()
    assert _titles(sent) == [f"[Port] {STRIKE[0]}"]
    other = next(one for one in desk.told if one.watchlist_id == "unions")
    assert (other.held, other.state) == (HeldReason.SAME_EVENT, DeliveryState.COVERED)
    assert other.delivered_at == desk.store.reading.get_delivery(sent[0].id).delivered_at is not None
    assert desk.store.audit.run().is_clean
    desk.say("Cima", QUAKE.replace("Fuerte", "Sindicato: fuerte"))
    assert _titles(desk.deliver()) == [f"[Port, Unions] {QUAKE.replace('Fuerte', 'Sindicato: fuerte')}"]


@pytest.mark.slow
@pytest.mark.parametrize("is_muted", [True, False])
def test_what_is_to_be_told_along_with_an_alert_that_waits_is_named_in_it_or_told_alone_where_that_is_muted(
    make_anywhere: Callable[..., Desk], *, is_muted: bool
) -> None:
    unions = "title: Unions\nmatch:\n  any: [sindicato]\n"
    desk = make_anywhere(more={"unions": unions}, window=2 * MINUTE)
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", STRIKE[2], after=MINUTE)
    if is_muted:
        desk.store.mutes.add(Mute("", "", "port", desk.now + DAY, "the desk"), desk.now)
    desk.wake(later=2 * MINUTE)
    [mail] = desk.deliver()
    assert mail.notification.title.startswith("[Unions] " if is_muted else "[Port, Unions] ")
    assert desk.store.audit.run().is_clean
    assert desk.store.audit.run().waiting == 0


@pytest.mark.slow
def test_an_event_that_waits_for_a_digest_elsewhere_is_told_at_once_where_that_is_asked(
    make: Callable[..., Desk],
) -> None:
    both = DIGEST.replace("watchlists: all", "watchlists: [port]") + "  - {to: desk, watchlists: [unions]}\n"
    desk = make(more={"unions": "title: Unions\nmatch:\n  any: [sindicato]\n"}, channels=both)
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", STRIKE[2])
    assert _titles(desk.deliver()) == [f"[Unions] {STRIKE[2]}"]


@pytest.mark.slow
def test_a_digest_tells_once_what_two_watchlists_follow(make: Callable[..., Desk]) -> None:
    desk = make(more={"strikes": SECOND}, channels=DIGEST)
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", QUAKE)
    desk.wake(later=DAY)
    [mail] = desk.deliver()
    assert "Digest: 2 events" in mail.notification.title
    text = mail.notification.text
    assert text.replace("*", "").count(STRIKE[0]) == 1
    assert len(re.findall(r"Also on (?:Port|Strikes)\.", text)) == 1
    assert len(re.findall(r"Also on (?:Port|Strikes)\.", mail.notification.html)) == 1
    assert desk.store.audit.run().waiting == 0


def test_after_a_moment_it_still_names_both(make: Callable[..., Desk]) -> None:
    desk = make(more={"strikes": SECOND}, window=2 * MINUTE)
    desk.say("Alba", STRIKE[0])
    desk.wake(later=2 * MINUTE)
    [mail] = desk.deliver()
    assert mail.notification.title.startswith("[Port, Strikes]")


def test_what_is_muted_is_not_sent_and_stands_in_the_ledger(make: Callable[..., Desk]) -> None:
    desk = make()
    desk.store.mutes.add(Mute("", "", "port", desk.now + DAY, "the desk"), desk.now)
    desk.say("Alba", QUAKE)
    assert desk.deliver() == []
    assert _held(desk) == [(HeldReason.MUTED, DeliveryState.CANCELLED)]
    assert desk.store.audit.run().is_clean
    desk.say("Boreal", OTHERS[1], after=25 * HOUR)
    assert len(desk.deliver()) == 1


def test_a_mute_stops_what_waits_already(make_anywhere: Callable[..., Desk]) -> None:
    desk = make_anywhere(window=2 * MINUTE)
    desk.say("Alba", QUAKE)
    desk.store.mutes.add(Mute("", desk.told[0].event_id, "", desk.now + DAY, "the desk"), desk.now)
    desk.wake(later=HOUR)
    assert desk.deliver() == []
    assert desk.store.mutes.list_active(desk.now + DAY) == []


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"strikes": "title: Strikes\nmatch:\n  any: [puerto]\n"}])
def test_what_piled_up_during_an_outage_comes_as_one_message(
    make_anywhere: Callable[..., Desk], more: dict[str, str]
) -> None:
    desk = make_anywhere(more=more)
    for outlet, title in zip(OUTLETS, OTHERS, strict=False):
        desk.say(outlet, title, after=timedelta(minutes=31))
        desk.deliver(SendOutcome.TEMPORARY)
    desk.now += 2 * HOUR
    # The first one that arrives shows that the way is open; the others have not come up yet.
    claimed = desk.store.deliveries.claim_due(desk.now, worker="w", lease=HOUR, limit=1)
    for one in claimed:
        assert desk.store.deliveries.mark_sending(one, worker="w", now=desk.now)
        sent = SendOutcome.SENT
        desk.store.deliveries.record(one, _sent(sent), worker="w", now=desk.now, retry_at=None)
    assert desk.wake() == 1
    [mail] = desk.deliver()
    assert mail.reason is NotifyReason.DIGEST
    assert mail.notification.title.startswith("[Port] 4 events")
    report = desk.store.audit.run()
    assert report.is_clean
    assert report.waiting == 0


@pytest.mark.slow
def test_one_alert_that_could_not_be_sent_for_hours_is_made_anew_and_says_how_late_it_is(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere()
    desk.say("Alba", STRIKE[0])
    desk.deliver(SendOutcome.TEMPORARY)
    desk.say("Boreal", STRIKE[1], after=4 * HOUR)
    desk.deliver(SendOutcome.TEMPORARY)
    desk.now += 3 * HOUR
    [mail] = desk.deliver()
    assert mail.reason is NotifyReason.NEW_EVENT
    assert "published 7 h before this alert" in mail.notification.text
    assert "2 outlets" in mail.notification.text
    assert " Held until now: could not be sent before. " in mail.notification.text
    [kept] = desk.told
    assert kept.notification == mail.notification
    assert kept.held is HeldReason.OUTAGE
    assert desk.store.audit.run().is_clean


def test_an_alert_for_two_watchlists_still_names_both_when_it_is_made_anew(make: Callable[..., Desk]) -> None:
    desk = make(more={"strikes": SECOND})
    desk.say("Alba", STRIKE[0])
    desk.deliver(SendOutcome.TEMPORARY)
    desk.now += 6 * HOUR
    [mail] = desk.deliver()
    assert mail.notification.title.startswith("[Port, Strikes]")
    assert "Held until now" in mail.notification.text


def test_an_alert_that_waited_for_a_few_minutes_alone_goes_out_as_it_was(make: Callable[..., Desk]) -> None:
    desk = make()
    desk.say("Alba", STRIKE[0])
    [first] = desk.deliver(SendOutcome.TEMPORARY)
    desk.now += 30 * MINUTE
    assert [one.notification for one in desk.deliver()] == [first.notification]


def test_a_message_that_may_have_arrived_is_repeated_as_it_was_however_late(
    make: Callable[..., Desk],
) -> None:
    desk = make()
    desk.say("Alba", STRIKE[0])
    [first] = desk.deliver(SendOutcome.AMBIGUOUS)
    for outcome in (SendOutcome.TEMPORARY, SendOutcome.SENT):
        desk.now += 6 * HOUR
        assert [one.notification for one in desk.deliver(outcome)] == [first.notification]


def test_an_alert_whose_sending_was_only_not_begun_is_no_outage(make: Callable[..., Desk]) -> None:
    desk = make()
    desk.say("Alba", STRIKE[0])
    before = desk.told[0].notification
    [claimed] = desk.store.deliveries.claim_due(desk.now, worker="w", lease=HOUR, limit=1)
    desk.store.deliveries.record(claimed, lease_lost(), worker="w", now=desk.now, retry_at=desk.now)
    desk.now += 6 * HOUR
    assert [one.notification for one in desk.deliver()] == [before]


def _sent(outcome: SendOutcome) -> SendResult:
    return SendResult(outcome, words="250 ok")


# -------------------------------------------------------------------------------------- receipts


def test_a_digest_says_what_was_read_for_it(make: Callable[..., Desk]) -> None:
    desk = make(channels=DIGEST, more={"strikes": SECOND})
    desk.say("Alba", QUAKE, "Otra noticia sin nada")
    desk.wake(later=DAY)
    [mail] = desk.deliver()
    text = mail.notification.text
    assert mail.notification.title == "[Port] Digest: 1 event"
    assert "Read 2 articles from 6 sources" in text
    assert "1 matched" in text
    assert "Strikes: 2 articles from 6 sources, none matched." in text


@pytest.mark.slow
def test_what_was_read_is_looked_up_once_for_all_digests_of_an_hour(make: Callable[..., Desk]) -> None:
    targets = ", ".join(f"r{number}@desk.example" for number in range(20))
    desk = make(channels=DIGEST.replace("mail: ana@desk.example", f"mail: [{targets}]"))
    desk.say("Alba", QUAKE)
    archive = desk.store.archive
    with patch.object(archive, "count_by_feed", wraps=archive.count_by_feed) as counted:
        assert desk.wake(later=DAY) == 20
    assert counted.call_count == 1
    assert {"Read 1 article from 6 sources" in one.notification.text for one in desk.deliver()} == {True}


@pytest.mark.slow
def test_the_next_receipt_begins_where_the_last_one_ended(make_anywhere: Callable[..., Desk]) -> None:
    desk = make_anywhere(channels=DIGEST)
    desk.say("Alba", QUAKE)
    desk.wake(later=DAY)
    desk.say("Boreal", OTHERS[1])
    desk.wake(later=DAY)
    first, second = desk.deliver()
    assert "Read 1 article from 6 sources" in first.notification.text
    assert "Read 1 article from 6 sources" in second.notification.text


def test_a_digest_shows_what_nearly_matched(make: Callable[..., Desk]) -> None:
    bridge = "title: Bridges\nmatch:\n  any: ['puente AND cosco']\n"
    desk = make(channels=DIGEST, more={"bridges": bridge})
    desk.say("Alba", QUAKE)
    desk.say("Boreal", "Inauguran el puente de la bahía")
    desk.wake(later=DAY)
    [mail] = desk.deliver()
    assert "Inauguran el puente de la bahía" in mail.notification.text
    assert "but for “cosco”" in mail.notification.text


def test_a_watchlist_that_is_silent_for_unusually_long_says_so_once(
    make_anywhere: Callable[..., Desk],
) -> None:
    desk = make_anywhere(channels=DIGEST)
    silences = Silences(desk.shift)
    for number, title in enumerate(OTHERS):
        desk.say(OUTLETS[number], title, after=DAY)
    desk.wake(later=DAY)
    desk.deliver()
    said = []
    desk.now = desk.now.replace(hour=12, minute=5)  # 07:05 in Lima
    for _ in range(80):
        desk.now += DAY
        said.append(silences.say_due())
    assert sum(said) == 1
    [mail] = desk.deliver()
    assert mail.notification.title == "[Avizor] Still watching: Port"
    assert "none matched" in mail.notification.text
    desk.say("Alba", STRIKE[0])
    desk.wake(later=DAY)
    assert len(desk.deliver()) == 1
    assert desk.store.audit.run().is_clean


def test_readers_who_are_told_at_once_hear_nothing_of_silence(make: Callable[..., Desk]) -> None:
    desk = make(channels=NIGHT)
    desk.now += 30 * DAY
    assert Silences(desk.shift).say_due() == 0

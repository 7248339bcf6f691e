"""Events as the service makes them, on real databases: whatever the batches, restarts and corrections."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import DEFAULT, patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.domain import ChangeKind, NotifyReason
from service.errors import NotFound, Refused
from service.notify import plan_deliveries
from service.pipeline import Correcting, Grouping, grouping, replay_matches, reported
from service.store import Store
from tests.partners.desk import HOUR, MONDAY, OUTLETS, Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


STRIKE = (
    "Huelga indefinida paraliza el puerto por salarios",
    "Trabajadores del puerto inician huelga indefinida por salarios impagos",
    "Sindicato: la huelga indefinida en el puerto seguirá hasta cobrar salarios",
    "Segundo día de huelga indefinida en el puerto: sindicato reclama salarios",
)
LEAD = (
    "Los trabajadores acordaron en asamblea no volver a los muelles hasta que la empresa pague lo que debe, "
    "y piden que el ministerio convoque a una mesa de diálogo antes del viernes."
)
QUAKE = (
    "Fuerte sismo daña grúas y almacenes del puerto",
    "Sismo: daños en grúas y almacenes del puerto, sin víctimas",
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def desk(tmp_path: Path, store: Store) -> Desk:
    return Desk(tmp_path, store)


# ------------------------------------------------------------------------- batches and restarts


def _stream(seed: int) -> list[tuple[str, list[str]]]:
    chance = random.Random(seed)
    polls = []
    for number in range(14):
        titles = [
            f"{chance.choice(STRIKE + QUAKE)} {chance.choice(('', 'hoy', 'otra vez'))} {number}-{part}"
            for part in range(chance.randrange(3))
        ]
        polls.append((OUTLETS[number % 4], titles))
    return polls


def _run(folder: Path, seed: int, cuts: set[int], restarts: set[int]) -> set[frozenset[tuple[str, str]]]:
    """Poll a stream in batches cut at some places, with restarts at some."""
    folder.mkdir()
    store = Store(f"sqlite:///{folder / 'a.db'}")
    try:
        desk = Desk(folder, store)
        batch: list[tuple[str, list[str]]] = []
        for number, poll in enumerate(_stream(seed)):
            names = {outlet for outlet, _ in batch}
            if batch and (number in cuts or poll[0] in names):
                desk.poll(batch, after=timedelta(0))
                batch = []
            if number in restarts:
                desk.restart()
            batch.append(poll)
        desk.poll(batch, after=timedelta(0))
        assert store.audit.run().is_clean
        return desk.groups
    finally:
        store.close()


@pytest.mark.slow
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 999), cuts=st.sets(st.integers(1, 13)), restarts=st.sets(st.integers(1, 13)))
def test_the_same_polls_in_other_batches_and_with_restarts_give_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cuts: set[int], restarts: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("stream")
    steady = _run(folder / "steady", seed, set(range(14)), set())
    with patch.object(grouping, "WRITTEN_EVERY", 5):
        assert _run(folder / "other", seed, cuts, restarts) == steady


@pytest.mark.slow
def test_two_processes_that_take_turns_see_each_others_events(desk: Desk) -> None:
    one, other = Grouping(), Grouping()
    for number, title in enumerate(STRIKE):
        desk.shift.grouping = (one, other)[number % 2]
        desk.say(OUTLETS[number], title)
    assert len(desk.events) == 1


def test_what_was_grouped_in_a_transaction_that_failed_is_forgotten(desk: Desk) -> None:
    desk.say("Alba", STRIKE[0])
    ends = [RuntimeError("disk full"), DEFAULT]
    with (
        patch("service.pipeline.telling.plan_deliveries", wraps=plan_deliveries, side_effect=ends),
        pytest.raises(AssertionError, match="could not store"),
    ):
        desk.say("Boreal", QUAKE[0])
    desk.say("Cima", QUAKE[0])
    assert desk.groups == {frozenset({("Alba", STRIKE[0])}), frozenset({("Cima", QUAKE[0])})}


def test_a_feed_that_lists_the_newest_first_is_grouped_in_the_order_of_time(desk: Desk) -> None:
    desk.say("Alba", STRIKE[0], STRIKE[1])
    [event] = desk.events
    assert event.reports[0].entry.title in STRIKE[:2]
    assert desk.told[0].event_id == event.event.id


def test_without_anything_written_down_the_stored_events_are_taken_as_they_stand(desk: Desk) -> None:
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", QUAKE[0])
    desk.restart()
    desk.say("Cima", STRIKE[1])
    assert len(desk.events) == 2


# --------------------------------------------------------------------------------------- updates


def _updates(desk: Desk) -> list[str]:
    return [one.notification.text.splitlines()[0] for one in desk.told if one.reason is NotifyReason.UPDATE]


@pytest.mark.slow
def test_a_reader_is_told_of_milestones_once_each(desk: Desk) -> None:
    for outlet, title in zip(OUTLETS, STRIKE, strict=False):
        desk.say(outlet, title)
    assert _updates(desk) == ["3 independent outlets carry it now."]
    desk.say("Estado", "Ministerio llama a diálogo por huelga indefinida en el puerto y salarios")
    desk.say("Faro", "Clausura del puerto tras huelga indefinida por salarios del sindicato")
    assert _updates(desk)[1:] == [
        "The first official source: Estado.",
        "A major development: “Clausura”.",
    ]
    assert [one.reason for one in desk.told][:1] == [NotifyReason.NEW_EVENT]
    assert desk.told[1].notification.title.startswith("[Port] Update: ")
    [event] = desk.events
    kinds = [one.kind for one in event.milestones]
    assert kinds == [ChangeKind.CORROBORATED, ChangeKind.OFFICIAL, ChangeKind.MAJOR]
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
@pytest.mark.parametrize(("updates", "count"), [("none", 0), ("all", 3)])
def test_a_watchlist_says_which_updates_are_told(
    tmp_path: Path, store: Store, updates: str, count: int
) -> None:
    desk = Desk(tmp_path, store, updates)
    for outlet, title in zip(OUTLETS, STRIKE, strict=False):
        desk.say(outlet, title)
    assert len(_updates(desk)) == count


def test_a_milestone_that_is_reached_with_the_first_alert_is_no_second_message(desk: Desk) -> None:
    desk.poll([(outlet, [title]) for outlet, title in zip(OUTLETS, STRIKE[:3], strict=False)])
    assert [one.reason for one in desk.told] == [NotifyReason.NEW_EVENT]


@pytest.mark.slow
def test_a_headline_that_was_told_and_says_something_else_now_is_corrected_once(desk: Desk) -> None:
    title = "Puerto: ministro Salas renuncia tras huelga"
    desk.say("Alba", title)
    desk.edit("Alba", title, "Puerto: ministro Salas renuncia tras la huelga")  # wording
    assert _updates(desk) == []
    desk.edit(
        "Alba", "Puerto: ministro Salas renuncia tras la huelga", "Puerto: Salas niega que deje su cargo"
    )
    desk.edit("Alba", "Puerto: Salas niega que deje su cargo", "Puerto: Salas niega que deje su cargo")
    assert _updates(desk) == [
        "Alba changed its headline, which was: “Puerto: ministro Salas renuncia tras la huelga”."
    ]
    assert "Salas niega" in desk.told[-1].notification.title
    assert desk.events[0].event.title == "Puerto: Salas niega que deje su cargo"


@pytest.mark.slow
def test_what_was_told_long_ago_or_never_is_not_corrected(desk: Desk) -> None:
    first, joined = "Puerto: ministro renuncia tras huelga", "Puerto: ministro renuncia tras larga huelga"
    desk.say("Alba", first)
    desk.say("Boreal", joined)
    desk.edit("Boreal", joined, "Puerto: alcaldesa inaugura mercado")
    desk.edit("Alba", first, "Puerto: alcaldesa inaugura mercado", later=timedelta(hours=49))
    assert _updates(desk) == []


FIRE = "Puerto: incendio obliga a evacuar el muelle"
OLDER = ("Vía cerrada por nieve", "Feria del libro abre", "Sube el pan", "Cierra el cine")


def _stands(desk: Desk, *titles: str, after: timedelta = HOUR) -> None:
    desk.now += after
    desk.show("Alba", titles)


def _reported(desk: Desk) -> None:
    """Have an outlet report an event after older news, and lighter news after it."""
    desk.say("Alba", *OLDER)
    desk.say("Alba", FIRE)
    desk.say("Alba", "Llueve en la sierra")


@pytest.mark.slow
def test_a_report_that_was_told_and_vanishes_from_its_feed_is_a_correction(desk: Desk) -> None:
    _reported(desk)
    _stands(desk, "Llueve en la sierra", *OLDER)
    assert _updates(desk) == [], "one document may be an old copy"
    _stands(desk, "Llueve en la sierra", *OLDER, after=timedelta(minutes=20))
    assert _updates(desk) == []
    for _ in range(3):
        _stands(desk, "Llueve en la sierra", *OLDER)
    assert _updates(desk) == [f"Alba has taken it out of its feed: “{FIRE}”."]
    assert FIRE in desk.told[-1].notification.title


def test_what_comes_back_or_rolls_out_or_was_never_told_has_not_vanished(desk: Desk) -> None:
    _reported(desk)
    _stands(desk, "Llueve en la sierra", *OLDER)
    _stands(desk, "Llueve en la sierra", FIRE, *OLDER)  # that was an old copy
    _stands(desk, "Llueve en la sierra", *OLDER)
    _stands(desk, "Llueve en la sierra", FIRE, *OLDER)
    for _ in range(3):
        _stands(desk, "Llueve en la sierra", OLDER[3], OLDER[2])  # pinned ones, beside what is new
    desk.say("Boreal", FIRE)  # joined the event: its report was told to nobody
    assert _updates(desk) == []


def test_a_feed_that_shows_a_choice_takes_nothing_back(desk: Desk) -> None:
    _reported(desk)
    desk.say("Alba", "Gol de último minuto", "Vuelve el tren", "Abre la playa")
    for _ in range(3):
        _stands(desk, "Llueve en la sierra", "Vuelve el tren", *OLDER)
    assert _updates(desk) == []


def test_what_vanishes_more_than_two_days_after_it_was_told_is_the_archive_s_affair(desk: Desk) -> None:
    _reported(desk)
    _stands(desk, "Llueve en la sierra", *OLDER, after=timedelta(hours=49))
    _stands(desk, "Llueve en la sierra", *OLDER)
    assert _updates(desk) == []


def test_a_document_that_did_not_change_says_so_too(desk: Desk) -> None:
    _reported(desk)
    _stands(desk, "Llueve en la sierra", *OLDER)
    desk.now += HOUR
    desk.show_nothing_new("Alba")
    assert _updates(desk) == [f"Alba has taken it out of its feed: “{FIRE}”."]


# ----------------------------------------------------------------------------------- corrections


def _mixed(desk: Desk) -> tuple[str, str]:
    desk.say("Alba", STRIKE[0])
    desk.say("Boreal", QUAKE[0])
    one, other = desk.events
    return one.event.id, other.event.id


@pytest.mark.slow
def test_merging_tells_nobody_and_holds_for_what_comes_after(desk: Desk) -> None:
    kept, gone = _mixed(desk)
    merged = Correcting(desk.shift, "eva").merge(kept, gone)
    assert (merged.id, merged.reports) == (kept, 2)
    desk.say("Cima", QUAKE[1])
    desk.restart()
    desk.say("Delta", STRIKE[1])
    [event] = desk.events
    assert len(event.reports) == 4
    assert desk.store.reading.get_event(gone).event.id == kept
    assert [one.reason for one in desk.told if one.reason is not NotifyReason.UPDATE] == [
        NotifyReason.NEW_EVENT
    ] * 2
    assert (event.acts[0].by, event.acts[0].other_id) == ("eva", gone)
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_what_a_merged_event_had_reached_is_shown_and_is_not_told_again(desk: Desk) -> None:
    desk.say("Faro", QUAKE[0])
    for outlet, title in zip(OUTLETS, STRIKE[:3], strict=False):
        desk.say(outlet, title)
    assert _updates(desk) == ["3 independent outlets carry it now."]
    quake, strike = sorted(desk.events, key=lambda one: len(one.reports))
    Correcting(desk.shift, "eva").merge(quake.event.id, strike.event.id)
    [event] = desk.events
    assert [one.kind for one in event.milestones] == [ChangeKind.CORROBORATED]
    desk.say(OUTLETS[3], STRIKE[3])
    assert len(_updates(desk)) == 1


@pytest.mark.slow
def test_what_is_split_off_is_told_as_the_event_it_is_and_stays_apart(desk: Desk) -> None:
    kept, gone = _mixed(desk)
    correcting = Correcting(desk.shift, "eva")
    correcting.merge(kept, gone)
    quake = next(one.entry.id for one in desk.events[0].reports if one.entry.title == QUAKE[0])
    told = len(desk.told)
    new = correcting.split(kept, [quake])
    assert (new.title, new.reports) == (QUAKE[0], 1)
    assert [(one.event_id, one.reason) for one in desk.told[told:]] == [(new.id, NotifyReason.NEW_EVENT)]
    desk.say("Cima", QUAKE[1])
    desk.restart()
    desk.say("Delta", STRIKE[1])
    assert {len(view.reports) for view in desk.events} == {2}
    assert desk.store.audit.run().is_clean


@pytest.mark.slow
def test_a_title_that_a_person_gave_is_changed_by_no_report(desk: Desk) -> None:
    desk.say("Alba", STRIKE[0])
    correcting = Correcting(desk.shift, "eva")
    named = correcting.rename(desk.events[0].event.id, "  La  huelga ")
    assert (named.title, named.named_by) == ("La huelga", "eva")
    for outlet, title in zip(OUTLETS[1:], STRIKE[1:], strict=False):
        desk.say(outlet, title)
    assert desk.events[0].event.title == "La huelga"
    with pytest.raises(Refused):
        correcting.rename(named.id, " ")


@pytest.mark.slow
def test_an_event_is_named_by_the_report_that_says_it_best(desk: Desk) -> None:
    desk.say("Alba", "Sorpresa: huelga en el puerto")
    for outlet, title in zip(OUTLETS[1:], STRIKE[:3], strict=False):
        desk.say(outlet, title)
    assert desk.events[0].event.title in STRIKE


@pytest.mark.slow
def test_acts_that_make_no_sense_are_refused_with_the_reason(desk: Desk) -> None:
    kept, gone = _mixed(desk)
    correcting = Correcting(desk.shift, "eva")
    with pytest.raises(NotFound, match="there is no event nowhere"):
        correcting.merge("nowhere", gone)
    with pytest.raises(Refused, match="one event already"):
        correcting.merge(kept, kept)
    with pytest.raises(NotFound, match="has no entry 99"):
        correcting.split(kept, [99])
    with pytest.raises(Refused, match="without a report"):
        correcting.split(kept, [desk.events[0].reports[0].entry.id])


def _act(desk: Desk, chance: random.Random) -> None:
    """Have a person do something at random."""
    correcting = Correcting(desk.shift, "eva")
    views = desk.events
    if len(views) > 1 and chance.random() < 0.5:
        one, other = chance.sample(views, 2)
        correcting.merge(one.event.id, other.event.id)
        return
    large = [view for view in views if len(view.reports) > 1]
    if large:
        view = chance.choice(large)
        correcting.split(view.event.id, [chance.choice(view.reports).entry.id])


@pytest.mark.slow
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 9_999))
@example(seed=9_998)  # split, merged elsewhere, and read again at once
def test_nothing_is_told_twice_whatever_is_merged_and_split(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("acts")
    store = Store(f"sqlite:///{folder / 'a.db'}")
    try:
        desk, chance = Desk(folder, store), random.Random(seed)
        for outlet, titles in _stream(seed):
            desk.say(outlet, *titles)
            _act(desk, chance)
            if chance.random() < 0.3:
                desk.restart()
        entries = [one.entry.id for view in desk.events for one in view.reports]
        assert len(entries) == len(set(entries))
        assert {len(view.reports) == view.event.reports for view in desk.events} == {True}
        firsts = [one.event_id for one in desk.told if one.reason is not NotifyReason.UPDATE]
        assert len(firsts) == len(set(firsts))
        assert store.audit.run().is_clean
    finally:
        store.close()


def _picture(folder: Path, seed: int) -> tuple[list[object], list[str]]:
    """Tell what became of a stream with acts, and edits or two processes; the same seed does the same."""
    folder.mkdir()
    store = Store(f"sqlite:///{folder / 'a.db'}")
    try:
        desk, chance = Desk(folder, store), random.Random(seed)
        processes = (desk.shift.grouping, Grouping() if seed % 2 else desk.shift.grouping)
        for outlet, titles in _stream(seed):
            desk.shift.grouping = processes[chance.random() < 0.3]
            desk.poll([(outlet, titles)], text=chance.choice(("", LEAD, f"Lima (EFE).- {LEAD}")))
            chosen = chance.choice(desk.events).reports[0].entry if desk.events else None
            if chosen and seed % 2 == 0 and chance.random() < 0.3:
                desk.edit(chosen.outlet, chosen.title, f"{chosen.title} y más")
            if chance.random() < 0.3:
                _act(desk, chance)
        views = desk.events
        known = {one.entry.id: one.entry.title for view in views for one in view.reports} | {0: ""}
        events = [
            (view.event.title, [(one.entry.title, known[one.lineage.copy_of]) for one in view.reports])
            for view in views
        ]
        return [*events], [one.notification.text for one in desk.told]
    finally:
        store.close()


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 9_999))
def test_what_a_process_remembers_of_reports_is_what_the_store_would_say(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("picture")
    with patch.object(reported, "MOST_KEPT", 0):
        read_anew = _picture(folder / "anew", seed)
    assert _picture(folder / "kept", seed) == read_anew


# ---------------------------------------------------------------------------------------- replay


@pytest.mark.slow
def test_a_replay_counts_what_a_reader_was_told(desk: Desk) -> None:
    for outlet, title in zip(OUTLETS, STRIKE, strict=False):
        desk.say(outlet, title)
    desk.say("Faro", QUAKE[0])
    matches = list(desk.store.reading.iter_matches("port", MONDAY))
    replayed = replay_matches("port", matches, desk.shift.desk.updates["port"])
    assert (replayed.matches, replayed.events, replayed.held) == (5, 2, 0)
    assert len(replayed.alerts) + len(replayed.updates) == len(desk.told)
    assert replayed.updates[0].words == ("3 independent outlets carry it now",)
    assert replayed.suspects == ()


def test_a_replay_names_alerts_that_say_nearly_the_same(desk: Desk) -> None:
    desk.say("Alba", "Puerto: fuerte sismo en Lima ayer de noche")
    desk.say("Boreal", "Puerto: fuerte sismo en Managua ayer de noche")
    matches = list(desk.store.reading.iter_matches("port", MONDAY))
    replayed = replay_matches("port", matches, desk.shift.desk.updates["port"])
    assert len(replayed.alerts) == 1 + len(replayed.suspects)

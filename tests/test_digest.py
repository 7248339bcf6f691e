"""What readers get to see of many events at once: digests, their titles, and the coverage receipt."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import HeldReason, NotifyReason
from service.notify import (
    DigestItem,
    FileChange,
    NearMiss,
    ReaderView,
    Receipt,
    Silent,
    Trouble,
    render_digest,
)
from tests.partners.messages import (
    ANA,
    ANY_ITEM,
    ANY_TEXT,
    ANY_TIME,
    ANY_VIEW,
    DESK,
    LIMA,
    MANY,
    NOBODY,
    NOW,
    check_html,
    make_entry,
    make_item,
)

MORNING = NOW + timedelta(hours=1)
RECEIPT = Receipt(
    since_at=NOW - timedelta(days=1, hours=-1),
    articles=1_204,
    matched=14,
    healthy=17,
    troubled=(Trouble("Diario Sur", "does not let us in.", NOW - timedelta(days=3)),),
    gaps=("Wire", "Radio"),
    near=(
        NearMiss("Old Port", "Grúas <b>nuevas</b>", "Diario 5", "https://d5.example/1", "es", "Cosmo"),
        NearMiss("Old Port", "", "", "javascript:x", "", "fallo"),
    ),
    changes=(FileChange("Old Port", "“Cosmo” was added", NOW - timedelta(hours=2)),),
    silent=(
        Silent("Chile elections", 214, 14, NOW - timedelta(days=1, hours=-1)),
        Silent("Lithium", 1, 1, NOW - timedelta(days=9)),
    ),
)


def test_a_digest_lists_events_by_watchlist_and_counts_them() -> None:
    items = [
        make_item(1, reports=(make_entry(1), make_entry(2))),
        make_item(3, "Lithium"),
        make_item(4),
    ]
    digest = render_digest(items, DESK, now=MORNING)
    assert digest.title == "[Avizor] Digest: 3 events on 2 watchlists"
    assert "watchlists\n4 reports from 4 outlets.\n" in digest.text
    assert (
        digest.text.index("== Old Port ==")
        < digest.text.index("/events/e4")
        < digest.text.index("== Lithium ==")
    )
    assert (
        "line 9 of port.yaml: “Puerto Viejo” in headline and text; line 12: “Cosmo” in the text\n"
        in digest.text
    )
    assert digest.text.endswith(
        "\n\nAll events: https://alerts.example\n\nAvizor · Old Port and Lithium\n"
        "You get this because the channel desk follows Old Port (port.yaml) and Lithium (port.yaml). "
        "Ask the operator to change it.\n"
    )
    page = check_html(digest.html)
    assert set(page.links) == set(re.findall(r"https://\S+", digest.text))


def test_a_digest_of_one_watchlist_bears_its_name() -> None:
    digest = render_digest([make_item(evidence=(), title="")], NOBODY, now=MORNING)
    assert digest.title == "[port] Digest: 1 event"
    assert check_html(digest.html).links == ["https://diario1.example/nota/1?a=1&b=2"] * 2


def test_a_digest_leads_to_where_its_events_and_watchlists_are_judged_and_muted() -> None:
    digest = render_digest([make_item(1), make_item(3, "Lithium")], ANA, now=MORNING)
    assert (
        "\nWhat was useful?: https://alerts.example/r/useful\n"
        "What was noise?: https://alerts.example/r/noise\n"
        "Mute: https://alerts.example/r/mute\n"
    ) in digest.text
    assert "https://alerts.example/r/mute" in check_html(digest.html).links


def test_times_in_a_digest_carry_their_day_when_it_is_not_that_of_the_digest() -> None:
    evening, morning = make_entry(1, published_at=NOW - timedelta(hours=9)), make_entry(2)
    items = [make_item(1, reports=(evening,)), make_item(2, reports=(morning,))]
    sent = render_digest(items, ReaderView(LIMA), now=NOW + timedelta(hours=1)).text
    assert "Diario 1, 2 Nov 21:12 (Lima)" in sent
    assert "Diario 2, 06:14 (Lima)" in sent
    next_day = render_digest(items, ReaderView(LIMA), now=NOW + timedelta(days=1)).text
    assert "Diario 2, 3 Nov 06:14 (Lima)" in next_day


def test_a_digest_begins_each_watchlist_with_its_weightiest_event_and_the_newest_of_equals() -> None:
    copied = (make_entry(8, owner="Grupo"), make_entry(9, owner="Grupo"))
    own = (make_entry(1), make_entry(2, title="Otra voz", summary="Con otras palabras."))
    items = [
        make_item(1),
        make_item(5, "Lithium"),
        make_item(3),
        make_item(7, reports=copied),
        make_item(2, reports=own),
        make_item(6, "Lithium"),
    ]
    digest = render_digest(items, DESK, now=MORNING)
    assert re.findall(r"/events/e(\d)", digest.text) == ["2", "7", "3", "1", "6", "5"]


def test_a_digest_of_very_many_events_stays_small_and_counts_the_rest() -> None:
    items = [make_item(number, f"List {number % 40}") for number in range(1, 400)]
    digest = render_digest(items, DESK, now=MORNING)
    more = re.search(r"and (\d+) events more", digest.text)
    assert more is not None
    assert digest.text.count("Read it at") == 399 - int(more[1])
    assert more[0] in check_html(digest.html).shown


# ------------------------------------------------------------------------------------------ why held


@pytest.mark.parametrize(
    ("held", "title"),
    [
        (HeldReason.DIGEST, "Digest: 3 events"),
        (None, "Digest: 3 events"),
        (HeldReason.QUIET_HOURS, "3 events during your quiet hours"),
        (HeldReason.BUDGET, "3 events over your limit of alerts"),
        (HeldReason.COOLDOWN, "3 updates soon after another one"),
        (HeldReason.INHIBITED, "3 events right after a major one"),
        (HeldReason.OUTAGE, "3 events that could not be sent before"),
        (HeldReason.LEFT, "Digest: 3 events"),
    ],
)
def test_a_digest_is_titled_by_the_one_reason_for_which_all_of_it_was_held(
    held: HeldReason | None, title: str
) -> None:
    digest = render_digest([make_item(one, held=held) for one in (1, 2, 3)], DESK, now=MORNING)
    assert digest.title == f"[Old Port] {title}"
    assert digest.text.startswith(f"[Old Port] {title}\n3 reports from 3 outlets.\n\n")
    assert "limit of alerts for the day" not in digest.text


def test_where_reasons_differ_each_event_that_did_not_wait_for_its_digest_says_why() -> None:
    items = [
        make_item(1, held=HeldReason.BUDGET),
        make_item(2, held=HeldReason.COOLDOWN, reason=NotifyReason.UPDATE, news=("31 dead, before 12",)),
        make_item(3, held=HeldReason.DIGEST),
    ]
    digest = render_digest(items, DESK, now=MORNING)
    assert digest.title == "[Old Port] Digest: 3 events"
    blocks = {
        block.splitlines()[-1][-2:]: block for block in digest.text.split("\n\n") if "/events/" in block
    }
    assert "\nnew event · over your limit of alerts for the day\n" in blocks["e1"]
    assert "\n31 dead, before 12.\n" in blocks["e2"]
    assert "\nupdate · an update soon after another one\n" in blocks["e2"]
    assert "\nnew event\n" in blocks["e3"]
    shown = check_html(digest.html).shown
    assert "over your limit of alerts for the day" in shown
    assert "an update soon after another one" in shown
    assert "31 dead, before 12." in shown


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (NotifyReason.NEW_EVENT, "suceso nuevo"),
        (NotifyReason.FRESH_REPORT, "nota nueva de un suceso anterior"),
        (NotifyReason.UPDATE, "novedad"),
    ],
)
def test_each_event_of_a_digest_says_shortly_why_it_is_told(reason: NotifyReason, said: str) -> None:
    reader = replace(DESK, language="es")
    digest = render_digest([make_item(1, reason=reason), make_item(2)], reader, now=MORNING)
    assert f"\n{said}\n" in digest.text.partition("/events/e1")[0].rpartition("== Old Port ==")[2]
    assert said in check_html(digest.html).shown


@pytest.mark.parametrize("held", [HeldReason.QUIET_HOURS, HeldReason.BUDGET, HeldReason.OUTAGE])
def test_a_summary_of_what_was_held_says_of_each_event_how_late_it_is(held: HeldReason) -> None:
    old, fresh = (make_entry(number, published_at=NOW - timedelta(hours=7 * number)) for number in (1, 0))
    items = [make_item(1, reports=(old,), held=held), make_item(2, reports=(fresh,), held=held)]
    digest = render_digest(items, DESK, now=MORNING)
    assert "\nnew event · published 8 h before this alert\n" in digest.text
    assert "new event · published 8 h before this alert" in check_html(digest.html).shown
    assert digest.text.count("before this alert") == 1


@pytest.mark.parametrize("held", [HeldReason.DIGEST, None])
def test_a_digest_that_comes_when_its_reader_wants_it_calls_nothing_late(held: HeldReason | None) -> None:
    old = make_entry(1, published_at=NOW - timedelta(hours=20))
    digest = render_digest([make_item(1, reports=(old,), held=held)], DESK, now=MORNING)
    assert "before this alert" not in digest.text + digest.html


# ------------------------------------------------------------------------------------------ receipt


def test_a_receipt_says_what_was_read_what_ails_and_what_was_nearly_found() -> None:
    digest = render_digest([make_item()], DESK, now=MORNING, receipt=RECEIPT)
    assert (
        "\n\nRead 1,204 articles from 17 sources since Monday 07:12; 14 matched.\n\n"
        "In trouble:\nDiario Sur: does not let us in, since Saturday 06:12\n\n"
        "May have been missed in part:\nWire and Radio\n\n"
        "Still watching:\nChile elections: 214 articles from 14 sources, none matched.\n"
        "Lithium: 1 article from 1 source since 25 Oct, 06:12, none matched.\n\n"
        "Near misses:\nGrúas <b>nuevas</b>\nDiario 5 · Old Port, but for “Cosmo”\n"
        "Read it at Diario 5: https://d5.example/1\n"
        "(no headline)\nan unnamed source · Old Port, but for “fallo”\n\n"
        "What changed in the watchlists:\n04:12  Old Port: “Cosmo” was added\n\n"
        "All events: https://alerts.example\n"
    ) in digest.text
    page = check_html(digest.html)
    for words in (
        "Read 1,204 articles from 17 sources since Monday 07:12; 14 matched.",
        "Diario Sur: does not let us in, since Saturday 06:12",
        "Chile elections: 214 articles from 14 sources, none matched.",
        "Grúas <b>nuevas</b>\nDiario 5 · Old Port, but for “Cosmo”",
    ):
        assert words in page.shown
    assert set(page.links) == set(re.findall(r"https://\S+", digest.text))
    assert '<span lang="es" dir="auto">Grúas' in digest.html


def test_a_receipt_of_a_good_day_is_one_sentence() -> None:
    receipt = Receipt(since_at=NOW, articles=1, matched=0, healthy=1)
    digest = render_digest([make_item()], NOBODY, now=MORNING, receipt=receipt)
    assert "\n\nRead 1 article from 1 source since 11:12; none matched.\n\nAvizor" in digest.text


def test_without_events_a_digest_says_what_is_still_watched() -> None:
    digest = render_digest([], ANA, now=MORNING, receipt=RECEIPT)
    assert digest.title == "[Avizor] Still watching: Chile elections and Lithium"
    assert digest.text.startswith(f"{digest.title}\n\n== What was read ==\n\nRead 1,204 articles")
    assert "that you want alerts of Chile elections and Lithium.\nChange: " in digest.text
    assert "Chile elections: 214 articles from 14 sources, none matched." in check_html(digest.html).shown
    desk = render_digest([], DESK, now=MORNING, receipt=RECEIPT)
    assert "the channel desk follows Chile elections and Lithium." in desk.text


@pytest.mark.slow
def test_a_receipt_takes_no_room_from_the_events_and_counts_what_does_not_fit() -> None:
    items = [make_item(number, f"List {number % 40}") for number in range(1, 400)]
    receipt = replace(
        RECEIPT,
        troubled=tuple(Trouble(f"Diario {one}", "fails", NOW) for one in range(12)),
        silent=tuple(Silent(f"Lista {one} " * 9, 9, 9, NOW) for one in range(60)),
    )
    alone = render_digest(items, DESK, now=MORNING)
    both = render_digest(items, DESK, now=MORNING, receipt=receipt)
    assert both.text.count("/events/") == alone.text.count("/events/")
    assert "Diario 7: fails, since 06:12\nand 4 more\n" in both.text
    assert "\nand 52 more\n" in both.text
    assert "and 4 more" in check_html(both.html).shown
    few = render_digest([make_item()], DESK, now=MORNING, receipt=replace(receipt, near=RECEIPT.near * 4))
    assert few.text.count("but for") == 3


def test_a_receipt_that_finds_little_room_counts_more_and_at_last_leaves_sections_out() -> None:
    much = "&" * 500
    receipt = replace(
        RECEIPT,
        troubled=tuple(Trouble(much, much, NOW) for _ in range(8)),
        near=(NearMiss(much, much, much, "https://x.example", "es", much),) * 3,
        changes=(FileChange(much, much, NOW),) * 9,
        silent=(Silent(much, 9, 9, NOW),) * 9,
        gaps=(much,) * 40,
    )
    items = [make_item(number, much) for number in range(60)]
    digest = render_digest(items, replace(DESK, channel_id=much), now=MORNING, receipt=receipt)
    shown = check_html(digest.html).shown
    assert "Read 1,204 articles" in shown
    counted = re.search(r"and (\d+) more", shown)
    assert counted is not None
    assert "What changed in the watchlists" not in shown


ANY_RECEIPT = st.builds(
    Receipt,
    since_at=ANY_TIME,
    articles=st.integers(0, 10**9),
    matched=st.integers(0, 10**9),
    healthy=st.integers(0, 10**9),
    troubled=st.lists(st.builds(Trouble, ANY_TEXT, ANY_TEXT, ANY_TIME), max_size=12).map(tuple),
    gaps=st.lists(ANY_TEXT, max_size=12).map(tuple),
    near=st.lists(st.builds(NearMiss, *[ANY_TEXT] * 6), max_size=4).map(tuple),
    changes=st.lists(st.builds(FileChange, ANY_TEXT, ANY_TEXT, ANY_TIME), max_size=4).map(tuple),
    silent=st.lists(
        st.builds(Silent, ANY_TEXT, st.integers(0, 10**9), st.integers(0, 10**9), ANY_TIME),
        min_size=1,
        max_size=12,
    ).map(tuple),
)


@pytest.mark.slow
@MANY
@given(items=st.lists(ANY_ITEM, max_size=3), view=ANY_VIEW, receipt=ANY_RECEIPT)
def test_any_strings_make_a_valid_small_digest(
    items: list[DigestItem], view: ReaderView, receipt: Receipt
) -> None:
    made = render_digest(items, view, now=NOW, receipt=receipt)
    page = check_html(made.html)
    assert all(link in made.text for link in page.links)
    assert len(made.title) <= 250
    assert not set(made.title + made.text + made.html) & {"\x00", "\r", "\u202e", "\ud800"}

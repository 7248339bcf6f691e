"""What the pages decide, without a store or a server: times, sentences, what is shown of an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from service.domain import (
    Ailment,
    Delivery,
    DeliveryState,
    Entry,
    Event,
    Evidence,
    Feed,
    FeedSource,
    FeedStatus,
    HealthChange,
    HeldReason,
    JoinReason,
    Notification,
    NotifyReason,
    TextField,
)
from service.store import Attempt, EventView, Opened, Report, WatchlistSummary
from service.web import front
from service.web.ledger import delivery_row, ledger_parts
from service.web.phrases import (
    WORDS_LIMIT,
    channel_name,
    countries,
    hide_addresses,
    language_tag,
    languages,
    safe_link,
)
from service.web.present import event_card, report_row, still_watching, why_here
from service.web.sources import is_in_trouble, source_row
from service.web.telling import Tone, tell
from service.web.times import Local, lag, moment, since

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.marking import Piece
    from service.web.telling import Told

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)  # a Sunday, 09:40 in Lima
LIMA = Local(NOW, ZoneInfo("America/Lima"))
HOUR = timedelta(hours=1)


def _joined(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _marked(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_marked]


# ------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("at", "short"),
    [
        (NOW - HOUR, "08:40"),
        (NOW - 20 * HOUR, "yesterday 13:40"),
        (NOW + 20 * HOUR, "tomorrow 05:40"),
        (NOW - timedelta(days=4), "Wed 09:40"),
        (NOW - timedelta(days=8), "14 Nov 09:40"),
        (NOW - timedelta(days=400), "18 Oct 2025"),
    ],
)
def test_a_time_is_said_as_from_here(at: datetime, short: str) -> None:
    assert moment(at, LIMA).short == short


def test_a_time_is_also_given_for_machines_and_in_full() -> None:
    shown = moment(NOW, LIMA)
    assert shown.iso == "2026-11-22T14:40:00Z"
    assert shown.full == "Sunday 22 November 2026, 09:40 -05"
    assert (LIMA.city, LIMA.today, LIMA.clock) == ("Lima", "Sunday 22 November 2026", "09:40")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - HOUR, "08:40"),
        (NOW - timedelta(days=1), "yesterday"),
        (NOW - timedelta(days=6), "Monday"),
        (NOW - timedelta(days=7), "15 November"),
        (NOW - timedelta(days=365), "22 November 2025"),
    ],
)
def test_a_stretch_begins_at_a_day_with_a_name(at: datetime, words: str) -> None:
    assert since(at, LIMA) == words


def test_the_week_begins_at_a_local_midnight_six_days_back() -> None:
    assert LIMA.week_begins_at == datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("between", "words"),
    [
        (timedelta(seconds=59), "within a minute"),
        (timedelta(minutes=35), "35 min later"),
        (timedelta(hours=2), "2 h later"),
        (timedelta(hours=2, minutes=10), "2 h 10 min later"),
        (timedelta(days=1), "1 day later"),
        (timedelta(days=3, hours=4), "3 days 4 h later"),
    ],
)
def test_a_lag_is_said_in_the_unit_that_matters(between: timedelta, words: str) -> None:
    assert lag(between, LIMA.words) == words


# ---------------------------------------------------------------------------------------- phrases


def test_a_channel_is_named_as_its_owner_knows_it() -> None:
    names = ("desk", "settings-mail", "operator-chat", "reader-Gp7x")
    assert [channel_name(name, LIMA.words) for name in names] == [
        *("desk", "the address in the settings", "the operator", "a reader"),
    ]


def test_only_language_tags_are_used_as_such() -> None:
    assert language_tag(" es_PE ") == "es-PE"
    assert language_tag('es" onload="x') == ""
    assert languages(["es-PE", "ES", "", "zh-CN", "Spanish!"]) == "es zh"


def test_countries_are_counted_the_most_first_and_a_single_one_is_named() -> None:
    assert countries(["PE", "PE", "CL", ""], LIMA.words) == "PE 2 · CL 1"
    assert countries(["PE"], LIMA.words) == "PE"
    assert countries([], LIMA.words) == ""
    assert countries("ABCDEF", LIMA.words) == "A 1 · B 1 · C 1 · D 1 · 2 more"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//diario.example/a",
        "https:",
        "http://[broken/",
        "https://diario.example/a b",
        'https://diario.example/"x',
        "java\nscript:alert(1)",
        "",
    ],
)
def test_only_whole_web_addresses_are_linked(url: str) -> None:
    assert safe_link(url) == ""


def test_web_addresses_are_linked_as_they_are() -> None:
    assert safe_link("HTTPS://diario.example/a?b=1&c=2#d") == "HTTPS://diario.example/a?b=1&c=2#d"


def test_mail_addresses_are_shown_partly_wherever_they_stand() -> None:
    assert hide_addresses("ana.luz@example.org") == "a…@example.org"
    assert hide_addresses("550 <ana@example.org>: unknown") == "550 <a…@example.org>: unknown"
    assert hide_addresses("to=ana@example.org, no@@x") == "t…@example.org, n…@@x"
    assert hide_addresses("") == ""
    assert hide_addresses("x" * 5_000) == "x" * WORDS_LIMIT + "…"


# ----------------------------------------------------------------------------------------- events

TITLE = "Juez devuelve la vigilancia del puerto de Chancay"
IN_TITLE = Evidence("puerto de Chancay", TextField.TITLE, 32, 49, 9)


def _report(
    outlet: str = "Diario",
    title: str = TITLE,
    summary: str = "",
    *,
    evidence: tuple[Evidence, ...] = (IN_TITLE,),
    ago: timedelta = HOUR,
    join_reason: JoinReason = JoinReason.NONE,
    held: HeldReason | None = None,
) -> Report:
    entry = Entry(1, 1, "https://diario.example/a", "", title, summary, "es", NOW - ago, NOW, outlet, "PE")
    return Report(entry, evidence, join_reason, held, NOW, "1")


def _view(*reports: Report, title: str = TITLE, deliveries: tuple[Delivery, ...] = ()) -> EventView:
    event = Event("e1", "chancay-port", title, NOW - HOUR, NOW, len(reports))
    return EventView(event, reports, deliveries)


def _delivery(
    state: DeliveryState = DeliveryState.DELIVERED,
    *,
    channel: str = "desk",
    target: str = "ana@example.org",
    attempts: int = 0,
    told: datetime | None = None,
    words: str = "",
) -> Delivery:
    return Delivery(
        id="d1",
        subscription_id=channel,
        channel_id=channel,
        target=target,
        reason=NotifyReason.NEW_EVENT,
        event_id="e1",
        watchlist_id="chancay-port",
        state=state,
        message_id="<d1@avizor.example>",
        notification=Notification(TITLE, TITLE),
        created_at=NOW - HOUR,
        due_at=NOW + 2 * HOUR,
        attempts=attempts,
        delivered_at=told,
        words=words,
    )


def test_the_headline_is_marked_where_it_matched() -> None:
    card = event_card(_view(_report()), LIMA)
    assert _marked(card.headline.pieces) == ["puerto de Chancay"]
    assert card.headline.language == "es"


def test_an_edited_headline_keeps_its_old_words_and_no_marks() -> None:
    card = event_card(_view(_report(title="Otro titular"), title=TITLE), LIMA)
    assert _joined(card.headline.pieces) == TITLE
    assert not _marked(card.headline.pieces)


def test_an_event_without_a_headline_can_still_be_opened() -> None:
    card = event_card(_view(_report(title=""), title=""), LIMA)
    assert _joined(card.headline.pieces) == "(no headline)"


def test_the_first_reporter_need_not_be_the_one_whose_headline_opened_the_event() -> None:
    early = _report("Radio", "Antes", ago=3 * HOUR, join_reason=JoinReason.SAME_ADDRESS, evidence=())
    card = event_card(_view(early, _report()), LIMA)
    assert card.first_outlet == "Radio"
    assert card.first_at.short == "06:40"
    assert [why.line for why in card.why] == ["line 9 of chancay-port.yaml"]


def test_the_lead_is_the_summary_that_holds_evidence_with_its_outlet_named() -> None:
    found = Evidence("Cosco", TextField.TEXT, 3, 8, 12)
    other = _report(
        "Radio", "Otra", "La Cosco apelará.", evidence=(found,), join_reason=JoinReason.SAME_HEADLINE
    )
    card = event_card(_view(_report(summary="Sin palabras halladas."), other), LIMA)
    assert card.lead is not None
    assert _marked(card.lead.pieces) == ["Cosco"]
    assert card.lead_outlet == "Radio"


def test_a_summary_that_repeats_the_headline_is_no_lead() -> None:
    assert event_card(_view(_report(summary=f"{TITLE} Diario")), LIMA).lead is None
    assert event_card(_view(_report(summary=f"{TITLE}. {'Y más. ' * 20}")), LIMA).lead is not None


def test_why_here_names_file_lines_terms_and_places() -> None:
    in_text = Evidence("puerto de Chancay", TextField.TEXT, 0, 9, 9)
    lines, more = why_here(
        [IN_TITLE, in_text, Evidence("Cosco", TextField.TEXT, 2, 3, 12)], "chancay-port", LIMA.words
    )
    assert [(one.line, one.terms, one.where) for one in lines] == [
        ("line 9 of chancay-port.yaml", "puerto de Chancay", "in the title and the text"),
        ("line 12", "Cosco", "in the text"),
    ]
    assert more == 0


def test_why_here_is_cut_after_three_lines() -> None:
    evidence = [Evidence("x", TextField.TITLE, 0, 1, line) for line in (5, 3, 4, 9, 2)]
    lines, more = why_here(evidence, "w", LIMA.words)
    assert [one.line for one in lines] == ["line 2 of w.yaml", "line 3", "line 4"]
    assert more == 2


def test_a_report_says_how_late_it_was_and_why_it_is_here() -> None:
    first = _report()
    late = _report(
        "Radio",
        "",
        "Bajada.",
        ago=timedelta(minutes=20),
        join_reason=JoinReason.SAME_ADDRESS,
        held=HeldReason.STALE,
    )
    view = _view(first, late)
    assert report_row(first, view, LIMA).lag == "first"
    assert report_row(first, view, LIMA).held == ""
    row = report_row(late, view, LIMA)
    assert (row.lag, row.joined) == ("40 min later", "joined: the same address")
    assert row.link == "https://diario.example/a"
    assert row.held.startswith("may not alert by itself: published more than two weeks before")
    assert _joined(row.headline.pieces) == "(no headline)"


# ---------------------------------------------------------------------------------------- telling


def _words(told: Told) -> str:
    return " ".join(part for part in (told.before, told.at.short if told.at else "", told.after) if part)


def _told(*deliveries: Delivery, reports: tuple[Report, ...] = (_report(),)) -> list[str]:
    return [_words(one) for one in tell(_view(*reports, deliveries=deliveries), LIMA)]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (HeldReason.BASELINE, "not told: older than a day when this source was first read"),
        (HeldReason.STALE, "not told: published more than two weeks before it appeared in the feed"),
        (None, "not told: no subscription asked for it"),
    ],
)
def test_an_untold_event_says_why(held: HeldReason | None, words: str) -> None:
    assert _told(reports=(_report(held=held),)) == [words]


def test_what_was_told_names_the_time_and_the_channels_once() -> None:
    told = NOW - 2 * HOUR
    three = [
        _delivery(told=told),
        _delivery(told=told + HOUR, target="luz@example.org"),
        _delivery(told=told, channel="chat", target=""),
    ]
    assert _told(*three) == ["told 07:40 to desk and chat (3 addresses)"]


def test_digests_are_told_of_before_during_and_after() -> None:
    assert _told(_delivery(DeliveryState.HELD)) == ["will be in the digest of 11:40 to desk"]
    assert _told(_delivery(DeliveryState.COVERED)) == ["in a digest that is being sent to desk"]
    assert _told(_delivery(DeliveryState.COVERED, told=NOW)) == ["told in the digest of 09:40 to desk"]


def test_what_waits_says_what_it_waits_for() -> None:
    assert _told(_delivery(DeliveryState.PENDING)) == ["on its way to desk"]
    assert _told(_delivery(DeliveryState.SENDING, attempts=1)) == ["on its way to desk"]
    assert _told(_delivery(DeliveryState.PENDING, attempts=2, words="busy")) == [
        "not told yet; next try 11:40 to desk: busy"
    ]
    assert _told(_delivery(DeliveryState.AMBIGUOUS, attempts=1)) == [
        "perhaps told: the line broke at the end; repeated 11:40 to desk"
    ]


def test_what_failed_says_so_in_the_servers_words_without_whole_addresses() -> None:
    refused = _delivery(DeliveryState.FAILED, words="<ana@example.org> unknown")
    assert _told(refused) == ["could not be told: refused for good to desk: <a…@example.org> unknown"]
    assert _told(_delivery(DeliveryState.EXPIRED, attempts=9)) == [
        "could not be told: given up after 9 attempts to desk"
    ]


def test_every_way_it_went_has_a_phrase() -> None:
    assert all(_told(_delivery(state)) for state in DeliveryState)


# ----------------------------------------------------------------------------------------- ledger


def test_a_delivery_that_was_put_off_needs_the_eye() -> None:
    row = delivery_row(_delivery(DeliveryState.PENDING, attempts=1), LIMA)
    assert (row.state, row.tone, row.attempts) == ("will be tried again", Tone.TROUBLE, "1 attempt")


def test_a_delivery_without_attempts_says_whether_one_will_come() -> None:
    assert delivery_row(_delivery(DeliveryState.PENDING), LIMA).attempts == "none yet"
    assert delivery_row(_delivery(DeliveryState.COVERED), LIMA).attempts == "none of its own"


def test_a_due_time_is_shown_while_it_matters() -> None:
    assert delivery_row(_delivery(DeliveryState.HELD), LIMA).due_at is not None
    assert delivery_row(_delivery(told=NOW), LIMA).due_at is None


def test_attempts_are_told_with_step_code_and_words() -> None:
    attempts = [
        Attempt(1, NOW, NOW, "temporary", "rcpt", 451, "try <ana@example.org> later"),
        Attempt(2, NOW, NOW, "sent", "", 0, ""),
        Attempt(3, NOW, None, "", "", 0, ""),
    ]
    rows = delivery_row(_delivery(), LIMA, attempts).tries
    assert [row.words for row in rows] == [
        "put off by the mail server (451 try <a…@example.org> later)",
        "accepted",
        "under way, or the process ended in it",
    ]


def test_an_attempt_is_told_without_the_words_of_the_protocol() -> None:
    attempts = [
        Attempt(1, NOW, NOW, "sent", "dot", 250, "250 OK"),
        Attempt(2, NOW, NOW, "permanent", "answer", 404, ""),
        Attempt(3, NOW, NOW, "sent", "answer", 0, "The chat service took the message."),
    ]
    assert [row.words for row in delivery_row(_delivery(), LIMA, attempts).tries] == [
        "accepted by the mail server (250 OK)",
        "refused by the chat service (404)",
        "accepted: The chat service took the message.",
    ]


@pytest.mark.parametrize("channel", ["settings-mail", "settings-chat"])
def test_a_channel_of_the_settings_is_named_in_words(channel: str) -> None:
    name = "the address in the settings"
    assert delivery_row(_delivery(channel=channel), LIMA).channel == name
    assert _told(_delivery(channel=channel, told=NOW)) == [f"told 09:40 to {name}"]


def test_the_parts_of_the_ledger_cover_every_state_once() -> None:
    parts = ledger_parts({"failed": 2, "expired": 1, "delivered": 4})
    assert [part.count for part in parts] == [7, 0, 0, 4, 3, 0]
    assert sorted(state for part in parts[1:] for state in part.states) == sorted(DeliveryState)


# ---------------------------------------------------------------------------------------- sources


def _feed(status: FeedStatus, *, read: datetime | None = None, failures: int = 0, trouble: str = "") -> Feed:
    source = FeedSource("https://diario.example/feed", "Diario", "Diario", "PE", "es")
    return Feed(
        1,
        source,
        next_poll_at=NOW + HOUR,
        status=status,
        last_success_at=read,
        failures=failures,
        trouble=trouble,
    )


def test_a_feed_in_trouble_says_since_when_and_why_in_short() -> None:
    trouble = "The server answered 403. Ask the outlet."
    feed = _feed(FeedStatus.FAILING, read=NOW - timedelta(days=3), failures=1, trouble=trouble)
    row = source_row(feed, LIMA)
    assert (row.status, row.since, row.short) == (
        "failing, 1 time in a row",
        "since Thursday",
        "The server answered 403",
    )
    assert row.trouble == trouble


def test_the_reason_of_a_trouble_comes_before_any_address() -> None:
    words = "https://a.example/f?x=1: its host name was not found. Check the address."
    row = source_row(_feed(FeedStatus.FAILING, trouble=words), LIMA)
    assert row.trouble == "Its host name was not found. Check the address."
    assert row.short == "Its host name was not found"
    words = "https://a.example/f (redirected to https://b.example/g): the server answered 403. Ask."
    row = source_row(_feed(FeedStatus.FAILING, trouble=words), LIMA)
    assert row.trouble == "The server answered 403. Ask. The address led to https://b.example/g"
    assert row.short == "The server answered 403"


def test_a_feed_that_never_answered_says_so() -> None:
    row = source_row(_feed(FeedStatus.GONE, trouble="X" * 200), LIMA)
    assert (row.status, row.since) == ("gone for good", "never read")
    assert row.short == "X" * 110 + "…"


def test_a_feed_that_is_well_has_no_trouble() -> None:
    row = source_row(_feed(FeedStatus.HEALTHY, read=NOW), LIMA)
    assert (row.status, row.since, row.title, row.tone) == ("healthy", "", "", Tone.GOOD)
    assert source_row(_feed(FeedStatus.NEW), LIMA).status == "not read yet"


def test_a_source_that_answers_and_is_silent_is_in_trouble_with_its_own_words() -> None:
    silent = HealthChange(1, Ailment.SILENT, NOW - timedelta(days=3), "It answers. Look for a new feed.")
    moved = HealthChange(1, Ailment.MOVED, NOW, "It has moved.")
    feed = replace(_feed(FeedStatus.HEALTHY, read=NOW), ailments=(moved, silent))
    row = source_row(feed, LIMA)
    assert is_in_trouble(feed)
    assert (row.status, row.tone) == ("answers, but is silent", Tone.TROUBLE)
    assert (row.trouble, row.short) == ("It answers. Look for a new feed.", "It answers")
    assert row.since.startswith("since ")
    assert [one.words for one in row.ailments] == ["It has moved."]


# ------------------------------------------------------------------------------------- front page


def test_the_sentence_at_the_top_counts_new_events_and_what_was_read() -> None:
    top = front.headline(Opened(6, 0), 0, 4312, front.Week(9, 63, 70, NOW), LIMA, None)
    assert top.when == "In the last 24 hours:"
    assert top.new + top.rest == "6 new events, from 4,312 articles read at 63 sources."
    one = front.Week(1, 1, 1, NOW)
    top = front.headline(Opened(0, 41, 2), 3, 1, one, LIMA, NOW - timedelta(hours=14))
    assert top.when == "Since you last looked, 14 h ago:"
    assert top.new == "no new event"
    assert top.rest == (
        ", 3 changes of known ones, 41 too old to be told, 2 found later, from 1 article read at 1 source."
    )


def test_silence_comes_with_a_receipt() -> None:
    assert still_watching(1204, 17, NOW - timedelta(days=6), LIMA) == (
        "Still watching: 1,204 articles from 17 sources since Monday, none matched"
    )
    assert still_watching(0, 1, None, LIMA) == "Watching since just now: 1 source to read, no article yet"
    assert still_watching(0, 1, NOW, LIMA) == "Still watching: no article was read since 09:40"


def test_the_event_most_outlets_carry_leads_its_watchlist() -> None:
    summary = WatchlistSummary("chancay-port", "Chancay Port", "", 7, 9)
    week = front.Week(9, 1, 1, NOW)
    one = _view(_report(title="Solo"), title="Solo")
    two = _view(_report("A"), _report("B", join_reason=JoinReason.SAME_HEADLINE))
    found = front.section(summary, [one, two, one], 3, week, LIMA)
    assert [card.outlets for card, _ in found.events] == ["2 outlets, 1 independent", "1 outlet", "1 outlet"]
    assert found.more == "all 7 events"


def test_watchlists_with_news_come_before_silent_ones() -> None:
    week = front.Week(9, 1, 1, NOW)
    empty = front.section(WatchlistSummary("a", "A", "", 0, 0), [], 0, week, LIMA)
    quiet = front.section(WatchlistSummary("b", "B", "", 1, 1), [_view(_report())], 0, week, LIMA)
    busy = front.section(WatchlistSummary("c", "C", "", 1, 1), [_view(_report())], 1, week, LIMA)
    assert [one.id for one in front.in_order([empty, quiet, busy])] == ["c", "a", "b"]
    assert quiet.last is not None
    assert empty.last is None


def test_the_narrow_column_names_troubled_sources_up_to_a_number() -> None:
    feeds = [_feed(FeedStatus.FAILING, trouble=f"Trouble {number}.") for number in range(8)]
    feeds += [_feed(FeedStatus.NEW), _feed(FeedStatus.HEALTHY)]
    panel = front.sources_panel(feeds, LIMA)
    assert (len(panel.troubled), panel.more, panel.troubles) == (5, 3, 8)
    assert panel.troubled[0] == front.Trouble("Diario", "never read", "Trouble 0")
    assert (panel.healthy, panel.unread) == (1, 1)


def test_the_same_trouble_of_several_feeds_is_said_once() -> None:
    lost = [
        _feed(FeedStatus.FAILING, trouble=f"https://{name}.example/f: its host name was not found. Check it.")
        for name in ("a", "b", "c")
    ]
    other = _feed(FeedStatus.FAILING, trouble="The answer is a web page.")
    panel = front.sources_panel([other, *lost], LIMA)
    assert panel.troubled == (
        front.Trouble("3 feeds", "", "host name was not found"),
        front.Trouble("Diario", "never read", "The answer is a web page"),
    )
    assert (panel.troubles, panel.more) == (4, 0)


def test_only_outlets_that_have_answered_count_as_read() -> None:
    feeds = [_feed(FeedStatus.NEW), _feed(FeedStatus.HEALTHY, read=NOW)]
    assert (front.count_answered(feeds), front.count_answered(feeds[:1])) == (1, 0)
    top = front.headline(Opened(0, 0), 0, 0, front.Week(0, 0, 108, None), LIMA, None)
    assert top.new + top.rest == "no new event; none of 108 sources has answered so far."
    top = front.headline(Opened(0, 0), 0, 0, front.Week(0, 0, 0, None), LIMA, None)
    assert top.rest == "; no source is read yet."


def test_a_silent_watchlist_with_events_says_since_when_and_nothing_that_contradicts_it() -> None:
    summary = WatchlistSummary("chancay-port", "Chancay Port", "", 75, 75)
    quiet = front.section(summary, [_view(_report())], 0, front.Week(0, 0, 9, None), LIMA)
    assert (quiet.silence, quiet.receipt) == ("No new event since 09:40", "")
    read = front.section(summary, [_view(_report())], 0, front.Week(12, 8, 9, NOW), LIMA)
    assert read.receipt == "Still watching: 12 articles from 8 sources since 09:40, none matched"


def test_the_narrow_column_says_what_waits_and_what_failed() -> None:
    lines = front.alert_lines({"pending": 2, "claimed": 1, "held": 4, "covered": 5}, 1, LIMA)
    assert [line.words for line in lines] == [
        "1 failed this week",
        "3 waiting to be sent",
        "5 delivered",
    ]
    assert [line.words for line in front.alert_lines({}, 0, LIMA)] == ["No alert so far"]

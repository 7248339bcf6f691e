"""What ails a source is said once when it begins and once when it is over, with the reason and the mend."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict, Unpack

import pytest

from service import loop
from service.domain import (
    Ailment,
    Channel,
    ChannelKind,
    Feed,
    FeedSource,
    Fetched,
    FetchFailed,
    FetchFailure,
    HealthChange,
    NotModified,
    PublisherHints,
)
from service.health import Seen, judge, next_hurry, usual_silence
from service.notify import Ailing, ReaderView, Roll, render_report
from service.pipeline import Reporting
from tests.partners.feed_server import Request, answer, redirect
from tests.partners.publisher import DAY, HOUR, MINUTE, MONDAY, Agency, Paper, Press

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NOTHING = Seen()


def a_feed(*ailments: Ailment, failures: int = 0, every: timedelta | None = None, hurry: int = 0) -> Feed:
    source = FeedSource("http://paper.example/rss", "Harbour Post", "Harbour Post", every=every)
    return Feed(
        id=1,
        source=source,
        next_poll_at=NOW,
        baseline_at=NOW - DAY,
        failures=failures,
        hurry=hurry,
        ailments=tuple(HealthChange(1, one, NOW - DAY, "words") for one in ailments),
    )


class Said(TypedDict, total=False):
    """What an answer says beside its body."""

    etag: str
    moved_to: str
    hints: PublisherHints
    clock_skew: timedelta


def good(feed: Feed, **said: Unpack[Said]) -> Fetched:
    return replace(Fetched(feed, feed.source.url, b"", "hash", etag='"a"'), **said)


def failed(feed: Feed, reason: FetchFailure) -> FetchFailed:
    return FetchFailed(feed, reason, "It failed.", "Mend it.")


def changes(result: Fetched | NotModified | FetchFailed, seen: Seen = NOTHING) -> list[tuple[Ailment, bool]]:
    """Give what begins (True) and what is over (False)."""
    found = judge(result.feed, result, seen, PublisherHints(), now=NOW)
    assert all(one.words and one.at == NOW and one.feed_id == 1 for one in found)
    return [(one.ailment, not one.is_over) for one in found]


@pytest.mark.parametrize(
    ("reason", "ailment"),
    [
        (FetchFailure.TIMEOUT, Ailment.FAILING),
        (FetchFailure.NOT_A_FEED, Ailment.FAILING),
        (FetchFailure.FORBIDDEN, Ailment.BLOCKED),
        (FetchFailure.THROTTLED, Ailment.BLOCKED),
        (FetchFailure.WEB_PAGE, Ailment.WEB_PAGE),
    ],
)
def test_a_failure_is_said_at_the_third_poll_in_a_row_and_then_no_more(
    reason: FetchFailure, ailment: Ailment
) -> None:
    assert [changes(failed(a_feed(failures=count), reason)) for count in range(3)] == [
        [],
        [],
        [(ailment, True)],
    ]
    assert changes(failed(a_feed(ailment, failures=3), reason)) == []
    assert changes(failed(a_feed(ailment, failures=9), FetchFailure.UNREACHABLE)) == []
    assert changes(good(a_feed(ailment, failures=9))) == [(ailment, False)]
    assert changes(NotModified(a_feed(ailment, failures=9))) == [(ailment, False)]
    assert changes(good(a_feed(failures=2))) == []


def test_a_410_is_said_at_once_and_when_it_comes_back() -> None:
    assert changes(failed(a_feed(), FetchFailure.GONE)) == [(Ailment.GONE, True)]
    assert changes(failed(a_feed(Ailment.GONE), FetchFailure.GONE)) == []
    assert changes(good(a_feed(Ailment.GONE))) == [(Ailment.GONE, False)]


def test_a_move_is_said_after_a_day_and_when_it_is_taken_back() -> None:
    to = "http://new.example/rss"
    moved = replace(a_feed(), moved_to=to, moved_at=NOW - DAY)
    assert changes(good(replace(moved, moved_at=NOW - 23 * HOUR), moved_to=to)) == []
    [change] = judge(moved, good(moved, moved_to=to), NOTHING, PublisherHints(), now=NOW)
    assert (change.ailment, change.is_over) == (Ailment.MOVED, False)
    assert "http://paper.example/rss leads to http://new.example/rss for good" in change.words
    open_move = replace(a_feed(Ailment.MOVED), moved_to=to, moved_at=NOW - 9 * DAY)
    assert changes(good(open_move, moved_to=to)) == []
    assert changes(failed(open_move, FetchFailure.TIMEOUT)) == []
    assert changes(good(a_feed(Ailment.MOVED))) == [(Ailment.MOVED, False)]


@pytest.mark.parametrize(
    ("silence", "usual", "is_said"),
    [
        (3 * DAY, 2 * DAY, True),
        (3 * DAY, 4 * DAY, False),
        (20 * HOUR, HOUR, False),
        (25 * HOUR, HOUR, True),
        (90 * DAY, None, False),
    ],
)
def test_silence_is_said_beyond_what_is_usual_and_a_day(
    silence: timedelta, usual: timedelta | None, *, is_said: bool
) -> None:
    seen = Seen(last_entry_at=NOW - silence, usual=usual)
    assert changes(NotModified(a_feed()), seen) == ([(Ailment.SILENT, True)] if is_said else [])
    assert changes(NotModified(a_feed(Ailment.SILENT)), seen) == []
    assert changes(good(a_feed(Ailment.SILENT)), Seen(10, 1)) == [(Ailment.SILENT, False)]


def test_what_is_usual_is_the_99th_percentile_of_the_gaps() -> None:
    gaps = [HOUR] * 197 + [DAY] * 2 + [9 * DAY]
    times = [NOW]
    for gap in gaps:
        times.append(times[-1] - gap)
    assert usual_silence(times[::-1]) == DAY
    assert usual_silence(times[:20]) is None
    assert usual_silence([]) is None


def test_a_document_without_one_known_entry_is_a_gap_until_it_is_calm_again() -> None:
    assert changes(good(a_feed()), Seen(20, 20)) == [(Ailment.GAP, True)]
    assert changes(good(a_feed()), Seen(20, 19)) == []
    assert changes(good(a_feed()), Seen(4, 4)) == []
    assert changes(good(replace(a_feed(), baseline_at=None)), Seen(20, 20)) == []
    assert changes(good(a_feed(Ailment.GAP, hurry=1)), Seen(20, 20)) == []
    assert changes(good(a_feed(Ailment.GAP, hurry=2)), Seen(20, 3)) == []
    assert changes(good(a_feed(Ailment.GAP, hurry=1)), Seen(20, 3)) == [(Ailment.GAP, False)]


def test_the_interval_is_halved_at_each_gap_and_given_back_step_by_step() -> None:
    hurries = [0]
    for seen in (Seen(20, 20), Seen(20, 20), Seen(20, 15), Seen(20, 10), NOTHING, NOTHING):
        hurries.append(next_hurry(a_feed(hurry=hurries[-1]), seen))
    assert hurries == [0, 1, 2, 2, 1, 0, 0]
    assert next_hurry(a_feed(hurry=3), Seen(20, 20)) == 3


@pytest.mark.parametrize(
    ("skew", "words"),
    [
        (2 * HOUR, "2 hours ahead of ours"),
        (-90 * MINUTE, "90 minutes behind ours"),
        (-3 * DAY, "3 days behind ours"),
    ],
)
def test_a_clock_that_differs_is_said_with_the_side(skew: timedelta, words: str) -> None:
    feed = a_feed()
    [change] = judge(feed, good(feed, clock_skew=skew), NOTHING, PublisherHints(), now=NOW)
    assert change.ailment is Ailment.CLOCK_SKEW
    assert words in change.words
    assert changes(good(a_feed(Ailment.CLOCK_SKEW), clock_skew=MINUTE)) == [(Ailment.CLOCK_SKEW, False)]
    assert changes(good(a_feed(Ailment.CLOCK_SKEW))) == []


def test_a_feed_that_is_fetched_once_a_day_says_why() -> None:
    assert changes(good(a_feed(), etag="")) == [(Ailment.NO_VALIDATORS, True)]
    assert changes(good(a_feed(every=HOUR), etag="")) == []
    assert changes(good(a_feed(), etag="", hints=PublisherHints(max_age=20 * MINUTE))) == []
    assert changes(good(a_feed(Ailment.NO_VALIDATORS))) == [(Ailment.NO_VALIDATORS, False)]
    assert changes(NotModified(a_feed(Ailment.NO_VALIDATORS))) == []


# ------------------------------------------------------------------------------- from poll to message


def live(folder: Path, papers: list[Paper], life: Callable[[Agency], Awaitable[None]]) -> None:
    async def run() -> None:
        agency = Agency(folder, Press(papers, lambda: agency.now))
        async with agency:
            await life(agency)

    loop.run(run())


def _told(agency: Agency, name: str) -> list[tuple[Ailment, bool]]:
    stored = agency.store.health.list_changes(MONDAY - DAY)
    return [(one.change.ailment, not one.change.is_over) for one in stored if one.outlet == name]


@pytest.mark.slow
def test_each_ailment_is_stored_once_with_its_times_and_shown_while_it_lasts(tmp_path: Path) -> None:
    def broken_for_a_day(paper: Paper, request: Request, _: int) -> bytes:
        if DAY < paper.now - MONDAY < 2 * DAY:
            return answer(b"boom", status=500)
        return paper.polite(request, etag=paper.etag, modified=paper.modified)

    def page(paper: Paper, _: Request, before: int) -> bytes:
        return (
            answer(b"<html><title>Log in</title><input type=password></html>")
            if before
            else paper.whole('ETag: "p"')
        )

    def torrent(paper: Paper, _: Request, before: int) -> bytes:
        paper.news = MINUTE if MONDAY + 5 * HOUR < paper.now < MONDAY + 9 * HOUR else HOUR
        return paper.whole(f'ETag: "{before}"')

    papers = [
        Paper("ok", HOUR),
        Paper("broken", 4 * HOUR, broken_for_a_day),
        Paper("page", HOUR, page),
        Paper("torrent", HOUR, torrent),
        Paper("noval", 6 * HOUR, lambda paper, *_: paper.whole()),
        Paper("moved", HOUR, lambda *_: redirect("/elsewhere", 301)),
        Paper("moved", HOUR, path="/elsewhere"),
        Paper("late", HOUR, headers=("Date: Sun, 01 Mar 2026 00:00:00 GMT",)),
    ]

    async def life(agency: Agency) -> None:
        await agency.run(MONDAY + 4 * DAY)
        assert _told(agency, "ok") == []
        assert _told(agency, "broken") == [(Ailment.FAILING, True), (Ailment.FAILING, False)]
        assert _told(agency, "page") == [(Ailment.WEB_PAGE, True)]
        assert _told(agency, "torrent") == [(Ailment.GAP, True), (Ailment.GAP, False)]
        assert _told(agency, "noval") == [(Ailment.NO_VALIDATORS, True)]
        assert _told(agency, "moved") == [(Ailment.MOVED, True)]
        assert _told(agency, "late") == [(Ailment.CLOCK_SKEW, True)]
        [page] = agency.feed("page").ailments
        assert page.ailment is Ailment.WEB_PAGE
        assert "a page for logging in (“Log in”)" in page.words
        assert MONDAY < page.at < MONDAY + DAY
        assert agency.feed("broken").ailments == ()

    live(tmp_path, papers, life)


@pytest.mark.slow
def test_an_outlet_that_answers_and_brings_nothing_is_silent_and_then_heard_again(tmp_path: Path) -> None:
    async def life(agency: Agency) -> None:
        await agency.run(MONDAY + 7 * DAY)
        assert _told(agency, "paper") == [(Ailment.SILENT, True), (Ailment.SILENT, False)]

    live(tmp_path, [Paper("paper", HOUR, strike=(MONDAY + 2 * DAY, MONDAY + 5 * DAY))], life)


OPERATOR = Channel("operator-mail", ChannelKind.MAIL, ("ops@desk.example",))


@pytest.mark.slow
def test_the_operator_is_told_each_change_once_in_one_message_an_hour(tmp_path: Path) -> None:
    async def life(agency: Agency) -> None:
        reporting = Reporting(agency.shift)
        await agency.run(MONDAY + 10 * HOUR)
        assert reporting.make_reports() == 0  # nobody is to be told
        agency.shift.desk = replace(
            agency.shift.desk, roll=Roll({OPERATOR.id: OPERATOR}), operators=[OPERATOR.id]
        )
        assert (reporting.make_reports(), reporting.make_reports()) == (1, 0)
        [mail] = agency.store.deliveries.claim_due(agency.now, worker="w", lease=DAY, limit=9)
        assert (mail.channel_id, mail.target) == (OPERATOR.id, "ops@desk.example")
        assert mail.notification.title == "[Avizor] 2 sources need a look"
        assert "a is gone for good" in mail.notification.text
        assert "b fails" in mail.notification.text
        agency.now += 30 * MINUTE
        await agency.run(MONDAY + 20 * HOUR)
        assert reporting.make_reports() == 1
        due = agency.store.deliveries.claim_due(agency.now, worker="w", lease=DAY, limit=9)
        assert due[-1].notification.title == "[Avizor] 1 source is well again"
        assert agency.store.audit.run().is_clean

    def b(paper: Paper, request: Request, _: int) -> bytes:
        failing = HOUR / 2 < paper.now - MONDAY < 11 * HOUR
        return answer(b"", status=500) if failing else paper.polite(request, etag=paper.etag)

    papers = [Paper("a", HOUR, lambda *_: answer(b"", status=410)), Paper("b", HOUR, b)]
    live(tmp_path, papers, life)


def test_a_message_of_many_changes_is_cut_and_names_no_markup() -> None:
    ill = HealthChange(1, Ailment.FAILING, NOW, "It failed <b>badly</b>.")
    well = HealthChange(2, Ailment.FAILING, NOW, "It answers again.", is_over=True)
    message = render_report(
        [Ailing("Well", well), *[Ailing("<i>Ill</i>", ill)] * 60],
        ReaderView("America/Lima", base_url="https://w.example"),
    )
    assert message.title == "[Avizor] 1 source needs a look, 1 source is well again"
    assert message.text.startswith("<i>Ill</i> fails\n2 Mar 04:30 (Lima): It failed")
    assert "And 11 more\n\nAll sources: https://w.example/sources\n" in message.text
    assert "<b>badly" not in message.html
    assert 'href="https://w.example/sources"' in message.html

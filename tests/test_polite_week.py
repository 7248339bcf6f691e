"""P01 to P31: what a publisher's log says of us after a week. Time is simulated, the network is not.

One week is polled once for all tests of this file: forty papers, each with its own manners, the poller
restarted five times. Every criterion is then judged from the server's log alone.
"""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import brotli
import pytest

from service import loop
from service.domain import FeedStatus
from tests.partners.codings import zstd
from tests.partners.feed_server import Request, answer, redirect
from tests.partners.publisher import DAY, HOUR, MINUTE, MONDAY, Agency, Paper, Press, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from service.domain import Feed
    from service.pipeline import Polled

pytestmark = pytest.mark.slow

WEEK = 7 * DAY


@dataclass
class Week:
    """A week as publisher and operator saw it."""

    press: Press
    feeds: Mapping[str, Feed]
    polls: list[tuple[object, Polled]]

    def visits(self, name: str, path: str = "") -> list[Visit]:
        """Give the log of one paper."""
        found = self.press.visits(name, path)
        assert found, name
        return found

    def gaps(self, name: str) -> list[timedelta]:
        """Give the times between the visits of one paper."""
        return [after.at - before.at for before, after in pairwise(self.visits(name))]


# ------------------------------------------------------------------------------------- the papers


def _only(etag: str = "", modified: str = "") -> Callable[[Paper, Request, int], bytes]:
    """Be polite with these validators; `%` stands for the number of the issue."""

    def answers(paper: Paper, request: Request, _: int) -> bytes:
        issue = str(paper.issue())
        return paper.polite(request, etag=etag.replace("%", issue), modified=modified.replace("%", issue))

    return answers


def _touchy(paper: Paper, request: Request, _: int) -> bytes:
    """Give new validators every day, though the document stays."""
    day = (paper.now - MONDAY) // DAY
    return paper.polite(request, etag=f'"touched-{day}"', modified=f"Mon, {day + 1:02} Mar 2026 00:00:00 GMT")


def _etag304(paper: Paper, request: Request, before: int) -> bytes:
    """Say a new tag with every 304, and know the last one only."""
    if before and request.get("if-none-match") == f'"t{before - 1}"'.encode():
        return answer(b"", f'ETag: "t{before}"', status=304)
    return paper.whole(f'ETag: "t{before}"')


def _silent304(paper: Paper, request: Request, _: int) -> bytes:
    """Say nothing with a 304: what was said with the document holds."""
    if request.get("if-none-match") == b'"s"':
        return answer(b"", status=304)
    return paper.whole('ETag: "s"', "Cache-Control: max-age=28800")


def _dropping(paper: Paper, _: Request, before: int) -> bytes:
    """Give no validators from the third visit on."""
    return paper.whole('ETag: "d"') if before < 2 else paper.whole()


def _flaky(paper: Paper, request: Request, before: int) -> bytes:
    """Fail in another way at every second visit."""
    failures = (
        answer(b"boom", status=500),
        answer(b"slow down", status=429),
        answer(b"", status=404),
        answer(b"<html><title>Sorry</title></html>"),
        b"",
    )
    if before % 2:
        return failures[before // 2 % len(failures)]
    return paper.polite(request, etag=paper.etag, modified=paper.modified)


def _without(paper: Paper, _: Request, before: int) -> bytes:
    return paper.whole(f"X-Visit: {before}")


def _once(status: int, *headers: str, at: int = 1) -> Callable[[Paper, Request, int], bytes]:
    """Answer this to one visit, and politely to all others."""

    def answers(paper: Paper, request: Request, before: int) -> bytes:
        if before == at:
            return answer(b"slow down", *headers, status=status)
        return paper.polite(request, etag=paper.etag, modified=paper.modified)

    return answers


def _always(said: bytes, *, after: int = 0) -> Callable[[Paper, Request, int], bytes]:
    return lambda paper, request, before: paper.whole() if before < after else said


def _cookie(paper: Paper, request: Request, before: int) -> bytes:
    paper.headers = (f"Set-Cookie: session={before}; Max-Age=999999",)
    return paper.polite(request, etag=paper.etag, modified=paper.modified)


def _packed(coding: str, pack: Callable[[bytes], bytes]) -> Callable[[Paper, Request, int], bytes]:
    head = f"Content-Encoding: {coding}", 'ETag: "p"'
    return lambda paper, request, before: answer(pack(paper.body()), *head)


PERIOD = "<updatePeriod xmlns='http://purl.org/rss/1.0/modules/syndication/'>daily</updatePeriod>"
NIGHT = "".join(f"<hour>{hour}</hour>" for hour in range(8))
RETRY_DATE = "Retry-After: Mon, 02 Mar 2026 23:30:00 GMT"
PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}


def _papers() -> list[Paper]:
    news = 12 * HOUR
    return [
        Paper("ok", news),
        Paper("busy", 20 * MINUTE),
        Paper("slow", 5 * DAY),
        Paper("still"),
        Paper("etag", news, _only('"e%"')),
        Paper("lm", news, _only(modified="Mon, 02 Mar 2026 0%:30:00 GMT")),
        Paper("lmodd", news, _only(modified="2026/3/2 issue % ; tz=Lima")),
        Paper("unquoted", news, _only("abc%")),
        Paper("weaketag", news, _only('W/"w%"')),
        Paper("lmsame", news, _only('"m%"', "Mon, 02 Mar 2026 09:30:00 GMT")),
        Paper("touchy", None, _touchy),
        Paper("etag304", None, _etag304),
        Paper("silent304", None, _silent304),
        Paper("dropping", news, _dropping),
        Paper("flaky", news, _flaky),
        Paper("noval", HOUR, _without),
        Paper("wanted", HOUR, _without, every=3 * HOUR),
        Paper("maxage", 30 * MINUTE, headers=("Cache-Control: public, max-age=21600",)),
        Paper("expires", 30 * MINUTE, headers=("Expires: Fri, 06 Mar 2026 09:30:00 GMT",)),
        Paper("ttl", 30 * MINUTE, inside="<ttl>300</ttl>"),
        Paper("invited", 20 * MINUTE, headers=("Cache-Control: max-age=1800",)),
        Paper("daily", 20 * MINUTE, inside=PERIOD),
        Paper("night", 30 * MINUTE, inside=f"<skipHours>{NIGHT}</skipHours>"),
        Paper("weekend", 30 * MINUTE, inside="<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"),
        Paper("r429", news, _once(429, "Retry-After: 20000")),
        Paper("r503", news, _once(503, RETRY_DATE)),
        Paper("bare429", HOUR, _always(answer(b"too many", status=429), after=1)),
        Paper("bare503", HOUR, _always(answer(b"busy", status=503), after=1)),
        Paper("r500", HOUR, _always(answer(b"boom", status=500), after=1)),
        Paper("r404", HOUR, _always(answer(b"no such page", status=404), after=1)),
        Paper("reset", HOUR, _always(b"", after=1)),
        Paper("r410", HOUR, _always(answer(b"gone", status=410), after=1)),
        Paper("r403", HOUR, _always(answer(b"<p>Readers need a key.</p>", status=403))),
        Paper("page", HOUR, _always(answer(b"<html><title>Please log in</title></html>"), after=1)),
        *_moving("m301", 301), *_moving("m308", 308), *_moving("m302", 302), *_moving("m307", 307),
        *_moving("m303", 303),
        Paper("loop", HOUR, _always(redirect("/feed"))),
        Paper("file", HOUR, _always(redirect("file:///etc/hostname"))),
        Paper("meta", HOUR, _always(redirect("http://169.254.169.254/latest"))),
        Paper("cookie", news, _cookie),
        *(Paper(name, None, _packed(name, pack)) for name, pack in PACKED.items()),
    ]  # fmt: skip


def _moving(name: str, status: int) -> list[Paper]:
    old = Paper(name, 12 * HOUR, _always(redirect("/elsewhere", status)))
    new = Paper(name, 12 * HOUR, path="/elsewhere")
    return [old, new]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    async def run() -> Week:
        press = Press(_papers(), lambda: agency.now)
        agency = Agency(tmp_path_factory.mktemp("week"), press)
        async with agency:
            for part in range(1, 7):
                await agency.run(MONDAY + part * WEEK / 6 if part < 6 else MONDAY + WEEK)
                await agency.restart()
            return Week(press, agency.feeds(), list(agency.polls))

    return loop.run(run())


# ------------------------------------------------------------------------------------ validators


def _is_feed(visit: Visit) -> bool:
    return visit.status == 200 and b"<html>" not in visit.answer


def _expected(visits: list[Visit]) -> list[tuple[bytes | None, bytes | None]]:
    """Say which validators each visit must carry: those of the last good answers, merged at a 304."""
    expected = []
    etag: bytes | None = None
    modified: bytes | None = None
    for visit in visits:
        expected.append((etag, modified))
        said = visit.said(b"etag"), visit.said(b"last-modified")
        if _is_feed(visit):
            etag, modified = said
        elif visit.status == 304:
            etag, modified = said[0] or etag, said[1] or modified
    return expected


def _assert_exact(week: Week, *names: str) -> None:
    for name in names:
        visits = week.visits(name)
        assert [one.validators for one in visits] == _expected(visits), name
        assert len(visits) > 5, name


def test_p01_the_first_request_carries_no_validator_and_none_is_invented(week: Week) -> None:
    places = {(one.host, one.path) for one in week.press.log}
    for host, path in places:
        visits = week.press.visits(host.partition(".")[0], path)
        assert visits[0].validators == (None, None)
        issued = {visit.said(name) for visit in visits for name in (b"etag", b"last-modified")} | {None}
        assert {value for visit in visits for value in visit.validators} <= issued


def test_p02_validators_come_back_byte_for_byte(week: Week) -> None:
    _assert_exact(week, "ok", "etag", "lm")
    assert week.visits("ok")[-1].validators[0] == b'"ok-14"'


def test_p03_validators_are_opaque(week: Week) -> None:
    _assert_exact(week, "lmodd", "unquoted", "weaketag")
    for name in ("lmodd", "unquoted", "weaketag"):
        assert 304 in [one.status for one in week.visits(name)]


def test_p04_both_validators_go_out_as_the_set_they_came_in(week: Week) -> None:
    _assert_exact(week, "ok", "lmsame")
    tags = {one.validators[0] for one in week.visits("lmsame")}
    assert len(tags) > 10
    assert {one.validators[1] for one in week.visits("lmsame")[1:]} == {b"Mon, 02 Mar 2026 09:30:00 GMT"}


def test_p05_new_validators_are_stored_though_the_body_is_the_same(week: Week) -> None:
    _assert_exact(week, "touchy")
    visits = week.visits("touchy")
    days = {(one.at - MONDAY) // DAY for one in visits}
    assert [one.status for one in visits].count(200) == len(days)


def test_p06_the_validators_of_a_304_are_used_and_one_without_loses_nothing(week: Week) -> None:
    _assert_exact(week, "etag304", "silent304")
    for name in ("etag304", "silent304"):
        assert [one.status for one in week.visits(name)].count(200) == 1


def test_p07_validators_are_forgotten_by_no_failure_and_no_restart(week: Week) -> None:
    visits = week.visits("flaky")
    assert {one.status for one in visits} >= {200, 304, 404, 429, 500, 0}
    assert [one.validators for one in visits] == _expected(visits)
    assert [one.validators for one in visits].count((None, None)) == 1
    for name in ("ok", "touchy", "still", "busy", "cookie"):
        assert [one.validators for one in week.visits(name)].count((None, None)) == 1


def test_p08_validators_are_dropped_only_where_a_200_comes_without(week: Week) -> None:
    visits = week.visits("dropping")
    assert [one.validators[0] for one in visits[:4]] == [None, b'"d"', b'"d"', None]
    assert [one.validators for one in visits] == _expected(visits)


def test_no_full_download_is_repeated_where_nothing_changed(week: Week) -> None:
    for name in ("ok", "etag", "lm", "lmodd", "weaketag", "m301", "m308", "m302", "m307", "cookie"):
        bodies = [one.answer.partition(b"\r\n\r\n")[2] for one in week.visits(name) if _is_feed(one)]
        assert len(bodies) == len(set(bodies)), name
        assert len(bodies) > 5, name


# ------------------------------------------------------------------------------------------ spacing

ASKED_FOR = {"invited", "wanted"}  # by their publisher, and by the operator


def test_p09_polls_are_an_hour_apart_at_least_and_never_59_minutes(week: Week) -> None:
    for host, path in week.press.papers:
        if host.partition(".")[0] not in ASKED_FOR:
            visits = week.press.visits(host.partition(".")[0], path)
            assert min([after.at - before.at for before, after in pairwise(visits)], default=DAY) >= HOUR
    assert min(week.gaps("busy")) < 1.2 * HOUR


def test_p09_a_publisher_or_the_operator_can_ask_for_more(week: Week) -> None:
    assert 30 * MINUTE <= min(week.gaps("invited")) < HOUR
    assert 3 * HOUR <= min(week.gaps("wanted")) < 4 * HOUR


def test_p10_a_feed_without_validators_is_fetched_once_a_day(week: Week) -> None:
    assert min(week.gaps("noval")) >= DAY
    assert len(week.visits("noval")) >= 6


def test_p11_max_age_and_expires_are_kept_to_after_a_200_and_after_a_304(week: Week) -> None:
    assert min(week.gaps("maxage")) >= 6 * HOUR
    assert min(week.gaps("silent304")) >= 8 * HOUR
    assert week.visits("expires")[1].at >= MONDAY + 4 * DAY


def test_p12_ttl_skip_hours_and_skip_days_are_kept_to(week: Week) -> None:
    assert min(week.gaps("ttl")) >= 5 * HOUR
    assert {one.at.hour for one in week.visits("night")} == set(range(8, 24))
    assert {one.at.weekday() for one in week.visits("weekend")} == {0, 1, 2, 3, 4}


def test_what_every_wordpress_says_of_its_period_is_passed_over(week: Week) -> None:
    assert min(week.gaps("daily")) < 1.2 * HOUR


def test_p13_retry_after_is_kept_to_in_seconds_and_as_a_date(week: Week) -> None:
    assert week.gaps("r429")[1] >= timedelta(seconds=20_000)
    assert week.visits("r503")[2].at >= MONDAY.replace(hour=23)
    assert week.visits("r503")[1].at < MONDAY.replace(hour=22)


@pytest.mark.parametrize("name", ["bare429", "bare503", "r500", "r404", "page", "r403", "loop"])
def test_p14_p16_failures_back_off_from_an_hour_to_a_day(week: Week, name: str) -> None:
    first = next(number for number, one in enumerate(week.visits(name)) if not _is_feed(one))
    waits = [1, 2, 4, 8, 16, 24, 24]
    for gap, hours in zip(week.gaps(name)[first:], waits, strict=False):
        assert hours * HOUR <= gap <= 1.1 * hours * HOUR + 10 * MINUTE


def test_p16_who_is_not_reached_is_asked_every_two_hours_for_three_days_and_then_once_a_day(
    week: Week,
) -> None:
    gaps = week.gaps("reset")
    assert max(gaps[1:20]) <= 2.5 * HOUR
    assert min(gaps[-2:]) >= DAY


def test_p16_the_owner_sees_what_fails_and_since_when(week: Week) -> None:
    for name in ("r500", "r404", "reset", "page"):
        feed = week.feeds[name]
        assert feed.status is FeedStatus.FAILING
        assert feed.trouble
        assert feed.failing_since == week.visits(name)[1].at


def test_p17_a_410_is_the_end(week: Week) -> None:
    assert [one.status for one in week.visits("r410")] == [200, 410]
    assert week.feeds["r410"].status is FeedStatus.GONE


# -------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize("name", ["m301", "m308"])
def test_p18_a_permanent_redirect_is_followed_once_and_then_asked_directly(week: Week, name: str) -> None:
    assert len(week.visits(name, "/feed")) == 1
    assert len(week.visits(name, "/elsewhere")) > 20
    feed = week.feeds[name]
    assert feed.moved_to.endswith("/elsewhere")
    assert feed.source.url.endswith("/feed")


@pytest.mark.parametrize("name", ["m302", "m303", "m307"])
def test_p19_a_temporary_redirect_is_followed_and_never_kept(week: Week, name: str) -> None:
    assert len(week.visits(name, "/feed")) == len(week.visits(name, "/elsewhere")) > 20
    assert week.feeds[name].moved_to == ""


def test_p20_no_redirect_leads_out_of_the_web_or_round_in_circles(week: Week) -> None:
    for name, words in (("loop", "circle"), ("file", "no web address"), ("meta", "private network")):
        assert words in week.feeds[name].trouble
        assert len(week.visits(name)) == 11


# -------------------------------------------------------------------------------------- requests


def test_p21_every_poll_is_one_get(week: Week) -> None:
    assert {one.request.line.split(" ")[0] for one in week.press.log} == {"GET"}
    followed = [one for one in week.press.log if one.path == "/elsewhere"]
    directly = len(week.visits("m301")) + len(week.visits("m308")) - 4
    assert len(week.press.log) == len(week.polls) + len(followed) - directly


def test_p22_no_cookies_no_referer_no_query(week: Week) -> None:
    for one in week.press.log:
        assert one.request.get("cookie") is None
        assert one.request.get("referer") is None
        assert one.path in {"/feed", "/elsewhere"}


def test_p23_the_user_agent_names_program_version_and_a_url(week: Week) -> None:
    for one in week.press.log:
        agent = (one.request.get("user-agent") or b"").decode()
        assert re.fullmatch(r"Avizor/[\d.]+ \(\+https://[^\s)]+\)", agent)


def test_p24_what_is_offered_is_understood(week: Week) -> None:
    for one in week.press.log:
        assert one.request.get("accept-encoding") == b"gzip, deflate, br, zstd"
    read = {polled.feed.source.outlet: polled for _, polled in week.polls if polled.new}
    for name in PACKED:
        assert read[name].entries == 1


def test_p29_a_feed_in_which_nothing_happens_is_polled_less_and_less(week: Week) -> None:
    gaps = week.gaps("still")[1:]
    assert all(later > 1.2 * earlier for earlier, later in pairwise(gaps[:5]))
    assert DAY <= max(gaps) <= 1.1 * DAY + 10 * MINUTE


def test_p31_the_words_of_an_error_reach_the_owner(week: Week) -> None:
    assert "Readers need a key." in week.feeds["r403"].trouble
    assert "too many" in week.feeds["bare429"].trouble
    assert "no such page" in week.feeds["r404"].trouble
    assert "Please log in" in week.feeds["page"].trouble

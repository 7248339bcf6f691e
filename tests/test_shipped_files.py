"""The files in `watchlists/` that come with the program: they load, and they keep our own rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from service.domain import FeedGroup
from service.watchlists import LoadedFeeds, LoadedWatchlists, load_channels, load_feed_packs, load_watchlists

if TYPE_CHECKING:
    from service.watchlists import Watchlist

FOLDER = Path(__file__).parent.parent / "watchlists"
TOPICS = {"chancay-port", "chile-elections", "colombia-elections", "maduro-negotiations"}
PACKS = {"latin-america", "peru", "venezuela", "chile", "colombia", "think-tanks", "search"}


@pytest.fixture(scope="module")
def watchlists() -> LoadedWatchlists:
    return load_watchlists(FOLDER)


@pytest.fixture(scope="module")
def feeds() -> LoadedFeeds:
    return load_feed_packs(FOLDER / "feeds")


@pytest.fixture(params=sorted(TOPICS))
def topic(request: pytest.FixtureRequest, watchlists: LoadedWatchlists) -> Watchlist:
    return next(watchlist for watchlist in watchlists.watchlists if watchlist.id == request.param)


def test_the_four_topics_load_without_a_problem(watchlists: LoadedWatchlists) -> None:
    assert [str(problem) for problem in watchlists.problems] == []
    assert {watchlist.id for watchlist in watchlists.watchlists} == TOPICS


def test_the_packs_load_without_a_problem(feeds: LoadedFeeds) -> None:
    assert [str(problem) for problem in feeds.problems] == []
    assert {pack.id for pack in feeds.packs} == PACKS
    assert all(pack.about for pack in feeds.packs)


def test_a_topic_is_followed_in_four_languages_and_has_examples_of_both_kinds(topic: Watchlist) -> None:
    assert topic.languages == ("es", "en", "pt", "zh")
    assert topic.about
    assert sum(example.should_match for example in topic.examples) >= 6
    assert sum(not example.should_match for example in topic.examples) >= 5
    assert any("\u4e00" <= letter <= "\u9fff" for example in topic.examples for letter in example.title)


def test_a_topic_knows_its_dates_and_what_is_major(topic: Watchlist) -> None:
    assert topic.query.major
    days = [known.on for known in topic.dates]
    assert days == sorted(days)
    assert days[0] > date(2026, 11, 1)


def test_every_pack_is_followed_by_a_topic(watchlists: LoadedWatchlists) -> None:
    followed = {feed for watchlist in watchlists.watchlists for feed in watchlist.feeds}
    assert followed == PACKS


def test_every_feed_names_its_outlet_and_its_facts(feeds: LoadedFeeds) -> None:
    assert len(feeds.sources) > 150
    for source in feeds.sources:
        assert source.outlet
        assert source.title
        if source.group is not FeedGroup.SEARCH:
            assert source.language, source.url
            assert source.country or source.owner == "United Nations", source.url


def test_a_voice_paid_and_directed_by_a_state_names_the_state(feeds: LoadedFeeds) -> None:
    for source in feeds.sources:
        if source.group is FeedGroup.STATE_MEDIA:
            assert source.owner, source.url


def test_every_pack_says_at_its_top_why_it_polls_as_it_does() -> None:
    for path in sorted((FOLDER / "feeds").glob("*.yaml")):
        head = path.read_text(encoding="utf-8").split("title:")[0]
        assert head.startswith("# ")
        assert "`every:`" in head


def test_a_host_that_runs_on_arc_is_asked_once_in_a_quarter_of_an_hour(feeds: LoadedFeeds) -> None:
    asked: dict[str, float] = defaultdict(float)
    for source in feeds.sources:
        parts = urlsplit(source.url)
        if "/arc/" in parts.path or "/arcio/" in parts.path:
            assert source.every is not None
            asked[parts.netloc] += timedelta(minutes=15) / source.every
    assert len(asked) >= 6
    assert {host: rate for host, rate in asked.items() if rate > 1.001} == {}


def test_no_daily_feed_is_polled_more_often_than_every_quarter_of_an_hour(feeds: LoadedFeeds) -> None:
    for source in feeds.sources:
        assert source.every is None or source.every >= timedelta(minutes=15)


def no_secret(name: str) -> str:
    return f"ntfys://chat.example/{name.lower()}"


def test_the_file_of_channels_is_empty_until_somebody_uncomments_it(tmp_path: Path) -> None:
    shipped = FOLDER / "channels.yaml"
    loaded = load_channels(shipped, no_secret, TOPICS)
    assert (loaded.channels, loaded.subscriptions, loaded.problems) == ((), (), ())
    lines = shipped.read_text(encoding="utf-8").splitlines()
    examples = lines[lines.index("# channels:") :]
    mine = tmp_path / "channels.yaml"
    mine.write_text("\n".join(line.removeprefix("# ") for line in examples), encoding="utf-8")
    loaded = load_channels(mine, no_secret, TOPICS)
    assert loaded.problems == ()
    assert [channel.id for channel in loaded.channels] == ["desk", "ops-room"]
    assert [subscription.channel_id for subscription in loaded.subscriptions] == ["ops-room", "desk"]

"""What is decided about subscriptions at hubs: pure, with the time given."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Feed, FeedSource, PublisherHints
from service.websub import (
    CLAIM,
    LEASE,
    LONGEST_LEASE,
    MOST_ATTEMPTS,
    MOST_FAREWELLS,
    REST,
    SHORTEST_RENEWAL,
    UNANNOUNCED,
    HubAnswer,
    Push,
    PushState,
    Seal,
    Told,
    parse_signature,
    plan,
    take_answer,
    take_denial,
    take_poll,
    take_verification,
    tell,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OURS = "https://news.example"
HUB, TOPIC = "https://hub.example/", "https://port.example/feed"
OFFER = PublisherHints(hub=HUB, topic=TOPIC)
FEED = Feed(1, FeedSource(TOPIC, "Port", "Port"), NOW, document_hints=OFFER)
ASKED = Push(1, HUB, TOPIC, f"{OURS}/websub/t0ken", "t0ken", "s3cret", PushState.ASKED, NOW + CLAIM, NOW)
LIVE = replace(ASKED, state=PushState.LIVE, until_at=NOW + LEASE, due_at=NOW + 8 * DAY, attempts=0)
ENDING = replace(ASKED, state=PushState.ENDING)


def planned(
    push: Push | None, *, feed: Feed = FEED, at: datetime = NOW, is_wanted: bool = True, base: str = OURS
) -> Push | None:
    return plan(feed, push, base=base, is_wanted=is_wanted, now=at, chance=("t0ken", "s3cret"))


def answered(push: Push, words: str = "", *, asked: Push = ASKED) -> Push | None:
    return take_answer(push, asked, HubAnswer(words), now=NOW, jitter=0)


# ------------------------------------------------------------------------------------- what to ask


def test_a_feed_that_names_hub_and_topic_is_to_be_subscribed() -> None:
    assert planned(None) == ASKED
    assert planned(None, is_wanted=False) is None
    for offer in (PublisherHints(), PublisherHints(hub=HUB), PublisherHints(topic=TOPIC)):
        assert planned(None, feed=replace(FEED, document_hints=offer)) is None


def test_the_form_is_that_of_the_specification_and_secrets_are_in_nothing_that_is_printed() -> None:
    assert ASKED.form() == {
        "hub.mode": "subscribe",
        "hub.callback": f"{OURS}/websub/t0ken",
        "hub.topic": TOPIC,
        "hub.secret": "s3cret",
        "hub.lease_seconds": "864000",
    }
    assert ENDING.form() == {
        "hub.mode": "unsubscribe",
        "hub.callback": f"{OURS}/websub/t0ken",
        "hub.topic": TOPIC,
    }
    assert "t0ken" not in repr(ASKED)
    assert "s3cret" not in repr(ASKED)


def test_what_is_not_due_is_left_alone_and_what_is_is_asked_again() -> None:
    assert planned(LIVE) is None
    renewed = planned(LIVE, at=LIVE.due_at)
    assert renewed == replace(LIVE, attempts=1, asked_at=LIVE.due_at, due_at=LIVE.due_at + CLAIM)
    lapsed = planned(LIVE, at=NOW + LEASE)
    assert lapsed is not None
    assert lapsed.state is PushState.ASKED, "its lease is over"
    again = planned(ASKED, at=ASKED.due_at)
    assert again is not None
    assert (again.attempts, again.state) == (2, PushState.ASKED)


@pytest.mark.parametrize("state", [PushState.DENIED, PushState.GIVEN_UP, PushState.DEAD])
def test_after_a_rest_a_hub_is_asked_anew(state: PushState) -> None:
    resting = replace(ASKED, state=state, attempts=MOST_ATTEMPTS, due_at=NOW + REST, unannounced=2)
    assert planned(resting, at=NOW + REST - MINUTE) is None
    anew = planned(resting, at=NOW + REST)
    assert anew is not None
    assert (anew.state, anew.attempts, anew.unannounced) == (PushState.ASKED, 1, 0)


def test_a_new_address_of_ours_is_told_though_not_twice_in_five_minutes() -> None:
    there = "https://other.example"
    assert planned(LIVE, base=there, at=NOW + SHORTEST_RENEWAL - MINUTE) is None
    moved = planned(LIVE, base=there, at=NOW + SHORTEST_RENEWAL)
    assert moved is not None
    assert moved.callback == f"{there}/websub/t0ken"


@pytest.mark.parametrize(
    "offer", [PublisherHints(), replace(OFFER, hub="https://h.example/"), replace(OFFER, topic="https://t/")]
)
def test_a_feed_that_offers_something_else_ends_its_subscription(offer: PublisherHints) -> None:
    feed = replace(FEED, document_hints=offer)
    for push in (LIVE, ASKED):
        last = planned(push, feed=feed)
        assert last is not None
        assert (last.state, last.attempts, last.until_at) == (PushState.ENDING, 1, None)
    over = planned(replace(ASKED, state=PushState.DENIED), feed=feed)
    assert over is not None
    assert over.state is PushState.ENDED, "the hub knows nothing of it"


def test_a_farewell_is_said_three_times_at_most() -> None:
    assert planned(ENDING) is None, "it was said just now"
    push, said = ENDING, 1
    while (after := planned(push, at=push.due_at)) is not None and after.state is PushState.ENDING:
        push, said = after, said + 1
    assert said == MOST_FAREWELLS
    assert after is not None
    assert after.state is PushState.ENDED


# --------------------------------------------------------------------------------- what hubs answer


def test_a_hub_is_asked_again_later_and_later_and_then_given_up() -> None:
    waits = []
    for attempt in range(1, MOST_ATTEMPTS):
        push = replace(ASKED, attempts=attempt)
        after = answered(push, "answered 503")
        assert after is not None
        assert (after.state, after.words) == (PushState.ASKED, "answered 503")
        waits.append((after.due_at - NOW) / MINUTE)
    assert waits == [10, 20, 40, 80, 160]
    last = answered(replace(ASKED, attempts=MOST_ATTEMPTS), "answered 503")
    assert last is not None
    assert (last.state, last.due_at) == (PushState.GIVEN_UP, NOW + REST)
    farewell = answered(replace(ENDING, attempts=MOST_ATTEMPTS), "answered 503", asked=ENDING)
    assert farewell is not None
    assert farewell.state is PushState.ENDING


def test_an_answer_to_something_that_went_on_meanwhile_changes_nothing() -> None:
    assert answered(LIVE) is None, "it was confirmed before it was answered"
    assert answered(replace(ASKED, asked_at=NOW + MINUTE)) is None, "another request was made"
    assert answered(replace(ASKED, state=PushState.DENIED)) is None


def test_jitter_makes_it_later_only() -> None:
    after = take_answer(ASKED, ASKED, HubAnswer("no"), now=NOW, jitter=1)
    assert after is not None
    assert after.due_at == NOW + 11 * MINUTE


# ------------------------------------------------------------------------------- what hubs ask and do


@pytest.mark.parametrize("push", [ASKED, LIVE, replace(ASKED, state=PushState.GIVEN_UP)])
def test_a_hub_confirms_what_was_asked(push: Push) -> None:
    after = take_verification(push, "subscribe", TOPIC, "1000", NOW)
    assert after is not None
    assert (after.state, after.attempts, after.words) == (PushState.LIVE, 0, "")
    assert after.until_at == NOW + timedelta(seconds=1000)
    assert after.due_at == NOW + timedelta(seconds=800)


@pytest.mark.parametrize(
    ("said", "lease", "renewal"),
    [
        ("", LEASE, 8 * DAY),
        ("99999999999", LONGEST_LEASE, 24 * DAY),
        ("60", MINUTE, SHORTEST_RENEWAL),
    ],
)
def test_leases_are_kept_within_reason(said: str, lease: timedelta, renewal: timedelta) -> None:
    after = take_verification(ASKED, "subscribe", TOPIC, said, NOW)
    assert after is not None
    assert after.until_at == NOW + lease
    assert after.due_at == NOW + renewal


@pytest.mark.parametrize(
    ("push", "mode", "topic", "lease"),
    [
        (ASKED, "subscribe", "https://other.example/", "60"),
        (ASKED, "unsubscribe", TOPIC, ""),
        (ASKED, "", TOPIC, "60"),
        (ASKED, "subscribe", TOPIC, "0"),
        (ASKED, "subscribe", TOPIC, "-5"),
        (ASKED, "subscribe", TOPIC, "1" * 99),
        (ENDING, "subscribe", TOPIC, "60"),
        (replace(ASKED, state=PushState.DEAD), "subscribe", TOPIC, "60"),
        (replace(ASKED, state=PushState.DENIED), "subscribe", TOPIC, "60"),
    ],
)
def test_a_hub_that_asks_for_something_else_is_not_confirmed(
    push: Push, mode: str, topic: str, lease: str
) -> None:
    assert take_verification(push, mode, topic, lease, NOW) is None


def test_an_end_is_confirmed_and_a_refusal_of_one_ends_it_too() -> None:
    for after in (
        take_verification(ENDING, "unsubscribe", TOPIC, "", NOW),
        take_denial(ENDING, TOPIC, "never heard of it", NOW),
    ):
        assert after is not None
        assert after.state is PushState.ENDED


def test_a_refusal_ends_a_live_subscription_with_its_reason_in_one_line() -> None:
    after = take_denial(LIVE, TOPIC, "no\r\nt0ken \x1b s3cret" + " x" * 999, NOW)
    assert after is not None
    assert (after.state, after.until_at, after.due_at) == (PushState.DENIED, None, NOW + REST)
    assert after.words.startswith("no … … x")
    assert len(after.words) <= 200
    assert take_denial(LIVE, "https://other.example/", "", NOW) is None


@given(st.text())
def test_whatever_stands_in_the_signature_header_is_a_signature_or_nothing(header: str) -> None:
    found = parse_signature(header)
    assert found is None or len(found[1]) in {40, 64, 96, 128}


@given(
    st.sampled_from(["sha1", "sha256", "sha384", "sha512"]),
    st.lists(st.binary(max_size=50), max_size=5),
    st.text(max_size=20),
    st.binary(max_size=50),
)
def test_a_seal_is_good_for_the_body_that_was_signed_and_no_other(
    method: str, pieces: list[bytes], secret: str, other: bytes
) -> None:
    body = b"".join(pieces)
    header = f" {method.upper()}={hmac.new(secret.encode(), body, method).hexdigest().upper()}"
    seals = [
        Seal(secret, header),
        Seal(secret, header),
        Seal(secret + "x", header),
        Seal(secret, header[:-1]),
    ]
    for seal in seals:
        for piece in pieces:
            seal.add(piece)
    seals[1].add(other)
    assert [seal.is_good() for seal in seals] == [True, not other, False, False]


# -------------------------------------------------------------------------------------- what polls say


def test_several_polls_with_news_that_no_push_announced_end_it() -> None:
    feed = replace(FEED, pushed_until=NOW + LEASE, last_entry_at=NOW - HOUR)
    push: Push | None = LIVE
    for _ in range(UNANNOUNCED):
        assert push is not None
        push = take_poll(push, feed, new=1, now=NOW)
    assert push is not None
    assert (push.state, push.until_at, push.due_at) == (PushState.DEAD, None, NOW + REST)


def test_a_push_since_the_last_news_announces_them_and_makes_up_for_what_was_missed() -> None:
    told = replace(FEED, pushed_at=NOW, last_entry_at=NOW - HOUR)
    missed = replace(LIVE, unannounced=2)
    assert take_poll(missed, told, new=1, now=NOW) == LIVE
    assert take_poll(LIVE, told, new=1, now=NOW) is None
    assert take_poll(missed, replace(told, last_entry_at=None), new=1, now=NOW) == LIVE
    before = replace(told, pushed_at=NOW - 2 * HOUR)
    assert take_poll(LIVE, before, new=1, now=NOW) == replace(LIVE, unannounced=1)


def test_a_poll_without_news_and_one_after_the_lease_say_nothing() -> None:
    assert take_poll(LIVE, FEED, new=0, now=NOW) is None
    assert take_poll(LIVE, FEED, new=1, now=NOW + LEASE) is None


# ------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("push", "words"),
    [
        (None, ""),
        (ENDING, ""),
        (ASKED, "hub.example was asked to push."),
        (replace(ASKED, words="answered 503"), "hub.example was asked to push. answered 503."),
        (replace(ASKED, words="Is it on?"), "hub.example was asked to push. Is it on?"),
        (replace(LIVE, until_at=NOW), "hub.example was asked to push."),
        (replace(ASKED, state=PushState.DENIED), "hub.example refuses to push."),
        (replace(ASKED, state=PushState.DEAD, hub="hub:"), "hub: did not push."),
    ],
)
def test_it_is_said_how_a_subscription_stands(push: Push | None, words: str) -> None:
    assert tell(push, NOW) == Told(words)


def test_a_live_one_is_said_with_its_end() -> None:
    assert tell(LIVE, NOW) == Told("Pushed by hub.example until", LIVE.until_at)
    ignored = tell(replace(LIVE, refused=3), NOW).words
    assert ignored == "Pushed by hub.example (3 pushes that were not signed as agreed were ignored) until"

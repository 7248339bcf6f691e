"""Who is told what, when and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service.domain import (
    Cadence,
    ChangeKind,
    Channel,
    ChannelKind,
    Delivery,
    DeliveryState,
    Entry,
    EventChange,
    HeldReason,
    Match,
    Milestone,
    Notification,
    NotifyReason,
    Subscription,
)
from service.notify import Roll
from service.notify.plan import hold_changes, hold_reason, plan_deliveries, plan_digest, plan_updates

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DESK = Channel("desk", ChannelKind.MAIL, ("ana@example.org", "luis@example.org"), timezone="America/Lima")
ROOM = Channel("room", ChannelKind.CHAT, ("",))
CHANNELS = {"desk": DESK, "room": ROOM}


def _roll(*subscriptions: Subscription, channels: Mapping[str, Channel] = CHANNELS) -> Roll:
    return Roll(channels, subscriptions)


def _entry(age: timedelta | None, *, baseline: bool) -> Entry:
    at = None if age is None else NOW - age
    return Entry(1, 1, "", "", "Titular", "", "es", at, NOW, from_baseline=baseline)


def _change(kind: ChangeKind = ChangeKind.OPENED, event_id: str = "e1") -> EventChange:
    return EventChange(Match(_entry(timedelta(0), baseline=False), "port", "v1", ()), event_id, kind)


def test_of_the_first_poll_only_the_last_day_may_alert() -> None:
    assert hold_reason(_entry(timedelta(hours=24), baseline=True)) is None
    assert hold_reason(_entry(timedelta(hours=25), baseline=True)) is HeldReason.BASELINE
    assert hold_reason(_entry(None, baseline=True)) is HeldReason.BASELINE


def test_later_on_everything_new_may_alert_but_what_was_published_long_ago() -> None:
    assert hold_reason(_entry(None, baseline=False)) is None
    assert hold_reason(_entry(timedelta(days=14), baseline=False)) is None
    assert hold_reason(_entry(timedelta(days=15), baseline=False)) is HeldReason.STALE


def test_changes_carry_the_reason_they_are_held_for() -> None:
    old = EventChange(Match(_entry(None, baseline=True), "port", "v1", ()), "e1", ChangeKind.OPENED)
    assert [change.held for change in hold_changes([old, _change()])] == [HeldReason.BASELINE, None]


def test_a_held_change_plans_nothing() -> None:
    held = hold_changes(
        [EventChange(Match(_entry(None, baseline=True), "port", "", ()), "e", ChangeKind.OPENED)]
    )
    assert plan_deliveries(held, _roll(Subscription("s", "room")), NOW) == []


def test_each_target_of_a_channel_gets_its_own_delivery() -> None:
    planned = plan_deliveries([_change()], _roll(Subscription("s", "desk", frozenset({"port"}))), NOW)
    assert [one.target for one in planned] == ["ana@example.org", "luis@example.org"]
    assert len({one.id for one in planned}) == 2
    assert {one.due_at for one in planned} == {NOW}


def test_a_subscription_hears_only_of_its_watchlists() -> None:
    assert plan_deliveries([_change()], _roll(Subscription("s", "room", frozenset({"vote"}))), NOW) == []


def test_an_event_is_planned_once_however_many_reports_and_subscriptions_lead_to_it() -> None:
    changes = [_change(), _change(ChangeKind.JOINED)]
    subscriptions = [Subscription("s1", "room"), Subscription("s2", "room", frozenset({"port"}))]
    [planned] = plan_deliveries(changes, _roll(*subscriptions), NOW)
    assert planned.reason is NotifyReason.NEW_EVENT
    again = plan_deliveries([_change(ChangeKind.JOINED)], _roll(subscriptions[0]), NOW + timedelta(days=1))
    assert (again[0].id, again[0].reason) == (planned.id, NotifyReason.FRESH_REPORT)


def test_one_mailbox_in_two_channels_and_cadences_is_told_once_and_at_once() -> None:
    other = Channel("newsroom", ChannelKind.MAIL, ("ANA@example.org",))
    channels = {**CHANNELS, "newsroom": other}
    daily = Subscription("d", "newsroom", cadence=Cadence.DIGEST)
    planned = plan_deliveries([_change()], _roll(daily, Subscription("s", "desk"), channels=channels), NOW)
    assert [(one.target, one.held) for one in planned] == [
        ("ana@example.org", None),
        ("luis@example.org", None),
    ]


def test_a_daily_subscription_is_held_until_its_local_hour() -> None:
    daily = Subscription("s", "desk", cadence=Cadence.DIGEST)
    planned = plan_deliveries([_change()], _roll(daily), NOW)[0]
    assert planned.held is HeldReason.DIGEST
    assert planned.due_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # 07:00 in Lima


def test_a_digest_is_one_delivery_of_what_it_covers() -> None:
    held = Delivery(
        "h1", "s", "desk", "ana@example.org", NotifyReason.NEW_EVENT, "e1", "port", DeliveryState.HELD,
        "<m>", Notification("", ""), NOW, NOW,
    )  # fmt: skip
    planned = plan_digest([held], NOW)
    assert (planned.reason, planned.channel_id, planned.target) == (
        NotifyReason.DIGEST,
        "desk",
        "ana@example.org",
    )
    assert plan_digest([held], NOW + timedelta(days=1)).id == planned.id


def test_an_update_shows_the_article_that_says_something_before_the_one_that_makes_the_number_full() -> None:
    reached = [
        Milestone("e1", "port", ChangeKind.MAJOR, "", "a major development", entry_id=7),
        Milestone("e1", "port", ChangeKind.CORROBORATED, "3", "3 independent outlets", entry_id=8),
        Milestone("e1", "port", ChangeKind.JOINED, "8", "one more", entry_id=8),
    ]
    updates = plan_updates(reached, {}, _roll(Subscription("s", "desk")), NOW).values()
    planned = [one.delivery for one in updates]
    assert {one.entry_id for one in planned} == {7}
    assert {one.reason for one in planned} == {NotifyReason.UPDATE}


def test_what_is_held_back_of_an_event_updates_nobody() -> None:
    held = [Milestone("e1", "port", ChangeKind.MAJOR, "", "a major development", held=HeldReason.BASELINE)]
    assert plan_updates(held, {}, _roll(Subscription("s", "desk")), NOW) == {}

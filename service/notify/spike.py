"""The message of a spike: how many reports in an hour, what is usual, and the events behind it. Pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from service.bursts import say_usual
from service.domain import Cadence, Notification, NotifyReason, PlannedDelivery
from service.notify import page
from service.notify.clean import clean_line
from service.notify.facts import count_outlets, count_reports
from service.notify.foot import Foot, judging_links, name_watchlist
from service.notify.parts import (
    ROW_LINK_LIMIT,
    actions,
    blocks,
    event_link,
    lines,
    make_title,
    say_headline,
    say_reading,
)
from service.notify.roll import Reader, Roll, list_readers
from service.notify.why import NAME_LIMIT
from service.text import digest
from service.wording import later

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Cause, Spike
    from service.notify.clock import Clock
    from service.notify.reader_view import ReaderView
    from service.wording import Wording

_HOUR = timedelta(hours=1)
_WHY = later(
    "Why you get this: these are far more reports within an hour than usual at this time of the day and the "
    "week, outlets and copies counted once. You hear of no further rise of it for 12 hours."
)


def plan_spike(spike: Spike, roll: Roll, now: datetime) -> list[PlannedDelivery]:
    """Plan one delivery of a spike for each reader who is told at once; none of a spike that was expected.

    A digest is no place for it: by its hour the rise is over, and its events stand in the digest anyway.
    """
    if spike.expected:
        return []
    planned: dict[str, PlannedDelivery] = {}
    for reader in list_readers(spike.watchlist_id, roll):
        if reader.subscription.cadence is Cadence.IMMEDIATE:
            delivery = _plan(spike, reader, now)
            planned.setdefault(delivery.id, delivery)
    return list(planned.values())


def _plan(spike: Spike, reader: Reader, now: datetime) -> PlannedDelivery:
    return PlannedDelivery(
        id=digest("spike", spike.id, reader.name),
        subscription_id=reader.subscription.id,
        channel_id=reader.channel.id,
        target=reader.target,
        reason=NotifyReason.SPIKE,
        event_id="",  # what stands here is told once to each reader, and this event may have been told
        watchlist_id=spike.watchlist_id,
        entry_id=0,
        due_at=now,
    )


def render_spike(spike: Spike, watchlist_title: str, view: ReaderView, now: datetime) -> Notification:
    """Render the message of one spike for a reader; times of another day than that of `now` carry theirs."""
    wording, watchlist = view.wording, name_watchlist(watchlist_title, spike.watchlist_id)
    reports = count_spike(spike, wording)
    outlets = count_outlets(spike.outlets, wording)
    usual = say_usual_of(spike.usual, wording)
    title = make_title(
        watchlist.name,
        wording.say("Spike: {reports} within an hour, usual is {usual}", reports=reports, usual=usual),
    )
    rest = _say_rest(spike, view.clock, now, usual)
    head = wording.say("{reports} from {outlets} {rest}", reports=reports, outlets=outlets, rest=rest)
    causes = [_CausePart(cause, view) for cause in spike.causes]
    behind, why = _say_behind(spike, wording), wording.say(_WHY)
    judging = judging_links(view)
    foot = Foot(view, [watchlist], judging)
    inner = [
        page.headline(page.text(wording.say("{reports} within an hour", reports=reports))),
        page.line(f"{page.strong(page.text(outlets))} &nbsp;·&nbsp; {page.text(rest)}"),
        page.heading(page.text(behind)),
        *(one.html for one in causes),
        page.line(page.text(why), top=20, size=13),
        actions(*judging),
        foot.html(),
    ]
    spiking = page.accent(page.text(wording.say("spike")))
    masthead = f"Avizor · {page.text(watchlist.name)} · {spiking}"
    return Notification(
        title,
        blocks(head, behind, *(one.text for one in causes), why, foot.text()),
        page.page(title, masthead, head, "".join(inner), wording.language),
    )


def count_spike(spike: Spike, wording: Wording) -> str:
    """Count the reports of a spike, and say where all are of one event."""
    if not spike.event_id:
        return count_reports(spike.reports, wording)
    return wording.count(spike.reports, "{number} report of one event", "{number} reports of one event")


def say_usual_of(usual: float, wording: Wording) -> str:
    """Say how many reports such an hour usually has."""
    said = say_usual(usual)
    return wording.say_number(Decimal(said)) if said[0].isdigit() else wording.say("none")


def _say_rest(spike: Spike, clock: Clock, now: datetime, usual: str) -> str:
    return clock.wording.say(
        "between {begin} and {end} ({place}); usual for such an hour is {usual}.",
        begin=clock.say(spike.until_at - _HOUR, now),
        end=clock.say(spike.until_at, now),
        place=clock.place,
        usual=usual,
    )


def _say_behind(spike: Spike, wording: Wording) -> str:
    """Say which events the list below names, out of how many."""
    if spike.events == 1:
        return wording.say("The event behind it")
    shown, number = len(spike.causes), wording.say_number(spike.events)
    if shown == spike.events:
        return wording.say("The {number} events behind it", number=number)
    if shown == 1:
        return wording.say("The largest of the {number} events behind it", number=number)
    return wording.say("The {shown} largest of the {number} events behind it", shown=shown, number=number)


class _CausePart:
    """One event behind a spike in text and HTML."""

    def __init__(self, cause: Cause, view: ReaderView) -> None:
        wording = view.wording
        headline = say_headline(cause.headline, wording)
        count = wording.say(
            "{reports} from {outlets} in that hour",
            reports=count_reports(cause.reports, wording),
            outlets=count_outlets(cause.outlets, wording),
        )
        url, event_url = page.safe_link(cause.url, ROW_LINK_LIMIT), event_link(view.base_url, cause.event_id)
        outlet = clean_line(cause.outlet, NAME_LIMIT) or wording.say("an unnamed source")
        read = (say_reading(outlet, wording), url)
        links = lines(read, (wording.say("The event with all its reports"), event_url))
        self.text = "\n".join(part for part in (headline, count, links) if part)
        linked = page.link(event_url or url, page.text(headline), bold=True)
        self.html = (
            page.headline(linked, cause.language, size=17)
            + page.line(page.text(count), top=4)
            + actions(read, (wording.say("See the event"), event_url), top=4)
        )

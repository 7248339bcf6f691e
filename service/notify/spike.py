"""The message of a spike: how many reports in an hour, what is usual, and the events behind it. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service.bursts import say_usual
from service.domain import Cadence, Notification, NotifyReason, PlannedDelivery
from service.notify import page
from service.notify.clean import clean_line
from service.notify.facts import Clock, plural
from service.notify.roll import Reader, Roll, list_readers
from service.notify.render import TITLE_LIMIT, event_page
from service.notify.why import NAME_LIMIT, say_follower
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from service.domain import Cause, Channel, Spike, Subscription

_HOUR = timedelta(hours=1)
_HEADLINE_LIMIT = 300
_LINK_LIMIT = 300
_WHY = (
    "Why you get this: these are far more reports within an hour than usual at this time of the day and the "
    "week, outlets and copies counted once. You hear of no further rise of it for 12 hours."
)


def plan_spike(
    spike: Spike, roll: Roll, now: datetime
) -> list[PlannedDelivery]:
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


def render_spike(
    spike: Spike, watchlist_title: str, *, channel_id: str, base_url: str, timezone: str, now: datetime
) -> Notification:
    """Render the message of one spike. `base_url` may be empty: then there are no links to our pages."""
    watchlist = clean_line(watchlist_title, NAME_LIMIT) or clean_line(spike.watchlist_id, NAME_LIMIT)
    of_one = " of one event" if spike.event_id else ""
    reports = f"{plural(spike.reports, 'report')}{of_one}"
    title = clean_line(
        f"[{watchlist}] Spike: {reports} within an hour, usual is {say_usual(spike.usual)}", TITLE_LIMIT
    )
    outlets = plural(spike.outlets, "outlet")
    head = f"{reports} from {outlets}"
    when = _between(spike, Clock(timezone), now)
    rest = f"between {when}; usual for such an hour is {say_usual(spike.usual)}."
    causes = [_CausePart(cause, base_url) for cause in spike.causes]
    behind = _say_behind(spike)
    follower = say_follower(channel_id, watchlist, spike.watchlist_id)
    foot = f"Avizor · {watchlist}\n{follower}".strip()
    text = "\n\n".join([f"{head} {rest}", behind, *(one.text for one in causes), _WHY, foot]) + "\n"
    inner = [
        page.headline(page.text(f"{reports} within an hour")),
        page.line(f"{page.strong(page.text(f'from {outlets}'))} {page.text(rest)}"),
        page.heading(page.text(behind)),
        *(one.html for one in causes),
        page.line(page.text(_WHY), top=20, size=13),
        page.line(page.text(follower), top=16, size=12) if follower else "",
    ]
    masthead = f"Avizor · {page.text(watchlist)}"
    return Notification(title, text, page.page(title, masthead, f"{head} {rest}", "".join(inner)))


def _between(spike: Spike, clock: Clock, now: datetime) -> str:
    begin, end = spike.until_at - _HOUR, spike.until_at
    return f"{clock.say(begin, now)} and {clock.say(end, now)} ({clock.place})"


def _say_behind(spike: Spike) -> str:
    """Say which events the list below names, out of how many."""
    if spike.events == 1:
        return "The event behind it"
    shown = len(spike.causes)
    if shown == spike.events:
        return f"The {shown} events behind it"
    named = "The largest" if shown == 1 else f"The {shown} largest"
    return f"{named} of the {spike.events} events behind it"


class _CausePart:
    """One event behind a spike in text and HTML."""

    def __init__(self, cause: Cause, base_url: str) -> None:
        headline = clean_line(cause.headline, _HEADLINE_LIMIT) or "(no headline)"
        count = f"{plural(cause.reports, 'report')} from {plural(cause.outlets, 'outlet')} in that hour"
        url = page.safe_link(cause.url, _LINK_LIMIT)
        event_url = page.safe_link(event_page(base_url, cause.event_id))
        read = f"Read it at {clean_line(cause.outlet, NAME_LIMIT) or 'its source'}"
        links = [(read, url), ("The event with all its reports", event_url)]
        lines = [headline, count, *(f"{label}: {link}" for label, link in links if link)]
        self.text = "\n".join(lines)
        made = [page.link(link, page.text(label), page.ACCENT) for label, link in links if link]
        self.html = (
            page.headline(
                page.link(event_url or url, page.text(headline), bold=True), cause.language, size=17
            )
            + page.line(page.text(count), top=4)
            + (page.line(" &nbsp;&nbsp; ".join(made), top=4) if made else "")
        )

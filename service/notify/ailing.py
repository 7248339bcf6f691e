"""The operator's message about sources: what ails them since when, and which are well again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Ailment, Cadence, Notification, NotifyReason, PlannedDelivery, recipient
from service.notify import page
from service.notify.clean import clean_line
from service.notify.facts import Clock
from service.text import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Channel, HealthChange

MOST_SHOWN = 50  # changes in one message; the page Sources has them all
_NAME_LIMIT, _WORDS_LIMIT = 80, 400
_SAID = {
    Ailment.FAILING: "fails",
    Ailment.BLOCKED: "does not let us in",
    Ailment.WEB_PAGE: "gives a web page in place of its feed",
    Ailment.GONE: "is gone for good",
    Ailment.MOVED: "has moved for good",
    Ailment.SILENT: "is silent",
    Ailment.GAP: "may have been missed in part",
    Ailment.CLOCK_SKEW: "has another time than we have",
    Ailment.NO_VALIDATORS: "is fetched once a day only",
}


@dataclass(frozen=True, slots=True)
class Ailing:
    """A change of health, and the outlet it is about."""

    outlet: str
    change: HealthChange


def plan_report(told: Sequence[int], channel: Channel, target: str, now: datetime) -> PlannedDelivery:
    """Plan the message about these changes, by their numbers, to one target of an operator's channel."""
    return PlannedDelivery(
        id=digest("source-health", *map(str, told), recipient(channel.id, target)),
        subscription_id="",
        channel_id=channel.id,
        target=target,
        reason=NotifyReason.SOURCE_HEALTH,
        event_id="",
        watchlist_id="",
        entry_id=0,
        due_at=now,
        cadence=Cadence.IMMEDIATE,
    )


def render_report(changes: Sequence[Ailing], *, timezone: str, sources_page: str = "") -> Notification:
    """Render the operator's message: what is wrong first, then what is well again."""
    clock, today = Clock(timezone), max(one.change.at for one in changes)
    in_order = sorted(changes, key=lambda one: one.change.is_over)
    lines = [_line(one, clock, today) for one in in_order[:MOST_SHOWN]]
    more = len(changes) - len(lines)
    foot = f"And {more} more." if more else ""
    title = f"[Avizor] {_title(changes)}"
    blocks = [*(f"{head}\n{words}" for head, words in lines), foot, sources_page]
    inner = [
        page.line(f"{page.strong(page.text(head))}<br>{page.text(words)}", top=12) for head, words in lines
    ]
    inner += [page.line(page.text(foot))] if foot else []
    link = page.safe_link(sources_page)
    inner += [page.line(page.link(link, "All sources"), top=16)] if link else []
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return Notification(title, text, page.page(title, "Avizor", _title(changes), "".join(inner)))


def _title(changes: Sequence[Ailing]) -> str:
    ill = {one.change.feed_id for one in changes if not one.change.is_over}
    well = {one.change.feed_id for one in changes if one.change.is_over} - ill
    parts = [_counted(len(ill), "needs a look", "need a look")] if ill else []
    parts += [_counted(len(well), "is well again", "are well again")] if well else []
    return ", ".join(parts)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 source {one}" if count == 1 else f"{count} sources {many}"


def _line(one: Ailing, clock: Clock, today: datetime) -> tuple[str, str]:
    name, change = clean_line(one.outlet, _NAME_LIMIT), one.change
    said = "is well again" if change.is_over else _SAID[change.ailment]
    when = f"{clock.say(change.at, today, with_day=True)} ({clock.place})"
    return f"{name} {said}", f"{when}: {clean_line(change.words, _WORDS_LIMIT)}"

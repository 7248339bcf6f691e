"""The operator's message about sources: what ails them since when, and which are well again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.domain import Ailment, Cadence, Notification, NotifyReason, PlannedDelivery, recipient
from service.notify import page
from service.notify.clean import clean_line
from service.notify.parts import actions, blocks, capitalised, lines, make_title, say_more
from service.text import digest
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.domain import Channel, HealthChange
    from service.notify.clock import Clock
    from service.notify.reader_view import ReaderView
    from service.wording import Wording

MOST_SHOWN = 50  # changes in one message; the page Sources has them all
_NAME_LIMIT, _WORDS_LIMIT = 80, 400
_SAID = {
    Ailment.FAILING: later("fails"),
    Ailment.BLOCKED: later("does not let us in"),
    Ailment.WEB_PAGE: later("gives a web page in place of its feed"),
    Ailment.GONE: later("is gone for good"),
    Ailment.MOVED: later("has moved for good"),
    Ailment.SILENT: later("is silent"),
    Ailment.GAP: later("may have been missed in part"),
    Ailment.CLOCK_SKEW: later("has another time than we have"),
    Ailment.NO_VALIDATORS: later("is fetched once a day only"),
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


def say_ailment(ailment: Ailment, wording: Wording) -> str:
    """Say what ails a source, as words that follow its name."""
    return wording.say(_SAID[ailment])


def render_report(changes: Sequence[Ailing], view: ReaderView) -> Notification:
    """Render the operator's message: what is wrong first, then what is well again.

    The words of each change are those it was stored with, whatever the language.
    """
    clock, today = view.clock, max(one.change.at for one in changes)
    in_order = sorted(changes, key=lambda one: one.change.is_over)
    said = [_line(one, clock, today) for one in in_order[:MOST_SHOWN]]
    more = capitalised(say_more(len(changes) - len(said), view.wording))
    summary = _say_summary(changes, view.wording)
    title = make_title("Avizor", summary)
    sources = page.safe_link(f"{view.base_url.rstrip('/')}/sources") if view.base_url else ""
    all_sources = (view.wording.say("All sources"), sources)
    inner = [
        page.line(f"{page.strong(page.text(head))}<br>{page.text(words)}", top=12) for head, words in said
    ]
    inner += [page.line(page.text(more)) if more else "", actions(all_sources)]
    text = blocks(*(f"{head}\n{words}" for head, words in said), more, lines(all_sources))
    return Notification(
        title, text, page.page(title, "Avizor", summary, "".join(inner), view.wording.language)
    )


def _say_summary(changes: Sequence[Ailing], wording: Wording) -> str:
    ill = {one.change.feed_id for one in changes if not one.change.is_over}
    well = {one.change.feed_id for one in changes if one.change.is_over} - ill
    parts = [
        wording.count(len(ill), "{number} source needs a look", "{number} sources need a look")
        if ill
        else "",
        wording.count(len(well), "{number} source is well again", "{number} sources are well again")
        if well
        else "",
    ]
    return ", ".join(part for part in parts if part)


def _line(one: Ailing, clock: Clock, today: datetime) -> tuple[str, str]:
    name, change = clean_line(one.outlet, _NAME_LIMIT), one.change
    said = (
        clock.wording.say("is well again") if change.is_over else say_ailment(change.ailment, clock.wording)
    )
    when = f"{clock.say(change.at, today, with_day=True)} ({clock.place})"
    return f"{name} {said}", f"{when}: {clean_line(change.words, _WORDS_LIMIT)}"

"""An event as a feed tells it: one item an event, whose words follow what is known. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from service.notify.clean import drop_unfit
from service.notify.facts import gather_facts, say_outlets
from service.notify.news import say_milestone
from service.web.phrases import language_tag
from service.web.present import why_here

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.store import EventView
    from service.wording import Wording

_REPORTS_LISTED = 20
_OURS = UUID("6f1d3f0e-5b0a-4c43-9f53-0a3c8f0b7d11")  # names what is ours, wherever it is served from
# Characters that XML 1.0 (section 2.2) does not allow, those that stand for halves of others among them.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """An event in a feed. `text` holds who carries it, why it is here, what has changed and the reports."""

    id: str
    link: str
    title: str
    language: str
    outlet: str
    watchlist_id: str
    watchlist: str
    opened_at: datetime
    changed_at: datetime
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: what it is of, where it is read, and where its pages are."""

    id: str
    title: str
    about: str
    self_link: str
    page: str
    items: tuple[Item, ...]

    @property
    def changed_at(self) -> datetime | None:
        """Give when the latest item changed."""
        return max((one.changed_at for one in self.items), default=None)


def make_item(view: EventView, base: str, watchlist: str, words: Wording) -> Item:
    """Tell an event as an item; addresses of pages begin with `base`."""
    event, first = view.event, view.reports[0]
    opener = next((one for one in view.reports if one.entry.title == event.title), first)
    outlets = say_outlets(gather_facts(report.carried for report in view.reports), words)
    why, _ = why_here(opener.evidence, event.watchlist_id, words)
    said = [
        words.say("at least {outlets}", outlets=outlets) if view.left_out else outlets,
        *(f"{one.line}: {one.terms}, {one.where}" for one in why),
        *(say_milestone(one.words, words) for one in view.milestones),
    ]
    reports = [f"{one.entry.outlet}: {one.entry.title} {one.entry.url}".strip() for one in view.reports]
    changed = [report.matched_at for report in view.reports] + [one.at for one in view.milestones]
    changed += [act.at for act in view.acts if act.at is not None]
    return Item(
        id=name_of("event", event.id),
        link=f"{base}/events/{event.id}",
        title=clean(event.title or words.say("(no headline)")),
        language=language_tag(opener.entry.language),
        outlet=clean(first.entry.outlet),
        watchlist_id=event.watchlist_id,
        watchlist=clean(watchlist),
        opened_at=event.opened_at,
        changed_at=max(changed),
        summary=clean(opener.entry.summary),
        text=clean("\n".join([*said, "", *_some(reports, view.left_out, words)])),
    )


def _some(reports: Sequence[str], left_out: int, words: Wording) -> list[str]:
    more = len(reports) + left_out - _REPORTS_LISTED
    rest = [words.count(more, "and {number} more", "and {number} more")] if more > 0 else []
    return [*reports[:_REPORTS_LISTED], *rest]


def name_of(kind: str, key: str) -> str:
    """Give the name by which other programs know a thing, the same at whatever address it is served."""
    return uuid5(_OURS, f"{kind} {key}").urn


def clean(text: str) -> str:
    """Leave out what no XML may hold, and what would let a headline show something else than it says."""
    return _NO_XML.sub("", drop_unfit(text))

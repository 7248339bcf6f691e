"""The foot of a message: why the reader gets it, and the links by which that is changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from service.notify import page
from service.notify.clean import clean_line
from service.notify.parts import lines, say_names
from service.notify.why import NAME_LIMIT, file_of
from service.wording import later

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.notify.reader_view import ReaderLinks, ReaderView

# The names of the channels that the settings make; nobody gave them, so no reader knows them.
_OF_SETTINGS = frozenset({"settings-mail", "settings-chat"})
_LINK_LIMIT = 500
_FOLLOWS = later(
    "You get this because the channel {channel} follows {watchlists}. Ask the operator to change it."
)
_SETTINGS_FOLLOW = later(
    "You get this because the address in the settings follows {watchlists}. Ask the operator to change it."
)
_CONFIRMED = later("You get this because you confirmed on {date} that you want alerts of {watchlists}.")


class Named(NamedTuple):
    """A watchlist by the name that readers know it by, and its id where that is known."""

    id: str
    name: str


def name_watchlist(title: str, watchlist_id: str) -> Named:
    """Name a watchlist by its title, or by its id where it has none."""
    name = clean_line(title, NAME_LIMIT) or clean_line(watchlist_id, NAME_LIMIT)
    return Named(watchlist_id, name)


class Foot:
    """The last block of a message, for what it says of these watchlists."""

    def __init__(
        self, view: ReaderView, watchlists: Sequence[Named], judging: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Take the reader and the watchlists that the message is about.

        `judging` are links that stand in the text of the foot alone: HTML has them beside the event.
        """
        self._view = view
        self._watchlists = watchlists
        self._judging = judging
        self._reason = self._say_reason()

    def text(self) -> str:
        """Give the lines of the text."""
        names = say_names([one.name for one in self._watchlists], self._view.wording)
        links = lines(*self._judging, *_leaving_links(self._view))
        return "\n".join(part for part in (f"Avizor · {names}", self._reason, links) if part)

    def html(self) -> str:
        """Give the row of HTML; empty where there is nothing to say."""
        made = [
            page.link(url, page.text(label), page.GREY) for label, url in _leaving_links(self._view) if url
        ]
        said = " ".join(part for part in (page.text(self._reason), " · ".join(made)) if part)
        return page.foot(said) if said else ""

    def _say_reason(self) -> str:
        view, wording = self._view, self._view.wording
        if view.confirmed_at is not None:
            names = say_names([one.name for one in self._watchlists], wording)
            return wording.say(_CONFIRMED, date=view.clock.say_date(view.confirmed_at), watchlists=names)
        if not view.channel_id:
            return ""
        files = say_names([_with_file(one) for one in self._watchlists], wording)
        if view.channel_id in _OF_SETTINGS:
            return wording.say(_SETTINGS_FOLLOW, watchlists=files)
        return wording.say(_FOLLOWS, channel=clean_line(view.channel_id, NAME_LIMIT), watchlists=files)


def _with_file(one: Named) -> str:
    return f"{one.name} ({file_of(one.id)})" if one.id else one.name


def judging_links(view: ReaderView) -> list[tuple[str, str]]:
    """Give the links by which a reader judges or mutes what the message tells, with their labels."""
    return _links(
        (view.wording.say("Useful"), view.links.useful),
        (view.wording.say("Noise"), view.links.noise),
        (view.wording.say("Mute"), view.links.mute),
    )


def judging_links_of_several(view: ReaderView) -> list[tuple[str, str]]:
    """Give the links by which a reader says which of several events were of use or noise, or mutes some."""
    return _links(
        (view.wording.say("What was useful?"), view.links.useful),
        (view.wording.say("What was noise?"), view.links.noise),
        (view.wording.say("Mute"), view.links.mute),
    )


def _leaving_links(view: ReaderView) -> list[tuple[str, str]]:
    links: ReaderLinks = view.links
    return _links((view.wording.say("Change"), links.change), (view.wording.say("Unsubscribe"), links.leave))


def _links(*links: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, page.safe_link(url, _LINK_LIMIT)) for label, url in links]

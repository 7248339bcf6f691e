"""The form of a reader's wishes, by which they subscribe and by which they change it later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.signup import Wishes, timezones
from service.web.forms import one_of
from service.web.timetables import DAYS_OFFERED, part, say_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import Request
    from fastapi.responses import HTMLResponse

    from service.signup import Fault
    from service.web.forms import Fields
    from service.web.reader_pages import ReaderPages
    from service.wording import Wording

_FIRST_HOUR = "07:00"
_TYPED = ("address", "days", "hours", "quiet", "budget", "together")
_MOST_TYPED = 300  # characters of a field that are shown again


@dataclass(frozen=True, slots=True)
class Shown:
    """What the form shows: wishes as they stand, what was typed where some of it is wrong, and what is.

    `token` is the link by which a reader changes them; empty in the form of those who subscribe. `trouble`
    says why the reader is not reached.
    """

    wishes: Wishes
    faults: Sequence[Fault] = ()
    typed: Fields | None = None
    token: str = ""
    is_saved: bool = False
    trouble: str = ""


def show_form(pages: ReaderPages, words: Wording, shown: Shown, status: int = 200) -> HTMLResponse:
    """Make the page of the form."""
    view = pages.view
    more = {"can_mail": view.can_mail, "has_chats": view.chats is not None}
    return pages.page("subscribe.html", words, status, **more, **shown_fields(pages, words, shown))


def shown_fields(pages: ReaderPages, words: Wording, shown: Shown) -> dict[str, object]:
    """Give what the fields of wishes show, in whatever form they stand."""
    return {
        "shown": shown,
        "wishes": shown.wishes,
        "typed": _typed(shown),
        "faults": {fault.field: fault for fault in shown.faults},
        "watchlists": pages.readers.list_offered(),
        "days": [(one, say_days(one, words)) for one in DAYS_OFFERED],
        "zones": _zones(),
    }


def first_wishes(pages: ReaderPages, request: Request, words: Wording) -> Wishes:
    """Give the wishes that a form shows before anything is filled in.

    What is ticked is what the address names (`?watchlists=`), or the one watchlist that there is: what
    somebody wants is theirs to say.
    """
    offered = [one.id for one in pages.readers.list_offered()]
    named = request.query_params.getlist("watchlists") if len(offered) > 1 else offered
    return Wishes(watchlists=tuple(named), timezone=pages.view.timezone, language=words.language)


def _typed(shown: Shown) -> dict[str, str]:
    """Give what stands in the fields that are written by hand: as it was typed, else as it was saved."""
    if shown.typed is not None:
        return {name: one_of(shown.typed, name)[:_MOST_TYPED] for name in _TYPED}
    days, hours = part(shown.wishes.when)
    return {
        "address": "",
        "days": days,
        "hours": hours or _FIRST_HOUR,
        "quiet": shown.wishes.quiet,
        "budget": str(shown.wishes.budget or ""),
        "together": part(shown.wishes.together)[1],
    }


def _zones() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Give the time zones by region, each with its name and the town that people look for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(timezones()):
        region, _, town = zone.partition("/")
        found.setdefault(region if town else "", []).append((zone, (town or zone).replace("_", " ")))
    return found

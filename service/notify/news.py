"""What has happened to an event, said in the reader's language. Pure.

Grouping stores it in English, with the event, as the pages say it. It is read back here by the sentences that
grouping has; what is none of them is passed on as it is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from service.notify.clean import clean_line
from service.notify.parts import capitalised
from service.wording import Phrasebook, later

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.wording import Wording

_NEWS = Phrasebook(
    (
        later("{outlet} reports it too"),
        later("{number} independent outlets carry it now"),
        later("the first official source: {outlet}"),
        later("a major development: “{words}”"),
        later("{number} dead, before {before}"),
        later("{number} injured, before {before}"),
        later("{number} missing, before {before}"),
        later("{number} detained, before {before}"),
        later("{name}: {number} %, before {before} %"),
        later("reported on again after {number} days of silence"),
        later("{outlet} changed its headline, which was: “{words}”"),
        later("{outlet} has taken it out of its feed: “{words}”"),
    ),
    numbers=("number", "before"),
)
_MOST, _LIMIT = 4, 240


def say_news(news: Iterable[str], wording: Wording) -> str:
    """Say what has happened, the first four things of it, as one sentence; empty where nothing has."""
    said = "; ".join(clean_line(say_milestone(one, wording), _LIMIT) for one in islice(news, _MOST))
    return f"{capitalised(said)}." if said else ""


def say_milestone(news: str, wording: Wording) -> str:
    """Say one thing that has happened, as it begins within a sentence."""
    return _NEWS.say(news, wording) or news

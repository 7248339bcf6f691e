"""What the pages are given: the open store, and a few questions to the service that runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from service.notify import Roll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from service.domain import SendResult
    from service.errors import Problem
    from service.pipeline import Correcting
    from service.store import Store
    from service.watchlists import Watchlist
    from service.web.access import Access
    from service.wiring import Drafts, FeedAdding


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the service does its work; `checks` names each part with `ok` or what is wrong.

    `sources` says how many of them answer: publishers in trouble are no fault of the service.
    """

    ok: bool
    checks: Mapping[str, str]
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Chats:
    """What readers add chats with: what the service posts with, and where it may connect.

    `bot` holds secrets. `is_allowed` is asked of host and port of a server that a reader chose.
    """

    bot: Mapping[str, str] = field(repr=False)
    is_allowed: Callable[[str, int], bool]


@dataclass(frozen=True, slots=True)
class View:
    """Everything the pages look at. `timezone` is an IANA name; `clock` gives aware UTC times.

    `correct` lets somebody, by name, correct events; None where the pages can only be read. `public_host` is
    the name of the service where it has one. `can_mail` says that readers can subscribe by mail: there is a
    mail server, and an address for links. `chats` is None where readers can add none. `watchlists`
    are those in force, as their files say. `access` says how visitors sign in; None where nobody has to.
    `drafts` lets editors change watchlists, `adding` the sources; None where files cannot be changed here.
    `base_url` is the address of the pages where it is set. `roll` is who the files say
    is told what. `send_test` sends a test to a channel, by its name, and gives what each target answered;
    None where nothing can be sent from here. `window` is how long a first alert waits for more outlets.
    """

    store: Store
    problems: Callable[[], tuple[Problem, ...]]
    health: Callable[[], Health]
    timezone: str
    clock: Callable[[], datetime]
    correct: Callable[[str], Correcting] | None = None
    public_host: str = ""
    can_mail: bool = False
    chats: Chats | None = None
    watchlists: Callable[[], Sequence[Watchlist]] = tuple
    access: Access | None = None
    drafts: Drafts | None = None
    adding: FeedAdding | None = None
    base_url: str = ""
    roll: Callable[[], Roll] = lambda: Roll({})
    send_test: Callable[[str], Sequence[tuple[str, SendResult]]] | None = None
    window: timedelta = timedelta()

    @property
    def is_secure(self) -> bool:
        """Tell whether visitors who sign in come by https."""
        return self.access is not None and self.access.is_secure

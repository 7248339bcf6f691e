"""Who a visitor is, and how they say so: sessions of people, tokens of programs, and how often one may guess.

Where there are no accounts, whoever reaches the pages may do everything: that is for one's own machine.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

from service.web.visitor import Role, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from fastapi import Request

    from service.store import ApiToken, Store

FREE_TRIES = 5  # from one place, before it has to wait
_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_MOST_PLACES = 10_000
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors sign in. `secret` is the operator's; `is_secure` tells that the pages are read over https.

    With `anonymous` whoever has not signed in may look at what readers may.
    """

    secret: str = field(repr=False)
    is_secure: bool = False
    anonymous: bool = False

    @property
    def cookie(self) -> str:
        """Name the cookie of a session: over https one that no other host can set (RFC 6265bis, 4.1.3.2)."""
        return "__Host-avizor" if self.is_secure else "avizor_session"

    def is_operator(self, secret: str) -> bool:
        """Tell whether this is the operator's secret, in the same time whatever it is."""
        given, known = (
            sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (secret, self.secret)
        )
        return bool(self.secret) and hmac.compare_digest(given, known)


class Tries:
    """How often each place has guessed wrongly; it is remembered by this process alone.

    After five wrong guesses a place waits half a minute, then twice as long for each further one, an hour at
    most. A right one is not taken meanwhile either.
    """

    def __init__(self) -> None:
        """Know of no guess."""
        self._wrong: dict[str, tuple[int, datetime]] = {}
        self._lock = Lock()

    def wait(self, place: str, now: datetime) -> timedelta:
        """Say how long a place has to wait; nothing where it need not."""
        with self._lock:
            wrong, last = self._wrong.get(place, (0, now))
        if wrong < FREE_TRIES:
            return timedelta(0)
        doubled: int = 2 ** min(wrong - FREE_TRIES, 10)
        pause = min(_WAIT * doubled, _LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def note(self, place: str, now: datetime, *, was_right: bool) -> None:
        """Note a guess; a right one is forgotten with those before it."""
        with self._lock:
            wrong, _ = self._wrong.pop(place, (0, now))
            if not was_right:
                self._wrong[place] = wrong + 1, now
            while len(self._wrong) > _MOST_PLACES:
                del self._wrong[next(iter(self._wrong))]


class Doorkeeper:
    """Says who a visitor is. Without `access` everybody is the operator."""

    def __init__(self, store: Store, access: Access | None, clock: Callable[[], datetime]) -> None:
        """Take where accounts are kept, how one signs in, and the clock."""
        self._accounts = store.accounts
        self._clock = clock
        self.access = access
        self.tries = Tries()

    def visitor(self, request: Request) -> Visitor:
        """Give who looks."""
        if self.access is None:
            return Visitor()
        known: Visitor | None = getattr(request.state, "visitor", None)
        if known is None:
            known = request.state.visitor = self._signed_in(request, self.access)
        return known

    def bearer(self, request: Request) -> ApiToken | None:
        """Give the token that a program has shown in its head."""
        said = request.headers.get("authorization", "")
        if not said.lower().startswith(_BEARER):
            return None
        return self.token(said[len(_BEARER) :].strip())

    def token(self, secret: str) -> ApiToken | None:
        """Give the token with this secret."""
        return self._accounts.find_token(secret, self._clock()) if secret else None

    def _signed_in(self, request: Request, access: Access) -> Visitor:
        kept = request.cookies.get(access.cookie, "")
        person = self._accounts.find_session(kept, self._clock()) if kept else None
        if person is not None:
            return Visitor(person.name, Role[person.role])
        return Visitor(role=Role.READER if access.anonymous else Role.NOBODY)

"""Who a visitor is, and how they say so: sessions of people, tokens of programs, and how much one may ask.

Where there are no accounts, whoever reaches the pages may do everything: that is for one's own machine.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import scrypt, sha256
from typing import TYPE_CHECKING

from service.store import Scope
from service.store.accounts import LONGEST
from service.web.forms import place_of
from service.web.quota import POINTS, Cost, Quota
from service.web.visitor import Role, Visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime, timedelta

    from fastapi import Request, Response

    from service.store import ApiToken, Store

    Ask = Callable[[str, Mapping[str, str] | None, tuple[str, str] | None], Awaitable[Mapping[str, object]]]

_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID provider that people sign in at, and who of there is what: addresses, @domains or groups.

    `back` is the address of these pages that they come back to. `ask` gets a JSON document, or sends a form
    for one, with name and password; it raises NotReached.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    back: str
    ask: Ask = field(repr=False)
    operators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors sign in. `secret` is the operator's; `is_secure` tells that the pages are read over https.

    With `anonymous` whoever has not signed in may look at what readers may. `provider` is where else people
    sign in. `points` is what one visitor may ask for in a minute.
    """

    secret: str = field(repr=False)
    is_secure: bool = False
    anonymous: bool = False
    provider: Provider | None = None
    points: int = POINTS

    @property
    def cookie(self) -> str:
        """Name the cookie of a session: over https one that no other host can set (RFC 6265bis, 4.1.3.2)."""
        return "__Host-avizor" if self.is_secure else "avizor_session"

    @property
    def begun_cookie(self) -> str:
        """Name the cookie of a sign-in at the provider that has begun."""
        return "__Host-avizor-begun" if self.is_secure else "avizor_begun"

    def is_operator(self, secret: str) -> bool:
        """Tell whether this is the operator's secret, in the same time whatever it is."""
        given, known = (
            sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (secret, self.secret)
        )
        return bool(self.secret) and hmac.compare_digest(given, known)


class Doorkeeper:
    """Says who a visitor is. Without `access` everybody is the operator."""

    def __init__(self, store: Store, access: Access | None, clock: Callable[[], datetime]) -> None:
        """Take where accounts are kept, how one signs in, and the clock."""
        self._accounts = store.accounts
        self._attempts = store.attempts
        self._readers = store.readers
        self._clock = clock
        self._quota = Quota(access.points) if access is not None else None
        self.access = access

    def visitor(self, request: Request) -> Visitor:
        """Give who looks."""
        if self.access is None:
            return Visitor()
        known: Visitor | None = getattr(request.state, "visitor", None)
        if known is None:
            known = request.state.visitor = self._signed_in(request, self.access)
        return known

    def enter(
        self,
        request: Request,
        answer: Response,
        name: str,
        role: Role,
        *,
        ground: str | None = None,
        by: str = "",
    ) -> bool:
        """Begin a session, in the place of any other of this browser; without `ground` it is of an account.

        False, and nothing changed, where what it was begun with, `by`, has opened one before.
        """
        if self.access is None:
            return False
        kept = self._accounts.open_session(
            name, role.name, self._clock(), is_person=ground is None, ground=ground or "", by=by
        )
        if kept is None:
            return False
        self._end(request, self.access)
        self.keep(answer, self.access.cookie, kept, int(LONGEST.total_seconds()))
        return True

    def leave(self, request: Request, answer: Response) -> None:
        """End the session of a browser."""
        if self.access is not None:
            self._end(request, self.access)
            self.drop(answer, self.access.cookie)

    def _end(self, request: Request, access: Access) -> None:
        if kept := request.cookies.get(access.cookie, ""):
            self._accounts.end_session(kept)

    def keep(self, answer: Response, name: str, kept: str, seconds: int) -> None:
        """Have a browser keep something, out of reach of scripts and of the forms of other sites."""
        is_secure = self.access is not None and self.access.is_secure
        answer.set_cookie(name, kept, max_age=seconds, secure=is_secure, httponly=True, samesite="lax")

    def drop(self, answer: Response, name: str) -> None:
        """Have a browser forget it."""
        is_secure = self.access is not None and self.access.is_secure
        answer.delete_cookie(name, secure=is_secure, httponly=True, samesite="lax")

    def begin_attempt(self, place: str) -> timedelta:
        """Count an attempt to sign in from a place; gives how long to wait first, and counts none then."""
        return self._attempts.begin(self._readers.signer.origin(place), self._clock())

    def forgive_attempt(self, place: str) -> None:
        """Take back the last attempt from a place: it was right."""
        self._attempts.forgive(self._readers.signer.origin(place), self._clock())

    @cached_property
    def secret_ground(self) -> str:
        """Give what stands for the operator's secret: with another one, sessions by it are over.

        People choose that secret, so it takes long to try out others.
        """
        if self.access is None or not self.access.secret:
            return ""
        salt = self._readers.signer.subject("ground").encode()
        text = self.access.secret.encode("utf-8", "surrogatepass")
        return scrypt(text, salt=salt, n=2**14, r=8, p=1).hex()

    @cached_property
    def provider_ground(self) -> str:
        """Give what stands for the provider and its lists: with others, these sessions are over."""
        provider = self.access.provider if self.access else None
        if provider is None:
            return ""
        who = (provider.operators, provider.editors, provider.readers)
        return sha256(repr((provider.issuer, provider.client_id, who)).encode()).hexdigest()

    @cached_property
    def _grounds(self) -> frozenset[str]:
        return frozenset({self.secret_ground, self.provider_ground} - {""})

    def bearer(self, request: Request, scope: Scope | None = None) -> ApiToken | None:
        """Give the token that a program has shown in its head; with a scope, one that has it.

        Feed readers can show none in their head: for feeds, it may stand in the address.
        """
        found = self._shown(request)
        if found is None and scope is Scope.FEEDS:
            found = self.token(request, request.query_params.get("token", ""))
        return found if found is not None and (scope is None or found.may(scope)) else None

    def _shown(self, request: Request) -> ApiToken | None:
        said = request.headers.get("authorization", "")
        if not said.lower().startswith(_BEARER):
            return None
        return self.token(request, said[len(_BEARER) :].strip())

    def token(self, request: Request, secret: str) -> ApiToken | None:
        """Give the token with this secret; raises TooMuch after many that nobody has."""
        found = self._accounts.find_token(secret, self._clock()) if secret else None
        if secret and found is None and self._quota is not None:
            self._quota.charge(f"guesses from {place_of(request)}", Cost.GUESS)
        return found

    def charge(self, request: Request, cost: Cost, token: ApiToken | None = None) -> None:
        """Count what a visitor asks for, or who has shown a token; raises TooMuch."""
        if self._quota is None:
            return
        if token is not None:
            who = f"token {token.name}"
        elif name := self.visitor(request).name:
            who = f"person {name}"
        else:
            who = f"place {place_of(request)}"
        self._quota.charge(who, cost)

    def _signed_in(self, request: Request, access: Access) -> Visitor:
        kept = request.cookies.get(access.cookie, "")
        person = self._accounts.find_session(kept, self._clock(), self._grounds) if kept else None
        if person is not None:
            return Visitor(person.name, Role[person.role])
        return Visitor(role=Role.READER if access.anonymous else Role.NOBODY)

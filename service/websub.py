"""WebSub: whom to ask for pushes, and what is made of what hubs say and do. Pure; time and chance are given.

https://www.w3.org/TR/websub/. A feed that names a hub is subscribed there. What the hub pushes is a hint to
poll now, never read; polling goes on at a slower pace as a net. `pipeline.pushing` asks hubs, hubs call
`web.websub`.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.text import clip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.domain import Feed

PATH = "/websub/"  # of the callbacks, below the public address
LEASE = timedelta(days=10)  # what is asked for; the hub decides
LONGEST_LEASE = timedelta(days=30)
SHORTEST_RENEWAL = timedelta(minutes=5)  # however short a lease is, a hub is not asked more often
RENEWED_AT = 0.8  # of the lease
VERIFIED_WITHIN = timedelta(minutes=10)  # after a hub accepted; then it is asked again
CLAIM = timedelta(minutes=2)  # a request takes less; then another process may ask
FIRST_RETRY = timedelta(minutes=10)
LAST_RETRY = timedelta(days=1)
MOST_ATTEMPTS = 6
MOST_FAREWELLS = 3  # requests to end a subscription
REST = timedelta(days=7)  # until a hub that was given up is asked anew
UNANNOUNCED = 3  # polls in a row with news that no push announced
MOST_BYTES = 16 * 1024 * 1024  # of a push, as of a feed

_JITTER = 0.1
_LONGEST_WORDS = 200
_SIGNATURE = re.compile(r"\s*(sha1|sha256|sha384|sha512)=([0-9a-f]+)\s*", re.IGNORECASE | re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_DIGITS = {"sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


class PushState(StrEnum):
    """How a subscription stands.

    ASKED: the hub is to confirm it. LIVE: it has. DENIED: it will not. GIVEN_UP: it does not answer as it
    should. DEAD: it confirmed, and announced nothing. ENDING: it was asked to stop. ENDED: it has.
    """

    ASKED = "asked"
    LIVE = "live"
    DENIED = "denied"
    GIVEN_UP = "given-up"
    DEAD = "dead"
    ENDING = "ending"
    ENDED = "ended"


_RESTING = frozenset({PushState.DENIED, PushState.GIVEN_UP, PushState.DEAD})


@dataclass(frozen=True, slots=True)
class Push:
    """A feed's subscription at its hub.

    `token` ends the callback's address, `secret` is what pushes are signed with: neither is shown anywhere.
    `due_at` is when to look at it next, `until_at` when the hub's lease ends, `attempts` the requests since
    the hub last confirmed. `pushes` and `refused` count pushes that were and were not signed as agreed,
    `unannounced` the polls in a row that found news of which none told.
    """

    feed_id: int
    hub: str
    topic: str
    callback: str = field(repr=False)
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: PushState
    due_at: datetime
    asked_at: datetime
    attempts: int = 1
    until_at: datetime | None = None
    words: str = ""
    pushes: int = 0
    refused: int = 0
    unannounced: int = 0

    @property
    def host(self) -> str:
        """Name the hub."""
        return urlsplit(self.hub).hostname or self.hub

    def is_live(self, now: datetime) -> bool:
        """Tell whether the hub has promised to push at this time."""
        return self.until_at is not None and self.until_at > now

    def form(self) -> dict[str, str]:
        """Give what the hub is sent: a request to push, or to stop."""
        told = {"hub.callback": self.callback, "hub.topic": self.topic}
        if self.state is PushState.ENDING:
            return {"hub.mode": "unsubscribe", **told}
        lease = str(int(LEASE.total_seconds()))
        return {"hub.mode": "subscribe", **told, "hub.secret": self.secret, "hub.lease_seconds": lease}


@dataclass(frozen=True, slots=True)
class HubAnswer:
    """What a hub said to a request; `words` say why it was not accepted, empty where it was."""

    words: str = ""


# ------------------------------------------------------------------------------------- what to ask


def plan(
    feed: Feed, push: Push | None, *, base: str, is_wanted: bool, now: datetime, chance: tuple[str, str]
) -> Push | None:
    """Say what a subscription is to become by a request to its hub, or ENDED without one; None: leave it.

    `base` is our public address, `is_wanted` whether this feed is polled and its hub may push to us, `chance`
    an unguessable token and a secret for a new one.
    """
    offer = feed.document_hints
    is_wanted = is_wanted and bool(offer.hub and offer.topic)
    if push is None:
        return _first(feed, base, now, chance) if is_wanted else None
    callback = base + PATH + push.token
    is_same = (push.hub, push.topic) == (offer.hub, offer.topic)
    if push.state is PushState.ENDING:
        return _farewell(push, now)
    if not (is_wanted and is_same):
        is_known = push.is_live(now) or push.state is PushState.ASKED
        last = replace(push, state=PushState.ENDING, attempts=0, due_at=now)
        return _farewell(last, now) if is_known else replace(push, state=PushState.ENDED)
    has_moved = push.callback != callback and now - push.asked_at >= SHORTEST_RENEWAL
    if push.due_at > now and not has_moved:
        return None
    is_anew = push.state in _RESTING or has_moved
    return replace(
        push,
        callback=callback,
        state=PushState.LIVE if push.state is PushState.LIVE and push.is_live(now) else PushState.ASKED,
        attempts=1 if is_anew else push.attempts + 1,
        asked_at=now,
        due_at=now + CLAIM,
        unannounced=0 if is_anew else push.unannounced,
    )


def _first(feed: Feed, base: str, now: datetime, chance: tuple[str, str]) -> Push:
    token, secret = chance
    return Push(
        feed_id=feed.id,
        hub=feed.document_hints.hub,
        topic=feed.document_hints.topic,
        callback=base + PATH + token,
        token=token,
        secret=secret,
        state=PushState.ASKED,
        due_at=now + CLAIM,
        asked_at=now,
    )


def _farewell(push: Push, now: datetime) -> Push | None:
    """Ask once more to end it, or take it for ended."""
    if push.due_at > now:
        return None
    if push.attempts >= MOST_FAREWELLS:
        return replace(push, state=PushState.ENDED)
    return replace(push, attempts=push.attempts + 1, asked_at=now, due_at=now + CLAIM, until_at=None)


def take_answer(push: Push, asked: Push, answer: HubAnswer, *, now: datetime, jitter: float) -> Push | None:
    """Say what a hub's answer to the request `asked` makes of a subscription as it stands now.

    None where it has gone on meanwhile: a hub may confirm before it answers, or another request was made.
    """
    if push.attempts == 0 or push.asked_at != asked.asked_at or push.state is not asked.state:
        return None
    delay = min(FIRST_RETRY * (1 << min(push.attempts - 1, MOST_ATTEMPTS * 2)), LAST_RETRY)
    if not answer.words:
        words = "It accepted to push, but has not asked back yet: is the public address reached from outside?"
        delay = max(delay, VERIFIED_WITHIN)
    else:
        words = _shown(push, answer.words)
    if push.attempts >= MOST_ATTEMPTS and push.state is not PushState.ENDING:
        return replace(push, state=PushState.GIVEN_UP, words=words, due_at=now + REST)
    return replace(push, words=words, due_at=now + delay * (1 + _JITTER * jitter))


# ------------------------------------------------------------------------------- what hubs ask and do


def take_verification(push: Push, mode: str, topic: str, lease: str, now: datetime) -> Push | None:
    """Say what a hub's question makes of a subscription; None where we do not want what it asks about.

    A hub that names no lease, as old ones do not, is taken at the one it was asked for.
    """
    if topic != push.topic:
        return None
    if mode == "unsubscribe" and push.state is PushState.ENDING:
        return replace(push, state=PushState.ENDED)
    if mode != "subscribe" or push.state in {PushState.ENDING, PushState.DEAD, PushState.DENIED}:
        return None
    length = _lease(lease)
    if length is None:
        return None
    return replace(
        push,
        state=PushState.LIVE,
        until_at=now + length,
        due_at=now + max(length * RENEWED_AT, SHORTEST_RENEWAL),
        attempts=0,
        words="",
    )


def _lease(said: str) -> timedelta | None:
    if not said:
        return LEASE
    if not _SECONDS.fullmatch(said) or not int(said):
        return None
    return min(timedelta(seconds=int(said)), LONGEST_LEASE)


def take_denial(push: Push, topic: str, reason: str, now: datetime) -> Push | None:
    """Say what it makes of a subscription that its hub refuses it; None where it is about another topic."""
    if topic != push.topic:
        return None
    if push.state is PushState.ENDING:
        return replace(push, state=PushState.ENDED)
    return replace(push, state=PushState.DENIED, until_at=None, words=_shown(push, reason), due_at=now + REST)


def _shown(push: Push, said: str) -> str:
    """Give what a hub said as it may be shown: in one line, without what is between it and us."""
    for secret in (push.token, push.secret):
        said = said.replace(secret, "…")
    return clip(
        " ".join("".join(char if char.isprintable() else " " for char in said).split()), _LONGEST_WORDS
    )


def parse_signature(header: str) -> tuple[str, str] | None:
    """Give the method and the digest of an `X-Hub-Signature`; None where it is no such thing."""
    found = _SIGNATURE.fullmatch(header)
    if not found:
        return None
    method, digest = found[1].lower(), found[2].lower()
    return (method, digest) if len(digest) == _DIGITS[method] else None


class Seal:
    """Checks the signature of a push as it comes in, piece by piece: nothing of it is kept."""

    def __init__(self, secret: str, header: str) -> None:
        """Take the secret that was agreed and the header as it came."""
        self._said = parse_signature(header)
        self._mac = hmac.new(secret.encode(), digestmod=self._said[0]) if self._said else None

    def add(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        if self._mac:
            self._mac.update(piece)

    def is_good(self) -> bool:
        """Tell whether all of it was signed with the secret, in constant time."""
        if not self._mac or not self._said:
            return False
        return hmac.compare_digest(self._mac.hexdigest(), self._said[1])


def take_poll(push: Push, feed: Feed, *, new: int, now: datetime) -> Push | None:
    """Say what a good poll makes of a live subscription: dead, where several found what no push announced.

    `feed` is as it was before the poll. None where nothing changes.
    """
    if not new or not push.is_live(now):
        return None
    if feed.pushed_at is not None and (feed.last_entry_at is None or feed.pushed_at > feed.last_entry_at):
        return replace(push, unannounced=0) if push.unannounced else None
    if push.unannounced + 1 < UNANNOUNCED:
        return replace(push, unannounced=push.unannounced + 1)
    words = (
        f"{UNANNOUNCED} polls in a row found news of which it had told nothing; it is asked again in a week."
    )
    return replace(push, state=PushState.DEAD, until_at=None, unannounced=0, words=words, due_at=now + REST)


# ------------------------------------------------------------------------------------------- words


@dataclass(frozen=True, slots=True)
class Told:
    """A subscription in words, which `until` belongs behind, if there is one."""

    words: str
    until: datetime | None = None


_SAID = {
    PushState.ASKED: "{} was asked to push.",
    PushState.DENIED: "{} refuses to push.",
    PushState.GIVEN_UP: "{} was asked to push in vain.",
    PushState.DEAD: "{} did not push.",
}


def tell(push: Push | None, now: datetime) -> Told:
    """Say how a feed's subscription stands; nothing where there is none or it is ending."""
    if push is None or push.state in {PushState.ENDING, PushState.ENDED}:
        return Told("")
    if push.is_live(now):
        ignored = (
            f" ({push.refused} pushes that were not signed as agreed were ignored)" if push.refused else ""
        )
        return Told(f"Pushed by {push.host}{ignored} until", push.until_at)
    state = PushState.ASKED if push.state is PushState.LIVE else push.state
    return Told(" ".join(_parts(push, _SAID[state])))


def _parts(push: Push, said: str) -> Iterator[str]:
    yield said.format(push.host)
    if push.words:
        yield push.words if push.words.endswith((".", "?", "!")) else f"{push.words}."

"""Signing in at an OpenID provider: the code flow with PKCE; what it says is believed only as signed.

All that one sign-in needs comes from a seed that the browser keeps meanwhile: `state`, `nonce` and verifier
are hashes of it. So an answer of the provider is of use in that browser alone, and once.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.errors import NotReached, Refused
from service.text import is_loopback
from service.web.visitor import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.web.access import Provider

BACK = "/sign-in/back"
WITHIN = timedelta(minutes=10)
_FRESH = timedelta(hours=1)
_NOT_AGAIN_WITHIN = timedelta(minutes=1)
_LEEWAY = 60  # seconds that the provider's clock may be off
_SIGNED_WITH = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that was begun: its seed, when, and where the visitor goes on. The browser keeps it."""

    seed: str
    at: datetime
    onwards: str

    @classmethod
    def now(cls, at: datetime, onwards: str) -> Started:
        """Begin one."""
        return cls(secrets.token_urlsafe(32), at, onwards)

    @classmethod
    def read(cls, kept: str) -> Started | None:
        """Read what a browser kept; None where it is nothing of ours."""
        try:
            seed, at, onwards = json.loads(urlsafe_b64decode(kept.encode()))
            read = cls(str(seed), datetime.fromtimestamp(int(at), UTC), str(onwards))
        except (ValueError, TypeError, OverflowError, OSError, RecursionError):
            return None
        return read if read.seed.isascii() else None

    def written(self) -> str:
        """Give what the browser keeps."""
        text = json.dumps([self.seed, int(self.at.timestamp()), self.onwards])
        return urlsafe_b64encode(text.encode()).decode()

    def derived(self, purpose: str) -> str:
        """Give the hash of the seed for a purpose."""
        return _base64(hmac.new(self.seed.encode(), purpose.encode(), sha256).digest())


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who signed in there, and what they may do here."""

    name: str
    role: Role


class SigningInThere:
    """Sends people to the provider, and reads what they come back with."""

    def __init__(self, provider: Provider) -> None:
        """Take the provider."""
        self._provider = provider
        self._back = provider.back
        self._about: Mapping[str, object] = {}
        self._about_at = self._keys_at = datetime.min.replace(tzinfo=UTC)
        self._keys: KeySet | None = None

    @property
    def host(self) -> str:
        """Name the provider as people know it."""
        return urlsplit(self._provider.issuer).hostname or ""

    async def address(self, started: Started) -> str:
        """Give where the browser goes to sign in; raises NotReached."""
        challenge = _base64(sha256(started.derived("verifier").encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._back,
            "scope": "openid profile email",
            "state": started.derived("state"),
            "nonce": started.derived("nonce"),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = await self._endpoint("authorization_endpoint", started.at)
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    async def person(self, started: Started, answer: Mapping[str, str], now: datetime) -> Arrived:
        """Give who came back; raises Refused with a word for the log, or NotReached."""
        if not compare_digest(started.derived("state").encode(), answer.get("state", "").encode()):
            raise Refused("the answer is not to what this browser began")
        if not timedelta(0) <= now - started.at + timedelta(seconds=1) <= WITHIN:
            raise Refused("the sign-in took too long")
        if answer.get("error") or not answer.get("code"):
            raise Refused("the provider let nobody in")
        about = await self._described(now)
        if answer.get("iss", about["issuer"]) != about["issuer"]:
            raise Refused("the answer is of another provider")
        claims = await self._claims(await self._id_token(answer["code"], started, now), now)
        self._validate(claims, started, now)
        return _person(claims, self._provider)

    async def _id_token(self, code: str, started: Started, now: datetime) -> str:
        provider = self._provider
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": started.derived("verifier"),
        }
        methods = self._about.get("token_endpoint_auth_methods_supported")
        login: tuple[str, str] | None = provider.client_id, provider.client_secret
        if isinstance(methods, list) and "client_secret_basic" not in methods:
            form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
            login = None
        said = await provider.ask(await self._endpoint("token_endpoint", now), form, login)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise Refused("the provider gave no ID token")
        return token

    async def _claims(self, token: str, now: datetime) -> Mapping[str, object]:
        """Give what is signed by a key of the provider; its keys are asked for anew where none fits."""
        try:
            return jwt.decode(token, await self._keys_of(now, _FRESH), algorithms=_SIGNED_WITH).claims
        except (JoseError, ValueError):
            try:
                keys = await self._keys_of(now, _NOT_AGAIN_WITHIN)
                return jwt.decode(token, keys, algorithms=_SIGNED_WITH).claims
            except (JoseError, ValueError):
                raise Refused("the ID token is not signed by the provider") from None

    def _validate(self, claims: Mapping[str, object], started: Started, now: datetime) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": str(self._about["issuer"])},
            aud={"essential": True, "value": self._provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": started.derived("nonce")},
        )
        try:
            registry.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as fault:
            raise Refused(f"the ID token is not for this sign-in ({type(fault).__name__})") from None
        audience = claims["aud"]
        party = claims.get("azp", self._provider.client_id)
        if (isinstance(audience, list) and len(audience) > 1 and "azp" not in claims) or (
            party != self._provider.client_id
        ):
            raise Refused("the ID token is for somebody else, too")

    # ------------------------------------------------------------------------ what the provider says

    async def _described(self, now: datetime) -> Mapping[str, object]:
        if not self._about or now - self._about_at > _FRESH:
            issuer = self._provider.issuer.rstrip("/")
            about = await self._provider.ask(f"{issuer}/.well-known/openid-configuration", None, None)
            if str(about.get("issuer", "")).rstrip("/") != issuer:
                mend = "Set AVIZOR_OIDC_ISSUER to the address by which the provider names itself."
                raise NotReached("it names itself otherwise", resource=self.host, mend=mend)
            self._about, self._about_at = about, now
        return self._about

    async def _endpoint(self, name: str, now: datetime) -> str:
        place = (await self._described(now)).get(name)
        if isinstance(place, str) and is_safe_place(place):
            return place
        raise NotReached(f"it names no safe {name}", resource=self.host)

    async def _keys_of(self, now: datetime, fresh: timedelta) -> KeySet:
        if self._keys is None or now - self._keys_at > fresh:
            found = await self._provider.ask(await self._endpoint("jwks_uri", now), None, None)
            try:
                self._keys, self._keys_at = KeySet.import_key_set({"keys": found["keys"]}), now  # type: ignore[typeddict-item]
            except (JoseError, KeyError, TypeError, ValueError):
                raise NotReached("its keys cannot be read", resource=self.host) from None
        return self._keys


def is_safe_place(address: str) -> bool:
    """Tell whether secrets may be sent to an address: by https, or to this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    )


def _person(claims: Mapping[str, object], provider: Provider) -> Arrived:
    mail = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    groups = claims.get("groups", ())
    known = {str(one) for one in groups} if isinstance(groups, list) else {str(groups)} if groups else set()
    said = (mail, str(claims.get("preferred_username", "")), str(claims["sub"]))
    name = next((text for one in said if (text := _printable(one))), "")
    if not name:
        raise Refused("the provider gives this person no name")
    for role, wanted in ((Role.OPERATOR, provider.operators), (Role.EDITOR, provider.editors)):
        if _is_among(wanted, mail, known):
            return Arrived(name, role)
    if not provider.readers or _is_among(provider.readers, mail, known):
        return Arrived(name, Role.READER)
    raise Refused("this person is in none of the lists of settings")


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()[:_LONGEST_NAME]


def _is_among(wanted: Iterable[str], mail: str, groups: set[str]) -> bool:
    mail = mail.casefold()
    for word in wanted:
        if "@" not in word:
            is_one = word in groups
        elif word.startswith("@"):
            is_one = mail.endswith(word.casefold())
        else:
            is_one = mail == word.casefold()
        if is_one:
            return True
    return False


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()

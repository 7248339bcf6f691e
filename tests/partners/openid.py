"""An OpenID provider on loopback: real HTTP, codes for one use, PKCE, and tokens that are really signed.

It refuses what a strict provider refuses. A test can spoil what it says of who signs in, and how it signs.
"""

from __future__ import annotations

import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT, CLIENT_SECRET = "avizor", "s3cret of the client: /+&"
HOUR = 3_600


def _spoils_nothing(claims: dict[str, Any]) -> None:
    """Leave the claims as they are."""


@cache
def _first_key() -> RSAKey:
    """Give the key that providers begin with: one for all of them, since it takes its time."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class OpenIdProvider:
    """The provider; `person` is who sits before the browser, `now` its clock."""

    back: str
    now: int
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "248289761001"})
    spoil: Callable[[dict[str, Any]], None] = _spoils_nothing
    about: dict[str, Any] = field(default_factory=dict)
    is_signing: str = "RS256"
    posted: list[dict[str, str]] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    status: int = 200

    def __post_init__(self) -> None:
        """Make the keys."""
        self.key = _first_key()
        self.shown = [self.key]
        self._codes: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        """Open the door."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not self.path.startswith("/authorize?"):
                    self._answer(*provider.get(self.path))
                    return
                self.send_response(302)
                self.send_header("Location", provider.authorize(provider.issuer + self.path))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                self._answer(*provider.post(body, self.headers.get("Authorization", "")))

            def _answer(self, status: int, said: object) -> None:
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def issuer(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def authorize(self, address: str) -> str:
        """Have the person sign in where the pages sent them to; gives where they are sent back."""
        assert address.startswith(f"{self.issuer}/authorize?"), address
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.back
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        assert len(asked["state"]) >= 43
        assert len(asked["nonce"]) >= 43
        assert asked["state"] != asked["nonce"]
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def get(self, path: str) -> tuple[int, object]:
        """Answer what can be asked without a secret."""
        self.visits.append(path)
        if path == "/.well-known/openid-configuration":
            return self.status, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.about,
            }
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.shown]}
        return 404, {}

    def post(self, body: str, authorization: str) -> tuple[int, object]:
        """Give an ID token for a code, to who may have it."""
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.posted.append(form)
        asked = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if self._client(form, authorization) != [CLIENT, CLIENT_SECRET]:
            return 401, {"error": "invalid_client"}
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != self.back:
            return 400, {"error": "invalid_grant"}
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + HOUR,
            "nonce": asked["nonce"],
            **self.person,
        }
        self.spoil(claims)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _client(self, form: dict[str, str], authorization: str) -> list[str]:
        methods = self.about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" not in methods:
            return [form.get("client_id", ""), form.get("client_secret", "")]
        kind, _, said = authorization.partition(" ")
        assert kind == "Basic"
        return [unquote_plus(part) for part in b64decode(said).decode().split(":")]

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.is_signing == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        if self.is_signing == "HS256":  # with what everybody knows: the public key
            shown = OctKey.import_key(self.key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, shown, algorithms=["HS256"])
        return jwt.encode({"alg": "RS256", "kid": self.key.as_dict()["kid"]}, claims, self.key)

"""Synapse, the Matrix server: rooms, a sender, and a reader who says what really arrived.

Runs from a virtual environment of its own, made by `make test-real`; the environment variable
`TEST_SYNAPSE_PYTHON` names that environment's interpreter.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tests.partners.ports import HOST, free_port, wait_until

SERVER = "chat.example"

_SECRET = "only for one test"
_PROJECT = Path(__file__).parents[2]
_PLENTY = "{per_second: 10000, burst_count: 10000}"  # the usual limits would make a test last minutes


def _interpreter() -> str:
    python = os.environ.get("TEST_SYNAPSE_PYTHON", str(_PROJECT / ".venv-synapse/bin/python"))
    assert Path(python).exists(), f"Synapse is not installed at {python}: run `make test-real`"
    return python


@dataclass(frozen=True, slots=True)
class Account:
    """A registered user, such as `@bot:chat.example`, with the token that speaks for it."""

    id: str
    password: str
    token: str


@dataclass
class SynapseServer:
    """One home server with its data in a temporary folder; it talks to no other server."""

    port: int = field(default_factory=free_port)
    _python: str = field(init=False, repr=False)
    _folder: Path = field(init=False, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the folder; nothing runs yet."""
        self._python = _interpreter()
        self._folder = Path(tempfile.mkdtemp(prefix="avizor-synapse-"))

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self.stop()

    @property
    def url(self) -> str:
        """The address clients use."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the server; returns when it answers."""
        config = self._folder / "homeserver.yaml"
        config.write_text(
            _CONFIG.format(server=SERVER, folder=self._folder, port=self.port, secret=_SECRET, plenty=_PLENTY)
        )
        command = [self._python, "-m", "synapse.app.homeserver", "--config-path", str(config)]
        with (self._folder / "log").open("ab") as log:
            subprocess.run([*command, "--generate-keys"], check=True, stdout=log, stderr=log)
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder
            )
        wait_until(self._answers, "Synapse to answer")

    def stop(self) -> None:
        """Stop the server and remove everything."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None
        shutil.rmtree(self._folder)

    def register(self, name: str, password: str) -> Account:
        """Create the user `@name:chat.example`."""
        path = "/_synapse/admin/v1/register"
        nonce = self._call("GET", path)["nonce"]
        signed = b"\0".join(part.encode() for part in (nonce, name, password, "notadmin"))
        proof = hmac.new(_SECRET.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": proof}
        made = self._call("POST", path, body=body)
        return Account(made["user_id"], password, made["access_token"])

    def create_room(self, owner: Account, *members: Account, alias: str = "", version: str = "10") -> str:
        """Create a room that anyone may join, with invitations for `members`; return its id.

        The ids of rooms of version 10 name their server (`!x:chat.example`), those of version 12 do not.
        """
        body = {"room_version": version, "preset": "public_chat", "invite": [one.id for one in members]}
        if alias:
            body["room_alias_name"] = alias
        return str(self._call("POST", "/_matrix/client/v3/createRoom", owner, body)["room_id"])

    def messages(self, reader: Account, room: str) -> list[str]:
        """Return the texts in a room as `reader` sees them, oldest first; 100 at most."""
        path = f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=100"
        events = self._call("GET", path, reader)["chunk"]
        texts = [event["content"]["body"] for event in events if event["type"] == "m.room.message"]
        return texts[::-1]

    def _call(
        self, method: str, path: str, account: Account | None = None, body: object = None
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {account.token}"} if account else {}
        answer = httpx.request(
            method, self.url + path, headers=headers, json=body, timeout=30, trust_env=False
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "log").read_text()[-4000:]
        with contextlib.suppress(httpx.TransportError):
            return bool(self._call("GET", "/_matrix/client/versions"))
        return False


_CONFIG = """\
server_name: {server}
report_stats: false
pid_file: {folder}/pid
signing_key_path: {folder}/signing.key
media_store_path: {folder}/media
database: {{name: sqlite3, args: {{database: "{folder}/data.db"}}}}
listeners:
  - port: {port}
    bind_addresses: ["127.0.0.1"]
    type: http
    resources: [{{names: [client]}}]
registration_shared_secret: "{secret}"
macaroon_secret_key: "{secret}"
form_secret: "{secret}"
trusted_key_servers: []
suppress_key_server_warning: true
federation_domain_whitelist: []
rc_message: {plenty}
rc_login: {{address: {plenty}, account: {plenty}, failed_attempts: {plenty}}}
rc_joins: {{local: {plenty}}}
"""

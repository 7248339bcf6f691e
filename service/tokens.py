"""Tokens in the links of messages: who it was sent to, what it is about, and when. Pure.

A token is signed (itsdangerous, HMAC), so that nobody can make one up, and holds no address: readers are
named by `subject`, a keyed hash of their name. Whoever has a message has its token, and nobody else.
Messages are stored with a blank where the token goes; it is filled in as they go out, the same at every try.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

_LENGTH = 32  # of hex digits of a keyed hash: 128 bits
_CODES = 1_000_000


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: the `subject` (a reader), what it is `about` (a delivery, a sign-up), its time."""

    subject: str
    about: str
    issued_at: datetime


class Signer:
    """Makes and reads tokens under one key."""

    def __init__(self, key: bytes) -> None:
        """Take the key; who has it can make tokens."""
        self._key = key
        self._serializer = URLSafeSerializer(key, salt="avizor-link")
        self.blank = self._hash("blank", "")

    def subject(self, reader: str) -> str:
        """Give what stands for a reader's name (of `domain.recipient`) where no address may stand."""
        return self._hash("subject", reader)

    def origin(self, text: str) -> str:
        """Give what stands for a mailbox, a domain or the place a form came from."""
        return self._hash("origin", text)

    def chat(self, address: str) -> str:
        """Give what stands for the address of a chat: its reader's id, the same whenever it is asked for."""
        return self._hash("chat", address)

    def code(self, asked: str) -> str:
        """Give the six figures that show who asked to read the chat; they are stored nowhere."""
        return f"{int(self._hash('code', asked), 16) % _CODES:06d}"

    def seal(self, token: Token) -> str:
        """Write a token, so that it can stand in a path."""
        issued = int(token.issued_at.replace(microsecond=0).timestamp())  # a float may round a part up
        return str(self._serializer.dumps([token.subject, token.about, issued]))

    def open(self, text: str) -> Token | None:
        """Read a token; None for what was not written here."""
        try:
            subject, about, issued = self._serializer.loads(text)
        except BadData:
            return None
        return Token(str(subject), str(about), datetime.fromtimestamp(int(issued), UTC))

    def _hash(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}\0{text}".encode(), sha256).hexdigest()[:_LENGTH]

"""Channels that are programs: the web address they listen at, and the secret that posts are signed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import Channel, ChannelKind
from service.errors import SecretMissing
from service.text import fill_in, has_loose_dollar, hook_key, is_near, names_in
from service.watchlists.nodes import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from service.watchlists.nodes import Node, Text
    from service.watchlists.reader import Reader

_MOST_KEYS = 2  # the one in use, and the one that takes over
_NOT_IN_A_FILE = "a secret does not belong in a file."
_AS_A_NAME = "Put it into the environment and write its name here: secret: ${HOOK_SECRET}."
_AS_A_KEY = "It is whsec_ and 24 to 64 bytes in base64, which `openssl rand -base64 32` gives."


@dataclass(frozen=True, slots=True)
class HookReader:
    """Reads them. `secret` gives the value of a `${NAME}` or raises SecretMissing; no message holds one."""

    reader: Reader
    secret: Callable[[str], str]

    def read(self, name: Text, node: Node, secret: Node | None) -> Channel | None:
        """Give the channel, or None where something about it is refused; what is not set is its trouble."""
        written = self.reader.word(node, "webhook")
        if written is None:
            return None
        if secret is None:
            message = (
                f"the webhook {name.value} has no secret: who gets a post could not tell that it is ours."
            )
            self.reader.refuse(node, message, "Add the line `secret: ${HOOK_SECRET}`.", "webhook")
            return None
        if has_loose_dollar(written):
            mend = "Write ${NAME}, in capitals; a $ meant as a letter is %24."
            self.reader.refuse(node, "a $ stands in the address that begins no ${NAME}.", mend, "webhook")
            return None
        if not names_in(written) and self._refuse(node, written):
            return None
        texts = self._secrets(secret)
        if not texts:
            return None
        return self._filled(name, (node, written), (secret, texts))

    def _secrets(self, node: Node) -> list[str]:
        """Give the secrets as names; none where one is refused."""
        items: Sequence[Node] = node.items if isinstance(node, Listing) else (node,)
        if not 0 < len(items) <= _MOST_KEYS:
            self.reader.refuse(node, "a webhook has one secret, or two.", "Delete the others.", "secret")
            return []
        texts = []
        for item in items:
            text = self.reader.word(item, "secret")
            if text is None:
                return []
            if names_in(text) != (text[2:-1],):
                self.reader.refuse(item, _NOT_IN_A_FILE, _AS_A_NAME, "secret")
                return []
            texts.append(text)
        return texts

    def _filled(self, name: Text, hook: tuple[Node, str], secret: tuple[Node, list[str]]) -> Channel:
        """Fill in address and keys; what is missing becomes the channel's trouble and a warning."""
        address, trouble = self._value(name, *hook, "webhook")
        fault = _fault(address) if address else None
        if fault:
            address, trouble = "", fault[0]
            self._warn(name, hook[0], f"{', '.join(names_in(hook[1]))}: {trouble}", fault[1], "webhook")
        keys: list[bytes] = []
        node, texts = secret
        for text in texts:
            value, missing = self._value(name, node, text, "secret")
            key = hook_key(value) if value else None
            if key is not None:
                keys.append(key)
            elif missing:
                trouble = trouble or missing
            else:
                trouble = trouble or f"{text[2:-1]} holds no secret of a webhook"
                self._warn(name, node, f"{text[2:-1]} holds no secret of a webhook", _AS_A_KEY, "secret")
        return Channel(name.value, ChannelKind.WEBHOOK, ("",), address, trouble=trouble, keys=tuple(keys))

    def _value(self, name: Text, node: Node, written: str, key: str) -> tuple[str, str]:
        """Give the value, or what is missing for it."""
        try:
            return fill_in(written, self.secret), ""
        except SecretMissing as missing:
            variable = missing.resource or ", ".join(names_in(written))
            mend = missing.mend or f"Set {variable}, or {variable}_FILE, in the environment or in .env."
            self._warn(name, node, f"{variable} is not set", mend, key)
            return "", f"{variable} is not set"

    def _warn(self, name: Text, node: Node, trouble: str, mend: str, key: str) -> None:
        message = f"{trouble}; the alerts to {name.value} wait until it is mended."
        self.reader.warn(node, message, mend, key)

    def _refuse(self, node: Node, written: str) -> bool:
        fault = _fault(written)
        if fault:
            self.reader.refuse(node, f"{fault[0]}.", fault[1], "webhook")
        return fault is not None


def _fault(address: str) -> tuple[str, str] | None:
    """Tell what is wrong with a web address, and the mend; neither repeats it."""
    try:
        parts = urlsplit(address)
        host, login = parts.hostname or "", parts.username
        _ = parts.port
    except ValueError:
        host, login = "", None
    if not host or parts.scheme not in {"http", "https"}:
        return "this is no web address", "It begins with https:// and goes on with a host and a path."
    if login is not None:
        return "a login stands in the address", "Leave it out: the signature shows that a post is ours."
    if parts.scheme == "http" and not is_near(host):
        return "what is posted there could be read on the way", "Write https:// in place of http://."
    return None

"""The file of channels -> named destinations, and the subscriptions that say what goes to them.

A channel or subscription with a fault is left out and named; the others stay. A channel whose
secret is unset stays too, marked with its trouble, so that its alerts wait instead of vanishing.
Sends nothing, and shows no secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from service.domain import Channel, ChannelKind, FileVersion, Subscription
from service.errors import FileRefused, Problem, SecretMissing, Severity
from service.text import digest, fill_in, has_loose_dollar, is_loopback, names_in
from service.text.mail_addresses import address_fault
from service.watchlists.folders import CHANNELS_FILE, is_id
from service.watchlists.hooks import HookReader
from service.watchlists.keys import CHANNEL, CHANNELS
from service.watchlists.nodes import Listing, Mapping, Node, Text
from service.watchlists.raw_file import read_source
from service.watchlists.reader import Reader, nearest
from service.watchlists.subscriptions import SubscriptionReader
from service.watchlists.yaml_file import read_text
from service.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

# The channels that are made of settings, and the settings they are made of.
SETTINGS_MAIL, SETTINGS_CHAT = "settings-mail", "settings-chat"
OPERATOR_MAIL, OPERATOR_CHAT = "operator-mail", "operator-chat"
OPERATORS = (OPERATOR_MAIL, OPERATOR_CHAT)
_TAKEN = {
    SETTINGS_MAIL: "AVIZOR_ALERT_TO",
    SETTINGS_CHAT: "AVIZOR_ALERT_URL",
    OPERATOR_MAIL: "AVIZOR_OPERATOR_TO",
    OPERATOR_CHAT: "AVIZOR_OPERATOR_URL",
}
_WAYS = ("mail", "chat", "webhook")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_WRITTEN_OUT = re.compile(r"[a-z][a-z0-9+.-]*://(?!…)[^\s'\"]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoadedChannels:
    """The channels and subscriptions that can be used, and everything that is wrong with the file."""

    channels: tuple[Channel, ...]
    subscriptions: tuple[Subscription, ...]
    problems: tuple[Problem, ...]
    source: FileVersion | None = None


def load_channels(
    path: Path, secret: Callable[[str], str], known_watchlists: Collection[str]
) -> LoadedChannels:
    """Load the file of channels; a file that is not there means no channels and is no problem.

    `secret` gives the value of a `${NAME}` or raises SecretMissing. `known_watchlists` are the ids
    of all watchlist files, also of those that are refused at the moment.
    """
    if not path.exists() and not path.is_symlink():
        return LoadedChannels((), (), ())
    shown = "/".join(path.absolute().parts[-2:])
    try:
        text = read_source(path, folder=path.parent, shown=shown).text
    except FileRefused as refused:
        return LoadedChannels((), (), _without_addresses(refused.problems))
    return read_channels(text, secret, known_watchlists, shown=shown)


def read_channels(
    text: str, secret: Callable[[str], str], known_watchlists: Collection[str], *, shown: str
) -> LoadedChannels:
    """Read what is or was the file of channels, as `load_channels` does."""
    try:
        top = read_text(text, shown=shown, may_be_empty=True).top
    except FileRefused as refused:
        return LoadedChannels((), (), _without_addresses(refused.problems))
    reader = Reader(shown)
    reader.check_keys(top, CHANNELS)
    named = reader.named(top.get("channels"), "channels")
    channels = tuple(_Channels(reader, secret).read(name, node) for name, node in named)
    book = SubscriptionReader(reader, frozenset(name.value for name, _ in named), frozenset(known_watchlists))
    subscriptions = book.read(reader.items(top.get("subscriptions"), "subscriptions"))
    usable = tuple(channel for channel in channels if channel is not None)
    ids = {channel.id for channel in usable}
    kept = tuple(subscription for subscription in subscriptions if subscription.channel_id in ids)
    version = FileVersion(CHANNELS_FILE, digest(text), text)
    return LoadedChannels(usable, kept, _without_addresses(reader.problems), version)


def _without_addresses(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Take addresses out of messages that repeat a line of the file: a token may stand in them."""
    return tuple(
        replace(
            problem,
            message=_WRITTEN_OUT.sub("…", problem.message),
            mend=_WRITTEN_OUT.sub("…", problem.mend),
        )
        for problem in problems
    )


@dataclass(frozen=True, slots=True)
class _Channels:
    """Reads the channels of one file."""

    reader: Reader
    secret: Callable[[str], str]

    def read(self, name: Text, node: Node) -> Channel | None:
        """Give a channel, or None where something about it is refused."""
        before = _errors(self.reader)
        if not is_id(name.value):
            message = f"{name.value}: a channel is named with small letters a-z, digits and hyphens."
            self.reader.refuse(name, message, "Write it like ops-room.", "channels")
        if name.value in _TAKEN:
            message = f"{name.value}: this name belongs to the channel of {_TAKEN[name.value]}."
            self.reader.refuse(name, message, "Take another name.", "channels")
        mapping = self.reader.mapping(node, name.value)
        if mapping is None:
            return None
        self.reader.check_keys(mapping, CHANNEL)
        zone = _zone(self.reader, mapping.get("timezone"))
        written = self.reader.choice(mapping.get("language"), "language", LANGUAGES)
        language = written or "en"
        channel = self._reached(name, mapping)
        if channel is None or _errors(self.reader) > before:
            return None
        return replace(channel, timezone=zone, language=language)

    def _reached(self, name: Text, mapping: Mapping) -> Channel | None:
        """Read the one way in which a channel is reached."""
        mail, chat, webhook = (mapping.get(way) for way in _WAYS)
        secret, before = mapping.get("secret"), _errors(self.reader)
        if [mail, chat, webhook].count(None) != len(_WAYS) - 1:
            mend = (
                "Write either `mail: desk@example.org`, or `chat: ${ROOM_URL}`, or `webhook:` with `secret:`."
            )
            self.reader.refuse(
                name, f"the channel {name.value} needs one way to be reached.", mend, "channels"
            )
            return None
        if webhook is not None:
            return HookReader(self.reader, self.secret).read(name, webhook, secret)
        if secret is not None:
            self.reader.refuse(secret, "only a webhook has a secret.", "Delete the line.", "secret")
        if mail is not None:
            return Channel(name.value, ChannelKind.MAIL, self._mail(mail))
        address = self._chat(chat)
        if address is None or _errors(self.reader) > before:
            return None
        return self._filled(name, chat, address)

    def _mail(self, node: Node) -> tuple[str, ...]:
        single = isinstance(node, Text) and not node.is_empty
        found: dict[str, str] = {}
        for item in (node,) if single else self.reader.items(node, "mail"):
            written = self.reader.word(item, "mail")
            if written is None:
                continue
            fault = address_fault(written)
            if fault:
                self.reader.refuse(item, f"{written!a}: {fault[0]}", fault[1], "mail")
            elif written.casefold() in found:
                self.reader.refuse(item, f"{written} stands twice in this channel.", "Delete one.", "mail")
            else:
                found[written.casefold()] = written
        if isinstance(node, Listing) and not node.items:
            self.reader.refuse(node, "the list of addresses is empty.", "Write one address.", "mail")
        return tuple(found.values())

    def _chat(self, node: Node | None) -> str | None:
        """Give the address as written, with its `${NAME}`. No message repeats it: it may be a secret."""
        written = self.reader.word(node, "chat")
        if written is None or node is None:
            return None
        if has_loose_dollar(written):
            mend = "Write ${NAME}, in capitals; a $ meant as a letter is %24."
            self.reader.refuse(node, "a $ stands in the address that begins no ${NAME}.", mend, "chat")
        elif not names_in(written) and not is_loopback(_host(written)):
            mend = "Put the address into the environment and write its name here: chat: ${ROOM_URL}."
            self.reader.refuse(
                node, "a chat address is a secret and does not belong in a file.", mend, "chat"
            )
        return written

    def _filled(self, name: Text, node: Node | None, written: str) -> Channel:
        """Fill in the secrets; what is missing becomes the channel's trouble and a warning."""
        try:
            address, trouble, mend = fill_in(written, self.secret), "", ""
        except SecretMissing as missing:
            variable = missing.resource or ", ".join(names_in(written))
            address, trouble = "", f"{variable} is not set"
            mend = missing.mend or f"Set {variable}, or {variable}_FILE, in the environment or in .env."
        if address and not _SCHEME.fullmatch(address):
            address, trouble = "", f"{', '.join(names_in(written)) or 'the address'} holds no address"
            mend = "An address begins with its service, as in ntfys://… or matrixs://…"
        if trouble:
            message = f"{trouble}; the alerts to {name.value} wait until it is mended."
            self.reader.warn(node or name, message, mend, "chat")
        return Channel(name.value, ChannelKind.CHAT, ("",), address, trouble=trouble)


def _errors(reader: Reader) -> int:
    return sum(problem.severity is Severity.ERROR for problem in reader.problems)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _zone(reader: Reader, node: Node | None) -> str:
    zone = reader.word(node, "timezone")
    if zone is None or node is None:
        return "UTC"
    if zone not in available_timezones():
        places = {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones())}
        city = zone.rpartition("/")[2].replace(" ", "_").casefold()
        like = places.get(city) or nearest(zone, available_timezones())
        mend = f"Did you mean {like}?" if like else "Write it like America/Lima or Europe/London."
        reader.refuse(node, f"{zone}: this time zone is unknown.", mend, "timezone")
    return zone

"""Who is told what, as files and readers say it together, and the links that go with their messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from service.domain import ChannelKind, NotifyReason, recipient
from service.notify import LETTERS, ReaderLinks, ReaderView, Roll, call_roll, render_chat_code
from service.signup import reader_id_of
from service.tokens import Token

if TYPE_CHECKING:
    from datetime import datetime

    from service.domain import Channel, Delivery
    from service.store import Store
    from service.tokens import Signer

_NO_LINKS = ReaderLinks()
_FOR_OPERATORS = (NotifyReason.SOURCE_HEALTH, NotifyReason.CHANNEL_HEALTH, NotifyReason.UNDELIVERED)


class Readership:
    """Knows the roll of one version of the files; asks the store anew when readers have changed."""

    def __init__(self, store: Store, base_url: str = "") -> None:
        """Take the store, and the address at which readers reach the pages (empty: there are no links)."""
        self._store = store
        self._base_url = base_url
        self._called: tuple[Roll, int, Roll] | None = None

    @property
    def signer(self) -> Signer:
        """Give what makes the tokens of links."""
        return self._store.readers.signer

    def call(self, files: Roll, version: int | None = None) -> Roll:
        """Give the roll in force; `version` is that of the readers, where a transaction has looked it up."""
        version = self._store.readers.version() if version is None else version
        called = self._called
        if called is None or called[0] is not files or called[1] != version:
            readers = self._store.readers
            asked = readers.list_asked_chats()
            roll = call_roll(
                files, readers.list_active(), readers.list_suppressed(), self.signer.subject, asked
            )
            called = self._called = (files, version, roll)
        return called[2]

    def view(self, channel: Channel) -> ReaderView:
        """Say for whom messages of a channel are made, with a blank in their links for the reader's token."""
        is_readers = channel.confirmed_at is not None
        return ReaderView(
            timezone=channel.timezone,
            language=channel.language,
            base_url=self._base_url,
            channel_id="" if is_readers else channel.id,
            confirmed_at=_day_of(channel),
            links=self._links(channel, self.signer.blank),
            is_program=channel.kind is ChannelKind.WEBHOOK,
        )

    def _links(self, channel: Channel, token: str) -> ReaderLinks:
        """Give the links of a message. A room of a chat has many readers: only its own reader may end it.

        A program hands on what it gets, to anybody: it gets no link by which something is done.
        """
        if not self._base_url or channel.kind is ChannelKind.WEBHOOK:
            return _NO_LINKS
        is_readers, is_mail = channel.confirmed_at is not None, channel.kind is ChannelKind.MAIL
        return ReaderLinks(
            change=self._link("change", token) if is_readers else "",
            leave=self._link("leave", token) if is_readers or is_mail else "",
            mute=self._link("mute", token),
            useful=self._link("useful", token),
            noise=self._link("noise", token),
        )

    def _link(self, page: str, token: str) -> str:
        return f"{self._base_url}/{page}/{token}"

    def fill(self, delivery: Delivery, channel: Channel) -> Delivery:
        """Put a token, or the code of a chat, into a message that is about to go out; the same each time."""
        if delivery.reason is NotifyReason.CONFIRMATION and channel.kind is ChannelKind.CHAT:
            code = self.signer.code(reader_id_of(channel.id))
            return replace(delivery, notification=render_chat_code(code, self.view(channel)))
        if not self._base_url or channel.id == LETTERS or delivery.reason in _FOR_OPERATORS:
            return delivery
        subject = self.signer.subject(recipient(delivery.channel_id, delivery.target))
        token = self.signer.seal(Token(subject, delivery.id, delivery.created_at))
        said, blank = delivery.notification, self.signer.blank
        filled = replace(said, text=said.text.replace(blank, token), html=said.html.replace(blank, token))
        leave_url = self._link("leave", token) if channel.kind is ChannelKind.MAIL else ""
        return replace(delivery, notification=filled, leave_url=leave_url)


def _day_of(channel: Channel) -> datetime | None:
    """Give the day on which a reader confirmed, where they are: those of one day share their messages."""
    if channel.confirmed_at is None:
        return None
    local = channel.confirmed_at.astimezone(ZoneInfo(channel.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)

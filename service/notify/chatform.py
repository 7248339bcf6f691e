"""Fields that strangers fill in, and web addresses among them, read strictly. Pure.

What is wrong is said of the field, by its id, in words that hold nothing of what was typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, NamedTuple

from service.errors import sentences
from service.notify import chatwords

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from service.notify.chatwords import ChatField, ChatKind, Fault

HTTPS_PORT = 443
_USUAL_PORTS = {"https": HTTPS_PORT, "http": 80}
_LAST_PORT = 65_535
_LONGEST = 1_000

# ASCII, since else some letters of other scripts equal Latin ones when case is ignored.
_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9/_-]*)?)(?:\?(?P<query>[a-z0-9=&%._-]*))?",
    re.ASCII | re.IGNORECASE,
)
# What Apprise takes for no name is none here: single digits between dots. A name that ends like a number
# would be read as an address.
_HOST = re.compile(r"(?:(?:[a-z]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])\.)*(?:[a-z]|[a-z][a-z0-9-]{0,61}[a-z0-9])")


class FieldFault(ValueError):
    """A field of the form cannot be used. The words hold nothing of what was typed.

    `field` is the field's id, or `kind`; `fault` says it in English, to be said in any language.
    """

    def __init__(self, field_id: str, fault: Fault) -> None:
        """Take the field and what is wrong with it."""
        super().__init__(sentences(fault.message, fault.mend.replace("{given}", fault.given)))
        self.field = field_id
        self.fault = fault


class Web(NamedTuple):
    """A web address in its parts; scheme and host in lower case, the port always set."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """The host, with the port where it is not the usual one."""
        return self.host if self.port == _USUAL_PORTS[self.scheme] else f"{self.host}:{self.port}"


def parse_web(text: str) -> Web | None:
    """Take a web address apart; None where it holds anything but these parts. Looks nothing up."""
    found = _WEB.fullmatch(text)
    if not found:
        return None
    scheme = found["scheme"].lower()
    port = int(found["port"]) if found["port"] else _USUAL_PORTS[scheme]
    return Web(scheme, found["host"].lower(), port, found["path"], found["query"] or "")


def find_server_fault(web: Web) -> Fault | None:
    """Tell what is wrong with host and port; whether they may be connected to is not asked here."""
    if not 0 < web.port <= _LAST_PORT:
        return chatwords.ODD_PORT
    if _HOST.fullmatch(web.host):
        return None
    try:
        IPv4Address(web.host)
    except ValueError:
        return chatwords.ODD_SERVER
    return None


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed into the fields of a kind, and what the operator has set. Faults name their field."""

    kind: ChatKind
    fields: Mapping[str, str]
    bot: Mapping[str, str]

    def read(self, field_id: str) -> str:
        """Give the text without white space at its ends; empty only where the field is optional."""
        text = self.fields.get(field_id, "").strip()
        if not text and not self._known(field_id).is_optional:
            raise FieldFault(field_id, chatwords.EMPTY)
        if len(text) > _LONGEST:
            raise FieldFault(field_id, chatwords.TOO_LONG)
        return text

    def match(self, field_id: str, shape: re.Pattern[str]) -> str:
        """Give the text, which has the shape wholly, or is empty where it may be."""
        text = self.read(field_id)
        if text and not shape.fullmatch(text):
            raise self.wrong(field_id)
        return text

    def read_web(self, field_id: str, *, text: str = "", with_query: bool = False) -> Web:
        """Give the https address in a field, or in `text`, without login and fragment."""
        text = text or self.read(field_id)
        web = parse_web(text)
        fault = _find_fault_at_sight(text, with_query=with_query) or (web and find_server_fault(web))
        if fault:
            raise FieldFault(field_id, fault)
        if web is None:
            raise self.wrong(field_id)
        return web

    def read_fixed(self, field_id: str, hosts: Collection[str], *, with_query: bool = False) -> Web:
        """Give the https address in a field: at one of these hosts, or below a `.host`; on no other port."""
        web = self.read_web(field_id, with_query=with_query)
        if not any(web.host == host or (host[0] == "." and web.host.endswith(host)) for host in hosts):
            raise self.wrong(field_id)
        if web.port != HTTPS_PORT:
            raise FieldFault(field_id, chatwords.WITH_PORT)
        return web

    def wrong(self, field_id: str) -> FieldFault:
        """Give the fault of a text that does not look like its example."""
        return FieldFault(field_id, chatwords.looks_like(self._known(field_id)))

    def _known(self, field_id: str) -> ChatField:
        return next(known for known in self.kind.fields if known.id == field_id)


def _find_fault_at_sight(text: str, *, with_query: bool) -> Fault | None:
    if not text.lower().startswith("https://"):
        return chatwords.NOT_HTTPS
    unfit = {"@": chatwords.WITH_LOGIN, "#": chatwords.WITH_FRAGMENT, "?": chatwords.WITH_QUERY}
    if with_query:
        del unfit["?"]
    return next((unfit[sign] for sign in text if sign in unfit), None)

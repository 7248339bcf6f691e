"""Which addresses may be connected to, decided on the address really used.

The check sits where the socket is made, after every look-up and redirect, so that a name which
changes its address between check and use, or an address written in an odd way, gains nothing.
Addresses inside somebody's network are closed unless the operator opens them.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from aiohttp.abc import AbstractResolver, ResolveResult

from service.fetch.faults import RefusedAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from aiohttp import AddrInfoType

    Lookup = Callable[..., Sequence[tuple[Any, ...]]]

USUAL_PORTS = frozenset({80, 443, 8080, 8443})

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291: all that is handed out so far
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_CLOSED_V6 = (
    IPv6Network("2001::/23"),  # RFC 2928: protocols, Teredo among them
    IPv6Network("2001:db8::/32"),  # RFC 3849: documentation
    IPv6Network("3fff::/20"),  # RFC 9637: documentation
)


@lru_cache(maxsize=4096)
def is_public(address: str) -> bool:
    """Tell whether an address is one of the open Internet.

    An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4) is judged by that one. Raises
    ValueError for what is not an address.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        carried = _carried(found)
        if carried is None:
            return found in _GLOBAL_UNICAST and not any(found in net for net in _CLOSED_V6)
        found = carried
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be connected to.

    By default public addresses on the usual web ports. `allow` opens hosts, addresses and networks of
    the operator's own, on every port; `allow_private` opens everything. Both hold for the host in the
    feed's own address only: a redirect to another host gets public addresses, whatever is allowed.
    `ports` are those open on public addresses.
    """

    allow: tuple[str, ...] = ()
    allow_private: bool = False
    ports: frozenset[int] = USUAL_PORTS

    def for_host(self, host: str) -> AddressPolicy:
        """Give the policy for the host in a feed's own address."""
        names = {place.rstrip(".").lower() for place in self.allow}
        return replace(self, allow_private=True) if host.rstrip(".").lower() in names else self

    def for_elsewhere(self) -> AddressPolicy:
        """Give the policy for a host that a redirect named."""
        return AddressPolicy(ports=self.ports)

    def is_opened(self, host: str) -> bool:
        """Tell whether the operator has opened a host: by its name, or by the address it is written as."""
        if self.for_host(host).allow_private:
            return True
        return _network(host) is not None and "/" not in host and self._is_listed(host)

    def check(self, address: str, port: int) -> None:
        """Raise RefusedAddress unless this address may be connected to on this port."""
        if self.allow_private or self._is_listed(address):
            return
        if not is_public(address):
            raise RefusedAddress(address, port, "an address inside a private network")
        if port not in self.ports:
            raise RefusedAddress(address, port, "a port on which no web pages are served")

    def check_name(self, host: str, port: int) -> None:
        """Judge a host that somebody else will look up: addresses in any notation, and names of this machine.

        What a proxy makes of another name is not known here.
        """
        name = host.strip("[]").rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            name = "127.0.0.1"
        try:
            address = str(ip_address(name)) if ":" in name else socket.inet_ntoa(socket.inet_aton(name))
        except (ValueError, OSError):
            if not self.allow_private and port not in self.ports:
                raise RefusedAddress(host, port, "a port on which no web pages are served") from None
        else:
            self.check(address, port)

    def is_allowed(self, host: str, port: int, lookup: Lookup = socket.getaddrinfo) -> bool:
        """Tell whether a host that somebody gave leads only to where they may have us connect; looks it up.

        A host that does not exist leads nowhere, and is not. What it leads to later on is not known here.
        """
        try:
            infos = lookup(host, port, 0, socket.SOCK_STREAM)
            for *_, target in infos:
                self.for_host(host).check(str(target[0]), port)
        except (OSError, UnicodeError, RefusedAddress):
            return False
        return bool(infos)

    def _is_listed(self, address: str) -> bool:
        found = ip_address(address)
        return any(found in network for network in map(_network, self.allow) if network is not None)

    def make_socket(self, info: AddrInfoType) -> socket.socket:
        """Make the socket for one address that a connection is going to use, or refuse."""
        family, kind, protocol, _, target = info
        self.check(str(target[0]), int(target[1]))
        return socket.socket(family, kind, protocol)


@lru_cache(maxsize=1024)
def _network(place: str) -> IPv4Network | IPv6Network | None:
    """Give the network, or the address, that is written here, None where neither is."""
    try:
        return ip_network(place, strict=False)
    except ValueError:
        return None


class Resolver(AbstractResolver):
    """Look names up in threads of our own; the loop's few would make 10,000 hosts wait in line."""

    def __init__(self, threads: Executor, lookup: Lookup = socket.getaddrinfo) -> None:
        """Take the threads, which the caller ends, and the look-up of the system or a test."""
        self._threads = threads
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Give every address of a name; raises OSError when there is none."""
        infos = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._lookup, host, port, family, socket.SOCK_STREAM
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(target[0]),
                port=port,
                family=family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family, _, protocol, _, target in infos
        ]

    async def close(self) -> None:
        """Do nothing: the threads belong to the caller."""

"""Hosts that are near: this machine, and names and addresses that lead nowhere outside one's own network."""

from __future__ import annotations

import ipaddress

_OWN_NAMES = (".internal", ".local", ".lan", ".home.arpa")  # RFC 6762, RFC 8375, and ICANN on .internal


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine itself; names that only some resolver leads here are not."""
    if host == "localhost":
        return True
    address = _address(host or "")
    return address is not None and address.is_loopback


def is_near(host: str) -> bool:
    """Tell whether a host can only be of one's own network, by how it is written.

    That is this machine, an address of a private network (RFC 1918, RFC 4193, link-local), a name without
    a dot, such as that of a container beside ours, or one under a domain that is nobody's on the internet.
    """
    address = _address(host)
    if address is not None:
        return address.is_private and not address.is_unspecified
    name = host.rstrip(".").lower()
    return bool(name) and ("." not in name or name.endswith(_OWN_NAMES))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None

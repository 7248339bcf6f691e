"""Which feeds share a server that is to be spared: those of a host, or of a service that counts as one."""

from __future__ import annotations

from urllib.parse import urlsplit

# Services that limit a poller over all the hosts they give to their authors.
_AS_ONE = ("tumblr.com", "substack.com")


def host_of(url: str) -> str:
    """Give what stands for the host of an address; the address itself where it has none."""
    host = urlsplit(url).hostname or url
    return next((service for service in _AS_ONE if host.endswith(f".{service}")), host)

"""Which WebSub hubs may be asked, which may be expected to call, and what their answers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.domain import FetchFailure
from service.fetch.faults import FetchFault, RefusedAddress

if TYPE_CHECKING:
    from service.fetch.address import AddressPolicy

ACCEPTED = frozenset({202, 204})
FOLLOWED = frozenset({307, 308})  # the only redirects over which a form is still a form
MOST_HOPS = 3
_NO_HUB = "Nothing to do: the feed is polled as before."


def policy_for_hub(policy: AddressPolicy, feed_url: str, hub_host: str) -> AddressPolicy:
    """Give the policy for a hub that a feed named.

    What the operator has opened is open to hubs of feeds that are inside there themselves. A feed of the open
    Internet must not make us send forms to a private network.
    """
    feed_host = host_of(feed_url)
    if feed_host == hub_host:
        return policy.for_host(hub_host)
    return policy.for_host(hub_host) if policy.is_opened(feed_host) else policy.for_elsewhere()


def can_call(policy: AddressPolicy, public_url: str, feed_url: str, hub: str) -> bool:
    """Tell whether a hub can be expected to reach our public address.

    It is to be a web address without a login, whose host is not one of a private network, unless the hub is
    inside there too.
    """
    try:
        parts = urlsplit(public_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            return False
        if policy_for_hub(policy, feed_url, host_of(hub)).is_opened(host_of(hub)):
            return True
        policy.for_elsewhere().check_name(parts.hostname, 443)
    except (ValueError, RefusedAddress):
        return False
    return True


def host_of(url: str) -> str:
    """Give the host of an address, "" where it has none."""
    return (urlsplit(url).hostname or "").rstrip(".")


def not_accepted(status: int, said: str) -> FetchFault:
    """Name an answer by which a hub accepts nothing."""
    words = f"answered {status}" + (f": {said}" if said else "")
    return FetchFault(FetchFailure.HTTP_ERROR, words, _NO_HUB)

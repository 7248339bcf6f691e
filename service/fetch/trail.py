"""Where a chain of redirects started, where it is, and what may be sent there.

Credentials go to the origin in the feed's own address and nowhere else; validators to the address
they came from and nowhere else; credentials inside a redirect are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yarl import URL

from service.domain import FetchFailure
from service.fetch.access import basic
from service.fetch.faults import FetchFault, shown_url

if TYPE_CHECKING:
    from service.domain import Feed
    from service.fetch.access import Keys

_SCHEMES = frozenset({"http", "https"})
_NEW_ADDRESS = "Open the address in a browser and put the one it ends at into the feed pack."


class Trail:
    """One chain, from the feed's own address on, or from the one it has moved to for good.

    `here` is the address to ask now, without credentials. `moved_to` is where the permanent redirects
    at the beginning of the chain lead, those of earlier polls included; empty if there are none.
    """

    def __init__(self, feed: Feed, keys: Keys, most: int) -> None:
        """Start; raises FetchFault for a feed whose address is no web address."""
        own = _web_address(feed.source.url)
        home = _without_user(own)
        self.here = _without_user(_web_address(feed.moved_to)) if feed.moved_to else home
        self.moved_to = feed.moved_to
        login = f"{own.user}:{own.password or ''}" if own.user else ""
        pairs = {"Authorization": keys.authorization or basic(login), "Cookie": keys.cookie}
        self._credentials = {name: value for name, value in pairs.items() if value}
        self._origin = home.origin()
        self._feed = feed
        self._left = most
        self._seen = {self.here}
        self._only_permanent = True

    @property
    def host(self) -> str:
        """Give the host to ask now."""
        return (self.here.raw_host or "").rstrip(".")

    @property
    def is_at_home(self) -> bool:
        """Tell whether the host to ask now is the one in the feed's own address."""
        return self.host == (self._origin.raw_host or "").rstrip(".")

    @property
    def words(self) -> str:
        """Name the address for the operator, and the one it led to."""
        start, here = shown_url(self._feed.source.url), shown_url(str(self.here))
        stayed = len(self._seen) == 1 and not self._feed.moved_to
        return start if stayed else f"{start} (redirected to {here})"

    def validators(self) -> dict[str, str]:
        """Give the validators to send, if they came from here."""
        pairs = {"If-None-Match": self._feed.etag, "If-Modified-Since": self._feed.last_modified}
        said = {name: value for name, value in pairs.items() if value}
        return said if said and self._came_from_here() else {}

    def _came_from_here(self) -> bool:
        source = self._feed.validators_url or self._feed.source.url
        return source == str(self.here) or self.here == _without_user(URL(source).with_fragment(None))

    def credentials(self) -> dict[str, str]:
        """Give the headers with the feed's secrets, if this is its own origin."""
        return self._credentials if self.here.origin() == self._origin else {}

    def follow(self, location: str, *, is_permanent: bool) -> None:
        """Step to where a redirect leads; raises FetchFault where it must not be followed."""
        if not location:
            raise FetchFault(FetchFailure.REDIRECT, "redirects without saying where to", _NEW_ADDRESS)
        target = self._target(location)
        if target in self._seen:
            raise FetchFault(FetchFailure.REDIRECT, "redirects in a circle", _NEW_ADDRESS)
        if not self._left:
            raise FetchFault(FetchFailure.REDIRECT, "redirects too many times", _NEW_ADDRESS)
        self._left -= 1
        self._seen.add(target)
        self.here = target
        self._only_permanent = self._only_permanent and is_permanent
        if self._only_permanent:
            self.moved_to = str(target)

    def _target(self, location: str) -> URL:
        try:
            return _without_user(_web_address(str(self.here.join(URL(location)))))
        except (ValueError, FetchFault) as error:
            what = f"redirects to {shown_url(location)!r}, which is no web address"
            raise FetchFault(FetchFailure.REDIRECT, what, _NEW_ADDRESS) from error


def _without_user(url: URL) -> URL:
    return url if url.raw_user is None and url.raw_password is None else url.with_user(None)


def _web_address(text: str) -> URL:
    try:
        url = URL(text).with_fragment(None)
    except ValueError:
        url = URL()
    if url.scheme not in _SCHEMES or not url.raw_host:
        raise FetchFault(
            FetchFailure.REFUSED_ADDRESS,
            "this is no web address",
            "Write it as http:// or https://, a host name and a path.",
        )
    return url

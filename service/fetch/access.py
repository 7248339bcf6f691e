"""What one feed wants to see before it is given: filled in with secrets for one fetch, and never kept."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.domain import FeedAccess, FetchFailure
from service.errors import SecretMissing
from service.fetch.faults import FetchFault
from service.text import fill_in

if TYPE_CHECKING:
    from collections.abc import Callable


_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """What a feed's server wants to see, and the proxy it is reached by; empty where there is none."""

    user_agent: str = ""
    authorization: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def hide(self, words: str) -> str:
        """Take out of words what a server has repeated of login, cookie or proxy, the longest part first."""
        for secret in self.secrets:
            words = re.sub(re.escape(secret), "…", words, flags=re.IGNORECASE)
        return words


NO_KEYS = Keys()
_OPEN = FeedAccess()  # as nearly every feed is


def fill_keys(access: FeedAccess, secret: Callable[[str], str]) -> Keys:
    """Put the secrets in; raises FetchFault where one is not set, or holds what no header can carry."""
    if access == _OPEN:
        return NO_KEYS
    filled = {}
    for name in ("user_agent", "login", "cookie", "proxy"):
        try:
            value = fill_in(getattr(access, name), secret)
        except SecretMissing as missing:
            what = f"was not asked: {missing.message}"
            raise FetchFault(FetchFailure.NAME_UNSET, what, missing.mend) from None
        if not value.isprintable():
            what = f"was not asked: the {name} of its pack holds a line break or another control character"
            raise FetchFault(FetchFailure.NAME_UNSET, what, "Set it to one line.")
        filled[name] = value
    login, cookie, proxy = filled["login"], filled["cookie"], filled["proxy"]
    return Keys(filled["user_agent"], basic(login), cookie, proxy, _secrets_in(login, cookie, proxy))


def _secrets_in(login: str, cookie: str, proxy: str) -> tuple[str, ...]:
    """Give what nobody may read, the longest first; what is very short is a word that anybody may say."""
    values = [pair.partition("=")[2].strip() for pair in cookie.split(";")]
    password = proxy.rpartition("@")[0].rpartition(":")[2]
    found = {login, login.partition(":")[2], basic(login)[len("Basic ") :], cookie, proxy, password, *values}
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True))


def no_secret(name: str) -> str:
    """Know no secret."""
    raise SecretMissing(f"{name} is not set", resource=name, mend=f"Set {name} in the environment.")


def basic(login: str) -> str:
    """Give the Authorization header (RFC 7617) of `user:password`, empty for none."""
    return f"Basic {b64encode(login.encode()).decode()}" if login else ""

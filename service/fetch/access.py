"""What one feed wants to see before it is given: filled in with secrets for one fetch, and never kept."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service.domain import FetchFailure
from service.errors import SecretMissing
from service.fetch.faults import FetchFault
from service.text import fill_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.domain import FeedAccess


@dataclass(frozen=True, slots=True)
class Keys:
    """What a feed's server wants to see, and the proxy it is reached by; empty where there is none."""

    user_agent: str = ""
    authorization: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)


def fill_keys(access: FeedAccess, secret: Callable[[str], str]) -> Keys:
    """Put the secrets in; raises FetchFault where one is not set, or holds what no header can carry."""
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
    return Keys(filled["user_agent"], basic(filled["login"]), filled["cookie"], filled["proxy"])


def no_secret(name: str) -> str:
    """Know no secret."""
    raise SecretMissing(f"{name} is not set", resource=name, mend=f"Set {name} in the environment.")


def basic(login: str) -> str:
    """Give the Authorization header (RFC 7617) of `user:password`, empty for none."""
    return f"Basic {b64encode(login.encode()).decode()}" if login else ""

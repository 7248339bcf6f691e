"""What the settings say of who may come in, and by which name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.config import words_of
from service.fetch import Asking
from service.web.access import Access, Provider
from service.web.provider import BACK

if TYPE_CHECKING:
    from service.config import Settings

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- what is compared with, not bound to


def public_host(settings: Settings) -> str:
    """Give the name by which the pages are asked for, beside those of this machine."""
    named = urlsplit(settings.public_url).hostname or ""
    return named or ("" if settings.host in _EVERYWHERE else settings.host.lower())


def make_access(settings: Settings) -> Access | None:
    """Give how visitors sign in; None where only those at this machine reach the pages, and none is asked."""
    if settings.is_private:
        return None
    return Access(
        settings.operator_secret,
        is_secure=settings.public_url.startswith("https:"),
        anonymous=settings.anonymous_readers,
        provider=_provider(settings) if settings.oidc_issuer else None,
    )


def _provider(settings: Settings) -> Provider:
    host = urlsplit(settings.oidc_issuer).hostname or ""
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.pages_url + BACK,
        Asking(host, user_agent=settings.user_agent),
        operators=words_of(settings.oidc_operators),
        editors=words_of(settings.oidc_editors),
        readers=words_of(settings.oidc_readers),
    )

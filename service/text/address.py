"""Addresses of articles, written one way however they were given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from service.text.wrapped import unwrapped

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that say where a click came from and never which article is meant: those of the
# common analytics, advertising and newsletter services.
_TRACKING = re.compile(
    r"(utm_.*|at_(?:medium|campaign|custom\d|link.*)|mc_[ce]id|fbclid|gclid|gclsrc|dclid|yclid|msclkid|twclid|"
    r"igshid|igsh|ref_src|ref_url|cmpid|ncid|ocid|xtor|_hsenc|_hsmi|mkt_tok|vero_id|wt_mc|__twitter_impression)",
    re.IGNORECASE,
)
_BREAKS = str.maketrans("", "", "\t\r\n")
_ALL_IN_THE_PATH = "//news.google.com"  # its parameters say how the page is shown
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
# Nearly every address has such a site, which is not written in another way.
_PLAIN = re.compile(r"(https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:/[^?#\t\r\n]*)?)(?:\?([^#\t\r\n]*))?(?:#.*)?")


def canonical_url(url: str) -> str:
    """Give the one form of an article's address; empty for anything that is not http or https.

    What a search service has wrapped is unwrapped where that can be done.

    Scheme and host in small letters, no default port, no fragment, no tracking parameters, the others
    sorted, no slash at the end. It serves to compare, not to fetch: some servers tell the order of
    parameters apart.
    """
    try:
        site, path, query = _parts(unwrapped(_one_line(url)))
    except ValueError:
        return ""
    told = "" if site.endswith(_ALL_IN_THE_PATH) else _telling_parameters(query)
    return f"{site}{path}?{told}" if told else f"{site}{path}"


def _parts(address: str) -> tuple[str, str, str]:
    """Give site and path as they are compared, and the query as written; raises ValueError without a site."""
    if plain := _PLAIN.fullmatch(address):
        site, path, query = plain.groups("")
    else:
        parts = urlsplit(address)
        site, path, query = _site(parts), parts.path, parts.query
    return site, quote(path.rstrip("/"), safe=_PATH_SAFE, errors="replace"), query


def _site(parts: SplitResult) -> str:
    """Give scheme, host and port as they are compared; raises ValueError where it is not of the web."""
    host, port = (parts.hostname or "").rstrip("."), parts.port
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host or not host.isprintable() or " " in host:
        raise ValueError(host)
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        place = f"{place}:{port}"
    return f"{scheme}://{place}"


def _one_line(url: str) -> str:
    """Drop the line breaks and tabs that browsers pass over within an address."""
    return url.strip() if url.isprintable() else url.strip().translate(_BREAKS)


def _telling_parameters(query: str) -> str:
    told = "&".join(part for part in query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0]))
    if not told:
        return ""
    pairs = parse_qsl(told, keep_blank_values=True, errors="replace")
    kept = sorted((name, value) for name, value in pairs if not _TRACKING.fullmatch(name))
    return urlencode(kept, errors="replace")

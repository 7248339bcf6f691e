"""Addresses of articles, written one way however they were given."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from service.text.wrapped import unwrapped

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that say where a click came from and never which article is meant: those of the
# common analytics, advertising and newsletter services.
_TRACKING = re.compile(
    r"(utm_.*|at_(?:medium|campaign|custom\d|link.*)|mc_[ce]id|fbclid|gclid|gclsrc|dclid|yclid|msclkid|twclid|"
    r"igshid|igsh|ref_src|ref_url|cmpid|ncid|ocid|xtor|_hsenc|_hsmi|mkt_tok|vero_id|wt_mc|__twitter_impression)",
    re.IGNORECASE,
)
_BREAKS = str.maketrans("", "", "\t\r\n")
_ALL_IN_THE_PATH = "news.google.com"  # its parameters say how the page is shown
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
# What nearly every address is: all of it but its parameters, its end and letters outside ASCII is as it
# shall be.
_SIMPLE = re.compile(
    r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)+)"
    "((?:/[a-zA-Z0-9/%:@!$&'()*+,;=~._\u00a1-\ud7ff-]*)?)"
    r"(?:\?([!\"$-~]*))?"
)


def canonical_url(url: str) -> str:
    """Give the one form of an article's address; empty for anything that is not http or https.

    What a search service has wrapped is unwrapped where that can be done.

    Scheme and host in small letters, no default port, no fragment, no tracking parameters, the others
    sorted, no slash at the end. It serves to compare, not to fetch: some servers tell the order of
    parameters apart.
    """
    address = unwrapped(_one_line(url))
    simple = _SIMPLE.fullmatch(address)
    scheme, place, path, query = simple.groups("") if simple else _parts(address)
    if not place:
        return ""
    if not path.isascii():
        path = quote(path, safe=_PATH_SAFE, errors="replace")
    told = _telling_parameters(query) if query and place != _ALL_IN_THE_PATH else ""
    return f"{scheme}://{place}{path.rstrip('/')}{told and '?'}{told}"


def _parts(address: str) -> tuple[str, str, str, str]:
    """Give scheme, host with port, path and parameters of any address; no host for what is not of the web."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", "", "", ""
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host.isprintable() or " " in host:
        return "", "", "", ""
    place = f"[{host}]" if ":" in host else host
    if host and port is not None and port != _DEFAULT_PORTS[scheme]:
        place = f"{place}:{port}"
    return scheme, place, quote(parts.path, safe=_PATH_SAFE, errors="replace"), parts.query


def _one_line(url: str) -> str:
    """Drop the line breaks and tabs that browsers pass over within an address."""
    return url.strip() if url.isprintable() else url.strip().translate(_BREAKS)


def _telling_parameters(query: str) -> str:
    parts = query.split("&") if "&" in query else [query]
    told = "&".join([part for part in parts if not _TRACKING.fullmatch(part.partition("=")[0])])
    if not told:
        return ""
    pairs = parse_qsl(told, keep_blank_values=True, errors="replace")
    kept = sorted((name, value) for name, value in pairs if not _TRACKING.fullmatch(name))
    return urlencode(kept, errors="replace")

"""Is this one mail address that can safely stand in a header and in an SMTP command? And how one is shown.

Stricter than RFC 5321: no quoted local parts, no comments, no letters outside ASCII. A comma or
a line end in an address would add recipients, so nothing of the kind passes.
"""

from __future__ import annotations

import re

_LOCAL_PART = re.compile(r"(?<![^\s<>\"'(:,;])([^\s<>\"'(:,;@])[^\s<>\"'(:,;@]*@")
MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3: a path of 256 with its angle brackets
MAX_LOCAL = 64  # RFC 5321, 4.5.3.1.1
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def address_fault(address: str) -> tuple[str, str] | None:
    """Give message and mend for what is wrong with an address; None when it can be used."""
    if address.count("@") != 1:
        return "a mail address has exactly one @.", "Write one address for each item of the list."
    if len(address) > MAX_ADDRESS:
        return f"a mail address has at most {MAX_ADDRESS} characters.", "Write the address alone."
    local, domain = address.split("@")
    if not domain.isascii():
        return "the domain has letters outside ASCII.", "Write it in its xn-- form."
    if len(local) > MAX_LOCAL or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return "this is no plain mail address.", "Write it like desk@example.org, without a name or brackets."
    return None


def partly_hidden(text: str) -> str:
    """Show the mail addresses in a text partly, `a…@example.org`; all else stays."""
    return _LOCAL_PART.sub(r"\1…@", text)

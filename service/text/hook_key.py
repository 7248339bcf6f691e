"""The key that documents for a program are signed with, as Standard Webhooks 1.0.0 writes it."""

from __future__ import annotations

import base64
import binascii

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes


def hook_key(text: str) -> bytes | None:
    """Give the key of a secret like `whsec_` and 24 to 64 bytes in base64; None where it is none."""
    if not text.startswith(_PREFIX):
        return None
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if _SHORTEST <= len(key) <= _LONGEST else None

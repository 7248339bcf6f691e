"""`${NAME}` in a text that people write: finding the names, and filling in the values.

The values come from outside (the environment, or a file named there). No message made here holds
a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")


def names_in(text: str) -> tuple[str, ...]:
    """List the names of a text, each once, in their order."""
    return tuple(dict.fromkeys(_NAME.findall(text)))


def has_loose_dollar(text: str) -> bool:
    """Tell whether a `$` stands there that is not the beginning of a well-formed `${NAME}`."""
    return "$" in _NAME.sub("", text)


def fill_in(text: str, secret: Callable[[str], str]) -> str:
    """Put the values in the place of the names.

    Raises:
        SecretMissing: when `secret` raises it.
    """
    return _NAME.sub(lambda match: secret(match[1]).strip(), text)

"""What is to be said about single words of a query, whatever service it comes from.

Capitals mean nothing to most services, nor to our language without `case:`; signs are no part of
a word here. Changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.dialects.grammar import Token
    from service.dialects.remarks import Remarks

# Acronyms that are also common words of English, Spanish, French or Portuguese.
_ALSO_WORDS = frozenset({"US", "IT", "WHO", "UN", "EU", "AI"})
_SIGNS = re.compile(r"[+@#=~^<>{}|\\€£¥]")


def note_words(tokens: Iterable[Token], remarks: Remarks) -> None:
    """Note acronyms that are words too, and signs that are dropped."""
    for token in tokens:
        for found in re.finditer(r"\S+", token.text):
            written = found[0].strip(".,;:!?'")
            offset = token.start + (token.end - token.start - len(token.text)) // 2 + found.start()
            end = offset + len(found[0])
            if written.upper() in _ALSO_WORDS:
                message = f"{written} also finds the common word in small letters."
                remarks.note(offset, end, message, f"For the capitals alone write case:{written.upper()}.")
            if _SIGNS.search(written.removeprefix("#")):
                message = f"Signs are no part of a word here, so those of {written} are dropped."
                remarks.note(offset, end, message)

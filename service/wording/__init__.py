"""What we say to readers, in their language: texts, counts, dates, numbers. The only door to Babel.

Texts are written in English where they are said; `locales/` holds what they are in the other languages.
Reads nothing but its own catalogues, and those once.
"""

from __future__ import annotations

from service.wording.languages import LANGUAGES, wording_for
from service.wording.phrasebook import Phrasebook
from service.wording.retelling import retell
from service.wording.wording import Wording, later

__all__ = ["LANGUAGES", "Phrasebook", "Wording", "later", "retell", "wording_for"]

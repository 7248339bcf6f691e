"""Queries of other services -> expressions of our language, with all that cannot be carried over. Pure.

Each service has its module of tokens with their rules; one parser reads them into our own trees, and
what is written of a tree is read back by our own parser before it is given.
"""

from __future__ import annotations

from service.dialects.remarks import NAMES, Origin, Remark, Translation
from service.dialects.translate import translate

__all__ = ["NAMES", "Origin", "Remark", "Translation", "translate"]

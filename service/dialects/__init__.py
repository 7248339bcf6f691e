"""Queries of other services, read by their own rules and written in the language of watchlists. Pure."""

from __future__ import annotations

from service.dialects.factiva import FACTIVA
from service.dialects.google import GOOGLE
from service.dialects.meltwater import MELTWATER
from service.dialects.nexis import NEXIS
from service.dialects.query import Remark, Translation
from service.dialects.reading import Dialect, translate

DIALECTS = {dialect.name: dialect for dialect in (FACTIVA, NEXIS, MELTWATER, GOOGLE)}

__all__ = ["DIALECTS", "Dialect", "Remark", "Translation", "translate"]

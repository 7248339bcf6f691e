"""The codes of languages and countries that files may use, and what people write instead of them.

Languages are the two letters of ISO 639-1. Countries are the two letters of ISO 3166-1, read from
the table that comes with the time zone data.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from service.match import LANGUAGES

_LANGUAGES_AS_WRITTEN = {
    "spanish": "es",
    "español": "es",
    "castellano": "es",
    "english": "en",
    "inglés": "en",
    "portuguese": "pt",
    "português": "pt",
    "portugués": "pt",
    "chinese": "zh",
    "chino": "zh",
    "mandarin": "zh",
    "cn": "zh",
    "french": "fr",
    "german": "de",
}


def language_meant(written: str) -> str:
    """Give the code that was probably meant by an unknown one; an empty text where that is unclear."""
    word = written.strip().casefold()
    head = word.replace("_", "-").split("-")[0]
    return _LANGUAGES_AS_WRITTEN.get(word, head if head in LANGUAGES else "")


@cache
def countries() -> dict[str, str]:
    """Give the countries: code -> English name."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return dict(rows)


def country_meant(written: str) -> str:
    """Give the code that was probably meant by an unknown one; an empty text where that is unclear."""
    word = written.strip().casefold()
    if word == "uk":
        return "GB"
    named = (code for code, name in countries().items() if word in {code.casefold(), name.casefold()})
    return next(named, "")

"""The codes of languages and countries that files may use, and what people write instead of them.

Languages are the two letters of ISO 639-1. Countries are the two letters of ISO 3166-1, read from
the table that comes with the time zone data.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz"
    " ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii"
    " ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi"
    " mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw"
    " sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk"
    " ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_ISO_639_1.split())

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

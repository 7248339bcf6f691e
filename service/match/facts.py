"""Facts of an entry or its feed in expressions: reads `lang:es` and its kin, and asks an entry.

A language matches its regional forms (`lang:es` holds for es-PE), a source is compared as words.
Does not know which countries and sources there are: that is in the feed packs.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from service.domain import FeedGroup
from service.errors import ExpressionError
from service.match.tree import And, Fact, FactKind, InField, Not, Or
from service.text import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.domain import Entry, FeedSource
    from service.match.tree import Expression

# ISO 639-1, the two-letter codes of feeds.
_LANGUAGE_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz"
    " ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii"
    " ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi"
    " mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw"
    " sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk"
    " ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_LANGUAGE_CODES.split())
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")


def build_fact(written: str, offset: int) -> Fact:
    """Read `kind:value`.

    Raises:
        ExpressionError: the value is no language, country, source or group that could ever match.
    """
    name, _, raw = written.partition(":")
    kind, value = FactKind(name), raw.strip('"')
    fault = _fault_of(kind, value)
    if fault:
        raise ExpressionError(fault[0], offset=offset + len(name) + 1, mend=fault[1])
    return Fact(kind, _joined(value) if kind is FactKind.SOURCE else value.lower(), text=written)


def _fault_of(kind: FactKind, value: str) -> tuple[str, str] | None:
    """Give the message and the mend for a value that cannot be meant."""
    match kind:
        case FactKind.LANG if not _is_language(value):
            near = difflib.get_close_matches(value.lower(), LANGUAGES, n=1)
            mend = f"Did you mean lang:{near[0]}?" if near else "Write a two-letter code, such as lang:es."
            return f"{value} is no language code.", mend
        case FactKind.COUNTRY if not _COUNTRY.fullmatch(value):
            return f"{value} is no country code.", "Write the two letters of ISO 3166, such as country:PE."
        case FactKind.SOURCE if not words(value):
            return f"{value} is no name of a source.", "Write its name, such as source:andina."
        case FactKind.GROUP if value.lower() not in tuple(FeedGroup):
            near = difflib.get_close_matches(value.lower(), tuple(FeedGroup), n=1)
            mend = f"Did you mean group:{near[0]}?" if near else f"Groups are {', '.join(FeedGroup)}."
            return f"{value} is no group of feeds.", mend
        case _:
            return None


def _is_language(value: str) -> bool:
    found = _LANGUAGE.fullmatch(value)
    return found is not None and found[1].lower() in LANGUAGES


def facts_in(part: Expression) -> Iterator[Fact]:
    """Give the facts that an expression asks for."""
    match part:
        case Fact():
            yield part
        case And() | Or():
            for inner in part.parts:
                yield from facts_in(inner)
        case Not() | InField():
            yield from facts_in(part.part)
        case _:  # NEAR and ATLEAST hold none
            return


def _joined(name: str) -> str:
    return "".join(word.folded for word in words(name))


def source_fact(name: str) -> Fact:
    """Give the fact that an entry is of an outlet, as `source:` asks for it."""
    return Fact(FactKind.SOURCE, _joined(name), text=name)


def fact_holds(fact: Fact, entry: Entry | FeedSource) -> bool:
    """Ask an entry, or what a feed says of all of its own. What a feed does not say holds for no value."""
    match fact.kind:
        case FactKind.LANG:
            language = "-".join(in_parts(entry.language))
            return language == fact.value or language.startswith(f"{fact.value}-")
        case FactKind.COUNTRY:
            return entry.country.lower() == fact.value
        case FactKind.SOURCE:
            return _joined(entry.outlet) == fact.value
        case _:
            return entry.group == fact.value


def in_parts(language: str) -> list[str]:
    """Give the parts of a language as a feed writes it: `es_PE` is es and pe."""
    return language.lower().replace("_", "-").split("-")

"""Random rules and random entries from a seed, many at a time, and where matcher and oracle differ.

The alphabet is tiny, so that words meet often: accents, ñ composed and decomposed, Han, marks, hashtags,
acronyms, numbers, repeated words, empty fields.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from service.domain import Entry, FeedGroup
from service.match import Item, Matcher, Query, Rule, find_rule_fault, parse_expression
from tests.match_oracle import Proof, oracle

_WORDS = (
    "ano", "año", "an\u0303o", "AÑO", "Ano", "anos", "años", "añoso", "an\u0303\u0301o", "kast", "Kast",
    "KAST", "Kasts", "钱", "钱凯", "凯港钱", "Kast钱", "U.S.", "US", "us", "EE. UU.", "EE UU", "EEUU",
    "#AnoKast", "#kastUS3", "3,5", "3.5", "5", "1.000", "1000", "Kast's", "Kast’s", "d'ano", "-", "…",
    "y", "a\u00adno", "ﬁn",
)  # fmt: skip
_TERMS = (
    "ano", "año", "Kast", "kast y", "ano ano", "ano Kast", "钱凯", "钱", "凯港", "us", "U.S.", "EEUU",
    "EE UU", "anokast", "kastus3", "fin", "1000", "5", "3.5", "ano*", "año*", "kas*", "钱*", "a?o",
    "an?", "kas?*", "ano*s", "kas* ano", "y kas*", "name:Kast", "case:KAST", "case:us", "name:US",
    "accents:ano", "accents:Año", "loose:año", "loose:name:Año", "loose:año*", "forms:ano",
    "forms:año kast", "loose:forms:años",
)  # fmt: skip
_DAYS = (None, None, None, date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3))
_NOON = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)


class Difference(NamedTuple):
    """A rule and an entry about which matcher and oracle disagree."""

    rule: Rule
    entry: Entry
    told: frozenset[Proof] | None
    wanted: frozenset[Proof] | None


def find_differences(seed: int, *, rules: int, entries: int) -> list[Difference]:
    """Ask one matcher with all the rules about each entry, and the oracle about each pair."""
    draw = Random(seed)
    asked = [_rule(draw) for _ in range(rules)]
    matcher = Matcher(Query(str(number), "1", rule) for number, rule in enumerate(asked))
    found = []
    for number in range(entries):
        entry = _entry(draw, number)
        proofs = {match.watchlist_id: match.evidence for match in matcher.match(entry)}
        for place, rule in enumerate(asked):
            evidence = proofs.get(str(place))
            told = (
                None
                if evidence is None
                else frozenset((one.term, one.field, one.start, one.end, one.line) for one in evidence)
            )
            proved = oracle(rule, entry)
            wanted = None if proved is None else frozenset(proved)
            if told != wanted:
                found.append(Difference(rule, entry, told, wanted))
    return found


def _entry(draw: Random, number: int) -> Entry:
    texts = [" ".join(draw.choices(_WORDS, k=draw.choice((0, 1, 2, 4, 8)))) for _ in range(2)]
    return Entry(
        id=number,
        feed_id=1,
        url="",
        canonical_url="",
        title=texts[0],
        summary=texts[1],
        language=draw.choice(("es", "es-PE", "en", "")),
        published_at=draw.choice((None, _NOON - timedelta(days=1), _NOON + timedelta(days=1))),
        first_seen_at=_NOON,
        outlet=draw.choice(("El Diario", "")),
        country=draw.choice(("PE", "")),
        group=draw.choice(tuple(FeedGroup)),
    )


def _rule(draw: Random) -> Rule:
    while True:
        any_of, all_of, none_of = (
            tuple(_part(draw) for _ in range(draw.choice((0, 0, 1, 1, 2)))) for _ in range(3)
        )
        made = Rule(any_of, all_of, none_of, line=1)
        if find_rule_fault(made) is None:
            return made


def _part(draw: Random) -> Item | Rule:
    if draw.random() < 0.1:
        return _rule(draw)
    expression = parse_expression(_expression(draw, draw.choice((0, 1, 2, 3))))
    return Item(expression, draw.randint(1, 4), draw.choice(_DAYS), draw.choice(_DAYS))


def _expression(draw: Random, depth: int) -> str:
    shape = draw.random()
    if depth == 0 or shape < 0.15:
        return _leaf(draw)
    left, right = (_expression(draw, depth - 1) for _ in range(2))
    if shape < 0.40:
        return f"({left} AND {right})"
    if shape < 0.65:
        return f"({left} OR {right})"
    if shape < 0.80:
        return f"NOT ({left})"
    return f"{draw.choice(('title', 'text'))}:({left})"


def _leaf(draw: Random) -> str:
    shape = draw.random()
    if shape < 0.45:
        return draw.choice(_TERMS)
    if shape < 0.75:
        operator = draw.choice(("NEAR", "ONEAR", "NOT NEAR"))
        return f"(({_place(draw)}) {operator}/{draw.choice((1, 2, 4))} ({_place(draw)}))"
    if shape < 0.85:
        return f"ATLEAST/{draw.choice((1, 2, 3))} ({_place(draw)})"
    if shape < 0.95:
        return f"({' OR '.join(draw.sample(_TERMS, 9))})"  # enough alternatives to be asked all at once
    return draw.choice(("lang:es", "lang:en", "country:PE", "source:ElDiario", "group:state-media"))


def _place(draw: Random) -> str:
    shape = draw.random()
    if shape < 0.6:
        return draw.choice(_TERMS)
    if shape < 0.8:
        return f"{draw.choice(_TERMS)} OR {draw.choice(_TERMS)}"
    if shape < 0.9:
        return f"({draw.choice(_TERMS)}) NEAR/2 ({draw.choice(_TERMS)})"
    return f"{draw.choice(('title', 'text'))}:({draw.choice(_TERMS)})"

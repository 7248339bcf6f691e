"""The plurals of the news that the stemmers miss: eleições, tribunais, jueces, mujeres, crises, women.

Each rule takes an ending off and puts the singular's on; the stem of the singular then joins that of
the word itself, or stands in its place where the stemmer is led astray (tribunais is no tribuna). A
singular that is no word does no harm, because nothing else has its stem. And some common nouns that a
stemmer takes for one (puerto, puerta) are kept apart. Stems nothing itself.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Rule(NamedTuple):
    """A word with its head in brackets, and what makes singulars of the head.

    `replaces`: the stem of the word itself is wrong.
    """

    word: re.Pattern[str]
    singulars: tuple[str, ...]
    replaces: bool = False


def _rule(word: str, *singulars: str, replaces: bool = False) -> _Rule:
    return _Rule(re.compile(word), singulars, replaces)


_SPANISH = (
    _rule(r"(\w{2,})ces", "z"),  # jueces, voces, lápices
    _rule(r"(\w{2,}[bdgjlmnrsty])es", ""),  # mujeres, militares, imágenes, clubes
    _rule(r"(\w+[íú])es", ""),  # iraníes, tabúes
    _rule(r"(\w+[áóú]|comité|café|bebé|bufé|chalé|carné|cliché|canapé)s", ""),  # but inglés is no plural
    _rule(r"(\w{2,}[aeioubcdfgklmnprt])s", ""),  # gobiernos, líneas, armas, clubs, récords
    _rule(r"(\w{2,}i)ó", "ar"),  # anunció, which is no plural but as common
)
_PORTUGUESE = (
    _rule(r"(\w*)ções|(\w+)coes|(\w+)cao", "ção", replaces=True),  # eleições; in capitals often ELEICAO
    _rule(r"(\w*)ões|(\w+)oes", "ão", replaces=True),  # decisões, milhões
    _rule(r"(\w+)(?:ães|aes)|(\w{2,})ao", "ão"),  # capitães, alemães, decisao
    _rule(r"(?!(?:jam|dem)ais)(\w{2,})ais|([rv])ais", "al", replaces=True),  # tribunais
    _rule(r"(\w{2,})[ée]is", "el", "il", replaces=True),  # papéis, níveis, fáceis, mísseis
    _rule(r"(\w[eo]i)s", "", replaces=True),  # leis, bois
    _rule(r"(\w+)óis", "ol", "ói", replaces=True),  # espanhóis, heróis
    _rule(r"(\w{2,})uis", "ul"),  # azuis
    _rule(r"(\w+[bcdfgjlmnprstvxz])is", "il"),  # civis, perfis
    _rule(r"(\w+)ns", "m", replaces=True),  # homens, bons, imagens
    _rule(r"(\w+[áéóúãô]|comitê|bebê|bufê|cachê|carnê|dossiê|ateliê)s", ""),  # but inglês is no plural
    _rule(r"(?!deus)(\w{2,}(?:[aeoubcdfgklpt]|[^\Waeiou]i))s", ""),  # anos, museus, empréstimos, tickets
)
_ENGLISH = (
    _rule(r"(?!(?:o|a|ye|regi|speci|abdo|acu)men)(\w*)men", "man"),  # women, policemen
    _rule(r"(\w*wi|kni|(?:after)?li)ves", "fe"),
    _rule(r"(hal|cal|lea|loa|shea|thie|\w*shel|sel|el|\w*wol|scar|whar)ves", "f"),
    _rule(r"(cri|the|hypothe|synthe|paraly|analy|diagno|progno|empha|oa|ba|ax)ses", "sis"),
    _rule(r"(\w*bus|gas|lens|quiz|\w*child)(?:es|zes|ren)", ""),
    _rule(r"(memor|refer)(?:anda|enda)", "andum", "endum"),
    _rule(r"(criteri|phenomen)a", "on"),
    _rule(r"(ind|append)ices", "ex", "ix"),
    _rule(r"(f|t)ee(?:t|th)", "oot", "ooth"),
    _rule(r"(\w{3,}u|[^\Waeiouy]{2,}[aeiou]?)s", ""),  # menus, NGOs, MPs
)
# Nouns of Spanish and Portuguese that differ in their last vowel alone and are nothing to do with each
# other, in the singular. One list for both, because a topic is often followed in both.
_PAIRS_APART = """
acto acta ato ata banco banca bolso bolsa caso casa conto conta copo copa cubo cuba cuento cuenta foco foca
fondo fonda libro libra mango manga manto manta modo moda palo pala pato pata plazo plaza ponto ponta porto
porta posto posta puerto puerta punto punta ramo rama rato rata ruedo rueda suelo suela tropo tropa velo vela
"""
_APART = frozenset(_PAIRS_APART.split())
_RULES = {"es": _SPANISH, "pt": _PORTUGUESE, "en": _ENGLISH}


def noun_apart(word: str, language: str) -> str:
    """Give the singular of a noun that has no stem in common with any other word; else an empty text."""
    known = _APART if language in ("es", "pt") else frozenset[str]()
    return next((noun for noun in (word, word.removesuffix("s")) if noun in known), "")


def bases(word: str, language: str) -> frozenset[str]:
    """Give what a word is to be stemmed as: itself, the singulars it may be the plural of, or both.

    `word` has no capitals, but its accents.
    """
    found: set[str] = set()
    is_itself = True
    for rule in _RULES.get(language, ()):
        match = rule.word.fullmatch(word)
        if match:
            head = match[match.lastindex or 0]
            found.update(head + singular for singular in rule.singulars)
            is_itself = is_itself and not rule.replaces
    return frozenset(found | {word} if is_itself else found)

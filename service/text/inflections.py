"""The regular inflections of a word, made by rule: plurals, genders, verb forms of es, pt and en.

There is no dictionary, so some of what is made is no word; and what is irregular is not made. It shows
people what `forms:` may find, and decides nothing. Only what shares a stem with the word is given.
"""

from __future__ import annotations

import re

from service.text.folding import fold
from service.text.plurals import bases
from service.text.stems import stems

_PLAIN = str.maketrans("áéíóúâêô", "aeiouaeo")
_ACUTE = str.maketrans("aeiou", "áéíóú")
_SPANISH_VERB = {
    "ar": "o as a amos áis an é aste ó asteis aron aba abas ábamos aban aré arás ará aremos arán aría arían"
    " e es emos en ara aran ado ada ados adas ando ar",
    "er": "o es e emos en í iste ió imos ieron ía íamos ían eré erás erá eremos erán ería erían"
    " a as amos an iera ieran ido ida idos idas iendo er",
    "ir": "o es e imos en í iste ió ieron ía íamos ían iré irás irá iremos irán iría irían"
    " a as amos an iera ieran ido ida idos idas iendo ir",
}
_PORTUGUESE_VERB = {
    "ar": "o as a amos am ei aste ou aram ava avas ávamos avam arei arás ará aremos arão aria ariam"
    " e es emos em asse assem ado ada ados adas ando ar arem armos",
    "er": "o es e emos em i este eu eram ia íamos iam erei erás erá eremos erão eria eriam"
    " a as amos am esse essem ido ida idos idas endo er erem ermos",
    "ir": "o es e imos em i iste iu iram ia íamos iam irei irás irá iremos irão iria iriam"
    " a as amos am isse issem ido ida idos idas indo ir irem irmos",
}
# How a singular ends -> what its other forms have in place of the bracketed end; the first that fits.
_SPANISH_NOUN = (
    (r"(ión)", "iones"),
    (r"[aeiou](z)", "ces"),
    (r"[aeo](ís)", "íses"),
    (r"([aeiou])([^aeiou]+en)", "{acute}{rest}es"),
    (r"([áéó])([ns])", "{plain}{last}es {plain}{last}a {plain}{last}as"),
    (r"([íú])([ns])", "{plain}{last}es"),
    (r"(o)", "a os as"),
    (r"[^aeiou]or()", "a es as"),
    (r"[dlrjyn]()", "es"),
    (r"[aeiouáéó]()", "s"),
    (r"[íú]()", "es s"),
    (r"[bcfgkmpt]()", "s es"),
)
_PORTUGUESE_NOUN = (
    (r"[çs](ão)", "ões"),
    (r"(ão)", "ões ãos ães ã ãs"),
    (r"(al)", "ais"),
    (r"[áéíóúâêô]\w*(el|il)", "eis"),
    (r"(el)", "éis"),
    (r"(ol)", "óis"),
    (r"(ul)", "uis"),
    (r"(il)", "is"),
    (r"(m)", "ns"),
    (r"(ís)", "íses"),
    (r"(ês)", "eses esa esas"),
    (r"(o)", "a os as"),
    (r"[^aeiou]or()", "a es as"),
    (r"[rz]()", "es"),
    (r"[aeiouáéãêô]()", "s"),
)
_ENGLISH_WORD = (
    (r"(man)", "men"),
    (r"(?:ion|ment|ness|ity|er|or|ist|ism)()", "s"),
    (r"[^aeiou](y)", "ies ied ying"),
    (r"[^aeiou](e)", "es ed ing"),
    (r"^[^aeiou]*[aeiou]([bdgklmnprt])", "{last}s {last}{last}ed {last}{last}ing"),
    (r"(?:s|x|z|ch|sh)()", "es ed ing"),
    (r"()", "s ed ing"),
)
_NOUNS = {"es": _SPANISH_NOUN, "pt": _PORTUGUESE_NOUN, "en": _ENGLISH_WORD}
_VERBS = {"es": _SPANISH_VERB, "pt": _PORTUGUESE_VERB}
# A plural -> its singular, for those whose singular the plural rules of the stems do not know.
_SINGULARS = {
    "es": (
        (r"iones", "ión"),
        (r"íses", "ís"),
        (r"(?<=[aeiou])ces", "z"),
        (r"(?<=[aeiou][dlnrjy])es", ""),
        (r"(?<=[aeiouáó])s|(?<=[bfht]é)s", ""),
    ),
    "pt": ((r"íses", "ís"), (r"(?<=[aeiou][rz])es", ""), (r"(?<=[aeiouã])s", "")),
    "en": ((r"(?<=[^aeiou])ies", "y"), (r"(?<=[sx])es|(?<=[cs]h)es", ""), (r"(?<=[^sui])s", "")),
}


def inflections(word: str, language: str) -> frozenset[str]:
    """Give a word as written and its regular forms in a language, in small letters."""
    itself = fold(word, keep_accents=True)
    wanted = stems(itself, (language,))
    made = {itself, *_conjugated(itself, language)}
    for singular in _singulars(itself, language):
        made |= {singular, *_declined(singular, language)}
    return frozenset(form for form in made if wanted & stems(form, (language,)))


def _singulars(word: str, language: str) -> frozenset[str]:
    """Give what the word is the plural of, or the word itself."""
    found = bases(word, language)
    known = frozenset(base for base in found if not word.startswith(base))
    if known and word not in found:
        return known  # the plural rules are sure
    for ending, singular in _SINGULARS.get(language, ()):
        match = re.search(f"(?:{ending})$", word)
        if match:
            cut = word[: match.start()] + singular
            return frozenset({cut.translate(_PLAIN) if cut.endswith("en") else cut})  # crímenes, crimen
    return known or frozenset({word})


def _conjugated(word: str, language: str) -> set[str]:
    """Give the forms of a verb named by its infinitive, of es and pt."""
    for ending, others in _VERBS.get(language, {}).items():
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return {word.removesuffix(ending) + other for other in others.split()}
    return set()


def _declined(singular: str, language: str) -> set[str]:
    if language == "en" and not singular.isascii():
        return set()  # a word of another language
    for pattern, others in _NOUNS.get(language, ()):
        match = re.search(f"(?:{pattern})$", singular)
        if match:
            vowel, head = match[1][:1], singular[: match.start(1)]
            parts = {
                "plain": vowel.translate(_PLAIN),
                "acute": vowel.translate(_ACUTE),
                "rest": singular[match.start(1) + 1 :],
                "last": singular[-1:],
            }
            return {head + other.format(**parts) for other in others.split()}
    return set()

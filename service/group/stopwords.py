"""Words that say nothing of an event: the frequent ones of English, Spanish and Portuguese.

Articles, pronouns, prepositions, conjunctions, auxiliaries, the days of the week, and what news says of
itself ("said", "today", "según"), and the words that numbers are written with. Folded as `service.text`
folds. Other languages have no list: there, how rare a word is has to do.
"""

from __future__ import annotations

from service.text import read

_WORDS = {
    "en": """
        a about after again against all also am an and any are as at be because been before being
        between both but by can could did do does doing down during each few for from further had
        has have having he her here hers him his how i if in into is it its itself just me more most
        my no nor not of off on once one only or other our out over own same say says said she
        should so some such than that the their them then there these they this those through to
        today too two under until up upon us very was we were what when where which while who whom
        why will with would yesterday tomorrow you your according amid among new news may might must
        per via report reports reported reuters monday tuesday wednesday thursday friday saturday
        sunday thousand thousands million millions billion least breaking urgent
    """,
    "es": """
        a al algo algunas algunos ante antes aqui asi aun aunque ayer bajo bien cada como con contra
        cual cuales cuando de del desde donde dos durante e el ella ellas ellos en entre era eran es
        esa esas ese eso esos esta estan estaba estas este esto estos fue fueron ha habia han hasta
        hay hoy la las le les lo los manana mas me mi mientras muy nada ni no nos o otra otras otro
        otros para pero poco por porque que quien quienes se sea segun ser si sido sin sobre solo
        son su sus tal tambien tan tanto te tiene tienen todo todos toda todas tras tu un una unas
        uno unos y ya yo dijo dice afirmo senalo informo noticia noticias nuevo nueva lunes martes
        miercoles jueves viernes sabado domingo mil miles millon millones menos ultima hora urgente
    """,
    "pt": """
        a ao aos aquela aquele aqui as ate com como contra da das de dela dele deles depois desde do
        dois dos duas e ela elas ele eles em entre era eram essa essas esse esses esta estao estas
        estava este estes eu foi foram ha hoje isso isto ja la lhe mais mas me mesmo meu minha muito
        muita na nao nas nem no nos nossa nosso num numa o onde ontem os ou outra outras outro
        outros para pela pelas pelo pelos por porque qual quando que quem se segundo sem ser sera
        seu seus sido so sob sobre sua suas tambem tem teve toda todas todo todos um uma umas uns
        apos ante disse diz afirmou informou noticia noticias novo nova amanha segunda terca quarta
        quinta sexta feira sabado domingo mil milhares milhao milhoes bilhao bilhoes menos ultima hora urgente
    """,
}
_BY_LANGUAGE = {language: frozenset(read(words).folded) for language, words in _WORDS.items()}
_ALL = frozenset().union(*_BY_LANGUAGE.values())


def stop_words(language: str) -> frozenset[str]:
    """Give the stop words of a language (`es`, `pt-BR`); those of all lists where it is not known."""
    code = language[:2].lower()
    return _BY_LANGUAGE.get(code, frozenset()) if code else _ALL

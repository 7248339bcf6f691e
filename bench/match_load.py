"""The load of the matching bench: invented articles and stored queries, the same ones for every engine.

Words are drawn by how common they are in English, Spanish and Portuguese news and talk (wordfreq);
articles are about invented names of topics, some much more in the news than others, and queries ask for
those. Words with ñ, digits and apostrophes are left out, because the engines disagree about them.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from itertools import accumulate

from wordfreq import top_n_list, word_frequency

TOPICS = 20_000
_SPREAD = 25  # the larger, the less the first topics dominate the news
_LANGUAGES = (("en", 0.50), ("es", 0.38), ("pt", 0.12))
_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnprstvz"

Words = tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """A headline and a text."""

    title: str
    text: str


@dataclass(frozen=True)
class Stored:
    """A stored query: every group, the pair near each other, a word beginning so, and none of the last.

    `groups` are ORs of words that must all hold, `title` one that must hold in the headline, `near` two
    ORs and a distance, `prefix` the beginning of a word, `none` words that must be absent.
    """

    groups: tuple[Words, ...] = ()
    title: Words = ()
    near: tuple[Words, Words, int] | None = None
    prefix: str = ""
    none: Words = ()

    def expression(self) -> str:
        """Write it in the language of watchlists."""
        parts = [_either(group) for group in self.groups]
        if self.title:
            parts.append(f"title:{_either(self.title)}")
        if self.near:
            left, right, distance = self.near
            parts.append(f"({_either(left)} NEAR/{distance} {_either(right)})")
        if self.prefix:
            parts.append(f"{self.prefix}*")
        if self.none:
            parts.append(f"NOT {_either(self.none)}")
        return " AND ".join(parts)


def _either(words: Words) -> str:
    return f"({' OR '.join(words)})" if len(words) > 1 else words[0]


@dataclass(frozen=True)
class _Topic:
    names: Words
    words: Words
    language: str


class Load:
    """Articles and queries from one seed."""

    def __init__(self, seed: int = 20261122) -> None:
        """Prepare words and topics."""
        self._random = random.Random(seed)
        self._common = {language: _Vocabulary(language) for language, _ in _LANGUAGES}
        languages = [language for language, _ in _LANGUAGES]
        shares = [share for _, share in _LANGUAGES]
        self._topics = [
            self._topic(language) for language in self._random.choices(languages, shares, k=TOPICS)
        ]
        self._weights = list(accumulate(1 / (rank + _SPREAD) for rank in range(TOPICS)))

    def articles(self, count: int, words: int) -> list[Article]:
        """Write articles with texts of so many words."""
        return [self._article(words) for _ in range(count)]

    def queries(self, count: int) -> list[Stored]:
        """Write queries."""
        return [self._query(topic) for topic in self._pick(count)]

    def _pick(self, count: int) -> list[_Topic]:
        return self._random.choices(self._topics, cum_weights=self._weights, k=count)

    def _topic(self, language: str) -> _Topic:
        draw = self._random
        names = tuple(self._name() for _ in range(draw.randint(1, 3)))
        return _Topic(names, tuple(self._common[language].rare(draw, 8)), language)

    def _name(self) -> str:
        draw = self._random
        return "".join(draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(draw.randint(3, 4)))

    def _article(self, words: int) -> Article:
        [topic] = self._pick(1)
        draw, common = self._random, self._common[topic.language]
        title = [*topic.names, *draw.sample(topic.words, 3), *common.any(draw, 6 - len(topic.names))]
        text = [*topic.names, *draw.sample(topic.words, 5), *common.any(draw, words - 5 - len(topic.names))]
        draw.shuffle(title)
        draw.shuffle(text)
        return Article(" ".join(title).capitalize(), " ".join(text).capitalize() + ".")

    def _query(self, topic: _Topic) -> Stored:  # noqa: PLR0911 -- one shape of query a line
        draw = self._random
        some = draw.sample(topic.words, 8)
        strange = tuple(self._common[topic.language].rare(draw, 2))
        names = (draw.choice(topic.names),)
        first, second = tuple(some[: draw.randint(2, 4)]), tuple(some[4 : 4 + draw.randint(2, 4)])
        shape = draw.random()
        if shape < 0.28:
            return Stored((names + first, second))
        if shape < 0.46:
            return Stored((names, first), none=strange)
        if shape < 0.60:
            return Stored((second,), near=(names, first, draw.randint(3, 10)))
        if shape < 0.70:
            return Stored((first,), title=names + second[:1])
        if shape < 0.80:
            return Stored((first,), prefix=names[0][:5])
        if shape < 0.92:
            lists = [draw.choice(other.names) for other in self._pick(draw.randint(2, 7))]
            return Stored((names + tuple(lists),))
        return Stored((names + first, second), none=strange)


class _Vocabulary:
    """The words of a language with how common each is."""

    def __init__(self, language: str) -> None:
        ranked = [word for word in top_n_list(language, 30_000) if word.isalpha() and _is_plain(word)]
        self._words = ranked
        self._weights = list(accumulate(word_frequency(word, language) for word in ranked))

    def any(self, draw: random.Random, count: int) -> list[str]:
        return draw.choices(self._words, cum_weights=self._weights, k=count)

    def rare(self, draw: random.Random, count: int) -> list[str]:
        """Give words of the kind that queries ask for: neither among the commonest nor unheard of."""
        return draw.sample(self._words[500:15_000], count)


def _is_plain(word: str) -> bool:
    return word.islower() and "n\u0303" not in unicodedata.normalize("NFD", word) and len(word) > 1

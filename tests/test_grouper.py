"""Reports to events, one after another: what joins, what keeps apart, and that nothing but order decides."""

from __future__ import annotations

import json
import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain import Entry, Evidence, JoinReason, Match, TextField
from service.group import ArticleKind, Grouper, Placement, dump_grouper, kind_of, kinds, live, load_grouper
from service.group.features import features_of
from service.group.grouper import ENDS_AFTER
from service.group.index import ASKED, CANDIDATES, COMMON, POSTED, Index
from service.group.live import LiveEvent
from service.group.rarity import AGEING, Rarity
from service.group.vetoes import are_rivals, is_vetoed

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _match(
    number: int,
    title: str,
    text: str = "",
    *,
    language: str = "es",
    at: datetime = NOW,
    url: str = "",
    topic: str = "",
) -> Match:
    entry = Entry(number, number, url, url, title, text, language, at, at, outlet=f"Diario {number}")
    start = title.find(topic) if topic else -1
    evidence = (Evidence(topic, TextField.TITLE, start, start + len(topic), 1),) if start >= 0 else ()
    return Match(entry, "port", "1", evidence)


def _place(*matches: Match) -> list[Placement]:
    grouper = Grouper()
    return [grouper.place(match) for match in matches]


STRIKE = "Trabajadores del puerto de Chancay inician huelga indefinida por salarios"
STRIKE_TOO = "Huelga indefinida: los trabajadores paralizan el puerto de Chancay y piden mejores salarios"


def test_the_first_report_opens_an_event() -> None:
    [placement] = _place(_match(1, STRIKE))
    assert placement.is_new
    assert placement.reason is JoinReason.NONE


def test_the_same_event_in_other_words_joins_and_says_which_words_they_share() -> None:
    first, second = _place(_match(1, STRIKE), _match(2, STRIKE_TOO, at=NOW + HOUR))
    assert second.event_id == first.event_id
    assert second.reason is JoinReason.SHARED_WORDS
    assert "huelga" in second.words


def test_another_event_of_the_topic_opens_its_own() -> None:
    first, second = _place(
        _match(1, STRIKE, topic="puerto de Chancay"),
        _match(2, "Presidente visita el puerto de Chancay con sus ministros", topic="puerto de Chancay"),
    )
    assert second.is_new
    assert second.event_id != first.event_id


def test_words_that_the_watchlist_looks_for_make_no_two_reports_alike() -> None:
    titles = (
        "Puerto de Chancay: Cosco apela",
        "Puerto de Chancay: Cosco invierte",
        "Puerto de Chancay: Cosco gana",
    )
    events = {
        one.event_id
        for one in _place(*(_match(at, title, topic=title[:24]) for at, title in enumerate(titles)))
    }
    assert len(events) == 3


def test_the_same_address_and_the_same_headline_are_the_same_event() -> None:
    url = "https://a.example/nota"
    title = "Ositrán apela el fallo sobre Chancay"
    first, second, third = _place(
        _match(1, title, url=url),
        _match(2, "Muy otra cosa", url=url),
        _match(3, title.upper(), language="pt"),
    )
    assert {first.event_id} == {second.event_id, third.event_id}
    assert (second.reason, third.reason) == (JoinReason.SAME_ADDRESS, JoinReason.SAME_HEADLINE)


def test_a_short_headline_is_not_enough_to_be_the_same() -> None:
    first, second = _place(
        _match(
            1,
            "Última hora",
            "Sismo de regular intensidad sacude viviendas en Ica esta madrugada, sin víctimas.",
        ),
        _match(
            2,
            "Última hora",
            "Congreso aprueba presupuesto anual tras debate maratónico con abstención opositora.",
        ),
    )
    assert first.event_id != second.event_id


def test_likeness_fades_with_time_and_ends() -> None:
    later = timedelta(hours=ENDS_AFTER)
    first, second = _place(_match(1, STRIKE), _match(2, STRIKE_TOO, at=NOW + later))
    assert first.event_id != second.event_id
    first, second = _place(_match(1, STRIKE), _match(2, STRIKE_TOO, at=NOW - later))
    assert first.event_id != second.event_id


def test_chinese_reports_are_read_in_pairs_of_characters() -> None:
    first, second, third = _place(
        _match(1, "秘鲁钱凯港工人开始无限期罢工", language="zh"),
        _match(2, "钱凯港工人罢工进入第二天", language="zh"),
        _match(3, "智利总统选举第二轮投票结束", language="zh"),
    )
    assert second.event_id == first.event_id
    assert third.is_new


def _is_vetoed(one: str, other: str, likeness: float, language: str = "es") -> bool:
    grouper = Grouper()
    grouper.absorb(_match(1, one), "event")
    features = features_of(other, "", language)
    return is_vetoed(grouper.index["event"], features, language, likeness, grouper.rarity.of)


@pytest.mark.parametrize(
    ("one", "other", "likeness", "vetoed"),
    [
        ("Un sismo sacude Arequipa", "Un sismo sacude Managua", 0.4, True),  # all names differ
        ("Un sismo sacude Arequipa", "Un sismo sacude Managua", 0.5, False),  # but they say the very same
        ("Un sismo sacude Arequipa", "Un sismo sacude Arequipa", 0.2, False),
        ("Un sismo sacude Arequipa", "Fuerte sismo en el sur", 0.2, False),  # no name, no conflict
        ("Piden a Arequipa y Tacna calma", "Piden a Managua, Estelí y Tacna calma", 0.2, True),  # most differ
        ("Piden a Arequipa y Tacna calma", "Piden a Managua, Estelí y Tacna calma", 0.3, False),
        ("El censo de 2021 en la bahía", "El censo de 2024 en la bahía", 0.3, True),
        ("El censo de 2021 en la bahía", "El censo de 2024 en la bahía", 0.4, False),
        ("El censo de 2021 en la bahía", "Censos de 2021 y 2024 en la bahía", 0.2, False),
    ],
)
def test_reports_that_name_other_places_or_years_stay_apart(
    one: str, other: str, likeness: float, *, vetoed: bool
) -> None:
    assert _is_vetoed(one, other, likeness) is vetoed


def test_names_are_compared_within_one_language_only() -> None:
    assert not _is_vetoed("Un sismo sacude Arequipa", "Quake shakes Managua", 0.2, "en")


@pytest.mark.parametrize(
    ("one", "other", "rivals"),
    [
        ("Un sismo sacude Arequipa", "Un sismo sacude Managua", True),
        ("Un sismo sacude Arequipa", "Un sismo sacude Arequipa", False),
        ("El censo de 2021 en la bahía", "El censo de 2024 en la bahía", True),
    ],
)
def test_events_that_conflict_are_not_merged(one: str, other: str, *, rivals: bool) -> None:
    grouper = Grouper()
    grouper.absorb(_match(1, one), "one")
    grouper.absorb(_match(2, other), "other")
    events = grouper.index["one"], grouper.index["other"]
    assert are_rivals(*events, grouper.rarity.of) is rivals
    events[1].languages = {"pt"}
    assert are_rivals(*events, grouper.rarity.of) is (rivals and "censo" in one)


@pytest.mark.parametrize(
    ("title", "url", "kind"),
    [
        ("Elecciones en Chile, minuto a minuto: votación y resultados", "", ArticleKind.LIVE),
        ("Chile election: live updates", "", ArticleKind.LIVE),
        ("Las principales noticias de hoy en el Perú", "", ArticleKind.ROUNDUP),
        ("Morning briefing: port strike, election, rain", "", ArticleKind.ROUNDUP),
        ("Opinión | El puerto y nosotros", "", ArticleKind.OPINION),
        ("El puerto y nosotros", "https://a.example/columnas/el-puerto", ArticleKind.OPINION),
        ("今日要闻：钱凯港", "", ArticleKind.ROUNDUP),
        ("La opinión pública apoya la huelga", "https://a.example/politica/1", ArticleKind.NEWS),
        ("Operación en vivienda de Lima deja detenidos", "", ArticleKind.NEWS),
    ],
)
def test_articles_that_are_no_news_of_one_event_are_recognised(
    title: str, url: str, kind: ArticleKind
) -> None:
    assert kind_of(title, url) is kind


@pytest.mark.parametrize(
    "title",
    [
        *("Live results of the vote", "The vote as it happened", "La votación minuto a minuto"),
        *(
            "La votación en vivo",
            "La votación en directo",
            "Votação em tempo real",
            "Votación en tiempo real",
        ),
        *("选举滚动更新", "选举直播", "选举即时更新", "Midday brief", "Weekly digest", "Evening round-up"),
        *("Morning newsletter", "Daily wrap", "Week in review", "Top stories", "The headlines of the day:"),
        *("Principales noticias", "Principais notícias", "Titulares de hoy", "Manchetes de hoje"),
        *("Destaques do dia", "Claves del día", "Portadas de la semana", "Tapas de hoy", "Resumen semanal"),
        *("Resumo do dia", "Boletín informativo", "Giro da semana", "Cinco cosas sobre el puerto"),
        *("Dez coisas sobre o porto", "一周要闻", "新闻摘要", "早报", "晚报", "Editorial: el puerto"),
        *("Tribuna | El puerto", "Columna · El puerto", "El puerto - Análisis", "El puerto – Opinión"),
        "El puerto — Opinión",
    ],
)
def test_every_way_to_say_that_an_article_is_no_news_of_one_event_is_known(title: str) -> None:
    needed = [mark for mark in kinds.MARKS if mark in title.casefold()]
    assert kind_of(title, "") is not ArticleKind.NEWS
    with patch.object(kinds, "MARKS", tuple(mark for mark in kinds.MARKS if mark not in needed)):
        assert kind_of(title, "") is ArticleKind.NEWS


@given(st.from_regex(kinds.BY_HEADLINE))
def test_no_headline_of_another_kind_is_passed_over_by_the_quick_look(title: str) -> None:
    folded = title.casefold()
    assert (kind_of(title, "") is ArticleKind.NEWS) is (kinds.BY_HEADLINE.search(folded) is None)


def test_a_round_up_never_glues_two_events_together() -> None:
    quake = "Sismo de magnitud 7 sacude Tacna y derrumba viviendas antiguas"
    grouper = Grouper()
    one, two = grouper.place(_match(1, STRIKE)), grouper.place(_match(2, quake))
    both = f"Resumen del día: {STRIKE}; {quake}"
    grouper.place(_match(3, both, at=NOW + HOUR))
    three = grouper.place(_match(4, STRIKE_TOO, at=NOW + 2 * HOUR))
    four = grouper.place(_match(5, f"{quake}: hay damnificados", at=NOW + 2 * HOUR))
    assert (three.event_id, four.event_id) == (one.event_id, two.event_id)


def test_two_events_that_come_to_say_the_same_are_merged_and_stay_merged() -> None:
    grouper = Grouper()
    grouper.absorb(_match(1, STRIKE), "one")
    grouper.absorb(_match(2, STRIKE_TOO), "two")
    placements = [
        grouper.place(_match(3 + at, title, at=NOW + HOUR))
        for at, title in enumerate((STRIKE, STRIKE_TOO) * 3)
    ]
    merges = [placement.merge for placement in placements if placement.merge]
    assert len(merges) == 1
    assert set(merges[0]) == {"one", "two"}
    assert len(grouper.index) == 1


def test_events_that_a_person_split_are_never_merged_again() -> None:
    grouper = Grouper()
    grouper.absorb(_match(1, STRIKE), "one")
    grouper.absorb(_match(2, STRIKE_TOO), "two")
    grouper.keep_apart("one", "two")
    for at, title in enumerate((STRIKE, STRIKE_TOO) * 4):
        assert grouper.place(_match(3 + at, title, at=NOW + HOUR)).merge is None


def test_what_keeps_apart_follows_a_merge() -> None:
    grouper = Grouper()
    for number, event_id in enumerate(("one", "two", "three")):
        grouper.absorb(_match(number, f"{STRIKE} {number}"), event_id)
    grouper.keep_apart("one", "three")
    grouper.merge("one", "two")
    assert grouper.apart == {frozenset({"two", "three"})}
    grouper.merge("gone", "two")
    grouper.merge("two", "three")
    assert grouper.apart == set()


def test_an_event_is_rebuilt_of_the_reports_it_is_left_with() -> None:
    grouper = Grouper()
    mixed = [_match(1, STRIKE), _match(2, "Sismo sacude Tacna y derrumba viviendas", at=NOW + HOUR)]
    for match in mixed:
        grouper.absorb(match, "mixed")
    grouper.rebuild("mixed", [(mixed[0], ())])
    grouper.rebuild("quake", [(mixed[1], ())])
    grouper.rebuild("nothing", [])
    assert grouper.place(_match(3, STRIKE_TOO, at=NOW + HOUR)).event_id == "mixed"
    assert grouper.place(_match(4, "Sismo derrumba viviendas en Tacna", at=NOW + HOUR)).event_id == "quake"
    assert "nothing" not in grouper.index


# ------------------------------------------------------------------------- languages by meaning


def _meaning(*values: float) -> list[float]:
    return [*values, *[0.0] * (8 - len(values))]


def test_reports_in_two_languages_meet_by_meaning() -> None:
    grouper = Grouper()
    first = grouper.place(_match(1, "Workers at port begin strike", language="en"), _meaning(1, 0.1))
    second = grouper.place(_match(2, "Trabajadores inician paro"), _meaning(1, 0.2))
    other = grouper.place(_match(3, "Ministro renuncia", language="pt"), _meaning(0, 0, 1))
    assert second.event_id == first.event_id
    assert second.reason is JoinReason.SAME_MEANING
    assert other.is_new


def test_two_events_that_are_merged_mean_what_both_meant() -> None:
    grouper = Grouper()
    grouper.absorb(_match(1, STRIKE), "one", _meaning(1))
    grouper.absorb(_match(2, STRIKE_TOO), "two", _meaning(0, 1))
    grouper.absorb(_match(3, "Ministro renuncia"), "three")
    grouper.merge("two", "one")
    grouper.merge("three", "one")
    assert list(grouper.index["one"].meaning)[:2] == [1, 1]
    assert grouper.index["one"].meant == 2


def test_within_one_language_meaning_does_not_count() -> None:
    grouper = Grouper()
    first = grouper.place(_match(1, "Trabajadores inician paro"), _meaning(1))
    second = grouper.place(_match(2, "Presidente recibe embajador"), _meaning(1))
    assert first.event_id != second.event_id


def test_what_all_of_a_topic_means_says_nothing() -> None:
    grouper = Grouper()
    words = ("alfa", "beta", "gama", "delta", "kappa", "sigma", "omega", "lambda")
    for number in range(80):
        title = f"{words[number % 8]}{number} {words[number % 7]}x{number} asunto{number}"
        grouper.place(
            _match(number, title, at=NOW), _meaning(1, *(0.3 * (number % 6 == at) for at in range(6)))
        )
    late = grouper.place(
        _match(99, "Quite another matter", language="en"), _meaning(1, 0, 0, 0, 0, 0, 0, 0.3)
    )
    assert late.is_new


# ---------------------------------------------------------------------------- nothing but order

_SUBJECTS = ("huelga portuaria", "sismo andino", "voto legislativo", "captura policial", "visita oficial")
_PLACES = ("Chancay", "Tacna", "Lima", "Callao", "Ica")
_EXTRA = (
    "autoridades informan daños",
    "vecinos reclaman respuesta",
    "comisión anuncia medidas",
    "2026 cifras",
)


def _stream(seed: int, length: int) -> list[tuple[Match, Sequence[float]]]:
    chance = random.Random(seed)
    found: list[tuple[Match, Sequence[float]]] = []
    for number in range(length):
        subject = chance.randrange(5)
        title = f"{_SUBJECTS[subject]} en {_PLACES[chance.randrange(5)]} {chance.choice(_EXTRA)}"
        language = chance.choice(("es", "es", "en", "pt"))
        at = NOW + timedelta(hours=chance.uniform(0, 400))
        meaning = _meaning(1, *(float(subject == one) for one in range(5)), chance.random())
        found.append(
            (_match(number, title, f"{title} {chance.choice(_EXTRA)}", language=language, at=at), meaning)
        )
    return found


@given(st.integers(0, 10_000), st.sets(st.integers(1, 59)))
@example(190, {17})  # two events that share as much with a report, posted in another order than opened
def test_writing_down_and_reading_again_at_any_moment_changes_nothing(seed: int, restarts: set[int]) -> None:
    steady, restarted = Grouper(), Grouper()
    for number, (match, meaning) in enumerate(_stream(seed, 60)):
        if number in restarts:
            again = load_grouper(dump_grouper(restarted))
            assert again is not None
            restarted = again
        assert steady.place(match, meaning) == restarted.place(match, meaning)
    assert dump_grouper(steady) == dump_grouper(restarted)


@given(st.integers(0, 10_000))
def test_taking_in_what_was_decided_gives_the_same_knowledge(seed: int) -> None:
    decided, told = Grouper(), Grouper()
    for match, meaning in _stream(seed, 60):
        placement = decided.place(match, meaning)
        told.absorb(match, placement.event_id, meaning)
        if placement.merge:
            told.merge(*placement.merge)
    assert dump_grouper(decided) == dump_grouper(told)


def test_bytes_of_another_version_or_of_nobody_are_not_read() -> None:
    assert load_grouper(b"") is None
    assert load_grouper(zlib.compress(b"{")) is None
    assert load_grouper(zlib.compress(json.dumps({"format": 0}).encode())) is None
    empty = load_grouper(dump_grouper(Grouper()))
    assert empty is not None
    assert empty.place(_match(1, STRIKE)).is_new


def test_events_that_are_over_are_forgotten_once_no_late_reports_come() -> None:
    grouper = Grouper()
    grouper.place(_match(0, STRIKE))
    grouper.keep_apart(next(iter(grouper.index)).id, "other")
    late = NOW + timedelta(hours=ENDS_AFTER + 1)
    for number in range(1, 1_100):
        grouper.place(_match(number, f"Asunto{number} particular{number} numero{number}", at=late))
    assert all(event.last > NOW.timestamp() / 3600 for event in grouper.index)
    assert grouper.apart == set()


# ------------------------------------------------------------------------------------- its parts


def test_a_word_that_very_many_events_share_finds_none_of_them() -> None:
    grouper = Grouper()
    for number in range(COMMON + 1):
        grouper.absorb(_match(number, f"Ositrán asunto{number}"), f"e{number}")
    assert grouper.index.find_like({"ositran": 1.0}) == []
    found = grouper.index.find_like({"ositran": 0.9, "asunto7": 0.1})
    assert [event.id for event, _ in found] == ["e7"]


def _posted(rows: Sequence[tuple[float, set[int]]]) -> tuple[Index, dict[str, float]]:
    """Give an index in which each row's word finds the events of the row, and a vector of all words."""
    index, vector = Index(), {}
    events = {number: LiveEvent(f"e{number:02}", 0.0, 0.0) for _, row in rows for number in row}
    length = sum(weight * weight for weight, _ in rows) ** 0.5
    for at, (weight, row) in enumerate(sorted(rows, key=lambda one: one[0], reverse=True)):
        vector[f"w{at}"] = weight / length
        for number in row:
            index.post(events[number], [f"w{at}"], [])
    return index, vector


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.sets(st.integers(0, 45))), min_size=1, max_size=ASKED + 2))
@example([(1.0, set(range(20))), (0.1, {3, 44}), (0.05, {3, 45})])  # no stranger comes in after the first
def test_the_events_that_share_most_are_found_as_if_all_were_added_up(
    rows: list[tuple[float, set[int]]],
) -> None:
    index, vector = _posted(rows)
    sums: dict[str, float] = {}
    for word, value in list(vector.items())[:ASKED]:
        for event in index:
            if word in event.posted:
                sums[event.id] = sums.get(event.id, 0.0) + value * value
    best = sorted(((value, event_id) for event_id, value in sums.items()), reverse=True)[:CANDIDATES]
    assert [event.id for event, _ in index.find_like(vector)] == [event_id for _, event_id in best]


@given(st.integers(0, 10_000))
def test_no_event_is_more_like_a_report_than_the_index_said_it_can_be(seed: int) -> None:
    grouper, chance = Grouper(), random.Random(seed)
    words = [f"palabra{number}" for number in range(40)]
    for number in range(30):  # not more words than an event is posted under, and more than are looked up
        title = " ".join(chance.sample(words, chance.randrange(ASKED, POSTED)))
        vector = grouper.rarity.vector(features_of(title, "", "es").weights)
        for event, most in grouper.index.find_like(vector):
            assert event.likeness(vector) <= most + 1e-9
        grouper.absorb(_match(number, title), f"e{chance.randrange(12)}")


@given(st.integers(0, 10_000))
def test_silent_events_are_those_whose_last_report_is_older(seed: int) -> None:
    grouper, chance = Grouper(), random.Random(seed)
    for match, _ in _stream(seed, 60):
        event_id = grouper.place(match).event_id
        if chance.random() < 0.2:  # a person leaves an event with another report, perhaps an older one
            earlier = replace(match.entry, published_at=NOW - chance.randrange(300) * HOUR)
            grouper.rebuild(event_id, [(replace(match, entry=earlier), ())])
        if chance.random() < 0.1:
            grouper.rebuild(event_id, [])
        since = grouper.clock - chance.uniform(0, 500)
        silent = {event.id for event in grouper.index.list_silent(since)}
        assert silent == {event.id for event in grouper.index if event.last < since}


def test_an_event_of_very_many_words_keeps_the_strongest() -> None:
    grouper = Grouper()
    for number in range(6):
        words = " ".join(f"palabra{number}x{part}" for part in range(40))
        grouper.absorb(_match(number, "Huelga portuaria indefinida", words), "event")
    event = grouper.index["event"]
    assert {"huelga", "portuaria", "indefinida"} <= set(event.terms)
    assert len(event.terms) <= live.MOST_TERMS
    assert event.square == pytest.approx(sum(value * value for value in event.terms.values()))


def test_what_an_event_remembers_of_names_is_bounded() -> None:
    grouper = Grouper()
    with patch.object(live, "MOST_MENTIONED", 2):
        grouper.absorb(_match(1, "Piden a Arequipa, Tacna y Moquegua calma"), "event")
        grouper.absorb(_match(2, "Piden a Managua calma"), "event")
    assert grouper.index["event"].mentioned == {"piden", "arequipa", "tacna", "moquegua"}


def test_names_are_words_with_a_capital_that_begin_nothing() -> None:
    found = features_of("Cosco apela fallo de Ositrán", "En 2026 el Callao espera.", "es")
    assert found.names == {"ositran", "callao"}
    assert found.mentioned == {"cosco", "ositran", "callao"}
    assert found.years == {"2026"}
    assert features_of("Cosco Apela Fallo De Ositrán", "", "es").names == frozenset()


def test_stop_words_are_those_of_the_language_and_all_of_them_where_it_is_unknown() -> None:
    assert set(features_of("the port de Chancay", "", "en").weights) == {"port", "de", "chancay"}
    assert set(features_of("the port de Chancay", "", "").weights) == {"port", "chancay"}
    assert set(features_of("the port", "", "fr").weights) == {"the", "port"}


def test_rarity_ages_so_that_old_news_fade() -> None:
    rarity = Rarity()
    for number in range(AGEING):
        rarity.add({"puerto": 1.0} if number % 2 else {"puerto": 1.0, f"raro{number}": 1.0}, ())
    assert rarity.reports == AGEING // 2
    assert dict(rarity.counts) == {"puerto": AGEING // 2}
    assert rarity.of("puerto") < rarity.of("nuevo")


def test_a_report_of_stop_words_alone_is_an_event_of_its_own() -> None:
    first, second = _place(_match(1, "…"), _match(2, "de la"))
    assert first.event_id != second.event_id
    again = replace(_match(3, "!!!").entry, title="")
    assert _place(Match(again, "port", "1", ()))[0].is_new

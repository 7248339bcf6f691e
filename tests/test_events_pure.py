"""What an event's reports amount to: copies, independence, counts, milestones, the best headline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    ChangeKind,
    Entry,
    EventChange,
    Evidence,
    FeedGroup,
    Lineage,
    Match,
    Milestone,
    TextField,
)
from service.group import (
    Carried,
    Reports,
    central_report,
    find_milestones,
    independent_groups,
    is_correction,
)
from service.group.copies import credit_of, origins_of
from service.group.figures import figures_in, has_changed

NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = (
    "El tribunal leyó ayer el fallo que devuelve al regulador la vigilancia del puerto, y la empresa dijo "
    "que apelará en los próximos días ante la corte superior de la capital."
)


def _entry(number: int, title: str = "", text: str = "", *, hours: float = 0, **changes: object) -> Entry:
    at = NOW + hours * HOUR
    title = title or f"Titular propio del diario número {number} sobre el fallo"
    url = f"https://a.example/{number}"
    entry = Entry(number, number, url, "", title, text, "es", at, at, f"Diario {number}")
    return replace(entry, **changes)  # type: ignore[arg-type] # tests name real fields


def _carried(*entries: Entry) -> list[Carried]:
    found: list[Carried] = []
    reports = Reports()
    for entry in entries:
        found.append(Carried(entry, reports.lineage_of(entry)))
        reports.add(found[-1])
    return found


def _first_of_groups(reports: list[Carried]) -> list[int]:
    return [group[0].id for group in independent_groups(reports)]


# ------------------------------------------------------------------------------------------ copies


def test_a_text_that_repeats_another_in_the_main_is_its_copy() -> None:
    first, cut, other = _carried(
        _entry(1, text=TEXT), _entry(2, text=f"LIMA. {TEXT[:110]}"), _entry(3, text=TEXT[::-1])
    )
    assert (first.lineage.copy_of, cut.lineage.copy_of, other.lineage.copy_of) == (0, 1, 0)


def test_a_copy_of_a_copy_is_a_copy_of_the_first() -> None:
    reports = _carried(*(_entry(number, text=TEXT) for number in (1, 2, 3)))
    assert [one.lineage.copy_of for one in reports] == [0, 1, 1]


def test_a_long_headline_word_for_word_is_a_copy_and_a_short_one_is_not() -> None:
    long, short = "Juez devuelve al regulador la vigilancia del puerto", "Juez decide hoy"
    assert [one.lineage.copy_of for one in _carried(_entry(1, long), _entry(2, long))] == [0, 1]
    assert [one.lineage.copy_of for one in _carried(_entry(1, short), _entry(2, short))] == [0, 0]


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("Lima, 3 nov (EFE).- El tribunal leyó el fallo.", "efe"),
        ("LIMA (Reuters) - El tribunal leyó el fallo.", "reuters"),
        ("El fallo fue leído ayer. Con información de AFP", "afp"),
        ("新华社电 秘鲁法院宣判。新华社 — 利马", "xinhua"),
        ("El fallo fue leído ayer. Fuente: Agencia Andina", "andina"),
        ("El tribunal leyó el fallo sobre el apoyo a Reuters.", ""),
        ("", ""),
    ],
)
def test_the_agency_that_a_report_names_is_known(text: str, credit: str) -> None:
    assert credit_of(_entry(1, text=text)) == credit


def test_an_agency_is_its_own_source() -> None:
    assert credit_of(_entry(1, outlet="Agencia Andina", group=FeedGroup.WIRE)) == "andina"


def test_independent_is_what_neither_copies_nor_shares_owner_or_agency() -> None:
    reports = _carried(
        _entry(1, text=TEXT),
        _entry(2, text=TEXT, hours=1),
        _entry(3, hours=2, owner="Grupo Sur"),
        _entry(4, hours=3, owner="grupo súr"),
        _entry(5, text="Lima (EFE).- Fallo.", hours=4),
        _entry(6, outlet="EFE", group=FeedGroup.WIRE, hours=5),
        _entry(7, outlet="", hours=6),
    )
    assert _first_of_groups(reports) == [1, 3, 5, 7]


def test_a_report_that_belongs_to_two_origins_makes_them_one() -> None:
    reports = [
        Carried(_entry(1, owner="A"), Lineage()),
        Carried(_entry(2, owner="B", hours=1), Lineage()),
        Carried(_entry(3, owner="B", hours=2), Lineage(copy_of=1)),
        Carried(_entry(4, owner="B", hours=3), Lineage()),
    ]
    assert _first_of_groups(reports) == [1]
    assert [entry.id for entry in independent_groups(reports)[0]] == [1, 2, 3, 4]


WORDS = st.lists(
    st.sampled_from(["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete"]), min_size=9, max_size=30
)


@st.composite
def _any_reports(draw: st.DrawFn) -> list[Entry]:
    texts = draw(st.lists(WORDS, min_size=1, max_size=4))
    heads = st.sampled_from(["Juez decide hoy sobre el puerto", "Otra cosa"])
    owners, groups = st.sampled_from(["", "A", "B", "C"]), st.sampled_from(list(FeedGroup))
    return [
        _entry(
            number,
            f"{draw(heads)} {draw(st.integers(0, 2))}",
            " ".join(draw(st.sampled_from(texts))[draw(st.integers(0, 6)) :]),
            hours=draw(st.integers(-90, 90)),
            owner=draw(owners),
            group=draw(groups),
        )
        for number in range(1, draw(st.integers(1, 12)))
    ]


def _plain_copy_of(entry: Entry, earlier: list[Carried]) -> int:
    """Say which report an entry repeats by looking at each."""

    def shingles(one: Entry) -> set[tuple[str, ...]]:
        words = one.summary.split()
        return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}

    for one in earlier:
        mine, theirs = shingles(entry), shingles(one.entry)
        is_long = min(len(mine), len(theirs)) >= 6
        is_repeated = is_long and 2 * len(mine & theirs) >= min(len(mine), len(theirs))
        is_same = entry.title == one.entry.title and len(entry.title.split()) >= 6
        if not one.lineage.copy_of and (is_repeated or is_same):
            return one.entry.id
    return 0


def _plain_outlets(reports: list[Carried]) -> int:
    """Count what is joined by any name, by joining until nothing changes."""
    groups = [{*origins_of(one)} for one in reports]
    while True:
        for one, other in combinations(groups, 2):
            if one & other:
                groups.remove(other)
                one.update(other)
                break
        else:
            return len(groups)


@given(_any_reports(), st.integers(0, 12))
def test_reports_kept_together_say_what_a_look_at_each_would(entries: list[Entry], cut: int) -> None:
    whole, before, after = Reports(), Reports(), Reports()
    seen: list[Carried] = []
    for number, entry in enumerate(entries):
        lineage = whole.lineage_of(entry)
        assert lineage.copy_of == _plain_copy_of(entry, seen)
        one = Carried(entry, lineage)
        seen.append(one)
        assert whole.outlets_with(one) == _plain_outlets(seen)
        whole.add(one)
        (before if number < cut else after).add(one)
        assert whole.outlets == _plain_outlets(seen) == len(independent_groups(seen))
    before.take_over(after)
    another = (
        _entry(99, "Juez decide hoy sobre el puerto 1", " ".join(entries[0].summary.split()[2:]))
        if entries
        else _entry(99)
    )
    for reports in (whole, before):
        assert reports.lineage_of(another).copy_of == _plain_copy_of(another, seen)
        assert reports.outlets == _plain_outlets(seen)
        assert reports.latest == max((one.happened_at for one in entries), default=None)
        assert reports.is_official is any(one.group is FeedGroup.GOVERNMENT for one in entries)
        if entries:
            assert reports.central_report() == central_report(entries)


def test_a_merged_event_knows_what_both_said_and_how_much_of_it_is_shared() -> None:
    shared, own = (
        "la empresa dijo ayer que apelará el fallo",
        "mañana habrá otra sesión del pleno en la capital",
    )
    kept = Reports(_carried(_entry(1, text=TEXT)))
    gone = Reports(_carried(_entry(2, text=f"{shared}; {own}"), _entry(3, text=f"{own[::-1]}: {shared}")))
    kept.take_over(gone)
    assert kept.lineage_of(_entry(4, text=f"LIMA. {TEXT[:110]}")).copy_of == 1
    assert kept.lineage_of(_entry(5, text=f"{own}, se supo")).copy_of == 2
    assert (
        kept.lineage_of(_entry(6, text=f"{shared} y no pagará lo que debe a sus obreros del muelle")).copy_of
        == 0
    )


def test_an_event_is_named_by_one_of_its_first_sixty_reports() -> None:
    reports = Reports(Carried(_entry(number, hours=number), Lineage()) for number in range(1, 61))
    first = reports.central_report()
    assert reports.central_report() is first
    reports.add(Carried(_entry(61, hours=61), Lineage()))
    assert reports.central_report() is first
    reports.add(Carried(_entry(62, hours=0), Lineage()))
    assert reports.central_report() == central_report([_entry(62, hours=0), *map(_hourly, range(1, 60))])


def _hourly(number: int) -> Entry:
    return _entry(number, hours=number)


# ----------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("title", "text", "figures"),
    [
        ("Sismo deja 31 muertos y 1.200 heridos", "", {"dead": 31, "injured": 1200}),
        ("At least 12 people were killed in port blast", "", {"dead": 12}),
        ("Explosão mata 7 e deixa 20 feridos", "", {"dead": 7, "injured": 20}),
        ("Sismo en Ica", "El sismo mató a 14, dijo el gobernador.", {"dead": 14}),
        ("Dos sismos causam 41 mil mortes", "", {"dead": 41_000}),
        ("Detienen a alcalde", "Hay 5 detenidos y 3 desaparecidos.", {"detained": 5, "missing": 3}),
        ("Kast obtiene 58,2 % y Jara 41,8%", "", {"% of Kast": 58.2, "% of Jara": 41.8}),
        ("El puerto crece 20 % este año", "", {}),
        ("Chancay recibe 300 buques", "", {}),
    ],
)
def test_counts_are_read_with_what_they_count(title: str, text: str, figures: dict[str, float]) -> None:
    assert figures_in(title, text) == figures


def test_a_count_is_told_anew_when_it_has_grown_and_a_share_when_it_has_moved() -> None:
    assert has_changed("dead", 12, 15)
    assert not has_changed("dead", 12, 13)
    assert not has_changed("dead", 12, 9)
    assert has_changed("dead", 1, 2)
    assert has_changed("% of Kast", 58, 55)
    assert not has_changed("% of Kast", 58, 59)


# -------------------------------------------------------------------------------------- milestones


def _milestones(entry: Entry, *earlier: Entry, major: tuple[Evidence, ...] = ()) -> list[Milestone]:
    before = Reports(_carried(*earlier))
    match = Match(entry, "port", "1", (), major)
    change = EventChange(match, "e1", ChangeKind.JOINED, lineage=before.lineage_of(entry))
    return find_milestones(change, before)


def _said(milestones: list[Milestone]) -> dict[ChangeKind, str]:
    return {one.kind: one.words for one in milestones}


def test_the_first_report_of_an_event_is_no_milestone() -> None:
    assert _milestones(_entry(1)) == []


def test_the_third_independent_outlet_corroborates_and_the_fourth_is_one_more() -> None:
    third = _said(_milestones(_entry(3), _entry(1), _entry(2)))
    assert third[ChangeKind.CORROBORATED] == "3 independent outlets carry it now"
    fourth = _milestones(_entry(4), _entry(1), _entry(2), _entry(3))
    assert [(one.kind, one.words) for one in fourth] == [(ChangeKind.JOINED, "Diario 4 reports it too")]


def test_a_copy_is_no_news() -> None:
    assert _milestones(_entry(3, text=TEXT), _entry(1, text=TEXT), _entry(2)) == []


def test_the_first_official_source_is_told_once() -> None:
    court = _entry(2, outlet="Poder Judicial", group=FeedGroup.GOVERNMENT)
    assert (
        _said(_milestones(court, _entry(1)))[ChangeKind.OFFICIAL]
        == "the first official source: Poder Judicial"
    )
    again = replace(court, id=3, outlet="Ministerio")
    assert ChangeKind.OFFICIAL not in _said(_milestones(again, _entry(1), court))


def test_a_major_expression_is_told_in_the_words_of_the_article() -> None:
    entry = _entry(2, "Ordenan la clausura del puerto", "Nacionalización en debate")
    title = Evidence("clausura", TextField.TITLE, 11, 19, 4)
    said = _said(_milestones(entry, _entry(1), major=(title,)))
    assert said[ChangeKind.MAJOR] == "a major development: “clausura”"
    text = Evidence("nacionaliz*", TextField.TEXT, 0, 15, 4)
    assert _said(_milestones(entry, _entry(1), major=(text,)))[ChangeKind.MAJOR].endswith("“Nacionalización”")


def test_a_changed_count_is_told_with_the_one_before() -> None:
    first = _entry(1, "Sismo deja 12 muertos"), _entry(2, "Sismo: 10 muertos en Ica")
    said = _said(_milestones(_entry(3, "Suben a 31 los fallecidos: 31 muertos"), *first))
    assert said[ChangeKind.NUMBER] == "31 dead, before 12"
    assert ChangeKind.NUMBER not in _said(_milestones(_entry(3, "Siguen 12 muertos y 5 heridos"), *first))
    vote = _said(_milestones(_entry(2, "Kast sube a 61 %"), _entry(1, "Kast tiene 58 %")))
    assert vote[ChangeKind.NUMBER] == "Kast: 61 %, before 58 %"


def test_a_report_after_three_days_of_silence_revives_an_event() -> None:
    assert ChangeKind.REVIVED not in _said(_milestones(_entry(2, hours=71), _entry(1)))
    revived = _said(_milestones(_entry(2, hours=100), _entry(1)))
    assert revived[ChangeKind.REVIVED] == "reported on again after 4 days of silence"


@pytest.mark.parametrize(
    ("before", "after", "corrected"),
    [
        ("Juez devuelve el puerto al regulador", "Juez devuelve el PUERTO al regulador: video", False),
        ("Sismo deja 12 muertos en Ica", "Sismo deja 31 muertos en Ica", True),
        ("Huelga en el puerto: renuncia Salas", "Huelga en el puerto: renuncia Prado", True),
        ("Ministro renuncia tras huelga", "Ministro niega que deje su cargo", True),
        ("…", "¡!", False),
        ("", "Huelga en el puerto", True),
    ],
)
def test_a_headline_is_corrected_when_it_says_something_else(
    before: str, after: str, *, corrected: bool
) -> None:
    assert is_correction(before, after, "es") is corrected


# ---------------------------------------------------------------------------------------- headline


def test_the_headline_of_an_event_is_that_of_its_most_central_report() -> None:
    reports = [
        _entry(1, "Sorpresa en Lima"),
        _entry(2, "Juez devuelve al regulador la vigilancia del puerto", hours=1),
        _entry(3, "El juez, el regulador y la empresa: qué cambia desde hoy para los usuarios", hours=2),
        _entry(4, "Opinión: juez, regulador y puerto", hours=3),
    ]
    assert central_report(reports).id == 2
    assert central_report(reports[:2]).id == 1
    assert central_report(reports[3:]).id == 4
    assert central_report([_entry(number, "…") for number in (3, 1, 2)]).id == 1

"""Each language is whole: no English is left in what a Spanish or Portuguese reader gets."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import (
    Ailment,
    Cause,
    ChangeKind,
    EventChange,
    Evidence,
    FeedGroup,
    HealthChange,
    HeldReason,
    JoinReason,
    Lineage,
    Match,
    NotifyReason,
    Spike,
    TextField,
)
from service.group import Carried, Reports, find_milestones
from service.notify import (
    Ailing,
    FileChange,
    NearMiss,
    Receipt,
    Silent,
    Trouble,
    render_alert,
    render_digest,
    render_report,
    render_spike,
    say_ailment,
)
from service.notify.clock import Clock
from service.notify.news import say_news
from service.wording import wording_for
from tests.partners.messages import ANA, BASE, DESK, LIMA, NOW, check_html, make_alert, make_entry, make_item

if TYPE_CHECKING:
    from service.domain import Entry, Notification
    from service.notify import ReaderView

OTHERS = ("es", "pt")
# Words that our English texts use and that are neither Spanish nor Portuguese.
ENGLISH = re.compile(
    r"\b(the|this|that|these|of|and|in|on|at|by|for|from|to|with|you|your|is|are|was|were|it|its|"
    r"events?|reports?|outlets?|alerts?|watchlists?|channel|first|only|read|published|line|headline|since|"
    r"before|after|more|none|matched|update|within|between|see|mute|noise|useful|change|stop|"
    r"independent|state|source|sources|still|watching|missed|digest|limit|quiet|hours|another|Monday)\b",
    re.IGNORECASE,
)


def _entries() -> tuple[Entry, ...]:
    groups = [FeedGroup.WIRE, FeedGroup.STATE_MEDIA, FeedGroup.GOVERNMENT, FeedGroup.THINK_TANK]
    return tuple(
        make_entry(
            number,
            group=groups[number % 4],
            country="ABCDEFGH"[number % 8],
            title=f"Titular {number}",
            summary=f"Resumo {number}.",
            language=("es", "pt")[number % 2],
            url=f"https://diario{number}.example/{number}",
            outlet="" if number == 1 else f"Diario {number}",
        )
        for number in range(1, 12)
    )


def _alerts(view: ReaderView) -> list[Notification]:
    entries = _entries()
    many = make_alert(watchlist_title="Puerto", entry=entries[0], evidence=(), reports=entries)
    few = make_alert(watchlist_title="Puerto")
    return [
        render_alert(few, view),
        render_alert(replace(few, entry=make_entry(published_at=None, title="", summary="")), view),
        render_alert(replace(few, reports=(Carried(make_entry(2), Lineage(1)), *few.reports)), view),
        render_alert(replace(few, reports=(Carried(make_entry(1, outlet="", url=""), Lineage()),)), view),
        render_alert(
            replace(many, also=(("voto", "Elecciones"),), at=NOW + timedelta(days=3), evidence=few.evidence),
            view,
        ),
        *(render_alert(replace(many, join_reason=reason), view) for reason in JoinReason),
        *(render_alert(replace(few, reason=reason, news=NEWS), view) for reason in NotifyReason),
    ]


RECEIPT = Receipt(
    since_at=NOW - timedelta(days=1),
    articles=1_204,
    matched=0,
    healthy=17,
    troubled=(Trouble("Diario Sur", "550", NOW - timedelta(days=30)),) * 12,
    gaps=("Radio Sur",),
    near=(NearMiss("Puerto", "", "", "https://d5.example/1", "es", "Cosmo"),),
    changes=(FileChange("Puerto", "“Cosmo”", NOW - timedelta(days=400)),),
    silent=(Silent("Elecciones", 214, 14, NOW), Silent("Litio", 1, 1, NOW - timedelta(days=1))),
)
NEWS = (
    "3 independent outlets carry it now",
    "the first official source: Diario 3",
    "1,234 dead, before 12",
    "Boric: 45.5 %, before 40 %",
)


def _digests(view: ReaderView) -> list[Notification]:
    reasons = [HeldReason.DIGEST, *HeldReason]
    mixed = [
        make_item(number, "Puerto" if number % 2 else "Litio", held=held, news=NEWS)
        for number, held in enumerate(reasons)
    ]
    return [
        render_digest(mixed, view, now=NOW, receipt=RECEIPT),
        render_digest([], view, now=NOW, receipt=RECEIPT),
        render_digest([make_item(number, "Puerto") for number in range(90)], view, now=NOW),
        *(
            render_digest([make_item(number, "Puerto", held=held) for number in range(count)], view, now=NOW)
            for held in HeldReason
            for count in (1, 2)
        ),
    ]


def _others(view: ReaderView) -> list[Notification]:
    causes = tuple(Cause(f"e{number}", "", 3, 1, "es", "https://d.example", "") for number in range(3))
    spike = Spike("s", "port", "", NOW, NOW, 14, 9, 0.4, 7, causes)
    spikes = [
        spike,
        replace(spike, usual=0.0, events=3),
        replace(spike, causes=causes[:1]),
        replace(spike, event_id="e1", events=1, causes=causes[:1]),
    ]
    ailing = [
        Ailing("Diario Sur", HealthChange(number, ailment, NOW, "550", is_over=is_over))
        for number, ailment in enumerate(Ailment)
        for is_over in (False, True)
    ]
    well = [Ailing("Diario Sur", HealthChange(99, Ailment.GAP, NOW, "550", is_over=True))]
    return [
        *(render_spike(one, "Puerto", view, NOW) for one in spikes),
        render_report([*ailing, *well] * 4, view),
        render_report(well, view),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_in_what_a_reader_of_another_language_gets(language: str) -> None:
    for view in (replace(ANA, language=language), replace(DESK, language=language)):
        for made in (*_alerts(view), *_digests(view), *_others(view)):
            page = check_html(made.html)
            said = re.sub(
                r"https?://\S+|port\.yaml|voto\.yaml", "", f"{made.title}\n{made.text}\n{page.shown}"
            )
            assert ENGLISH.findall(said) == [], said
            assert page.language == language


def test_the_english_words_that_are_looked_for_are_those_that_english_readers_get() -> None:
    said = "\n".join(f"{made.title} {made.text}" for made in (*_alerts(ANA), *_digests(ANA), *_others(ANA)))
    words = {word.lower() for word in ENGLISH.findall(said)}
    assert len(words) > 60


def test_an_alert_in_spanish_reads_as_a_newsroom_would_write_it() -> None:
    reports = (make_entry(1), make_entry(2, country="HK", language="en", outlet="Harbour Post"))
    alert = render_alert(
        make_alert(watchlist_title="Puerto Viejo", reports=reports), replace(ANA, language="es")
    )
    assert alert.text == (
        "Ordenan vigilar otra vez el *Puerto Viejo*\n\n"
        "2 medios, 2 independientes · PE 1, HK 1 · es, en · primero: Diario 1, 06:13 (Lima) · "
        "+1 min: Harbour Post\n\n"
        "El tribunal leyó ayer el fallo. La orden devuelve la vigilancia del *Puerto Viejo* al regulador, "
        "dijo *Cosmo*. El ministerio calla.\n\n"
        "Léalo en Diario 1: https://diario1.example/nota/1?a=1&b=2\n"
        "El suceso con todas sus notas: https://alerts.example/events/e1\n\n"
        "06:13  Diario 1 (PE · primero): https://diario1.example/nota/1?a=1&b=2\n"
        "06:14  Harbour Post (HK · en): https://diario2.example/nota/2?a=1&b=2\n\n"
        "Por qué le llega: línea 9 de port.yaml: “Puerto Viejo” en el titular y el texto; "
        "línea 12: “Cosmo” en el texto. Primer aviso de este suceso. Publicado 06:13, leído 06:22 (Lima).\n\n"
        "Avizor · Puerto Viejo\n"
        "Recibe esto porque el 14 de octubre de 2026 confirmó que quiere los avisos de Puerto Viejo.\n"
        "Útil: https://alerts.example/r/useful\n"
        "Ruido: https://alerts.example/r/noise\n"
        "Silenciar: https://alerts.example/r/mute\n"
        "Cambiar: https://alerts.example/r/change\n"
        "Dejar de recibir: https://alerts.example/r/leave\n"
    )


def test_a_headline_keeps_its_own_language_in_a_page_of_another_one() -> None:
    html = render_alert(make_alert(entry=make_entry(language="zh")), replace(ANA, language="pt")).html
    assert '<html lang="pt">' in html
    assert '<span lang="zh" dir="auto">' in html


# ------------------------------------------------------------------------------------------ news


def _milestones() -> list[str]:
    """Give what grouping says of every kind of milestone, in its own words."""
    at = NOW - timedelta(days=9)
    before = "Boric con 40 %; 12 muertos, 10 heridos, 3 desaparecidos, 2 detenidos"
    others = [
        make_entry(
            one, title=f"{before} {one}", summary=f"{one} otra cosa.", published_at=at, owner=f"o{one}"
        )
        for one in (2, 3)
    ]
    earlier = Reports(Carried(one, Lineage()) for one in others)
    title = "Boric con 45,5 %; 31 muertos, 40 heridos, 9 desaparecidos, 8 detenidos"
    last = make_entry(5, title=title, summary="", group=FeedGroup.GOVERNMENT)
    major = (Evidence("puerto", TextField.TITLE, 0, 2, 3),)
    match = Match(last, "port", "v", (), major)
    return [one.words for one in find_milestones(EventChange(match, "e1", ChangeKind.JOINED), earlier)]


@pytest.mark.parametrize("language", OTHERS)
def test_all_that_grouping_says_of_an_event_is_said_in_the_reader_s_language(language: str) -> None:
    said = _milestones()
    said.append("Diario 1 changed its headline, which was: “Cae el puente”")
    assert len(said) >= 10
    for words in said:
        told = say_news([words], wording_for(language))
        assert told != say_news([words], wording_for("en"))
        assert not ENGLISH.search(told), told


def test_numbers_in_what_happened_are_written_as_the_language_has_them() -> None:
    assert say_news(NEWS[2:], wording_for("pt")) == "1.234 mortos, antes 12; Boric: 45,5 %, antes 40 %."
    assert say_news(NEWS[2:], wording_for("en")) == "1,234 dead, before 12; Boric: 45.5 %, before 40 %."
    assert say_news(["1.5e+06 dead, before 12"], wording_for("en")) == "1,500,000 dead, before 12."


def test_what_is_no_sentence_of_ours_is_passed_on_and_only_four_things_are_said() -> None:
    assert say_news(["the desk says: wait"], wording_for("es")) == "The desk says: wait."
    assert say_news(["a", "b", "c", "d", "e"], wording_for("es")) == "A; b; c; d."
    assert say_news([], wording_for("es")) == ""


@given(st.lists(st.text(max_size=300), max_size=6), st.sampled_from(["en", "es", "pt"]))
def test_any_words_of_what_happened_make_one_short_line(news: list[str], language: str) -> None:
    said = say_news(news, wording_for(language))
    assert "\n" not in said
    assert len(said) < 1_100


# ------------------------------------------------------------------------------------------ times


@pytest.mark.parametrize(
    ("language", "today", "weekday", "day"),
    [
        ("en", "since 06:12", "since Monday 06:12", "since 24 Oct, 06:12"),
        ("es", "desde las 06:12", "desde el lunes a las 06:12", "desde el 24 oct a las 06:12"),
        ("pt", "desde 06:12", "desde segunda-feira, 06:12", "desde 24 de out., 06:12"),
    ],
)
def test_since_when_is_a_time_a_weekday_or_a_day(language: str, today: str, weekday: str, day: str) -> None:
    clock = Clock(LIMA, wording_for(language))
    assert [clock.say_since(NOW - timedelta(days=days), NOW) for days in (0, 1, 10)] == [today, weekday, day]


def test_an_ailment_can_be_said_by_itself() -> None:
    assert say_ailment(Ailment.FAILING, wording_for("es")) == "falla"
    assert (
        f"{BASE}/sources"
        in render_report(
            [Ailing("Sur", HealthChange(1, Ailment.GAP, NOW, "x"))], replace(DESK, language="es")
        ).text
    )

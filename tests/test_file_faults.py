"""What is wrong in files is said in English by whoever reads them, and read in any language on the pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.errors import ExpressionError
from service.match import parse_expression
from service.watchlists import load_watchlists
from service.wording import retell, wording_for
from service.wording.file_faults import FAULT_PARTS, FILE_FAULTS
from service.wording.refusals import REFUSALS
from service.wording.retelling import _pieces
from service.wording.rule_faults import RULE_FAULTS
from tests.partners.spoken import HOLE, spoken

if TYPE_CHECKING:
    from service.wording import Wording

SPANISH, PORTUGUESE = wording_for("es"), wording_for("pt")
PHRASES = [one for one in (*RULE_FAULTS, *FILE_FAULTS, *REFUSALS) if len(one) > len("{name}")]
ROOMS = {
    "watchlists": [path.stem for path in Path("service/watchlists").glob("*.py") if path.stem != "keys"],
    "match": ["check", "compile", "facts", "lexer", "parser", "places", "prefixes", "terms", "notes"],
    "wiring": ["files", "feed_adding", "feed_import", "drafts", "testing", "supposing"],
    "pipeline": ["correcting", "finding", "trying"],
    "text": ["mail_addresses"],
    "parse": ["opml"],
}
SPEAKERS = sorted(Path("service") / room / f"{name}.py" for room, names in ROOMS.items() for name in names)
SAYERS = {
    *("Problem", "ExpressionError", "SettingsError", "NotFound", "Refused", "RuleFault", "Trial"),
    *("refusal", "refuse", "warn", "warn_at", "note", "note_instead"),
    *("_fault", "_refused", "_advice", "_stop", "_note"),
}
# What is put before something, is no text for readers, or is part of a sentence that is known as a whole.
NOT_SAID = {
    *("9: 9", "9: …", ": 9", "9, 99", "$9: 9.", "AND NOT", "none yet", "one text", "keys with values"),
    *("none yet: see channels.yaml, or set AVIZOR_ALERT_TO", "A NOT NEAR/9 B", "not a feed"),
    *(" by 9", " of 9 UTC", " before", " (commit 9)", " from 1 to 9999, not 9"),
    # Known with each of the words that can stand there.
    "this example should be ignored and matches9: 9",
    "9 must be 9, and 9 stands here.",
    "Put the whole text in quotes9.",
    "Write 9. In a name leave the sign out.",
    '9 As plain words, put them in "quotes".',
    "9 needs what it is about directly after the colon.",
    "Write 9word. 9",
    "9 needs a count.",
    "9 needs a distance9.",
    "9 cannot hold 9.",
    "9 has 9 before the *.",
    "the version99 stays in force until this file is mended.",
    # Written into files and commits, or said at the command line only.
    *("title: 9", "checked: 9", "about: Feeds added by hand.", "the feed's address"),
    *("1 feed added", "9 feeds added", "follows 9", "9: gains 9, loses 9 over 90 days"),
    "`avizor events` lists them.",
    "`avizor events --json` shows their numbers.",
    "Events of two watchlists are told apart, even where they report the same.",
    # The words of the library that reads YAML.
    *("quoted scalar", "sequence entries are not allowed", "cannot start any token", "scanning an a"),
    "could not find expected ':'",
}
TABLE = Path(__file__).with_name("refusals.txt").read_text(encoding="utf-8")


def _is_ours(text: str) -> bool:
    """Tell whether a text is meant for readers: no pattern, no list of codes, no remark of the schema."""
    if text in NOT_SAID or text in FAULT_PARTS or text.startswith(("# yaml", "aa ab ", "\n -~")):
        return False
    return not text.startswith("Words side by side")


@pytest.mark.parametrize("path", SPEAKERS, ids=str)
@pytest.mark.parametrize("language", [SPANISH, PORTUGUESE], ids=["es", "pt"])
def test_whatever_is_said_of_a_file_is_known_in_every_language(path: Path, language: Wording) -> None:
    for text in spoken(path, SAYERS):
        if _is_ours(text):
            for written, known, _ in _pieces(text, language):
                assert known or " " not in written, written


@pytest.mark.parametrize("language", [SPANISH, PORTUGUESE], ids=["es", "pt"])
def test_whatever_an_analyst_reads_is_known_in_every_language(language: Wording) -> None:
    told = sorted(set(re.findall(r"^(?:> \d+:\d+: |>> )(.*)$", TABLE, re.MULTILINE)))
    assert len(told) > 100
    for text in told:
        for written, known, _ in _pieces(text, language):
            assert known, written


@pytest.mark.parametrize("language", [SPANISH, PORTUGUESE], ids=["es", "pt"])
def test_no_phrase_is_taken_for_another_one(language: Wording) -> None:
    for phrase in PHRASES:
        filled = dict.fromkeys(re.findall(r"\{(\w+)\}", phrase), HOLE)
        said, meant = retell(phrase.format(**filled), language), language.say(phrase, **filled)
        assert said[:1].lower() + said[1:] == meant[:1].lower() + meant[1:]


def _told(folder: Path, *lines: str) -> tuple[str, str]:
    """Give in Spanish what is wrong first in a watchlist of these lines, and the mend."""
    (folder / "port.yaml").write_text("\n".join(["title: Puerto", *lines, ""]), encoding="utf-8")
    problem = load_watchlists(folder).problems[0]
    assert retell(problem.message, wording_for("en")) == problem.message
    return retell(problem.message, SPANISH), retell(problem.mend, SPANISH)


def test_a_fault_of_an_expression_is_retold_whole(tmp_path: Path) -> None:
    assert _told(tmp_path, "match:", "  any:", "    - Callao NEAR Chancay") == (
        "Callao NEAR Chancay: NEAR lleva una distancia.",
        "Escriba NEAR/10 para una distancia de diez palabras como máximo.",
    )
    assert _told(tmp_path, "match:", "  any:", "    - '\"A. B\" OR NOT Callao'") == (
        '"A. B" OR NOT Callao: puede coincidir sin que se halle ninguna palabra.',
        "Únala por AND con una palabra o frase que deba aparecer.",
    )


def test_a_fault_of_a_key_is_retold_whole_with_what_was_found(tmp_path: Path) -> None:
    message, mend = _told(tmp_path, "match:", "  any:", "    - [a, b]")
    assert message == "un elemento de any debe ser un solo texto, y aquí hay una lista."
    assert mend.startswith("Escriba ahí un solo texto; si los corchetes o un segundo guion son parte del")
    assert _told(tmp_path, "match: {any: [Callao]}", "titel: Callao") == (
        "la clave titel no se conoce.",
        "¿Quiso decir title?",
    )


def test_a_fault_of_an_example_is_retold_with_its_headline_of_several_sentences(tmp_path: Path) -> None:
    headline = "Sube el pan: Baja el arroz. ¿Y ahora?"
    assert _told(tmp_path, "match: {any: [Callao]}", f"examples: {{match: ['{headline}']}}") == (
        f"este ejemplo debería coincidir y no coincide: {headline}",
        "Añada una expresión que lo halle, o borre el ejemplo.",
    )
    rule = "match: {all: [pan, arroz]}"
    message, _ = _told(tmp_path, rule, f"examples: {{ignore: ['{headline}']}}")
    assert message == (
        "este ejemplo debería quedar fuera y coincide por pan (línea 2), arroz (línea 2): " + headline
    )


def test_numbers_are_written_as_the_language_has_them(tmp_path: Path) -> None:
    message, mend = _told(tmp_path, f"about: {'Puerto ' * 200}", f"match: {{any: [{'x' * 40}]}}", "title: A")
    assert message == "la clave title aparece dos veces; la primera está en la línea 1."
    assert mend == "Borre una, o ponga ambos valores en una sola clave."
    said = "the title has 12,345 characters, and 120 fit into a headline."
    assert retell(said, SPANISH) == "el título tiene 12,345 caracteres, y en un titular caben 120."
    assert retell(said, PORTUGUESE) == "o título tem 12.345 caracteres, e em uma manchete cabem 120."


def test_the_trouble_of_a_channel_is_retold_within_its_warning() -> None:
    waits = "the alerts to desk wait until it is mended."
    esperan = "los avisos para desk esperan hasta que se corrija."
    assert retell(f"PORT_URL is not set; {waits}", SPANISH) == f"PORT_URL no está definida; {esperan}"
    assert retell(f"PORT_URL: this is no web address; {waits}", SPANISH) == (
        f"PORT_URL: esto no es una dirección web; {esperan}"
    )


def test_what_holds_a_list_of_phrases_is_retold_with_each() -> None:
    said = "$ship: un barco is found by barco anyway; barcos is found by barc* anyway; and 1,200 more."
    assert (
        retell(said, SPANISH) == "$ship: un barco ya lo halla barco; barcos ya lo halla barc*; y 1,200 más."
    )
    assert retell("$port has English words, and none in es or pt.", PORTUGUESE) == (
        "$port tem palavras em inglês, e nenhuma em es ou pt."
    )


def test_which_version_stays_in_force_is_retold_with_its_time_and_commit() -> None:
    kept = "the version of 2026-11-03 12:05 UTC (commit 0123456) stays in force until this file is mended."
    assert retell(kept, PORTUGUESE) == (
        "a versão de 2026-11-03 12:05 UTC (commit 0123456) continua em vigor até este arquivo ser corrigido."
    )


def test_what_is_quoted_or_known_by_nobody_stays_beside_what_is_known() -> None:
    note = "read as the phrase “Ana y Eva. Dos”; for both of them write Ana AND Eva."
    assert retell(note, SPANISH) == (
        "se lee como la frase “Ana y Eva. Dos”; para que estén todas, escriba Ana AND Eva."
    )
    assert retell("Quite another thing. Delete one.", SPANISH) == "Quite another thing. Borre uno de los dos."


def test_what_is_longer_than_any_message_of_ours_stays_as_it_is() -> None:
    said = f"{'x' * 6_000}: The brackets are empty."
    assert retell(said, SPANISH) == said
    assert retell(said[2_000:], SPANISH) == f"{'x' * 4_000}: Los paréntesis están vacíos."


def test_a_phrase_is_looked_for_behind_a_few_colons_and_not_behind_very_many() -> None:
    assert retell("a: b: The brackets are empty.", SPANISH) == "a: b: Los paréntesis están vacíos."
    many = f"{'a: ' * 25}The brackets are empty."
    assert retell(many, SPANISH) == many


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=100))
def test_whatever_an_expression_is_its_fault_is_retold_with_all_of_it(text: str) -> None:
    message = _fault_of(text)
    said = retell(message, PORTUGUESE)
    assert text.strip() in said
    assert said != message or message == text


def _fault_of(text: str) -> str:
    """Give what is wrong with an expression, or the expression where nothing is."""
    try:
        parse_expression(text)
    except ExpressionError as fault:
        return fault.message
    return text


@given(st.text(max_size=200), st.sampled_from(PHRASES))
@example("hours.", "the name {name} is already taken by the shared terms")
def test_nothing_in_a_hole_is_lost(text: str, phrase: str) -> None:
    numbers = {"count", "most", "number"}
    filled = {name: HOLE if name in numbers else text for name in re.findall(r"\{(\w+)\}", phrase)}
    said = retell(phrase.format(**filled), SPANISH)
    assert text in said or not filled or set(filled) <= numbers

"""Expressions are read as the language says, and what has no single meaning is refused with the mend."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import ExpressionError
from service.match import (
    Expression,
    FactKind,
    Item,
    Note,
    Rule,
    RuleFault,
    find_notes,
    find_rule_fault,
    is_positive,
    parse_expression,
    source_fact,
)
from service.match.tree import And, AtLeast, Fact, InField, Near, Not, NotNear, Or, Term

# The machine may be busy with other tests: time says nothing about a law.
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

PORT = parse_expression("puerto OR port")


def shape(part: Expression) -> str:
    """Write a tree with all its brackets."""
    match part:
        case Term():
            spelling = "".join(f"{name}:" for name in sorted(part.spelling))
            written = spelling + "_".join(f"{word.folded}{_MARK[word.kind]}" for word in part.words)
        case And() | Or():
            written = f"({f' {type(part).__name__.upper()} '.join(map(shape, part.parts))})"
        case Not():
            written = f"NOT {shape(part.part)}"
        case Near():
            written = f"({shape(part.left)} {'O' * part.ordered}NEAR/{part.distance} {shape(part.right)})"
        case NotNear():
            written = f"({shape(part.left)} NOT NEAR/{part.distance} {shape(part.right)})"
        case AtLeast():
            written = f"ATLEAST/{part.count} {shape(part.part)}"
        case InField():
            written = f"{part.where}:{shape(part.part)}"
        case Fact():
            written = f"{part.kind}={part.value}"
    return written


_MARK = {"whole": "", "prefix": "*", "wildcard": "~"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chancay", "chancay"),
        ("puerto de Chancay", "puerto_de_chancay"),
        ('"puerto de" Chancay', "puerto_de_chancay"),
        ("Trinidad and Tobago y otros", "trinidad_and_tobago_y_otros"),
        ('"AND" OR "NEAR/5"', "(and OR near_5)"),
        ("US-China", "us_china"),
        ("EE. UU.", "eeuu"),
        ("#PuertoDeChancay", "puertodechancay"),
        ("Perú: Chancay", "peru_chancay"),
        ("12:30", "12_30"),
        ("US$ 5", "us_5"),
        ("钱凯港", "钱_凯_港"),
        ("candidat*", "candidat*"),
        ("los candidat* dem*os", "los_candidat*_dem*os~"),
        ("钱*", "钱"),
        ("APEC峰*", "apec_峰"),
        ("anti-corrup* ya", "anti_corrup*_ya"),
        ("ch?ncay neg**ción", "ch?ncay~_neg*cion~"),
        ("elección*", "eleccion*"),
        ('"ganó?"', "gano?~"),
        ("a AND b OR c AND d", "((a AND b) OR (c AND d))"),
        ("a OR b AND c NEAR/3 d", "(a OR (b AND (c NEAR/3 d)))"),
        ("a AND b AND c", "(a AND b AND c)"),
        ("a OR b OR c", "(a OR b OR c)"),
        ("a AND (b OR c)", "(a AND (b OR c))"),
        ("NOT a AND b", "(NOT a AND b)"),
        ("NOT (a OR b)", "NOT (a OR b)"),
        ("NOT NOT a", "a"),
        ("a AND NOT b", "(a AND NOT b)"),
        ("a NEAR/5 b NEAR/2 c", "((a NEAR/5 b) NEAR/2 c)"),
        ("a ONEAR/5 (b OR c d)", "(a ONEAR/5 (b OR c_d))"),
        ("a NOT NEAR/5 b AND c", "((a NOT NEAR/5 b) AND c)"),
        ("title:a NEAR/2 b", "(title:a NEAR/2 b)"),
        ("ATLEAST/3 a b AND c", "(ATLEAST/3 a_b AND c)"),
        ("ATLEAST/2 (a NEAR/2 b)", "ATLEAST/2 (a NEAR/2 b)"),
        ("title:puerto de Chancay AND text:x", "(title:puerto_de_chancay AND text:x)"),
        ("title:(a AND NOT b)", "title:(a AND NOT b)"),
        ("name:De la Espriella", "name:de_la_espriella"),
        ("name:(Kast OR Boric) NEAR/4 debate", "((name:kast OR name:boric) NEAR/4 debate)"),
        ("title:case:accents:Papá", "title:accents:case:papa"),
        ("loose:(NOT a AND ATLEAST/2 ñ)", "(NOT loose:a AND ATLEAST/2 loose:ñ)"),
        ("name:(a NEAR/2 b OR c NOT NEAR/2 d)", "((name:a NEAR/2 name:b) OR (name:c NOT NEAR/2 name:d))"),
        ("name:(a AND lang:es)", "(name:a AND lang=es)"),
        ("lang:es-PE AND country:pe", "(lang=es-pe AND country=pe)"),
        ('source:"El Comercio" OR source:el-comercio', "(source=elcomercio OR source=elcomercio)"),
        ("group:state-media", "group=state-media"),
        ("Chancay NEAR/12 ($port OR COSCO)", "(chancay NEAR/12 ((puerto OR port) OR cosco))"),
        ("$port", "(puerto OR port)"),
        ("“puerto de” ‘Chancay’ « y » x", "puerto_de_chancay_y_x"),
        ("Lima – Chancay", "lima_chancay"),
        ("a\u00a0AND\u00a0b", "(a AND b)"),
        ("（a OR b） AND c", "((a OR b) AND c)"),
        ("-5 grados", "5_grados"),
        ("AT&T OR C+ OR Canal+", "(at_t OR c OR canal)"),
        ("Lima +51 1", "lima_51_1"),
        ('"Johnson & Johnson"', "johnson_johnson"),
    ],
)  # fmt: skip
def test_an_expression_is_read_as_it_says(text: str, expected: str) -> None:
    assert shape(parse_expression(text, {"port": PORT})) == expected


@pytest.mark.parametrize(
    ("text", "offset", "fault"),
    [
        ("", 0, "The expression is empty. Write at least one word."),
        ("   ", 3, "The expression is empty. Write at least one word."),
        ("Kast NEAR (debate OR foro)", 5, "NEAR needs a distance. Write NEAR/10 for at most ten word"),
        ("a ONEAR b", 2, "ONEAR needs a distance. Write ONEAR/10"),
        ("a NEAR/0 b", 2, "NEAR needs a distance from 1 to 9999, not NEAR/0. Write NEAR/10"),
        ("a NEAR/x b", 2, "NEAR needs a distance from 1 to 9999, not NEAR/x."),
        ("a near/5 b", 2, "Operators are written in capitals, not near/5. Write NEAR/10"),
        ("ATLEAST a", 0, "ATLEAST needs a count. Write ATLEAST/3"),
        ("atleast/3 a", 0, "ATLEAST needs a count."),
        ("a w/5 b", 2, "w/5 is no operator here. Write NEAR/5, or ONEAR/5 for a fixed order."),
        ("a NEAR5 b", 2, "NEAR5 is no operator here. Write NEAR/5"),
        ("a && b", 2, "&& is no operator here. Write AND."),
        ("a | b", 2, "| is no operator here. Write OR."),
        ("a |b", 2, "| is no operator here. Write OR b."),
        ("Chancay & Cosco", 8, "& is no operator here. Write AND. In a name leave the sign out."),
        ("Chancay + Cosco", 8, "+ is no operator here. Write AND."),
        ("Chancay +Cosco", 8, "+ is no operator here. Write AND Cosco."),
        ("Chancay !tren", 8, "! is no operator here. Write AND NOT tren."),
        ("Chancay ! tren", 8, "! is no operator here. Write AND NOT."),
        ("Chancay !$port", 8, "! is no operator here. Write AND NOT $port."),
        ("Chancay -$port", 8, "A minus sign does not exclude: -$port. Write AND NOT $port."),
        ("Chancay and $port", 8, '"and" is read as a word, not as an operator. Write AND in capitals.'),
        ("$port or Chancay", 6, '"or" is read as a word, not as an operator. Write OR in capitals.'),
        ("Chancay not $port", 8, '"not" is read as a word, not as an operator. Write AND NOT in capitals.'),
        ("Chancay y $port", 8, '"y" is read as a word, not as an operator. Write AND in capitals.'),
        ('"and" $port', 6, "There is no operator between and and $port."),
        ("Chancay -momia", 8, "A minus sign does not exclude: -momia. Write AND NOT momia."),
        ("ca*", 0, "ca* has only 2 letters before the *. Write at least 3 letters"),
        ("a b*", 2, "b* has only 1 letter before the *."),
        ("puerto *", 7, "* has no letter before the *."),
        ("a ne*ción", 2, "ne*ción has only 2 letters before the *."),
        ("钱?港", 0, "钱?港: wildcards do not work between characters that are each a word."),
        ("???", 0, "??? has no letter. Write at least one letter beside the ?."),
        ("()", 0, "The brackets are empty."),
        ("a AND ( )", 6, "The brackets are empty."),
        ("(a OR b", 0, "This bracket is never closed. Add the closing bracket."),
        ("(", 0, "This bracket is never closed."),
        ("a OR b)", 6, "This bracket closes nothing. Remove it, or add the opening one."),
        ('a AND "b c', 6, 'A quotation mark is opened and never closed. Add the closing ".'),
        ("a AND “b c", 6, "A quotation mark is opened and never closed."),
        ('""', 0, 'There is no word in "". Write at least one letter or digit.'),
        ("a AND ¡!", 6, "There is no word in ¡!."),
        ("a AND", 2, "Nothing stands after AND. Write a word or phrase there."),
        ("AND a", 0, "Nothing stands before AND."),
        ("(OR a)", 1, "Nothing stands before OR."),
        ("a OR AND b", 2, "Nothing stands after OR."),
        (") a", 0, "This bracket closes nothing."),
        ("a AND )", 2, "Nothing stands after AND."),
        ("NOT", 0, "Nothing stands after NOT."),
        ("title:(", 6, "This bracket is never closed."),
        ("a (b OR c)", 2, "There is no operator between a and (b OR c). Write AND, OR or NEAR/10"),
        ("(a) b", 4, "There is no operator between ) and b."),
        ("a NOT b", 2, "NOT stands between two parts without AND. Write AND NOT."),
        ("a NOT ONEAR/5 b", 2, "NOT ONEAR is no operator. Write NOT NEAR/5."),
        ("NOT a NEAR/3 b", 6, "NEAR cannot hold NOT a."),
        ("(a AND b) NEAR/3 c", 10, "NEAR cannot hold (a AND b). Its sides can be words, phrases"),
        ("a NEAR/3 (b OR c AND d)", 2, "NEAR cannot hold (b OR c AND d)."),
        ("a NEAR/3 lang:es", 2, "NEAR cannot hold lang:es."),
        ("ATLEAST/2 (a AND b)", 0, "ATLEAST cannot hold (a AND b)."),
        ("titulo:Chancay", 0, "titulo: is no field and no prefix. Did you mean title: ?"),
        ("qqq:Chancay", 0, "qqq: is no field and no prefix. The known ones are title, text, name,"),
        ("a AND title: b", 6, "title: needs what it is about directly after the colon. Write title:word."),
        ("title:NOT a", 0, "title: stands before NOT. Write NOT title:word, or title:(A AND NOT B)."),
        ("lang: es", 0, "lang: needs its value directly after the colon. Write lang:es."),
        ("lang:(es OR pt)", 0, "lang: needs its value directly after the colon."),
        ("a AND lang:xx", 11, "xx is no language code."),
        ("lang:spanish", 5, "spanish is no language code. Write a two-letter code, such as lang:es."),
        ("country:Peru", 8, "Peru is no country code. Write the two letters of ISO 3166"),
        ("source:---", 7, "--- is no name of a source."),
        ("group:state", 6, "state is no group of feeds. Did you mean group:state-media?"),
        ("group:xyz", 6, "xyz is no group of feeds. Groups are wire, independent"),
        ("$prt AND a", 0, "$prt is not defined. Did you mean $port?"),
        ("a AND $qqqqqq", 6, "$qqqqqq is not defined. Define it under terms:. Known: $port."),
        ("(" * 50 + "a" + ")" * 50, 40, "The expression is more than 40 levels deep. Split it"),
        (" NEAR/2 ".join("a" * 60), 362, "The expression is more than 40 levels deep."),
    ],
)  # fmt: skip
def test_what_has_no_single_meaning_is_refused_with_the_mend(text: str, offset: int, fault: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text, {"port": PORT})
    written = f"{text.strip()}: " if text.strip() else ""
    assert str(refused.value).startswith(f"{written}{fault}")
    assert refused.value.offset == offset
    assert refused.value.mend


def test_a_wide_expression_is_not_taken_for_a_deep_one() -> None:
    pairs = [f"a{n} NEAR/2 b{n} NEAR/3 c{n}" for n in range(200)]
    for operator in ("OR", "AND"):
        assert len(parse_expression(f" {operator} ".join(pairs)).parts) == 200  # type: ignore[union-attr] # a list


def test_a_name_with_nothing_defined_says_so() -> None:
    with pytest.raises(ExpressionError, match="Known: none yet"):
        parse_expression("$port")


def test_nodes_know_how_they_were_written() -> None:
    tree = parse_expression("(“puerto de” Chancay) AND NOT title:(x OR $port)", {"port": PORT})
    assert isinstance(tree, And)
    phrase, negation = tree.parts
    assert tree.text == "(“puerto de” Chancay) AND NOT title:(x OR $port)"
    assert phrase.text == "“puerto de” Chancay"
    assert negation.text == "NOT title:(x OR $port)"


@LAW
@given(st.text(alphabet=st.sampled_from('abcñ AND OR NOT NEAR/3()"$*?:titlelangname-“钱\u0301'), max_size=40))
def test_any_text_is_read_or_refused_within_it(text: str) -> None:
    error = refusal(text)
    assert error is None or (0 <= error.offset <= len(text) and error.mend)


def refusal(text: str) -> ExpressionError | None:
    try:
        parse_expression(text)
    except ExpressionError as error:
        return error
    return None


words = st.sampled_from(["a", "b c", "candidat*", "name:Kast", '"x AND y"', "title:(a OR b)"])
expressions = st.recursive(
    words,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"NOT ({part})"),
    ),
)


@LAW
@given(expressions)
def test_a_tree_knows_its_own_text_well_enough_to_be_read_again(text: str) -> None:
    tree = parse_expression(text)
    assert parse_expression(tree.text) == tree


# ------------------------------------------------------------------------------- rules and notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", True),
        ("NOT a", False),
        ("a AND NOT b", True),
        ("a OR NOT b", False),
        ("NOT a AND NOT b", False),
        ("NOT (a OR NOT b)", True),
        ("NOT (NOT a AND NOT b)", True),
        ("NOT (a AND NOT b)", False),
        ("NOT (a OR b)", False),
        ("title:NOT_a", True),
        ("title:(NOT a)", False),
        ("NOT title:(a OR NOT b)", True),
        ("a NEAR/3 b", True),
        ("a NOT NEAR/3 b", True),
        ("ATLEAST/2 a", True),
        ("lang:es", True),
        ("NOT lang:es", False),
    ],
)
def test_an_expression_is_positive_if_it_cannot_hold_without_something_found(
    text: str, *, expected: bool
) -> None:
    assert is_positive(parse_expression(text)) is expected


def item(text: str, line: int = 1) -> Item:
    return Item(parse_expression(text), line=line)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(any=(item("a"), item("b"))),
        Rule(all=(item("a"), item("NOT b"))),
        Rule(any=(item("a"), item("NOT b")), all=(item("c"),)),
        Rule(any=(Rule(all=(item("a"),), none=(item("b"),)),)),
    ],
)
def test_a_rule_with_a_positive_part_in_every_way_is_taken(rule: Rule) -> None:
    assert find_rule_fault(rule) is None


def test_a_rule_that_could_match_without_any_word_is_refused_at_its_line() -> None:
    assert find_rule_fault(Rule(any=(item("a"), item("NOT b", 7)))) == RuleFault(
        7,
        "NOT b: it can match without any word being found.",
        "Join it by AND with a word or phrase that must be there.",
    )
    fault = find_rule_fault(Rule(none=(item("a", 4),), line=3))
    assert fault is not None
    assert (fault.line, fault.message) == (3, "This rule says only what must not be there.")
    nested = find_rule_fault(Rule(any=(item("a"), Rule(none=(item("b"),), line=9)), line=3))
    assert nested is not None
    assert nested.line == 9
    inner = Rule(any=(item("b"), item("NOT c")), line=5)
    assert find_rule_fault(Rule(any=(item("a"), inner), line=3)) == RuleFault(
        5,
        "This rule can match without any word being found.",
        "Add at least one word or phrase that must be there to any: or all:.",
    )


def test_an_outlet_that_is_picked_is_the_fact_that_an_expression_asks_for() -> None:
    assert source_fact("El Diario") == Fact(FactKind.SOURCE, "eldiario", text="El Diario")


def test_small_operators_are_noted_as_words_unless_quoted() -> None:
    assert find_notes('Trinidad and Tobago AND "and" OR x') == [
        Note(
            9,
            '"and" is read as a word; the operator is AND.',
            '"Trinidad and Tobago"',
            '"Trinidad and Tobago" AND "and" OR x',
        )
    ]


@pytest.mark.parametrize(
    ("text", "offset", "phrase", "instead"),
    [
        ("Chancay, Cosco", 7, "Chancay, Cosco", "either of them write Chancay OR Cosco"),
        ("Chancay,Cosco; Lima,", 7, "Chancay,Cosco; Lima,", "either of them write Chancay OR Cosco OR Lima"),
        ("钱凯港，中远", 3, "钱凯港，中远", "either of them write 钱凯港 OR 中远"),
        ("“a, b”, c", 6, "a, b , c", "either of them write “a, b” OR c"),
        ("title:a, b", 7, "a, b", "either of them write (a OR b)"),
        (
            "Chancay near Cosco",
            8,
            "Chancay near Cosco",
            "the two near each other write Chancay NEAR/10 Cosco",
        ),
        ("puerto y aduana", 7, "puerto y aduana", "both of them write puerto AND aduana"),
        ("Brasil e Peru AND x", 7, "Brasil e Peru", "both of them write (Brasil AND Peru)"),
        ("x AND Chancay o Cosco", 14, "Chancay o Cosco", "either of them write (Chancay OR Cosco)"),
        ("Folha OU Globo", 6, "Folha OU Globo", "either of them write Folha OR Globo"),
        (
            "Delcy Rodríguez y Diosdado Cabello",
            16,
            "Delcy Rodríguez y Diosdado Cabello",
            "both of them write Delcy Rodríguez AND Diosdado Cabello",
        ),
    ],
)
def test_a_phrase_that_may_be_meant_as_its_parts_is_noted_with_both_ways_to_write_it(
    text: str, offset: int, phrase: str, instead: str
) -> None:
    (note,) = find_notes(text)
    assert note.offset == offset
    assert note.message == f"read as the phrase “{phrase}”; for {instead}."
    assert note.quoted == f'"{phrase}"'
    assert find_notes(note.whole) == []


@pytest.mark.parametrize(
    "text",
    [
        '"Chancay, Cosco"',
        '"puerto y" aduana',
        "3,5 por ciento",
        "Chancay,",
        "near Lima",
        "y Cosco",
        "ministra de Defensa y Justicia",
        "(puerto y aduana OR x) AND z",
        "z AND (x OR puerto y aduana OR x)",
        "name:Trinidad y Tobago",
        "x NEAR/3 puerto y aduana",
    ],
)
def test_a_phrase_that_is_clearly_one_is_not_noted(text: str) -> None:
    assert find_notes(text) == []


@pytest.mark.parametrize(("text", "sign"), [("candidat!", "!"), ("x1 AND candidat$3", "$")])
def test_the_truncation_of_other_systems_is_noted(text: str, sign: str) -> None:
    (note,) = find_notes(text)
    assert note.message == f"{sign} is punctuation here; for words that begin so write candidat*."
    assert find_notes(note.whole) == []
    assert find_notes("¡Gana Kast!") == []


def test_in_a_block_of_names_only_the_spanish_and_portuguese_joining_words_are_left_alone() -> None:
    assert find_notes("Cifras y Conceptos", is_block=True) == []
    assert [note.offset for note in find_notes("Chancay, Cosco", is_block=True)] == [7]

"""Queries of other services mean the same in our language, or say what of them cannot be carried over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.dialects import Origin, Remark, translate
from service.dialects import translate as dialects_translate
from service.errors import Severity, sentences
from service.match import Item, Matcher, Query, Rule, find_notes, parse_expression
from service.watchlists import draft_watchlist, load_watchlists
from tests.test_matcher import entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.dialects import Translation

# The machine may be busy with other tests: time says nothing about a law.
LAW = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
Case = tuple[Origin, str, dict[str, list[str]]]


def _cases() -> Iterator[Case]:
    text = Path(__file__).with_name("queries.txt").read_text(encoding="utf-8")
    for block in text.split("\n=== ")[1:]:
        name, *lines = block.split("\n")
        told: dict[str, list[str]] = {}
        for line in filter(None, lines):
            if line.startswith(" "):
                told[line[1]].append(line[3:])
            else:
                told = {"=": [], "!": [], "~": []}
                yield Origin(name), line, told


CASES = list(_cases())


def _said(found: Translation, remarks: Iterable[Remark]) -> list[str]:
    return [f"{found.query[one.start : one.end]} | {sentences(one.message, one.mend)}" for one in remarks]


@pytest.mark.parametrize("origin", Origin)
def test_forty_queries_and_more_of_each_service_are_tried(origin: Origin) -> None:
    queries = [query for of, query, _ in CASES if of is origin]
    assert len(set(queries)) == len(queries) > 40


@pytest.mark.parametrize(("origin", "query", "told"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_a_query_is_translated_or_refused_as_the_service_means_it(
    origin: Origin, query: str, told: dict[str, list[str]]
) -> None:
    found = translate(query, origin)
    refused = _said(found, found.refusals)
    assert [said[: len(wanted)] for said, wanted in zip(refused, told["!"], strict=False)] == told["!"]
    assert len(refused) == len(told["!"])
    assert [found.expression] == (told["="] or [""])
    noted = _said(found, found.notes)
    assert [wanted for wanted in told["~"] if not any(said.startswith(wanted) for said in noted)] == []


def test_the_cases_reach_every_kind_of_answer() -> None:
    assert all(told["="] or told["!"] for _, _, told in CASES)
    for origin in Origin:
        assert any(told["!"] for of, _, told in CASES if of is origin)


# ------------------------------------------------------------------------------------------- meaning


def _matches(expression: str, text: str) -> bool:
    rule = Rule(any=(Item(parse_expression(expression)),))
    return bool(Matcher([Query("topic", "1", rule)]).match(entry(text)))


def _apart(positions: int, first: str = "puerto", second: str = "Cosco") -> str:
    """Write two words so many positions apart: neighbours are 1 apart."""
    return " ".join([first, *["palabra"] * (positions - 1), second, "hoy"])


# What each service says of its operator, in positions: n words between are n + 1 apart.
BOTH_WAYS = [
    *[(Origin.FACTIVA, "near{0}", n, n) for n in (1, 2, 5, 50, 500)],
    *[(Origin.FACTIVA, "/N{0}/", n, n) for n in (1, 30)],
    *[(Origin.NEXIS, "w/{0}", n, n) for n in (1, 3, 25, 255)],
    *[(Origin.NEXIS, "/{0}", n, n) for n in (1, 5)],
    *[(Origin.MELTWATER, "NEAR/{0}", n, n + 1) for n in (0, 1, 4, 10)],
    (Origin.MELTWATER, "NEAR", 4, 5),
    *[(Origin.GOOGLE, "AROUND({0})", n, n + 1) for n in (0, 1, 2, 9)],
]
IN_ORDER = [
    *[(Origin.FACTIVA, "adj{0}", n, n) for n in (1, 2, 10)],
    (Origin.FACTIVA, "adj", 1, 1),
    *[(Origin.FACTIVA, "w/{0}", n, n) for n in (1, 5)],
    *[(Origin.NEXIS, "pre/{0}", n, n) for n in (1, 5, 255)],
    *[(Origin.NEXIS, "+{0}", n, n) for n in (1, 5)],
    *[(Origin.MELTWATER, "ONEAR/{0}", n, n + 1) for n in (0, 4, 10)],
    (Origin.MELTWATER, "ONEAR", 4, 5),
]


@pytest.mark.parametrize(("origin", "operator", "n", "farthest"), BOTH_WAYS)
def test_near_reaches_as_far_as_there_in_either_order(
    origin: Origin, operator: str, n: int, farthest: int
) -> None:
    found = translate(f"puerto {operator.format(n)} cosco", origin)
    for apart in {max(1, farthest - 1), farthest, farthest + 1}:
        for words in (("puerto", "Cosco"), ("Cosco", "puerto")):
            assert _matches(found.expression, _apart(apart, *words)) is (apart <= farthest)


@pytest.mark.parametrize(("origin", "operator", "n", "farthest"), IN_ORDER)
def test_an_ordered_near_reaches_as_far_as_there_and_not_backwards(
    origin: Origin, operator: str, n: int, farthest: int
) -> None:
    found = translate(f"puerto {operator.format(n)} cosco", origin)
    for apart in {max(1, farthest - 1), farthest, farthest + 1}:
        assert _matches(found.expression, _apart(apart)) is (apart <= farthest)
        assert not _matches(found.expression, _apart(apart, "Cosco", "puerto"))


@pytest.mark.parametrize("n", [1, 5, 25])
def test_nexis_not_within_asks_for_one_free_occurrence(n: int) -> None:
    found = translate(f"rico not w/{n} puerto", Origin.NEXIS)
    for apart in {max(1, n - 1), n, n + 1}:
        assert _matches(found.expression, _apart(apart, "puerto", "rico")) is (apart > n)
    assert _matches(found.expression, f"{_apart(1, 'puerto', 'rico')} {'palabra ' * n}rico")


TRUTHS = [
    (Origin.FACTIVA, "uno or dos and tres", {"uno", "dos tres"}),
    (Origin.FACTIVA, "uno and dos not tres", {"uno dos"}),
    (Origin.NEXIS, "uno and dos or tres", {"uno dos", "uno tres", "uno dos tres"}),
    (Origin.NEXIS, "uno and not dos and tres", {"uno", "uno dos", "uno tres"}),
    (Origin.MELTWATER, "uno OR dos AND tres", {"uno", "dos tres"}),
    (Origin.MELTWATER, "uno OR dos NOT tres", {"uno", "dos", "uno dos", "uno tres", "uno dos tres"}),
    (Origin.GOOGLE, "uno dos OR tres", {"uno dos", "uno tres"}),
    (Origin.GOOGLE, "uno -dos", {"uno", "uno tres"}),
    (Origin.GOOGLE, "uno|dos tres", {"uno tres", "dos tres"}),
]


@pytest.mark.parametrize(("origin", "query", "holds"), TRUTHS)
def test_what_binds_first_there_binds_first_in_the_translation(
    origin: Origin, query: str, holds: set[str]
) -> None:
    found = translate(query, origin)
    for text in ("uno", "dos", "tres", "uno dos", "uno tres", "dos tres", "uno dos tres"):
        wanted = text in holds or any(set(one.split()) <= set(text.split()) for one in _growing(query, holds))
        assert _matches(found.expression, text) is wanted, text


def _growing(query: str, holds: set[str]) -> set[str]:
    """Without a denial, more words never make a text worse."""
    return set() if re.search(r"(?i)not|-", query) else holds


# ---------------------------------------------------------------------------------------------- laws

_PIECES = {
    Origin.FACTIVA: (
        "near5 adj2 w/3 adj near same and or not /N4/ /F9/ atleast2 hd= la= re= la=es wc>5 $ $2 % * ? [ ]"
    ),
    Origin.NEXIS: (
        "w/5 /3 pre/2 +4 not w/s /p w/seg and or atleast2( caps( allcaps( nocaps( plural( singular("
        " headline( hlead( body( language( spanish length>5 ! * ? of &"
    ),
    Origin.MELTWATER: "NEAR near/3 ONEAR/2 and OR NOT title: ingress: source: ^9 * ? ~ { } -",
    Origin.GOOGLE: "OR AND NOT - + ~ | AROUND(2) intitle: allintitle: intext: site: the and * ? ..",
}
_WORDS = (
    'puerto Cosco us 钱凯 U.S. #PuertoDeChancay C++ 3,5 ñ a\u0301 candidat* candidat "AND" " “ ( ) (( ))'
    " $port lang:es name: near/5 y o no"
)
_SPACED = ["EE. UU.", '"de la"', '"x * y"', "date after 2020", "and not", "not w/2", "title: ", " "]


def _queries(origin: Origin) -> st.SearchStrategy[str]:
    pieces = st.sampled_from([*_PIECES[origin].split(), *_WORDS.split(), *_SPACED])
    joined = st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=12)
    return st.tuples(joined, st.sampled_from(["", " "])).map(lambda made: made[1].join(made[0]))


@pytest.mark.parametrize("origin", Origin)
@LAW
@given(data=st.data())
def test_any_text_is_translated_or_refused_with_its_places(origin: Origin, data: st.DataObject) -> None:
    query = data.draw(_queries(origin))
    found = translate(query, origin)
    assert bool(found.expression) is not bool(found.refusals)
    for remark in (*found.notes, *found.refusals):
        assert 0 <= remark.start <= remark.end <= len(query)
        assert remark.message
    assert all(refusal.mend for refusal in found.refusals)
    if found.expression:
        tree = parse_expression(found.expression)
        assert find_notes(found.expression) == []
        assert translate(query, origin) == found
        parts = [parse_expression(item) for item in found.items]
        assert parts == ([tree] if len(parts) == 1 else list(tree.parts))  # type: ignore[union-attr] # an OR


@LAW
@given(query=st.binary(max_size=60).map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_bytes_of_any_kind_never_break_it(query: str) -> None:
    for origin in Origin:
        found = translate(query, origin)
        assert bool(found.expression) is not bool(found.refusals)
        found.expression.encode()


@pytest.mark.parametrize("origin", Origin)
def test_a_translation_makes_a_watchlist_that_loads(origin: Origin, tmp_path: Path) -> None:
    made = 0
    for of, query, _ in CASES:
        found = translate(query, of)
        if of is origin and found.expression:
            made += 1
            said = [query, *(note.message for note in found.notes)]
            draft = draft_watchlist(f"topic-{made}", found.items, said)
            (tmp_path / f"topic-{made}.yaml").write_text(draft, encoding="utf-8")
    loaded = load_watchlists(tmp_path)
    assert [str(problem) for problem in loaded.problems if problem.severity is Severity.ERROR] == []
    assert len(loaded.watchlists) == made > 20


@LAW
@given(data=st.data())
def test_whatever_is_translated_can_be_saved_and_loaded(tmp_path: Path, data: st.DataObject) -> None:
    origin = data.draw(st.sampled_from(Origin))
    query = data.draw(_queries(origin))
    found = translate(query, origin)
    if not found.expression:
        return
    draft = draft_watchlist("topic", found.items, [query, *(note.message for note in found.notes)])
    (tmp_path / "topic.yaml").write_text(draft, encoding="utf-8")
    loaded = load_watchlists(tmp_path)
    assert [str(problem) for problem in loaded.problems if problem.severity is Severity.ERROR] == []
    [watchlist] = loaded.watchlists
    trees = [item.expression for item in watchlist.query.rule.any if isinstance(item, Item)]
    assert trees == [parse_expression(item) for item in found.items]


# -------------------------------------------------------------------------------------------- limits


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "opening", "closing"),
    [
        *[(origin, "(", ")") for origin in Origin],
        (Origin.FACTIVA, "not ", ""),
        (Origin.FACTIVA, "hd=", ""),
        (Origin.NEXIS, "headline(", ")"),
        (Origin.MELTWATER, "NOT ", ""),
        (Origin.GOOGLE, "-(", ")"),
    ],
)
def test_what_nests_without_end_is_refused(origin: Origin, opening: str, closing: str) -> None:
    [refusal] = translate(opening * 5000 + "a1" + closing * 5000, origin).refusals
    assert "40 levels deep" in refusal.message


@pytest.mark.parametrize(
    ("origin", "operator"),
    [
        (Origin.FACTIVA, "near3"),
        (Origin.NEXIS, "w/3"),
        (Origin.MELTWATER, "near/3"),
        (Origin.GOOGLE, "AROUND(3)"),
    ],
)
def test_a_chain_of_very_many_nears_is_refused(origin: Origin, operator: str) -> None:
    found = translate(f" {operator} ".join(["a1"] * 3000), origin)
    [refusal] = found.refusals
    assert "40 NEARs in one chain" in refusal.message


def test_a_falling_chain_of_nexis_is_refused_before_it_is_too_deep() -> None:
    query = " ".join(f"a1 w/{n}" for n in range(900, 1, -1)) + " a1"
    [refusal] = translate(query, Origin.NEXIS).refusals
    assert "40 levels deep" in refusal.message


@pytest.mark.slow
def test_a_thousand_words_with_or_are_one_list() -> None:
    words = [f"palabra{n}" for n in range(1000)]
    for origin in (Origin.FACTIVA, Origin.NEXIS, Origin.MELTWATER, Origin.GOOGLE):
        found = translate(" OR ".join(words), origin)
        assert found.expression == " OR ".join(words)
        assert len(found.items) == 1000


def test_a_query_that_is_too_deep_for_our_own_language_is_refused_as_a_whole() -> None:
    query = "hd=" * 30 + "cosco"
    [refusal] = translate(query, Origin.FACTIVA).refusals
    assert (refusal.start, refusal.end) == (0, len(query))
    assert refusal.message == "The expression is more than 40 levels deep."


def test_many_nears_side_by_side_are_no_chain() -> None:
    found = translate(" or ".join(f"a{n} near3 b{n}" for n in range(300)), Origin.FACTIVA)
    assert len(found.items) == 300


def test_one_place_in_two_fields_is_refused() -> None:
    found = translate("title:chancay NEAR/3 (title:cosco)", Origin.MELTWATER)
    assert found.expression
    found = translate("headline(chancay) w/3 body(cosco)", Origin.NEXIS)
    assert "one place in two fields" in found.refusals[0].message


def test_what_does_not_read_back_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__("service.dialects.translate", fromlist=["write"])
    monkeypatch.setattr(module, "write", lambda tree: "cosco OR port")
    found = dialects_translate("cosco and port", Origin.FACTIVA)
    assert (found.expression, found.items) == ("", ())
    assert "does not read back" in found.refusals[0].message

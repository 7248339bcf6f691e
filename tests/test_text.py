"""What a word is, what plain text is, when two addresses are the same."""

from __future__ import annotations

import re
import unicodedata
from base64 import urlsafe_b64encode
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.text import (
    canonical_url,
    clip,
    digest,
    fingerprint,
    fold,
    is_han,
    is_loopback,
    is_near,
    plain_text,
    read,
    word_spans,
    words,
)
from service.text.folding import normal, normal_with_offsets
from service.text.reading import _MEMORY, Tag

# The machine may be busy with other tests: time says nothing about a law.
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def folded(text: str) -> str:
    return " ".join(word.folded for word in words(text))


def spans(text: str) -> list[str]:
    return [text[word.start : word.end] for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Puerto de Chancay: ¡Ositrán apela!", "puerto de chancay ositran apela"),
        (
            "Wałęsa København Đorđe Ærø œuvre Þór ıspanak Straße",
            "walesa kobenhavn dorde aero oeuvre thor ispanak strasse",
        ),
        ("İSTANBUL ΟΔΟΣ", "istanbul οδοσ"),
        ("año ano AÑO", "año ano año"),
        ("мой мои ёлка елка", "мой мои елка елка"),
        ("US-China, Lima–Chancay, mar/sol, snake_case", "us china lima chancay mar sol snake case"),
        ("Côte d’Ivoire", "cote d ivoire"),
        ("China's port, CHINA’S port, China‘s", "china port china port china s"),
        ("Boric's's", "boric s"),
        ("钱凯港APEC峰会", "钱 凯 港 apec 峰 会"),
        ("ひらカタ", "ひ ら カ タ"),
        ("한국 대통령", "한국 대통령"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("so\u00adft ze\u200bro le\u200eft \ufeffbom", "soft zero left bom"),
        ("no\u00a0break na\u202frrow", "no break na rrow"),
        ("COSCO™ ℠Lima", "cosco lima"),
        ("ﬁn ﬁnal Ｃｈａｎｃａｙ", "fin final chancay"),
        ("", ""),
        ("¡¿…!? —", ""),
        ("\u0301 \u0303x", "x"),
    ],
)
def test_words_are_cut_and_folded_as_the_language_says(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EE. UU.", "eeuu"),
        ("EE.UU.", "eeuu"),
        ("EE UU", "eeuu"),
        ("EEUU", "eeuu"),
        ("JJ. OO. de París", "jjoo de paris"),
        ("los DD. HH. y las FF.AA.", "los ddhh y las ffaa"),
        ("U.S.", "us"),
        ("U.S", "us"),
        ("U. S. Steel", "us steel"),
        ("the U.S.-China deal", "the us china deal"),
        ("U.S.A. today", "usa today"),
        ("J. D. Vance", "jd vance"),
        ("J.D.Vance", "jd vance"),
        ("George W. Bush", "george w bush"),
        ("Plan A. I think", "plan a i think"),
        ("EE, UU", "ee uu"),
        ("el UU final", "el uu final"),
    ],
)
def test_dotted_acronyms_equal_undotted_ones(text: str, expected: str) -> None:
    assert folded(text) == expected
    assert " ".join(read(text).folded) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 1.000 1000", "1000 1000 1000"),
        ("12.345.678", "12345678"),
        ("1.000,50 1,000.50", "1000.50 1000.50"),
        ("3.5 3,5", "3.5 3.5"),
        ("0.500 0,500", "0.500 0.500"),
        ("11.03.2026", "11 03 2026"),
        ("12,345,67", "12 345 67"),
        ("2,50m 10.000km", "2.50m 10000km"),
        ("5, 6. 7", "5 6 7"),
        ("G20 G-2 12:30", "g20 g 2 12 30"),
        ("1,2,3", "1 2 3"),
    ],
)
def test_numbers_are_one_word_however_they_are_grouped(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "tags"),
    [
        ("ya #PuertoDeChancay", "ya puerto de chancay", [Tag("puertodechancay", 1, 3)]),
        ("#USChina", "us china", [Tag("uschina", 0, 1)]),
        ("#Copa2026", "copa 2026", [Tag("copa2026", 0, 1)]),
        ("#puerto_chancay", "puerto chancay", [Tag("puertochancay", 0, 1)]),
        ("#Chancay #1 # solo", "chancay 1 solo", []),
        ("PuertoDeChancay", "puertodechancay", []),
        ("#钱凯港", "钱 凯 港", []),
    ],
)
def test_a_hashtag_is_its_parts_and_one_word(text: str, expected: str, tags: list[Tag]) -> None:
    assert folded(text) == expected
    assert read(text).tags == tuple(tags)


def test_offsets_point_into_the_original_text() -> None:
    assert spans("El Pu\u0301blico apoyó—a la ﬁscalía, EE. UU. y #ChancayPort") == [
        "El", "Pu\u0301blico", "apoyó", "a", "la", "ﬁscalía", "EE. UU", "y", "Chancay", "Port",
    ]  # fmt: skip
    assert spans("ｶﾞ½ Chan\u00adcay’s") == ["ｶﾞ", "½", "½", "Chan\u00adcay"]


def test_japanese_voicing_marks_are_letters_in_every_form() -> None:
    assert folded("ガ") == folded("カ\u3099") == folded("ｶﾞ") != folded("カ")


def test_exact_spelling_keeps_case_or_accents() -> None:
    assert fold("PAPÁ") == "papa"
    assert fold("PAPÁ", keep_case=True) == "PAPA"
    assert fold("PAPÁ", keep_accents=True) == "papá"
    assert fold("U.S.", keep_case=True) == "US"
    assert fold("Ñandú", keep_case=True) == "Ñandu"


def test_han_characters_are_known() -> None:
    assert is_han("港")
    assert not is_han("g")


texts = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "aAnÑñeéUUSs.,# '’_-0123\u0303\u0301\u00ad\u200b港ガｶﾞ가각ㄱㅏßﬁ½™\u00a0\u1100\u1161\u11a8"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@LAW
@given(texts)
def test_reading_without_offsets_gives_the_same_words(text: str) -> None:
    assert read(text).folded == tuple(word.folded for word in words(text))


@LAW
@example("EE UU")
@example("la U.S. Navy")
@given(texts)
def test_a_text_that_is_read_by_chunks_has_the_words_of_each(text: str) -> None:
    folded, tags, chunks = read(text)
    if chunks is not None:
        assert chunks == text.split()
        assert [word for chunk in chunks for word in read(chunk).folded] == [*folded]
        assert not tags


@LAW
@given(texts)
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    composed = [word.folded for word in words(unicodedata.normalize("NFC", text))]
    assert composed == [word.folded for word in words(unicodedata.normalize("NFD", text))]


@LAW
@given(texts)
def test_normal_text_with_offsets_is_normal_text(text: str) -> None:
    clean, starts, ends = normal_with_offsets(text)
    assert clean == unicodedata.normalize("NFKC", re.sub("[™℠]", " ", clean)) == normal(text)
    assert len(starts) == len(ends) == len(clean)


@LAW
@given(texts)
def test_words_stand_in_their_order_and_are_never_empty(text: str) -> None:
    found = words(text)
    assert all(word.folded and word.start < word.end for word in found)
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(found))


def test_a_long_chunk_without_spaces_is_read_like_any_other() -> None:
    assert read("钱凯港" * 20).folded == tuple("钱凯港" * 20)


def test_a_long_hashtag_is_read_as_a_short_one_is() -> None:
    text = f"hoy #PuertoDeChancay{'Norte' * 6}"
    assert " ".join(read(text).folded) == folded(text)


def test_a_full_memory_of_words_is_exchanged_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.text.reading._MOST_CHUNKS", 2)
    before = _MEMORY[0]
    texts_of_it = [f"uno dos EE. UU. {number}" for number in range(3)]
    assert [read(one).folded[:3] for one in texts_of_it] == [("uno", "dos", "eeuu")] * 3
    assert _MEMORY[0] is not before


# ------------------------------------------------------------------------------------ plain text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Puerto de <b>Chan</b>cay</p><p>Perú</p>", "Puerto de Chancay Perú"),
        ("uno<br>dos<br/>tres", "uno dos tres"),
        ("Per&uacute; &amp; Chile&#8217;s", "Perú & Chile’s"),
        ("&lt;p&gt;dos veces&lt;/p&gt; &amp;aacute;", "dos veces á"),
        ("antes<script>var a = '<b>';</script>después", "antes después"),
        ("<style>p{}</style>texto<!-- nota -->final", "texto final"),
        ("texto <!-- sin final", "texto"),
        ("3 < 5 y 7 > 2", "3 < 5 y 7 > 2"),
        ("  mucho \n\t espacio\u00a0aquí ", "mucho espacio aquí"),
        ("ce\u0000ro so\u00adft \u202eatrás", "cero soft atrás"),
        ("a & b", "a & b"),
        ("Per&uacute;", "Perú"),
        ("solo texto", "solo texto"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_sees(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@LAW
@given(st.text(alphabet=st.sampled_from("<>/!-&;#abscriptx \"'\x00"), max_size=80))
def test_plain_text_never_raises(markup: str) -> None:
    assert plain_text(markup) == plain_text(markup).strip()


@pytest.mark.parametrize("piece", ["<script ", "<!--", "<a <b", "&amp;", "<p"])
def test_hostile_markup_does_not_take_the_square_of_its_length(piece: str) -> None:
    plain_text(piece * 20_000)  # a minute and more, were it quadratic


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (100, "Puerto de Chancay, Perú"),
        (23, "Puerto de Chancay, Perú"),
        (22, "Puerto de Chancay…"),
        (10, "Puerto de…"),
        (9, "Puerto…"),
        (4, "Pue…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_a_clipped_text_ends_at_a_word_and_keeps_to_the_limit(limit: int, expected: str) -> None:
    assert clip("Puerto de Chancay, Perú", limit) == expected


# ----------------------------------------------------------------------------- addresses, prints


LONG = b"https://news.example/" + b"a" * 150
WRAPPED = "https://www.bing.com/news/apiclick.aspx?url=https%3A%2F%2Fnews.example%2Fa"


def named(address: bytes) -> str:
    """Name a page as Google News named it, with the article's address in the name."""
    size = len(address)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return urlsafe_b64encode(b"\x08\x13\x22" + length + address + b"\xd2\x01\x00").decode().rstrip("=")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://News.Example:443/Puerto/?utm_source=x&b=2&a=1#top", "https://news.example/Puerto?a=1&b=2"),
        ("http://news.example:80", "http://news.example"),
        ("http://news.example:8080/", "http://news.example:8080"),
        ("https://news.example./a?fbclid=1&gclid=2", "https://news.example/a"),
        ("https://[2001:db8::1]:444/a", "https://[2001:db8::1]:444/a"),
        (" https://news.example/año ", "https://news.example/a%C3%B1o"),
        ("https://news.example/a?q=", "https://news.example/a?q="),
        (
            f"{WRAPPED}%3Fid%3d7%26utm_source%3dx&c=123&mkt=es-pe",
            "https://news.example/a?id=7",
        ),
        (
            "https://www.bing.com/news/apiclick.aspx?url=ftp%3a%2f%2fx",
            "https://www.bing.com/news/apiclick.aspx?url=ftp%3A%2F%2Fx",
        ),
        ("https://www.google.com/url?rct=j&url=https://news.example/a&ct=ga", "https://news.example/a"),
        ("https://www.google.co.uk/url?q=https://news.example/a", "https://news.example/a"),
        (
            f"https://news.google.com/rss/articles/{named(b'https://news.example/a')}?oc=5",
            "https://news.example/a",
        ),
        (f"https://news.google.com/articles/{named(LONG)}", LONG.decode()),
        (
            "https://news.google.com/rss/articles/CBMiQUVfeXFM?oc=5&hl=es",
            "https://news.google.com/rss/articles/CBMiQUVfeXFM",
        ),
        ("https://news.google.com/rss/articles/CBMi?oc=5", "https://news.google.com/rss/articles/CBMi"),
        ("https://news.google.com/rss/articles/A?oc=5", "https://news.google.com/rss/articles/A"),
        ("https://news.google.com/topics/x?oc=5", "https://news.google.com/topics/x"),
        ("https://www.google.com/url?url=" + quote(WRAPPED, safe=""), "https://news.example/a"),
        ("https://www.google.com/url/?url=https://news.example/a", "https://news.example/a"),
        ("https://www.google.com/url?url=" * 9 + "https://news.example/a", "https://news.example/a"),
        ("https://www.google.com/url?url=z&url=https://news.example/a", "https://news.example/a"),
        ("ftp://news.example/a", ""),
        ("mailto:a@news.example", ""),
        ("https://news.example:port/a", ""),
        ("https:///a", ""),
        ("https://news.example\x0b#a", ""),
        ("https://news example/a", ""),
        ("https://[google.com/url?url=https://news.example/a", ""),
        ("https://www.goo\r\n\tgle.com/url?url=https://news.example/a", "https://news.example/a"),
        ("nothing", ""),
    ],
)
def test_an_address_has_one_canonical_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected


def test_a_digest_is_stable_and_knows_where_parts_end() -> None:
    assert digest("ab", "c") == digest("ab", "c")
    assert digest("ab", "c") != digest("a", "bc")
    assert re.fullmatch(r"[0-9a-f]{16}", digest("\ud800"))


def test_a_fingerprint_sees_words_alone() -> None:
    assert fingerprint("¡Cierre del PUERTO!") == fingerprint("cierre del puerto")
    assert fingerprint("año") != fingerprint("ano")
    assert fingerprint("—") == ""


@example("\u200b 钱\u0303")  # a mark that melts into nothing
@example("钱\u00ad\u0303 a")
@example("AA AA")  # an acronym with a space in it, of words that were not read before
@given(st.text(st.sampled_from("aAñn\u0303 é.-'’s1,3EU#钱\u00ad\u200b…ﬁ\n"), max_size=60))
def test_the_slices_of_words_are_those_that_words_gives_with_them(text: str) -> None:
    assert word_spans(text) == [(word.start, word.end) for word in words(text)]


def test_a_text_without_spaces_is_sliced_without_being_remembered() -> None:
    text = "钱凯港" * 20
    assert len(word_spans(text)) == len(word_spans(text)) == 60


# ------------------------------------------------------------------------------------------- hosts


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.3.2.1", "::1"])
def test_this_machine_is_known_as_itself_and_as_near(host: str) -> None:
    assert is_loopback(host)
    assert is_near(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.7", "192.168.1.1", "172.16.0.1", "fe80::1", "fd00::7", "n8n", "cms.internal", "a.LOCAL."]
)
def test_what_can_only_be_of_one_s_own_network_is_near(host: str) -> None:
    assert is_near(host)
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", ".", "cms.example", "8.8.8.8", "0.0.0.0", "::", "internal.example", "2001:4860::1"]
)
def test_any_other_host_is_not(host: str) -> None:
    assert not is_near(host)
    assert not is_loopback(host)
    assert not is_loopback(None)

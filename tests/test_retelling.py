"""What ails a source is stored in English and read in any language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import sentences
from service.fetch.faults import fault_of_status
from service.parse.sniff import _MAGIC, _OTHER_XML
from service.wording import retell, wording_for
from service.wording.retelling import _pieces
from tests.partners.spoken import spoken

if TYPE_CHECKING:
    from service.wording import Wording

SPANISH, PORTUGUESE = wording_for("es"), wording_for("pt")
SPEAKERS = (
    *(
        Path("service/fetch") / f"{name}.py"
        for name in ("faults", "trail", "inflate", "access", "address", "client")
    ),
    *(Path("service/parse") / f"{name}.py" for name in ("sniff", "jsonfeed", "loose")),
    *(Path("service/child.py"), Path("service/health.py")),
)
# Handed to no reader: headers, programs, and parts of a sentence that is known as a whole.
NOT_SAID = {
    ", saying “9”",
    "9 (redirected to 9)",
    "9: 9.",
    "9:9",
    "9 9",
    "9 The page names this one: 9",
    "Basic 9",
    "too many frames",
    "gzip, deflate, br, zstd",
    "import sys; sys.path[:] = {path!r}; from service.child import main; main({cpu}, {memory})",
}
_SAYERS = {"FetchFault", "NotAFeed", "WebPage", "RefusedAddress", "refuse"}


def _is_ours(text: str) -> bool:
    return text not in NOT_SAID and not text.startswith("application/")


@pytest.mark.parametrize("path", SPEAKERS, ids=str)
@pytest.mark.parametrize("language", [SPANISH, PORTUGUESE], ids=["es", "pt"])
def test_whatever_is_said_of_a_source_is_known_in_every_language(path: Path, language: Wording) -> None:
    said = [text for text in spoken(path, _SAYERS) if _is_ours(text)]
    assert said
    for text in said:
        for written, known, _ in _pieces(text, language):
            assert known or " " not in written, written


@pytest.mark.parametrize("what", sorted({*(name for _, name in _MAGIC), *_OTHER_XML.values()}))
def test_what_came_instead_of_a_feed_is_named(what: str) -> None:
    assert what not in retell(f"this is {what}, not a feed", SPANISH)


def test_a_reason_is_retold_with_its_numbers_names_and_the_words_of_the_server() -> None:
    fault = fault_of_status(403, "No entry. Answered elsewhere")
    stored = sentences(f"https://diario.example/rss: {fault.what}.", fault.mend)
    assert retell(stored, wording_for("en")) == stored
    assert retell(stored, SPANISH) == (
        "https://diario.example/rss: respondió 403 Forbidden, con las palabras "
        "“No entry. Answered elsewhere”. Pida al medio que deje entrar a este lector, o escriba en el "
        "paquete lo que quiere ver: login, cookie o user_agent; o quite el canal."
    )


def test_a_reason_begins_with_a_capital_where_it_began_with_one_and_holds_parts_that_are_retold_too() -> None:
    stored = "This is a web page (“Portada”), not a feed. Look for the feed's own address."
    assert retell(stored, PORTUGUESE) == (
        "É uma página da web (“Portada”), não um feed. Procure o endereço próprio do feed."
    )
    assert retell("Its server's clock is 3 days behind ours.", SPANISH) == (
        "El reloj de su servidor atrasa 3 días respecto al nuestro."
    )


def test_what_nobody_has_translated_stays_beside_what_is_known() -> None:
    assert (
        retell("Quite another thing. It answers again.", SPANISH)
        == "Quite another thing. Vuelve a responder."
    )


@given(st.text(max_size=300))
def test_whatever_is_stored_is_retold_or_stays(text: str) -> None:
    assert retell(text, SPANISH).strip() or not text.strip()
    quoted = f"answered 500 Internal Server Error, saying “{text}”."
    assert text.strip() in retell(quoted, SPANISH)


@pytest.mark.parametrize(
    "words", ["We are back in 3 days", "A database", "Your API key is not set", "A web page"]
)
def test_what_a_server_says_stays_in_its_own_words(words: str) -> None:
    assert f"“{words}”" in retell(f"answered 503 Service Unavailable, saying “{words}”.", SPANISH)
    assert f"“{words}”" in retell(f"This is a web page (“{words}”), not a feed.", SPANISH)

"""The tutorial says what stands on the pages, and shows pictures that its walk takes."""

from __future__ import annotations

import re
from pathlib import Path

WORDS = Path("docs/tutorial.md").read_text(encoding="utf-8")
WALK = Path("tests/test_browser_walk_real.py").read_text(encoding="utf-8")
PICTURES = Path("docs/pictures")
_MOST = 100_000  # bytes: it is read on a phone, too


def _said() -> set[str]:
    """Give all that pages and messages can say, in English."""
    catalogue = Path("service/wording/locales/es.po").read_text(encoding="utf-8")
    found = re.findall(r'^msgid(?:_plural)? ((?:".*"\n)+)', catalogue, re.MULTILINE)
    return {"".join(re.findall(r'"(.*)"\n', one)) for one in found}


def test_whatever_the_tutorial_has_one_choose_or_read_stands_on_a_page() -> None:
    named = set(re.findall(r"\*\*(.+?)\*\*", WORDS))
    assert len(named) > 10
    assert named <= _said()


def test_the_walk_goes_where_the_tutorial_goes() -> None:
    done = set(re.findall(r'walk\.(?:click|fill|reads|check)\((?:"\w+", )?"(.+?)"', WALK))
    assert len(done) > 8
    said = _said()
    missing = {one for one in done & said if one not in WORDS}
    assert not missing


def test_each_picture_is_small_and_taken_by_the_walk() -> None:
    shown = re.findall(r"\]\(pictures/tutorial-([\w-]+)\.png\)", WORDS)
    assert set(shown) == {path.stem.removeprefix("tutorial-") for path in PICTURES.glob("tutorial-*.png")}
    assert set(shown) == set(re.findall(r'\.picture\("([\w-]+)"\)', WALK))
    for name in shown:
        assert (PICTURES / f"tutorial-{name}.png").stat().st_size < _MOST, name


def test_each_picture_says_what_it_shows() -> None:
    assert all(len(words) > 20 for words in re.findall(r"!\[(.*?)\]", WORDS))

"""What a page shows, read out of its HTML: words of others, times, numbers and tables.

Forms are left out, but for what the editor says beside the text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_LEFT_OUT = {"head", "header", "footer", "nav", "svg", "script", "style", "textarea", "select", "fieldset"}
_VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "line", "wbr", "source", "col"}
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_LAG = re.compile(rf"\b\d+ (?:days?|hours?|h|min)\b|\b\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?\b")
_NUMBER = re.compile(r"(?<![\w.,:])\d[\d,]*(?:\.\d+)?(?![\w:]|[.,]\d)")


class PageReader(HTMLParser):
    """Reads a page. `words` are those of others (in `bdi`), cut at gaps; `rows` the cells of tables."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.words: list[str] = []
        self.times: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[tuple[str, bool]] = []
        self.feed(page)
        self.words = [one for one in map(_plain, self.words) if one]
        self.rows = [[_plain(cell) for cell in row] for row in self.rows if row]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter."""
        about = dict(attrs)
        if self._is_out or tag in _VOID:
            if tag not in _VOID:
                self._open.append((tag, False))
            return
        is_gap = tag == "span" and about.get("class") == "gap"
        is_form = tag == "form" and about.get("id") != "editor"
        self._open.append((tag, is_form or tag in _LEFT_OUT or tag == "time" or is_gap))
        if tag == "bdi" or (is_gap and self._is_in("bdi")):
            self.words.append("")
        if tag == "time" and (about.get("datetime") or "").endswith("Z"):
            self.times.append(about["datetime"] or "")
        if tag == "tr":
            self.rows.append([])
        if tag == "td" or (tag == "th" and about.get("scope") == "row"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        """Leave."""
        if tag in _VOID:
            return
        opened, is_gap = self._open.pop()
        assert opened == tag, (opened, tag, self.getpos())
        if is_gap and tag == "span":
            self.words.append("")
        self.text += " "

    def handle_data(self, data: str) -> None:
        """Read on."""
        if self._is_out:
            return
        if not self._is_in("summary"):  # counts of what follows
            self.text += data
        if self._is_in("bdi"):
            self.words[-1] += data
        if (self._is_in("td") or self._is_in("th")) and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    @property
    def numbers(self) -> list[str]:
        """Give the numbers that it shows; those of lags, in units that suit them, and of dates are none."""
        return numbers_in(_LAG.sub("", self.text))

    @property
    def _is_out(self) -> bool:
        return any(is_left_out for _, is_left_out in self._open)

    def _is_in(self, tag: str) -> bool:
        return any(opened == tag for opened, _ in self._open)


def numbers_in(text: str) -> list[str]:
    """Give the numbers in a text, as they are written for machines."""
    return [one.replace(",", "") for one in _NUMBER.findall(text)]


def _plain(text: str) -> str:
    return " ".join(text.split())

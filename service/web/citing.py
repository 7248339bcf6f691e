"""An event as a source to be cited: a permanent address, when it was looked at, a print of what it said.

The print is the SHA-256 of its reports, one on each line as `address, tab, headline` in the order of the
page: who keeps it can show later whether a report was added, changed or taken away. Pure.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.store import EventView

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says."""

    key: str
    title: str
    url: str
    outlets: tuple[str, ...]
    on: date
    seen_at: datetime
    print: str

    @property
    def note(self) -> str:
        """Say by what the reports are known, and when they were looked at."""
        return f"Reports as of {self.seen}, SHA-256 {self.print}"

    @property
    def seen(self) -> str:
        """Say when the reports were looked at, the same for every reader."""
        return f"{self.seen_at:%Y-%m-%d %H:%M} UTC"


def cite(view: EventView, base_url: str, now: datetime) -> Citation:
    """Make the citation of an event as it is now, at the pages of an address."""
    lines = [f"{report.entry.url}\t{report.entry.title}" for report in view.reports]
    return Citation(
        key=f"avizor-{view.event.id}",
        title=_one_line(view.event.title),
        url=f"{base_url}/events/{view.event.id}",
        outlets=tuple(map(_one_line, view.outlets)),
        on=view.event.opened_at.date(),
        seen_at=now,
        print=sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest(),
    )


def write_bibtex(one: Citation) -> str:
    """Write an entry for BibLaTeX and BibTeX."""
    fields = {
        "title": f"{{{_escaped(one.title)}}}",
        "author": " and ".join(f"{{{_escaped(outlet)}}}" for outlet in one.outlets),
        "year": str(one.on.year),
        "month": str(one.on.month),
        "url": one.url,
        "urldate": one.seen_at.date().isoformat(),
        "note": _escaped(one.note),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{one.key},\n{body}\n}}\n"


def write_ris(one: Citation) -> str:
    """Write a reference as reference managers read it."""
    lines = [
        ("TY", "NEWS"),
        ("TI", one.title),
        *(("AU", outlet) for outlet in one.outlets),
        ("PY", str(one.on.year)),
        ("DA", f"{one.on:%Y/%m/%d}"),
        ("UR", one.url),
        ("Y2", f"{one.seen_at:%Y/%m/%d}"),
        ("N1", one.note),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


def write_csl(one: Citation) -> str:
    """Write an item of CSL-JSON."""
    seen = one.seen_at.date()
    item = {
        "id": one.key,
        "type": "article-newspaper",
        "title": one.title,
        "author": [{"literal": outlet} for outlet in one.outlets],
        "issued": {"date-parts": [[one.on.year, one.on.month, one.on.day]]},
        "accessed": {"date-parts": [[seen.year, seen.month, seen.day]]},
        "URL": one.url,
        "note": one.note,
    }
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _one_line(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)

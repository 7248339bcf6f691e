"""SpamAssassin as receiving servers run it, without network and without what it has learnt.

Needs the package spamassassin, which `make test-real` installs.
"""

from __future__ import annotations

import re
import subprocess
from typing import NamedTuple

_RULE = re.compile(r"^ *(-?\d+\.\d) ([A-Z][A-Z0-9_]+)", re.MULTILINE)
_REPORT = "Content analysis details:"


class Judgement(NamedTuple):
    """The points of a mail, and which rules gave how many of them."""

    points: float
    rules: dict[str, float]


def judge_mail(raw: bytes) -> Judgement:
    """Have a mail judged by the rules that the package brings."""
    done = subprocess.run(
        ["spamassassin", "--local", "--test-mode", "--nocreate-prefs", "--cf=use_bayes 0"],
        input=raw,
        capture_output=True,
        timeout=120,
        check=True,
    )
    report = done.stdout.decode("utf-8", "replace").rpartition(_REPORT)[2]
    points = float(report.split("(")[1].split(" points")[0])
    return Judgement(points, {name: float(given) for given, name in _RULE.findall(report)})

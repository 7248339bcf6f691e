"""Our parser and feedparser read what feedparser documents, field by field, as the cases say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.parse import parse_feed
from service.parse.loose import parse_loose
from tests.feed_cases import CASES
from tests.partners.agreement import RULES, as_comes, compare, difference, ours_of, theirs_of

if TYPE_CHECKING:
    from service.domain import ParsedFeed
    from tests.feed_cases import Case

FOLDER = os.environ.get("AVIZOR_TEST_FEEDS", "")


def read(feed: ParsedFeed) -> dict[str, object]:
    """Give the values of a feed and its only entry by the names that cases use."""
    [entry] = feed.entries
    own = ours_of(entry)
    return {
        **own,
        "summary": entry.summary,
        "author": entry.author,
        "language": feed.language,
        "feed_title": feed.title,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ours_reads_it_as_the_case_says_whichever_way_it_takes(case: Case) -> None:
    for parse in (parse_feed, parse_loose):
        values = read(parse(case.body))
        assert {name: values[name] for name in case.expected} == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_feedparser_reads_the_same_unless_a_rule_says_why_not(case: Case) -> None:
    found = as_comes(case.body)
    [entry] = found.entries
    values = {
        **theirs_of(entry),
        "language": str(found.feed.get("language", "")).lower(),
        "feed_title": found.feed.get("title", ""),
    }
    for name, ours in case.expected.items():
        differs = difference(name, ours, values[name])
        assert ours == values[name] or differs.rule or case.meant, (name, ours, values[name])


def test_every_rule_of_the_list_has_its_reason() -> None:
    reasons = {rule.reason for rule in RULES}
    assert len(reasons) == len(RULES)
    assert {case.meant for case in CASES} - {""} <= reasons


@pytest.mark.skipif(
    not FOLDER, reason="AVIZOR_TEST_FEEDS names no folder of feed files: agreement is not tried"
)
def test_ours_agrees_with_feedparser_on_a_folder_of_feeds() -> None:
    files = [
        path for path in sorted(Path(FOLDER).rglob("*")) if path.is_file() and path.name != "MANIFEST.json"
    ]
    assert files
    unmeant = {
        path.name: meant
        for path in files
        if (meant := [one for one in compare(path.read_bytes())[1] if one.rule is None])
    }
    assert unmeant == {}

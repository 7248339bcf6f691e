"""What can be done with an event: cited, muted, followed to where it went."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.notify import Roll
from service.pipeline import Correcting, Desk, Shift
from service.web import Health, View
from service.web.citing import Citation, write_bibtex, write_csl, write_ris
from tests.partners.newsroom import LEASE, NOW, open_filled
from tests.partners.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.store import Store


@pytest.fixture
def events(tmp_path: Path) -> Iterator[tuple[Visits, Store, dict[str, str]]]:
    store, found = open_filled(tmp_path)
    shift = Shift(store, Desk(lambda *_: [], {}, Roll({})), lambda: NOW, "w", LEASE)
    view = View(
        store,
        lambda: (),
        lambda: Health(ok=True, checks={}),
        "America/Lima",
        lambda: NOW,
        correct=lambda by: Correcting(shift, by),
        base_url="https://news.example",
    )
    yield Visits(view), store, found
    store.close()


def test_an_event_is_cited_by_an_address_that_stays_and_a_print_of_its_reports(
    events: tuple[Visits, Store, dict[str, str]],
) -> None:
    visits, store, found = events
    path = f"/events/{found['ruling']}"
    [item] = json.loads(visits.get(f"{path}.csl.json").text)
    assert (item["URL"], item["type"]) == (f"https://news.example{path}", "article-newspaper")
    assert item["issued"] == {"date-parts": [[2026, 11, 22]]}
    assert {"literal": "Diario del Muelle"} in item["author"]
    assert item["note"].startswith("Reports as of 2026-11-22 14:40 UTC, SHA-256 ")
    bibtex, ris = visits.get(f"{path}.bib").text, visits.get(f"{path}.ris").text
    assert f"url = {{https://news.example{path}}}" in bibtex
    assert f"UR  - https://news.example{path}\r\n" in ris
    assert item["note"] in bibtex
    before = item["note"]
    moved = [str(one.entry.id) for one in store.reading.get_event(found["ruling"]).reports[-1:]]
    visits.post(f"{path}/split", entry=moved)
    assert json.loads(visits.get(f"{path}.csl.json").text)[0]["note"] != before, (
        "other reports, another print"
    )
    assert visits.get("/events/nothing.bib").status_code == 404


@pytest.mark.slow
def test_what_was_done_to_an_event_says_which_other_event_or_name_it_was(
    events: tuple[Visits, Store, dict[str, str]],
) -> None:
    visits, store, found = events
    path = f"/events/{found['ruling']}"

    def history() -> str:
        said = visits.get(path).text.split('aria-labelledby="milestones">')[1].split("</ol>")[0]
        return unescape(re.sub(r"\s+", " ", re.sub(r"</?(?:bdi|time)[^>]*>", "", said)))

    last = store.reading.get_event(found["ruling"]).reports[-1].entry
    visits.post(f"{path}/split", entry=[str(last.id)])
    moved = store.reading.get_event(found["ruling"]).acts[-1].other_id
    said = "reports were split off into an event of their own by somebody on the page"
    assert f'<a href="/events/{moved}">{said}: {last.title}</a>' in history()
    visits.post(f"/events/{moved}/rename", title="Una <b>huelga</b>")
    visits.post(f"{path}/merge", other=moved)
    assert "merged into this one by somebody on the page: Una <b>huelga</b></li>" in history()
    visits.post(f"{path}/rename", title="El fallo")
    assert "named by somebody on the page: El fallo</li>" in history()
    [merged] = [one for one in visits.get(f"/api/v1{path}").json()["history"] if one["kind"] == "merge"]
    assert merged["said"].endswith("by somebody on the page: Una <b>huelga</b>")


@pytest.mark.slow
def test_the_page_shows_the_print_and_whoever_follows_the_manual_gets_the_same(
    events: tuple[Visits, Store, dict[str, str]],
) -> None:
    visits, _, found = events
    manual = (Path(__file__).parents[1] / "docs" / "manual.md").read_text(encoding="utf-8")
    [program] = re.findall(r"/api/v1/events/EVENT \| python3 -c '\n(.+?)'\n```", manual, re.DOTALL)
    for event in (found["ruling"], found["weekly"]):
        answer = visits.get(f"/api/v1/events/{event}").content
        reckoned = subprocess.run(
            [sys.executable, "-c", program], input=answer, capture_output=True, check=True
        ).stdout.decode()
        assert re.fullmatch(r"[0-9a-f]{64}\n", reckoned)
        page = visits.get(f"/events/{event}").text
        assert f"<dd><code>{reckoned.strip()}</code></dd>" in page
        assert f"<dd><bdi>https://news.example/events/{event}</bdi></dd>" in page
        assert "<dd>2026-11-22 14:40 UTC</dd>" in page
        for ending in ("bib", "ris", "csl.json"):
            assert f"SHA-256 {reckoned.strip()}" in visits.get(f"/events/{event}.{ending}").text


ANY = st.builds(
    Citation,
    key=st.just("avizor-e"),
    title=st.text().map(lambda text: " ".join(text.split())),
    url=st.just("https://news.example/events/e"),
    outlets=st.lists(st.text(max_size=9).map(lambda text: " ".join(text.split())), max_size=3).map(tuple),
    on=st.just(NOW.date()),
    seen_at=st.just(NOW),
    print=st.just("0" * 64),
)


@given(ANY)
def test_any_words_of_a_feed_make_a_citation_that_is_whole(one: Citation) -> None:
    depth = 0
    for sign in re.sub(r"\\[{}]", "", write_bibtex(one)):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert json.loads(write_csl(one))[0]["title"] == one.title
    lines = write_ris(one).split("\r\n")
    assert (lines[0], lines[-2]) == ("TY  - NEWS", "ER  - ")


def test_silence_for_all_readers_is_kept_from_the_page_and_ended_on_the_list(
    events: tuple[Visits, Store, dict[str, str]],
) -> None:
    visits, store, found = events
    assert "Nothing is muted." in visits.get("/mutes").text
    answer = visits.post(f"/events/{found['ruling']}/mute", about="event", days="7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/mutes")
    visits.post(f"/events/{found['ruling']}/mute", about="watchlist", days="1")
    assert visits.post(f"/events/{found['ruling']}/mute", about="event", days="900").status_code == 404
    assert visits.post("/events/nothing/mute", about="event", days="1").status_code == 404
    active = store.mutes.list_active(NOW)
    assert [(mute.event_id, mute.watchlist_id, mute.until_at - NOW) for _, mute in active] == [
        ("", "chancay-port", timedelta(days=1)),
        (found["ruling"], "", timedelta(days=7)),
    ]
    page = visits.get("/mutes").text
    assert "Juez devuelve al regulador" in page
    assert "<h2>Over</h2>" not in page
    assert "somebody on the page" in page
    assert visits.post("/mutes/end", number=str(active[0][0])).status_code == 303
    assert len(store.mutes.list_active(NOW)) == 1
    in_force, _, over = visits.get("/mutes").text.partition("<h2>Over</h2>")
    assert "Juez devuelve al regulador" in in_force
    assert "/watchlists/chancay-port" in over
    assert "somebody on the page" in over
    assert "/mutes/end" not in over
    for number in ("0", "x", "9" * 30, ""):
        assert visits.post("/mutes/end", number=number).status_code == 404


def test_an_event_that_was_merged_leads_to_where_it_went(
    events: tuple[Visits, Store, dict[str, str]],
) -> None:
    visits, _, found = events
    visits.post(f"/events/{found['ruling']}/merge", other=found["weekly"])
    answer = visits.get(f"/events/{found['weekly']}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"/events/{found['ruling']}")

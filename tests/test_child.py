"""Hostile documents are read in a child with limits; they cost themselves and nothing else."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from service import child
from service.child import LimitedChild, serve
from service.errors import WebPage
from service.parse import NotAFeed, parse_feed
from tests.partners.feed_documents import HARBOUR, NEWS, Item, atom, rss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.domain import ParsedFeed

HINTS = "<ttl>60</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
BROKEN = rss(*NEWS, Item("undated", "Crónica"), inside=HINTS).replace(b"</title>", b"</title><br>", 1)
ATTRIBUTES = " ".join(f'a{n}="1"' for n in range(40_000))
SLOW = rss(*NEWS, inside=f"<item {ATTRIBUTES}><title>x<br></title></item>")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no limits there to try")


@pytest.fixture(scope="module")
def limited() -> Iterator[LimitedChild]:
    with LimitedChild() as shared:
        yield shared


def refused(reader: LimitedChild, body: bytes) -> NotAFeed:
    with pytest.raises(NotAFeed) as caught:
        reader.parse(body)
    return caught.value


def test_the_child_gives_what_is_given_without_it(limited: LimitedChild) -> None:
    for body in (BROKEN, rss(*NEWS), atom(*NEWS), rss(*NEWS) + b"&", b'{"items": [], "home_page_url": ""}'):
        assert limited.parse(body, "text/xml; charset=utf-8") == parse_feed(body)


def test_a_refusal_comes_back_with_its_mend(limited: LimitedChild) -> None:
    error = refused(limited, b"<weather/>")
    assert error.message == "this is XML with the root <weather>, not a feed"
    assert error.mend == "Look for the feed's own address."
    assert type(refused(limited, b"<html><title>Log in</title></html>")) is WebPage
    assert type(error) is NotAFeed


@pytest.mark.slow
def test_the_same_child_reads_one_document_after_another(limited: LimitedChild) -> None:
    limited.parse(BROKEN)
    first = limited.pid
    large = b"<rss>" + b"\xff" * 1_100_000
    assert limited.parse(large) == parse_feed(large)
    assert limited.pid == first is not None


@pytest.mark.slow
def test_a_document_over_the_wall_limit_is_given_up_and_the_next_is_read() -> None:
    with LimitedChild(wall_seconds=0.2) as reader:
        error = refused(reader, SLOW)
        assert error.message == "the document took more than 0.2 s to read"
        assert error.mend.startswith("Other feeds are not touched by it.")
        assert reader.pid is None
    with LimitedChild(wall_seconds=30) as reader:
        refused(reader, b"<weather/>")
        assert reader.parse(BROKEN) == parse_feed(BROKEN)


@pytest.mark.slow
def test_a_document_over_the_processor_limit_is_given_up_and_the_next_is_read() -> None:
    with LimitedChild(cpu_seconds=1, wall_seconds=60) as reader:
        assert refused(reader, SLOW).message == "the document took more than 1 s of processor time to read"
        assert reader.parse(BROKEN) == parse_feed(BROKEN)


@pytest.mark.slow
def test_the_processor_limit_counts_for_each_document_anew() -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(5_000))
    busy = rss(*NEWS, inside=f"<item {attributes}><title>x<br></title></item>")
    with LimitedChild(cpu_seconds=1, wall_seconds=60) as reader:
        reader.parse(busy)
        first = reader.pid
        for _ in range(4):
            reader.parse(busy)
        assert reader.pid == first


@pytest.mark.slow
def test_a_document_over_the_memory_limit_is_refused_by_its_size() -> None:
    with LimitedChild(memory_mb=110, wall_seconds=60) as reader:
        big = rss(Item("1", "\N{ANCHOR}\N{SHIP}" + "-" * 20_000_000))
        assert refused(reader, big).message == "the document takes more than 110 MB to read"
        assert reader.pid is None
        assert reader.parse(BROKEN) == parse_feed(BROKEN)


@pytest.mark.slow
def test_a_document_that_leaves_no_memory_for_an_answer_is_refused_by_its_size_too() -> None:
    with LimitedChild(memory_mb=110, wall_seconds=60) as reader:
        deep = rss(*NEWS, inside="<item><title>" + "<a>" * 1_000_000)
        assert refused(reader, deep).message == "the document takes more than 110 MB to read"
        assert reader.parse(BROKEN) == parse_feed(BROKEN)


def test_a_child_that_read_a_large_document_is_renewed() -> None:
    with LimitedChild() as reader:
        assert reader.parse(rss(*NEWS, Item("1", "x" * 5 * 2**20))).entries
        assert reader.pid is None


@pytest.mark.slow
def test_a_child_that_died_is_replaced(limited: LimitedChild) -> None:
    limited.parse(BROKEN)
    first = limited.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert limited.pid is None
    assert limited.parse(BROKEN) == parse_feed(BROKEN)
    assert limited.pid not in {None, first}


def test_a_child_is_renewed_after_many_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_JOBS", 2)
    with LimitedChild() as reader:
        reader.parse(BROKEN)
        assert reader.pid is not None
        reader.parse(BROKEN)
        assert reader.pid is None


def test_a_child_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_PROGRAM", "raise SystemExit(3)")
    with closing(LimitedChild()) as reader:
        assert refused(reader, BROKEN).message == "the reader broke down over the document (exit 3)"


def test_threads_share_one_child(limited: LimitedChild) -> None:
    limited.parse(BROKEN)
    first, found = limited.pid, []
    threads = [threading.Thread(target=lambda: found.append(limited.parse(BROKEN))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [parse_feed(BROKEN)] * 6
    assert limited.pid == first


def test_closing_ends_the_child_and_the_document_it_reads() -> None:
    reader, errors = LimitedChild(wall_seconds=60), []
    reader.close()
    reader.parse(BROKEN)
    thread = threading.Thread(target=lambda: errors.append(refused(reader, SLOW)))
    thread.start()
    while not reader._lock.locked():
        thread.join(0.001)
    reader.close()
    thread.join()
    assert reader.pid is None
    assert errors[0].message.startswith("the reader broke down over the document")


def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVIZOR_TEST_PASSWORD", "harbour-secret")
    with LimitedChild() as reader:
        reader.parse(BROKEN)
        known = psutil.Process(reader.pid).environ()
    assert known, "it is shown"
    assert "harbour-secret" not in known.values()


@pytest.mark.slow
def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os, sys; from service.child import LimitedChild; child = LimitedChild();"
        f"child.parse({rss(HARBOUR)!r}); print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, timeout=60)
    assert told.returncode == -signal.SIGKILL
    assert is_gone(int(told.stdout))


def is_gone(pid: int) -> bool:
    """Wait for a process that is not our child to end; a zombie counts as ended."""
    stopped = threading.Event()
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        stopped.wait(0.02)
    return False


# ---------------------------------------------------------------------------- the child's own side


def frames(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">Q", len(part)) + part for part in parts)


def answers(*parts: bytes, cut: int = 0) -> list[bytes]:
    sent = frames(*parts)
    sink = io.BytesIO()
    serve(io.BytesIO(sent[: len(sent) - cut]), sink)
    sink.seek(0)
    return list(iter(lambda: child._read_frame(sink), None))


def test_the_child_answers_in_json_until_its_input_ends() -> None:
    ready, feed, refusal = answers(b"", BROKEN, b"text/xml", b"<weather/>")
    assert ready == b"ready"
    assert child._unpacked(json.loads(feed)) == parse_feed(BROKEN)
    with pytest.raises(NotAFeed, match="root <weather>"):
        child._unpacked(json.loads(refusal))


def test_the_child_sets_its_limits_and_prints_nothing_but_answers() -> None:
    program = "from service.child import main; import sys; main(5, 512); print('not an answer')"
    told = subprocess.run(
        [sys.executable, "-c", program],
        input=frames(b"", BROKEN),
        capture_output=True,
        check=True,
        timeout=60,
    )
    sent = io.BytesIO(told.stdout)
    assert child._read_frame(sent) == b"ready"
    assert child._unpacked(json.loads(child._read_frame(sent) or b"")) == parse_feed(BROKEN)
    assert sent.read() == b""
    assert told.stderr.decode().strip() == "not an answer"


def test_half_a_question_ends_the_child() -> None:
    assert answers(b"text/xml", cut=3) == [b"ready"]
    assert child._read_frame(io.BytesIO(struct.pack(">Q", 2**40))) is None


def test_a_lack_of_memory_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_body: bytes, content_type: str = "") -> ParsedFeed:
        raise MemoryError(content_type)

    monkeypatch.setattr("service.parse.parse_feed", parse)
    [_, refusal] = answers(b"", b"x")
    with pytest.raises(NotAFeed, match="the document takes more than 0 MB to read"):
        child._unpacked(json.loads(refusal))


def test_only_what_a_feed_is_made_of_goes_over_the_wire() -> None:
    with pytest.raises(TypeError, match="complex"):
        child._as_json(1j)

"""One child process with limits, in which hostile feed documents are read.

feedparser can be made to take minutes and gigabytes by a few hundred kilobytes, the quick parsers
seconds and gigabytes by some megabytes. So what is large, or needs feedparser, is read in a
process of its own, with a limit on processor time for each document (RLIMIT_CPU, moved on
before each), on memory (RLIMIT_AS), and on time by the clock (kept by the parent, which kills
the child). A document that goes over them costs itself: the next one gets a new child.

The child is started as a fresh interpreter, never by forking a process with threads. It gets no
environment beyond what finding the interpreter takes, so it knows no secret, and it answers in
JSON, so what it says is never run. It ends when its parent does: its input ends then.

Where the system has no such limits (Windows), only the limit by the clock holds.
"""

from __future__ import annotations

import json
import math
import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, Self, cast

from service.domain import ParsedEntry, ParsedFeed, PublisherHints
from service.errors import NotAFeed, WebPage

if TYPE_CHECKING:
    from types import TracebackType

_LENGTH = struct.Struct(">Q")
_LONGEST_ANSWER = 256 * 2**20
_CLOSE_SECONDS = 0.02  # between two looks at what is to be ended
_START_SECONDS = 30.0
_OUT_OF_MEMORY = 77  # with which the child ends where it cannot answer any more
_JOBS = 200  # documents read before the child is renewed, so that no memory is lost for good
_LARGE = 4 * 2**20  # bytes of a document after which it is renewed at once, for the same reason
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
_PROGRAM = "import sys; sys.path[:] = {path!r}; from service.child import main; main({cpu}, {memory})"
_MEND = "Other feeds are not touched by it. Tell the publisher, or take the feed out of its pack."


class LimitedChild:
    """Reads documents one at a time; safe to share between threads, which then wait for each other.

    The child starts with the first document. Use it as a context manager, or call `close`.
    """

    def __init__(self, *, cpu_seconds: int = 5, memory_mb: int = 192, wall_seconds: float = 10.0) -> None:
        """Set the limits for each document.

        Memory is that of the whole child, some 30 MB of it its own: 8 MB of an honest feed that only
        feedparser can read were measured to take 142 MB in all.
        """
        self._cpu_seconds = cpu_seconds
        self._memory_mb = memory_mb
        self._wall_seconds = wall_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def __enter__(self) -> Self:
        """Give itself; the child starts later."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the running child, None when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def parse(self, body: bytes, content_type: str = "") -> ParsedFeed:
        """Read a document in the child, whichever way it takes.

        Raises:
            NotAFeed: it is none, or it went over a limit; the message says which.
        """
        with self._lock:
            process = self._running()
            answer, was_late = self._ask(
                process, self._wall_seconds, content_type.encode("utf-8", "replace"), body
            )
            self._jobs += 1
            told: dict[str, Any] = json.loads(answer) if answer else {"is_last": True}
            if told.get("is_last") or self._jobs >= _JOBS or len(body) > _LARGE:
                self._end()
        if answer is None:
            raise NotAFeed(self._fault(process.returncode, was_late=was_late), mend=_MEND)
        return _unpacked(told)

    def close(self) -> None:
        """End the child at once, a document that is being read with it. The next `parse` starts a new one."""
        # A reading that is just beginning may start a child of its own after the first one is killed.
        while not self._lock.acquire(timeout=_CLOSE_SECONDS):
            process = self._process
            if process is not None:
                process.kill()
        try:
            self._end()
        finally:
            self._lock.release()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = self._started()
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        program = _PROGRAM.format(path=sys.path, cpu=self._cpu_seconds, memory=self._memory_mb)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and a fixed program
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        self._ask(process, _START_SECONDS)
        return process

    def _end(self) -> None:
        process, self._process, self._jobs = self._process, None, 0
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in _pipes(process):
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()

    @staticmethod
    def _ask(process: subprocess.Popen[bytes], seconds: float, *frames: bytes) -> tuple[bytes | None, bool]:
        """Send frames, read one; None when the child died, and whether it was for being late."""
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        sink, source = _pipes(process)
        try:
            for frame in frames:
                _write_frame(sink, frame)
            answer = _read_frame(source)
        except OSError:
            answer = None
        timer.cancel()
        timer.join()
        if late.is_set():
            answer = None
        if answer is None:
            process.wait()
        return answer, late.is_set()

    def _fault(self, code: int, *, was_late: bool) -> str:
        if was_late:
            return f"the document took more than {self._wall_seconds:g} s to read"
        if code == -getattr(signal, "SIGXCPU", 0):
            return f"the document took more than {self._cpu_seconds} s of processor time to read"
        if code == _OUT_OF_MEMORY:
            return _too_much_memory(self._memory_mb)
        return f"the reader broke down over the document (exit {code})"


def _too_much_memory(megabytes: int) -> str:
    return f"the document takes more than {megabytes} MB to read"


# ------------------------------------------------------------------------------------ the child


def main(cpu_seconds: int, memory_mb: int) -> None:
    """Be the child: set the limits, then answer documents until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    sink, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing may print into the answers
    try:
        serve(sys.stdin.buffer, sink, cpu_seconds=cpu_seconds, memory_mb=memory_mb)
    except MemoryError:  # not even to say so was there enough left
        os._exit(_OUT_OF_MEMORY)


def serve(source: IO[bytes], sink: IO[bytes], *, cpu_seconds: int = 0, memory_mb: int = 0) -> None:
    """Answer documents from `source` in `sink` until `source` ends; 0 stands for no limit."""
    import service.parse.loose  # noqa: F401 - what the first document needs is there before it comes
    from service.parse import parse_feed

    _limit_memory(memory_mb)
    _write_frame(sink, b"ready")
    while (content_type := _read_frame(source)) is not None:
        body = _read_frame(source) or b""
        _limit_cpu(cpu_seconds)
        answer: dict[str, object]
        try:
            answer = {"feed": asdict(parse_feed(body, content_type=content_type.decode()))}
        except NotAFeed as error:
            answer = {"refused": [error.message, error.mend], "is_page": isinstance(error, WebPage)}
        except MemoryError:  # what is left is in pieces: the next document gets another child
            answer = {"refused": [_too_much_memory(memory_mb), _MEND], "is_last": True}
        _write_frame(sink, json.dumps(answer, default=_as_json).encode())


def _limit_memory(megabytes: int) -> None:
    if sys.platform == "win32" or not megabytes:
        return
    import resource

    _set_limit(resource.RLIMIT_AS, megabytes * 2**20)
    _set_limit(resource.RLIMIT_CORE, 0)


def _limit_cpu(seconds: int) -> None:
    """Let this process run for so many seconds more; the system ends it then with SIGXCPU."""
    if sys.platform == "win32" or not seconds:
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _set_limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)


def _set_limit(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(ValueError, OSError):  # a system that refuses a limit still has the one by the clock
        resource.setrlimit(kind, (soft, hard))


# ------------------------------------------------------------------------------------- the wire


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """Give where to write and where to read; `_started` opens both."""
    return cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)


def _write_frame(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def _read_frame(pipe: IO[bytes]) -> bytes | None:
    """Read one frame; None when the other side has ended, or says nonsense."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > _LONGEST_ANSWER:
        return None
    frame = pipe.read(length)
    return frame if len(frame) == length else None


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def _unpacked(told: dict[str, Any]) -> ParsedFeed:
    if "refused" in told:
        message, mend = told["refused"]
        raise (WebPage if told.get("is_page") else NotAFeed)(message, mend=mend)
    feed: dict[str, Any] = told["feed"]
    return ParsedFeed(
        title=feed["title"],
        entries=tuple(_entry(entry) for entry in feed["entries"]),
        language=feed["language"],
        parser=feed["parser"],
        hints=_hints(feed["hints"]),
        notes=tuple(feed["notes"]),
        is_cut=feed["is_cut"],
    )


def _entry(told: dict[str, Any]) -> ParsedEntry:
    published = told.pop("published_at")
    return ParsedEntry(published_at=datetime.fromisoformat(published) if published else None, **told)


def _hints(told: dict[str, Any]) -> PublisherHints:
    ttl = told["ttl"]
    return PublisherHints(
        ttl=timedelta(seconds=ttl) if ttl else None,
        skip_hours=frozenset(told["skip_hours"]),
        skip_days=frozenset(told["skip_days"]),
        hub=told["hub"],
        topic=told["topic"],
    )

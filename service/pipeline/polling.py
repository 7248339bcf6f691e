"""From a due feed to stored deliveries."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from service import failpoints
from service.domain import Fetched, FetchFailed, FetchFailure, ParsedFeed
from service.errors import NotAFeed, StoreUnreachable, WebPage, sentences
from service.health import LEAST_SILENCE, Seen, judge, next_hurry, usual_silence
from service.notify import hold_changes
from service.parse import NeedsPatience
from service.pipeline.telling import Telling
from service.schedule import next_poll_at, out_of_skipped
from service.websub import PushState, tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from service.domain import (
        Entry,
        Feed,
        FetchResult,
        HealthChange,
        Match,
        PublisherHints,
    )
    from service.pipeline.shift import Shift
    from service.store import Batch

    Fetch = Callable[[Feed, datetime], Awaitable[FetchResult]]
    Parse = Callable[[bytes, str], ParsedFeed]


LARGE = 1024 * 1024  # bytes of a document from which on it is read beside the others
MANY = 20_000  # signs of elements, or of attributes, from which on it is, too; publishers write some thousand
GATHER_SECONDS, GATHER_LOOKS = 0.01, 5  # for how long those that are there wait for more, and how often
ENOUGH = 16  # at once, which wait for no more
MOST_WAITING = 128 * LARGE  # of documents to be read beside the others: memory is not without end
LOOK_AGAIN_SECONDS = 2.0  # what has come due meanwhile does not wait for the slowest one
_NO_ROOM = "Too many large documents came at once: this one was not read."
_NO_ROOM_MEND = "It is asked for again; should it stay so, look for a shorter feed on the publisher's site."
log = logging.getLogger("avizor")


@dataclass(frozen=True, slots=True)
class Polled:
    """How one poll ended: `trouble` is empty when it was a feed; `later` entries are not yet published."""

    feed: Feed
    entries: int = 0
    new: int = 0
    matched: int = 0
    later: int = 0
    trouble: str = ""
    notes: tuple[str, ...] = ()
    changes: tuple[HealthChange, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A poll with what was read of it, if anything was."""

    result: FetchResult
    feed: ParsedFeed
    later: int = 0

    @property
    def was_read(self) -> bool:
        """Tell whether this poll brought a document that was read."""
        return self.feed is not _NOTHING

    @property
    def hints(self) -> PublisherHints:
        """Give what the document asks: that of this poll, or the last one read.

        A hub that the HTTP head names goes before that of the document.
        """
        if not self.was_read:
            return self.result.feed.document_hints
        head, own = self.result.hints, self.feed.hints
        if not (head.hub or head.topic):
            return own
        return replace(own, hub=head.hub or own.hub, topic=head.topic or own.topic)

    @property
    def remembered(self) -> FetchResult:
        """Give the answer as it is remembered: one that broke off leaves the validators of the last one.

        With its own, the rest of it would never be asked for.
        """
        result, feed = self.result, self.result.feed
        if not self.feed.is_cut or not isinstance(result, Fetched):
            return result
        url = feed.validators_url or result.url
        return replace(result, etag=feed.etag, last_modified=feed.last_modified, url=url, body_hash="")


@dataclass(frozen=True, slots=True)
class _Stored:
    """What became of one poll: what matched of it, and the known entries whose words were edited."""

    polled: Polled
    matches: list[Match]
    edited: tuple[Entry, ...]


_NOTHING = ParsedFeed(title="", entries=())


class Polling:
    """Polls what is due. `fetch` and `parse` are the ways to the bytes and out of them.

    With `is_replay` the clock stands still in the past, and entries published after it do not
    exist yet.
    """

    def __init__(
        self,
        shift: Shift,
        fetch: Fetch,
        parse: Parse,
        *,
        patient: Parse | None = None,
        at_once: int = 64,
        is_local: bool = False,
        is_replay: bool = False,
    ) -> None:
        """Take the ways in; nothing is opened. `is_local` polls feed files and nothing of the network.

        Documents over which `parse` raises NeedsPatience are read by `patient`, one at a time and beside the
        others, so that a hostile one holds up nobody.
        """
        self._shift = shift
        self._telling = Telling(shift)
        self._fetch = fetch
        self._parse_bytes = parse
        self._patient = patient or parse
        self._patience = asyncio.Lock()
        self._waiting = 0
        self._at_once = at_once
        self._is_local = is_local
        self._is_replay = is_replay

    async def poll_due(self, on_polled: Callable[[Polled], object] = lambda _: None) -> int:
        """Poll every feed that is due, until none is; returns how many polls there were.

        Each feed is stored as soon as it is there, with whatever others are ready at that moment.
        """
        fetching: set[asyncio.Task[FetchResult]] = set()
        reading: set[asyncio.Task[_Parsed]] = set()
        count = 0
        try:
            while True:
                fetching |= await self._ask_due(self._at_once - len(fetching))
                if not fetching and not reading:
                    return count
                done = await _some_done({*fetching, *reading})
                if not done:
                    continue
                failpoints.reach("fetched")
                fetched = [task.result() for task in fetching & done]
                read = [task.result() for task in reading & done]
                fetching, reading = fetching - done, reading - done
                # The next ones are asked while these are stored; those of the same hosts, once they are.
                fetching |= await self._ask_due(self._at_once - len(fetching))
                polls, slow = await asyncio.to_thread(self._take, fetched, read)
                reading |= {asyncio.create_task(self._read_patiently(result)) for result in slow}
                count += len(polls)
                for polled in polls:
                    on_polled(polled)
        finally:
            for task in (*fetching, *reading):
                task.cancel()

    async def _read_patiently(self, result: Fetched) -> _Parsed:
        """Read a document beside the others; what there is no room for is left for its next poll."""
        size = len(result.body)
        if self._waiting + size > MOST_WAITING:
            return _Parsed(
                FetchFailed(result.feed, FetchFailure.TOO_LARGE, _NO_ROOM, _NO_ROOM_MEND), _NOTHING
            )
        self._waiting += size
        try:
            async with self._patience:
                return await asyncio.to_thread(self._parse, result, self._patient)
        finally:
            self._waiting -= size

    def _take(
        self, fetched: Sequence[FetchResult], read: Sequence[_Parsed]
    ) -> tuple[list[Polled], list[Fetched]]:
        """Read and store what can be read at once; gives the polls, and what takes more patience."""
        ready: list[_Parsed] = [*read]
        slow: list[Fetched] = []
        for result in fetched:
            parsed = self._parse_quickly(result)
            if isinstance(parsed, Fetched):
                slow.append(parsed)
            else:
                ready.append(parsed)
        failpoints.reach("parsed")
        return self._record_safely(ready) if ready else [], slow

    def _parse_quickly(self, result: FetchResult) -> _Parsed | Fetched:
        """Read a document; what would take long is given back as it is."""
        if not isinstance(result, Fetched):
            return self._parse(result, self._parse_bytes)
        if is_heavy(result.body):
            return result
        try:
            return self._parse(result, self._parse_bytes)
        except NeedsPatience:
            return result

    async def _ask_due(self, room: int) -> set[asyncio.Task[FetchResult]]:
        """Claim due feeds, no more than there is room for, and begin to fetch them."""
        feeds = await asyncio.to_thread(self._claim, room) if room > 0 else []
        return {asyncio.create_task(_as_coroutine(self._fetch(feed, self._shift.clock()))) for feed in feeds}

    def _claim(self, room: int) -> list[Feed]:
        """Claim due feeds; those that came due before an hour that they name, and are late, are put off."""
        shift, now = self._shift, self._shift.clock()
        feeds = shift.store.feeds.claim_due(
            now, worker=shift.worker, lease=shift.lease, limit=room, local=self._is_local
        )
        later = {feed.id: out_of_skipped(now, feed.document_hints) for feed in feeds if not self._is_local}
        put_off = {number: at for number, at in later.items() if at > now}
        if put_off:
            shift.store.feeds.put_off(put_off)
        return [feed for feed in feeds if feed.id not in put_off]

    def record_polls(self, results: Sequence[FetchResult]) -> list[Polled]:
        """Parse, match, group, plan and store what was fetched, in one transaction."""
        return self._record_safely([self._parse(result, self._parse_bytes) for result in results])

    def _record_safely(self, parsed: Sequence[_Parsed]) -> list[Polled]:
        """Store in one transaction.

        Should that fail, each feed is stored on its own, so that one cannot cost the others; the one
        that cannot be stored is recorded as failed, and its next poll backs off. Where the database cannot
        be written at all, nothing is recorded: the feed is due again when its lease is over.
        """
        try:
            return self._record(parsed)
        except Exception as fault:  # whatever it was, the other feeds of the batch are not to pay for it
            if len(parsed) > 1:
                return [polled for one in parsed for polled in self._record_safely([one])]
            result = parsed[0].result
            if isinstance(result, FetchFailed):
                raise
            if not isinstance(fault, StoreUnreachable):  # which is told with the poll, and is no riddle
                log.exception("%s could not be stored", result.feed.source.url)
            return self._record([_Parsed(_of_our_own(result, "store", fault), _NOTHING)])

    def _record(self, parsed: Sequence[_Parsed]) -> list[Polled]:
        now = self._shift.clock()
        with self._shift.lock, self._shift.store.batch(now) as batch:
            batch.look_up([one.result.feed for one in parsed])
            stored = [self._store_entries(batch, one, now) for one in parsed]
            failpoints.reach("entries-stored")
            grouped = self._shift.grouping.group(
                batch,
                [match for one in stored for match in one.matches],
                hold_changes,
                one_language=self._shift.desk.one_language,
            )
            failpoints.reach("matched")
            edited = [entry for one in stored for entry in one.edited]
            grouping = self._shift.grouping
            for news in (grouped, grouping.correct(batch, edited, now), grouping.withdraw(batch, now)):
                self._telling.store(batch, news, now)
            failpoints.reach("deliveries-stored")
        self._shift.grouping.committed()
        failpoints.reach("poll-committed")
        return [one.polled for one in stored]

    def _parse(self, result: FetchResult, parse: Parse) -> _Parsed:
        """Read a document; raises NeedsPatience where `parse` does, and nothing else."""
        if not isinstance(result, Fetched) or result.body_hash == result.feed.body_hash:
            return _Parsed(result, _NOTHING)
        try:
            parsed = parse(result.body, result.content_type)
        except NeedsPatience:
            raise
        except NotAFeed as fault:
            reason = FetchFailure.WEB_PAGE if isinstance(fault, WebPage) else FetchFailure.NOT_A_FEED
            failed = FetchFailed(result.feed, reason, fault.message, fault.mend)
            return _Parsed(failed, _NOTHING)
        except Exception as fault:
            log.exception("%s could not be read", result.feed.source.url)
            return _Parsed(_of_our_own(result, "read", fault), _NOTHING)
        if not self._is_replay:
            return _Parsed(result, parsed)
        now = self._shift.clock()
        there = tuple(one for one in parsed.entries if one.published_at is None or one.published_at <= now)
        return _Parsed(result, replace(parsed, entries=there), later=len(parsed.entries) - len(there))

    def _store_entries(self, batch: Batch, parsed: _Parsed, now: datetime) -> _Stored:
        result, entries = parsed.result, parsed.feed.entries
        unseen = batch.keep_unseen(result.feed, entries, is_whole=not parsed.feed.is_cut)
        match = self._shift.desk.match
        # Feeds list the newest first; events are told in the order in which things happened.
        seen = sorted((*unseen.new, *unseen.edited), key=lambda entry: (entry.happened_at, entry.id))
        matches = [one for entry in seen for one in match(entry, result.feed)]
        batch.refresh_evidence(unseen.edited, matches)
        look = self._look(batch, parsed, len(unseen.new), now)
        changes = [] if self._is_local else judge(result.feed, result, look, parsed.hints, now=now)
        feed = self._as_it_stands(batch, result, look)
        batch.record_poll(
            parsed.remembered,
            next_poll_at=next_poll_at(
                feed,
                result,
                now=now,
                new_entries=len(unseen.new),
                entry_times=[entry.published_at for entry in entries if entry.published_at],
                ttl_hints=parsed.hints,
                jitter=random.random(),
            ),
            new_entries=len(unseen.new),
            document_hints=parsed.hints if parsed.was_read else None,
            changes=changes,
            hurry=feed.hurry,
        )
        return _Stored(
            Polled(
                feed=result.feed,
                entries=len(entries),
                new=len(unseen.new),
                matched=len({match.entry.id for match in matches}),
                later=parsed.later,
                trouble=sentences(result.words, result.mend) if isinstance(result, FetchFailed) else "",
                notes=parsed.feed.notes,
                changes=tuple(changes),
            ),
            matches,
            unseen.edited,
        )

    def _as_it_stands(self, batch: Batch, result: FetchResult, seen: Seen) -> Feed:
        """Give the feed with what this poll says of its hurry and of its hub."""
        feed = result.feed
        if isinstance(result, FetchFailed):
            return feed
        push = batch.judge_push(feed, seen.new)
        if push is not None and push.state is PushState.DEAD:
            log.warning("%s: %s", feed.source.outlet, tell(push, self._shift.clock()).words)
            feed = replace(feed, pushed_until=None)
        hurry = next_hurry(feed, seen)
        return feed if hurry == feed.hurry else replace(feed, hurry=hurry)

    def _look(self, batch: Batch, parsed: _Parsed, new: int, now: datetime) -> Seen:
        """Say what a poll showed; how long the feed is usually silent is looked up only where it is."""
        result, entries = parsed.result, len(parsed.feed.entries)
        since = result.feed.last_entry_at
        is_quiet = not new and since is not None and now - since > LEAST_SILENCE
        if not is_quiet or isinstance(result, FetchFailed) or self._is_replay:
            return Seen(entries, new)
        times = batch.entry_times(result.feed)
        return Seen(entries, new, times[0] if times else None, usual_silence(times))


def _of_our_own(result: FetchResult, verb: str, fault: Exception) -> FetchFailed:
    """Say that it was not the publisher's fault."""
    if isinstance(fault, StoreUnreachable):
        words = f"Avizor could not {verb} what this feed brought ({fault.message})."
        return FetchFailed(result.feed, FetchFailure.NOT_STORED, words, fault.mend)
    words = f"Avizor could not {verb} what this feed brought ({type(fault).__name__})."
    return FetchFailed(result.feed, FetchFailure.INTERNAL, words, "The log says more; please report it.")


def is_heavy(body: bytes) -> bool:
    """Tell whether a document is to be read beside the others, which would wait for it."""
    return len(body) > LARGE or body.count(b"<") > MANY or body.count(b"=") > MANY


async def _some_done(tasks: set[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    """Wait for the first to end, and a moment for more: fifty polls cost little more to store than one."""
    await asyncio.wait(tasks, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(GATHER_LOOKS):
        if sum(task.done() for task in tasks) >= min(ENOUGH, len(tasks)):
            break
        await asyncio.sleep(GATHER_SECONDS)
    return {task for task in tasks if task.done()}


async def _as_coroutine(awaitable: Awaitable[FetchResult]) -> FetchResult:
    return await awaitable

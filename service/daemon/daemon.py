"""The long-running service: a few interval jobs over due times, the pages, and a clean end.

APScheduler runs the jobs. Each looks at due times in the store and goes home when nothing is due; none
of them is a second truth beside it. The scheduler reckons by the wall clock and would be silent for as
long as that clock is set back (measured with APScheduler 3.11), so a watch on the monotonic clock
wakes it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from service.daemon.door import bind, make_server
from service.errors import SettingsError, StoreUnreachable
from service.match import Matcher
from service.pipeline import Correcting
from service.pulse import Pulse
from service.roles import SEEN_WITHIN, Role, has_job, has_pages, missing
from service.watchlists import FolderWatch, checkout_stamp, find_commits
from service.web import Chats, Health, View, create_app, make_access, public_host
from service.wiring import (
    Drafts,
    FeedAdding,
    address_policy,
    make_desk,
    make_rematching,
    make_roll,
    make_shift,
    open_pipeline,
    open_store,
    read_in_force,
    real_clock,
    send_to,
    settled,
    sync_store,
    take_over,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    import uvicorn

    from service.config import Environment, Settings
    from service.pipeline import Polled
    from service.store import Store
    from service.wiring import Files, Pipeline

log = logging.getLogger("avizor")

_NOBODY = "no process has been seen at this work for a minute"
POLL_SECONDS = 5
PUSH_SECONDS = 15
DELIVER_SECONDS = 2
MESSAGE_SECONDS = 3
REPORT_SECONDS = 30
SILENCE_SECONDS = 60
RELOAD_SECONDS = 0.5  # a change is read at the second look that sees it: in force within 2 s
ARCHIVE_SECONDS = 1
INDEX_SECONDS = 5
INDEXED_AT_ONCE, INDEX_PAUSE = 500, 0.1  # polls get their turn in between
COMMIT_SECONDS = 5
SPIKE_SECONDS = 30
PRESENCE_SECONDS = 10
PROGRESS_SECONDS = 10
CLOCK_WATCH_SECONDS = 10
FREE_BYTES = 50_000_000  # below this a database cannot be trusted to take the next write
STOP_SECONDS = 25  # running sends get this long; the promise is an end within 30 s


class Daemon:
    """The service while it runs: one pipeline, the jobs over it, and what is in force."""

    def __init__(
        self,
        settings: Settings,
        environment: Environment,
        store: Store,
        files: Files,
        watch: FolderWatch,
        role: Role = Role.ALL,
    ) -> None:
        """Take the open store, the files as first read, the watch that was set before, and what to do."""
        self._role = role
        self._settings = settings
        self._environment = environment
        self._store = store
        self._files = files
        self._matcher = Matcher([])
        self._watch = watch
        self._asked_git: tuple[int, Files] | None = None
        self.pulse = Pulse()
        self._jobs: dict[str, asyncio.Lock] = {}
        self._stop = asyncio.Event()
        self.has_cut_off = False

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; sends under way are waited for, at most 25 seconds.

        Raises SettingsError when the port is taken.
        """
        if has_pages(self._role):
            self._settings.check_access()
        door = bind(self._settings.host, self._settings.port) if has_pages(self._role) else None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        if taken := take_over(self._store):
            log.info("%d deliveries were under way when the last process ended; they go on now", taken)
        desk = make_desk(self._files, self._matcher)
        async with open_pipeline(
            self._settings,
            self._store,
            desk,
            secret=self._environment.secret,
            window=timedelta(seconds=self._settings.grouping_window),
        ) as pipeline:
            scheduler = self._scheduler(pipeline)
            scheduler.start()
            watching = asyncio.create_task(self._watch_clock(scheduler))
            async with self._open_pages(door):
                await self._stop.wait()
                log.info("stopping: sends that are under way are waited for")
                pipeline.delivering.stop()
                await self._settle()
                self.has_cut_off = pipeline.delivering.is_busy
                watching.cancel()
                scheduler.shutdown(wait=False)
            try:
                self._store.workers.leave(pipeline.shift.worker)
            except StoreUnreachable as fault:  # its leases run out by themselves
                log.warning("the end of this process could not be noted: %s", fault)

    @asynccontextmanager
    async def _open_pages(self, door: socket.socket | None) -> AsyncIterator[None]:
        """Serve the pages meanwhile, where there is a door; should they end, so does all the rest."""
        if door is None:
            yield
            return
        server = self._server()
        serving = asyncio.create_task(server.serve(sockets=[door]))
        serving.add_done_callback(lambda _: self._stop.set())
        log.info("pages on http://%s:%d", *door.getsockname()[:2])
        try:
            yield
        finally:
            server.should_exit = True
            await serving

    def _scheduler(self, pipeline: Pipeline) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        jobs: tuple[tuple[str, float, Callable[[], Awaitable[object]]], ...] = (
            ("poll", POLL_SECONDS, lambda: pipeline.polling.poll_due(self._note_polled)),
            ("push", PUSH_SECONDS, pipeline.pushing.ask_due),
            ("deliver", DELIVER_SECONDS, lambda: pipeline.delivering.deliver_due(self._note_delivered)),
            ("signups", MESSAGE_SECONDS, lambda: asyncio.to_thread(pipeline.admitting.admit_due)),
            ("waking", MESSAGE_SECONDS, lambda: asyncio.to_thread(pipeline.waking.wake_due)),
            ("reports", REPORT_SECONDS, lambda: asyncio.to_thread(pipeline.reporting.make_reports)),
            ("silences", SILENCE_SECONDS, lambda: asyncio.to_thread(pipeline.silences.say_due)),
            ("reload", RELOAD_SECONDS, lambda: self._reload(pipeline)),
            ("archive", ARCHIVE_SECONDS, lambda: asyncio.to_thread(self._rematch, pipeline)),
            ("index", INDEX_SECONDS, lambda: asyncio.to_thread(self._index_words)),
            ("commits", COMMIT_SECONDS, lambda: asyncio.to_thread(self._note_commits)),
            ("spikes", SPIKE_SECONDS, lambda: asyncio.to_thread(pipeline.spiking.find_due)),
            ("presence", PRESENCE_SECONDS, lambda: asyncio.to_thread(self._note_presence, pipeline)),
        )
        for name, seconds, step in jobs:
            if not has_job(self._role, name):
                continue
            self.pulse.beat(name)
            scheduler.add_job(
                self._guarded,
                "interval",
                args=(name, step),
                seconds=seconds,
                id=name,
                next_run_time=real_clock(),
            )
        return scheduler

    async def _guarded(self, name: str, step: Callable[[], Awaitable[object]]) -> None:
        """Run one round of a job; a fault is logged and shown, and the next round comes all the same."""
        if self._stop.is_set():
            return
        async with self._jobs.setdefault(name, asyncio.Lock()):
            try:
                await step()
            except asyncio.CancelledError:
                if not self._stop.is_set():
                    raise
                log.info("%s: this round was ended; the next start goes on where it was", name)
            except Exception as fault:  # the loop that must not end: whatever went wrong is named
                self.pulse.note_fault(name, fault)
                log.exception("%s: this round failed; the next one comes in a few seconds", name)
            else:
                self.pulse.beat(name)

    async def _settle(self) -> None:
        """Wait for sends under way, as long as the promise allows; polls are repeated, not waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._jobs.setdefault("deliver", asyncio.Lock()):
                return

    async def _watch_clock(self, scheduler: AsyncIOScheduler) -> None:
        """Wake the scheduler when the wall clock was set back and it would sleep until it is made up."""
        while True:
            before_wall, before = time.time(), time.monotonic()
            await asyncio.sleep(CLOCK_WATCH_SECONDS)
            drift = (time.time() - before_wall) - (time.monotonic() - before)
            if drift < -POLL_SECONDS:
                log.warning("the clock was set back by %.0f seconds; the jobs go on", -drift)
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=real_clock())

    async def _reload(self, pipeline: Pipeline) -> None:
        """Load the files again when one was saved; a file that is refused stays as it was."""
        if not await asyncio.to_thread(self._watch.is_due, time.monotonic()):
            return
        files = await asyncio.to_thread(read_in_force, self._store, self._environment, self._settings)
        if await asyncio.to_thread(self._watch.has_moved, time.monotonic()):
            return
        await asyncio.to_thread(self._swap, pipeline, files)
        self._watch.take(files.problems)
        for line in files.problems:
            log.warning("%s", line)
        log.info("the watchlist files were read again")

    def _swap(self, pipeline: Pipeline, files: Files) -> None:
        """Put files in force: in the store and at the desk, with no poll recorded in between."""
        with pipeline.shift.lock:
            sync_store(self._store, files, files.followed_sources, real_clock())
            pipeline.shift.desk, self._files = make_desk(files, self._matcher), files

    def _rematch(self, pipeline: Pipeline) -> None:
        """Match stored entries against the watchlists that were changed; cut short, it begins anew."""
        files = self._files
        rematching = make_rematching(pipeline.shift, files)
        if rematching is None:
            return
        total, done, said_at = rematching.count(), 0, time.monotonic()

        def note(entries: int) -> None:
            nonlocal done, said_at
            done += entries
            self.pulse.beat("archive")
            if time.monotonic() - said_at > PROGRESS_SECONDS:
                said_at = time.monotonic()
                log.info("%s: %d of %d stored articles searched", rematching.names, done, total)

        found = rematching.run(note, is_over=lambda: self._stop.is_set() or self._files is not files)
        if done and found is not None:
            log.info("%s: %d stored articles searched, %d found later", rematching.names, done, found)

    def _index_words(self) -> None:
        """Index the words of entries that were stored before there was an index."""
        done, said_at = 0, time.monotonic()
        while not self._stop.is_set() and (indexed := self._store.words.index_some(INDEXED_AT_ONCE)):
            done += indexed
            self.pulse.beat("index")
            if time.monotonic() - said_at > PROGRESS_SECONDS:
                said_at = time.monotonic()
                log.info("%d stored articles made ready to be searched", done)
            time.sleep(INDEX_PAUSE)
        if done:
            log.info("stored articles can be searched: %d made ready", done)

    def _note_commits(self) -> None:
        """Note which commits wrote the versions in force, when files or the checkout have changed."""
        folder = self._settings.watchlists
        asked = checkout_stamp(folder), self._files
        if asked == self._asked_git:
            return
        unknown = [version for version in self._store.versions.list_in_force() if not version.commit]
        commits = find_commits(folder, unknown)
        for version in unknown:
            if version.file in commits:
                self._store.versions.note_commit(version, commits[version.file])
        self._asked_git = asked

    def _note_presence(self, pipeline: Pipeline) -> None:
        self._store.workers.beat(pipeline.shift.worker, self._role.value, real_clock())

    def _note_polled(self, polled: Polled) -> None:
        self.pulse.beat("poll")
        _log_polled(polled)

    def _note_delivered(self) -> None:
        self.pulse.beat("deliver")

    def _server(self) -> uvicorn.Server:
        view = View(
            store=self._store,
            problems=lambda: self._files.problems,
            health=self.health,
            timezone=self._settings.timezone,
            clock=real_clock,
            correct=lambda by: Correcting(
                make_shift(self._settings, self._store, make_desk(self._files)), by
            ),
            public_host=public_host(self._settings),
            can_mail=bool(self._settings.smtp_url and self._settings.pages_url),
            # Without it, messages would have no link by which to leave.
            chats=Chats(self._settings.bot, address_policy(self._settings).is_allowed)
            if self._settings.pages_url
            else None,
            watchlists=lambda: self._files.watchlists,
            roll=lambda: make_roll(self._files),
            send_test=lambda channel: send_to(self._settings, self._files, channel),
            window=timedelta(seconds=self._settings.grouping_window),
            access=make_access(self._settings),
            base_url=self._settings.public_url.rstrip("/"),
            drafts=Drafts(self._settings.watchlists, self._store, lambda: self._files.watchlists, real_clock),
            adding=FeedAdding(self._settings, self._environment.secret, lambda: self._files),
        )
        return make_server(create_app(view), self._settings)

    def health(self) -> Health:
        """Tell whether every job comes round and the disk has room."""
        checks = {job: self.pulse.say(job) for job in self.pulse.beats}
        checks |= {role.value: _NOBODY for role in self._missing_roles()}
        checks["disk"] = _disk(self._settings.data_dir)
        counts = self._store.counts.count_feeds()
        sources = f"{counts.get('healthy', 0)} of {sum(counts.values())} feeds answer"
        return Health(ok=all(check == "ok" for check in checks.values()), checks=checks, sources=sources)

    def _missing_roles(self) -> list[Role]:
        """Give the roles of the other processes whose work nobody does."""
        if self._role is Role.ALL:
            return []
        seen = self._store.workers.list_roles(real_clock() - SEEN_WITHIN)
        return missing([Role(role) for role in seen])


async def serve(settings: Settings, environment: Environment, role: Role = Role.ALL) -> None:
    """Run the service, or the part of it that `role` says. Raises AvizorError when it cannot start."""
    with open_store(settings, exclusive=True) as store:
        if role is not Role.ALL and not store.is_shared:
            raise SettingsError(
                "several processes can share the work on PostgreSQL only",
                resource="--role",
                mend="Set AVIZOR_DATABASE_URL to a PostgreSQL database, or run without --role.",
            )
        watch = FolderWatch(settings.watchlists)
        files = read_in_force(store, environment, settings)
        watch.take(files.problems)
        for line in files.problems:
            log.warning("%s", line)
        sync_store(store, files, files.followed_sources, real_clock())
        counts = len(files.watchlists), len(files.followed_sources), len(files.channels)
        log.info("%d watchlists, %d feeds, %d channels", *counts)
        daemon = Daemon(settings, environment, store, files, watch, role)
        with settled():
            await daemon.run()
    if daemon.has_cut_off:
        # What is still in a worker thread now hangs in its mail server. Nothing of it is lost: the
        # outbox knows, and the next start goes on. Waiting for it would break the promise of an end.
        log.warning("sends that did not end in time are repeated at the next start")
        logging.shutdown()
        os._exit(0)


def _log_polled(polled: Polled) -> None:
    """Log what is new: entries, the first failure of a feed, and what begins to ail it or is over."""
    outlet = polled.feed.source.outlet
    for change in polled.changes:
        level = logging.INFO if change.is_over else logging.WARNING
        log.log(
            level, "%s: %s%s", outlet, "" if change.is_over else f"{change.ailment.value}: ", change.words
        )
    if polled.trouble and not polled.feed.failures and not polled.changes:
        log.warning("%s: %s", outlet, polled.trouble)
    elif polled.new:
        log.info("%s: %d new entries, %d matched", outlet, polled.new, polled.matched)


def _disk(folder: Path) -> str:
    free = shutil.disk_usage(folder if folder.exists() else ".").free
    return "ok" if free > FREE_BYTES else f"only {free // 1_000_000} MB are free"

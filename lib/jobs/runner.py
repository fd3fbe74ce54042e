"""One runner for all long work: threads, progress, pause, cancel, and results that a refreshed page finds again."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from lib.errors import Cancelled, ToolkitError
from lib.jobs.pace import Pace

JobState = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
Work = Callable[["Job"], Any]

_KEPT = 200
"""Finished jobs kept for pages that still want to show them."""

_log = logging.getLogger(__name__)


class Paused(Exception):
    """Raised by a worker that has put its work down, to be taken up again."""


class Job:
    """One piece of work. The worker reports through it, pages read from it.

    `run_id`: the work is the run of that id in the ledger. It may be paused and run again, and then does only what is
    left to do.
    """

    def __init__(self, owner: str, key: Hashable, title: str, work: Work, *, run_id: str = "") -> None:
        self.id = run_id or uuid.uuid4().hex
        self.owner = owner
        self.key = key
        self.title = title
        self.can_pause = bool(run_id)
        self.state: JobState = "queued"
        self.done = 0
        self.total = 0
        self.result: Any = None
        self.error: ToolkitError | None = None
        self.waits_for_a_choice = False
        """It has ended without doing what was asked, since something has to be chosen first."""
        self.failures: list[tuple[str, str]] = []
        """(item, reason) of each item that failed so far."""
        self.work: Work | None = work
        """Kept for as long as it may be taken up again: it may hold a key, or much memory."""
        self._pace = Pace()
        self._started = time.monotonic()
        self._ended: float | None = None
        self._cancel = threading.Event()
        self._pause = threading.Event()
        self._finished = threading.Event()

    def advance(self, done: int, total: int) -> None:
        """Report progress, in items."""
        self.done, self.total = done, total
        self._pace.note(done)

    def cancel(self) -> None:
        """Ask the worker to stop at its next item."""
        self._cancel.set()

    def pause(self) -> None:
        """Ask the worker to put its work down at its next item. Only where the job can be taken up again."""
        if self.can_pause:
            self._pause.set()

    def is_cancelled(self) -> bool:
        return self._cancel.is_set()

    def is_stopping(self) -> bool:
        """True once the worker was asked to stop, for good or for a while."""
        return self._cancel.is_set() or self._pause.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled once `cancel` was called, Paused once `pause` was."""
        if self._cancel.is_set():
            raise Cancelled(f"{self.title} was stopped.", "What was finished before is kept.")
        if self._pause.is_set():
            raise Paused

    @property
    def is_active(self) -> bool:
        return self.state in ("queued", "running")

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1; 0.0 while that cannot be told."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the job was asked for, or that it took in all."""
        return (self._ended or time.monotonic()) - self._started

    @property
    def rate(self) -> float:
        """Items a second over the last minute; 0.0 while that cannot be told."""
        return self._pace.rate

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at this pace; None while that cannot be told."""
        return self._pace.seconds_left(self.total - self.done)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job has ended or was put down; False when `timeout` seconds passed first."""
        return self._finished.wait(timeout)

    def run(self) -> None:
        """Do the work and settle the state. Called by the runner, in its thread."""
        self.state = "running"
        try:
            assert self.work is not None
            if not self.can_pause:
                self.raise_if_cancelled()
            self.result = self.work(self)
            self._end("done")
        except Paused:
            self._end("paused")
        except Cancelled as error:
            self.error = error
            self._end("cancelled")
        except ToolkitError as error:
            self.error = error
            self._end("failed")
        except Exception as error:  # noqa: BLE001 - a bug in one job must not end the runner's thread
            incident = uuid.uuid4().hex[:8]
            _log.error("job %s failed, incident %s", self.title, incident, exc_info=error)
            self.error = ToolkitError(
                f"{self.title} stopped because of a fault in this program.",
                f"What was finished is kept. Error id {incident}: the administrator finds it in the server's log.",
            )
            self._end("failed")

    def _end(self, state: JobState) -> None:
        self._ended = time.monotonic()
        if not self.can_pause or (state == "done" and not self.failures):
            self.work = None
        self.state = state
        self._finished.set()


class JobRunner:
    """Starts jobs and finds them again by owner and key. One for the whole server."""

    def __init__(self, workers: int = 24) -> None:
        # A refresh opens a new session, so the runner belongs to the server and not to a session.
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, Hashable], Job] = {}

    def submit(self, owner: str, key: Hashable, title: str, work: Work, *, run_id: str = "") -> Job:
        """Start `work`, or attach to the job of the same owner and key that is still running. `run_id` as for a `Job`.

        One that was asked to stop is left to end by itself, and another begins.
        """
        with self._lock:
            known = self._jobs.get((owner, key))
            if known is not None and known.is_active and not known.is_cancelled():
                return known
            job = Job(owner, key, title, work, run_id=run_id)
            self._jobs.pop((owner, key), None)
            self._jobs[owner, key] = job
            self._forget_oldest()
        self._pool.submit(job.run)
        return job

    def find(self, owner: str, key: Hashable) -> Job | None:
        """The latest job of that owner under that key, running or ended."""
        with self._lock:
            return self._jobs.get((owner, key))

    def forget(self, owner: str, key: Hashable) -> None:
        """Drop a job and its result; a running one is asked to stop."""
        with self._lock:
            job = self._jobs.pop((owner, key), None)
        if job is not None:
            job.cancel()

    def of(self, owner: str) -> list[Job]:
        """All jobs of an owner, the oldest first."""
        with self._lock:
            return [job for (who, _), job in self._jobs.items() if who == owner]

    def active(self) -> list[Job]:
        """What goes on for whomever, the oldest first."""
        with self._lock:
            return [job for job in self._jobs.values() if job.is_active]

    def _forget_oldest(self) -> None:
        finished = [place for place, job in self._jobs.items() if not job.is_active]
        for place in finished[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[place]

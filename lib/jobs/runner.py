"""One runner for all long work: threads, progress, cancel, and results that a refreshed page finds again."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from lib.errors import Cancelled, ToolkitError

JobState = Literal["queued", "running", "done", "failed", "cancelled"]

_KEPT = 200
"""Finished jobs kept for pages that still want to show them."""

_log = logging.getLogger(__name__)


class Job:
    """One piece of work. The worker reports through it, pages read from it."""

    def __init__(self, owner: str, key: str, title: str) -> None:
        self.id = uuid.uuid4().hex
        self.owner = owner
        self.key = key
        self.title = title
        self.state: JobState = "queued"
        self.done = 0
        self.total = 0
        self.result: Any = None
        self.error: ToolkitError | None = None
        self._started = time.monotonic()
        self._ended: float | None = None
        self._cancel = threading.Event()
        self._finished = threading.Event()

    def advance(self, done: int, total: int) -> None:
        """Report progress, in items."""
        self.done, self.total = done, total

    def cancel(self) -> None:
        """Ask the worker to stop at its next item."""
        self._cancel.set()

    def is_cancelled(self) -> bool:
        return self._cancel.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled once `cancel` was called."""
        if self._cancel.is_set():
            raise Cancelled(f"{self.title} was stopped.", "What was finished before is kept.")

    @property
    def is_active(self) -> bool:
        return self.state in ("queued", "running")

    @property
    def seconds(self) -> float:
        """Seconds since the job was asked for, or that it took in all."""
        return (self._ended or time.monotonic()) - self._started

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job has ended; False when `timeout` seconds passed first."""
        return self._finished.wait(timeout)

    def run(self, work: Callable[[Job], Any]) -> None:
        """Do the work and settle the state. Called by the runner, in its thread."""
        self.state = "running"
        try:
            self.raise_if_cancelled()
            self.result = work(self)
            self._end("done")
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
                f"Nothing was changed. Error id {incident}: the administrator finds it in the server's log.",
            )
            self._end("failed")

    def _end(self, state: JobState) -> None:
        self._ended = time.monotonic()
        self.state = state
        self._finished.set()


class JobRunner:
    """Starts jobs and finds them again by owner and key. One for the whole server."""

    def __init__(self, workers: int = 8) -> None:
        # A refresh opens a new session, so the runner belongs to the server and not to a session.
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, str], Job] = {}

    def submit(self, owner: str, key: str, title: str, work: Callable[[Job], Any]) -> Job:
        """Start `work`, or attach to the job of the same owner and key that is still running.

        One that was asked to stop is left to end by itself, and another begins.
        """
        with self._lock:
            known = self._jobs.get((owner, key))
            if known is not None and known.is_active and not known.is_cancelled():
                return known
            job = Job(owner, key, title)
            self._jobs.pop((owner, key), None)
            self._jobs[owner, key] = job
            self._forget_oldest()
        self._pool.submit(job.run, work)
        return job

    def find(self, owner: str, key: str) -> Job | None:
        """The latest job of that owner under that key, running or ended."""
        with self._lock:
            return self._jobs.get((owner, key))

    def forget(self, owner: str, key: str) -> None:
        """Drop a job and its result; a running one is asked to stop."""
        with self._lock:
            job = self._jobs.pop((owner, key), None)
        if job is not None:
            job.cancel()

    def of(self, owner: str) -> list[Job]:
        """All jobs of an owner, the oldest first."""
        with self._lock:
            return [job for (who, _), job in self._jobs.items() if who == owner]

    def _forget_oldest(self) -> None:
        finished = [place for place, job in self._jobs.items() if not job.is_active]
        for place in finished[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[place]

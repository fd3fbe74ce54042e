"""Work in the background: known by a key of a type, started, found again after a refresh, let go."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from lib import cache
from lib.jobs.runner import Job, JobRunner, Work

SOON = 0.6
"""Seconds that a click waits for its answer before the page shows that work goes on."""

SERVER = "server"
"""The owner of work that is nobody's own, such as loading a model."""


@dataclass(frozen=True, slots=True)
class JobKey:
    """What a piece of work is known by.

    `place`: the folder or the address that it is about. `detail`: what tells it from other work of that kind there.
    """

    kind: str
    owner: str
    place: Path | str = ""
    detail: Hashable = None
    unasked: bool = False
    """Nobody waits for it, so it never holds up what somebody does."""

    def is_about(self, other: JobKey) -> bool:
        """True for work of the same kind, owner and place, whatever its detail."""
        return (self.kind, self.owner, self.place) == (other.kind, other.owner, other.place)


def start(key: JobKey, title: str, work: Work, *, wait: float = 0.0, run_id: str = "") -> Job:
    """Start work, or join what goes on under that key; waits for it, at most so many seconds.

    `run_id`: it is that run of the ledger, which can be paused and taken up again.
    """
    job = _runner(key).submit(key.owner, key, title, work, run_id=run_id)
    job.wait(wait)
    return job


def start_anew(key: JobKey, title: str, work: Work, *, wait: float = SOON) -> Job:
    """Start work in the place of an earlier one of that key, which is stopped."""
    forget(key)
    return start(key, title, work, wait=wait)


def find(key: JobKey) -> Job | None:
    """The latest work under a key, running or ended."""
    return _runner(key).find(key.owner, key)


def newest(key: JobKey) -> Job | None:
    """The latest work of a kind in a place, running or ended, whatever its detail."""
    return next(reversed(all_about(key)), None)


def all_about(key: JobKey) -> list[Job]:
    """All work of a kind in a place, whatever its detail, the oldest first."""
    return [job for job in _runner(key).of(key.owner) if isinstance(job.key, JobKey) and job.key.is_about(key)]


def forget(key: JobKey) -> None:
    """Let go of work and its result; what is running is stopped."""
    _runner(key).forget(key.owner, key)


def forget_ended(key: JobKey) -> None:
    """Let go of what has ended of a kind in a place; what is running goes on."""
    for job in all_about(key):
        if not job.is_active:
            forget(key_of(job))


def kept_here(job: Job | None) -> Job | None:
    """Work that one session alone asks for. Once ended, the session alone keeps it, for as long as it lasts."""
    if job is not None and not job.is_active:
        forget(key_of(job))
    return job


def key_of(job: Job) -> JobKey:
    """What work that was started from a page is known by."""
    assert isinstance(job.key, JobKey)
    return job.key


def _runner(key: JobKey) -> JobRunner:
    return cache.background_runner() if key.unasked else cache.job_runner()

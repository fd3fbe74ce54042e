"""Work whose page one has left: when it ends, that is told once and in passing, wherever one is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from app.session.jobs import JobKey
from app.session.state import AppState, RoomState
from lib import cache
from lib.jobs.runner import Job

_PAGES = {"captions": "bulk_ops", "import": "export", "export": "export", "push": "export"}
"""Where it is seen what came of it, by the kind of work."""


@dataclass
class SeenWork(RoomState):
    """The work that this tab has seen going on."""

    going_on: set[str] = field(default_factory=set)

    def after_opening(self, *, is_other: bool) -> Self:
        """It goes on whatever is opened."""
        return self


def tell_what_ended(state: AppState, page: str) -> None:
    """Say what has ended since the page ran last, but for what the page itself shows."""
    seen, known = state.of(SeenWork), set[str]()
    for job in cache.job_runner().of(state.owner):
        place = _PAGES.get(job.key.kind) if isinstance(job.key, JobKey) else None
        if place is None:
            continue
        if job.is_active:
            known.add(job.id)
        elif job.id in seen.going_on and place != page:
            _tell(state, job)
    seen.going_on = known


def _tell(state: AppState, job: Job) -> None:
    """Nothing of what was stopped by hand."""
    if job.state == "failed":
        state.note(f"Stopped early: {job.title}")
    elif job.state == "done" and job.waits_for_a_choice:
        state.note(f"{job.title}: something is to be chosen first")
    elif job.state == "done" and job.failures:
        state.note(f"Ended: {job.title}. {len(job.failures):,} failed")
    elif job.state == "done":
        state.done(f"Done: {job.title}")

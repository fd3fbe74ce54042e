"""The tags of the open folder with their counts, counted in the background."""

from __future__ import annotations

from app.session.jobs import JobKey, start
from app.session.state import AppState
from lib import cache
from lib.dataset.base import Dataset
from lib.jobs.runner import Job
from lib.words import Vocabulary


def vocabulary(state: AppState, dataset: Dataset) -> tuple[Vocabulary, Job | None]:
    """The folder's tag counts, and the job that is still counting (None once they are right)."""
    counts = cache.vocabulary(dataset.root, dataset.recursive, dataset.suffix)
    if not counts.must_recount(dataset):
        counts.refresh(dataset)
        return counts, None
    key = JobKey("count tags", state.owner, dataset.root, id(dataset), unasked=True)
    job = start(key, "Counting tags", lambda _: counts.refresh(dataset))
    return counts, job if job.is_active else None

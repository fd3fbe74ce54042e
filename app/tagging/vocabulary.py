"""The tags of the open folder with their counts, counted in the background; those that fit what is typed."""

from __future__ import annotations

from app.elements.caption_editor import Completion, asked_for
from app.samples.editing import EDITOR_KEY
from app.session.jobs import JobKey, start
from app.session.state import AppState
from lib import cache
from lib.dataset.base import Dataset
from lib.jobs.runner import Job
from lib.words import Vocabulary

_AT_ONCE = 300
"""Tags that each run of the page brings the browser. More are asked for."""
_MORE = 60
_WAITS_S = 0.05
"""How long a page waits while another one counts. What changed last then shows in its next run."""


def vocabulary(state: AppState, dataset: Dataset) -> tuple[Vocabulary, Job | None]:
    """The folder's tag counts, and the job that is still counting (None once they are right)."""
    counts = cache.vocabulary(dataset.root, dataset.recursive, dataset.suffix)
    if not counts.must_recount(dataset):
        counts.refresh(dataset, within=_WAITS_S)
        return counts, None
    key = JobKey("count tags", state.owner, dataset.root, id(dataset), unasked=True)
    job = start(key, "Counting tags", lambda _: counts.refresh(dataset))
    return counts, job if job.is_active else None


def completion(vocabulary: Vocabulary) -> Completion:
    """The tags to complete a typed one from; none where captions are sentences."""
    if vocabulary.kind != "tags":
        return Completion()
    part = asked_for(EDITOR_KEY)
    more = (part, vocabulary.top(_MORE, part)) if part else None
    return Completion(vocabulary.top(_AT_ONCE), vocabulary.distinct <= _AT_ONCE, more)

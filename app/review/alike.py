"""The pictures most like one, by the vectors that the review has made."""

from __future__ import annotations

from app.review.state import NOT_OF_ROWS, Reviewed, ReviewState
from app.session.jobs import JobKey, find, start
from app.session.open_dataset import is_table, opened
from app.session.state import AppState
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.review.find import MeaningIndex, meaning_index
from lib.review.samples import ReviewSamples

_MOST = 12
_NOT_YET = "Pictures are compared once they have been measured: press Measure all."


def find_alike(state: AppState, name: str) -> list[str] | str:
    """The names of the most alike, the nearest first; a sentence where they are not known."""
    page = state.of(ReviewState)
    reviewed = page.reviewed
    if is_table(state):
        return NOT_OF_ROWS
    if reviewed is None or "agreement" not in reviewed.review.checks:
        return _NOT_YET
    if (why := reviewed.review.failed.get("agreement")) is not None:
        return why
    job = index_job(state, reviewed)
    if job.error is not None:
        return f"{job.error.message} {job.error.hint}".strip()
    if not isinstance(job.result, MeaningIndex):
        return "Pictures are being compared …"
    try:
        return [one.image for one in job.result.like(name, top=_MOST)]
    except InvalidInput as error:
        return error.message


def index_job(state: AppState, reviewed: Reviewed) -> Job:
    """What brings the vectors of a review into memory."""
    key = JobKey("review alike", state.owner, opened(state)[0].root, state.of(ReviewState).shown)
    samples: ReviewSamples = reviewed.samples
    return find(key) or start(key, "Comparing pictures", lambda job: meaning_index(samples, job), wait=2)

"""What the page shows after an edit, a mending or an undo: what captions tell is measured again at once."""

from __future__ import annotations

from collections.abc import Sequence

from app.review.state import Changed, Reviewed, ReviewState
from app.session.jobs import SOON, JobKey, forget, key_of, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.domain import ImageRecord
from lib.jobs.runner import Job
from lib.review.amending import Amended, Amendments, is_as_seen


def amend(state: AppState) -> Job | None:
    """Bring the findings up to the captions as they are; gives the work that goes on, where it takes longer."""
    page = state.of(ReviewState)
    dataset, _ = opened(state)
    if page.reviewed is None or (amendments := page.reviewed.amendments) is None:
        return None
    if page.up_to == (dataset, dataset.version, page.shown):
        return None
    version, now = dataset.version, _records(state, page)
    changed = _changed(page.reviewed, now)
    if not changed:
        page.stand_as_reviewed()
    if changed == page.changed:
        page.up_to = (dataset, version, page.shown)
        return None
    job = _begin(state, page.reviewed, amendments, now, changed)
    if isinstance(job.result, Amended):
        page.stand(job.result, changed)
        page.up_to = (dataset, version, page.shown)
        forget(key_of(job))
    return job if job.is_active else None


def _records(state: AppState, page: ReviewState) -> list[ImageRecord]:
    """The images that were reviewed and are there: by this review, or by an earlier one and brought back."""
    dataset, _ = opened(state)
    reviews = [one for one in (page.reviewed, *page.earlier) if one is not None]
    names = dict.fromkeys(name for one in reviews for name in one.texts)
    return [record for name in names if (record := dataset.get(name)) is not None]


def _changed(reviewed: Reviewed, now: Sequence[ImageRecord]) -> Changed:
    """What is not as it was reviewed: images with another caption or new ones, and the names of those that are gone."""
    samples = reviewed.samples
    here = {record.name for record in now}
    others = [one for one in now if not is_as_seen(samples, one)]
    return (*others, *(name for name in reviewed.texts if name not in here))


def _begin(
    state: AppState, reviewed: Reviewed, amendments: Amendments, now: list[ImageRecord], changed: Changed
) -> Job:
    page = state.of(ReviewState)
    earlier = [(one.review, one.samples) for one in page.earlier]

    def work(job: Job) -> Amended:
        return amendments.of(reviewed.review, now, earlier, job)

    key = JobKey("review amend", state.owner, opened(state)[0].root, (page.shown, changed))
    return start(key, "Measuring what was edited", work, wait=SOON)

"""A review of the images in scope: a job in the background, whose result the page turns to when it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.review.state import Reviewed, ReviewRequest, ReviewState
from app.session.jobs import SOON, JobKey, find, forget, start_anew
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.domain import ImageRecord
from lib.jobs.runner import Job
from lib.review import ReviewOptions, review, samples_under_review
from lib.review.registry import CHECKS
from lib.settings import settings


def begin_review(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Make the checks that take no time, when the page is opened; a review under way is taken up."""
    page = state.of(ReviewState)
    if page.has_begun:
        return
    page.has_begun = True
    if find(_key(state)) is None:
        measure(state, records, page.asked)


def measure(state: AppState, records: Sequence[ImageRecord], asked: ReviewRequest) -> None:
    """Review some images in the background, in the place of an earlier review. What has not changed is known."""
    dataset, _ = opened(state)
    state.of(ReviewState).asked = asked
    options = ReviewOptions((asked.target,) if asked.target else (), asked.scorer, trigger=asked.trigger)
    samples = samples_under_review(dataset.root, records, settings(), options, cache.embedder)

    def work(job: Job) -> Reviewed:
        texts = {record.name: record.text for record in samples.records}
        return Reviewed(review(samples, asked.checks, job), texts, samples, asked)

    start_anew(_key(state), "Measuring", work, wait=SOON)


def measure_all(state: AppState, records: Sequence[ImageRecord]) -> None:
    """All checks, those too that look at every picture."""
    measure(state, records, replace(state.of(ReviewState).asked, checks=tuple(CHECKS)))


def take_up_review(state: AppState) -> Job | None:
    """The review that goes on, or went wrong; a new result is taken in."""
    job, page = find(_key(state)), state.of(ReviewState)
    if job is not None and isinstance(job.result, Reviewed) and page.shown != job.id:
        page.shown, page.reviewed, page.asked = job.id, job.result, job.result.asked
        page.settled = set()
        page.look_at(page.kind)
    return job


def forget_review(state: AppState) -> None:
    """Let go of what could not be done; what was found before stays."""
    forget(_key(state))


def _key(state: AppState) -> JobKey:
    dataset, _ = opened(state)
    return JobKey("review", state.owner, dataset.root, (dataset.recursive, dataset.suffix))

"""A review of the images in scope: a job in the background, whose result the page turns to when it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app.review.state import OF_ROWS, Reviewed, ReviewRequest, ReviewState
from app.samples.model_field import MODEL
from app.samples.provider_choice import captioner_of
from app.samples.provider_picker import present_choice
from app.session.jobs import SOON, JobKey, find, forget, start_anew
from app.session.open_dataset import is_table, opened
from app.session.state import AppState
from lib import cache
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.providers.base import Captioner
from lib.review import ReviewOptions, review, samples_under_review
from lib.review.agreement.registry import SCORERS
from lib.review.amending import Amendments
from lib.review.by_pieces import many_rows, review_by_pieces
from lib.review.registry import CHECKS
from lib.settings import settings

_OF_A_TRAINER = ("captions", "pictures", "trainer")
"""The checks that hold samples against what a trainer reads."""


def begin_review(state: AppState, records: Sequence[ImageRecord]) -> None:
    """Make the checks that take no time, when the page is opened; a review under way is taken up."""
    page = state.of(ReviewState)
    if page.has_begun:
        return
    if find(_key(state)) is None:
        measure(state, records, page.asked)
    # Last: a run that another one takes over on the way leaves it to that one.
    page.has_begun = True


def measure(state: AppState, records: Sequence[ImageRecord], asked: ReviewRequest) -> None:
    """Review some images in the background, in the place of an earlier review. What has not changed is known."""
    dataset, _ = opened(state)
    rows = many_rows(records)
    if is_table(state):
        asked = replace(asked, checks=OF_ROWS if rows is None else OF_ROWS[:1])
    captioner_for = _asked_model(state, asked)
    state.of(ReviewState).asked = asked
    targets = (asked.target,) if asked.target else ()
    options = ReviewOptions(targets, asked.scorer, trigger=asked.trigger, ask_worst=asked.ask_worst)
    at_once = records if rows is None else ()
    samples = samples_under_review(dataset.root, at_once, settings(), options, cache.embedder, dataset.orphans)

    def work(job: Job) -> Reviewed:
        if rows is not None:
            found = review_by_pieces(samples, rows, job)
            return Reviewed(found, {record.name: record.text for record in samples.records}, samples, asked, None)
        texts = {record.name: record.text for record in samples.records}
        if captioner_for is not None:
            samples.options = replace(options, captioner=captioner_for())
        try:
            return Reviewed(review(samples, asked.checks, job), texts, samples, asked, Amendments(samples))
        finally:
            # It may hold a key, and the page keeps the samples.
            samples.options = options

    start_anew(_key(state), f"Measuring {opened(state)[0].root.name}", work, wait=SOON)


def measure_for(state: AppState, records: Sequence[ImageRecord], target: str, trigger: str) -> None:
    """The same review for another trainer or trigger word: only what that changes is measured, of what it saw."""
    page = state.of(ReviewState)
    reviewed, going_on = page.reviewed, find(_key(state))
    # Of a review by pieces the samples are those with findings alone.
    is_by_pieces = reviewed is not None and reviewed.amendments is None
    if reviewed is None or is_by_pieces or (going_on is not None and going_on.is_active):
        measure(state, records, replace(page.asked, target=target, trigger=trigger))
        return
    asked = page.asked = replace(reviewed.asked, target=target, trigger=trigger)
    checks = [name for name in reviewed.review.checks if name in _OF_A_TRAINER]
    options = replace(reviewed.samples.options, targets=(target,) if target else (), trigger=trigger)
    samples = replace(reviewed.samples, options=options)

    def work(job: Job) -> Reviewed:
        found = review(samples, checks, job, reviewed.review)
        return Reviewed(found, reviewed.texts, samples, asked, Amendments(samples))

    start_anew(_key(state), f"Measuring {opened(state)[0].root.name}", work, wait=SOON)


def _asked_model(state: AppState, asked: ReviewRequest) -> Callable[[], Captioner] | None:
    """The model that Generate would take, where the chosen scorer asks one now. Raises InvalidInput, and KeyMissing."""
    if not SCORERS[asked.scorer].asks or "agreement" not in asked.checks:
        return None
    if MODEL not in st.session_state:
        raise InvalidInput(
            "No model was chosen that can be asked.",
            "Look at a finding, choose the model under Sample at the right, then measure again.",
        )
    return captioner_of(state, present_choice())


def measure_all(state: AppState, records: Sequence[ImageRecord]) -> None:
    """All checks, those too that look at every picture."""
    measure(state, records, replace(state.of(ReviewState).asked, checks=tuple(CHECKS)))


def take_up_review(state: AppState) -> Job | None:
    """The review that goes on, or went wrong; a new result is taken in."""
    job, page = find(_key(state)), state.of(ReviewState)
    if job is not None and isinstance(job.result, Reviewed) and page.shown != job.id:
        page.take_in(job.id, job.result)
    return job


def forget_review(state: AppState) -> None:
    """Let go of what could not be done; what was found before stays."""
    forget(_key(state))


def _key(state: AppState) -> JobKey:
    dataset, _ = opened(state)
    return JobKey("review", state.owner, dataset.root, (dataset.recursive, dataset.suffix))

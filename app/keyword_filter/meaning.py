"""Finding by meaning in the open folder: the vectors brought into memory, and the best of the images in scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from weakref import ref

import streamlit as st

from app.samples.meaning import MeaningAnswer, MeaningState, Question, ask
from app.samples.scope import set_scope, take_scope
from app.session.jobs import SOON, JobKey, all_about, find, forget, forget_ended, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.domain import ImageRecord
from lib.embedding.registry import methods
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.review import ReviewOptions, samples_under_review
from lib.review.find import FoundSample, MeaningIndex, meaning_index
from lib.scope import Scope
from lib.settings import settings

WORDS = "filter.meaning"
"""The field of the words."""


def _options(pictures: str) -> ReviewOptions:
    """Captions by a model that is fetched at need: without one words would find letters."""
    return ReviewOptions(captions_method=methods("tags")[0], images_method=pictures)


def index_of(state: AppState) -> tuple[MeaningIndex | None, Job | None]:
    """The vectors in memory, and the work that brings them there, where they are not or are older than the captions.

    That work is begun by asking for it. While it goes on an older index answers.
    """
    dataset, pictures = opened(state)[0], state.of(MeaningState).pictures
    known = cache.meanings().of(dataset, pictures)
    index = known[1] if known is not None else None
    needs_words = not state.of(MeaningState).question.like
    if known is not None and known[0] == dataset.version and (not needs_words or _reads_words(known[1])):
        return index, None
    job = _bring(state, needs_words=needs_words)
    if not job.is_active and job.error is None:
        known = cache.meanings().of(dataset, pictures)
        return (known[1], None) if known is not None else (None, None)
    return index, job


def _reads_words(index: MeaningIndex) -> bool:
    return index.wordless is not None or index.is_ready_for_words


def _bring(state: AppState, *, needs_words: bool) -> Job:
    dataset, pictures = opened(state)[0], state.of(MeaningState).pictures
    key = _key(state, needs_words=needs_words)
    job = find(key)
    running = next((one for one in all_about(key) if one.is_active), None)
    if running is not None:
        # It may be for older captions: what it makes is kept, and the next one is the quicker for it.
        return running
    if job is not None and job.error is not None:
        return job
    forget_ended(key)

    def work(job: Job) -> None:
        # Read before the records: what changes in between is read again.
        version = dataset.version
        known = cache.meanings().of(dataset, pictures)
        if known is None or known[0] != version:
            records = dataset.snapshot()
            samples = samples_under_review(dataset.root, records, settings(), _options(pictures), cache.embedder)
            index = meaning_index(samples, job)
            cache.meanings().keep(dataset, version, index, pictures)
        else:
            index = known[1]
        if needs_words and index.wordless is None:
            index.load()

    return start(key, "Reading what pictures and captions mean", work, wait=SOON)


def _key(state: AppState, *, needs_words: bool) -> JobKey:
    dataset, _ = opened(state)
    opened_as = (dataset.recursive, dataset.suffix, dataset.version, needs_words, state.of(MeaningState).pictures)
    return JobKey("meaning", state.owner, dataset.root, opened_as)


def try_again(state: AppState) -> None:
    """Bring the vectors once more, after that was stopped or went wrong."""
    forget(_key(state, needs_words=not state.of(MeaningState).question.like))


def best_of(state: AppState, index: MeaningIndex) -> list[FoundSample]:
    """The best of the images in scope, the same ones while nothing has changed.

    Raises InvalidInput, and what the model says that reads words.
    """
    kept = state.of(MeaningState)
    asked, top, was = kept.question, kept.top, kept.answer
    if was is not None and was.index() is index and was.selected is state.selected and (asked, top) == was.asked:
        return was.found
    within = None
    if state.selected is not None and (state.scope != Scope() or state.selected.left_out):
        within = frozenset(record.name for record in state.selected.records)
    if asked.like:
        found = index.like(asked.like, asked.by, top, within)
    else:
        found = index.by_words(asked.words, top, within=within)
    kept.answer = MeaningAnswer(ref(index), (asked, top), state.selected, found)
    return found


def found_records(state: AppState) -> Sequence[ImageRecord]:
    """The records of what was found, in that order; without those that have gone meanwhile."""
    dataset, _ = opened(state)
    answer = state.of(MeaningState).answer
    if answer is None or answer.asked[0] != state.of(MeaningState).question:
        return []
    return [record for one in answer.found if (record := dataset.get(one.image)) is not None]


def likeness_note(state: AppState) -> Callable[[ImageRecord], str] | None:
    """What tells how near a sample is, where they are found by meaning."""
    kept = state.of(MeaningState)
    if not kept.is_on or kept.answer is None:
        return None
    scores = {one.image: f"{one.score:+.1f}" for one in kept.answer.found}
    return lambda record: scores.get(record.name, "")


def take_words(state: AppState) -> None:
    """Take over what stands in the field of the words; who has typed none is still asking for what they asked for."""
    words = str(st.session_state.get(WORDS) or "").strip()
    if words != state.of(MeaningState).question.words.strip() and (words or not state.of(MeaningState).question.like):
        ask(state, Question(words))


def make_scope_of_best(state: AppState) -> None:
    """Make what was found the scope of the next action, on every page. Raises InvalidInput where there is nothing."""
    with suppress(InvalidInput):
        take_scope(state)
    take_words(state)
    names = frozenset(record.name for record in found_records(state))
    if not names:
        raise InvalidInput("Nothing is found yet.", "Write what is to be seen, and wait until samples are shown.")
    kept = state.of(MeaningState)
    before = kept.loaded[0] if kept.loaded is not None and kept.loaded[1] == state.scope else state.scope
    made = replace(before, names=names, label=f"The {len(names):,} {in_words(kept.question)}")
    set_scope(state, made)
    kept.loaded = before, made


def in_words(question: Question) -> str:
    """A question as part of a sentence. Foreign text."""
    if question.like:
        return f"most like {question.like} by {'picture' if question.by == 'images' else 'caption'}"
    return f"nearest to “{' '.join(question.words.split())}”"

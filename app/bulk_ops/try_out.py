"""A model asked about a few images before a run: nothing is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.samples.editing import take_typed
from app.samples.provider_choice import Choice, captioner_of
from app.session.jobs import JobKey, find, forget, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.captioning import Brief, some_of, try_captions
from lib.domain import Caption, ImageRecord, ModelSpec
from lib.errors import ToolkitError
from lib.jobs.runner import Job

TRIED = 3
"""Images that a try shows before a run."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a model said to a few images."""

    model: ModelSpec
    brief: Brief
    answers: Sequence[tuple[ImageRecord, Caption | ToolkitError]]

    @property
    def captions(self) -> list[Caption]:
        return [answer for _, answer in self.answers if isinstance(answer, Caption)]


def try_out(state: AppState, choice: Choice, records: Sequence[ImageRecord]) -> Job:
    """Ask the model about a few images of a scope, from its beginning to its end; nothing is saved."""
    take_typed(state)
    dataset, _ = opened(state)
    chosen, captioner_for = some_of(records, TRIED), captioner_of(state, choice)

    def work(job: Job) -> Tried:
        return Tried(choice.model, choice.brief, try_captions(dataset.root, chosen, captioner_for(), choice.brief))

    known = tried(state)
    if known is not None and known.is_active:
        return known
    return start(_try_key(state), "Trying the model", work)


def tried(state: AppState) -> Job | None:
    """The latest try in the open folder."""
    return find(_try_key(state))


def drop_try(state: AppState) -> None:
    """Let go of it."""
    forget(_try_key(state))


def _try_key(state: AppState) -> JobKey:
    return JobKey("try", state.owner, opened(state)[0].root)

"""Long runs over many images: starting one, finding it again, taking it up where it was left."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from app.samples.editing import take_typed
from app.samples.provider_choice import Choice, captioner_of
from app.samples.state import TabState
from app.session.jobs import JobKey, find, forget, key_of, start
from app.session.open_dataset import opened, store_for
from app.session.state import AppState
from lib import cache
from lib.caption_runs import CaptionPlan, CaptionWork
from lib.domain import ImageRecord
from lib.errors import CreditsExhausted, InvalidInput, KeyMissing, KeyRejected
from lib.jobs.ledger import Asked, NewRun, Run, Settled
from lib.jobs.runner import Job
from lib.providers import registry
from lib.providers.base import Captioner
from lib.run_claims import KIND, refuse_busy

Standing = Literal["active", "elsewhere", "interrupted", "paused", "cancelled", "failed", "done"]


@dataclass(frozen=True, slots=True)
class OwnRun:
    """One run as its owner sees it: what the ledger knows, and the job, where this server has worked at it."""

    run: Run
    job: Job | None
    standing: Standing

    def failures(self, limit: int) -> list[tuple[str, str]]:
        """(image, reason) of the first of those that failed."""
        return self.job.failures[:limit] if self.job is not None else cache.ledger().failures(self.run.id, limit)

    def marks(self, limit: int) -> list[tuple[str, str]]:
        """(image, what its caption misses) of the first whose captions are not as wished."""
        return cache.ledger().marked(self.run.id, limit)

    @property
    def reason(self) -> str:
        """Why it ended early."""
        return str(self.job.error) if self.job is not None and self.job.error is not None else self.run.reason


def own_runs(state: AppState) -> list[OwnRun]:
    """The runs of captions of this owner that were not dismissed, the oldest first."""
    jobs = {job.id: job for job in cache.job_runner().of(state.owner)}
    return [_own(run, jobs.get(run.id)) for run in cache.ledger().of(state.owner) if run.kind == KIND]


def shown_runs(state: AppState) -> list[OwnRun]:
    """Those that are told on a page: what can go on everywhere, what is over in its own folder and where none is open.

    A run of the open folder that a kill has cut short is noted as far as it has written.
    """
    root = str(state.dataset.root) if state.dataset is not None else ""
    shown = []
    for own in own_runs(state):
        is_here = own.run.spec.get("root") == root
        if is_here and own.standing == "interrupted" and own.run.id not in state.of(TabState).noted:
            own = _noted(state, own)
        if is_here or not root or own.standing not in ("done", "cancelled"):
            shown.append(own)
    return shown


def _noted(state: AppState, own: OwnRun) -> OwnRun:
    """The run, with what it has written without having come to note it: else two counts would stand side by side."""
    ledger, id = cache.ledger(), own.run.id
    written = opened(state)[1].journal.written_by(id)
    ledger.settle(id, [Settled(name, "done") for name in ledger.waiting(id) if name in written])
    state.of(TabState).noted.add(id)
    run = ledger.find(id, state.owner)
    return _own(run, own.job) if run is not None else own


def _own(run: Run, job: Job | None) -> OwnRun:
    if job is not None and job.is_active:
        return OwnRun(run, job, "active")
    if run.state != "running":
        return OwnRun(run, job, run.state)
    return OwnRun(run, job, "elsewhere" if cache.ledger().is_held(run.id) else "interrupted")


def start_captions(state: AppState, choice: Choice, records: Sequence[ImageRecord], workers: int, rpm: int) -> None:
    """Have the captions of many images written. A second click while they are being written changes nothing.

    Raises KeyMissing and its like at once; InvalidInput where an earlier run in this folder is still stopping; Busy
    where another process, a terminal say, is at work on the same images.
    """
    take_typed(state)
    dataset, store = opened(state)
    if not records:
        raise InvalidInput("There is no image to caption in this scope.", "Choose another scope, or another way.")
    if _is_busy(state, dataset.root):
        return
    plan = CaptionPlan(
        dataset.root,
        dataset.recursive,
        dataset.suffix,
        choice.model.id,
        choice.base_url,
        choice.brief,
        workers,
        rpm,
        with_key=choice.key is not None,
    )
    captioner_for = captioner_of(state, choice, rpm)
    names = [record.name for record in records]
    refuse_busy(cache.ledger(), plan.root, plan.suffix, names)
    images = "image" if len(records) == 1 else "images"
    title = f"Captioning {len(records):,} {images} in {dataset.root.name}"
    for own in own_runs(state):
        if own.run.spec.get("root") == str(dataset.root) and own.standing == "done" and not own.run.failed:
            dismiss(state, own.run.id)
    id = uuid.uuid4().hex
    cache.ledger().begin(NewRun(id, state.owner, KIND, title, plan.to_json(), names))
    _submit(state, id, title, CaptionWork(cache.ledger(), plan, store, captioner_for))


def running_in(state: AppState, root: Path) -> Job | None:
    """The run that is under way in a folder."""
    job = find(_key(state, root))
    return job if job is not None and job.is_active else None


def _key(state: AppState, root: Path) -> JobKey:
    return JobKey("captions", state.owner, root)


def _is_busy(state: AppState, root: Path) -> bool:
    """Whether a run is under way in a folder. Raises InvalidInput where it is about to stop."""
    job = running_in(state, root)
    if job is None:
        return False
    if job.is_stopping():
        raise InvalidInput("The last run in this folder is still stopping.", "Try again in a moment.")
    state.note("Captions are being written in this folder already")
    return True


def _submit(state: AppState, id: str, title: str, work: CaptionWork) -> None:
    start(_key(state, work.plan.root), title, work, run_id=id)


def key_wanted(own: OwnRun) -> bool:
    """Whether a key has to be given (again) before a run can go on."""
    if isinstance(own.job.error if own.job else None, (KeyMissing, KeyRejected, CreditsExhausted)):
        return True
    plan = CaptionPlan.from_json(own.run.spec)
    return plan.with_key and _known_captioner(own) is None


def _known_captioner(own: OwnRun) -> Callable[[], Captioner] | None:
    """What a run was begun with, key and all, while this server remembers it."""
    work = own.job.work if own.job is not None else None
    return work.captioner_for if isinstance(work, CaptionWork) else None


def model_of(own: OwnRun) -> str:
    """What writes the captions of a run, and where, in words."""
    plan = CaptionPlan.from_json(own.run.spec)
    model = registry.find_model(plan.model)
    where = plan.base_url or registry.PROVIDERS[model.provider].label
    return f"{model.label} · {where}"


def resume(state: AppState, id: str, key: SecretStr | None = None, *, only_failed: bool = False) -> None:
    """Take a run up where it was left, or once more with the images that failed.

    A key that was typed in is written down nowhere: after a restart of the server it has to be given again.
    Raises InvalidInput, UnknownModel, KeyMissing, FolderRefused.
    """
    take_typed(state)
    own = next((own for own in own_runs(state) if own.run.id == id), None)
    if own is None:
        raise InvalidInput("This run was dismissed.", "Start a new one on the Bulk Ops page.")
    plan = CaptionPlan.from_json(own.run.spec)
    if _is_busy(state, plan.root):
        return
    store = store_for(state, plan.root, recursive=plan.recursive, suffix=plan.suffix)
    captioner_for = _known_captioner(own) if key is None else None
    if captioner_for is None:
        choice = Choice(registry.find_model(plan.model), key, plan.base_url, plan.brief)
        captioner_for = captioner_of(state, choice, plan.rpm)
    _submit(state, id, own.run.title, CaptionWork(cache.ledger(), plan, store, captioner_for, only_failed))


def ask_elsewhere(state: AppState, id: str, what: Asked) -> None:
    """Ask the process that is at work on a run of this owner to put it down at its next image."""
    if cache.ledger().find(id, state.owner) is not None:
        cache.ledger().ask(id, what)


def look_elsewhere(state: AppState, id: str) -> OwnRun | None:
    """A run as the ledger has it now, None once it was dismissed."""
    run = cache.ledger().find(id, state.owner)
    return _own(run, None) if run is not None else None


def dismiss(state: AppState, id: str) -> None:
    """Take a run off the list. What it has written stays."""
    cache.ledger().forget(id, state.owner)
    for job in cache.job_runner().of(state.owner):
        if job.id == id:
            forget(key_of(job))

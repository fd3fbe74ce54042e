"""A run of captions in a terminal: in the pages' own ledger, joined to one operation, to be taken up again."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.caption_runs import KIND, CaptionPlan, CaptionWork
from lib.commands.folders import OWNER
from lib.commands.interrupts import INTERRUPTS
from lib.commands.result import Failure
from lib.commands.screen import Screen
from lib.dataset.saving.store import Store
from lib.errors import Busy, ToolkitError
from lib.jobs.ledger import Ledger, NewRun, Run
from lib.jobs.runner import Job
from lib.providers.base import Captioner
from lib.run_claims import refuse_busy
from lib.text import counted

PROGRAM = "captioner"
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run stands after one go at it, and stood before.

    `failed` are the images that failed in this go or an earlier one.
    """

    before: Run
    run: Run
    operation: int | None
    failed: tuple[Failure, ...]
    error: ToolkitError | None
    is_broken_off: bool


def unfinished(ledger: Ledger, plan: CaptionPlan) -> Run | None:
    """The newest run of this very plan that was broken off, or killed, before its end.

    One that somebody has cancelled is over: the same command begins anew. How fast it goes makes no difference.
    """
    # As JSON has it: what is a tuple here is a list there.
    wanted = _what(json.loads(json.dumps(plan.to_json())))
    return next(
        (
            run
            for run in reversed(ledger.of(OWNER))
            if run.kind == KIND
            and _what(run.spec) == wanted
            and run.waiting
            and run.state in ("running", "paused", "failed")
            and not ledger.is_held(run.id)
        ),
        None,
    )


def _what(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if name not in ("workers", "rpm")}


def begin(ledger: Ledger, plan: CaptionPlan, names: Sequence[str]) -> str:
    """Writes a new run down; gives its id. Raises Busy where others are at work on these images."""
    refuse_busy(ledger, plan.root, plan.suffix, names)
    id = uuid.uuid4().hex
    title = f"Captioning {counted(len(names), 'image')} in {plan.root.name}"
    ledger.begin(NewRun(id, OWNER, KIND, title, plan.to_json(), list(names)))
    return id


def work_on(
    ledger: Ledger,
    run: Run,
    plan: CaptionPlan,
    store: Store,
    captioner_for: Callable[[], Captioner],
    screen: Screen,
    *,
    again: bool = False,
) -> Ended:
    """Does what is left of a run, in this process; with `again` also what failed.

    Raises Busy where another process is at work on its images.
    """
    work = CaptionWork(ledger, plan, store, captioner_for, again, PROGRAM)
    job = Job(OWNER, run.id, run.title, work, run_id=run.id)
    before = 0 if again else run.failed
    with screen.progress("Captioning") as progress:
        thread = threading.Thread(target=job.run, name="run", daemon=True)
        thread.start()
        told = before
        while thread.is_alive():
            thread.join(_LOOK_S)
            if INTERRUPTS.is_heard:
                job.pause()
            told = _tell(job, told, screen)
            progress.advance(job.done, job.total)
        _tell(job, told, screen)
    if isinstance(job.error, Busy):
        raise job.error
    now = ledger.find(run.id, OWNER) or run
    failed = tuple(ledger.failures(run.id))
    stopped = job.state in ("paused", "cancelled")
    return Ended(run, now, store.journal.operation_of(run.id), failed, None if stopped else job.error, stopped)


def _tell(job: Job, told: int, screen: Screen) -> int:
    """Says of each image that failed since; gives how many were told."""
    for image, reason in job.failures[told:]:
        screen.failure(image, reason)
    return len(job.failures)

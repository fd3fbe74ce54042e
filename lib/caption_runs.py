"""Captioning many images as a run that can be paused, outlives the server, and never captions an image twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.captioning import Batch, Brief, caption_many
from lib.dataset.saving.store import Store
from lib.domain import Existing, ImageRecord, Outcome
from lib.errors import Cancelled, DatabaseFailed, ToolkitError
from lib.jobs.ledger import Ledger, RunState, Settled
from lib.jobs.runner import Job, Paused
from lib.providers.base import Captioner
from lib.run_claims import claimed
from lib.wishes import Wishes

KIND = "captions"

_FLUSH_S = 1.0
_HEAR_S = 0.5


@dataclass(frozen=True, slots=True)
class CaptionPlan:
    """What a run was asked to do. It holds no key: whoever takes the run up again brings one."""

    root: Path
    recursive: bool
    suffix: str
    model: str
    base_url: str
    brief: Brief
    workers: int = 4
    rpm: int = 0
    with_key: bool = False
    """Whether a key was typed in for it."""

    def to_json(self) -> dict[str, Any]:
        brief = asdict(self.brief) | {"params": dict(self.brief.params)}
        return asdict(self) | {"root": str(self.root), "brief": brief}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> CaptionPlan:
        brief = {**spec["brief"], "wishes": Wishes.from_json(spec["brief"].get("wishes", {}))}
        return cls(**{**spec, "root": Path(spec["root"]), "brief": Brief(**brief)})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many images of a run ended how."""

    done: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CaptionWork:
    """What a job does for a run of captions: the run of the job's id, from where the ledger says that it stands.

    `only_failed`: once more with the images that failed. Raises Paused, Cancelled, Busy where another process is about
    to caption the same images, or what ended the run early; the ledger then knows what is left to do.
    """

    ledger: Ledger
    plan: CaptionPlan
    store: Store
    captioner_for: Callable[[], Captioner]
    only_failed: bool = False
    program: str = "the dashboard"
    """What this process is called where others are told of the run."""

    def __call__(self, job: Job) -> Tally:
        ledger, plan = self.ledger, self.plan
        names = ledger.waiting(job.id) + [name for name, _ in ledger.failures(job.id) if self.only_failed]
        with claimed(ledger, job.id, plan.root, plan.suffix, names):
            if self.only_failed:
                ledger.again(job.id)
            ledger.take_up(job.id, self.program)
            with _marked_at_the_end(ledger, job.id):
                job.raise_if_cancelled()
                job.failures.extend(ledger.failures(job.id))
                _Captions(job, self).go()
        run = ledger.find(job.id, job.owner)
        return Tally(run.done, run.skipped, run.failed) if run else Tally()


@contextmanager
def _marked_at_the_end(ledger: Ledger, id: str) -> Iterator[None]:
    state: RunState = "failed"
    reason = ""
    try:
        yield
        state = "done"
    except Paused:
        state = "paused"
        raise
    except Cancelled:
        state = "cancelled"
        raise
    except ToolkitError as error:
        reason = str(error)
        raise
    except Exception:
        reason = "A fault in this program."
        raise
    finally:
        ledger.mark(id, state, reason)


class _Captions:
    """One go at a run, from where it stands to its end or to the next stop."""

    def __init__(self, job: Job, work: CaptionWork) -> None:
        self._job = job
        self._work = work
        self._ledger = work.ledger
        self._store = work.store
        self._unsettled: list[Settled] = []
        self._flushed = self._heard = time.monotonic()

    def go(self) -> None:
        job, plan = self._job, self._work.plan
        captioner = self._work.captioner_for()
        records = self._records()
        run = self._ledger.find(job.id, job.owner)
        total = run.total if run else len(records)
        batch = Batch(plan.workers, job.id, self._is_stopping)
        try:
            # Closed before the run is let go, so that no worker still writes then.
            with closing(caption_many(records, self._store, captioner, plan.brief, batch)) as outcomes:
                done, ended = self._take(outcomes, total - len(records), total)
        finally:
            self._close()
        if ended is not None:
            raise ended
        if done < total:
            job.raise_if_cancelled()
            # Nobody asked, and yet it is not all done: the server is going down.
            raise Paused

    def _is_stopping(self) -> bool:
        """Whether to stop before the next image: asked for here, or by another process."""
        if time.monotonic() - self._heard > _HEAR_S:
            self._heard = time.monotonic()
            with suppress(DatabaseFailed):
                asked = self._ledger.asked(self._job.id)
                if asked:
                    (self._job.cancel if asked == "cancel" else self._job.pause)()
        return self._job.is_stopping()

    def _take(self, outcomes: Iterable[Outcome], done: int, total: int) -> tuple[int, ToolkitError | None]:
        """Notes the outcomes as they come; gives how many images are done then, and what ended the run early."""
        self._job.advance(done, total)
        ended: ToolkitError | None = None
        for outcome in outcomes:
            ended = ended or outcome.ends_run
            if outcome.ends_run is not None and outcome.ends_run.stops_run:
                # No failure of this image's own: it waits like the rest.
                continue
            self._settle(Settled(outcome.name, outcome.status, outcome.reason or outcome.mark))
            done += 1
            self._job.advance(done, total)
        return done, ended

    def _close(self) -> None:
        try:
            self._flush()
        finally:
            # One operation in the history instead of many is a comfort, and no reason to fail.
            with suppress(DatabaseFailed):
                self._store.journal.join(self._job.id)

    def _records(self) -> list[ImageRecord]:
        """The images that wait. Those that a run cut short has written, without having noted it, are noted now."""
        job, store = self._job, self._store
        written = store.journal.written_by(job.id)
        records: list[ImageRecord] = []
        for name in self._ledger.waiting(job.id):
            record = store.dataset.get(name) if store.dataset is not None else None
            if record is None:
                self._settle(Settled(name, "failed", "It is not in the folder any more."))
            elif name in written:
                self._settle(Settled(name, "done"))
            else:
                records.append(record)
        self._flush()
        return records

    def _settle(self, settled: Settled) -> None:
        if settled.state == "failed":
            self._job.failures.append((settled.item, settled.reason))
        self._unsettled.append(settled)
        # What a crash takes along here, the journal knows: a commit for each image would cost more than it saves.
        if time.monotonic() - self._flushed > _FLUSH_S:
            self._flush()

    def _flush(self) -> None:
        if self._unsettled:
            self._ledger.settle(self._job.id, self._unsettled)
        self._unsettled = []
        self._flushed = time.monotonic()


def settle_written(ledger: Ledger, store: Store, id: str) -> None:
    """Notes the images that a run which was cut short has captioned, and joins all of them to one operation.

    Whoever calls holds the run. Raises DatabaseFailed.
    """
    written = store.journal.written_by(id)
    if settled := [Settled(name, "done") for name in ledger.waiting(id) if name in written]:
        ledger.settle(id, settled)
    store.journal.join(id)


def to_caption(records: Iterable[ImageRecord], existing: Existing) -> list[ImageRecord]:
    """The images that a run would send to the model."""
    return [record for record in records if existing != "skip" or not record.is_tagged]

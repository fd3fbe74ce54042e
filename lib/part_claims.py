"""Jobs by parts as this machine's list of runs knows them: who is at work on a sink, how far it is, how to stop it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from lib.errors import Busy, DatabaseFailed, InvalidInput, WriteFailed
from lib.jobs.holder import held_by
from lib.jobs.ledger import Ledger, NewRun
from lib.part_jobs import JobEnd, JobRequest, run_job
from lib.progress import Progress
from lib.urls import parse_url

KIND = "parts"
"""The kind of a run that makes parts, in the ledger."""

_TELL_S = 0.5


def run_claimed(request: JobRequest, ledger: Ledger, owner: str, program: str, progress: Progress) -> JobEnd:
    """Does a job as `run_job` does it, with a row in the ledger that others see it by and ask it to stop.

    Raises what `run_job` raises, and Busy where a process of this machine is at work on the same sink.
    """
    # Read before they are written down: an address with a password is refused.
    source, sink = (str(parse_url(url)) for url in (request.source, request.sink))
    title = f"{request.stage} of {source} into {sink} ({request.engine})"
    spec = {"stage": request.stage, "source": source, "sink": sink, "engine": request.engine}
    with claimed(NewRun(sink_id(sink), owner, KIND, title, spec, ()), ledger, program) as id:
        return run_job(request, Claimed(progress, ledger, id))


def sink_id(sink: str) -> str:
    """What a run that writes to a sink is known by, whoever begins it."""
    return hashlib.sha256(sink.encode("utf-8", "surrogateescape")).hexdigest()[:32]


@contextmanager
def claimed(run: NewRun, ledger: Ledger, program: str) -> Iterator[str]:
    """The row of a job while the block lasts. It goes with the job's end, whatever it is: the sink says what is done.

    A job that is killed leaves its row behind, for the next one on that sink. Raises Busy.
    """
    id, owner = run.id, run.owner
    with ExitStack() as stack:
        with ledger.one_at_a_time():
            _refuse_busy(ledger, id)
            ledger.forget(id, owner)
            stack.enter_context(ledger.held(id))
            ledger.begin(run)
            ledger.take_up(id, program)
        try:
            yield id
        finally:
            # What the job came to is told even where the list cannot be written.
            with suppress(DatabaseFailed, WriteFailed), ledger.one_at_a_time():
                stack.close()
                ledger.forget(id, owner)


def _refuse_busy(ledger: Ledger, id: str) -> None:
    try:
        # Let go of before the row is forgotten: its lock goes with it.
        with ledger.held(id):
            pass
    except InvalidInput:
        known = next((run for run in ledger.running() if run.id == id), None)
        holder = held_by(known) if known else "another process"
        raise Busy(
            f"This sink is being written already, by {holder}.",
            "Nothing was begun a second time. “captioner jobs” lists it, and so does the Settings page.",
        ) from None


@dataclass(slots=True)
class Claimed:
    """Progress that the ledger hears of, too, and that ends when another process asks for it."""

    progress: Progress
    ledger: Ledger
    id: str
    _told: float = 0.0
    _heard: float = 0.0
    _is_asked: bool = False

    def advance(self, done: int, total: int) -> None:
        self.progress.advance(done, total)
        now = time.monotonic()
        if now - self._told > _TELL_S:
            self._told = now
            with suppress(DatabaseFailed):
                self.ledger.note(self.id, done, total)

    def is_cancelled(self) -> bool:
        now = time.monotonic()
        if not self._is_asked and now - self._heard > _TELL_S:
            self._heard = now
            with suppress(DatabaseFailed):
                self._is_asked = bool(self.ledger.asked(self.id))
        return self._is_asked or self.progress.is_cancelled()

"""`local`: processes of this machine. One that is killed is replaced, and its part done again."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from lib.engine.base import (
    TRIES,
    DataPart,
    Engine,
    EngineOptions,
    EngineWork,
    PartDone,
    Tries,
    end_with_parent,
    limit_threads,
)
from lib.engine.in_flight import Task
from lib.engine.limits import AskedLimiter, answer
from lib.errors import InvalidInput, ToolkitError
from lib.providers.http import share_limiters

_HEAR_S = 0.2
"""How soon a cancel is heard."""
_DIED = f"The process that worked on it ended, {TRIES} times."
_NO_START = 3
"""Workers that end one after another before they are ready: no other one would be."""


class LocalEngine(Engine):
    about = "Processes of this machine"

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        if options.gpus_per_worker:
            raise InvalidInput("Processes of this machine share its GPUs.", "Leave --gpus-per-worker to --engine ray.")

    def run(self, work: EngineWork, parts: Iterable[DataPart], *, cancelled: Callable[[], bool]) -> Generator[PartDone]:
        number = self.options.workers or max(1, int((os.cpu_count() or 1) / max(1.0, self.options.cpus_per_worker)))
        with _Crew(work, self.options.cpus_per_worker) as crew:
            yield from _Handing(crew, iter(parts), number).run(cancelled)


@dataclass(slots=True)
class _Process:
    """One worker: its process, the two ways to it, and what it is at."""

    process: Any
    tasks: Connection
    limits: Connection
    scratch: str
    task: Task | None = None
    is_ready: bool = False


class _Handing:
    """One run: which worker has which part, and what is to be done again."""

    def __init__(self, crew: _Crew, parts: Iterator[DataPart], number: int) -> None:
        self._crew = crew
        self._parts = parts
        self._number = number
        self._again: deque[Task] = deque()
        self._tries = Tries()
        self._dead_at_start = 0
        self._is_over = False

    def run(self, cancelled: Callable[[], bool]) -> Iterator[PartDone]:
        while not cancelled():
            self._hand_out()
            busy = [one for one in self._crew.workers if one.task is not None]
            if not busy:
                return
            by_source: dict[Any, _Process] = {one.tasks: one for one in busy}
            by_source |= {one.process.sentinel: one for one in busy}
            heard = wait(list(by_source), _HEAR_S)
            for worker in {id(one): one for one in map(by_source.__getitem__, heard)}.values():
                yield from self._hear(worker)

    def _hand_out(self) -> None:
        """Gives every idle worker a part; starts workers as long as there is something for them."""
        idle = [one for one in self._crew.workers if one.task is None]
        while idle or len(self._crew.workers) < self._number:
            task = self._next()
            if task is None:
                return
            worker = idle.pop() if idle else self._crew.start()
            worker.task = task
            with suppress(OSError):
                # One that has died is heard of by its end.
                worker.tasks.send(task)

    def _next(self) -> Task | None:
        if self._is_over:
            return None
        if self._again:
            return self._again.popleft()
        part = next(self._parts, None)
        return None if part is None else (part, "")

    def _hear(self, worker: _Process) -> Iterator[PartDone]:
        try:
            said = worker.tasks.recv() if worker.tasks.poll() else None
        except (EOFError, OSError):
            said = None
        if said is None:
            if not worker.process.is_alive():
                yield from self._bury(worker)
            return
        if said == "ready":
            worker.is_ready, self._dead_at_start = True, 0
            return
        done: PartDone = said
        task, worker.task = worker.task, None
        if done.ends_job:
            self._is_over = True
            self._again.clear()
        elif done.reason and task is not None and not task[1]:
            self._try_again(task[0], done.reason)
            return
        yield done

    def _bury(self, worker: _Process) -> Iterator[PartDone]:
        task = worker.task
        self._crew.bury(worker)
        self._dead_at_start += not worker.is_ready
        if self._dead_at_start >= _NO_START:
            self._is_over = True
            yield PartDone(task[0].number if task else -1, ends_job=_NOT_STARTED)
        elif task is not None and task[1]:
            self._is_over = True
            yield PartDone(task[0].number, ends_job=f"Part {task[0].number} can neither be made nor given up.")
        elif task is not None and worker.is_ready:
            self._try_again(task[0], "")
        elif task is not None:
            self._again.appendleft(task)

    def _try_again(self, part: DataPart, reason: str) -> None:
        enough = self._tries.is_enough(part.number)
        self._again.append((part, (reason or _DIED) if enough else ""))


_NOT_STARTED = (
    "The worker processes end before they are ready; what they said stands above."
    " What is committed is kept, and the same command goes on with the rest."
)


class _Crew:
    """The processes, and the thread beside each that gives it turns. Ends them all on the way out."""

    def __init__(self, work: EngineWork, cpus: float) -> None:
        self.workers: list[_Process] = []
        self._work = work
        self._cpus = cpus
        # A fork would copy threads and models half-way through whatever they do.
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in list(self.workers):
            worker.process.kill()
            self.bury(worker)

    def start(self) -> _Process:
        ours, theirs = self._context.Pipe()
        our_limits, their_limits = self._context.Pipe()
        scratch = tempfile.mkdtemp(prefix="worker-")
        given = (theirs, their_limits, self._work, self._cpus, scratch)
        process = self._context.Process(target=_worker, args=given, daemon=True)
        process.start()
        theirs.close()
        their_limits.close()
        threading.Thread(target=_give_turns, args=(our_limits,), daemon=True).start()
        worker = _Process(process, ours, our_limits, scratch)
        self.workers.append(worker)
        return worker

    def bury(self, worker: _Process) -> None:
        self.workers.remove(worker)
        worker.process.join()
        worker.process.close()
        worker.tasks.close()
        shutil.rmtree(worker.scratch, ignore_errors=True)


def _give_turns(limits: Connection) -> None:
    """In a thread of the driver: answers one worker's questions, until it is gone."""
    with suppress(EOFError, OSError), limits:
        while True:
            limits.send(answer(limits.recv()))


def _worker(tasks: Connection, limits: Connection, work: EngineWork, cpus: float, scratch: str) -> None:
    """In a process of its own: makes parts until nobody has any."""
    # Ctrl+C is the driver's to hear.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_threads(cpus)
    tempfile.tempdir = scratch
    end_with_parent(scratch)
    asked = _Asking(limits)
    share_limiters(lambda name, rpm: AskedLimiter(lambda *question: asked(name, rpm, *question)))
    with suppress(EOFError, OSError):
        try:
            worker = work.begin()
        except ToolkitError as error:
            part, _ = tasks.recv()
            tasks.send(PartDone(part.number, ends_job=str(error)))
            return
        tasks.send("ready")
        while True:
            part, reason = tasks.recv()
            tasks.send(worker.give_up(part, reason) if reason else worker(part))


class _Asking:
    """One question at a time over a pipe that a worker's threads share."""

    def __init__(self, limits: Connection) -> None:
        self._limits = limits
        self._lock = threading.Lock()

    def __call__(self, *question: Any) -> Any:
        with self._lock:
            self._limits.send(question)
            return self._limits.recv()

"""What an engine is: it hands out parts, and tells of each once; and what it is given to hand out."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from lib.parts.base import DataPart, PartDone

__all__ = [
    "TRIES",
    "DataPart",
    "Engine",
    "EngineOptions",
    "EngineWork",
    "PartDone",
    "Tries",
    "Worker",
    "end_with_parent",
    "limit_threads",
]

TRIES = 3
"""A part that failed so often, or ended its worker so often, is given up: it becomes rows with the reason."""


class Worker(Protocol):
    """Makes parts, one at a time."""

    def __call__(self, part: DataPart) -> PartDone: ...

    def give_up(self, part: DataPart, reason: str) -> PartDone: ...


class EngineWork(Protocol):
    """Travels to a worker's process (by pickle), and begins there."""

    def begin(self) -> Worker:
        """Loads what is needed once. Raises ToolkitError where no part could be made."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What is asked of an engine. `workers`: 0 for as many as it sees fit. `address`: of a cluster, "" for none."""

    workers: int = 0
    cpus_per_worker: float = 1.0
    gpus_per_worker: float = 0.0
    address: str = ""


class Engine(ABC):
    """Hands out parts. For one thread."""

    about: ClassVar[str]

    def __init__(self, options: EngineOptions) -> None:
        """Raises InvalidInput, MissingDependency."""
        self.options = options

    @abstractmethod
    def run(self, work: EngineWork, parts: Iterable[DataPart], *, cancelled: Callable[[], bool]) -> Generator[PartDone]:
        """Each part's end, once, as they come. Parts are drawn as workers become free, so they may be endless.

        A worker that dies is replaced and its part done again. It stops handing out where `cancelled` says so, or
        where a part's end says that the job ends. Closing the iterator ends the workers.
        Raises ToolkitError where there is no worker to be had.
        """


@dataclass(slots=True)
class Tries:
    """How often each part failed so far."""

    _failed: dict[int, int] = field(default_factory=dict)

    def is_enough(self, number: int) -> bool:
        """Counts one failure more; True where the part is to be given up."""
        self._failed[number] = self._failed.get(number, 0) + 1
        return self._failed[number] >= TRIES


_THREAD_POOLS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def limit_threads(cpus: float) -> None:
    """Keeps the thread pools of TensorFlow, torch and OpenMP to a worker's CPUs; called before they are imported."""
    for name in _THREAD_POOLS:
        os.environ[name] = str(max(1, int(cpus)))


def end_with_parent(scratch: str) -> None:
    """From now on this process ends when the one that began it is gone, and its scratch folder with it.

    A worker without a driver would go on asking for captions that somebody else asks for, too.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

"""A driver in a process of its own: what speaks to a cluster may take its process along when that is lost."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from lib.engine.base import DataPart, EngineOptions, EngineWork, PartDone, end_with_parent
from lib.errors import ToolkitError
from lib.private import private_file, private_folder
from lib.settings import settings

_HEAR_S = 0.2
_LEAVE_S = 20.0
LOST = "The connection to the cluster was lost."
LOG = "cluster.log"
"""In the toolkit's folder: what the library has to say, which would be in the way of a result on stdout."""


class Drive(Protocol):
    """Hands out parts until there are none; a function of a module, since it travels. Raises ToolkitError."""

    def __call__(self, talk: Talk, work: EngineWork, options: EngineOptions, scratch: Path) -> None: ...


class Talk:
    """The driver's end of the way to whoever asked: parts come, their ends go."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def next_part(self) -> DataPart | None:
        """The next one, None where there is no more. Raises EOFError where nobody listens any more."""
        self._pipe.send("next")
        part: DataPart | None = self._pipe.recv()
        return part

    def tell(self, done: PartDone) -> None:
        self._pipe.send(done)

    def check(self) -> None:
        """Raises EOFError where nobody listens any more."""
        if self._pipe.poll():
            self._pipe.recv()


def driven(
    drive: Drive, work: EngineWork, options: EngineOptions, parts: Iterable[DataPart], cancelled: Callable[[], bool]
) -> Generator[PartDone]:
    """Runs a driver apart and tells what it tells. Where its process ends by itself, the job ends with a sentence."""
    waiting, context = iter(parts), get_context("spawn")
    ours, theirs = context.Pipe()
    driver = context.Process(target=_run, args=(drive, theirs, work, options))
    driver.start()
    theirs.close()
    try:
        while not cancelled():
            if not ours.poll(_HEAR_S):
                continue
            said = ours.recv()
            if said is None:
                return
            if said == "next":
                ours.send(next(waiting, None))
            else:
                yield said
    except (EOFError, OSError):
        yield PartDone(-1, ends_job=LOST)
    finally:
        ours.close()
        driver.join(_LEAVE_S)
        driver.kill()
        driver.join()


def _run(drive: Drive, pipe: Connection, work: EngineWork, options: EngineOptions) -> None:
    # Ctrl+C is for whoever asked to hear.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_quiet()
    with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as scratch:
        end_with_parent(scratch)
        with suppress(EOFError, OSError):
            try:
                drive(Talk(pipe), work, options, Path(scratch))
                pipe.send(None)
            except ToolkitError as error:
                pipe.send(PartDone(-1, ends_job=str(error)))
                pipe.send(None)


def _keep_quiet() -> None:
    log = settings().home / LOG
    private_folder(log.parent)
    private_file(log)
    handle = os.open(log, os.O_WRONLY | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.close(handle)

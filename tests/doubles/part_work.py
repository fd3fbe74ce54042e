"""Work for engines: parts that note that they were made, wait, fail, or end their process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.errors import KeyRejected, ModelUnavailable
from lib.parts.base import DataPart, PartDone
from lib.providers.http import limiter_for


@dataclass(frozen=True)
class NotedWork:
    """Each part adds a line to `folder/<number>`. What else happens is told by the name of its one sample.

    "wait": until the file `go` is there. "fault": it cannot be made. "die": it ends its process. "once": the first
    time only. "stop": no other part could be made either. "turn": takes a turn of a pace of `rpm`.
    """

    folder: Path
    rpm: int = 0
    broken: str = ""

    def begin(self) -> NotedWorker:
        if self.broken == "model":
            raise ModelUnavailable("There are no weights.", "Fetch them.")
        if self.broken == "die":
            os._exit(3)
        return NotedWorker(self)


class NotedWorker:
    def __init__(self, work: NotedWork) -> None:
        self._work = work

    def __call__(self, part: DataPart) -> PartDone:
        (name,) = part.names
        made = self._work.folder / str(part.number)
        before = made.read_text().count("\n") if made.exists() else 0
        with made.open("a") as file:
            file.write(f"{os.getpid()}\n")
        if name == "die" or (name == "once" and not before):
            os.kill(os.getpid(), 9)
        if name == "fault":
            return PartDone(part.number, reason="It cannot be made.")
        if name == "stop":
            return PartDone(part.number, ends_job=str(KeyRejected("The key is refused.", "Give another.")))
        if name == "turn":
            limiter = limiter_for("double", None, self._work.rpm)
            limiter.wait()
            with (self._work.folder / "turns").open("a") as file:
                file.write(f"{time.time()}\n")
        if name == "pause":
            limiter_for("double", None, self._work.rpm).pause(1.0)
        while name == "wait" and not (self._work.folder / "go").exists():
            time.sleep(0.01)
        return PartDone(part.number, rows=1)

    def give_up(self, part: DataPart, reason: str) -> PartDone:
        return PartDone(part.number, rows=1, failed=1, given_up=True, reason=reason)


def parts(*names: str) -> Iterator[DataPart]:
    """A part for each name."""
    return (DataPart(number, (name,)) for number, name in enumerate(names))


def made(folder: Path) -> dict[int, int]:
    """How often each part was begun."""
    noted = [path for path in folder.iterdir() if path.name.isdecimal()]
    return {int(path.name): path.read_text().count("\n") for path in noted}


def makers(folder: Path) -> set[int]:
    """The processes that made them."""
    return {int(line) for path in folder.iterdir() if path.name.isdecimal() for line in path.read_text().split()}

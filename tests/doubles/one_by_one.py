"""An engine that is nothing but what an engine has to be: all parts in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from lib.engine import DataPart, Engine, EngineWork, PartDone


class OneByOne(Engine):
    about = "This very process"

    def run(self, work: EngineWork, parts: Iterable[DataPart], *, cancelled: Callable[[], bool]) -> Generator[PartDone]:
        worker = work.begin()
        for part in parts:
            if cancelled():
                return
            done = worker(part)
            yield worker.give_up(part, done.reason) if done.reason else done

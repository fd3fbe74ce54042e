"""A function over many items on an engine: small answers, none of which is kept."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from lib.clustering.by_parts.fit import Given, MapOver, PassAnswer
from lib.engine.base import DataPart, Engine, PartDone
from lib.errors import Cancelled, ToolkitError


@dataclass(frozen=True, slots=True)
class _Item(DataPart):
    """An item, numbered as parts are, with what is to be done to it."""

    task: Any = None


@dataclass(frozen=True, slots=True)
class _Mapping:
    def begin(self) -> _Mapper:
        return _Mapper()


class _Mapper:
    def __call__(self, part: DataPart) -> PartDone:
        assert isinstance(part, _Item)
        function, item = part.task
        try:
            return PartDone(part.number, answer=pickle.dumps(function(item)))
        except ToolkitError as error:
            return PartDone(part.number, reason=str(error))

    def give_up(self, part: DataPart, reason: str) -> PartDone:
        return PartDone(part.number, ends_job=reason)


def over_engine(engine: Engine, cancelled: Callable[[], bool]) -> MapOver:
    """`map` on an engine. Raises ToolkitError where an item failed three times, Cancelled where that was asked for."""

    def map_over(function: Callable[[Given], PassAnswer], items: Sequence[Given], /) -> Iterable[PassAnswer]:
        found: dict[int, PassAnswer] = {}
        tasks = (_Item(number, (), task=(function, item)) for number, item in enumerate(items))
        with closing(engine.run(_Mapping(), tasks, cancelled=cancelled)) as ends:
            for done in ends:
                if done.ends_job:
                    raise ToolkitError(done.ends_job)
                found[done.number] = pickle.loads(done.answer)
        if len(found) < len(items):
            raise Cancelled("The job was broken off.", "Nothing of this pass is kept.")
        return [found[number] for number in range(len(items))]

    return map_over

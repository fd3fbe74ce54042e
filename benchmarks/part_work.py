"""What is done to the parts of a measurement. In a module of its own, since it travels to other processes."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lib.embedding.hashes import hash_file
from lib.engine import DataPart, PartDone
from lib.images import load_square

SIDE = 224


@dataclass(frozen=True)
class Decoding:
    """Each image of a part hashed and decoded, with the toolkit's own code."""

    folder: Path

    def begin(self) -> Decoding:
        return self

    def __call__(self, part: DataPart) -> PartDone:
        for name in part.names:
            hash_file(self.folder / name)
            load_square(self.folder / name, SIDE)
        return PartDone(part.number, len(part.names))

    def give_up(self, part: DataPart, reason: str) -> PartDone:
        raise AssertionError(reason)


@dataclass(frozen=True)
class Sleeping:
    """Items that cost nothing but time; which process made a part, from when to when, is told."""

    seconds: float

    def begin(self) -> Sleeping:
        return self

    def __call__(self, part: DataPart) -> PartDone:
        begun = time.time()
        for _ in part.names if self.seconds else ():
            time.sleep(self.seconds)
        told = [os.getpid(), begun, time.time()]
        return PartDone(part.number, len(part.names), answer=json.dumps(told).encode())

    def give_up(self, part: DataPart, reason: str) -> PartDone:
        raise AssertionError(reason)

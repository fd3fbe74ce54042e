"""The indexes of the datasets that were searched by meaning last, kept in memory for the whole server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from weakref import ref

from lib import idle
from lib.dataset.base import Dataset
from lib.idle import IdleWatch
from lib.review.find import MeaningIndex

MOST = 2
"""Datasets whose index is kept: one of 100,000 samples takes 630 MB."""


class MeaningIndexes:
    """The last few, each with the version of the dataset that it was made of. Safe to share between threads.

    One that was not asked for half an hour is let go, as models are.
    """

    def __init__(self, idle_s: Callable[[], float] = lambda: idle.IDLE_S) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], tuple[ref[Dataset], int, MeaningIndex]] = OrderedDict()
        self._idle = IdleWatch(lambda: self.release(idle_s()), idle_s)

    def of(self, dataset: Dataset, pictures: str = "") -> tuple[int, MeaningIndex] | None:
        """The version and the index of a dataset, be it an older one; None where none is kept.

        `pictures`: the method by which they are compared, where one was chosen.
        """
        with self._lock:
            found = self._kept.get((id(dataset), pictures))
            if found is None or found[0]() is not dataset:
                return None
            self._kept.move_to_end((id(dataset), pictures))
            self._idle.mark_used()
            return found[1], found[2]

    def keep(self, dataset: Dataset, version: int, index: MeaningIndex, pictures: str = "") -> None:
        """Keep an index in the place of the dataset's earlier one, unless that is of a later version."""
        with self._lock:
            known = self._kept.get((id(dataset), pictures))
            if known is not None and known[0]() is dataset and known[1] > version:
                return
            self._kept[id(dataset), pictures] = ref(dataset), version, index
            self._kept.move_to_end((id(dataset), pictures))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            self._idle.mark_used()

    def release(self, idle_s: float = 0.0) -> bool:
        """Let them all go if none was asked for `idle_s` seconds. True where none is held any more."""
        with self._lock:
            if self._idle.is_idle(idle_s):
                self._kept.clear()
            return not self._kept

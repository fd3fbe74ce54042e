"""Finding 100,000 captions by their authors: the first question, the next one, and one after a save."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.domain import ImageRecord, Origin, SidecarState
from lib.keywords import Haystack, parse

_CAPTIONS = 100_000
_MODELS = 4


def _text(number: int) -> str:
    return f"a photo of cat number {number}, red sofa, window light, a wooden table, high detail"


def _fill(journal: Journal) -> list[ImageRecord]:
    for model in range(_MODELS):
        changes = [
            FileChange(f"{number // 500:03d}/{number:06d}.txt", None, _text(number).encode())
            for number in range(model, _CAPTIONS, _MODELS)
        ]
        origin = Origin("generate", f"gemma-{model}", "Write a short caption of this image.", {"temperature": 0.3})
        journal.finish(journal.begin(NewOperation("generate", changes, "local", origin)))
    return [
        ImageRecord(f"{number // 500:03d}/{number:06d}.jpg", text=_text(number), state=SidecarState.TEXT)
        for number in range(_CAPTIONS)
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(scratch: Path) -> list[Row]:
    scratch.mkdir(parents=True, exist_ok=True)
    filled = Journal(scratch / "authors.sqlite")
    records = _fill(filled)
    filled.close()
    journal = Journal(scratch / "authors.sqlite")

    def ask() -> None:
        # As after each change: made ready anew, with what is known of the journal.
        assert len(parse("by:gemma-1 -by:hand").find(haystack)) in (_CAPTIONS // _MODELS, _CAPTIONS // _MODELS - 1)

    rows = []
    for what, limit in (("at first", 0.5), ("again", 0.2), ("after a save", 0.2)):
        if what == "after a save":
            change = FileChange("000/000001.txt", _text(1).encode(), b"typed")
            journal.finish(journal.begin(NewOperation("edit", [change], "local", Origin())))
        haystack = Haystack(records, facts={"author": journal.authors})
        figure = _seconds(ask)
        rows.append(Row(f"{_CAPTIONS:,} captions by author, {what}", figure, "s", f"under {limit} s", figure < limit))
    journal.close()
    return rows

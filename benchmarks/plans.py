"""Previewing a change of 100,000 captions: found and replaced literally, and by a pattern with groups."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from benchmarks.table import Row
from lib.bulk import Find, plan_replace
from lib.domain import ImageRecord, SidecarState

_CAPTIONS = 100_000
_ROUNDS = 5

_CASES = (
    ("literal", Find("red sofa"), "blue chair", 0.5),
    ("in any case, whole words", Find("Red Sofa", ignore_case=True, whole_word=True), "blue chair", 2.0),
    ("regex with groups", Find(r"(\w+) (sofa|table)", regex=True), r"\2, \1", 2.0),
)


def _records() -> list[ImageRecord]:
    text = "a photo of cat number {}, red sofa, window light, a wooden table, high detail"
    return [
        ImageRecord(f"{number:06d}.jpg", text=text.format(number), state=SidecarState.TEXT)
        for number in range(_CAPTIONS)
    ]


def measure(scratch: Path) -> list[Row]:
    records = _records()
    rows = []
    for what, find, replacement, limit in _CASES:
        seconds = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            changes = plan_replace(records, find, replacement)
            seconds.append(time.perf_counter() - start)
            assert len(changes) == _CAPTIONS
        figure = median(seconds)
        rows.append(Row(f"preview {_CAPTIONS:,} changes, {what}", figure, "s", f"under {limit} s", figure < limit))
    return rows

"""A table of a million captions: opened, a page of it looked at, searched, sorted and edited; and what it takes."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.table import Row
from tests.doubles.tables import many_rows, write_picture_table

_COUNT = 1_000_000
_PAGE = 60
T = TypeVar("T")


def _peak() -> float:
    """The most megabytes that this process had in use since this was asked last."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    Path("/proc/self/clear_refs").write_text("5")
    return int(lines["VmHWM"].split()[0]) * 1_024 / 1e6


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def _pictures(scratch: Path) -> Row:
    from lib.images import Picture, thumbnail
    from lib.settings import settings
    from lib.tables.opening import open_table

    dataset = open_table(write_picture_table(scratch / "pictures.parquet", ["a"] * 2_000), settings())

    def page() -> None:
        for record in dataset.records[1_000 : 1_000 + _PAGE]:
            thumbnail(Picture(dataset.root, record.name), 320, scratch / "thumbnails", 500)

    seconds, _ = _timed(page)
    return Row(f"{_PAGE} pictures out of a table's rows", seconds, "s CPU", "less than 1 s", seconds < 1)


def measure(scratch: Path) -> list[Row]:
    from lib.dataset.scan.ordering import by_length
    from lib.scope import Scope, select_in
    from lib.settings import settings
    from lib.tables.opening import open_table

    path = many_rows(scratch / "million.parquet", _COUNT)
    gc.collect()
    _peak()
    before = _peak()
    opening, dataset = _timed(lambda: open_table(path, settings()))
    tagged, _ = _timed(lambda: (dataset.tagged, dict(dataset.folders)))
    page, _ = _timed(lambda: list(dataset.records[500_000 : 500_000 + _PAGE]))
    first, _ = _timed(lambda: select_in(Scope(query="dog AND beach"), dataset))
    query, _ = _timed(lambda: select_in(Scope(query="red, snow", whole_words=True), dataset))
    sort, _ = _timed(lambda: by_length(dataset.snapshot(), longest_first=True)[:_PAGE])
    dataset.take({"photos/0500000.jpg": "another caption"}, "edit-000001-a.parquet")
    again, _ = _timed(lambda: (select_in(Scope(query="another"), dataset), dataset.tagged))
    taken = _peak() - before
    seconds = {
        "is opened": (opening + tagged, 3),
        f"a page of {_PAGE} records": (page, 1),
        "a first query": (first, 1),
        "a query of whole words": (query, 1),
        "sorted by length": (sort, 1),
        "searched again after an edit": (again, 1),
    }
    rows = [
        Row(f"a table of {_COUNT:,} captions: {what}", found, "s CPU", f"less than {most} s", found < most)
        for what, (found, most) in seconds.items()
    ]
    rows.append(
        Row(f"a table of {_COUNT:,} captions: memory at its peak", taken, "MB", "less than 400 MB", taken < 400)
    )
    return [*rows, _pictures(scratch)]
